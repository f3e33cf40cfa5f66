"""From a submission to a verdict. Nothing here runs what a learner wrote: that is the sandbox's part."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import Any
from unicodedata import normalize

import numpy as np
from nbformat import NotebookNode

from byhand.compare import Finding, Result, Wanted, compare, properties
from byhand.contracts import topic
from byhand.outcome import Failure, Outcome
from grader.assignment import Assignment
from grader.plan import Step, alone, plan, untouched, without
from grader.sandbox import Plain, Sandbox, Session, SessionEnded
from grader.untold import untold

BUDGET = 60.0
"""Seconds for one submission in all; what has no result by then scores 0."""
EXPERIMENT_SECONDS = 30.0
"""Seconds for an experiment, where experiments have to run because something needs what they define."""
AT_THE_END = ""
"""The name under which is kept what is defined when all cells have run."""
OUT_OF_TIME = SessionEnded("time", f"Marking took more than {BUDGET:g} s in all and was ended.")


@dataclass(frozen=True)
class Mark:
    """An exercise's mark, and why."""

    exercise: str
    status: str
    mark: float
    max: float
    findings: tuple[Finding, ...]
    borrowed: bool = False
    """Right only with the solution in place of an earlier gap."""

    def text(self) -> str:
        """What the learner and the instructor read under the check."""
        result = Result(self.exercise, self.status, self.findings)
        lines = [f"{self.exercise}: {round(self.mark, 2):g} of {self.max:g} points ({self.status})"]
        lines += result.lines(details=False)
        if self.borrowed:
            lines.append("  It rests on an earlier piece that is not right; marked with a right one in its place.")
        return "\n".join(lines)


@dataclass(frozen=True)
class Verdict:
    """All marks of a submission, and what its cells printed, in the order of its code cells."""

    assignment: str
    student: str
    marks: dict[str, Mark]
    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    measures: dict[str, float] = field(default_factory=dict)
    """What the contracts measured of exercises that gave every output asked for."""
    alias: str = ""
    """The name under which the learner wants to be listed; empty: not at all."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Verdict:
        """The inverse of `as_json`.

        Raises
        ------
        KeyError, TypeError
            If something is missing.
        """
        marks = {
            name: Mark(**{**m, "findings": tuple(Finding(**f) for f in m["findings"])})
            for name, m in content["marks"].items()
        }
        given = {name: content[name] for name in ("assignment", "student", "outputs", "measures", "alias")}
        return cls(marks=marks, notes=tuple(content["notes"]), **given)


def hidden_rng(secret: bytes, student: str, assignment: str, exercise: str) -> np.random.Generator:
    """The generator of a student's hidden inputs: always the same, and not to be foreseen."""
    text = b"\0".join([secret, *(part.encode() for part in (student, assignment, exercise))])
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text).digest()))


@dataclass
class Run:
    """What one pass through the steps gave."""

    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    broken: dict[str, Failure] = field(default_factory=dict)
    ended: tuple[int, SessionEnded] | None = None
    left_out: set[int] = field(default_factory=set)
    """Cells of no exercise that ended a session; they are not run again."""
    steps: list[Step] = field(default_factory=list)
    """What was run, without all that ended a session."""


