"""A class is marked by clicks: nbgrader's formgrader in Chromium, on a course folder that `grader init` made.

With BYHAND_SCREENS=docs/screens the pictures of docs/instructor.md are made anew.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from nbgrader.utils import temp_attrs
from playwright.sync_api import expect, sync_playwright

from grader import simulate
from grader.assignment import load
from grader.autograde import api_for
from grader.init import init
from grader.sandbox import available
from tests.attacks.browser import CHROMIUM, FLAGS, formgrader
from tests.term import fill, marks

FIRST = "01_perceptron_limits"
SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"
WRONG = "sigmoid"
WHY = "perceptron-why-1"
COMMENT = "The first half is right. What does x₁x₂ add to z(1, 1) alone?"
PATIENCE = 120_000
"""Milliseconds; nothing here takes more than a few seconds on a quiet machine."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is missing"),
    pytest.mark.skipif(available() is not None, reason=str(available())),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


class Clicks:
    """An instructor at formgrader's pages; nothing but this machine is reached."""

    def __init__(self, page, address, pictures):
        self.page, self.address, self.pictures = page, address.split("?")[0], pictures
        self.faults, self.outside = [], set()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("response", lambda r: self.faults.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.route("**/*", self._only_here)
        page.goto(address)

    def _only_here(self, route, request):
        if request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.outside.add(request.url)
            route.abort()

    def open(self, path, **options):
        self.page.goto(f"{self.address}{path}", wait_until="domcontentloaded", **options)

    def row(self, text):
        return self.page.locator("#main-table tr", has_text=text)

    def click(self, row, what):
        """Click a sign in a row; what the message says that nbgrader then shows."""
        self.row(row).locator(f".{what} a").click()
        message = self.page.locator(".modal.in .modal-body")
        expect(message).to_be_visible()
        said = message.inner_text()
        self.page.locator(".modal.in .close, .modal.in [data-dismiss]").first.click()
        expect(self.page.locator(".modal-backdrop")).to_have_count(0)
        return said

    def scroll(self, name, below):
        """Put a field so far below the window's upper edge, when nbgrader's own scrolling has come to rest."""
        self.page.wait_for_function("$(':animated').length == 0")
        self.page.locator(f"#{name}").evaluate(
            f"e => window.scrollTo(0, e.getBoundingClientRect().top + scrollY - {below})"
        )

    def picture(self, name):
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.page.screenshot(path=self.pictures / f"instructor-{name}.png", animations="disabled")


def hand_in(api, home, student, texts):
    """Fill in what was released and submit it, as 'nbgrader submit' does."""
    exchange = {"coursedir": api.coursedir, "authenticator": api.authenticator, "parent": api}
    with temp_attrs(api.coursedir, assignment_id=FIRST, student_id=student):
        fetch = api.exchange.FetchAssignment(assignment_dir=str(home), **exchange)
        fetch.start()
        fill(home / FIRST / f"{FIRST}.ipynb", texts)
        api.exchange.Submit(assignment_dir=str(home), cache=str(home / "cache"), **exchange).start()


@contextmanager
def instructor(root, pictures):
    with formgrader(root) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport={"width": 1280, "height": 560}, timezone_id="UTC")
        yield Clicks(context.new_page(), address, pictures)
        browser.close()


