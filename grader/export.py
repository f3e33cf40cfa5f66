"""Marks for the gradebooks of Canvas, Moodle and Blackboard, in the files that they import.

Each class is an export plugin of nbgrader's, so ``nbgrader export --exporter=grader.export.Canvas`` works too.
Given the file that the same gradebook exports (a *roster*), it is filled in: who is who and which column is
which is taken from it, and nothing else in it changes.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from nbgrader.api import Gradebook, Student
from nbgrader.plugins import ExportPlugin
from sqlalchemy import select
from traitlets import Enum, Unicode

from grader import gradebook as books
from grader.course import CourseError, write_atomically

FORMULA = re.compile(r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n]")
NUMBER = re.compile(r"\s*[+-]?[\d.,\u2019 ]*%?\s*")
"""No formula, and neither is the lone hyphen that Moodle writes where there is no grade."""
EXCUSED = "EX"
"""What Canvas writes where a person has excused a learner."""
ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"), (b"", "utf-8"))


@dataclass(frozen=True)
class Person:
    """A student of the gradebook; what is not known is empty."""

    id: str
    first: str
    last: str
    email: str
    lms: str
    """nbgrader's ``lms_user_id``."""


@dataclass(frozen=True)
class Total:
    """What a student has for an assignment, as nbgrader counts it."""

    mark: float
    """With manual marks, less the penalty for being late, and never below 0."""
    penalty: float
    by_hand: int
    """Questions that a person still has to mark; they count 0 so far."""


@dataclass
class Sheet:
    """A table of texts, and how it is written in a file."""

    rows: list[list[str]]
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\r\n"
    quoting: Any = csv.QUOTE_MINIMAL

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a file in UTF-8 or, with a mark at its beginning, UTF-16, with commas, semicolons or tabs.

        Raises
        ------
        CourseError
            If it cannot be read, or its lines do not fit its first one.
        """
        try:
            data = path.read_bytes()
            encoding = next(name for mark, name in ENCODINGS if data.startswith(mark))
            text = data.decode(encoding)
        except OSError as error:
            raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CourseError(f"{path} is not in UTF-8: export it again, or save it as 'CSV UTF-8'.") from None
        first = text.partition("\n")[0]
        quoting = csv.QUOTE_ALL if first.startswith('"') else csv.QUOTE_MINIMAL
        newline = "\r\n" if first.endswith("\r") else "\n"
        delimiter = max("\t;,", key=lambda d: len(next(csv.reader([first], delimiter=d), [])))
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise CourseError(f"{path} is no table: {error}.") from None
        if not rows or len(rows[0]) < 2:
            raise CourseError(f"{path} is no gradebook: its first line names no columns.")
        for number, row in enumerate(rows, start=1):
            if len(row) > len(rows[0]):
                raise CourseError(f"{path}: row {number} has {len(row)} fields, the first has {len(rows[0])}.")
            row += [""] * (len(rows[0]) - len(row)) if row else []
        return cls(rows, delimiter, encoding, newline, quoting)

    def write(self, path: Path) -> None:
        """Write all of it or nothing.

        Raises
        ------
        CourseError
            If it cannot be written.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline, quoting=self.quoting)
        writer.writerows(self.rows)
        try:
            write_atomically(path, text.getvalue().encode(self.encoding))
        except OSError as error:
            raise CourseError(f"{path} cannot be written: {error.strerror}.") from None


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it where one would."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def number(value: float) -> str:
    """To four digits after the point, without needless zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def totals(gradebook: Gradebook) -> dict[tuple[str, str], Total]:
    """What every student has for every assignment that they handed in."""
    grades = books.grades(gradebook)
    keys = ["assignment", "student"]
    penalties = grades.drop_duplicates([*keys, "notebook"]).groupby(keys)["penalty"].sum()
    sums = grades.astype({"by_hand": int}).groupby(keys)[["score", "by_hand"]].sum().join(penalties)
    return {
        (str(assignment), str(student)): Total(max(0.0, score - penalty), penalty, by_hand)
        for (assignment, student), score, by_hand, penalty in sums.itertuples(name=None)
    }


@dataclass
class Told:
    """What a person has to know of an export."""

    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Marks that are not in the file."""


