"""A progress bar is for people and never for stored outputs."""

from __future__ import annotations

import contextlib
import io
import itertools
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from byhand.progress import is_live, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("BYHAND_QUIET", raising=False)
    monkeypatch.delenv("NBVAL", raising=False)
    return Terminal()


def test_the_items_come_unchanged_and_lazily(terminal: Terminal) -> None:
    with contextlib.redirect_stderr(terminal):
        assert list(progress(range(5), "training")) == [0, 1, 2, 3, 4]
        assert list(itertools.islice(progress(itertools.count()), 3)) == [0, 1, 2]


def test_on_a_terminal_a_bar_is_shown_and_wiped(terminal: Terminal) -> None:
    with contextlib.redirect_stderr(terminal):
        list(progress(range(3), "training"))
    assert "training" in terminal.getvalue()
    assert terminal.getvalue().split("\r")[-2].strip() == "" and "\n" not in terminal.getvalue()


@pytest.mark.parametrize("name", ["BYHAND_QUIET", "NBVAL"])
def test_an_environment_variable_silences_it(name: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.redirect_stderr(terminal):
        assert is_live()
        monkeypatch.setenv(name, "1")
        assert list(progress(range(3))) == [0, 1, 2]
    assert terminal.getvalue() == ""


def test_without_a_terminal_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BYHAND_QUIET", raising=False)
    with contextlib.redirect_stderr(io.StringIO()) as pipe:
        assert list(progress(range(3))) == [0, 1, 2]
    assert pipe.getvalue() == ""


def test_a_shell_without_a_kernel_follows_the_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: object()))
    with contextlib.redirect_stderr(terminal):
        assert is_live()


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.parametrize("watched", [True, False])
def test_in_a_kernel_a_front_end_that_can_be_asked_sees_a_bar_and_no_other(
    watched: bool, kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def collect(message: dict[str, Any]) -> None:
        if message["msg_type"] in {"stream", "display_data", "error"}:
            written.append(str(message["content"]))

    code = (
        "import os; os.environ.pop('BYHAND_QUIET', None); os.environ.pop('NBVAL', None)\n"
        "from byhand.progress import progress\n"
        "for _ in progress(range(3), 'training'): pass"
    )
    kernel.execute_interactive(code, allow_stdin=watched, output_hook=collect, timeout=60)
    assert ("training" in "".join(written)) is watched
    assert watched or written == []
    assert "stderr" not in "".join(written)  # which is shown as an error
