"""Verdicts into the gradebook, through nbgrader's own converter over a gradebook that stays open.

nbgrader opens its database nine times for a notebook, asks for each cell by itself, and validates the notebook
after every step. Here the same code of nbgrader's finds everything read at once in a `Ledger`, its steps follow each
other in memory, and a submission's rows are committed together. Where a course's settings put anything
else in its way (see `usual`), nbgrader does it all as it comes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbconvert.writers.files import FilesWriter
from nbformat import NotebookNode
from nbgrader import converters, utils
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import (
    AssignLatePenalties,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    latesubmissions,
    overwritecells,
    overwritekernelspec,
    saveautogrades,
)
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session, selectinload, sessionmaker

from grader.course import VERDICTS, Course, _versions, write_atomically
from grader.execute import OneAtATime, RestoreCells, VerifiedExecute
from grader.reading import again, handed_in

SANITIZE = (RestoreCells, ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells)
GRADE = (VerifiedExecute, IgnorePattern, ClearMetadataPreprocessor, LimitOutput, SaveAutoGrades, AssignLatePenalties)
ASK = (converters.autograde, overwritecells, overwritekernelspec, saveautogrades, latesubmissions)
"""Modules of nbgrader that open the gradebook while they convert."""
CELLS = 2_000
"""So many cells, about, are remembered as they were written."""
HASHED_MIB = 64
"""The largest submission, all its files together, that is recognised as unchanged."""


class Recorder(Autograde):
    """nbgrader's own converter for one submission. What goes wrong is raised as it is, where nbgrader logs it."""

    def convert_notebooks(self) -> None:
        """As in the base class."""
        names = self.coursedir.assignment_id, self.coursedir.student_id
        try:
            for notebooks in self.assignments.values():
                self.notebooks = sorted(notebooks)
                if not self.init_destination(*names):
                    continue
                self.run_pre_convert_hook()
                self.init_assignment(*names)
                for notebook in self.notebooks:
                    self.convert_single_notebook(notebook)
                self.set_permissions(*names)
                self.run_post_convert_hook()
        except BaseException:
            shutil.rmtree(self._format_dest(*names), ignore_errors=True)
            raise


class InMemory(Recorder):
    """Its two conversions in memory: one reading, one validation, one file. Made once for many submissions."""

    @cached_property
    def steps(self) -> tuple[list[Any], list[Any]]:
        """The preprocessors of either conversion, with the course's settings."""
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)
        made = []
        for self._sanitizing in (True, False):
            self._init_preprocessors()
            made.append(self.exporter._preprocessors)
        self._sanitizing = True
        self._written = Writing()
        return made[0], made[1]

    def start(self) -> None:
        """As in the base class, with what was made for the first submission."""
        self.steps  # noqa: B018
        self.verdicts: list[str] = []
        self.init_notebooks()
        before = Path.cwd()
        os.chdir(self.coursedir.root)
        try:
            self.convert_notebooks()
        finally:
            os.chdir(before)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """As in the base class, where the sanitized notebook is written, and read as it was handed in."""
        path = Path(notebook_filename)
        resources = self.init_single_notebook_resources(notebook_filename)
        resources |= {"metadata": {"name": path.stem, "path": str(path.parent)}, "output_extension": ".ipynb"}
        sanitize, grade = self.steps
        notebook = handed_in(path)
        for step in sanitize:
            notebook, resources = step(notebook, resources)
        notebook = again(notebook, path.name)
        for step in grade:
            notebook, resources = step(notebook, resources)
        text = self._written.text(notebook)
        self.verdicts.append(resources["verdict"])
        try:
            self.write_single_notebook(text, resources)
        except OSError as error:
            error.filename = error.filename or str(Path(self.writer.build_directory, path.name))
            raise


class Writing:
    """Notebooks as nbformat validates and writes them; for a cell like one of an earlier notebook that was done."""

    def __init__(self) -> None:
        self._cells: dict[str, str] = {}

    def text(self, notebook: NotebookNode) -> str:
        """What stands in a notebook's file. The notebook's cells are taken out of it.

        Raises
        ------
        nbformat.ValidationError
        """
        keys = [json.dumps(cell, sort_keys=True, ensure_ascii=False) for cell in notebook.cells]
        if len(self._cells) > CELLS:
            self._cells.clear()
        new = {key: cell for key, cell in zip(keys, notebook.cells, strict=True) if key not in self._cells}
        notebook.cells = list(new.values())
        nbformat.validate(notebook, relax_add_props=True)
        notebook = nbformat.v4.rwbase.strip_transient(nbformat.v4.rwbase.split_lines(notebook))
        for key, cell in zip(new, notebook.cells, strict=True):
            self._cells[key] = _laid_out(cell).replace("\n", "\n  ")
        notebook.cells = []
        cells = ",\n  ".join(self._cells[key] for key in keys)
        return _laid_out(notebook).replace("[]", f"[\n  {cells}\n ]" if keys else "[]", 1) + "\n"


