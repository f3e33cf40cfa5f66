"""Errors that a beginner meets in a notebook, said in one sentence in place of a traceback."""

from __future__ import annotations

import linecache
import textwrap
from pathlib import Path
from types import TracebackType
from typing import Any

from byhand.progress import shell_of_kernel

WIDTH = 83
"""``nbgrader validate`` cuts off what is longer."""

RUN_ABOVE = "run the cells above (Run > Run All Above Selected Cell)"
OTHER_KERNEL = "choose the kernel of the course's environment (Kernel > Change Kernel...)"


def this_byhand() -> str:
    """The version of the package in use, and where it is."""
    import byhand

    return f"byhand {byhand.__version__} in {Path(byhand.__file__).parent}"


def wrapped(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """A text in lines."""
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(
            part, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    ]


def in_a_sentence(error: BaseException, said: str) -> None:
    """Have IPython show a sentence where it would show the error's traceback."""
    vars(error)["_render_traceback_"] = lambda: wrapped(said)


def install() -> None:
    """In the kernel of a notebook, answer with sentences from now on, unless somebody else handles errors there."""
    shell = shell_of_kernel()
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((NameError, ImportError, RuntimeError, KeyboardInterrupt), _show)


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, traceback: TracebackType, tb_offset: int | None = None
) -> None:
    if said := sentence(error, traceback, shell.user_ns):
        in_a_sentence(error, said)
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset, running_compiled_code=True)


def sentence(error: BaseException, traceback: TracebackType, notebook: dict[str, Any]) -> str:
    """What to do about an error of a cell; empty if the traceback says it better.

    Parameters
    ----------
    error : BaseException
        What was raised.
    traceback : traceback
        From where.
    notebook : dict
        The namespace of the notebook.
    """
    lines = []
    walk: TracebackType | None = traceback
    while walk is not None:
        if walk.tb_frame.f_globals is notebook:
            lines.append(linecache.getline(walk.tb_frame.f_code.co_filename, walk.tb_lineno).strip())
        walk = walk.tb_next
    if type(error).__module__ == "byhand.datasets":
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        at = f" at the line: {lines[-1]}" if lines and lines[-1] else ""
        return f"Interrupted{at}\nEverything defined before is still there: run the cell again, or change it first."
    if isinstance(error, NameError) and len(lines) == 1 and lines[0].startswith("check("):
        return (
            f"`{error.name}` is not defined: run the cell of its gap, and after a restart {RUN_ABOVE}. "
            "If you gave it another name, give it its own again: the mark goes by the name."
        )
    if isinstance(error, ImportError):
        return _import(error)
    return ""


def _import(error: ImportError) -> str:
    package = (error.name or "").partition(".")[0]
    if package == "toolbox":
        if not Path("toolbox").is_dir():
            return (
                f"There is no folder `toolbox` in {Path.cwd()}. It belongs beside the notebook: "
                "was the notebook moved out of its folder? Put it back, or open the one there."
            )
        return f"The folder `toolbox` does not fit this notebook ({error}): fetch the assignment's folder again."
    if package == "byhand":
        said = str(error).partition(" (")[0]
        return f"This notebook does not fit {this_byhand()} ({said}): {OTHER_KERNEL}, or update byhand."
    return ""
