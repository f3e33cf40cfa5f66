"""A term on one machine, from release to feedback, through the commands that instructor and students type."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils
from typer.testing import CliRunner

from grader.assignment import grade_id, load
from grader.autograde import api_for
from grader.cli import app
from grader.course import CourseError
from grader.init import init, known_timezone
from grader.sandbox import available
from tests.term import UIDS, Term, fill, marks

FIRST = "01_perceptron_limits"
WRONG = "sigmoid"
WHY = "perceptron-why-1"
ROUTINE = re.compile(r"seconds late$|Late submission penalty: |(?:Removing|Updating) existing assignment: ")
"""What nbgrader warns of where all is as it should be."""

pytestmark = pytest.mark.skipif(available() is not None, reason=str(available()))


@dataclass
class Story:
    """What happened, and what the gradebook held after each step."""

    term: Term
    marks: dict[str, dict] = field(default_factory=dict)
    totals: dict[str, dict] = field(default_factory=dict)
    kept: dict[str, dict] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)

    def note(self, step: str) -> None:
        with self.term.gradebook as book:
            self.marks[step] = marks(book, FIRST)
            submissions = {s.student.id: s for s in book.find_assignment(FIRST).submissions}
            self.totals[step] = {who: s.score - s.late_submission_penalty for who, s in submissions.items()}
            self.kept[step] = {
                who: (
                    book.find_grade(WHY, FIRST, FIRST, who).manual_score,
                    book.find_comment(WHY, FIRST, FIRST, who).comment,
                )
                for who in submissions
            }

    def page(self, who: str) -> str:
        (page,) = sorted((self.term.home(who) / FIRST / "feedback").glob("*/*.html"))[-1:]
        return " ".join(html.unescape(re.sub("<[^>]+>", "", page.read_text())).split())

    def computed(self, step: str, who: str) -> dict[str, float]:
        """The marks of the exercises."""
        cells = self.marks[step][who].items()
        return {name.removesuffix("-check"): auto for name, (auto, _, _) in cells if name.endswith("-check")}


def answer(term: Term, who: str, **gaps: str) -> None:
    """Fill in what a student fetched."""
    solution = load(term.course / "source" / FIRST)
    texts = {**solution.gaps, WHY: f"The sums agree, {who} says.", **gaps}
    fill(term.home(who) / FIRST / f"{FIRST}.ipynb", texts)


def first_steps(story: Story) -> None:
    """Release, hand in, mark by both commands and by hand, feedback."""
    term = story.term
    term.course.mkdir()
    term.instructor("grader", "init", ".", FIRST, "--exchange", str(term.exchange))
    term.instructor("nbgrader", "generate_assignment", FIRST)
    term.instructor("nbgrader", "release_assignment", FIRST)
    solution = load(term.course / "source" / FIRST)
    story.points = solution.points
    wrong = solution.misconceived(WRONG, solution.exercises[WRONG].misconceptions[0])
    for who, gaps in {"ada": {}, "bea": {WRONG: wrong}}.items():
        term.settle(who)
        story.said[f"{who} fetches"] = term.student(who, "nbgrader", "fetch_assignment", FIRST)
        answer(term, who, **gaps)
        term.student(who, "nbgrader", "submit", FIRST)
    story.said["list"] = term.student("ada", "nbgrader", "list", "--cached")
    story.said["collect"] = term.instructor("nbgrader", "collect", FIRST)
    term.instructor("grader", "autograde")
    story.note("grader autograde")
    term.instructor("nbgrader", "autograde", FIRST, "--force")
    story.note("nbgrader autograde")
    with term.gradebook as book:
        for who, mark in {"ada": 2.0, "bea": 0.5}.items():
            grade = book.find_grade(WHY, FIRST, FIRST, who)
            grade.manual_score, grade.needs_manual_grade = mark, False
            book.find_comment(WHY, FIRST, FIRST, who).manual_comment = f"Which sums, {who}?"
        book.db.commit()
    term.instructor("nbgrader", "generate_feedback", FIRST)
    term.instructor("nbgrader", "release_feedback", FIRST)
    term.student("bea", "nbgrader", "fetch_feedback", FIRST)
    story.said["page"] = story.page("bea")


def what_happens_later(story: Story) -> None:
    """Late work, handed in again, an extension, a corrected exercise."""
    term = story.term
    term.instructor("nbgrader", "db", "assignment", "add", FIRST, "--duedate=2020-01-01 12:00 +0100")
    config = term.course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("# c.LateSubmissionPlugin", "c.LateSubmissionPlugin"))
    answer(term, "bea")
    term.student("bea", "nbgrader", "submit", FIRST)
    story.said["collect again"] = term.instructor("nbgrader", "collect", FIRST, "--update")
    term.instructor("nbgrader", "autograde", FIRST)
    story.note("late")
    with term.gradebook as book:
        book.grant_extension(FIRST, "bea", weeks=5000)
    term.instructor("grader", "autograde")
    story.note("extension")
    source = term.course / "source" / FIRST / f"{FIRST}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    (check,) = [c for c in notebook.cells if grade_id(c) == f"{WRONG}-check"]
    check.metadata["nbgrader"]["points"] *= 2
    nbformat.write(notebook, source)
    term.instructor("nbgrader", "generate_assignment", FIRST, "--force")
    term.instructor("grader", "autograde")
    story.note("corrected")


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    story = Story(Term(tmp_path_factory.mktemp("term")))
    first_steps(story)
    what_happens_later(story)
    return story


@pytest.mark.slow
class TestATerm:
    """One term; its commands all ended well."""

    def test_a_student_fetches_what_was_released_and_hands_in_under_the_name_of_their_account(self, story):
        assert "Fetched as: neural_networks_by_hand" in story.said["ada fetches"]
        handed_in = sorted(p.parent.name for p in (story.term.course / "submitted").glob(f"*/{FIRST}"))
        assert handed_in == sorted(UIDS)
        assert "Processing 2 submissions" in story.said["collect"] and "cheating" not in story.said["collect"]
        assert f"ada {FIRST}" in story.said["list"] and "bea" not in story.said["list"]

    def test_a_student_reads_neither_the_course_folder_nor_what_others_handed_in(self, story):
        term = story.term
        if not term.accounts:
            pytest.skip("accounts can only be made as root")
        look = f"ls {term.course}/source {term.home('bea')} {term.exchange}/*/inbound {term.exchange}/*/feedback"
        said = term.student("ada", "sh", "-c", f"{look}; mv {term.exchange}/neural* {term.exchange}/mine; true")
        assert said.count("No such file") == 2 and said.count("ermission denied") == 2 and "not permitted" in said

    def test_grader_and_nbgrader_give_the_same_marks(self, story):
        assert story.marks["grader autograde"] == story.marks["nbgrader autograde"]

    def test_each_gets_what_their_functions_deserve(self, story):
        assert story.computed("grader autograde", "ada") == story.points
        short = {k for k, mark in story.computed("grader autograde", "bea").items() if mark < story.points[k]}
        assert short == {WRONG}

    def test_the_page_a_student_fetches_names_the_misconception_and_has_the_comment_made_by_hand(self, story):
        exercise = load(story.term.course / "source" / FIRST).exercises[WRONG]
        message = " ".join(exercise.misconceptions[0].message.split())
        assert re.sub(r"\W", "", message) in re.sub(r"\W", "", story.said["page"])
        assert "Which sums, bea?" in story.said["page"] and "Which sums, ada?" not in story.said["page"]

    def test_work_handed_in_again_takes_the_place_of_the_first_and_is_marked_anew(self, story):
        assert "Updating submission: bea" in story.said["collect again"]
        assert "No newer submission to collect: ada" in story.said["collect again"]
        assert story.computed("late", "bea") == story.computed("grader autograde", "ada")

    def test_late_work_has_its_penalty_and_an_extension_lifts_it(self, story):
        assert story.totals["grader autograde"]["bea"] > 0 and story.totals["late"]["bea"] == 0
        assert story.totals["extension"] == {"ada": 0, "bea": sum(story.computed("late", "bea").values()) + 0.5}

    @pytest.mark.parametrize("step", ["late", "extension", "corrected"])
    def test_marks_and_comments_made_by_hand_are_kept(self, story, step):
        assert story.kept[step] == {"ada": (2.0, "Which sums, ada?"), "bea": (0.5, "Which sums, bea?")}

    def test_a_corrected_exercise_is_marked_anew_and_the_others_stay_as_they_were(self, story):
        before, after = (story.computed(step, "bea") for step in ("extension", "corrected"))
        assert after == before | {WRONG: 2 * before[WRONG]}

    def test_no_command_says_anything_that_would_frighten_an_instructor(self, story):
        for done in story.term.done:
            odd = [line for line in done.said.splitlines() if re.search("warning|error|traceback|critical", line, re.I)]
            assert [line for line in odd if not ROUTINE.search(line)] == [], done.command


# grader init


@pytest.fixture
def made(tmp_path):
    """``made(*options)``: what 'grader init' says, on one line, and how it ends."""

    def make(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["init", str(tmp_path / "term"), FIRST, *options])
        return done.exit_code, " ".join(done.output.split())

    return make


def test_the_settings_say_what_was_asked_for(made, tmp_path):
    assert made("--exchange", str(tmp_path / "ex"), "--timezone", "Europe/Berlin", "--course", "nn26")[0] == 0
    text = (tmp_path / "term" / "nbgrader_config.py").read_text()
    for line in ("course_id = 'nn26'", "timezone = 'Europe/Berlin'", f"\nc.Exchange.root = '{tmp_path}/ex'"):
        assert line in text
    assert "\n# c.CourseDirectory.db_url" in text
    assert (tmp_path / "ex").stat().st_mode & 0o7777 == 0o1777


def test_without_an_exchange_the_settings_leave_nbgraders_own(made, tmp_path):
    assert made()[0] == 0
    assert "\n# c.Exchange.root" in (tmp_path / "term" / "nbgrader_config.py").read_text()


def test_the_readme_shows_every_command_of_a_term(made, tmp_path):
    made()
    text = (tmp_path / "term" / "README.txt").read_text()
    for step in ("generate_assignment", "release_assignment", "collect", "generate_feedback", "release_feedback"):
        assert f"nbgrader {step} NN_topic" in text
    assert "grader autograde NN_topic" in text and "jupyter lab" in text


def test_neither_marks_nor_secrets_of_a_course_folder_get_into_git(made, tmp_path):
    if not shutil.which("git"):
        pytest.skip("git is missing")
    made()
    root = tmp_path / "term"
    private = [".course_secret", "gradebook.db", "submitted/ada/x", "autograded/ada/x", "feedback/ada/x"]
    private += ["grades.csv", "grades_blackboard.xls", "tables/marks.csv", "report.html", "pairs.html"]
    for name in private:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run([*git, "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True)
    seen = {line[3:] for line in listed.stdout.splitlines()}
    assert not seen & set(private) and "nbgrader_config.py" in seen


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--timezone", "Mars/Olympus"), "There is no time zone 'Mars/Olympus': take one such as Europe/Berlin."),
        (("--course", "a b"), "'a b' cannot be a course's name: take letters, digits, _ and -."),
        (("--exchange", "/dev/null"), "/dev/null is no folder in which all can write"),
        (("--exchange", "/proc/exchange"), "No exchange folder can be made at /proc/exchange"),
        (("--db-url", "gradebook"), "--db-url is no address such as postgresql+psycopg://USER@HOST/DATABASE."),
        (("--db-url", "nosuch://u@h/d"), "--db-url is no address such as"),
        (("--db-url", "postgresql+pg8000://u@h/d"), "needs the package pg8000: install it"),
        (("--db-url", "postgresql+psycopg://u:hush@127.0.0.1:1/d"), "cannot be opened ("),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_option_gets_one_sentence_and_no_folder_is_made(made, tmp_path, options, sentence):
    code, said = made(*options)
    assert code == 1 and sentence in said and "Traceback" not in said and "hush" not in said
    assert not (tmp_path / "term").exists()


def test_an_exchange_that_is_not_open_to_all_is_left_as_it_is(made, tmp_path):
    (tmp_path / "ex").mkdir(mode=0o755)
    code, said = made("--exchange", str(tmp_path / "ex"))
    assert code == 1 and f"'chmod 1777 {tmp_path}/ex'" in said
    assert (tmp_path / "ex").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("place", ["/proc/term", "/dev/null/term"])
def test_a_place_that_cannot_be_written_gets_one_sentence(place):
    with pytest.raises(CourseError, match=f"^No course folder can be made at {place} .*: choose another.$"):
        init(Path(place), Path("solutions"), [FIRST])


def test_a_folder_with_sources_of_its_own_is_left_alone(made, tmp_path):
    (tmp_path / "term" / "source").mkdir(parents=True)
    code, said = made()
    assert code == 1 and "has a folder 'source' already" in said
    assert sorted(p.name for p in (tmp_path / "term").iterdir()) == ["source"]


@pytest.mark.parametrize(("variable", "zone"), [("Asia/Tokyo", "Asia/Tokyo"), (":nonsense", "UTC")])
def test_the_time_zone_is_that_of_the_machine_or_utc(monkeypatch, variable, zone):
    monkeypatch.setenv("TZ", variable)
    assert known_timezone("") == zone


@pytest.mark.parametrize("date", ["2026-11-20 12:00 +0530", "2026-11-20 12:00 +05:30", "2026-11-20 06:30"])
def test_an_offset_in_a_date_is_hours_and_minutes(made, tmp_path, date):
    made()
    directory = api_for(tmp_path / "term").coursedir
    (tmp_path / "timestamp.txt").write_text(f"{date}\n")
    for read in (utils.parse_utc(date), directory.get_existing_timestamp(str(tmp_path))):
        assert str(read) == "2026-11-20 06:30:00"


def test_nbgrader_makes_a_gradebook_when_our_environment_is_not_in_the_path(made, tmp_path, command):
    made()
    command(tmp_path / "term", "nbgrader", "db", "student", "list", path="/usr/bin:/bin")
    assert (tmp_path / "term" / "gradebook.db").stat().st_size > 0
