"""Contracts: how a check, and later the mark, calls what a learner wrote.

A contract is an ordinary function that anyone may read. Its positional-only
parameters are the names the learner defines, its keyword-only parameters are
inputs, and it yields its outputs piece by piece, in the order in which they can be
had, so that a right ``forward`` counts although ``backward`` is still empty.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Pieces = Iterator[dict[str, Any]]
Properties = Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
Measure = Callable[[Mapping[str, Any], Mapping[str, Any]], float]


@dataclass(frozen=True)
class Contract:
    """One way of calling a learner's code.

    Parameters
    ----------
    name : str
        The exercise, which is also the ``grade_id`` of the gap.
    call : callable
        ``call(*objects, **inputs)`` yields dictionaries of outputs.
    objects : tuple of str
        What the learner has to define.
    inputs : tuple of str
        What the contract is given besides.
    properties : callable, optional
        ``properties(outputs, inputs)`` turns outputs into what is compared, where
        many answers are right. It runs where the learner's code is not.
    private : tuple of str
        Entries of a case that the call is not given and a learner's process never has, such
        as the labels of a test set; ``properties`` and ``measure`` get them.
    measure : callable, optional
        ``measure(outputs, inputs)``: one number by which a class can compare what it built.
    """

    name: str
    call: Callable[..., Pieces]
    objects: tuple[str, ...]
    inputs: tuple[str, ...]
    properties: Properties | None = None
    private: tuple[str, ...] = ()
    measure: Measure | None = None

    def shown(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """A case without what is private: all that the learner's code may see."""
        return {name: value for name, value in inputs.items() if name not in self.private}

    @property
    def help(self) -> str:
        """The docstring: how the code is called, with shapes."""
        return inspect.getdoc(self.call) or ""


class Unfit(Exception):
    """What came back cannot be used; the text is one sentence for the learner, shown as it stands."""


@overload
def contract(call: Callable[..., Pieces]) -> Contract: ...
@overload
def contract(
    *, properties: Properties, private: tuple[str, ...] = (), measure: Measure | None = None
) -> Callable[[Callable[..., Pieces]], Contract]: ...
def contract(
    call: Callable[..., Pieces] | None = None,
    *,
    properties: Properties | None = None,
    private: tuple[str, ...] = (),
    measure: Measure | None = None,
) -> Contract | Callable[[Callable[..., Pieces]], Contract]:
    """Make a contract of a generator function ``f(Name, /, *, x, ...)``.

    Raises
    ------
    TypeError
        If a parameter is neither positional-only nor keyword-only, or the function
        does not yield.
    """

    def make(function: Callable[..., Pieces]) -> Contract:
        parameters = inspect.signature(function).parameters.values()
        objects = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_ONLY)
        inputs = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
        if len(objects) + len(inputs) != len(parameters) or not objects:
            raise TypeError(f"contract {function.__name__}: put what the learner defines before '/', inputs after '*'")
        if not inspect.isgeneratorfunction(function):
            raise TypeError(f"contract {function.__name__}: yield the outputs as dictionaries")
        if given_away := set(inputs) & set(private):
            raise TypeError(f"contract {function.__name__}: {', '.join(sorted(given_away))} is private, and given")
        return Contract(function.__name__, function, objects, inputs, properties, private, measure)

    return make if call is None else make(call)


def handed(said: str = "{} changed", /, **arrays: NDArray[Any]) -> Callable[..., str]:
    """Remembers arrays before a learner's code has them; called afterwards, it says which are no longer what they were.

    Where another array has taken the place of one, pass that by the same name. ``said`` is
    what is said of those that changed; of none it is "as before".
    """
    before = {name: array.copy() for name, array in arrays.items()}

    def back(**now: Any) -> str:
        found = arrays | now
        changed = [name for name, kept in before.items() if not np.array_equal(found[name], kept)]
        return said.format(" and ".join(changed)) if changed else "as before"

    return back


def topic(assignment: str) -> str:
    """The name without its number: ``05_layer_classes`` becomes ``layer_classes``."""
    return assignment.split("_", 1)[1] if assignment[:2].isdigit() else assignment


def contracts_of(assignment: str) -> dict[str, Contract]:
    """All contracts of an assignment, in the order in which they are written.

    Raises
    ------
    ModuleNotFoundError
        If there is no ``byhand/contracts/<topic>.py``.
    """
    module = importlib.import_module(f"byhand.contracts.{topic(assignment)}")
    return {c.name: c for c in vars(module).values() if isinstance(c, Contract)}