class Lms(ExportPlugin):
    """What the three have in common."""

    roster = Unicode("", help="The gradebook's own export, which is filled in.").tag(config=True)
    unfinished = Enum(
        ["", "export", "leave-out"],
        "",
        help="What becomes of submissions with questions that a person still has to mark.",
    ).tag(config=True)

    name: ClassVar[str]
    suffix: ClassVar[str] = "csv"
    known_by: ClassVar[dict[str, tuple[str, ...]]]
    """Columns that say who somebody is, the surest first, with what of a `Person` may stand there."""
    title: ClassVar[re.Pattern[str]]
    """A column of marks: its title, and where the file says so the points that it is out of."""

    def export(self, gradebook: Gradebook) -> None:
        """As nbgrader calls it: what a person has to know goes into its log."""
        try:
            told = self.run(gradebook)
        except CourseError as error:
            self.log.error(str(error))
            sys.exit(1)
        for line in (*told.lost, *told.notes):
            self.log.warning(line)
        self.log.info("Exported to %s", self.target)

    @property
    def target(self) -> Path:
        return Path(self.to or f"grades_{self.name.lower()}.{self.suffix}")

    def run(self, gradebook: Gradebook) -> Told:
        """Write the file.

        Raises
        ------
        CourseError
            If there is nothing to export, nobody chose what becomes of submissions that are not fully marked,
            or the roster is not clear about who is who. Nothing is written then.
        """
        maxima = {a.name: float(a.max_score) for a in gradebook.assignments}
        for what in map(str, self.assignment):
            if what not in maxima:
                raise CourseError(f"The gradebook knows no {what}; it knows: {', '.join(maxima) or 'nothing'}.")
        chosen = {n: m for n, m in maxima.items() if not self.assignment or n in map(str, self.assignment)}
        marks = {k: t for k, t in totals(gradebook).items() if k[0] in chosen}
        people = _people(gradebook)
        if wanted := set(map(str, self.student)):
            if unknown := sorted(wanted - {p.id for p in people}):
                raise CourseError(f"The gradebook knows no student {unknown[0]!r}.")
            people = [p for p in people if p.id in wanted]
            marks = {k: t for k, t in marks.items() if k[1] in wanted}
        if not marks:
            raise CourseError("There are no marks to export: run 'grader autograde' first.")
        told = Told()
        marks = self._finished(marks, told)
        if self.roster:
            path = Path(self.roster)
            if path.resolve() == self.target.resolve():
                raise CourseError(f"{path} is the roster itself: choose another file for the marks.")
            sheet = Sheet.read(path)
            rows = self._rows(sheet, people, told, {student for _, student in marks})
            self._defuse(sheet, told)
        else:
            sheet = self.blank(people)
            rows = {p.id: len(sheet.rows) - len(people) + i for i, p in enumerate(people)}
        for name, top in chosen.items():
            column = self._column(sheet, name, top, told)
            for student, row in rows.items():
                if total := marks.get((name, student)):
                    if sheet.rows[row][column].strip().upper() == EXCUSED:
                        told.notes.append(f"{student} is excused from {name} in {self.roster}: left as it was.")
                        continue
                    sheet.rows[row][column] = number(total.mark)
                    self.remark(sheet, row, column, total)
        sheet.write(self.target)
        return told

    def _finished(self, marks: dict[tuple[str, str], Total], told: Told) -> dict[tuple[str, str], Total]:
        """The marks that are exported, as was chosen for those that are not final."""
        waiting = Counter(a for (a, _), total in marks.items() if total.by_hand)
        if not waiting:
            return marks
        which = ", ".join(f"{n} of {a}" for a, n in waiting.items())
        if not self.unfinished:
            raise CourseError(
                f"Submissions with questions that a person still has to mark: {which}. Mark them in formgrader, or say "
                "'--unfinished export' (those questions count 0 so far) or '--unfinished leave-out'."
            )
        if self.unfinished == "export":
            told.notes.append(f"Exported although questions still have to be marked by hand: {which}.")
            return marks
        told.notes.append(f"Left out because questions still have to be marked by hand: {which}.")
        return {k: total for k, total in marks.items() if not total.by_hand}

    def _defuse(self, sheet: Sheet, told: Told) -> None:
        changed = 0
        for row in sheet.rows:
            for i, text in enumerate(row):
                row[i] = defused(text)
                changed += row[i] != text
        if changed:
            told.notes.append(f"Fields of {self.roster} that begin like a formula and got an apostrophe: {changed}.")

    def _rows(self, sheet: Sheet, people: Sequence[Person], told: Told, marked: set[str]) -> dict[str, int]:
        """In which row a student stands."""
        header = [h.strip() for h in sheet.rows[0]]
        columns = [(header.index(h), attributes) for h, attributes in self.known_by.items() if h in header]
        if not columns:
            raise CourseError(
                f"{self.roster} has none of the columns {', '.join(self.known_by)}: "
                f"is it the export of a {self.name} gradebook, in English?"
            )
        indexes = [(column, _index(people, attributes)) for column, attributes in columns]
        rows: dict[str, int] = {}
        where = self.roster
        for i, row in enumerate(sheet.rows[1:], start=1):
            if not any(row) or self.heading(row):
                continue
            found = {p for column, look in indexes for p in look(row[column])}
            if len(found) > 1:
                raise CourseError(f"Row {i + 1} of {where} fits both {' and '.join(sorted(found))}: mend the ids.")
            if not found:
                told.notes.append(f"{_shown(row)} (row {i + 1} of {where}) is not in the gradebook: left as it was.")
                continue
            (student,) = found
            if student in rows:
                raise CourseError(f"{student} stands in {where} twice, in rows {rows[student] + 1} and {i + 1}.")
            rows[student] = i
        for person in people:
            if person.id not in rows:
                what = "the marks are not exported" if person.id in marked else "there are no marks"
                (told.lost if person.id in marked else told.notes).append(f"{person.id} is not in {where}: {what}.")
        return rows

    def _column(self, sheet: Sheet, name: str, top: float, told: Told) -> int:
        """Where an assignment's marks stand; a column is added where there is none."""
        found = [
            (i, m) for i, h in enumerate(sheet.rows[0]) if (m := self.title.fullmatch(h)) and _same(m["title"], name)
        ]
        if len(found) > 1:
            raise CourseError(f"{self.roster} has {len(found)} columns for {name}: rename all but one.")
        if not found:
            for i, row in enumerate(sheet.rows):
                row += [name if i == 0 else self.heading_value(row, top)] if row else []
            if self.roster:
                told.notes.append(f"{self.roster} has no column {name}: one was added. {self.added}")
            return len(sheet.rows[0]) - 1
        column, match = found[0]
        out_of = self.out_of(sheet, column, match)
        if out_of is not None and abs(out_of - top) > 1e-6:
            told.notes.append(f"{name} is out of {number(out_of)} in {self.name} and out of {number(top)} here.")
        return column

    added: ClassVar[str] = ""

    def blank(self, people: Sequence[Person]) -> Sheet:
        """A file without marks, for a gradebook whose own export is not at hand."""
        raise NotImplementedError

    def heading(self, row: Sequence[str]) -> bool:
        """Whether a row is about columns, and not about a person."""
        return False

    def heading_value(self, row: Sequence[str], top: float) -> str:
        """What stands in such a row under a new column, and in any other row."""
        return ""

    def out_of(self, sheet: Sheet, column: int, match: re.Match[str]) -> float | None:
        """The points that the gradebook gives for a column, where the file says so."""
        return None

    def remark(self, sheet: Sheet, row: int, column: int, total: Total) -> None:
        """Say more about a mark, where the file has a place for it."""


