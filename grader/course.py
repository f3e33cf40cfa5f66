"""A course folder: where things are, its secret, and the verdicts it has."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from nbformat import NotebookNode

import byhand
from grader.assignment import Assignment, load
from grader.judge import Verdict
from grader.plan import as_json, plan

VERDICTS = ".verdicts"
SECRET = ".course_secret"
TEMPORARY = ".tmp-"


class CourseError(RuntimeError):
    """Something about the course folder is not as it must be; the text says what to do."""


class Stopped(CourseError):
    """Verdicts or marks cannot be stored, which is no submission's fault: marking goes no further."""

    def __init__(self, what: str, reason: object, todo: str) -> None:
        super().__init__(what, reason, todo)

    def __str__(self) -> str:
        what, reason, todo = self.args
        return f"{what} ({reason}): {todo}, then run this again. What was recorded so far is kept."

    @classmethod
    def by(cls, error: OSError, path: Path) -> Stopped:
        """Told from the error of a file."""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        todo = "make room on the disk" if full else "see that it can be written"
        return cls(f"{error.filename2 or error.filename or path} cannot be written", error.strerror or error, todo)


@dataclass(frozen=True)
class Course:
    """A folder with nbgrader's subfolders.

    Parameters
    ----------
    root : Path
        The course folder.
    source, release, submitted : str
        nbgrader's folders in it.
    """

    root: Path
    source: str = "source"
    release: str = "release"
    submitted: str = "submitted"

    def assignment(self, name: str) -> Assignment:
        """The solution of an assignment.

        Raises
        ------
        CourseError
            If there is none; the message lists what there is.
        """
        folder = self.root / self.source / name
        if not folder.is_dir():
            there = ", ".join(self.names) or "none"
            raise CourseError(f"There is no assignment {name!r} in {self.root / self.source}; there are: {there}.")
        return load(folder)

    def released(self, name: str) -> Path:
        """The folder that learners were given.

        Raises
        ------
        CourseError
            If the assignment was not released yet.
        """
        folder = self.root / self.release / name
        if not (folder / "checks.json").is_file():
            raise CourseError(
                f"{name} is not released in {self.root}: run 'nbgrader generate_assignment {name}' first."
            )
        return folder

    @property
    def names(self) -> list[str]:
        """The assignments whose solutions are here."""
        folder = self.root / self.source
        return sorted(p.name for p in folder.glob("[0-9][0-9]_*") if p.is_dir())

    @cached_property
    def secret(self) -> bytes:
        """32 random bytes, made on first use and readable by their owner only."""
        path = self.root / SECRET
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was quicker: its secret counts
                write_atomically(path, secrets.token_bytes(32), os.link)
        content = path.read_bytes()
        if len(content) < 32:
            raise CourseError(f"{path} is damaged: restore it from a backup, or delete it and mark again.")
        return content

    def digest(self, notebook: NotebookNode, student: str, assignment: Assignment) -> str:
        """The name of a verdict: a digest of everything it depends on. The notebook is a canonical one."""
        parts = [
            json.dumps(as_json(plan(notebook, assignment))),
            assignment.text,
            student,
            assignment.name,
            hashlib.sha256(self.secret).hexdigest(),
            _versions(),
        ]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def read_verdict(self, assignment: str, digest: str) -> Verdict | None:
        """A stored verdict; None where there is none, or it cannot be read."""
        path = self.root / VERDICTS / assignment / f"{digest}.json"
        try:
            return Verdict.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write_verdict(self, verdict: Verdict, digest: str) -> None:
        """Store a verdict so that nobody ever sees half of one.

        Raises
        ------
        Stopped
            If it cannot be written.
        """
        path = self.root / VERDICTS / verdict.assignment / f"{digest}.json"
        try:
            write_atomically(path, json.dumps(verdict.as_json()).encode())
        except OSError as error:
            raise Stopped.by(error, path) from None

    def tidy(self) -> None:
        """Remove what runs that were killed left half written."""
        for path in (*self.root.glob(f"{TEMPORARY}*"), *(self.root / VERDICTS).rglob(f"{TEMPORARY}*")):
            path.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes, place: Callable[[str, Path], None] = os.replace) -> None:
    """Write beside the place, then move there; with ``os.link`` only if nothing is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        place(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


_locked: set[Path] = set()


@contextlib.contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Keep other processes from marking this course meanwhile.

    The lock is the kernel's and ends with this process, however that ends. Of the two kinds it is
    the one that workers do not inherit; closing its file anywhere in this process gives it up.

    Raises
    ------
    CourseError
        If another process is marking it.
    """
    path = root.resolve() / VERDICTS / ".lock"
    if path in _locked:
        yield
        return
    path.parent.mkdir(exist_ok=True)
    with open(path, "a+", encoding="ascii") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            file.seek(0)
            who = f"Process {file.read().strip() or 'unknown'} is marking the course in {root}"
            raise CourseError(f"{who}: wait until it has ended, then run this again.") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        _locked.add(path)
        try:
            yield
        finally:
            _locked.remove(path)


@cache
def _versions() -> str:
    """What the verdict depends on besides the submission: our own files, Python and NumPy."""
    digest = hashlib.sha256(f"{sys.version_info[:3]} {np.__version__}".encode())
    for package in (Path(byhand.__file__).parent, Path(__file__).parent):
        for path in sorted(package.rglob("*.py")):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
