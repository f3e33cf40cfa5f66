"""A term on one machine: an instructor's course folder, an exchange folder, and students with accounts of their own.

nbgrader takes a student's name from the account. An account is made for one command, with bubblewrap: a user id and
a line in a copy of /etc/passwd. As root these are real, and what a student may not read or write is refused by the
kernel; otherwise all files belong to whoever runs the test, and nbgrader must be told not to look at their owner.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

import grader
from grader.assignment import grade_id, strip_markers
from grader.autograde import api_for

UIDS = {"ada": 54001, "bea": 54002}
PROGRAMS = {Path(sys.prefix), Path(sys.base_prefix), Path(grader.__file__).parents[1]}


def environment(home: Path) -> dict[str, str]:
    """That of somebody whose home is ``home``; warnings are shown."""
    others = ("JUPYTER", "PYTHON", "XDG")
    kept = {k: v for k, v in os.environ.items() if k == "PYTHONPATH" or not k.startswith(others)}
    programs = str(Path(sys.executable).parent)
    return {**kept, "HOME": str(home), "PATH": f"{programs}{os.pathsep}{kept['PATH']}", "COLUMNS": "200"}


@dataclass(frozen=True)
class Done:
    """A command that ended well, and what it said."""

    command: str
    said: str


@dataclass
class Term:
    """Everything in one folder: ``term``, ``exchange`` and ``home``."""

    root: Path
    done: list[Done] = field(default_factory=list)

    @property
    def course(self) -> Path:
        return self.root / "term"

    @property
    def exchange(self) -> Path:
        return self.root / "exchange"

    def home(self, who: str) -> Path:
        return self.root / "home" / who

    @property
    def gradebook(self) -> Gradebook:
        return api_for(self.course).gradebook

    def instructor(self, *command: str) -> str:
        """Run a command in the course folder, where accounts are known; what it said."""
        known = self._bubblewrap() if self.accounts else []
        if command[:2] == ("nbgrader", "collect") and not self.accounts:
            command = (*command, "--ExchangeCollect.check_owner=False")
        return self._run(command, known if command[1] == "collect" else [], self.course, self.home("instructor"))

    def student(self, who: str, *command: str) -> str:
        """Run a command as a student in their home, with what one finds there; what it said."""
        home, uid = self.home(who), str(UIDS[who])
        places = {self.exchange: "--bind", home: "--bind", **dict.fromkeys(PROGRAMS, "--ro-bind")}
        if not self.accounts:
            own = ["--unshare-user", "--uid", uid, "--gid", uid, "--tmpfs", str(self.course)]
            return self._run(command, self._bubblewrap(*own), home, home)
        shut = {p: next((d for d in reversed(p.parents) if not d.stat().st_mode & 1), None) for p in places}
        options = [word for d in {*shut.values()} if d for word in ("--tmpfs", str(d))]
        for d in sorted({d for p, above in shut.items() if above for d in p.parents if above in d.parents}):
            options += ["--perms", "0755", "--dir", str(d)]
        options += [word for p, how in places.items() if shut[p] for word in (how, str(p), str(p))]
        leave = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"]
        return self._run(command, [*self._bubblewrap(*options), *leave], home, home)

    def settle(self, who: str) -> None:
        """Make a home with the settings that README.txt gives students."""
        home = self.home(who)
        settings = home / ".jupyter" / "nbgrader_config.py"
        settings.parent.mkdir(parents=True)
        text = (self.course / "README.txt").read_text()
        lines = [line.strip() for line in text.splitlines() if line.strip().startswith("c")]
        settings.write_text("\n".join(line for line in lines if " = " in line) + "\n")
        if self.accounts:
            for path in (home, *home.rglob("*")):
                os.chown(path, UIDS[who], UIDS[who])

    @cached_property
    def accounts(self) -> bool:
        """Whether students can be given real ones."""
        if os.getuid() != 0 or not shutil.which("setpriv"):
            return False
        tried = [*self._bubblewrap(), "setpriv", "--reuid", "54001", "--regid", "54001", "--clear-groups", "true"]
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0

    def _bubblewrap(self, *options: str) -> list[str]:
        known = self.root / "passwd"
        if not known.exists():
            lines = [f"{who}:x:{uid}:{uid}::{self.home(who)}:/bin/sh\n" for who, uid in UIDS.items()]
            known.write_text(Path("/etc/passwd").read_text() + "".join(lines))
        return [
            "bwrap",
            "--die-with-parent",
            "--dev-bind",
            "/",
            "/",
            *options,
            "--ro-bind",
            str(known),
            "/etc/passwd",
            "--",
        ]

    def _run(self, command: tuple[str, ...], prefix: list[str], folder: Path, home: Path) -> str:
        home.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [*prefix, *command],
            cwd=folder,
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
        self.done.append(Done(" ".join(command), done.stdout))
        return done.stdout


def fill(path: Path, texts: Mapping[str, str]) -> None:
    """Write texts into the cells of a notebook, by their grade id."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = strip_markers(texts.get(grade_id(cell), cell.source))
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


def marks(book: Gradebook, assignment: str) -> dict[str, dict[str, tuple[float | None, float | None, float]]]:
    """For each student and cell, what was computed, what a person gave, and the most that can be had."""
    return {
        handed_in.student.id: {
            grade.name: (grade.auto_score, grade.manual_score, grade.max_score)
            for notebook in handed_in.notebooks
            for grade in notebook.grades
        }
        for handed_in in book.find_assignment(assignment).submissions
    }
