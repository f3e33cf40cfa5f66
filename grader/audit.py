"""The tests of the tests: every exercise against its solution, alternatives, misconceptions and mutants."""

from __future__ import annotations

import signal
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType

import numpy as np

from byhand.compare import Result, Wanted, compare
from grader.assignment import Assignment, load
from grader.mutate import mutants

MUTANT_DRAWS = 3
SECONDS = 20
"""Processor time of a mutant."""


@dataclass
class Row:
    """How one exercise's tests did. ``faults`` says in sentences what falls short."""

    assignment: str
    exercise: str
    misconceptions: int = 0
    rejected: int = 0
    named: int = 0
    alternatives: int = 0
    accepted: int = 0
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    faults: list[str] = field(default_factory=list)


class TooSlow(Exception):
    """A mutant does not come to an end."""


@contextmanager
def _limit(seconds: int) -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@cache
def _hidden(folder: Path, exercise: str, draw: int) -> Wanted:
    seed = [zlib.crc32(exercise.encode()), 1, draw]
    return load(folder).wanted(exercise, np.random.default_rng(seed), known=False)


def judge(assignment: Assignment, exercise: str, text: str, wanted: Wanted) -> Result:
    """An exercise's result when the gap holds ``text`` and all others the solution."""
    try:
        namespace = assignment.namespace({exercise: text})
    except Exception:
        return compare(assignment.contracts[exercise], wanted, [])
    return compare(assignment.contracts[exercise], wanted, assignment.call(exercise, namespace, wanted.inputs))


def _wrong(result: Result) -> set[str]:
    return {f.output for f in result.findings if not f.right}


def audit_exercise(folder: Path, exercise: str) -> Row:
    """Run every test of the tests of one exercise."""
    assignment = load(folder)
    spec = assignment.exercises[exercise]
    row = Row(assignment.name, exercise)
    public = assignment.public(exercise)
    hidden = [_hidden(folder, exercise, draw) for draw in range(spec.draws)]

    def right(text: str) -> bool:
        return all(judge(assignment, exercise, text, w).status == "right" for w in (public, *hidden))

    if not right(assignment.gaps[exercise]):
        row.faults.append("the solution is not accepted")
    if len(spec.misconceptions) < 4:
        row.faults.append(f"{len(spec.misconceptions)} misconceptions, at least 4 are wanted")
    if len(spec.alternatives) < 2:
        row.faults.append(f"{len(spec.alternatives)} alternatives, at least 2 are wanted")

    for m in spec.misconceptions:
        row.misconceptions += 1
        text = assignment.misconceived(exercise, m)
        seen = judge(assignment, exercise, text, public)
        again = [judge(assignment, exercise, text, w) for w in hidden]
        if all(r.status != "right" for r in (seen, *again)):
            row.rejected += 1
        else:
            row.faults.append(f"misconception {m.name!r} is accepted")
        if any(_wrong(r) != _wrong(seen) for r in again):
            row.faults.append(f"misconception {m.name!r} costs now one output, now another: its mark is luck")
        if set(seen.misconceptions) == {m.name}:
            row.named += 1
        else:
            row.faults.append(f"misconception {m.name!r} is named {', '.join(seen.misconceptions) or 'nothing'}")

    for alternative in spec.alternatives:
        row.alternatives += 1
        text = assignment.alternative(exercise, alternative)
        if right(text):
            row.accepted += 1
        else:
            worst = next(r for w in (public, *hidden) if (r := judge(assignment, exercise, text, w)).status != "right")
            row.faults.append(f"alternative {alternative.name!r} is rejected: {' '.join(worst.lines(True))}")

    known = {e.mutant: e.reason for e in spec.equivalent}
    for mutant in mutants(assignment.gaps[exercise]):
        row.mutants += 1
        try:
            with _limit(SECONDS):
                killed = any(
                    judge(assignment, exercise, mutant.text, w).status != "right"
                    for w in (public, *hidden[:MUTANT_DRAWS])
                )
        except TooSlow:
            killed = True
        reason = known.pop(mutant.label, None)
        if killed and reason is None:
            row.killed += 1
        elif not killed and reason:
            row.equivalent += 1
        elif killed:
            row.faults.append(f"listed as equivalent, yet killed: {mutant.label}")
        else:
            row.faults.append(f"mutant survives: {mutant.label}")
    row.faults += [f"listed as equivalent, but no such mutant: {label}" for label in known]
    return row


def audit(folders: Sequence[Path], workers: int = 2) -> list[Row]:
    """Audit every exercise of the assignments whose solutions stand in ``folders``."""
    tasks = [(folder, name) for folder in folders for name in load(folder).exercises]
    with ProcessPoolExecutor(workers) as pool:  # the last first: it takes longest, and nobody waits for it alone
        return list(pool.map(audit_exercise, *zip(*reversed(tasks), strict=True)))[::-1]


def as_json(rows: Sequence[Row]) -> dict[str, object]:
    """The table of ``grader audit --json``."""
    entries = [{k: v for k, v in asdict(row).items() if k != "faults"} for row in rows]
    counts = [k for k, v in asdict(Row("", "")).items() if isinstance(v, int)]
    return {"exercises": entries, "totals": {k: sum(getattr(r, k) for r in rows) for k in counts}}
