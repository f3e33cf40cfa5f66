"""A sample class whose marks are known before anything is graded.

Learners are made from the exercises: solution, alternatives, misconceptions, and what
else happens in a class. Their marks follow from the description alone: nothing here
looks at a sandbox or a gradebook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pandas as pd
from nbformat import NotebookNode

from grader.assignment import BEGIN, Assignment, grade_id, strip_markers, stub_of
from grader.audit import judge
from grader.gradebook import COLUMNS, tidy


@dataclass
class Work:
    """One learner's notebook: each gap's text (None: deleted), and the share of its mark that it deserves."""

    gaps: dict[str, str | None]
    deserved: dict[str, float]
    deleted_checks: set[str] = field(default_factory=set)
    edited_checks: dict[str, str] = field(default_factory=dict)
    in_experiment: str = ""


Make = Callable[[Assignment, int], Work]


def solved(assignment: Assignment, number: int = 0) -> Work:
    """Every gap as in the solution."""
    return Work(dict(assignment.gaps), dict.fromkeys(assignment.gaps, 1.0))


def alternative(assignment: Assignment, number: int) -> Work:
    """Every gap as one of the alternatives."""
    work = solved(assignment)
    for name, exercise in assignment.exercises.items():
        options = exercise.alternatives
        work.gaps[name] = assignment.alternative(name, options[number % len(options)])
    return work


def misconceived(assignment: Assignment, number: int) -> Work:
    """One or two gaps with a misconception, the others solved."""
    work = solved(assignment)
    names = list(assignment.gaps)
    for shift in range(1 + number % 2):
        name = names[(number + shift * 3) % len(names)]
        options = assignment.exercises[name].misconceptions
        text = assignment.misconceived(name, options[number % len(options)])
        work.gaps[name] = text
        work.deserved[name] = judge(assignment, name, text, assignment.public(name)).fraction
    return work


def untouched(assignment: Assignment, number: int) -> Work:
    """Nothing filled in."""
    return Work({n: stub_of(t) for n, t in assignment.gaps.items()}, dict.fromkeys(assignment.gaps, 0.0))


def half_done(assignment: Assignment, number: int) -> Work:
    """The first half solved, the rest untouched."""
    work = solved(assignment)
    for name in list(assignment.gaps)[len(assignment.gaps) // 2 :]:
        work.gaps[name] = stub_of(assignment.gaps[name])
        work.deserved[name] = 0.0
    return work


def broken(line: str, position: int, runs: bool = False) -> Make:
    """One gap, by its position, begins with ``line``, which spoils it; the others are solved.

    A gap of several functions of which the first alone raises may deserve something;
    whatever does not run to an end deserves nothing.
    """

    def make(assignment: Assignment, number: int) -> Work:
        work = solved(assignment)
        name = list(assignment.gaps)[(position + number) % len(assignment.gaps)]
        before, _, after = assignment.gaps[name].partition(BEGIN)
        indent = before[before.rindex("\n") + 1 :]
        text = f"{before}{line}\n{indent}{BEGIN}{after}"
        work.gaps[name] = text
        work.deserved[name] = judge(assignment, name, text, assignment.public(name)).fraction if runs else 0.0
        return work

    return make


def deleted(assignment: Assignment, number: int) -> Work:
    """One gap deleted with its check, another check deleted alone."""
    work = solved(assignment)
    gone, unchecked = list(assignment.gaps)[1:3]
    work.gaps[gone] = None
    work.deserved[gone] = 0.0
    work.deleted_checks = {gone, unchecked}
    return work


def in_experiment(assignment: Assignment, number: int) -> Work:
    """One answer written into an experiment's cell, its gap left empty."""
    work = solved(assignment)
    name = list(assignment.gaps)[1]
    work.in_experiment = name
    work.gaps[name] = stub_of(assignment.gaps[name])
    return work


def edited_check(assignment: Assignment, number: int) -> Work:
    """One gap untouched, and its check replaced by a line that always passes."""
    work = solved(assignment)
    name = next(iter(assignment.gaps))
    work.gaps[name] = stub_of(assignment.gaps[name])
    work.deserved[name] = 0.0
    work.edited_checks = {name: "print('right')"}
    return work


CLASS: tuple[tuple[int, Make], ...] = (
    (5, solved),
    (4, alternative),
    (10, misconceived),
    (2, untouched),
    (2, half_done),
    (1, broken("return (", 1)),
    (1, broken("raise ValueError('no idea')", 2, runs=True)),
    (1, deleted),
    (1, broken("while True: pass", 1)),
    (1, broken("import os; os._exit(0)", 4)),
    (1, in_experiment),
    (1, edited_check),
)


def notebook_of(work: Work, released: NotebookNode, assignment: Assignment) -> NotebookNode:
    """A released notebook, filled in."""
    notebook: NotebookNode = nbformat.from_dict(released)
    cells = []
    waiting = ""
    for cell in notebook.cells:
        name = grade_id(cell)
        exercise = name.removesuffix("-check")
        if name in work.gaps:
            text = work.gaps[name]
            if text is None:
                continue
            cell.source = strip_markers(text)
            if name == work.in_experiment:
                waiting = strip_markers(assignment.gaps[name])
        elif name != exercise:
            if exercise in work.deleted_checks:
                continue
            cell.source = work.edited_checks.get(exercise, cell.source)
        elif waiting and "experiment" in cell.metadata.get("tags", []):
            cell.source = f"{waiting}\n\n{cell.source}"
            waiting = ""
        cells.append(cell)
    notebook.cells = cells
    return notebook


def simulate(assignments: Mapping[str, Assignment], released: Path, submitted: Path, size: int = 30) -> pd.DataFrame:
    """Write the submissions of a class, and return the marks they deserve.

    Parameters
    ----------
    assignments : mapping
        Solutions by name.
    released, submitted : Path
        nbgrader's folders.
    size : int
        Learners. The kinds in ``CLASS`` repeat when there are more than 30.

    Returns
    -------
    DataFrame
        Columns student, assignment, exercise, mark, max.
    """
    kinds = [(make, i) for count, make in CLASS for i in range(count)]
    rows = []
    for name, assignment in assignments.items():
        original = nbformat.read(released / name / f"{name}.ipynb", as_version=4)
        for number in range(size):
            make, index = kinds[number % len(kinds)]
            student = f"learner{number + 1:0{len(str(size))}d}"
            work = make(assignment, index + number // len(kinds))
            folder = submitted / student / name
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook_of(work, original, assignment), folder / f"{name}.ipynb")
            rows += [
                (student, name, exercise, round(assignment.points[exercise] * share, 6), assignment.points[exercise])
                for exercise, share in work.deserved.items()
            ]
    return tidy(pd.DataFrame(rows, columns=COLUMNS))
