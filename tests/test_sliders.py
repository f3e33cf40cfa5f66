"""A slider redraws its figure; where nobody can move it, a still figure shows the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import ipywidgets
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from matplotlib.axes import Axes

from byhand import sliders
from byhand.sliders import slider

SETTINGS = [1, 2, 3, 4]


def steep(ax: Axes, value: float) -> None:
    """Draw one setting; 3 cannot be drawn."""
    ax.plot([0, 1], [0, value], label="a line")
    ax.set(ylim=(0, 4), xlabel="x", ylabel="y")
    if value == 3:
        raise ZeroDivisionError("a slope of 3 < 4\nand a second line")


@pytest.fixture(autouse=True)
def figures() -> Iterator[None]:
    plt.close("all")
    yield
    assert plt.get_fignums() == []


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a front-end is given: a list and a slider side by side, and the figure below."""
    monkeypatch.setitem(plt.rcParams, "figure.dpi", 80)
    return sliders._box(ipywidgets, steep, "slope", SETTINGS, 2, (4.0, 3.0))


@pytest.fixture
def stills(monkeypatch: pytest.MonkeyPatch) -> list[plt.Figure]:
    """The figures that are shown."""
    shown: list[plt.Figure] = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    return shown


def image(box: Any) -> str:
    return str(box.children[1].value)


def move(box: Any, value: float) -> str:
    box.children[0].children[1].value = value
    return image(box)


def test_without_a_notebook_the_settings_stand_side_by_side(stills: list[plt.Figure]) -> None:
    slider(steep, "slope", SETTINGS, shown=[1, 2, 4])
    panels = stills[0].axes
    assert [ax.get_title() for ax in panels] == ["slope = 1", "slope = 2", "slope = 4"]
    assert [ax.lines[0].get_ydata()[1] for ax in panels] == [1, 2, 4]
    assert [(ax.get_xlabel(), ax.get_ylabel()) for ax in panels] == [("x", "y"), ("x", ""), ("x", "")]
    assert [t.get_text() for legend in stills[0].legends for t in legend.get_texts()] == ["a line"]


def test_a_figure_that_cannot_be_drawn_is_closed(stills: list[plt.Figure]) -> None:
    with pytest.raises(ZeroDivisionError):
        slider(steep, "slope", SETTINGS, shown=[1, 3])
    assert stills == []


@pytest.mark.parametrize("lacking", ["ipywidgets", "a kernel", "somebody who watches"])
def test_without_widgets_there_is_a_still_figure(
    lacking: str, stills: list[plt.Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sliders, "is_live", lambda: lacking != "somebody who watches")
    monkeypatch.setattr(sliders, "shell_of_kernel", lambda: None if lacking == "a kernel" else object())
    if lacking == "ipywidgets":
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
    slider(steep, "slope", SETTINGS, shown=[1, 2])
    assert len(stills) == 1


def test_moving_the_slider_draws_the_figure_again(box: Any) -> None:
    first = image(box)
    assert 'alt="slope = 2"' in first and 'width="320" height="240"' in first
    moved = move(box, 4)
    assert 'alt="slope = 4"' in moved and moved != first
    assert move(box, 2) == first


def test_a_setting_that_cannot_be_drawn_is_said_in_one_sentence_and_the_slider_lives_on(box: Any) -> None:
    said = "At slope = 3 the figure cannot be drawn: ZeroDivisionError: a slope of 3 &lt; 4"
    assert move(box, 3) == said
    assert 'alt="slope = 4"' in move(box, 4)


def test_the_list_has_the_name_and_the_settings(box: Any) -> None:
    listed, handle = box.children[0].children
    assert (listed.description, listed.options, listed.value) == ("slope", handle.options, 2)
    assert [label for label, _ in listed.options] == ["1", "2", "3", "4"]


def test_what_cannot_be_drawn_at_first_is_raised_where_the_cell_can_show_it() -> None:
    with pytest.raises(ZeroDivisionError):
        sliders._box(ipywidgets, steep, "slope", SETTINGS, 3, (4.0, 3.0))


def test_a_start_where_the_slider_does_not_stop_is_named() -> None:
    with pytest.raises(ValueError, match=r"start is 1\.5"):
        slider(steep, "slope", SETTINGS, shown=[1], start=1.5)


def test_importing_the_course_does_not_import_widgets_or_figures() -> None:
    for module, absent in [("byhand", "matplotlib"), ("byhand.sliders", "ipywidgets")]:
        code = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0, module


CELL = """
import os; os.environ.pop("BYHAND_QUIET", None); os.environ.pop("NBVAL", None)
from byhand.sliders import slider
def steep(ax, value):
    ax.plot([0, 1], [0, value])
    ax.set(ylim=(0, 4))
slider(steep, "slope", [1, 2, 3, 4], shown=[1, 4], start=2)
"""


@pytest.mark.slow
def test_a_front_end_gets_the_slider_with_the_still_figure_beside_it_and_a_program_the_figure_alone() -> None:
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        shown: list[set[str]] = []

        def collect(message: dict[str, Any]) -> None:
            if message["msg_type"] == "display_data":
                shown.append(set(message["content"]["data"]) - {"text/plain"})

        for watched in (True, False):
            client.execute_interactive(CELL, allow_stdin=watched, output_hook=collect, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert shown == [{"application/vnd.jupyter.widget-view+json", "image/png"}, {"image/png"}]


@pytest.mark.slow
def test_in_jupyterlab_arrow_keys_move_the_slider_and_the_figure_follows(tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    from tests.attacks.browser import CHROMIUM, FLAGS
    from tests.test_lab import SECONDS, lab, ready

    if not CHROMIUM:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.strip())])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(notebook, folder / "slope.ipynb")
    expect.set_options(timeout=SECONDS * 1000)
    asked: list[str] = []
    with lab(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page()
        page.set_default_timeout(SECONDS * 1000)
        here = re.compile(re.escape(address.split("/lab")[0]) + "|(?:data|blob):")
        page.on("request", lambda r: None if here.match(r.url) else asked.append(r.url))
        page.goto(address.format("slope.ipynb"))
        ready(page)
        page.locator(".jp-Notebook .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        picture = page.locator(".widget-vbox img")
        expect(picture).to_have_attribute("alt", "slope = 2")
        before = picture.get_attribute("src")
        page.locator(".widget-vbox [role=slider]").focus()
        page.keyboard.press("ArrowRight")
        expect(picture).to_have_attribute("alt", "slope = 3")
        assert picture.get_attribute("src") != before
        listed = page.get_by_role("combobox", name="slope")
        expect(listed).to_have_value("3")
        listed.focus()
        for key in ("Space", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        expect(picture).to_have_attribute("alt", "slope = 4")
        page.keyboard.press("Control+s")
        output = saved(folder / "slope.ipynb")
        browser.close()
    assert asked == []
    assert output["data"]["image/png"]


def saved(path: Path) -> Any:
    """The first output of a notebook, as soon as it is written; in the middle of that a file is empty or cut off."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(json.JSONDecodeError):
            cell = json.loads(path.read_text())["cells"][0]
            if cell["outputs"]:
                return cell["outputs"][0]
        time.sleep(0.2)
    raise AssertionError("the notebook was not saved")
