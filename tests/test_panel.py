"""The check's panel, and the sentences that take a traceback's place, as a kernel that somebody watches shows them."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

from byhand import cases, check, panel
from byhand.check import CheckFailed
from byhand.outcome import Outcome
from grader.assignment import load

ROOT = Path(__file__).parent.parent
FIRST = "01_perceptron_limits"
TAGS = {
    *("div", "style", "p", "strong", "code", "ul", "li", "span"),
    *("details", "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "pre"),
}


class Page(HTMLParser):
    """Elements, and the text outside <style>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data + " "


SIGNS = {"right": "✓", "WRONG": "✗", "not reached": "–", "counts once another output is right": "–"}


def squeezed(text: str) -> str:
    """Without spaces and backticks, so that it does not matter where lines end."""
    return re.sub(r"[\s`]", "", text)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(ROOT / "notebooks" / FIRST)
    return load(ROOT / "solutions" / FIRST)


def failed(name: str, *given: object) -> dict[str, str]:
    with pytest.raises(CheckFailed) as caught:
        check(name, *given)
    bundle = caught.value._bundle
    assert bundle["text/plain"] == str(caught.value)
    return bundle


# what the panel holds


def test_the_panel_says_what_the_text_says_with_a_sign_for_each_output(first: Any) -> None:
    for exercise in first.exercises.values():
        for m in exercise.misconceptions:
            namespace = first.namespace({exercise.name: first.misconceived(exercise.name, m)})
            bundle = failed(exercise.name, *(namespace[o] for o in first.contracts[exercise.name].objects))
            page = Page(bundle["text/html"])
            said = squeezed(page.text)
            title, *lines = bundle["text/plain"].splitlines()
            outputs = [tuple(line.split(maxsplit=1)) for line in lines if re.match(r"  \w", line)]
            signs = [SIGNS[word] + name + word.lower() for name, word in outputs]
            assert (
                sum(tag == "li" for tag, _ in page.elements) == len(outputs) == len(first.public(exercise.name).names)
            )
            assert said.startswith(squeezed(title.replace(", ", " ", 1).removesuffix(":") + "".join(signs) + m.message))
            for line in lines:
                assert re.match(r"  \w", line) or squeezed(line) in said, line


HOSTILE = """<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="x" `</code><b>` &lt;i&gt; </details>"""


def test_nothing_that_a_learner_makes_becomes_markup(first: Any) -> None:
    def raises(z: object) -> None:
        raise type("<b>Error</b>", (Exception,), {})(HOSTILE)

    def named(z: object) -> None:
        raise NotImplementedError

    named.__qualname__ = HOSTILE
    named.__code__ = named.__code__.replace(co_name=HOSTILE, co_qualname=HOSTILE)
    for given in (raises, named, lambda z: HOSTILE, lambda z: np.full(np.shape(z), HOSTILE)):
        html = failed("sigmoid", given)["text/html"]
        page = Page(html)
        assert {tag for tag, _ in page.elements} <= TAGS
        for _, attributes in page.elements:
            assert set(attributes) <= {
                "class",
                "role",
                "aria-label",
                "aria-hidden",
                "scope",
                "data-lm-suppress-shortcuts",
            }
            assert attributes.get("aria-label") in (None, "Check of sigmoid")


def test_a_table_has_headers_for_its_columns_and_rows_and_words_beside_its_signs(first: Any) -> None:
    page = Page(failed("sigmoid", lambda z: np.tanh(z))["text/html"])
    scopes = [a.get("scope") for tag, a in page.elements if tag == "th"]
    tables = sum(tag == "table" for tag, _ in page.elements)
    assert scopes.count("col") == 5 * tables > 0 and scopes.count("row") == len(scopes) - 5 * tables > tables
    assert all(a.get("aria-hidden") == "true" for tag, a in page.elements if tag == "span")
    assert page.text.count("✗") == len(re.findall(r"✗\s+\S*\s*wrong", page.text))


def test_the_comparison_shows_the_largest_difference_and_only_public_numbers(first: Any) -> None:
    _, public = cases.read(Path("checks.json"))
    wanted = public["predict"]
    right = first.namespace()["predict"]
    for number, (inputs, want) in enumerate(zip(wanted.inputs, wanted.outputs, strict=True)):
        (name, theirs), *_ = want.items()
        got = [Outcome({name: right(**i)}) for i in wanted.inputs]
        mine = got[number].outputs[name].copy()
        mine[-1, 0] += 0.25
        got[number] = Outcome({name: mine})
        text = one_line(Page(panel.comparison(name, got, wanted)).text)
        assert f"Compare {name} , case {number + 1} of {len(got)}" in text
        assert f"{name}[{len(mine) - 1}, 0] {mine[-1, 0]:.9g} {theirs[-1, 0]:.9g} 0.25 ✗ wrong" in text
        shown = re.findall(rf"{name}\[(\d+), 0\] \S+ (\S+) ", text)
        assert [value for _, value in shown] == [f"{theirs[int(i), 0]:.9g}" for i, _ in shown]
        assert len(shown) <= 9 and len(inputs) == 2