class Judge:
    """Marks submissions of one assignment.

    Parameters
    ----------
    assignment : Assignment
    box : Sandbox or Plain
        Where the learners' code runs.
    secret : bytes
        The course's secret, from which hidden inputs are drawn.
    """

    def __init__(self, assignment: Assignment, box: Sandbox | Plain, secret: bytes) -> None:
        self.assignment = assignment
        self.box = box
        self.secret = secret

    def verdict(self, notebook: NotebookNode, student: str) -> Verdict:
        """Mark a notebook that `grader.plan.canonical` has put in order."""
        assignment = self.assignment
        deadline = time.monotonic() + BUDGET
        steps = plan(notebook, assignment)
        cases = {name: self._wanted(name, student, known=False) for name in assignment.exercises}
        run, stopped, notes = self._run_all(steps, cases, deadline)
        steps = [replace(s, kind="skipped") if i in run.left_out else s for i, s in enumerate(steps)]
        heard = self._publicly(run.steps, deadline)
        results = {name: self._result(name, run, stopped, cases[name], student, heard) for name in cases}
        marks = {}
        earlier_wrong = False  # a gap builds on earlier ones only
        for name, result in results.items():
            borrowed = False
            right = result.status == "right"
            if not right and earlier_wrong and self._attempted(steps, name):
                again = self._alone(steps, name, cases, deadline, student)
                if again.fraction > result.fraction:
                    result, borrowed = again, True
                elif again.misconceptions and not result.misconceptions:
                    result = again
            earlier_wrong = earlier_wrong or not right
            points = assignment.points[name]
            marks[name] = Mark(
                name, result.status, round(points * result.fraction, 6), points, result.findings, borrowed
            )
        shown = [run.outputs.get(i, []) for i, step in enumerate(steps) if step.kind != "probe"]
        measures = {name: m for name in cases if (m := self._measure(name, run, cases[name])) is not None}
        return Verdict(assignment.name, student, marks, shown, tuple(notes), measures, alias_in(notebook))

    def _wanted(self, exercise: str, student: str, known: bool) -> Wanted:
        shared = self.assignment.exercises[exercise].shared
        rng = hidden_rng(self.secret, "" if shared else student, self.assignment.name, exercise)
        return self.assignment.wanted(exercise, rng, known)

    def _attempted(self, steps: list[Step], exercise: str) -> bool:
        """Whether the learner may have written this exercise: in its gap, or in a cell of their own."""
        released = {c.source for c in self.assignment.notebook.cells}
        return any(
            (s.kind == "gap" and s.exercise == exercise and not untouched(s, self.assignment))
            or (s.kind in ("cell", "experiment") and s.source not in released)
            for s in steps
        )

    def _run_all(
        self, steps: list[Step], cases: Mapping[str, Wanted], deadline: float
    ) -> tuple[Run, dict[str, SessionEnded], list[str]]:
        """Run until everything has run, leaving out whatever ended a session."""
        stopped: dict[str, SessionEnded] = {}
        notes: list[str] = []
        printed: dict[int, list[dict[str, Any]]] = {}
        current = list(steps)
        left_out: set[int] = set()
        outcomes: dict[str, list[Outcome]] = {}
        watched = False
        while True:
            run = self._run(current, cases, deadline, watched)
            outcomes |= run.outcomes
            if run.ended is None:
                break
            index, end = run.ended
            if end.kind in ("processes", "memory") and not watched:
                watched = True  # it may have been noticed some steps after the one at fault: once more
                continue
            if end is OUT_OF_TIME:
                run.outcomes = outcomes
                stopped |= {name: end for name in cases if name not in outcomes and name not in stopped}
                notes.append(str(end))
                break
            step = current[index]
            printed[index] = [_stream(str(end))]
            if step.exercise and step.exercise not in stopped:
                stopped[step.exercise] = end
                current = without(current, step.exercise, self.assignment)
                current = [
                    replace(s, kind="skipped") if s.kind == "probe" and s.exercise in stopped else s for s in current
                ]
            else:
                current[index] = replace(step, kind="skipped")
                left_out.add(index)
                notes.append(f"A cell was left out: {end}")
        run.outputs |= printed
        run.left_out, run.steps = left_out, current
        return run, stopped, notes

    def _run(self, steps: list[Step], cases: Mapping[str, Wanted], deadline: float, watched: bool = False) -> Run:
        """One pass in a fresh session: first all cells, then all probes.

        So no cell, whose outputs are shown, ever runs after hidden inputs were there. A probe finds every
        name as it was where it stands in the notebook; what was not defined or empty there is tried again
        with the names as they are at the end.
        """
        run = Run()
        index = 0
        probes = {index: step.exercise for index, step in enumerate(steps) if step.kind == "probe"}
        with self.box.session(until=deadline, watched=watched) as session:
            try:
                for index, step in enumerate(steps):
                    if index in probes:
                        session.keep(step.exercise)
                    else:
                        self._cell(session, index, step, run, deadline)
                session.keep(AT_THE_END)
                for index in probes:
                    self._probe(session, probes[index], probes[index], cases[probes[index]], run, deadline)
                for index in [i for i in probes if probes[i] in run.missing]:
                    self._probe(session, probes[index], AT_THE_END, cases[probes[index]], run, deadline)
            except SessionEnded as end:
                run.ended = (index, end)
        return run

    def _cell(self, session: Session, index: int, step: Step, run: Run, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise OUT_OF_TIME
        if step.kind == "skipped" or not step.source:
            return
        seconds = EXPERIMENT_SECONDS if step.kind == "experiment" else None
        run.outputs[index] = session.run_cell(step.source, seconds)
        error = next((o for o in run.outputs[index] if o.get("output_type") == "error"), None)
        if step.kind == "gap" and error:
            message = f"the gap's cell does not run: {error['evalue']}"
            run.broken[step.exercise] = Failure("raised", message, type=error["ename"])

    def _probe(self, session: Session, exercise: str, at: str, wanted: Wanted, run: Run, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise OUT_OF_TIME
        contract = f"{topic(self.assignment.name)}:{exercise}"
        shown = self.assignment.contracts[exercise].shown
        outcomes = [session.probe(contract, shown(inputs), at) for inputs in wanted.inputs]
        first = outcomes[0].failure
        if first and first.kind in ("missing", "empty"):
            run.missing.add(exercise)
            if first.kind == "missing" and exercise in run.broken:
                outcomes = [Outcome(failure=run.broken[exercise])] * len(outcomes)
        run.outcomes[exercise] = outcomes

    def _result(
        self,
        name: str,
        run: Run,
        stopped: Mapping[str, SessionEnded],
        wanted: Wanted,
        student: str,
        heard: Callable[[str], list[Outcome]],
    ) -> Result:
        """Compare; where something is wrong, with the misconceptions at hand and no word about the inputs."""
        contract = self.assignment.contracts[name]
        if name in stopped:
            failure = Failure("stopped", str(stopped[name]))
            return compare(contract, wanted, [Outcome(failure=failure)] * len(wanted.inputs))
        outcomes = self._properties(name, run, wanted)
        result = compare(contract, wanted, outcomes)
        if result.status == "right":
            return result
        if result.status != "not attempted":
            wanted = self._wanted(name, student, known=True)
        if name not in run.broken or run.broken[name] not in [o.failure for o in outcomes]:
            names = self.assignment.qualified_names
            outcomes = untold(outcomes, wanted, names, lambda: heard(name))
        return compare(contract, wanted, outcomes)

    def _properties(self, name: str, run: Run, wanted: Wanted) -> list[Outcome]:
        """What is compared of an exercise."""
        contract = self.assignment.contracts[name]
        pairs = zip(run.outcomes.get(name, ()), wanted.inputs, strict=False)
        return [properties(contract, outcome, inputs) for outcome, inputs in pairs]

    def _publicly(self, steps: list[Step], deadline: float) -> Callable[[str], list[Outcome]]:
        """Gives an exercise's outcomes on the public cases, from one session that never has hidden inputs."""

        @cache
        def heard() -> tuple[Run, dict[str, Wanted]]:
            a = self.assignment
            public = {name: Wanted(tuple(a.public_inputs(name)), ()) for name in a.exercises}
            return self._run(steps, public, deadline), public

        def of(name: str) -> list[Outcome]:
            run, public = heard()
            return self._properties(name, run, public[name])

        return of

    def _measure(self, name: str, run: Run, wanted: Wanted) -> float | None:
        """The contract's own number, the mean over the cases; None where there is none."""
        measure = self.assignment.contracts[name].measure
        outcomes = run.outcomes.get(name, [])
        if measure is None or len(outcomes) != len(wanted.inputs) or any(o.failure for o in outcomes):
            return None
        try:
            values = [float(measure(o.outputs, i)) for o, i in zip(outcomes, wanted.inputs, strict=True)]
        except Exception:  # outputs of any shape and kind come here
            return None
        mean = float(np.mean(values))
        return mean if np.isfinite(mean) else None

    def _alone(
        self, steps: list[Step], name: str, cases: Mapping[str, Wanted], deadline: float, student: str
    ) -> Result:
        """The exercise on its own merits: earlier gaps hold the solution.

        What that run printed or raised is dropped, for the solution's text was within its reach.
        """
        run, stopped, _ = self._run_all(alone(steps, name, self.assignment), cases, deadline)
        result = self._result(name, run, stopped, cases[name], student, lambda _: [])
        cause = "It is not right with right earlier pieces either."
        findings = (f if f.right or f.misconception else replace(f, cause=cause) for f in result.findings)
        return replace(result, findings=tuple(findings))


ALIAS = re.compile(r"""^alias\s*=\s*(["'])((?:(?!\1)[^\\\n]){1,100})\1\s*(?:#.*)?$""", re.MULTILINE)


def alias_in(notebook: NotebookNode) -> str:
    """What the last line ``alias = "…"`` of a code cell says, read as text; at most 30 printable characters."""
    found = [m[2] for cell in notebook.cells if cell.cell_type == "code" for m in ALIAS.finditer(cell.source)]
    text = normalize("NFKC", found[-1]) if found else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:30]


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text + "\n"}
