"""Marking a class: verdicts in parallel, which nbgrader's own converter records one by one."""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from rich.console import Console
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
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grader.course import Course, CourseError, Stopped, one_at_a_time
from grader.execute import verdict_for
from grader.plan import canonical
from grader.reading import handed_in, shown
from grader.recording import Recording
from grader.sandbox import SandboxUnavailable, available
from grader.sandbox.namespaces import die_with_parent

MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""What files say when the machine is at fault; anything else may be due to the submission at hand."""
EVERY = 10.0
"""Seconds between two lines about a run that no terminal shows."""
TODO = {
    "locked": "close whatever else has it open (formgrader, a database viewer, another nbgrader command)",
    "readonly": "give yourself the right to write it and its folder",
    "unable to open": "give yourself the right to write it and its folder",
    "full": "make room on the disk",
    "connection": "see that the database server runs, and that address and password are right",
}
"""What to do about a gradebook that says so; one that says anything else is damaged."""


STUDENT = re.compile(r"\w[\w.@+' -]{0,100}")
"""What may be a student's name: nothing that a page, a pattern or a terminal takes for something else."""


@dataclass(frozen=True)
class Problem:
    """A submission that a person must look at, and why."""

    assignment: str
    student: str
    reason: str


class Interrupted(CourseError):
    """Somebody pressed Ctrl-C."""

    code = 130

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"Stopped by you: {done} of {total} were recorded; run the same command to go on.")


class Rate(ProgressColumn):
    """Submissions a second."""

    def render(self, task: RichTask) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:.1f}/s")


@contextmanager
def bar(total: int, label: str) -> Iterator[Any]:
    """A progress bar with rate and remaining time; calling what it gives advances it.

    Where there is no terminal, it is a line every ten seconds and one at the end.
    """
    if not Console().is_terminal:
        yield from _lines(total, label)
        return
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


def _lines(total: int, label: str) -> Iterator[Any]:
    began = said = time.monotonic()
    done = failures = 0

    def say() -> None:
        seconds = time.monotonic() - began
        rate = done / seconds if seconds else 0.0
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        print(f"{label} {done} of {total}, {rate:.1f}/s{left}, {failures} to look at", flush=True)

    def advance(failed: bool = False) -> None:
        nonlocal said, done, failures
        done += 1
        failures += failed
        if done < total and time.monotonic() - said >= EVERY:
            said = time.monotonic()
            say()

    try:
        yield advance
    finally:
        say()


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


def submission(course: Course, assignment: str, student: str) -> NotebookNode:
    """Read what a student handed in.

    Raises
    ------
    CourseError
        With one sentence, if it is missing or no notebook.
    """
    path = course.root / course.submitted / student / assignment / f"{assignment}.ipynb"
    return handed_in(path)


def judge_one(course: Course, assignment: str, student: str, sandbox: str) -> Problem | None:
    """Compute and store one verdict; runs in a worker."""
    try:
        notebook = canonical(submission(course, assignment, student), course.assignment(assignment))
        verdict_for(course, notebook, assignment, student, sandbox)
    except Stopped:
        raise
    except CourseError as error:
        return Problem(assignment, student, str(error))
    except SandboxUnavailable:
        raise
    except Exception as error:  # one submission must not end the marking of the others
        raise_if_stopped(error, course.root)
        return Problem(assignment, student, f"it could not be marked ({type(error).__name__}: {error})")
    return None


def raise_if_stopped(error: BaseException, where: Path) -> None:
    """Whether an error, or what it came from, is the machine's or the gradebook's, and not a submission's.

    Raises
    ------
    Stopped
        If so, saying what to do.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Stopped):
            raise cause
        if isinstance(cause, DBAPIError):
            said = " ".join(str(cause.orig).split())
            todo = next((todo for word, todo in TODO.items() if word in said), "restore it from a backup")
            raise Stopped(f"The gradebook of {where} cannot be used", said, todo) from None
        if isinstance(cause, OSError) and cause.errno in MACHINE:
            raise Stopped.by(cause, where) from None
        cause = cause.__cause__ or cause.__context__


@contextmanager
def told(root: Path) -> Iterator[None]:
    """Say in one sentence what keeps a course from being marked."""
    try:
        yield
    except DBAPIError as error:
        raise_if_stopped(error, root)
    except BrokenExecutor:
        raise Stopped("A worker ended", "killed, or out of memory", "make room for it or use fewer workers") from None
    except OSError as error:
        raise Stopped.by(error, root) from None


def examine(api: NbGraderAPI, names: Iterable[str]) -> None:
    """See that marks can be recorded, before anybody's work is run.

    Raises
    ------
    CourseError
        If an assignment is not in the gradebook.
    """
    directory = api.coursedir
    for folder in (Path(directory.root), Path(directory.root, directory.autograded_directory)):
        try:
            folder.mkdir(exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise Stopped.by(OSError(error.errno, error.strerror), folder) from None
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        for name in names:
            try:
                gradebook.find_assignment(name)
            except MissingEntry:
                todo = f"restore it from a backup, or run 'nbgrader generate_assignment {name}' to begin anew"
                raise CourseError(f"The gradebook of {directory.root} knows no {name}: {todo}.") from None
        if gradebook.engine.dialect.name == "sqlite":
            found = gradebook.db.execute(text("PRAGMA quick_check")).scalar()
            if found != "ok":
                raise Stopped(f"The gradebook of {directory.root} is damaged", found, "restore it from a backup")
        gradebook.db.execute(text("UPDATE alembic_version SET version_num = version_num"))
        gradebook.db.rollback()


def _worker(parent: int) -> None:
    """A worker ends with the process that started it, and at Ctrl-C, if that is not ignored, without a word."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_parent()
    started_by = multiprocessing.parent_process()
    if os.getppid() != parent and not (started_by and started_by.is_alive()):
        os._exit(1)  # it ended before it could be asked to take this one along


