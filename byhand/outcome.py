"""Calling a contract, and what comes back.

The same function serves the check in a notebook and the sandbox of a mark, so both
see the learner's code in the same way.
"""

from __future__ import annotations

import copy
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Contract, Unfit

Array = NDArray[Any]
Kind = Literal["missing", "empty", "raised", "bad", "stopped"]
KINDS = "biufcU"  # bool, integers, floats, complex, text
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Failure:
    """Why a call ended early.

    ``kind`` is *missing* (a name was never defined), *empty* (a gap still raises
    NotImplementedError), *raised*, *bad* (an output that is no array) or *stopped*
    (time, memory, or the process ended).
    """

    kind: Kind
    message: str
    type: str = ""
    function: str = ""
    line: str = ""

    @property
    def sign(self) -> str:
        """What two failures of one kind have in common: the exception's type, or our own sentence."""
        return self.type or self.message


@dataclass(frozen=True)
class Outcome:
    """What one call of a contract gave: outputs so far, and why it ended if it did."""

    outputs: dict[str, Array] = field(default_factory=dict)
    failure: Failure | None = None
    modified: tuple[str, ...] = ()


def as_array(name: str, value: object) -> Array:
    """A plain array of numbers, truth values or text.

    Raises
    ------
    TypeError
        With one sentence for the learner, if ``value`` is something else.
    """
    if value is None:
        raise TypeError(f"`{name}` is None: does the function return what it computed?")
    try:
        array = np.array(value)
    except ValueError:
        if isinstance(value, tuple):
            raise TypeError(f"`{name}` is a tuple of {len(value)} things; one array is asked for") from None
        raise TypeError(f"`{name}` is a {type(value).__name__} whose rows differ in length") from None
    if array.dtype.kind not in KINDS:
        raise TypeError(f"`{name}` is of type {type(value).__name__}; an array of numbers is expected")
    if array.nbytes > MAX_BYTES:
        raise TypeError(f"`{name}` has shape {array.shape}, far larger than anything asked for")
    return array


def _text(error: BaseException) -> str:
    try:
        return str(error)[:400]
    except Exception:  # a learner's exception may fail even at this
        return "an error without a text"


def _failure(error: BaseException) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    learner = [f for f in frames if "byhand/" not in f.filename and "/site-packages/" not in f.filename]
    frame = learner[-1] if learner else None
    walk = error.__traceback__
    function = ""
    while walk is not None:
        code = walk.tb_frame.f_code
        if frame is not None and code.co_filename == frame.filename:
            function = getattr(code, "co_qualname", code.co_name)
        walk = walk.tb_next
    return Failure(
        kind="empty" if isinstance(error, NotImplementedError) else "raised",
        message=_text(error),
        type=type(error).__name__,
        function=function,
        line=(frame.line or "")[:200] if frame else "",
    )


def call(contract: Contract, namespace: Mapping[str, Any], inputs: Mapping[str, Any]) -> Outcome:
    """Call a contract with what ``namespace`` defines and a copy of ``inputs``, the private ones left out.

    Never raises for anything the learner's code does, KeyboardInterrupt excepted.
    """
    lacking = [name for name in contract.objects if name not in namespace]
    if lacking:
        return Outcome(failure=Failure("missing", f"`{lacking[0]}` is not defined"))
    inputs = contract.shown(inputs)
    given = copy.deepcopy(inputs)
    outputs: dict[str, Array] = {}
    failure = None
    try:
        with warnings.catch_warnings(), np.errstate(all="warn"):
            warnings.simplefilter("ignore")
            for piece in contract.call(*(namespace[name] for name in contract.objects), **given):
                for name, value in piece.items():
                    if not name.isidentifier():
                        raise ValueError(f"the contract calls an output {name!r}, which is no name")
                    try:
                        outputs[name] = as_array(name, value)
                    except TypeError as error:
                        failure = failure or Failure("bad", str(error), function=name)
    except KeyboardInterrupt:
        raise
    except Unfit as error:
        failure = failure or Failure("bad", str(error))
    except BaseException as error:  # a learner's code may raise anything, SystemExit included
        failure = failure or _failure(error)
    modified = tuple(name for name, value in inputs.items() if not _same(value, given[name]))
    return Outcome(outputs, failure, modified)


def _same(before: object, after: object) -> bool:
    return np.array_equal(np.asarray(before), np.asarray(after), equal_nan=np.asarray(before).dtype.kind in "fc")