class Canvas(Lms):
    """Canvas: Student, ID, SIS User ID, SIS Login ID, Section, ``Title (number)``; a row *Points Possible*."""

    name = "Canvas"
    known_by: ClassVar = {
        "ID": ("lms",),
        "SIS User ID": ("id",),
        "SIS Login ID": ("id", "email"),
    }
    title = re.compile(r"(?P<title>.*?)(?: \(\d+\))?")
    added = "Canvas will ask whether it is a new assignment."

    def blank(self, people: Sequence[Person]) -> Sheet:
        rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section"], ["    Points Possible", "", "", "", ""]]
        rows += [[defused(_name(p)), defused(p.lms), "", defused(p.id), ""] for p in people]
        return Sheet(rows)

    def heading(self, row: Sequence[str]) -> bool:
        return row[0].strip() in ("Points Possible", "") and not any(row[1:4])

    def heading_value(self, row: Sequence[str], top: float) -> str:
        return number(top) if row[0].strip() == "Points Possible" else ""

    def out_of(self, sheet: Sheet, column: int, match: re.Match[str]) -> float | None:
        row = next((r for r in sheet.rows[1:3] if r and r[0].strip() == "Points Possible"), None)
        return _float(row[column]) if row else None


class Moodle(Lms):
    """Moodle: Username, ID number or Email address, ``Assignment: Title (Real)``, and ``… (Feedback)``."""

    name = "Moodle"
    known_by: ClassVar = {
        "Username": ("id",),
        "ID number": ("id", "lms"),
        "Email address": ("email", "id"),
    }
    title = re.compile(r"(?:[\w ]+: )?(?P<title>.*?)(?: \(Real\))?")
    added = "Moodle takes a new column only when you map it to a grade item: make the item first, and export again."

    def blank(self, people: Sequence[Person]) -> Sheet:
        rows = [["First name", "Last name", "Username", "ID number", "Email address"]]
        rows += [[defused(text) for text in (p.first, p.last, p.id, p.lms, p.email)] for p in people]
        return Sheet(rows)

    def remark(self, sheet: Sheet, row: int, column: int, total: Total) -> None:
        """A penalty goes into the feedback: Moodle shows the learner no other reason for a lower mark."""
        base = sheet.rows[0][column].removesuffix(" (Real)")
        if total.penalty and f"{base} (Feedback)" in sheet.rows[0]:
            said = f"{number(total.penalty)} points less for being late"
            feedback = sheet.rows[0].index(f"{base} (Feedback)")
            sheet.rows[row][feedback] = said


