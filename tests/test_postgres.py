"""The same class marked with its gradebook in a file and in PostgreSQL: the test starts a server on a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psycopg
import pytest
from typer.testing import CliRunner

from grader import gradebook
from grader.assignment import load
from grader.autograde import api_for
from grader.cli import app
from grader.course import SECRET, VERDICTS, CourseError
from grader.init import init
from grader.sandbox import available
from tests.term import Term, fill, marks

FIRST = "01_perceptron_limits"
SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"
WRONG = "sigmoid"
WHY = "perceptron-why-1"
KINDS = ("sqlite", "postgres")
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin/postgres"), default=None, key=lambda p: int(p.parts[-3]))
OWNER = "postgres"
"""PostgreSQL refuses to be run by root, so the account of Debian's package runs it then."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL is missing"),
    pytest.mark.skipif(available() is not None, reason=str(available())),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """PostgreSQL with a database *course*; its address."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        user: list[str] = []
        if os.getuid() == 0:
            account = pwd.getpwnam(OWNER)
            os.chown(folder, account.pw_uid, account.pw_gid)
            user = ["setpriv", "--reuid", OWNER, "--regid", OWNER, "--init-groups"]
        data = f"{folder}/data"
        init_database = [str(PROGRAMS.with_name("initdb")), "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*user, *init_database, "--no-sync"], cwd=folder, check=True, capture_output=True)
        rules = Path(data, "pg_hba.conf")
        rules.write_text(f"local all stranger scram-sha-256\n{rules.read_text()}")
        settings = [f"-cunix_socket_directories={folder}", "-clisten_addresses=", "-cfsync=off"]
        with open(f"{folder}/log", "w") as log:
            process = subprocess.Popen(
                [*user, str(PROGRAMS), "-D", data, *settings], cwd=folder, stdout=log, stderr=log
            )
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    connection = psycopg.connect(f"host={folder} user=grader dbname=postgres", autocommit=True)
                    break
                except psycopg.OperationalError:
                    assert process.poll() is None and time.monotonic() < deadline, Path(f"{folder}/log").read_text()
                    time.sleep(0.1)
            with connection:
                connection.execute("CREATE DATABASE course")
            yield f"postgresql+psycopg://grader@/course?host={folder}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def make(root: Path, db_url: str) -> None:
    """A course folder with the work of ann, who is in time, and bob, who is late and has a misconception."""
    init(root, SOLUTIONS, [FIRST], db_url=db_url)
    (root / SECRET).write_bytes(b"the secret of the tests, 32 bytes")
    api = api_for(root)
    assert api.generate_assignment(FIRST)["success"]
    with api.gradebook as book:
        book.update_or_create_assignment(FIRST, duedate="2026-05-04 12:00 +0200")
        book.update_or_create_student("ann", first_name="Ann", last_name="Ångström")
    solution = load(root / "source" / FIRST)
    wrong = solution.misconceived(WRONG, solution.exercises[WRONG].misconceptions[0])
    for student, day, gaps in (("ann", 4, {}), ("bob", 5, {WRONG: wrong})):
        folder = root / "submitted" / student / FIRST
        shutil.copytree(root / "release" / FIRST, folder)
        fill(folder / f"{FIRST}.ipynb", {**solution.gaps, WHY: "An answer.", **gaps})
        (folder / "timestamp.txt").write_text(f"2026-05-0{day} 10:00:00.000000 UTC")


@pytest.fixture(scope="module")
def terms(server, tmp_path_factory):
    """By kind of gradebook: a class marked by one command, a mark by hand and an extension, marked by the other."""
    base = tmp_path_factory.mktemp("gradebooks")
    found = {kind: Term(base / kind) for kind in KINDS}
    for kind, term in found.items():
        make(term.course, server if kind == "postgres" else "")
    for kind, term in found.items():
        if kind == "postgres":  # the work need not be run twice
            shutil.copytree(found["sqlite"].course / VERDICTS, term.course / VERDICTS)
        term.instructor("grader", "autograde")
        with term.gradebook as book:
            grade = book.find_grade(WHY, FIRST, FIRST, "bob")
            grade.manual_score, grade.needs_manual_grade = "1.5", False  # a text, as formgrader's page sends it
            book.find_comment(WHY, FIRST, FIRST, "bob").manual_comment = "z(1, 1) ≠ 0, why?"
            book.db.commit()
            book.grant_extension(FIRST, "bob", hours=12)
        term.instructor("nbgrader", "autograde", FIRST, "--force")
        term.instructor("nbgrader", "export")
    return found


def pages(term: Term) -> dict[str, object]:
    """What formgrader's pages show, without the random ids and the order of rows and of sums that follows from them."""
    api = api_for(term.course)

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k != "index" and (k != "id" or v in ("ann", "bob"))}
        if isinstance(value, list):
            return sorted(map(plain, value), key=repr)
        return round(value, 9) if isinstance(value, float) else value

    return {
        "assignments": plain(api.get_assignments()),
        "notebooks": plain(api.get_notebooks(FIRST)),
        "submissions": plain(api.get_submissions(FIRST)),
        "notebook submissions": plain(api.get_notebook_submissions(FIRST, FIRST)),
        "students": plain(api.get_students()),
        "a student": plain(api.get_student_submissions("bob")),
        "a student's notebooks": plain(api.get_student_notebook_submissions("bob", FIRST)),
    }


