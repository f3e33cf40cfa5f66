"""Marks in the files that Canvas, Moodle and Blackboard import: filled in, parsed again, nothing else changed.

The rosters in ``tests/files/lms`` are small gradebooks in the shape of each system's own export.
"""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp
from traitlets.config import Config
from typer.testing import CliRunner

from grader.autograde import api_for
from grader.cli import app
from grader.course import CourseError
from grader.export import FORMATS, Lms, Sheet, defused

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

FILES = Path(__file__).parent / "files" / "lms"
ROSTERS = {"canvas": "canvas.csv", "moodle": "moodle.csv", "blackboard": "blackboard.xls"}
FIRST, SECOND = "01_perceptron_limits", "05_layer_classes"
COURSE = "neural_networks_by_hand"
PEOPLE = {
    "ada": {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@uni.example", "lms_user_id": "5001"},
    "jose": {"first_name": "José", "last_name": 'Nuñez "Nu"', "email": "jose@uni.example"},
    "xiaoming": {"first_name": "小明", "last_name": "王", "email": "Xiaoming@uni.example"},
}
MARKS = {("ada", FIRST): 3.5, ("ada", SECOND): 4.0, ("jose", FIRST): 0.6667, ("xiaoming", SECOND): 0.0}
"""Ada's 3.5 are 2 by the grader and 2 by a person, less half a point for being late; 小明 came far too late."""


@pytest.fixture
def folder(once, tmp_path):
    """A course folder whose gradebook holds the marks above."""
    return Path(shutil.copytree(once("marks", make), tmp_path / "course"))


def make(root: Path) -> None:
    root.mkdir()
    (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n")
    for name in (FIRST, SECOND):
        (root / "source" / name).mkdir(parents=True)
    api_for(root)  # nbgrader starts alembic by name, and this puts it on the path
    with Gradebook(f"sqlite:///{root}/gradebook.db", COURSE) as book:
        for name, top in ((FIRST, 2), (SECOND, 4)):
            book.add_assignment(name)
            book.add_notebook(name, name)
            book.add_grade_cell("neuron-check", name, name, max_score=top, cell_type="code")
            book.add_grade_cell("why-1", name, name, max_score=2, cell_type="markdown")
        for student, person in PEOPLE.items():
            book.add_student(student, **person)
        for student, name, auto, by_hand, late in (
            ("ada", FIRST, 2, 2, 0.5),
            ("ada", SECOND, 4, 0, 0),
            ("jose", FIRST, 2 / 3, 0, 0),
            ("xiaoming", SECOND, 1, 0, 3),
        ):
            book.add_submission(name, student)
            (notebook,) = book.find_submission(name, student).notebooks
            notebook.late_submission_penalty = late
            for cell, auto_score, manual in (("neuron-check", auto, None), ("why-1", None, by_hand)):
                grade = book.find_grade(cell, name, name, student)
                grade.auto_score, grade.manual_score, grade.needs_manual_grade = auto_score, manual, False
        book.db.commit()


def run(folder: Path, to: str, name: str = "out", **options: object) -> tuple[Lms, list[str]]:
    plugin = FORMATS[to](to=str(folder / name), **options)
    with Gradebook(f"sqlite:///{folder}/gradebook.db", COURSE) as book:
        told = plugin.run(book)
    return plugin, told.lost + told.notes


def change(folder: Path, student: str, name: str, **grade: object) -> None:
    with Gradebook(f"sqlite:///{folder}/gradebook.db", COURSE) as book:
        found = book.find_grade("why-1", name, name, student)
        for key, value in grade.items():
            setattr(found, key, value)
        book.db.commit()


def parsed(path: Path, to: str) -> pd.DataFrame:
    """The file as pandas reads it, with students and assignments by our names."""
    options = {"sep": "\t", "encoding": "utf-16"} if to == "blackboard" else {"encoding": "utf-8-sig"}
    table = pd.read_csv(path, dtype=str, keep_default_na=False, **options)
    who = {"canvas": "SIS Login ID", "moodle": "Email address", "blackboard": "Username"}[to]
    table.index = table[who].str.partition("@")[0]
    return table


def marks_in(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    found = {}
    for name in (FIRST, SECOND):
        (column,) = (c for c in table if name in c.replace(" ", "_") and "Feedback" not in c and "Percentage" not in c)
        found |= {(s, name): float(table.at[s, column]) for s in PEOPLE if table.at[s, column] not in ("", "-")}
    return found


@pytest.mark.parametrize("to", FORMATS)
def test_marks_come_back_from_a_file_without_a_roster(folder, to):
    _, said = run(folder, to)
    if to == "moodle":  # two columns may name a person: the address may be missing, the name never is
        table = parsed(folder / "out", to).set_index("Username")
    else:
        table = parsed(folder / "out", to)
    assert marks_in(table) == MARKS and said == []


@pytest.mark.parametrize("to", FORMATS)
def test_marks_come_back_from_a_roster_and_nothing_else_in_it_changes(folder, to):
    roster = FILES / ROSTERS[to]
    run(folder, to, roster=str(roster))
    before, after = parsed(roster, to), parsed(folder / "out", to)
    kept = {("xiaoming", FIRST): 1.0}  # handed in nothing here, has a mark there
    assert marks_in(after) == MARKS | kept
    old, new = Sheet.read(roster), Sheet.read(folder / "out")
    assert (old.delimiter, old.encoding, old.newline) == (new.delimiter, new.encoding, new.newline)
    filled = {i for i, h in enumerate(new.rows[0]) if h.startswith(("0", "Assignment: 01")) and "Percentage" not in h}
    for was, now in zip(old.rows, new.rows, strict=True):
        assert [t for i, t in enumerate(was) if i not in filled] == [
            t for i, t in enumerate(now[: len(was)]) if i not in filled
        ]
    assert list(before.index) == list(after.index) and "王" in (folder / "out").read_bytes().decode(new.encoding)


def test_a_file_for_canvas_says_what_its_columns_are_out_of(folder):
    run(folder, "canvas")
    assert Sheet.read(folder / "out").rows[1] == ["    Points Possible", "", "", "", "", "4", "6"]


def test_who_is_missing_on_either_side_is_said_in_one_sentence_each(folder):
    roster = FILES / "canvas.csv"
    with Gradebook(f"sqlite:///{folder}/gradebook.db", COURSE) as book:
        book.add_student("eve")
        book.add_student("zoe")
        book.add_submission(FIRST, "eve")
    _, said = run(folder, "canvas", roster=str(roster), unfinished="export")
    assert said == [
        f"eve is not in {roster}: the marks are not exported.",
        f"Exported although questions still have to be marked by hand: 1 of {FIRST}.",
        f"Student, Test 5999 (row 7 of {roster}) is not in the gradebook: left as it was.",
        f"zoe is not in {roster}: there are no marks.",
    ]


def test_a_new_column_and_other_points_are_told(folder):
    _, said = run(folder, "moodle", roster=str(FILES / "moodle.csv"))
    assert len(said) == 1 and "has no column 05_layer_classes: one was added. Moodle takes" in said[0]
    _, said = run(folder, "blackboard", roster=str(FILES / "blackboard.xls"))
    assert said == [f"{SECOND} is out of 10 in Blackboard and out of 6 here."]


def test_whom_canvas_has_excused_stays_excused(folder):
    text = (FILES / "canvas.csv").read_text(encoding="utf-8-sig")
    (folder / "roster.csv").write_text(text.replace(",7,1,,70.0", ",7,1,EX,70.0"))
    _, said = run(folder, "canvas", roster=str(folder / "roster.csv"))
    assert f"xiaoming is excused from {SECOND} in {folder / 'roster.csv'}: left as it was." in said
    assert parsed(folder / "out", "canvas").at["xiaoming", f"{SECOND} (902)"] == "EX"


def test_moodle_is_told_why_a_late_mark_is_lower(folder):
    run(folder, "moodle", roster=str(FILES / "moodle.csv"))
    feedback = parsed(folder / "out", "moodle")[f"Assignment: {FIRST} (Feedback)"]
    assert feedback.to_dict() == {"ada": "0.5 points less for being late", "jose": "", "xiaoming": ""}


def test_what_becomes_of_unfinished_marks_has_to_be_chosen(folder):
    change(folder, "ada", FIRST, needs_manual_grade=True, manual_score=None)
    with pytest.raises(CourseError, match=f"still has to mark: 1 of {FIRST}. .*'--unfinished export'"):
        run(folder, "canvas")
    assert not (folder / "out").exists()
    _, said = run(folder, "canvas", unfinished="export")
    assert marks_in(parsed(folder / "out", "canvas")) == {**MARKS, ("ada", FIRST): 1.5}
    assert said == [f"Exported although questions still have to be marked by hand: 1 of {FIRST}."]
    _, said = run(folder, "canvas", unfinished="leave-out")
    assert marks_in(parsed(folder / "out", "canvas")) == {k: m for k, m in MARKS.items() if k != ("ada", FIRST)}
    assert said == [f"Left out because questions still have to be marked by hand: 1 of {FIRST}."]


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\uff1d1", "\r@x"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text):
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "-", "-3.5", "+4,25", "-12 %", "ada", "a=b", "    Points Possible", "O'Brien-Smith"]
)
def test_numbers_and_other_texts_stay(text):
    assert defused(text) == text


@pytest.mark.parametrize("to", FORMATS)
def test_no_name_becomes_a_formula(folder, to):
    with Gradebook(f"sqlite:///{folder}/gradebook.db", COURSE) as book:
        book.update_or_create_student(
            "ada", last_name='=HYPERLINK("http://x")', first_name="@ada", email="+a@b.example"
        )
    run(folder, to)
    cells = [cell for row in Sheet.read(folder / "out").rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells) and not [c for c in cells if c.startswith(("=", "@", "+"))]


def test_a_roster_with_a_formula_is_defused_and_said(folder):
    text = (FILES / "canvas.csv").read_text(encoding="utf-8-sig").replace("Group B", "=1+1")
    (folder / "roster.csv").write_text(text)
    _, said = run(folder, "canvas", roster=str(folder / "roster.csv"))
    assert any(line.endswith("begin like a formula and got an apostrophe: 2.") for line in said)
    assert {r[4] for r in csv.reader((folder / "out").open(newline="")) if r[0]} >= {"'=1+1"}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("ID,SIS User ID,SIS Login ID", "a,b,c", "has none of the columns ID, SIS User ID, SIS Login ID"),
        ("s-101,jose@uni.example", "s-101,ada", "ada stands in .* twice, in rows 4 and 5"),
        ("5001,s-100,ada", "5001,s-100,jose", "fits both ada and jose"),
        ("05_layer_classes (902)", "01_perceptron_limits (902)", "has 2 columns for 01_perceptron_limits"),
        ("Group B,8", 'Group B,"8', "is no table"),
        ("Group B,8,,", "Group B,8,,,,,,,", "row 5 has 1[0-9] fields"),
    ],
)
def test_a_roster_that_is_not_clear_stops_the_export(folder, old, new, why):
    text = (FILES / "canvas.csv").read_text(encoding="utf-8-sig")
    assert old in text
    (folder / "roster.csv").write_text(text.replace(old, new, 1))
    with pytest.raises(CourseError, match=why):
        run(folder, "canvas", roster=str(folder / "roster.csv"))
    assert not (folder / "out").exists()


