"""What the tests of marking share: a released course, sandboxes with short limits, and a way to hand things in.

What takes seconds to make is made once, also when several processes run the tests: see `once`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from grader import gradebook
from grader.assignment import Assignment, entries, grade_id, load, strip_markers, stub_of
from grader.autograde import Problem, api_for, autograde, course_of
from grader.build import toolboxes
from grader.course import Course
from grader.init import init
from grader.judge import Judge, Verdict
from grader.plan import canonical
from grader.sandbox import Limits, Sandbox, available

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
NAMES = [n for n in toolboxes() if (SOLUTIONS / n / f"{n}.ipynb").exists() and (ROOT / "notebooks" / n).is_dir()]
FIRST = "01_perceptron_limits"
QUICK = Limits(seconds=2.0)
SECRET = b"the secret of the tests, 32 bytes"

# Each command that a test runs starts a second sooner: see the module there.
os.environ["PYTHONPATH"] = str(ROOT / "tests" / "files" / "quick")

Once = Callable[[str, Callable[[Path], object]], Path]
Marks = dict[str, float]


class Inline(Executor):
    """Runs everything at once and in this process, where a test can watch it."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def filled(released: NotebookNode, gaps: Mapping[str, str | None]) -> NotebookNode:
    """A copy of a released notebook with texts in its gaps; a gap whose text is None is deleted."""
    notebook: NotebookNode = nbformat.from_dict(released)
    notebook.cells = [c for c in notebook.cells if gaps.get(grade_id(c), "") is not None]
    for cell in notebook.cells:
        if text := gaps.get(grade_id(cell)):
            cell.source = strip_markers(text)
    return notebook


@dataclass
class Bench:
    """One assignment, and a judge with short limits."""

    assignment: Assignment
    released: NotebookNode
    judge: Judge

    def solved(self, **gaps: str | None) -> NotebookNode:
        """The released notebook with the solution in every gap but those given."""
        return filled(self.released, {**self.assignment.gaps, **gaps})

    def untouched(self, **gaps: str | None) -> NotebookNode:
        """The released notebook with nothing in any gap but those given."""
        return filled(self.released, gaps)

    def stub(self, exercise: str) -> str:
        return stub_of(self.assignment.gaps[exercise])

    def beginning(self, exercise: str, line: str) -> str:
        """A gap's solution with ``line`` as the first statement of its first function."""
        before, _, after = self.assignment.gaps[exercise].partition("### BEGIN SOLUTION")
        indent = before[before.rindex("\n") + 1 :]
        return f"{before}{line}\n{indent}### BEGIN SOLUTION{after}"

    def verdict(self, notebook: NotebookNode, student: str = "ada") -> Verdict:
        verdict = self.judge.verdict(canonical(nbformat.from_dict(notebook), self.assignment), student)
        assert list(verdict.marks) == list(self.assignment.gaps)
        return verdict

    def marks(self, notebook: NotebookNode, student: str = "ada") -> Marks:
        return {name: mark.mark for name, mark in self.verdict(notebook, student).marks.items()}

    def full(self, **other: float) -> Marks:
        """Full marks in every exercise but those given."""
        return {**self.assignment.points, **other}

    @property
    def nothing(self) -> Marks:
        return dict.fromkeys(self.assignment.points, 0.0)