@pytest.mark.parametrize(
    ("shape", "entries"),
    [((2,), 2), ((100,), 7), ((40, 1), 7), ((1, 9), 7), ((30, 40), 9), ((4, 5, 6), 9), ((2, 2), 4)],
)
def test_a_comparison_is_small_and_around_the_place_wherever_that_is(shape: tuple[int, ...], entries: int) -> None:
    theirs = np.arange(np.prod(shape), dtype=float).reshape(shape)
    for flat in {0, theirs.size // 2, theirs.size - 1}:
        at = tuple(int(i) for i in np.unravel_index(flat, shape))
        mine = theirs.copy()
        mine[at] += 1
        wanted = cases.Wanted(inputs=({},), outputs=({"y": theirs},))
        page = Page(panel.comparison("y", [Outcome({"y": mine})], wanted))
        assert sum(a.get("scope") == "row" for _, a in page.elements) == entries
        row = f"y[{', '.join(map(str, at))}] {mine[at]:.9g} {theirs[at]:.9g} 1 ✗ wrong"
        assert row in one_line(page.text)
        assert page.text.count("wrong") == 1 and "case" not in page.text


def test_arrays_of_different_shapes_stand_side_by_side_with_their_shapes() -> None:
    wanted = cases.Wanted(inputs=({},), outputs=({"y": np.arange(3000.0).reshape(30, 100)},))
    page = Page(panel.comparison("y", [Outcome({"y": np.ones(4)})], wanted))
    assert "yours, shape (4,)" in page.text and "expected, shape (30, 100)" in page.text
    assert "..." in page.text and len(page.text) < 500


@pytest.mark.parametrize("value", [np.nan, np.inf, True, 1 + 2j, 2**62, "word"])
def test_any_kind_of_value_can_be_compared(value: object) -> None:
    wanted = cases.Wanted(inputs=({},), outputs=({"y": np.array([1.0, 2.0])},))
    html = panel.comparison("y", [Outcome({"y": np.array([value, value])})], wanted)
    assert (html == "") is isinstance(value, str)
    flags = cases.Wanted(inputs=({},), outputs=({"y": np.array([True, False])},))
    assert "False" in panel.comparison("y", [Outcome({"y": np.array([False, False])})], flags)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_words_right_and_wrong_can_be_read_on_their_colours() -> None:
    backgrounds = re.findall(r"background: (#[0-9a-f]{6})", panel.STYLE)
    assert len(backgrounds) == 3
    assert all(contrast("#ffffff", color) >= 4.5 for color in backgrounds)


# what a kernel shows that somebody watches


class Kernel:
    """A kernel in a folder of its own, and somebody who watches, or a program that executes."""

    def __init__(self, folder: Path) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(folder))

    def run(self, code: str, watched: bool = True, on_output: Callable[[dict[str, Any]], object] = bool) -> list[Any]:
        outputs: list[Any] = []

        def collect(message: dict[str, Any]) -> None:
            if message["msg_type"] in {"stream", "display_data", "error"}:
                outputs.append(message["content"])
                on_output(message["content"])

        self.client.execute_interactive(code, allow_stdin=watched, output_hook=collect, timeout=60)
        return outputs


