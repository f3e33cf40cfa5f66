"""How long `import byhand` takes, and every check of the course, with the solution and with a mistake."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from byhand.check import CheckFailed, check
from grader.assignment import load

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
LIMIT = 0.1
"""Seconds in which a check answers that does not train."""

TRAINING = {"train_perceptron", "fit", "grid_search", "train_epoch", "train_model"}
"""Exercises in which the learner's own code trains; a check cannot be faster than that."""

_IMPORTS = """
import time, {before}
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""


def import_seconds(module: str = "byhand", before: str = "numpy, matplotlib", runs: int = 5) -> float:
    """The shortest of several imports, each in a fresh process, without what ``before`` takes."""
    code = _IMPORTS.format(module=module, before=before)
    return min(float(run(code)) for _ in range(runs))


def run(code: str) -> str:
    """What a fresh Python prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def measure(runs: int = 3) -> dict[str, Any]:
    """Seconds of the import and of all checks.

    Returns
    -------
    dict
        ``import_s``, and under ``checks`` for each exercise, ``"05_layer_classes/affine"``, the
        shortest of ``runs`` answers to the solution, ``right_s``, and to its first misconception, ``wrong_s``.
    """
    found: dict[str, Any] = {"import_s": import_seconds(), "checks": {}}
    for folder in sorted(path for path in SOLUTIONS.iterdir() if (path / "checks.json").exists()):
        assignment = load(folder)
        solved = assignment.namespace()
        with contextlib.chdir(folder):
            for name, exercise in assignment.exercises.items():
                first = exercise.misconceptions[0]
                mistaken = assignment.namespace({name: assignment.misconceived(name, first)})
                objects = assignment.contracts[name].objects
                found["checks"][f"{folder.name}/{name}"] = {
                    "right_s": _seconds(name, [solved[o] for o in objects], True, runs),
                    "wrong_s": _seconds(name, [mistaken[o] for o in objects], False, runs),
                }
    return found


def _seconds(name: str, objects: list[object], right: bool, runs: int) -> float:
    taken = []
    for _ in range(runs):
        passed = True
        start = time.perf_counter()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                check(name, *objects)
        except CheckFailed:
            passed = False
        taken.append(time.perf_counter() - start)
        if passed != right:
            raise RuntimeError(f"the check of {name} went the other way")
    return min(taken)


def slowest(found: dict[str, Any], training: bool) -> tuple[str, float]:
    """The check that took longest, of those whose exercise trains or of all others."""
    times = _times(found, training)
    name = max(times, key=lambda name: times[name])
    return name, times[name]


def _times(found: dict[str, Any], training: bool) -> dict[str, float]:
    """For each check the longer of its two answers."""
    return {
        name: max(pair.values())
        for name, pair in found["checks"].items()
        if (name.split("/")[1] in TRAINING) == training
    }


def table(found: dict[str, Any]) -> str:
    """The import, the slowest checks and how many are too slow, in Markdown."""
    quick = _times(found, training=False).values()
    rows = [("`import byhand` beyond NumPy and matplotlib", found["import_s"])]
    for training, what in ((False, "the slowest check"), (True, "the slowest check whose exercise trains")):
        name, seconds = slowest(found, training)
        rows.append((f"{what}: {name}", seconds))
    lines = ["| | seconds |", "|---|---|", *(f"| {what} | {seconds:.3f} |" for what, seconds in rows)]
    late = sum(seconds > LIMIT for seconds in quick)
    return "\n".join([*lines, "", f"{late} of {len(quick)} checks that do not train take longer than {LIMIT} s."])


if __name__ == "__main__":
    print(table(measure()))