@dataclass
class Classroom:
    """A course folder with released assignments."""

    root: Path

    @property
    def course(self) -> Course:
        return course_of(self.root)

    def released(self, name: str = FIRST) -> NotebookNode:
        return nbformat.read(self.root / "release" / name / f"{name}.ipynb", as_version=4)

    def assignment(self, name: str = FIRST) -> Assignment:
        return self.course.assignment(name)

    def solved(self, name: str = FIRST, **gaps: str | None) -> NotebookNode:
        return filled(self.released(name), {**self.assignment(name).gaps, **gaps})

    def path(self, student: str, name: str = FIRST) -> Path:
        return self.root / "submitted" / student / name / f"{name}.ipynb"

    def hand_in(self, student: str, content: NotebookNode | str | bytes, name: str = FIRST) -> Path:
        """Write a submission: a notebook, or whatever else a file can hold."""
        path = self.path(student, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else nbformat.writes(content)
            path.write_text(text, encoding="utf-8")
        return path

    def autograde(self, *names: str, **options: Any) -> list[Problem]:
        return autograde(self.root, names or (FIRST,), **{"executor": Inline(), **options})

    def marks(self, name: str = FIRST) -> dict[str, Marks]:
        """Every student's marks in the gradebook."""
        table = gradebook.read(api_for(self.root))
        table = table[table["assignment"] == name]
        return {
            str(student): dict(zip(rows["exercise"], rows["mark"], strict=True))
            for student, rows in table.groupby("student")
        }

    def checks(self, student: str, name: str = FIRST) -> dict[str, NotebookNode]:
        """The check cells of a marked notebook, by exercise."""
        path = self.root / "autograded" / student / name / f"{name}.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        return {grade_id(c).removesuffix("-check"): c for c in cells if grade_id(c).endswith("-check")}

    def verdicts(self, name: str = FIRST) -> list[Path]:
        return sorted((self.root / ".verdicts" / name).glob("*"))

    def run(self, *command: str, path: str | None = None, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command of our environment in the course folder."""
        return run(self.root, *command, path=path, code=code)


def run(folder: Path, *command: str, path: str | None = None, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run a command of our environment in a folder, and expect an exit code."""
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]) if path is None else path,
        "PYTHONWARNINGS": "ignore",
        "COLUMNS": "200",
    }
    done = subprocess.run(
        [str(programs / command[0]), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert code is None or done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several processes, the tests of a class or an assignment run in one: they share what takes long to make."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            name, _, parameters = nodeid.partition("[")
            if name.count("::") > 1:
                return name.rpartition("::")[0]
            return next((assignment for assignment in NAMES if assignment in parameters), nodeid)

    return Together(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """``command(folder, *words)`` runs a command of our environment in a folder."""
    return run


@pytest.fixture
def time_limit() -> Iterator[Callable[[int], int]]:
    """``time_limit(seconds)``: fail, rather than wait for ever, where something does not come to an end."""

    def stop(signum: int, frame: FrameType | None) -> None:
        pytest.fail("it does not come to an end")

    before = signal.signal(signal.SIGALRM, stop)
    yield signal.alarm
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def built() -> list[str]:
    """The assignments that are built."""
    return NAMES


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Once:
    """``once(name, make)`` gives a folder that ``make`` filled, in whichever test process came first."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # this is one of several processes
        base = base.parent

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        made, part = base / f"once-{name}", base / f"once-{name}.part"
        with open(base / f"once-{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(part, ignore_errors=True)
                make(part)
                part.rename(made)
        return made

    return folder


@pytest.fixture(scope="session")
def course_folder(once: Once) -> Path:
    """A course folder in which every assignment is released; not to be changed."""

    def make(root: Path) -> None:
        init(root, SOLUTIONS, NAMES)
        (root / ".course_secret").write_bytes(SECRET)
        api = api_for(root)
        for name in NAMES:
            assert api.generate_assignment(name)["success"], name

    return once("course", make)


@pytest.fixture(scope="session")
def sandboxes(course_folder: Path) -> Iterator[Callable[[str], Sandbox]]:
    """One sandbox for each assignment, with short limits."""
    if lacking := available():
        pytest.skip(lacking)
    started: dict[str, Sandbox] = {}

    def box(name: str) -> Sandbox:
        if name not in started:
            entry = entries()[name]
            limits = replace(QUICK, seconds=min(entry.get("seconds", QUICK.seconds), 5.0))
            hidden = entry.get("hidden_data", ())
            started[name] = Sandbox(course_folder / "release" / name, limits=limits, hidden_data=hidden)
        return started[name]

    yield box
    for sandbox in started.values():
        sandbox.close()


@pytest.fixture(scope="session")
def benches(course_folder: Path, sandboxes: Callable[[str], Sandbox]) -> Callable[[str], Bench]:
    """The bench of an assignment. Right answers are computed once: all tests ask for those of the same few students."""
    judges: dict[str, Judge] = {}

    def bench(name: str) -> Bench:
        assignment = load(course_folder / "source" / name)
        released = nbformat.read(course_folder / "release" / name / f"{name}.ipynb", as_version=4)
        if name not in judges:
            judges[name] = Judge(assignment, sandboxes(name), SECRET)
            judges[name]._wanted = cache(judges[name]._wanted)
        return Bench(assignment, released, judges[name])

    return bench


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Every assignment that is built, one after the other."""
    return str(request.param)


@pytest.fixture(params=NAMES)
def each(request: pytest.FixtureRequest, benches: Callable[[str], Bench]) -> Bench:
    """The bench of every assignment that is built, one after the other."""
    return benches(request.param)


@pytest.fixture(params=[n for n in NAMES if n != FIRST])
def later(request: pytest.FixtureRequest, benches: Callable[[str], Bench]) -> Bench:
    """The bench of every assignment but ``FIRST``."""
    return benches(request.param)


@pytest.fixture
def first(benches: Callable[[str], Bench]) -> Bench:
    """The bench of the assignment on which tests that need only one are run."""
    return benches(FIRST)


@pytest.fixture
def classroom(
    course_folder: Path,
    tmp_path: Path,
    sandboxes: Callable[[str], Sandbox],
    monkeypatch: pytest.MonkeyPatch,
) -> Classroom:
    """A course folder of the test's own; what is marked in this process uses the sandboxes with short limits."""
    shutil.copytree(course_folder, tmp_path / "course")
    monkeypatch.setattr("grader.execute.box_for", lambda mode, release: sandboxes(release.name))
    return Classroom(tmp_path / "course")


@pytest.fixture(scope="session")
def graded(course_folder: Path, sandboxes: Callable[[str], Sandbox], once: Once) -> Callable[..., Classroom]:
    """``graded(name, fill)``: a class that ``fill(classroom)`` handed in (and ``marked``), once for all tests."""

    def make(name: str, fill: Callable[[Classroom], object], *, marked: bool = False) -> Classroom:
        def grade(root: Path) -> None:
            shutil.copytree(course_folder, root)
            classroom = Classroom(root)
            fill(classroom)
            if marked:
                return
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("grader.execute.box_for", lambda mode, release: sandboxes(release.name))
                assert classroom.autograde() == []

        return Classroom(once(name, grade))

    return make
