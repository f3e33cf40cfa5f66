"""From a submission to a verdict. Nothing here runs what a learner wrote: that is the sandbox's part."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from nbformat import NotebookNode

from byhand.compare import Finding, Result, Wanted, compare, properties
from byhand.contracts import topic
from byhand.outcome import Failure, Outcome
from grader.assignment import Assignment
from grader.plan import Step, alone, canonical, plan, untouched, without
from grader.sandbox import Plain, Sandbox, Session, SessionEnded

BUDGET = 60.0
"""Seconds for one submission in all; what has no result by then scores 0."""
EXPERIMENT_SECONDS = 30.0
"""Seconds for an experiment, where experiments have to run because something needs what they define."""
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
        return cls(content["assignment"], content["student"], marks, content["outputs"], tuple(content["notes"]))


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
        """Mark a notebook."""
        assignment = self.assignment
        deadline = time.monotonic() + BUDGET
        steps = plan(canonical(notebook, assignment), assignment)
        cases = {name: self._wanted(name, student, known=False) for name in assignment.exercises}
        run, stopped, notes = self._run_all(steps, cases, deadline)
        results = {name: self._result(name, run, stopped, cases[name], student) for name in cases}
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
        return Verdict(assignment.name, student, marks, shown, tuple(notes))

    def _wanted(self, exercise: str, student: str, known: bool) -> Wanted:
        rng = hidden_rng(self.secret, student, self.assignment.name, exercise)
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
        outcomes: dict[str, list[Outcome]] = {}
        while True:
            run = self._run(current, cases, deadline)
            outcomes |= run.outcomes
            if run.ended is None:
                break
            index, end = run.ended
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
                notes.append(f"A cell was left out: {end}")
        run.outputs |= printed
        return run, stopped, notes

    def _run(self, steps: list[Step], cases: Mapping[str, Wanted], deadline: float) -> Run:
        """One pass in a fresh session. What is not defined or empty at a probe is tried again at the end."""
        run = Run()
        index = 0
        with self.box.session() as session:
            try:
                for index, step in enumerate(steps):
                    self._step(session, index, step, cases, run, deadline)
                for index in [i for i, s in enumerate(steps) if s.exercise in run.missing and s.kind == "probe"]:
                    self._step(session, index, steps[index], cases, run, deadline)
            except SessionEnded as end:
                run.ended = (index, end)
        return run

    def _step(
        self, session: Session, index: int, step: Step, cases: Mapping[str, Wanted], run: Run, deadline: float
    ) -> None:
        if time.monotonic() > deadline:
            raise OUT_OF_TIME
        if step.kind == "probe":
            contract = f"{topic(self.assignment.name)}:{step.exercise}"
            outcomes = [session.probe(contract, inputs) for inputs in cases[step.exercise].inputs]
            first = outcomes[0].failure
            if first and first.kind in ("missing", "empty"):
                run.missing.add(step.exercise)
                if first.kind == "missing" and step.exercise in run.broken:
                    outcomes = [Outcome(failure=run.broken[step.exercise])] * len(outcomes)
            run.outcomes[step.exercise] = outcomes
        elif step.kind != "skipped" and step.source:
            seconds = EXPERIMENT_SECONDS if step.kind == "experiment" else None
            run.outputs[index] = session.run_cell(step.source, seconds)
            error = next((o for o in run.outputs[index] if o.get("output_type") == "error"), None)
            if step.kind == "gap" and error:
                message = f"the gap's cell does not run: {error['evalue']}"
                run.broken[step.exercise] = Failure("raised", message, type=error["ename"])

    def _result(self, name: str, run: Run, stopped: Mapping[str, SessionEnded], wanted: Wanted, student: str) -> Result:
        """Compare; where something is wrong, once more with the misconceptions at hand."""
        contract = self.assignment.contracts[name]
        if name in stopped:
            failure = Failure("stopped", str(stopped[name]))
            return compare(contract, wanted, [Outcome(failure=failure)] * len(wanted.inputs))
        outcomes = [
            properties(contract, outcome, inputs)
            for outcome, inputs in zip(run.outcomes.get(name, ()), wanted.inputs, strict=False)
        ]
        result = compare(contract, wanted, outcomes)
        if result.status in ("right", "not attempted"):
            return result
        return compare(contract, self._wanted(name, student, known=True), outcomes)

    def _alone(
        self, steps: list[Step], name: str, cases: Mapping[str, Wanted], deadline: float, student: str
    ) -> Result:
        """The exercise on its own merits: earlier gaps hold the solution.

        What that run printed or raised is dropped, for the solution's text was within its reach.
        """
        run, stopped, _ = self._run_all(alone(steps, name, self.assignment), cases, deadline)
        result = self._result(name, run, stopped, cases[name], student)
        cause = "It is not right with right earlier pieces either."
        findings = (f if f.right or f.misconception else replace(f, cause=cause) for f in result.findings)
        return replace(result, findings=tuple(findings))


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text + "\n"}
