"""The check under a gap."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import numpy as np

from byhand import cases
from byhand.compare import INDENT, Result, Wanted, compare, properties
from byhand.contracts import Contract, contracts_of
from byhand.outcome import call
from byhand.panel import comparison, panel
from byhand.progress import is_live, shell_of_kernel
from byhand.remedies import WIDTH, in_a_sentence, wrapped

_right: dict[str, bool] = {}
"""How the last check of each exercise went, as long as the kernel lives."""


class CheckFailed(AssertionError):
    """Something is not right yet; the text says what, without a traceback.

    Where a person watches a notebook, the panel takes the text's place, and one line says why
    *Run All* stops. A program that executes notebooks, such as *Validate*, gets the text.
    """

    def __init__(self, bundle: dict[str, str], line: str) -> None:
        super().__init__(bundle["text/plain"])
        self._bundle, self._line, self._shown = bundle, line, False

    def _ipython_display_(self) -> None:
        _show(self._bundle)

    def _render_traceback_(self) -> list[str]:
        if shell_of_kernel() is None or not is_live():
            return str(self).split("\n")
        if not self._shown:  # IPython asks again, for its history
            self._shown = True
            _show(self._bundle)
        return [self._line]


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
    ValueError, FileNotFoundError
        If there is no such exercise, the number of objects does not fit, or checks.json is
        missing, damaged or of another version of byhand. One sentence says what to do.
    """
    __tracebackhide__ = True
    try:
        contract, wanted, earlier = _exercise(name, len(objects))
    except (ValueError, FileNotFoundError) as error:
        in_a_sentence(error, str(error))
        raise
    namespace = dict(zip(contract.objects, objects, strict=True))
    outcomes = [properties(contract, call(contract, namespace, inputs), inputs) for inputs in wanted.inputs]
    result = compare(contract, wanted, outcomes)
    _right[name] = result.status == "right"
    notes = []
    if result.status == "right" and any(wanted.inputs):
        notes.append("The mark uses further inputs.")
    failures = [outcome.failure for outcome in outcomes if outcome.failure]
    if any(failure.type == "NameError" for failure in failures):
        notes.append(
            "Is that name misspelt, or defined in a cell above that has not been run since the kernel started?"
        )
    if strays := sorted({stray for value in objects for stray in _strays(value)}):
        notes.append(f"Your code reads `{strays[0]}`, an array outside it, which the mark will not find.")
    if result.status not in ("right", "not attempted"):
        called = {function for value in objects for function in _called(value, set())}
        if begin := next((f for f in earlier if f in called), ""):
            notes.append(f"Your code uses `{begin}`, whose check has not passed: begin there.")
    count = len(wanted.inputs)
    tried = f"on {count} public case{'s' if count > 1 else ''}"
    text = "\n".join([_text(result, tried), *(line for note in notes for line in wrapped(note))])
    compared = {f.output: comparison(f.output, outcomes, wanted) for f in result.findings if not f.right}
    bundle = {"text/plain": text, "text/html": panel(result, tried, compared, notes)}
    if result.status != "right":
        state = "not attempted" if result.status == "not attempted" else "not right"
        raise CheckFailed(bundle, f"{name} is {state} yet; Run All stops here.")
    _show(bundle)


def _show(bundle: dict[str, str]) -> None:
    """A panel in a notebook, text everywhere else."""
    if shell_of_kernel() is None:
        print(bundle["text/plain"])
    else:
        from IPython.display import display

        display(bundle, raw=True)


def _exercise(name: str, count: int) -> tuple[Contract, Wanted, list[str]]:
    """The contract, the public cases, and what earlier exercises with a failed check are about."""
    assignment, public = cases.read(Path.cwd() / "checks.json")
    try:
        contracts = contracts_of(assignment)
    except ModuleNotFoundError:
        raise cases.other_version(newer=True) from None
    if name not in public:
        raise ValueError(f'There is no exercise "{name}" here; there are: {", ".join(public)}.')
    if name not in contracts:
        raise cases.other_version(newer=True)
    contract, wanted = contracts[name], public[name]
    given = [set(contract.shown(inputs)) for inputs in wanted.inputs]
    if any(inputs != set(contract.inputs) for inputs in given):
        raise cases.other_version(newer=any(inputs - set(contract.inputs) for inputs in given))
    if count != len(contract.objects):
        raise ValueError(f'check("{name}", …) takes {len(contract.objects)} of yours: {", ".join(contract.objects)}.')
    failed = [other for other in list(public)[: list(public).index(name)] if _right.get(other) is False]
    return contract, wanted, [f for other in failed for f in contracts[other].objects]


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


def _text(result: Result, tried: str) -> str:
    if result.status == "not attempted":
        return "\n".join([f"{result.exercise}: not attempted yet.", *wrapped(result.findings[0].cause, INDENT)])
    return "\n".join([f"{result.exercise}, {tried}:", *result.lines(details=True, width=WIDTH)])