def cycle(root, pictures):
    """Everything by clicks; what was said on the way."""
    init(root / "term", SOLUTIONS, [FIRST], exchange=root / "exchange", timezone="Europe/Berlin")
    solution = load(root / "term" / "source" / FIRST)
    texts = {**solution.gaps, WHY: "2b + w₁ + w₂ would have to be above 0 and below 0 at once."}
    wrong = solution.misconceived(WRONG, solution.exercises[WRONG].misconceptions[0])
    said, seen = {}, {}
    with instructor(root / "term", pictures) as at:
        at.open("formgrader")
        at.row(FIRST).locator(".edit a").click()
        at.page.locator(".modal-duedate").fill("2036-12-04T12:00")
        at.page.locator(".modal-timezone").fill("+0100")  # that of the day of the test is filled in
        at.page.locator(".modal button.save").click()
        expect(at.row(FIRST).locator(".duedate")).to_contain_text("2036-12-04")
        seen["due"] = at.row(FIRST).locator(".duedate").inner_text()
        expect(at.page.locator(".modal-backdrop")).to_have_count(0)
        said["generate"] = at.click(FIRST, "assign")
        said["release"] = at.click(FIRST, "release")
        api = api_for(root / "term")
        with api.gradebook as book:
            book.add_student("ada", first_name="Ada", last_name="Lovelace")
            book.add_student("bea", first_name="Bea", last_name="Tinsley")
        for student, gaps in {"ada": texts, "bea": texts | {WRONG: wrong}}.items():
            hand_in(api, root / student, student, gaps)
        said["collect"] = at.click(FIRST, "collect")
        expect(at.row(FIRST).locator(".num-submissions")).to_have_text("2")
        at.picture("assignments")

        at.row(FIRST).locator(".num-submissions a").click()
        for student in ("ada", "bea"):
            expect(at.row(student).locator(".status")).to_have_text("needs autograding")
            said[f"autograde {student}"] = at.click(student, "autograde")
            expect(at.row(student).locator(".status")).to_have_text("needs manual grading")
        seen["scores"] = {s: at.row(s).locator(".score").inner_text() for s in ("ada", "bea")}
        at.picture("submissions")

        at.open("formgrader/gradebook")
        at.page.get_by_role("link", name=FIRST).click()
        at.page.get_by_role("link", name=FIRST).last.click()
        expect(at.page.locator("#main-table tr")).to_have_count(2)
        at.picture("gradebook")
        with api.gradebook as book:
            number = book.find_submission_notebook(FIRST, FIRST, "bea").id
        at.open(f"formgrader/submissions/{number}/?index=0")
        mark = at.page.locator(f"#{WHY}")
        expect(mark).to_have_class("score tabbable needs_manual_grade")
        with at.page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
            mark.fill("1.5")
            mark.press("Tab")
        with at.page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
            at.page.locator(f"#{WHY}-comment").fill(COMMENT)
            at.page.locator(f"#{WHY}-comment").press("Tab")
        at.scroll(WHY, 260)
        at.picture("marking")
        at.page.set_viewport_size({"width": 1280, "height": 760})
        at.scroll(f"{WRONG}-check", 430)
        at.picture("exercise")

        at.open(f"formgrader/manage_submissions/{FIRST}")
        said["feedback"] = at.click("bea", "generate-feedback")
        said["release feedback"] = at.click("bea", "release-feedback")
        at.open("formgrader/manage_students")
        expect(at.row("bea")).to_contain_text("Tinsley, Bea")
        at.open(f"files/feedback/bea/{FIRST}/{FIRST}.html", referer=at.address)
        seen["page"] = at.page.locator("body").inner_text()
    with api.gradebook as book:
        seen["marks"] = marks(book, FIRST)
        seen["comment"] = book.find_comment(WHY, FIRST, FIRST, "bea").comment
    return said, seen, at, solution


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    root = tmp_path_factory.mktemp("formgrader")
    pictures = Path(os.environ.get("BYHAND_SCREENS") or root / "screens").absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    return root, pictures, *cycle(root, pictures)


class TestAClassIsMarkedByClicks:
    """One session, on which all tests look back."""

    def test_every_click_says_that_it_succeeded(self, story):
        said = story[2]
        assert {step: text.splitlines()[0].split()[0] for step, text in said.items()} == dict.fromkeys(
            said, "Successfully"
        )

    def test_the_due_date_is_shown_in_the_time_of_the_course(self, story):
        assert story[3]["due"].startswith("2036-12-04 12:00:00")

    def test_a_click_gives_the_marks_that_the_functions_deserve(self, story):
        *_, seen, _, solution = story
        for student, cells in seen["marks"].items():
            got = {name.removesuffix("-check"): c[0] for name, c in cells.items() if name.endswith("-check")}
            share = simulate.judge(
                solution,
                WRONG,
                solution.misconceived(WRONG, solution.exercises[WRONG].misconceptions[0]),
                solution.public(WRONG),
            ).fraction
            due = solution.points if student == "ada" else solution.points | {WRONG: share * solution.points[WRONG]}
            assert got == pytest.approx(due, abs=1e-6)
            assert seen["scores"][student].startswith(f"{round(sum(due.values()), 2):g} /")

    def test_a_mark_and_a_comment_typed_in_are_in_the_gradebook(self, story):
        seen = story[3]
        assert seen["marks"]["bea"][WHY][1] == 1.5 and seen["marks"]["ada"][WHY][1] is None
        assert seen["comment"] == COMMENT

    def test_the_feedback_made_by_a_click_has_the_misconception_and_the_comment(self, story):
        *_, seen, _, solution = story
        message = solution.exercises[WRONG].misconceptions[0].message
        assert "".join(message.split()) in "".join(seen["page"].split()) and COMMENT in seen["page"]

    def test_no_page_has_a_fault_without_a_network(self, story):
        """nbgrader's page has MathJax from outside; without it formulas are shown as they were typed."""
        at = story[4]
        assert set(at.faults) <= {"MathJax is not defined"}
        assert {a.split("/")[2] for a in at.outside} <= {"cdnjs.cloudflare.com", "cdn.jsdelivr.net", "unpkg.com"}

    def test_the_pictures_show_something_and_are_small(self, story):
        sizes = {p.name: p.stat().st_size for p in story[1].glob("instructor-*.png")}
        assert len(sizes) == 5 and all(20_000 < size < 150_000 for size in sizes.values()), sizes
