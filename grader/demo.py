"""A sample class from release to report, in a folder of its own."""

from __future__ import annotations

import gc
import itertools
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from grader import gradebook
from grader.autograde import Problem, api_for, autograde, bar, course_of
from grader.course import SECRET, VERDICTS, CourseError
from grader.init import init
from grader.report import report
from grader.simulate import simulate


def _feedback(root: Path, name: str, others: str) -> str:
    """Write nbgrader's feedback pages on an assignment, all but those of ``others``; the error's text or none."""
    gc.set_threshold(200_000)  # BeautifulSoup makes many small objects: a quarter of the time is saved
    api = api_for(root)
    api.coursedir.student_id_exclude = others
    result = api.generate_feedback(name, force=True)
    return "" if result["success"] else str(result.get("error") or result.get("log"))


def demo(root: Path, solutions: Path, names: Sequence[str], console: Console, size: int = 30) -> list[Problem]:
    """Release, simulate, mark, report; and compare every mark with the known one.

    What is left of an earlier run is removed, but for its secret, verdicts and feedback: as
    in any course, a submission that did not change is not run again.

    Raises
    ------
    CourseError
        If a mark differs from the known one.
    """
    for path in root.glob("*"):
        if path.name in (SECRET, VERDICTS, "feedback"):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    before = _verdicts(root)
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
    problems = []
    with ProcessPoolExecutor(2) as pool:
        pages = []
        everyone = sorted(set(known["student"]))
        for name, part in itertools.product(names, (everyone[::2], everyone[1::2])):
            had = _verdicts(root)
            problems += autograde(root, [name], students=part)
            pages_there = all((root / "feedback" / s / name / f"{name}.html").exists() for s in part)
            if pages_there and _verdicts(root) == had:
                continue
            others = ",".join(set(everyone) - set(part))
            pages.append(pool.submit(_feedback, root, name, others))  # written while the next part is marked
        marks = gradebook.read(api_for(root))
        marks.to_csv(root / "gradebook.csv", index=False)
        report(root, root / "report.html", problems)
        with bar(len(pages), "feedback") as advance:
            for page in as_completed(pages):
                advance()
                if error := page.result():
                    raise CourseError(f"nbgrader wrote no feedback: {error.strip().splitlines()[-1]}")
    console.print(_table(marks))
    anew = len(_verdicts(root) - before)
    console.print(f"{anew} submissions were run, {len(known.groupby(['student', 'assignment'])) - anew} were known")
    wrong = differing(known, marks)
    console.print(f"{len(known) - len(wrong)} of {len(known)} marks equal the known ones")
    console.print(f"gradebook.csv, known_marks.csv, report.html and feedback/ are in {root}", soft_wrap=True)
    if len(wrong):
        raise CourseError(f"{len(wrong)} marks differ from the known ones:\n{wrong.to_string(index=False)}")
    return problems


def _verdicts(root: Path) -> set[str]:
    return {path.name for path in (root / VERDICTS).glob("*/*.json")}


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
