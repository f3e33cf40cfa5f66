"""A sample class from release to report, in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from grader import gradebook
from grader.autograde import Problem, api_for, autograde, bar, course_of
from grader.course import CourseError
from grader.init import init
from grader.report import report
from grader.simulate import simulate


def _feedback(root: Path, name: str, others: str) -> str:
    api = api_for(root)
    api.coursedir.student_id_exclude = others
    result = api.generate_feedback(name, force=True)
    return "" if result["success"] else str(result.get("error") or result.get("log"))


def feedback(root: Path, marks: pd.DataFrame, workers: int = 2) -> None:
    """Write nbgrader's feedback pages, each worker those of its share of the learners.

    Raises
    ------
    CourseError
        If nbgrader fails on one.
    """
    tasks = []
    for name, part in marks.groupby("assignment"):
        students = sorted(set(part["student"]))
        tasks += [(str(name), ",".join(set(students) - set(students[i::workers]))) for i in range(workers)]
    with ProcessPoolExecutor(workers) as pool, bar(len(tasks), "feedback") as advance:
        names, others = zip(*tasks, strict=True)
        for name, error in zip(names, pool.map(_feedback, [root] * len(tasks), names, others), strict=True):
            advance()
            if error:
                raise CourseError(f"No feedback on {name}: {error.strip().splitlines()[-1]}")


def demo(root: Path, solutions: Path, names: Sequence[str], console: Console, size: int = 30) -> list[Problem]:
    """Release, simulate, mark, report; and compare every mark with the known one.

    Raises
    ------
    CourseError
        If a mark differs from the known one.
    """
    shutil.rmtree(root, ignore_errors=True)
    init(root, solutions, names)
    api = api_for(root)
    for name in names:
        result = api.generate_assignment(name, force=True)
        if not result["success"]:
            raise CourseError(f"{name} cannot be released: {str(result.get('error')).strip().splitlines()[-1]}")
    course = course_of(root)
    assignments = {name: course.assignment(name) for name in names}
    known = simulate(assignments, root / course.release, root / course.submitted, size)
    known.to_csv(root / "known_marks.csv", index=False)
    problems = autograde(root, names)
    marks = gradebook.read(api_for(root))
    marks.to_csv(root / "gradebook.csv", index=False)
    report(root, root / "report.html", problems)
    feedback(root, marks)
    console.print(_table(marks))
    wrong = differing(known, marks)
    console.print(f"{len(known) - len(wrong)} of {len(known)} marks equal the known ones")
    console.print(f"gradebook.csv, known_marks.csv, report.html and feedback/ are in {root}", soft_wrap=True)
    if len(wrong):
        raise CourseError(f"{len(wrong)} marks differ from the known ones:\n{wrong.to_string(index=False)}")
    return problems


def differing(known: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """The rows in which a mark is missing or not the known one."""
    both = known.merge(marks, on=["student", "assignment", "exercise"], how="outer", suffixes=("_known", ""))
    return both[~((both["mark_known"] - both["mark"]).abs() < 1e-6)]


def _table(marks: pd.DataFrame) -> Table:
    table = Table("learner")
    totals = marks.pivot_table(index="student", columns="assignment", values="mark", aggfunc="sum")
    top = marks.groupby(["assignment", "student"])["max"].sum().groupby("assignment").max()
    for name in totals.columns:
        table.add_column(f"{name} (of {top[name]:g})", justify="right")
    for student, row in totals.iterrows():
        table.add_row(str(student), *(f"{round(m, 2):g}" for m in row))
    return table