def test_a_roster_that_is_no_text_or_not_there_or_the_target_is_refused(folder):
    (folder / "bad.csv").write_bytes(b"Student,ID\n\xff\xfe\x00")
    for roster, why in (
        ("bad.csv", "is not in UTF-8"),
        ("none.csv", "cannot be read"),
        ("out", "is the roster itself"),
    ):
        with pytest.raises(CourseError, match=why):
            run(folder, "canvas", roster=str(folder / roster))


def test_the_command_writes_the_file_and_ends_with_1_where_marks_are_missing(folder):
    out = folder / "grades.csv"
    command = ["export", "--to", "canvas", "--course", str(folder), "--output", str(out)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0 and out.exists(), done.output
    assert CliRunner().invoke(app, [*command[:2], "ilias", *command[3:]]).exit_code == 1
    text = (FILES / "canvas.csv").read_text(encoding="utf-8-sig")
    (folder / "roster.csv").write_text(re.sub(r'"Lovelace.*\n', "", text))
    done = CliRunner().invoke(app, [*command, "--roster", str(folder / "roster.csv")])
    assert done.exit_code == 1 and "ada is not in" in done.output and "jose@uni.example" in out.read_text()


def test_nbgraders_own_command_takes_the_plugin(folder, monkeypatch):
    monkeypatch.chdir(folder)
    config = Config()
    config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
    config.CourseDirectory.course_id = COURSE
    ours = ExportApp(config=config)
    ours.initialize(["--exporter=grader.export.Moodle", f"--to={folder / 'm.csv'}", "--ExportPlugin.assignment", FIRST])
    ours.start()
    assert list(pd.read_csv(folder / "m.csv").columns)[5:] == [FIRST]