def submitters(course: Course, assignment: str) -> list[str]:
    """Who handed something in: the folders, whatever they are called."""
    folder = course.root / course.submitted
    return sorted(p.name for p in folder.glob("*") if (p / assignment).is_dir()) if folder.is_dir() else []


def autograde(
    root: Path,
    assignments: Iterable[str],
    *,
    students: Iterable[str] | None = None,
    executor: Executor | None = None,
    workers: int = 2,
    sandbox: str = "bubblewrap",
    window: int | None = None,
) -> list[Problem]:
    """Mark every submission, and record all marks in the gradebook.

    One that was recorded, and of which nothing has changed since, is left as it is.

    Parameters
    ----------
    root : Path
        The course folder.
    assignments : iterable of str
    students : iterable of str, optional
        All who handed something in, by default.
    executor : Executor, optional
        Where verdicts are computed; a process pool of ``workers`` by default.
    workers : int
        How many verdicts are computed at a time.
    sandbox : str
        ``"bubblewrap"`` or ``"none"``.
    window : int, optional
        How many submissions are with the executor at a time, waiting ones included; four for each worker by default.

    Returns
    -------
    list of Problem
        Submissions that could not be marked. They score 0 and need a person.

    Raises
    ------
    CourseError
        If the folder is no course, an assignment does not exist, or another process is marking it.
    Stopped
        If verdicts or marks cannot be stored; the text says what to do.
    SandboxUnavailable
        If bubblewrap or user namespaces are missing; the text says what to install.
    Interrupted
        At Ctrl-C; what is recorded by then stays.
    """
    course = course_of(root)
    names = list(assignments)
    for name in names:
        course.assignment(name)
        course.released(name)
    if sandbox != "none" and (lacking := available()):
        raise SandboxUnavailable(lacking)
    with told(root), one_at_a_time(root):
        course.tidy()
        course.secret  # noqa: B018 (made once, before several workers would)
        api = api_for(root)
        examine(api, names)
        wanted = None if students is None else set(students)
        handed_in = [
            (name, student)
            for name in names
            for student in submitters(course, name)
            if wanted is None or student in wanted
        ]
        tasks = [(name, student) for name, student in handed_in if STUDENT.fullmatch(student)]
        problems = [
            Problem(name, shown(student), "the folder's name has characters that no student's may have: rename it")
            for name, student in handed_in
            if not STUDENT.fullmatch(student)
        ]
        pool = executor or ProcessPoolExecutor(workers, initializer=_worker, initargs=(os.getpid(),))
        waiting: dict[Future[Problem | None], tuple[str, str, str | None]] = {}
        done = 0
        try:
            with bar(len(tasks), "marking") as advance, Recording(api, course) as recording:

                def record_next() -> None:
                    nonlocal done
                    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                        task = waiting.pop(future)
                        problem = future.result() or record(recording, *task)
                        if problem:
                            problems.append(record_zero(api, problem))
                        done += 1
                        advance(problem is not None)

                for task in tasks:
                    unchanged, given = recording.unchanged(*task)
                    if unchanged:
                        done += 1
                        advance()
                        continue
                    while len(waiting) >= (window or 4 * workers):
                        record_next()
                    waiting[pool.submit(judge_one, course, *task, sandbox)] = *task, given
                while waiting:
                    record_next()
        except KeyboardInterrupt:
            raise Interrupted(done, len(tasks)) from None
        finally:
            for future in waiting:
                future.cancel()
            if executor is None:
                pool.shutdown(cancel_futures=True)
    return sorted(problems, key=lambda p: (p.assignment, p.student))


def record(recording: Recording, assignment: str, student: str, given: str | None) -> Problem | None:
    """Let nbgrader's own converter write the marks of a stored verdict."""
    try:
        recording.record(assignment, student, given)
    except SandboxUnavailable:
        raise
    except Exception as error:  # one submission must not end the marking of the others
        raise_if_stopped(error, Path(recording.api.coursedir.root))
        return Problem(assignment, student, f"nbgrader: {in_one_line(error)}")
    return None


def in_one_line(error: Exception) -> str:
    """The name and text of an error."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def record_zero(api: NbGraderAPI, problem: Problem) -> Problem:
    """Give 0 for every check of a submission that could not be marked.

    What a person has entered stays, and is theirs to look at again. Returns the problem,
    which says so if even the 0 could not be recorded.
    """
    directory = api.coursedir
    folder = directory.format_path(directory.autograded_directory, problem.student, problem.assignment)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            gradebook.update_or_create_student(problem.student)
            handed_in = gradebook.update_or_create_submission(problem.assignment, problem.student)
            for notebook in handed_in.notebooks:
                for grade in notebook.grades:
                    grade.auto_score = 0
                    grade.needs_manual_grade = grade.manual_score is not None
            gradebook.db.commit()
    except Exception as error:  # as above
        raise_if_stopped(error, Path(directory.root))
        return replace(problem, reason=f"{problem.reason}; not even that could be recorded: {in_one_line(error)}")
    return problem
