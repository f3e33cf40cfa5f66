"""A learner in JupyterLab, in Chromium: an exercise done wrong, read, mended, validated, and run again after a restart.

With ``BYHAND_SCREENS=docs/screens`` the pictures of ``docs/student.md`` are made anew.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from tests.attacks.browser import CHROMIUM, FLAGS, serving

ROOT = Path(__file__).parent.parent
FIRST = "01_perceptron_limits"
SECONDS = 120
WRONG = '''def prepend_bias(X):
    """Put a column of ones before the features."""
    zeros = np.zeros((X.shape[0], 1))
    return np.hstack([zeros, X])'''
MESSAGE = "Which constant lets b through unchanged?"
THINNEST = """
panel => {
  const rgb = c => (c.match(/[0-9.]+/g) || []).map(Number);
  const lum = c => rgb(c).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const over = (top, below) => {
    const [r, g, b, a = 1] = rgb(top), under = rgb(below);
    return `rgb(${[r, g, b].map((v, i) => v * a + under[i] * (1 - a)).join(",")})`;
  };
  const behind = e => {
    const stack = [];
    for (; e; e = e.parentElement) stack.unshift(getComputedStyle(e).backgroundColor);
    return stack.reduce((below, top) => over(top, below), "rgb(255,255,255)");
  };
  let least = 21;
  const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || e.localName === "style") continue;
    const ground = behind(e), [a, b] = [lum(over(getComputedStyle(e).color, ground)), lum(ground)];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
}
"""
"""The least contrast of a text in a panel with what is behind it."""

needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed (Debian: apt-get install chromium)")


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """JupyterLab on a folder, with the settings of ``make lab``; the address of its server, with ``{}`` for a path."""
    options = f"--config={ROOT / 'scripts' / 'jupyter_lab_config.py'}"
    environment = {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_CONFIG_DIR": str(folder.parent / "config")}
    with serving("jupyterlab", folder, options, **environment, OPENBLAS_NUM_THREADS="1", BYHAND_QUIET="") as (
        at,
        token,
    ):
        yield f"{at}/lab/tree/{{}}?token={token}"


def ready(page: Any) -> None:
    """Wait for the kernel: a cell that is run before it has answered is not run at all."""
    from playwright.sync_api import expect

    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SECONDS * 1000)


def test_make_lab_asks_the_network_for_nothing_and_listens_on_this_machine_only() -> None:
    said = SimpleNamespace(ServerApp=SimpleNamespace(), LabApp=SimpleNamespace())
    runpy.run_path(str(ROOT / "scripts" / "jupyter_lab_config.py"), {"get_config": lambda: said})
    assert said.ServerApp.ip == "127.0.0.1"
    assert said.LabApp.news_url is None and said.LabApp.extension_manager == "readonly"
    assert said.LabApp.check_for_updates_class.endswith("NeverCheckForUpdate")
    recipe = subprocess.run(["make", "-n", "lab"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--config=../scripts/jupyter_lab_config.py" in recipe


@needs_chromium
@pytest.mark.slow
def test_a_learner_goes_wrong_reads_why_mends_it_validates_and_runs_again(tmp_path: Path) -> None:
    from playwright.sync_api import Locator, Page, expect, sync_playwright

    screens = Path(os.environ.get("BYHAND_SCREENS", tmp_path / "screens")).absolute()
    screens.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "notebooks" / FIRST, tmp_path / "notebooks" / FIRST)
    expect.set_options(timeout=SECONDS * 1000)
    outside: list[str] = []

    def cell(page: Page, text: str) -> Locator:
        return page.locator(".jp-Notebook .jp-CodeCell").filter(has_text=text).first

    def restart(page: Page, item: str) -> None:
        menu(page, "Kernel", item)
        with page.expect_response(re.compile("/api/kernels/[^/]+/restart")):
            page.locator(".jp-Dialog button.jp-mod-accept").click()
        ready(page)

    def run(page: Page, text: str) -> Locator:
        """Run one cell as a learner does, and wait until it is done."""
        one = cell(page, text)
        one.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        expect(one.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\d+\]"))
        return one

    def write(page: Page, text: str, answer: str) -> None:
        cell(page, text).locator(".cm-content").click()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.insert_text(answer)

    def menu(page: Page, name: str, *items: str) -> None:
        page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{name}$")).click()
        for item in items:
            page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{re.escape(item)}")).first.click()

    def picture(page: Page, name: str, of: Callable[[], Locator] | None = None) -> None:
        path = screens / f"student-{name}.png"
        (of() if of else page).screenshot(path=path)  # type: ignore[union-attr]
        Image.open(path).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
        assert path.stat().st_size < 150_000

    with lab(tmp_path / "notebooks") as address, sync_playwright() as playwright:
        origin = address.split("/lab/")[0].removeprefix("http://")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1100, "height": 720})
        page.set_default_timeout(SECONDS * 1000)

        def requested(route, request):  # type: ignore[no-untyped-def]
            if request.url.startswith((f"http://{origin}", "data:", "blob:")):
                route.continue_()
            else:
                outside.append(request.url)
                route.abort()

        # The splash screen's animation takes most of a slow machine.
        page.add_init_script(
            "new MutationObserver(() => document.getElementById('jupyterlab-splash')?.remove())"
            ".observe(document, { childList: true, subtree: true })"
        )
        page.route("**/*", requested)
        page.goto(address.format(f"{FIRST}/{FIRST}.ipynb"), wait_until="commit")
        ready(page)
        page.keyboard.press("ControlOrMeta+B")  # the file browser away

        # wrong
        run(page, "from byhand import check")
        write(page, "def prepend_bias", WRONG)
        page.keyboard.press("Shift+Enter")
        check = run(page, 'check("prepend_bias"')
        panel = check.locator(".byhand-check")
        expect(panel).to_contain_text(MESSAGE)
        expect(panel.get_by_role("listitem")).to_have_text("✗ X1 wrong")
        expect(check.locator(".jp-OutputArea-output").last).to_have_text(
            re.compile("not right yet; Run All stops here")
        )
        expect(check).not_to_contain_text("Traceback")
        cell(page, "def prepend_bias").scroll_into_view_if_needed()
        picture(page, "wrong")

        # the comparison, by keyboard
        summary = panel.locator("summary")
        check.locator(".cm-content").click()
        page.keyboard.press("Escape")
        for _ in range(30):
            if summary.evaluate("e => e === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(panel.get_by_role("table")).to_be_visible()
        page.keyboard.press("ArrowDown")  # which would go to the next cell
        expect(summary).to_be_focused()
        expect(panel.get_by_role("row")).to_have_count(7)
        expect(panel.get_by_role("rowheader").first).to_have_text("X1[0, 0]")
        picture(page, "compare", lambda: check)
        assert panel.evaluate(THINNEST) >= 4.5
        menu(page, "Settings", "Theme", "JupyterLab Dark")
        expect(page.locator("body[data-jp-theme-light=false]")).to_be_attached()
        assert panel.evaluate(THINNEST) >= 4.5
        menu(page, "Settings", "Theme", "JupyterLab Light")
        expect(page.locator("body[data-jp-theme-light=true]")).to_be_attached()

        # Validate
        page.get_by_role("button", name="Validate").click()
        dialog = page.locator(".jp-Dialog")
        expect(dialog).to_contain_text(MESSAGE)
        expect(dialog).not_to_contain_text("byhand-check")
        picture(page, "validate")
        dialog.locator("button").last.click()

        # mended
        write(page, "def prepend_bias", WRONG.replace("zeros", "ones"))
        page.keyboard.press("Shift+Enter")
        run(page, 'check("prepend_bias"')
        expect(panel.get_by_role("listitem")).to_have_text("✓ X1 right")
        expect(panel).to_contain_text("The mark uses further inputs.")
        expect(check.locator(".jp-OutputArea-output")).to_have_count(1)
        cell(page, "def prepend_bias").scroll_into_view_if_needed()
        picture(page, "right")

        # a new kernel, with all cells run, as far as the first check that is not right
        restart(page, "Restart Kernel and Run All Cells…")
        empty = cell(page, 'check("sigmoid"')
        expect(empty.get_by_role("listitem")).to_have_text("– not attempted yet")
        expect(empty).to_contain_text("sigmoid is not attempted yet; Run All stops here.")
        expect(panel.get_by_role("listitem")).to_have_text("✓ X1 right")
        ready(page)
        expect(cell(page, "def predict").locator(".jp-InputPrompt").first).to_have_text("[ ]:")

        # a new kernel, and Run All Above
        restart(page, "Restart Kernel…")
        run(page, 'check("prepend_bias"')
        expect(check).to_contain_text("name 'check' is not defined")
        check.locator(".cm-content").click()
        menu(page, "Run", "Run All Above Selected Cell")
        run(page, 'check("prepend_bias"')
        expect(panel.get_by_role("listitem")).to_have_text("✓ X1 right")
        for unwanted in ("official Jupyter news", "Create Assignment"):
            expect(page.get_by_text(unwanted)).to_have_count(0)
        browser.close()
    assert outside == []
