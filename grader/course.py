"""A course folder: where things are, its secret, and the verdicts it has."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import tempfile
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


class CourseError(RuntimeError):
    """Something about the course folder is not as it must be; the text says what to do."""


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
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            content = path.read_bytes()
            if len(content) < 32:
                raise CourseError(
                    f"{path} is damaged: restore it from a backup, or delete it and mark again."
                ) from None
            return content
        with os.fdopen(descriptor, "wb") as file:
            content = secrets.token_bytes(32)
            file.write(content)
        return content

    def digest(self, notebook: NotebookNode, student: str, assignment: Assignment) -> str:
        """The name of a verdict: a digest of everything it depends on. The notebook is a canonical one."""
        parts = [
            json.dumps(as_json(plan(notebook, assignment))),
            json.dumps([[c.cell_type, c.source] for c in assignment.notebook.cells]),
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
        """Store a verdict so that nobody ever sees half of one."""
        write_atomically(self.root / VERDICTS / verdict.assignment / f"{digest}.json", json.dumps(verdict.as_json()))


def write_atomically(path: Path, text: str) -> None:
    """Write beside the place, then move there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@cache
def _versions() -> str:
    """What the verdict depends on besides the submission: our own files, Python and NumPy."""
    digest = hashlib.sha256(f"{sys.version_info[:3]} {np.__version__}".encode())
    for package in (Path(byhand.__file__).parent, Path(__file__).parent):
        for path in sorted(package.rglob("*.py")):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