class Blackboard(Lms):
    """Blackboard: Last Name, First Name, Username, ``Title [Total Pts: 10 Score] |number``; tabs, UTF-16."""

    name = "Blackboard"
    suffix = "xls"
    known_by: ClassVar = {"Username": ("id", "email"), "Student ID": ("id", "lms")}
    title = re.compile(r"(?P<title>.*?)(?: \[Total Pts: (?:up to )?(?P<top>[\d.,]+)[^\]]*\])?(?: ?\|\d+)?")
    added = "Blackboard makes it a column of texts out of 0 points: make the column there first, and download again."

    def blank(self, people: Sequence[Person]) -> Sheet:
        rows = [["Last Name", "First Name", "Username", "Student ID"]]
        rows += [[defused(text) for text in (p.last, p.first, p.id, p.lms)] for p in people]
        return Sheet(rows, "\t", "utf-16", quoting=csv.QUOTE_ALL)

    def out_of(self, sheet: Sheet, column: int, match: re.Match[str]) -> float | None:
        return _float(match["top"] or "")


FORMATS: dict[str, type[Lms]] = {"canvas": Canvas, "moodle": Moodle, "blackboard": Blackboard}


def _people(gradebook: Gradebook) -> list[Person]:
    order = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    found = gradebook.db.execute(select(*order).order_by(Student.id)).all()
    return [Person(*(str(text or "").strip() for text in row)) for row in found]


def _name(person: Person) -> str:
    return (
        f"{person.last}, {person.first}" if person.last and person.first else person.last or person.first or person.id
    )


def _index(people: Sequence[Person], attributes: Sequence[str]) -> Callable[[str], set[str]]:
    """Finds whose name, id or address a text is: as it is written, else whatever its capitals."""
    exact: dict[str, set[str]] = {}
    folded: dict[str, set[str]] = {}
    for person in people:
        for text in (getattr(person, a) for a in attributes):
            if text:
                exact.setdefault(text, set()).add(person.id)
                folded.setdefault(text.casefold(), set()).add(person.id)

    def look(text: str) -> set[str]:
        text = text.strip()
        return exact.get(text) or folded.get(text.casefold()) or set()

    return look


def _same(title: str, name: str) -> bool:
    return title.strip().replace(" ", "_").casefold() == name.replace(" ", "_").casefold()


def _shown(row: Sequence[str]) -> str:
    """Who a row is about, on one line."""
    text = " ".join(" ".join(row[:2]).split())
    return "".join(c for c in text if c.isprintable())[:60] or "Somebody without a name"


def _float(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
