"""Marking a class: verdicts in parallel, which nbgrader's own converter records one by one."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Task as RichTask
from rich.text import Text
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grader.course import Course, CourseError
from grader.execute import verdict_for
from grader.plan import canonical
from grader.sandbox import SandboxUnavailable, available


@dataclass(frozen=True)
class Problem:
    """A submission that a person must look at, and why."""

    assignment: str
    student: str
    reason: str


class Rate(ProgressColumn):
    """Submissions a second."""

    def render(self, task: RichTask) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:.1f}/s")


@contextmanager
def bar(total: int, label: str) -> Iterator[Any]:
    """A progress bar with rate and remaining time; calling what it gives advances it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failures]}"),
    )
    with Progress(*columns) as progress:
        task = progress.add_task(label, total=total, failures="")
        failures = 0

        def advance(failed: bool = False) -> None:
            nonlocal failures
            failures += failed
            progress.update(task, advance=1, failures=f"{failures} to look at" if failures else "")

        yield advance


def nbgrader_config(root: Path) -> Config:
    """The settings in a course folder's ``nbgrader_config.py``.

    Raises
    ------
    CourseError
        If there is no such file.
    """
    path = root / "nbgrader_config.py"
    if not path.is_file():
        raise CourseError(f"{root} is no course folder: there is no nbgrader_config.py. Run 'grader init {root}'.")
    config: Config = PyFileConfigLoader(path.name, path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    return config


def api_for(root: Path) -> NbGraderAPI:
    """nbgrader's API on a course folder, with its own settings.

    nbgrader starts ``alembic`` by name when it makes a gradebook, so our environment comes first.
    What it says to SQLAlchemy 2.1 gives warnings that concern nobody here.
    """
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    here = str(Path(sys.executable).parent)
    if here not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ["PATH"]])
    config = nbgrader_config(root)
    app = NbGrader(config=config)
    app.log.setLevel(logging.CRITICAL)
    return NbGraderAPI(CourseDirectory(config=config, parent=app), parent=app)


def course_of(root: Path) -> Course:
    """The course in a folder, with the subfolders that its settings name."""
    directory = CourseDirectory(config=nbgrader_config(root))
    return Course(root, directory.source_directory, directory.release_directory, directory.submitted_directory)


def submission(course: Course, assignment: str, student: str) -> nbformat.NotebookNode:
    """Read what a student handed in.

    Raises
    ------
    CourseError
        With one sentence, if it is missing or no notebook.
    """
    path = course.root / course.submitted / student / assignment / f"{assignment}.ipynb"
    if not path.is_file():
        others = ", ".join(p.name for p in sorted(path.parent.glob("*"))[:3]) or "nothing"
        raise CourseError(f"{path.name} was not handed in (there is: {others})")
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
        nbformat.validate(notebook, relax_add_props=True)
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path.name} cannot be read: {type(error).__name__}") from None
    except Exception as error:  # nbformat raises many kinds for what is no notebook
        reason = str(error).split("\n")[0][:120] or type(error).__name__
        raise CourseError(f"{path.name} is no notebook: {reason}") from None
    return notebook


def judge_one(course: Course, assignment: str, student: str, sandbox: str) -> Problem | None:
    """Compute and store one verdict; runs in a worker."""
    try:
        notebook = canonical(submission(course, assignment, student), course.assignment(assignment))
        verdict_for(course, notebook, assignment, student, sandbox)
    except CourseError as error:
        return Problem(assignment, student, str(error))
    except SandboxUnavailable:
        raise
    except Exception as error:  # one submission must not end the marking of the others
        return Problem(assignment, student, f"it could not be marked ({type(error).__name__}: {error})")
    return None


def autograde(
    root: Path,
    assignments: Iterable[str],
    *,
    students: Iterable[str] | None = None,
    executor: Executor | None = None,
    workers: int = 2,
    sandbox: str = "bubblewrap",
) -> list[Problem]:
    """Mark every submission, and record all marks in the gradebook.

    Parameters
    ----------
    root : Path
        The course folder.
    assignments : iterable of str
    students : iterable of str, optional
        All who handed something in, by default.
    executor : Executor, optional
        Where verdicts are computed; a process pool of ``workers`` by default.
    sandbox : str
        ``"bubblewrap"`` or ``"none"``.

    Returns
    -------
    list of Problem
        Submissions that could not be marked. They score 0 and need a person.

    Raises
    ------
    CourseError
        If the folder is no course, or an assignment does not exist.
    SandboxUnavailable
        If bubblewrap or user namespaces are missing; the text says what to install.
    """
    course = course_of(root)
    names = list(assignments)
    for name in names:
        course.assignment(name)
        course.released(name)
    if sandbox != "none" and (lacking := available()):
        raise SandboxUnavailable(lacking)
    course.secret  # noqa: B018 (made once, before several workers would)
    api = api_for(root)
    wanted = None if students is None else set(students)
    tasks = [
        (name, student)
        for name in names
        for student in sorted(api.get_submitted_students(name))
        if wanted is None or student in wanted
    ]
    pool = executor or ProcessPoolExecutor(workers)
    problems = []
    try:
        with bar(len(tasks), "marking") as advance:
            futures = {pool.submit(judge_one, course, *task, sandbox): task for task in tasks}
            for future in as_completed(futures):
                problem = future.result() or record(api, *futures[future])
                if problem:
                    record_zero(api, problem)
                    problems.append(problem)
                advance(problem is not None)
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)
    return sorted(problems, key=lambda p: (p.assignment, p.student))


def record(api: NbGraderAPI, assignment: str, student: str) -> Problem | None:
    """Let nbgrader's own converter write the marks of a stored verdict."""
    result = api.autograde(assignment, student, force=True)
    if result["success"]:
        return None
    if str(result.get("error")).rstrip().endswith("KeyboardInterrupt"):  # nbgrader catches it with everything else
        raise KeyboardInterrupt
    said = re.findall(r"^ *((?:\w+\.)*\w*(?:Error|Exception): .+)$", str(result.get("log")), re.MULTILINE)
    return Problem(assignment, student, f"nbgrader: {said[-1]}" if said else "nbgrader failed and did not say why")


def record_zero(api: NbGraderAPI, problem: Problem) -> None:
    """Give 0 for every check of a submission that could not be marked."""
    shutil.rmtree(
        Path(api.coursedir.root) / api.coursedir.autograded_directory / problem.student / problem.assignment,
        ignore_errors=True,
    )
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        gradebook.update_or_create_student(problem.student)
        handed_in = gradebook.update_or_create_submission(problem.assignment, problem.student)
        for notebook in handed_in.notebooks:
            for grade in notebook.grades:
                grade.auto_score = 0
                grade.needs_manual_grade = False
        gradebook.db.commit()
