"""nbgrader's preprocessors: the submission put in order, and marks in place of executed checks."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Unicode
from traitlets.config import Application

from grader.assignment import entries
from grader.course import Course, CourseError, one_at_a_time
from grader.judge import BUDGET, Judge, Mark, Verdict
from grader.plan import canonical
from grader.reading import HandedIn
from grader.sandbox import Limits, Plain, Sandbox
from grader.shown import harmless

_boxes: dict[tuple[str, str], Sandbox | Plain] = {}


def box_for(mode: str, release: Path) -> Sandbox | Plain:
    """The sandbox of an assignment, started once a process.

    Raises
    ------
    SandboxUnavailable
        If bubblewrap or user namespaces are missing; the text says what to install.
    """
    key = (mode, str(release))
    if key not in _boxes:
        entry = entries().get(release.name, {})
        limits = Limits(seconds=entry.get("seconds", Limits.seconds))
        if mode == "none":
            _boxes[key] = Plain(release, limits=limits)
        else:
            _boxes[key] = Sandbox(release, limits=limits, hidden_data=entry.get("hidden_data", ()))
        atexit.register(_boxes[key].close)
    return _boxes[key]


def verdict_for(
    course: Course, notebook: NotebookNode, assignment: str, student: str, sandbox: str, digest: str = ""
) -> Verdict:
    """The stored verdict on a canonical notebook, or a new one, which is then stored; ``digest`` if it is known."""
    solution = course.assignment(assignment)
    digest = digest or course.digest(notebook, student, solution)
    verdict = course.read_verdict(assignment, digest)
    if verdict is None:
        box = box_for(sandbox, course.released(assignment))
        verdict = Judge(solution, box, course.secret).verdict(notebook, student)
        course.write_verdict(verdict, digest)
    return verdict


class OneAtATime(HandedIn):
    """What nbgrader makes before it touches anything: the place to refuse while another process marks the course.

    The command keeps others out until it ends, the API (formgrader's click) only looks.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)  # type: ignore[no-untyped-call]
        converter: Any = self.parent
        lock = ExitStack()
        try:
            lock.enter_context(one_at_a_time(Path(converter.coursedir.root)))
        except CourseError as error:
            converter.log.error(str(error))
            raise NbGraderException(str(error)) from None
        if isinstance(converter.parent, Application):
            atexit.register(lock.close)
        else:
            lock.close()


class _InCourse(NbGraderPreprocessor):
    """Knows the course folder that nbgrader is working in."""

    def course(self) -> Course:
        converter = getattr(self.parent, "parent", None)
        directory = getattr(converter, "coursedir", None)
        if directory is None:
            return Course(Path.cwd())
        folders = (directory.source_directory, directory.release_directory, directory.submitted_directory)
        return Course(Path(directory.root).resolve(), *folders)


class RestoreCells(_InCourse):
    """Put back what a submission must have, before nbgrader looks at it: see `grader.plan.canonical`."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        nb = canonical(nb, self.course().assignment(resources["nbgrader"]["assignment"]))
        return nb, resources


class VerifiedExecute(_InCourse):
    """Marks each check from what the learner's functions return; takes the place of Execute.

    Every path that yields no verdict writes a 0 and says why, for nbgrader gives full
    marks to a check without outputs.
    """

    sandbox = Unicode(
        "bubblewrap",
        help='Where submissions run: "bubblewrap", or "none" on a machine that is itself disposable.',
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        assignment = resources["nbgrader"]["assignment"]
        student = resources["nbgrader"]["student"]
        course = self.course()
        if self.sandbox == "none":
            self.log.warning("No sandbox: what learners wrote runs with your own rights on this machine.")
        solution = course.assignment(assignment)
        resources["verdict"] = course.digest(nb, student, solution)
        verdict = verdict_for(course, nb, assignment, student, self.sandbox, resources["verdict"])
        write_outputs(nb, verdict)
        harmless(nb, solution)
        return nb, resources


def write_outputs(nb: NotebookNode, verdict: Verdict) -> None:
    """Fill a notebook's outputs from a verdict."""
    shown = iter(verdict.outputs)
    for number, cell in enumerate((c for c in nb.cells if c.cell_type == "code"), start=1):
        cell.execution_count = number
        if is_grade(cell):
            name = cell.metadata.nbgrader["grade_id"].removesuffix("-check")
            cell.outputs = _marked(verdict.marks.get(name), number)
        else:
            cell.outputs = [nbformat.from_dict(o) for o in next(shown, [])]
    for note in verdict.notes:
        nb.cells.append(nbformat.v4.new_markdown_cell(note))


def _marked(mark: Mark | None, number: int) -> list[NotebookNode]:
    text = mark.text() if mark else f"No verdict on this exercise within {BUDGET:g} s: 0 points."
    score = repr(mark.mark) if mark else "0"
    result = {"output_type": "execute_result", "data": {"text/plain": score}, "metadata": {}, "execution_count": number}
    return [
        nbformat.from_dict({"output_type": "stream", "name": "stdout", "text": text + "\n"}),
        nbformat.from_dict(result),
    ]
