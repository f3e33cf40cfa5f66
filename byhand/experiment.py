"""Experiments that wait until the gaps they need are filled in."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from byhand.remedies import RUN_ABOVE


class experiment:
    """Run a block; where it calls an unfilled gap, say so in one sentence instead of an error.

    An unfilled gap is a function of the notebook itself that raises
    ``NotImplementedError``. A name that the notebook lacks, as after a restart, is said in one
    sentence, too. Everything else passes through, also a ``NotImplementedError`` of a library.
    Figures that the block had begun are closed, so that no empty one is shown; also when
    somebody interrupts it.

    Examples
    --------
    >>> def sigmoid(z):
    ...     raise NotImplementedError()
    >>> with experiment():
    ...     print(sigmoid(0.0))
    This experiment waits for `sigmoid`: fill in that gap, then run this cell again.
    """

    def __enter__(self) -> None:
        self._notebook: Mapping[str, Any] = sys._getframe(1).f_globals
        self._figures = set(_open_figures())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(error, KeyboardInterrupt):
            self._close_figures()
        if not isinstance(error, (NotImplementedError, NameError)) or traceback is None:
            return False
        while traceback.tb_next is not None:
            traceback = traceback.tb_next
        frame = traceback.tb_frame
        function = frame.f_code.co_qualname.split(".<locals>")[0]
        if frame.f_globals is not self._notebook:
            return False
        in_block = function.startswith("<")  # <module>, or a <lambda> or <genexpr> of the block
        if isinstance(error, NameError) and error.name in frame.f_code.co_names:  # global, that is
            who, where = (
                ("", "") if in_block else (f", which `{function}` uses,", f", or mend the name in `{function}`")
            )
            print(f"`{error.name}`{who} is not defined: {RUN_ABOVE}{where}, then this one again.")
        elif isinstance(error, NotImplementedError) and not in_block:
            print(f"This experiment waits for `{function}`: fill in that gap, then run this cell again.")
        else:
            return False
        self._close_figures()
        return True

    def _close_figures(self) -> None:
        for number in set(_open_figures()) - self._figures:
            sys.modules["matplotlib.pyplot"].close(number)


def _open_figures() -> list[int]:
    """The numbers of pyplot's figures; none if pyplot was never imported."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return [] if pyplot is None else list(pyplot.get_fignums())