class TestTheSameClassInBoth:
    """Everything that is kept in a gradebook is read back from either."""

    def test_the_gradebook_is_in_the_database_and_not_in_a_file(self, terms):
        assert not (terms["postgres"].course / "gradebook.db").exists()
        with terms["postgres"].gradebook as book:
            assert book.engine.dialect.name == "postgresql"
            assert {s.id for s in book.students} == {"ann", "bob"}

    def test_every_mark_is_the_same_computed_and_by_hand(self, terms):
        sqlite, postgres = (terms[kind] for kind in KINDS)
        with sqlite.gradebook as here, postgres.gradebook as there:
            assert marks(here, FIRST) == marks(there, FIRST)
            assert marks(there, FIRST)["bob"][WHY][1] == 1.5
            for student in ("ann", "bob"):
                a, b = (book.find_submission(FIRST, student) for book in (here, there))
                assert (a.score, a.timestamp, a.extension, a.total_seconds_late, a.needs_manual_grade) == (
                    *(b.score, b.timestamp, b.extension, b.total_seconds_late, b.needs_manual_grade),
                )
            assert there.find_submission(FIRST, "bob").total_seconds_late == 12 * 3600
            assert there.find_comment(WHY, FIRST, FIRST, "bob").comment == "z(1, 1) ≠ 0, why?"

    def test_the_tidy_table_is_the_same(self, terms):
        here, there = (gradebook.read(api_for(terms[kind].course)) for kind in KINDS)
        pd.testing.assert_frame_equal(here, there)
        assert set(there["student"]) == {"ann", "bob"}

    def test_nbgraders_export_is_the_same(self, terms):
        here, there = (pd.read_csv(terms[kind].course / "grades.csv") for kind in KINDS)
        here, there = (t.sort_values("student_id", ignore_index=True) for t in (here, there))
        pd.testing.assert_frame_equal(here, there)
        assert there["last_name"].tolist()[0] == "Ångström"

    def test_what_formgraders_pages_show_is_the_same(self, terms):
        here, there = (pages(terms[kind]) for kind in KINDS)
        assert here == there

    def test_no_command_says_anything_odd(self, terms):
        for done in terms["postgres"].done:
            assert "Warning" not in done.said and "Traceback" not in done.said, done

    def test_a_database_that_is_not_there_gets_one_sentence(self, server, tmp_path):
        wrong = server.replace("/course?", "/nosuch?")
        with pytest.raises(CourseError, match=r'"nosuch" does not exist.*: make the database first.$'):
            init(tmp_path / "term", SOLUTIONS, [FIRST], db_url=wrong)
        assert not (tmp_path / "term").exists()

    def test_settings_with_the_address_of_a_database_are_for_their_owner_only(self, server, tmp_path):
        init(tmp_path / "term", SOLUTIONS, [FIRST], db_url=server)
        assert (tmp_path / "term" / "nbgrader_config.py").stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (("?host=", "?host=/nowhere"), "No such file or directory"),
            (("grader@", "stranger:hush@"), 'password authentication failed for user "stranger"'),
        ],
        ids=["server down", "wrong password"],
    )
    @pytest.mark.parametrize("words", [["autograde"], ["report"], ["export", "--to", "canvas"]], ids=lambda w: w[0])
    def test_a_database_that_lets_nobody_in_gets_one_sentence(self, terms, tmp_path, change, reason, words):
        course = Path(shutil.copytree(terms["postgres"].course, tmp_path / "term"))
        settings = course / "nbgrader_config.py"
        settings.write_text(settings.read_text().replace(*change))
        done = CliRunner().invoke(app, [*words, "--course", str(course)])
        said = done.output.strip()
        assert done.exit_code == 1 and said.count("\n") == 0 and "hush" not in said, said
        assert said.startswith(f"The gradebook of {course} cannot be used (") and reason in said
        assert "): see that the database server runs, and that address and password are right, then run" in said
