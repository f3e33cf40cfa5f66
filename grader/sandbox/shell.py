"""The IPython shell of a session: runs cells and keeps what they show, within a bound."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

KEPT = ("text/plain", "image/png")
MAX_OUTPUTS = 500


class Capture:
    """Outputs in nbformat's form, at most ``bound`` bytes of JSON, a quarter of it text."""

    def __init__(self) -> None:
        self.start(0)

    def start(self, bound: int) -> None:
        """Forget everything and begin anew."""
        self.outputs: list[dict[str, Any]] = []
        self.text_bound = bound // 4
        self.text_left = self.text_bound
        self.left = bound - self.text_bound - 8192  # for pictures; the rest is for keys and notes
        self.said = False

    def stream(self, name: str, text: str) -> None:
        """Add to standard output or standard error."""
        self._append(name, self._fit(text))

    def _append(self, name: str, text: str) -> None:
        last = self.outputs[-1] if self.outputs else None
        if not text:
            return
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["text"].append(text)
        elif self._room():
            self.outputs.append({"output_type": "stream", "name": name, "text": [text]})

    def rich(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add a display or a result; what is neither text nor a PNG picture is dropped."""
        kept: dict[str, str] = {}
        picture = data.get("image/png")
        if isinstance(picture, bytes):
            picture = base64.b64encode(picture).decode("ascii")
        if isinstance(picture, str):
            picture = "".join(picture.split())
            if len(picture) + 256 <= self.left:
                self.left -= len(picture) + 256
                kept["image/png"] = picture
            else:
                self._append("stdout", "[A picture is left out here: the cell shows too much.]\n")
                return
        plain = data.get("text/plain")
        if isinstance(plain, str):
            kept["text/plain"] = self._fit(plain)
        if kept and self._room():
            self.outputs.append({"output_type": kind, "data": kept})

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Add an error, which always finds room."""
        self.left -= 4096
        text = "\n".join(traceback)
        if len(text) > 16_000:
            text = f"{text[:8_000]}\n[...]\n{text[-8_000:]}"
        lines = self._fit(text).split("\n")
        self.outputs.append({"output_type": "error", "ename": name[:100], "evalue": value[:400], "traceback": lines})

    def take(self) -> list[dict[str, Any]]:
        """All outputs, streams joined."""
        for output in self.outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        return self.outputs

    def _room(self) -> bool:
        return len(self.outputs) < MAX_OUTPUTS

    def _fit(self, text: str) -> str:
        whole = len(text)
        text = text[: self.text_left]
        self.text_left -= len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))
        if self.text_left > 0 and len(text) == whole:
            return text
        self.text_left = 0
        if self.said:
            return ""
        self.said = True
        note = f"[The rest is cut: a cell shows at most {self.text_bound} bytes of text.]"
        return f"{text[: self.text_bound // 6]}\n{note}\n"


class Stream(io.TextIOBase):
    """Standard output or standard error of a learner."""

    encoding = "utf-8"

    def __init__(self, capture: Capture, name: str) -> None:
        self._capture = capture
        self._name = name

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Keep ``text`` as far as there is room."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._capture.stream(self._name, text)
        return len(text)


class Publisher(DisplayPublisher):
    """What ``display`` shows."""

    capture: Capture

    def publish(self, data: Any, *_: Any, **__: Any) -> None:
        """Keep a display."""
        self.capture.rich("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        """Nothing is taken back."""


class Hook(DisplayHook):
    """What the last expression of a cell gives."""

    capture: Capture
    source = ""

    def quiet(self) -> bool:
        """Whether a semicolon at the end of the cell silences its result."""
        at_end: Callable[[str], bool] = self.semicolon_at_end_of_expression
        return at_end(self.source)

    def start_displayhook(self) -> None:
        """Nothing to start."""

    def write_output_prompt(self) -> None:
        """No prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Keep the result."""
        self.capture.rich("execute_result", format_dict)

    def finish_displayhook(self) -> None:
        """Nothing to finish."""


class Shell(InteractiveShell):
    """An IPython shell without terminal, history and colours."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    display_pub: Publisher
    displayhook: Hook
    capture: Capture

    def enable_gui(self, gui: Any = None) -> None:
        """There is no event loop to enable."""

    def ask_exit(self) -> None:
        """``exit`` and ``quit`` end a cell, like ``sys.exit``."""
        raise SystemExit

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        try:
            value = str(evalue)
        except Exception as error:  # an exception of the learner's may not even have a text
            value = f"<{type(error).__name__} in its text>"
        self.capture.error(str(getattr(etype, "__name__", etype)), value, [str(line) for line in stb])


def make_shell() -> Shell:
    """The shell, with pictures as PNG after each cell; one per process."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.enable_tip = False
    shell = Shell.instance(config=config)
    shell.capture = shell.display_pub.capture = shell.displayhook.capture = Capture()

    from matplotlib_inline.backend_inline import configure_inline_support

    support: Callable[..., None] = configure_inline_support
    support(shell, "module://matplotlib_inline.backend_inline")
    return shell


def install_streams(shell: Shell) -> None:
    """From now on, what this process prints is kept."""
    sys.stdout = Stream(shell.capture, "stdout")
    sys.stderr = Stream(shell.capture, "stderr")


def run(shell: Shell, source: str, bound: int) -> list[dict[str, Any]]:
    """Run one cell; what it shows, as nbformat output dictionaries of at most ``bound`` bytes."""
    shell.capture.start(bound)
    try:
        shell.displayhook.source = source
        run_cell: Callable[..., object] = shell.run_cell
        run_cell(source, store_history=False)
    except MemoryError:
        raise
    except BaseException as error:  # learners' code can raise through IPython's own handlers
        shell.capture.error(type(error).__name__, str(error), [])
    return shell.capture.take()