def _laid_out(part: object) -> str:
    return json.dumps(part, indent=1, sort_keys=True, ensure_ascii=False)


class _Held(Session):
    """A session whose commits are kept back, until a submission is complete."""

    def commit(self) -> None:
        """Nothing: what there is goes to the database where something is asked of it."""


@dataclass
class _Source:
    """An assignment in the gradebook, detached from it; cells by the names of their notebook and their own."""

    assignment: Any
    notebooks: dict[str, Any]
    sources: dict[tuple[str, str], Any]
    graded: dict[tuple[str, str], Any]
    commented: dict[tuple[str, str], Any]

    def key(self) -> list[object]:
        """Everything in it that marks depend on."""
        return [
            repr(self.assignment.duedate),
            [(n.id, n.name, n.kernelspec) for n in self.notebooks.values()],
            [(*k, c.id, c.cell_type, c.locked, c.checksum, c.source) for k, c in sorted(self.sources.items())],
            [(*k, c.id, c.cell_type, c.max_score) for k, c in sorted(self.graded.items())],
            [(*k, c.id) for k, c in sorted(self.commented.items())],
        ]


class Ledger(Gradebook):
    """nbgrader's gradebook, opened once for many submissions; what it is asked for one by one is read at once.

    What is not overridden here works as ever. A submission is complete with `keep`; until then nothing is in the
    database, whoever commits.
    """

    db: Any

    def __init__(self, url: str, course: str) -> None:
        super().__init__(url, course)
        self.db.remove()
        held = sessionmaker(class_=_Held, bind=self.engine, future=True, expire_on_commit=False)
        self.db = scoped_session(held)
        self._courses = {course}
        self._sources: dict[str, _Source] = {}
        self._forget()

    def _forget(self) -> None:
        self._own: tuple[tuple[str, str], Any] | None = None
        self._rows: dict[tuple[type, str, str], Any] = {}

    def opened(self, url: str, course_id: str = "default_course") -> Ledger:
        """In place of a new one, for nbgrader; it makes a row for each course it is opened with."""
        if course_id not in self._courses:
            self.check_course(course_id)
            self._courses.add(course_id)
        return self

    def __exit__(self, *_: object) -> None:
        """It stays open for the next to ask."""

    def keep(self) -> None:
        """Commit a submission, and forget it."""
        session: Session = self.db()
        Session.commit(session)
        self._end(session)

    def drop(self) -> None:
        """Forget a submission that is not complete."""
        session: Session = self.db()
        session.rollback()
        self._courses = {self.course_id}
        self._end(session)

    def _end(self, session: Session) -> None:
        session.expunge_all()
        session.close()
        self._forget()

    def source(self, name: str) -> _Source:
        """An assignment with its cells, as it is when first asked for.

        Raises
        ------
        MissingEntry
            If there is none.
        """
        if name not in self._sources:
            with Session(self.engine, expire_on_commit=False) as session:
                query = select(Assignment).where(Assignment.name == name).options(selectinload(Assignment.notebooks))
                found = session.scalars(query).one_or_none()
                if found is None:
                    raise MissingEntry(f"No such assignment: {name}")
                names = {n.id: n.name for n in found.notebooks}

                def cells(*kinds: Any) -> dict[tuple[str, str], Any]:
                    rows = itertools.chain(
                        *(session.scalars(select(k).where(k.notebook_id.in_(list(names)))) for k in reversed(kinds))
                    )
                    return {(names[c.notebook_id], c.name): c for c in rows}

                self._sources[name] = _Source(
                    found,
                    {n.name: n for n in found.notebooks},
                    cells(SourceCell),
                    cells(GradeCell, TaskCell),
                    cells(SolutionCell, TaskCell),
                )
                session.expunge_all()
        return self._sources[name]

    # what nbgrader asks while it converts

    def find_assignment(self, assignment: str) -> Any:
        """As in the base class."""
        return self.source(assignment).assignment

    def find_notebook(self, notebook: str, assignment: str) -> Any:
        """As in the base class."""
        return self.source(assignment).notebooks.get(notebook) or super().find_notebook(notebook, assignment)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """As in the base class."""
        found = self.source(assignment).sources.get((notebook, name))
        return found or super().find_source_cell(name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """As in the base class."""
        found = self.source(assignment).graded.get((notebook, name))
        return found or super().find_graded_cell(name, notebook, assignment)

    def find_submission(self, assignment: str, student: str) -> Any:
        """As in the base class, with all its rows."""
        if self._own is None or self._own[0] != (assignment, student):
            parts = selectinload(SubmittedAssignment.notebooks)
            query = (
                select(SubmittedAssignment)
                .where(SubmittedAssignment.assignment_id == self.source(assignment).assignment.id)
                .where(SubmittedAssignment.student_id == student)
                .options(parts.selectinload(SubmittedNotebook.grades), parts.selectinload(SubmittedNotebook.comments))
            )
            found = self.db.scalars(query).one_or_none()
            if found is None:
                raise MissingEntry(f"No such submission: {assignment} for {student}")
            self._take(assignment, student, found)
        return self._own[1] if self._own else None

    def _take(self, assignment: str, student: str, found: Any) -> None:
        self._forget()
        self._own = (assignment, student), found
        for notebook in found.notebooks:
            self._rows[SubmittedNotebook, notebook.notebook_id, ""] = notebook
            self._rows |= {(Grade, notebook.notebook_id, g.cell_id): g for g in notebook.grades}
            self._rows |= {(Comment, notebook.notebook_id, c.cell_id): c for c in notebook.comments}

    def add_submission(self, assignment: str, student: str, **given: Any) -> Any:
        """As in the base class."""
        source = self.source(assignment)
        if "timestamp" in given:
            given["timestamp"] = utils.parse_utc(given["timestamp"])
        found = SubmittedAssignment(assignment_id=source.assignment.id, student_id=student, **given)
        for name, notebook in source.notebooks.items():
            own = SubmittedNotebook(notebook_id=notebook.id, assignment=found)
            for (where, _), cell in source.graded.items():
                if where == name:
                    Grade(cell_id=cell.id, notebook=own)
            for (where, _), cell in source.commented.items():
                if where == name:
                    Comment(cell_id=cell.id, notebook=own)
        self.db.add(found)
        if given:  # nbgrader asks for the date next, which takes the row
            self.db.flush()
        self._take(assignment, student, found)
        return found

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> Any:
        """As in the base class."""
        self.find_submission(assignment, student)
        source = self.source(assignment).notebooks.get(notebook)
        found = source and self._rows.get((SubmittedNotebook, source.id, ""))
        return found or super().find_submission_notebook(notebook, assignment, student)

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As in the base class."""
        self.find_submission(assignment, student)
        cell = self.source(assignment).graded.get((notebook, grade_cell))
        found = cell and self._rows.get((Grade, cell.notebook_id, cell.id))
        return found or super().find_grade(grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As in the base class."""
        self.find_submission(assignment, student)
        cell = self.source(assignment).commented.get((notebook, solution_cell))
        found = cell and self._rows.get((Comment, cell.notebook_id, cell.id))
        return found or super().find_comment(solution_cell, notebook, assignment, student)

    # whether anything has changed since

    def state(self, assignment: str, student: str) -> str:
        """A digest of a submission's rows, as `states` gives it."""
        own = self.find_submission(assignment, student)
        rows = [_submitted(own.timestamp, own.extension)]
        for n in own.notebooks:
            rows.append(_notebook(n.notebook_id, n.late_submission_penalty))
            rows += [
                _grade(g.cell_id, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade) for g in n.grades
            ]
            rows += [_comment(c.cell_id, c.auto_comment) for c in n.comments]
        return _digest(rows)

    def states(self, assignment: str) -> dict[str, str]:
        """A digest of the rows of every submission, by student."""
        submitted = SubmittedAssignment
        wanted = submitted.assignment_id == self.source(assignment).assignment.id
        of_notebook = submitted.id == SubmittedNotebook.assignment_id
        queries = (
            (_submitted, select(submitted.student_id, submitted.timestamp, submitted.extension).where(wanted)),
            (
                _notebook,
                select(submitted.student_id, SubmittedNotebook.notebook_id, SubmittedNotebook.late_submission_penalty)
                .join(SubmittedNotebook, of_notebook)
                .where(wanted),
            ),
            (
                _grade,
                select(
                    *(submitted.student_id, Grade.cell_id, Grade.auto_score, Grade.manual_score),
                    *(Grade.extra_credit, Grade.needs_manual_grade),
                )
                .join(SubmittedNotebook, of_notebook)
                .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
                .where(wanted),
            ),
            (
                _comment,
                select(submitted.student_id, Comment.cell_id, Comment.auto_comment)
                .join(SubmittedNotebook, of_notebook)
                .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
                .where(wanted),
            ),
        )
        sums: dict[str, int] = {}
        with self.engine.connect() as connection:
            for label, query in queries:
                for student, *row in connection.execute(query):
                    sums[student] = sums.get(student, 0) + _number(label(*row))
        return {student: _hexadecimal(number) for student, number in sums.items()}


def _submitted(timestamp: Any, extension: Any) -> tuple[object, ...]:
    return "submitted", timestamp and timestamp.isoformat(), extension and extension.total_seconds()


def _notebook(notebook: str, penalty: float | None) -> tuple[object, ...]:
    return "notebook", notebook, None if penalty is None else float(penalty)


def _grade(cell: str, auto: Any, manual: Any, extra: Any, needs: Any) -> tuple[object, ...]:
    return "grade", cell, *(None if v is None else float(v) for v in (auto, manual, extra)), bool(needs)


def _comment(cell: str, auto: str | None) -> tuple[object, ...]:
    return "comment", cell, auto


def _number(row: tuple[object, ...]) -> int:
    return int.from_bytes(hashlib.sha256(repr(row).encode()).digest())


def _hexadecimal(number: int) -> str:
    return f"{number % 2**256:064x}"


def _digest(rows: list[tuple[object, ...]]) -> str:
    """The same in whatever order rows come; nobody who could choose rows can read this."""
    return _hexadecimal(sum(map(_number, rows)))


def usual(api: NbGraderAPI) -> bool:
    """Whether a course's settings leave nbgrader's conversion what `InMemory` makes of it."""
    recorder = Recorder(coursedir=api.coursedir, parent=api)
    late = AssignLatePenalties(parent=recorder)
    passed_by = {c.__name__ for kind in (OneAtATime, FilesWriter) for c in kind.__mro__}
    return (
        nbgrader.__version__ == "0.9.6"
        and (tuple(recorder.sanitize_preprocessors), tuple(recorder.autograde_preprocessors)) == (SANITIZE, GRADE)
        and recorder.exporter_class is OneAtATime
        and recorder.pre_convert_hook is None
        and recorder.post_convert_hook is None
        and late.plugin_class is LateSubmissionPlugin
        and not passed_by & set(api.config)
        and api.coursedir.notebook_id == "*"
    )


class Recording:
    """Records verdicts one by one; a context manager.

    Parameters
    ----------
    api : NbGraderAPI
    course : Course
    """

    def __init__(self, api: NbGraderAPI, course: Course) -> None:
        self.api = api
        self.course = course
        self._ledger = Ledger(api.coursedir.db_url, api.coursedir.course_id) if usual(api) else None
        self._recorder = InMemory(coursedir=api.coursedir, parent=api)
        self._recorder.force = True
        self._known: dict[str, Known] = {}

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ledger:
            self._ledger.close()

    def record(self, assignment: str, student: str, given: str | None) -> None:
        """Write the marks of a stored verdict, and the marked notebook, as nbgrader does.

        Parameters
        ----------
        assignment, student : str
        given : str or None
            What `unchanged` gave.
        """
        directory = self.api.coursedir
        before = directory.assignment_id, directory.student_id
        directory.assignment_id, directory.student_id = assignment, student
        try:
            if self._ledger is None:
                recorder = Recorder(coursedir=directory, parent=self.api)
                recorder.force = True
                recorder.start()
            else:
                self._by_ledger(self._ledger, assignment, student, given)
        finally:
            directory.assignment_id, directory.student_id = before

    def _by_ledger(self, ledger: Ledger, assignment: str, student: str, given: str | None) -> None:
        try:
            with _in_place_of_new_ones(ledger):
                self._recorder.start()
            ledger.db.flush()
            state = ledger.state(assignment, student)
            ledger.keep()
        except BaseException as error:
            directory = self.api.coursedir
            folder = directory.format_path(directory.autograded_directory, student, assignment)
            shutil.rmtree(folder, ignore_errors=True)
            try:
                if isinstance(error, Exception) and not isinstance(error, DBAPIError):
                    ledger.keep()  # as nbgrader, which has committed by then what it had done
            finally:
                ledger.drop()
            raise
        if given is not None and len(self._recorder.verdicts) == 1:
            self.known(assignment).add(student, given, state, self._recorder.verdicts[0])

    def unchanged(self, assignment: str, student: str) -> tuple[bool, str | None]:
        """Whether a submission is the one that was recorded, as it was; and a digest of its files for `record`."""
        if self._ledger is None:
            return False, None
        known = self.known(assignment)
        given = known.given(student)
        return given is not None and known.same(student, given), given

    def known(self, assignment: str) -> Known:
        """What was recorded of an assignment."""
        if assignment not in self._known and self._ledger:
            self._known[assignment] = Known(self.course, self.api.coursedir, assignment, self._ledger)
        return self._known[assignment]


@contextmanager
def _in_place_of_new_ones(ledger: Ledger) -> Iterator[None]:
    """Wherever nbgrader would open the gradebook, it gets this one."""
    for module in ASK:
        module.Gradebook = ledger.opened
    try:
        yield
    finally:
        for module in ASK:
            module.Gradebook = Gradebook


class Known:
    """What was recorded of an assignment, and what that rested on: lines of JSON, the last of a student counts.

    A line is written after the marks, so it may be lacking but is never ahead of them.
    """

    def __init__(self, course: Course, directory: Any, assignment: str, ledger: Ledger) -> None:
        self._format = directory.format_path
        self._submitted, self._autograded = directory.submitted_directory, directory.autograded_directory
        self._assignment = assignment
        self._states = ledger.states(assignment)
        source = Path(self._format(directory.source_directory, ".", assignment))
        config = (course.root / "nbgrader_config.py").read_bytes()
        rests = [
            *(_versions(), nbgrader.__version__, hashlib.sha256(course.secret).hexdigest()),
            *(hashlib.sha256(config).hexdigest(), course.assignment(assignment).text),
            *(ledger.source(assignment).key(), _looked_at(source), _looked_at(course.released(assignment))),
        ]
        self._rests = hashlib.sha256(json.dumps(rests).encode("utf-8", "surrogatepass")).hexdigest()
        verdicts = course.root / VERDICTS / assignment
        self._verdicts = {p.name for p in os.scandir(verdicts)} if verdicts.is_dir() else set()
        self._path = course.root / VERDICTS / f"{assignment}.recorded"
        self._lines: dict[str, tuple[str, str]] = {}
        lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines() if self._path.exists() else []
        for line in lines:
            try:
                student, verdict, digest = json.loads(line)
                self._lines[str(student)] = str(verdict), str(digest)
            except (ValueError, TypeError):
                continue  # cut off when a run was killed
        if len(lines) > 4 * len(self._lines) + 100:
            latest = (json.dumps([student, *line]) for student, line in self._lines.items())
            write_atomically(self._path, "\n".join(latest).encode())

    def given(self, student: str) -> str | None:
        """A digest of all files that were handed in; None if they are too large or not all files."""
        digest = hashlib.sha256()
        left = HASHED_MIB * 2**20
        for name, path, found in _files(self._format(self._submitted, student, self._assignment)):
            left -= found.st_size
            if left < 0 or not stat.S_ISREG(found.st_mode):
                return None
            try:
                content = Path(path).read_bytes()
            except OSError:
                return None
            digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
            digest.update(content)
        return digest.hexdigest()

    def same(self, student: str, given: str) -> bool:
        """Whether this is what was recorded, and the marks and the marked notebook are as they were left."""
        if student not in self._lines or student not in self._states:
            return False
        verdict, digest = self._lines[student]
        there = f"{verdict}.json" in self._verdicts
        return there and digest == self._digest(student, given, self._states[student])

    def add(self, student: str, given: str, state: str, verdict: str) -> None:
        """Remember a submission that has just been recorded."""
        if given != self.given(student):
            return  # handed in anew meanwhile
        with self._path.open("ab") as file:
            file.write(b"\n" + json.dumps([student, verdict, self._digest(student, given, state)]).encode())

    def _digest(self, student: str, given: str, state: str) -> str:
        made = _looked_at(Path(self._format(self._autograded, student, self._assignment)))
        return hashlib.sha256(json.dumps([self._rests, given, state, made]).encode()).hexdigest()


def _files(folder: str | Path) -> Iterator[tuple[str, str, os.stat_result]]:
    """Everything in a folder that is no folder: name, path and status, in an order of its own."""
    for where, folders, files in os.walk(folder):
        folders.sort()
        linked = [f for f in folders if os.path.islink(os.path.join(where, f))]
        for name in sorted((*files, *linked)):
            path = os.path.join(where, name)
            yield os.path.relpath(path, folder), path, os.lstat(path)


def _looked_at(folder: Path) -> list[tuple[str, int, int, int]]:
    """What tells that no file in a folder was touched."""
    return [(name, s.st_size, s.st_mtime_ns, s.st_mode) for name, _, s in _files(folder)]
