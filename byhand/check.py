"""The check under a gap."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import numpy as np

from byhand import cases
from byhand.compare import INDENT, Result, compare, properties
from byhand.contracts import contracts_of
from byhand.outcome import call

_right: dict[str, bool] = {}
"""How the last check of each exercise went, as long as the kernel lives."""


class CheckFailed(AssertionError):
    """Something is not right yet; the text says what, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).split("\n")


def check(name: str, *objects: object) -> None:
    """Try what you wrote on the public cases, and say for each output whether it is right.

    Parameters
    ----------
    name : str
        The exercise, as written in the notebook.
    *objects
        What you defined, in the order of the contract.

    Raises
    ------
    CheckFailed
        If anything is wrong or not attempted. It is an AssertionError, so that
        *Validate* sees it.
    ValueError
        If there is no such exercise, or the number of objects does not fit.
    """
    __tracebackhide__ = True
    assignment, public = cases.read(Path.cwd() / "checks.json")
    contracts = contracts_of(assignment)
    if name not in public or name not in contracts:
        raise ValueError(f'There is no exercise "{name}" here; there are: {", ".join(public)}.')
    contract, wanted = contracts[name], public[name]
    if len(objects) != len(contract.objects):
        raise ValueError(f'check("{name}", …) takes {len(contract.objects)} of yours: {", ".join(contract.objects)}.')
    namespace = dict(zip(contract.objects, objects, strict=True))
    outcomes = [properties(contract, call(contract, namespace, inputs), inputs) for inputs in wanted.inputs]
    result = compare(contract, wanted, outcomes)
    _right[name] = result.status == "right"
    strays = sorted({stray for value in objects for stray in _strays(value)})
    text = _text(result, len(wanted.inputs), further=any(wanted.inputs))
    if strays:
        text += f"\nYour code reads `{strays[0]}`, an array outside it, which the mark will not find."
    if result.status != "right":
        called = {function for value in objects for function in _called(value, set())}
        earlier = [other for other in list(public)[: list(public).index(name)] if _right.get(other) is False]
        begin = next((f for other in earlier for f in contracts[other].objects if f in called), "")
        if begin and result.status != "not attempted":
            text += f"\nYour code uses `{begin}`, whose check has not passed: begin there."
        raise CheckFailed(text)
    print(text)


def _strays(value: object) -> Iterator[str]:
    """The notebook's own arrays that a function, or a class's methods, read as globals."""
    for name, found in _globals(value):
        if isinstance(found, np.ndarray):
            yield name


def _called(value: object, seen: set[str]) -> Iterator[str]:
    """The notebook's own functions and classes that one of them uses, and those that these use."""
    for name, found in _globals(value):
        if name not in seen and isinstance(found, (type, FunctionType)) and found.__module__ == value.__module__:
            seen.add(name)
            yield name
            yield from _called(found, seen)


def _globals(value: object) -> Iterator[tuple[str, object]]:
    """The global names that a function, or a class's methods, read, and what they stand for."""
    if isinstance(value, type):
        for part in vars(value).values():
            yield from _globals(part)
    elif isinstance(value, FunctionType):
        codes = [value.__code__]
        for code in codes:
            codes += [c for c in code.co_consts if isinstance(c, CodeType)]
            for step in dis.get_instructions(code):
                if step.opname == "LOAD_GLOBAL":
                    yield step.argval, value.__globals__.get(step.argval)


def _text(result: Result, count: int, further: bool) -> str:
    cases_said = f"{count} public case{'s' if count > 1 else ''}"
    if result.status == "not attempted":
        return f"{result.exercise}: not attempted yet.\n{INDENT}{result.findings[0].cause}"
    lines = [f"{result.exercise}, on {cases_said}:", *result.lines(details=True)]
    if result.status == "right" and further:
        lines.append("The mark uses further inputs.")
    return "\n".join(lines)