@pytest.fixture(scope="class")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("kernel") / FIRST
    shutil.copytree(ROOT / "notebooks" / FIRST, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BYHAND_QUIET", "NBVAL"):
            patch.delenv(name, raising=False)
        kernel = Kernel(folder)
    kernel.run("import numpy as np\nfrom byhand import check, experiment, progress")
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


def traceback(outputs: list[Any]) -> str:
    assert len(outputs) == 1, outputs
    return one_line(" ".join(outputs[0]["traceback"]))


class TestWatched:
    """What a person sees in a notebook, in place of a traceback."""

    def test_a_failed_check_is_a_panel_and_one_line(self, kernel: Kernel) -> None:
        shown, error = kernel.run("check('prepend_bias', lambda X: X)")
        assert shown["data"]["text/plain"] == error["evalue"]
        assert "WRONG" in error["evalue"] and "✗" in shown["data"]["text/html"]
        assert error["traceback"] == ["prepend_bias is not right yet; Run All stops here."]

    def test_a_program_that_executes_the_notebook_gets_the_text_and_no_panel(self, kernel: Kernel) -> None:
        (error,) = kernel.run("check('prepend_bias', lambda X: X)", watched=False)
        assert "\n".join(error["traceback"]) == error["evalue"] and "WRONG" in error["evalue"]

    def test_a_failed_check_that_is_caught_shows_nothing_by_itself(self, kernel: Kernel) -> None:
        caught = "try:\n    check('prepend_bias', lambda X: X)\nexcept AssertionError as failed:\n    {}"
        (output,) = kernel.run(caught.format("print(failed)"))
        assert output["name"] == "stdout" and "WRONG" in output["text"]
        (shown,) = kernel.run(caught.format("display(failed)"))
        assert shown["data"]["text/plain"] + "\n" == output["text"] and "✗" in shown["data"]["text/html"]

    def test_a_check_says_the_same_twice(self, kernel: Kernel) -> None:
        code = "check('prepend_bias', lambda X: np.insert(X, 0, {}, axis=1))"
        for value in (0, 1):
            assert kernel.run(code.format(value)) == kernel.run(code.format(value))

    @pytest.mark.parametrize("watched", [True, False])
    def test_a_check_before_its_gap_or_after_a_renaming_or_a_restart_says_what_to_run(
        self, kernel: Kernel, watched: bool
    ) -> None:
        said = traceback(kernel.run('check("sigmoid", Sigmoid)', watched))
        assert said.startswith("`Sigmoid` is not defined: run the cell of its gap, and after a restart run the cells")
        assert "If you gave it another name, give it its own again" in said

    @pytest.mark.parametrize(
        "code", ["Sigmoid(3)", "def f():\n    return unheard_of\nf()", "import unheard_of", "1 / 0"]
    )
    def test_other_errors_keep_their_traceback(self, kernel: Kernel, code: str) -> None:
        assert "Traceback" in traceback(kernel.run(code))

    @pytest.mark.parametrize("line", ["from byhand import new_thing", "from byhand.new_things import thing"])
    def test_a_notebook_for_another_byhand_says_which_one_is_in_use(self, kernel: Kernel, line: str) -> None:
        said = traceback(kernel.run(line))
        assert said.startswith("This notebook does not fit byhand ") and "choose the kernel of the course's" in said

    def test_a_notebook_without_its_toolbox_asks_for_its_folder(self, kernel: Kernel) -> None:
        said = traceback(kernel.run("from toolbox.layers import Affine"))
        assert said.startswith("There is no folder `toolbox` in ") and "moved out of its folder?" in said

    def test_a_toolbox_of_another_version_is_to_be_fetched_again(self, kernel: Kernel) -> None:
        kernel.run("import os; os.mkdir('toolbox'); open('toolbox/layers.py', 'w').close()")
        for line in ("from toolbox.layers import Affine", "import toolbox.unheard_of"):
            said = traceback(kernel.run(line))
            assert said.startswith("The folder `toolbox` does not fit this notebook (") and "fetch" in said

    def test_a_data_set_that_is_not_there_is_said_in_a_sentence(self, kernel: Kernel) -> None:
        kernel.run("from byhand import datasets\nos.environ['BYHAND_DATA'] = os.getcwd()")
        assert traceback(kernel.run("datasets.cifar10('train')")).startswith("CIFAR-10 is not on this machine")

    @pytest.mark.parametrize("where", ["check('prepend_bias', lambda X: X)", "import toolbox.unheard_of"])
    def test_no_line_is_longer_than_validate_shows(self, kernel: Kernel, where: str) -> None:
        (error,) = kernel.run(where, watched=False)
        assert all(len(line) <= 83 for line in error["traceback"])


SLOW = """
import time

def train():
    global w
    for w in progress(range(10**6), "training"):
        print("started", flush=True) if w == 1 else time.sleep(0.01)
"""


class TestInterrupted:
    """What Jupyter's stop button leaves."""

    def interrupt(self, kernel: Kernel, code: str) -> list[Any]:
        def stop(output: dict[str, Any]) -> None:
            if "started" in output.get("text", ""):
                kernel.manager.signal_kernel(signal.SIGINT)

        return kernel.run(code, on_output=stop)

    @pytest.mark.parametrize("block", ["train()", "with experiment():\n    plt.figure()\n    v = 7\n    train()"])
    def test_a_training_that_is_interrupted_says_one_sentence_and_leaves_names_and_figures_usable(
        self, kernel: Kernel, block: str
    ) -> None:
        kernel.run("import matplotlib.pyplot as plt\nw = v = -1" + SLOW)
        *_, error = self.interrupt(kernel, block)
        said = "\n".join(error["traceback"])
        assert error["ename"] == "KeyboardInterrupt" and said.startswith("Interrupted at the line: ")
        assert said.endswith("run the cell again, or change it first.")
        assert len(error["traceback"]) <= 3
        (output,) = kernel.run("print(w >= 0, v == 7, plt.get_fignums())")
        assert output["text"] == f"True {'experiment' in block} []\n"
        outputs = kernel.run("with experiment():\n    plt.plot([w, w + 1])\n    plt.show()")
        assert [set(o["data"]) for o in outputs] == [{"text/plain", "image/png"}]

    def test_a_check_of_a_loop_without_end_can_be_interrupted_and_run_again(self, kernel: Kernel) -> None:
        kernel.run("def prepend_bias(X):\n    print('started', flush=True)\n    while True:\n        pass")
        *_, error = self.interrupt(kernel, "check('prepend_bias', prepend_bias)")
        assert "\n".join(error["traceback"]).startswith("Interrupted at the line: ")
        (output,) = kernel.run("check('prepend_bias', lambda X: np.insert(X, 0, 1, axis=1))")
        assert "right" in output["data"]["text/plain"]
