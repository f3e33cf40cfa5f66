"""The class report: its figures are right, nobody's text becomes markup, and names can be left out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbgrader.api import Gradebook

from byhand.compare import Finding
from grader import report as reports
from grader.assignment import grade_id, load, stub_of
from grader.autograde import api_for, course_of
from grader.init import init
from grader.judge import Mark, Verdict
from grader.plan import canonical
from grader.reading import handed_in, last_run
from grader.report import item_total, minutes, report, upper_lower
from grader.simulate import simulate
from tests.attacks.browser import CHROMIUM, FLAGS

SOLUTIONS = Path(__file__).parents[1] / "solutions"
FIRST = "01_perceptron_limits"
HELD = "sign <b>of</b> the update"
START = datetime.fromisoformat("2026-03-02T10:00:00+00:00")


@pytest.fixture(scope="module")
def folder(once):
    """Thirty learners with marks, verdicts and times; one file is no notebook, one question waits for a person."""

    def make(root):
        init(root, SOLUTIONS, [FIRST])
        assignment = load(root / "source" / FIRST)
        released = nbformat.from_dict(assignment.notebook)
        for number, cell in enumerate(released.cells):
            if grade_id(cell) in assignment.gaps:
                cell.source = stub_of(cell.source)
            if cell.cell_type == "code":
                cell.metadata.execution = {"iopub.execute_input": (START + timedelta(minutes=number)).isoformat()}
        (root / "release" / FIRST).mkdir(parents=True)
        nbformat.write(released, root / "release" / FIRST / f"{FIRST}.ipynb")
        known = simulate({FIRST: assignment}, root / "release", root / "submitted")
        api, course = api_for(root), course_of(root)
        with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
            book.add_assignment(FIRST)
            book.add_notebook(FIRST, FIRST)
            for name, points in assignment.points.items():
                book.add_grade_cell(f"{name}-check", FIRST, FIRST, max_score=points, cell_type="code")
            book.add_grade_cell("why-1", FIRST, FIRST, max_score=2, cell_type="markdown")
            for student, rows in known.groupby("student"):
                book.add_student(student)
                book.add_submission(FIRST, student)
                for name, mark in zip(rows["exercise"], rows["mark"], strict=True):
                    grade = book.find_grade(f"{name}-check", FIRST, FIRST, student)
                    grade.auto_score, grade.needs_manual_grade = mark, False
                by_hand = book.find_grade("why-1", FIRST, FIRST, student)
                by_hand.auto_score, by_hand.needs_manual_grade = 0, student == "learner03"
                marks = {
                    name: Mark(name, "right" if m == top else "wrong", m, top, _findings(m, top))
                    for name, m, top in zip(rows["exercise"], rows["mark"], rows["max"], strict=True)
                }
                path = root / "submitted" / student / FIRST / f"{FIRST}.ipynb"
                digest = course.digest(canonical(handed_in(path), assignment), student, assignment)
                verdict = Verdict(FIRST, student, marks, measures={"sigmoid": 0.9}, alias="<i>me</i>")
                course.write_verdict(verdict, digest)
            book.db.commit()
        (root / "submitted" / "learner02" / FIRST / f"{FIRST}.ipynb").rename(
            root / "submitted" / "learner02" / FIRST / "learner02 Lovelace.ipynb"
        )

    return once("report", make)


def _findings(mark, top):
    return () if mark == top else (Finding("y", False, misconception=HELD),)


@pytest.fixture(scope="module")
def named(folder, once):
    return once("report-named", lambda to: report(folder, to / "report.html", tables=to / "csv"))


@pytest.fixture(scope="module")
def nameless(folder, once):
    return once("report-nameless", lambda to: report(folder, to / "report.html", names=False, tables=to / "csv"))


def test_the_discrimination_is_the_correlation_with_the_rest():
    x = np.random.default_rng(1).normal(size=(40, 5)) + np.linspace(0, 2, 40)[:, None]
    for i, r in enumerate(item_total(x)):
        assert r == pytest.approx(np.corrcoef(x[:, i], np.delete(x, i, axis=1).sum(axis=1))[0, 1])
    x[:, 2] = 1.0
    assert np.isnan(item_total(x)[2]) and np.isfinite(item_total(x)[[0, 1, 3, 4]]).all()


def test_the_upper_lower_index_compares_27_of_a_hundred_with_the_last_27():
    strong = np.arange(100) >= 60
    items = np.column_stack([strong, ~strong, np.full(100, 0.5), np.linspace(0, 1, 100)]).astype(float)
    items[:, 3] += strong * 2  # the order of the totals
    assert upper_lower(items)[:3] == pytest.approx([1, -1, 0])


def test_learners_with_equal_totals_count_alike_whatever_their_order():
    items = np.random.default_rng(2).integers(0, 2, (30, 4)).astype(float)
    shuffled = items[np.random.default_rng(3).permutation(30)]
    assert upper_lower(items) == pytest.approx(upper_lower(shuffled))
    assert upper_lower(np.ones((30, 2))) == pytest.approx([0, 0])


def test_minutes_are_those_from_the_run_above_to_the_last_run_of_the_check():
    def at(minute):
        return (START + timedelta(minutes=minute)).isoformat()

    cells = [("setup", at(0)), ("a", at(9)), ("a-check", at(10)), ("", at(12)), ("b", ""), ("b-check", at(40))]
    assert minutes(cells, ["a", "b"]) == {"a": 10, "b": 28}
    assert minutes([*cells[:5], ("b-check", at(5))], ["a", "b"]) == {"a": 10}  # it was not run again
    assert minutes([*cells[:5], ("b-check", at(500))], ["a", "b"]) == {"a": 10}  # somebody went home
    assert minutes([(name, at(i / 60)) for i, (name, _) in enumerate(cells)], ["a", "b"]) == {}  # run as a whole
    assert minutes([(name, "") for name, _ in cells], ["a", "b"]) == {}


@pytest.mark.parametrize(
    "given",
    [None, [], {}, {"execution": 5}, {"execution": {"iopub.execute_input": 5}}]
    + [
        {"execution": {"iopub.execute_input": text}}
        for text in ("", "<b>", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00Z<script>")
    ],
)
def test_of_a_hostile_time_nothing_is_kept(given):
    assert last_run(given) == {}


def test_a_time_as_jupyterlab_writes_it_is_kept_and_nothing_beside_it():
    given = {"execution": {"iopub.execute_input": "2026-01-01T10:00:00.123456Z", "x": "<b>"}, "y": 1}
    assert last_run(given) == {"execution": "2026-01-01T10:00:00.123456+00:00"}


def test_the_page_needs_nothing_from_outside_and_no_text_becomes_markup(named):
    page = (named / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=\"(?!data:image/png;|#)|https?:|<script|url\(", page)
    assert "sign &lt;b&gt;of&lt;/b&gt;" in page and "&lt;i&gt;me&lt;/i&gt;" in page and "<i>me" not in page
    assert all("learners, median" in alt for alt in re.findall(r'<img [^>]*alt="([^"]*)"', page))


def test_the_page_says_who_needs_a_person_and_why(named):
    page = (named / "report.html").read_text(encoding="utf-8")
    part = page[page.index('id="person"') : page.index('id="leaderboard"')]
    for student, reason in (
        ("learner02", "was not handed in (there is: learner02 Lovelace.ipynb)"),
        ("learner03", "questions to be marked by hand: 1"),
        ("learner20, learner21", "no points at all"),
    ):
        assert re.search(rf"<td>[^<]*{re.escape(reason)}</td><td>{student}</td>", part), part
    assert "1 of 30 submissions are not counted here" in page


def test_the_tables_hold_what_the_page_shows(folder, named):
    marks, items, held = (pd.read_csv(named / "csv" / f"{n}.csv") for n in ("marks", "items", "misconceptions"))
    first = items.iloc[0]
    part = marks[marks["exercise"] == first["exercise"]]
    assert len(marks) == 30 * len(items) and first["share"] == pytest.approx((part["mark"] / part["max"]).mean())
    wrong = part[(part["status"] == "wrong") & (part["misconceptions"] == HELD)]
    assert held.set_index("exercise")["learners"][first["exercise"]] == len(wrong) > 0
    assert items["item_total"].between(-1, 1).all() and items["minutes"].min() > 0
    page = (named / "report.html").read_text(encoding="utf-8")
    heat = re.findall(r'<div class="who">01 (\w+)</div>\s*<div class="tiles"><div class="tile"[^>]*><b>(\d+)</b>', page)
    assert dict(heat) == dict(zip(held["exercise"], held["learners"].astype(str), strict=True))
    assert marks[marks["student"] == "learner02"]["status"].isna().all()


def test_without_names_nobody_is_named_and_the_order_gives_no_hint(named, nameless):
    for path in nameless.rglob("*.*"):
        assert not re.search(r"learner\d|Lovelace", path.read_text(encoding="utf-8")), path
    page = (nameless / "report.html").read_text(encoding="utf-8")
    assert "&lt;i&gt;me&lt;/i&gt;" in page and re.search(r"<td>learner \d\d</td>", page)
    with_names, without = (pd.read_csv(d / "csv" / "marks.csv") for d in (named, nameless))
    keys = ["exercise", "mark", "max"]
    assert with_names[keys].value_counts().to_dict() == without[keys].value_counts().to_dict()
    one, other = (d.groupby("student")["mark"].sum().to_numpy() for d in (with_names, without))
    assert sorted(one) == pytest.approx(sorted(other)) and list(one) != list(other)
    shown = re.findall(r"<td>(learner \d\d)</td><td", page[page.index('id="all"') :])
    assert all(a < b for a, b in pairwise(shown)) and set(shown) == set(without["student"])


def test_a_small_class_has_no_discrimination(folder):
    marks = pd.DataFrame(
        [(f"s{i}", FIRST, e, float(i % 2), 1.0) for i in range(reports.ENOUGH - 1) for e in "ab"],
        columns=["student", "assignment", "exercise", "mark", "max"],
    )
    times = pd.DataFrame(columns=["student", "assignment", "exercise", "minutes"])
    assert reports.items_of(marks, times)["item_total"].isna().all()
    more = marks[marks["student"] == "s1"].assign(student="more")
    assert reports.items_of(pd.concat([marks, more]), times)["item_total"].notna().all()


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_the_page_fits_a_phone_and_asks_for_nothing(named):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 390, "height": 844})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: asked.append(message.text))
        page.goto((named / "report.html").as_uri(), timeout=120_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert [a for a in asked if not a.startswith(("file:", "data:image/png"))] == []
        browser.close()
