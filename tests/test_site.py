"""The site: nothing of a solution in the student edition, every link leads somewhere, and a browser shows it."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import grader.site
from byhand.outcome import Array
from grader.assignment import BEGIN, strip_markers, stub_of
from grader.build import solution_lines
from grader.course import CourseError
from grader.site import Sources, book, examine, mistakes
from tests.attacks.browser import CHROMIUM, FLAGS
from tests.conftest import NAMES, ROOT, Once

TWO = ["06_deep_networks", "12_capstone"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def chapter() -> book.Chapter:
    return book.Chapter.load(ROOT, TWO[0])


@pytest.fixture(scope="session")
def built_site(once: Once) -> Path:
    """The student edition of two notebooks, and a document with a picture."""

    def make(part: Path) -> None:
        root = part / "root"
        (root / "docs").mkdir(parents=True)
        for name in ("solutions", "notebooks", "README.md", "docs/map", "docs/lift.png"):
            (root / name).symlink_to(ROOT / name)
        (root / "docs" / "student.md").write_text(
            "# For learners\n\n![a lift](lift.png)\n\n[marking](instructor.md), [the code](../grader/cli.py)\n"
        )
        grader.site.build(root, part / "site", names=TWO)

    return once("site", make) / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("Chromium is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


class TestPages:
    """The student edition of two notebooks, as files and in a browser."""

    def test_no_line_of_a_solution_is_in_any_file(self, built_site: Path) -> None:
        released = {
            line.strip()
            for path in (ROOT / "notebooks").glob("*/*.ipynb")
            for cell in nbformat.read(path, as_version=4).cells
            for line in cell.source.split("\n")
        }
        secret = {line for name in NAMES for line in solution_lines(ROOT / "solutions" / name)} - released
        assert len(secret) > 100
        for path in built_site.rglob("*"):
            if path.suffix in (".html", ".js", ".txt", ".css", ".svg", ".json"):
                text = html.unescape(re.sub(r"<[^>]*>", "", path.read_text()))
                assert not secret & {line.strip() for line in text.split("\n")}, path

    def test_no_model_answer_is_in_any_file(self, built_site: Path, chapter: book.Chapter) -> None:
        answers = [c.source for c in chapter.notebook.cells if c.metadata.get("nbgrader", {}).get("points") == 2]
        answers = [a for a in answers if not a.startswith("check(")]
        assert len(answers) == 3
        pages = "\n".join(html.unescape(p.read_text()) for p in built_site.rglob("*.html"))
        assert not any(" ".join(a.split())[:40] in " ".join(pages.split()) for a in answers)

    def test_every_link_picture_script_and_style_is_there(self, built_site: Path) -> None:
        assert examine.pages(built_site) == []
        assert not [p for p in built_site.rglob("*") if p.name == "_sources" or p.suffix in (".pickle", ".doctree")]

    def test_every_figure_and_check_of_a_notebook_is_shown(self, built_site: Path, chapter: book.Chapter) -> None:
        page = (built_site / "notebooks" / f"{chapter.name}.html").read_text()
        outputs = [o for c in chapter.notebook.cells if c.cell_type == "code" for o in c.outputs]
        assert page.count("<img ") >= sum("image/png" in o.get("data", {}) for o in outputs) > 3
        assert page.count("raise</span> <span") >= len(chapter.public) > 3
        assert all(f"#mistakes-{chapter.number}-{name.replace('_', '-')}" in page for name in chapter.public)

    def test_every_misconception_stands_in_the_gallery_with_its_message(
        self, built_site: Path, chapter: book.Chapter
    ) -> None:
        page = html.unescape((built_site / "mistakes" / f"{chapter.name}.html").read_text())
        for wanted in chapter.public.values():
            for known in wanted.known:
                assert f"<strong>{known.name}</strong>" in page
        assert page.count('class="mistake"') == sum(len(w.known) for w in chapter.public.values())

    @pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
    def test_a_browser_shows_it_from_files_alone(
        self, built_site: Path, browser: Browser, size: dict[str, int]
    ) -> None:
        seen: list[str] = []
        context = browser.new_context(viewport=size)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else seen.append(r.url))
        page.on("requestfailed", lambda r: seen.append(f"missing: {r.url}"))
        for name in ("index", f"notebooks/{TWO[0]}", f"mistakes/{TWO[0]}", "mistakes/index", "reference/layers"):
            if (built_site / f"{name}.html").exists():
                page.goto((built_site / f"{name}.html").as_uri())
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        self.formulas_and_folds(page, built_site)
        self.search(page, built_site)
        context.close()
        assert seen == []

    def formulas_and_folds(self, page: Page, site: Path) -> None:
        page.goto((site / "notebooks" / f"{TWO[0]}.html").as_uri())
        page.wait_for_selector("mjx-container svg", state="attached")
        page.evaluate("MathJax.startup.promise")
        assert page.locator("mjx-container").count() == page.locator(".math").count() > 5
        assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hint = page.locator("details").first
        assert not hint.locator("p").first.is_visible()
        hint.locator("summary").click()
        assert hint.locator("p").first.is_visible()
        assert page.locator("a.next-page").count() == 1

    def search(self, page: Page, site: Path) -> None:
        page.goto((site / "search.html").as_uri() + "?q=gradient")
        page.get_by_text("Search finished").wait_for()  # results come one by one
        found = [a.get_attribute("href") or "" for a in page.locator("#search-results li a").all()]
        assert any("mistakes/" in address for address in found) and any("notebooks/" in a for a in found)


# --- the two editions -------------------------------------------------------------------


def test_a_gap_is_the_stub_for_students_and_the_solution_for_instructors(chapter: book.Chapter) -> None:
    student, full = (nbformat.reads(book.notebook(chapter, f), as_version=4) for f in (False, True))
    for page, expected in ((student, stub_of), (full, strip_markers)):
        gaps = [c.source for c in page.cells if "gap" in c.metadata.get("tags", ())]
        assert gaps == [expected(text) for text in chapter.assignment.gaps.values()]
        assert not any(BEGIN in c.source for c in page.cells)
    assert sum(c.source == book.QUESTION for c in student.cells) == 3
    assert sum(c.source.startswith("**Model answer.**") for c in full.cells) == 3


def test_the_code_of_a_mistake_is_for_instructors_only(chapter: book.Chapter) -> None:
    count = sum(len(w.known) for w in chapter.public.values())
    assert mistakes.page(chapter, True).count("````diff") == count
    assert "````" not in mistakes.page(chapter, False)


@pytest.mark.parametrize("kind", ["application/vnd.jupyter.widget-view+json", "application/javascript"])
def test_what_needs_a_kernel_gives_way_to_the_picture(kind: str) -> None:
    data = {kind: "x", "image/png": "y", "text/plain": "z"}
    still = book._still(nbformat.v4.new_output("display_data", data))
    assert still is not None and set(still.data) == {"image/png", "text/plain"}
    assert book._still(nbformat.v4.new_output("display_data", {kind: "x", "text/plain": "z"})) is None


def test_a_figure_is_described_by_the_sentence_under_it() -> None:
    for text in ("*What to see: a `disc` in\na ring.* More.", "*What to see.* A disc in a **ring**. More."):
        assert book._seen(nbformat.v4.new_markdown_cell(text)) == "A disc in a ring."
    assert book._seen(nbformat.v4.new_markdown_cell("Next.")) == "A figure drawn by the cell above."


# --- what a mistake does -----------------------------------------------------------------

A = np.array([[1.0, -2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("got", "want", "said"),
    [
        (A.sum(axis=1), A, ("shape", "has shape (2,) instead of (2, 2)")),
        (-A, A, ("sign", "has the opposite sign")),
        (7.3 * A, A, ("factor", "is 7.3 times too large")),
        (A / 4, A, ("factor", "is 1/4 of what it should be")),
        (0.7 * A, A, ("factor", "is 0.7 times what it should be")),
        (0 * A, A, ("factor", "is 0 everywhere")),
        (-2 * A, A, ("factor", "is -2 times what it should be")),
        (A + np.eye(2), A, ("some", "differs in 2 of 4 entries, by up to 1")),
        (A + A**2, A, ("all", "differs in every one of its 4 entries, by up to 16")),
        (np.where(A < 0, np.nan, A), A, ("nan", "is nan in 1 of 4 entries")),
        (np.array(np.inf), np.array(1.0), ("nan", "is inf")),
        (np.array(3.0), np.array(1.5), ("all", "is 3 instead of 1.5, 2 times too large")),
        (np.array(0.30001), np.array(0.3), ("all", "is 0.30001 instead of 0.3")),
        (np.array(False), np.array(True), ("word", "is False instead of True")),
        (np.array("same"), np.array("changed"), ("word", "says “same” instead of “changed”")),
    ],
)
def test_a_difference_is_told_in_words(got: Array, want: Array, said: tuple[str, str]) -> None:
    assert mistakes.difference(got, want, 1e-6, 1e-9) == said


@pytest.mark.parametrize("name", NAMES)
def test_every_misconception_does_something_to_some_output(name: str) -> None:
    folder = ROOT / "solutions" / name
    for exercise, wanted in book.cases.read(folder / "checks.json")[1].items():
        for known in wanted.known:
            assert mistakes.effects(known, wanted), (exercise, known.name)


@pytest.mark.parametrize(
    "text", ["a * b * c_d_e <p> [x](y) |z| $1$ #1 `kept *so*`", "1. x", "# no heading", "- x", "> x"]
)
def test_plain_text_stays_plain_in_markdown(text: str) -> None:
    from markdown_it import MarkdownIt

    shown = MarkdownIt().render(mistakes.as_markdown(text))
    assert shown.startswith("<p>") and html.unescape(shown.replace("code>", "`").replace("<`", "`").replace("</`", "`"))
    assert "<em>" not in shown and "<a" not in shown


# --- what the build refuses --------------------------------------------------------------

LINE = 'self.grads["W"] = self.x.T @ dout'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", "<p><span>self.grads[</span>&quot;W&quot;] = <b>self.x.T</b> @ dout</p>"),
        ("a.html", '<p>self.grads["W"] =\n   self.x.T @ dout</p>'),
        ("a.js", '["self.grads[\\"W\\"] = self.x.T @ dout"]'),
        ("deep/a.txt", LINE),
    ],
)
def test_a_line_of_a_solution_is_found_wherever_it_stands(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"before {content} after")
    assert examine.leaks(tmp_path, {LINE}) == [f"{name}: holds {LINE!r}"]
    assert examine.leaks(tmp_path, {"another line of code"}) == []


def test_all_that_is_kept_back_are_lines_that_no_learner_has(chapter: book.Chapter) -> None:
    lines = examine.kept_back(ROOT, [chapter.name])
    code = solution_lines(chapter.folder)
    assert len(lines & code) > len(code) / 2 and len(lines - code) > 5
    released = (ROOT / "notebooks" / chapter.name / f"{chapter.name}.ipynb").read_text()
    assert not any(line in released for line in lines)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="b.html">x</a>', "b.html leads nowhere"),
        ('<a href="#there">x</a>', "#there leads to no place in a.html"),
        ('<a href="../secret.html">x</a>', "../secret.html leads nowhere"),
        ('<img src="b.png" alt="x">', "b.png leads nowhere"),
        ('<img src="a.png">', "1 pictures without a text in their place"),
        ('<img src="https://example.org/b.png" alt="x">', "<img> loads https://example.org/b.png"),
        ('<script src="//example.org/b.js"></script>', "<script> loads //example.org/b.js"),
        ('<link rel="stylesheet" href="https://example.org/b.css">', "<link> loads https://example.org/b.css"),
        ('<p style="background: url(https://example.org/b.png)">x</p>', "<style> loads https://example.org/b.png"),
        ('<img srcset="https://example.org/c.png 2x" src="a.png" alt="x">', "<img> loads https://example.org/c.png"),
        ('<a href="javascript:x()">x</a>', "<a> loads javascript:x()"),
    ],
)
def test_what_leads_nowhere_or_elsewhere_is_found(tmp_path: Path, body: str, fault: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "secret.html").write_text("x")
    (site / "a.png").write_text("x")
    (site / "a.html").write_text('<p id="here">x</p><a href="#here">x</a><a href="https://example.org">x</a>')
    assert examine.pages(site) == []
    (site / "a.html").write_text(body)
    assert examine.pages(site) == [f"a.html: {fault}"]


def test_a_style_that_loads_a_font_from_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("@font-face { src: url('https://example.org/a.woff2') }")
    assert examine.pages(tmp_path) == ["a.css: loads https://example.org/a.woff2"]


def test_a_warning_of_sphinx_keeps_the_pages_from_being_published(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# Title\n\n[a link](nowhere.md)\n")
    with pytest.raises(CourseError, match=r"Sphinx has found faults:\nindex\.md:3: WARNING.*nowhere\.md"):
        grader.site._sphinx(source, tmp_path / "doctrees", tmp_path / "html", False)


def test_a_notebook_that_is_older_than_its_text_is_refused(tmp_path: Path) -> None:
    name = TWO[0]
    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    text = tmp_path / "solutions" / name / f"{name}.py"
    text.write_text(text.read_text() + "\n# %% [markdown]\n# One more line.\n")
    with pytest.raises(
        CourseError, match=rf"^{name}\.ipynb is older than its text: run 'grader build {name}' first\.$"
    ):
        book.Chapter.load(tmp_path, name)
    (tmp_path / "solutions" / name / f"{name}.ipynb").unlink()
    with pytest.raises(CourseError, match=rf"^{name} is not built: run 'grader build {name}' first\.$"):
        book.Chapter.load(tmp_path, name)


def test_an_edition_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"^There is no edition 'teacher': it can be student or instructor\.$"):
        grader.site.build(ROOT, tmp_path / "site", "teacher")


# --- documents ---------------------------------------------------------------------------


def test_documents_that_are_missing_or_for_instructors_are_left_out_with_the_links_to_them(tmp_path: Path) -> None:
    root, sources = tmp_path / "root", Sources(tmp_path / "source")
    (root / "docs" / "shots").mkdir(parents=True)
    (root / "docs" / "shots" / "a.png").write_bytes(b"a")
    (root / "docs" / "student.md").write_text(
        "# S\n\n![a](shots/a.png) [code](../grader/cli.py) [marks](instructor.md#one) [web](https://example.org)\n\n"
        "```\n[kept](as/it.is)\n```\n"
    )
    (root / "docs" / "instructor.md").write_text("# I\n\n[the student's](student.md)\n")
    book.write_documents(sources, root, full=False)
    assert {str(p.relative_to(sources.folder)) for p in sources.names} == {"docs/student.md", "docs/shots/a.png"}
    text = (sources.folder / "docs" / "student.md").read_text()
    assert "![a](shots/a.png) code marks [web](https://example.org)" in text and "[kept](as/it.is)" in text
    book.write_documents(sources, root, full=True)
    assert "[the student's](student.md)" in (sources.folder / "docs" / "instructor.md").read_text()
    assert "[marks](instructor.md#one)" in (sources.folder / "docs" / "student.md").read_text()


def test_the_documents_of_the_repository_show_pictures_that_are_there(tmp_path: Path) -> None:
    book.write_documents(Sources(tmp_path), ROOT, full=True)


def test_a_document_that_shows_a_missing_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "student.md").write_text("![a](a.png)\n")
    with pytest.raises(CourseError, match=r"^docs/student\.md shows a\.png, which is not there\.$"):
        book.write_documents(Sources(tmp_path / "source"), tmp_path, full=False)


def test_only_what_changed_is_written_again_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    first = Sources(tmp_path)
    first.write("a.md", "one")
    first.write("b.md", "two")
    before = (tmp_path / "a.md").stat().st_mtime_ns
    second = Sources(tmp_path)
    second.write("a.md", "one")
    assert (tmp_path / "a.md").stat().st_mtime_ns == before
    assert second.tidy() and not (tmp_path / "b.md").exists()
    assert not second.tidy()
