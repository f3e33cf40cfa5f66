"""A progress bar for people, which never becomes part of a stored output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def shell_of_kernel() -> Any:
    """IPython's shell, if this is the kernel of a notebook; else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return None if getattr(shell, "kernel", None) is None else shell


def is_live() -> bool:
    """Whether somebody is watching: a terminal, or a notebook front-end such as JupyterLab.

    In a kernel the sign is whether the front-end can be asked for input. Programs that
    execute notebooks (nbclient, nbconvert, nbval, nbgrader) cannot; people can. The
    environment variables ``BYHAND_QUIET`` and ``NBVAL``, set to anything, mean no.
    """
    if os.environ.get("BYHAND_QUIET") or os.environ.get("NBVAL"):
        return False
    shell = shell_of_kernel()
    if shell is not None:
        return bool(getattr(shell.kernel, "_allow_stdin", False))
    return sys.stderr is not None and sys.stderr.isatty()


def progress(iterable: Iterable[T], label: str = "") -> Iterator[T]:
    """Go through `iterable`, with a bar that is gone when the loop is.

    Parameters
    ----------
    iterable : iterable
        If it has a length, the bar shows the time left.
    label : str
        What is going on, such as ``"training"``.

    Yields
    ------
    object
        The items, one by one. Where nobody is watching nothing is written.
    """
    if not is_live():
        yield from iterable
        return
    from tqdm import tqdm

    # JupyterLab shows what goes to stderr on red, as if it were an error, and its empty line stays.
    file = None if shell_of_kernel() is None else sys.stdout
    yield from tqdm(iterable, desc=label or None, file=file, leave=False, dynamic_ncols=True)
