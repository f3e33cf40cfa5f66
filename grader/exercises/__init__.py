"""Exercises: everything the grader knows about a gap, in one description.

From it are read the public cases of a check, the hidden cases of a mark, the
feedback, the sample class, and the audit of all of these.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from byhand.contracts import topic

Case = dict[str, Any]
"""The inputs of one call of a contract: arrays, numbers and strings by name."""


@dataclass(frozen=True)
class Misconception:
    """A typical mistake, as a patch on the solution's own text.

    One line makes a mutant that must be rejected, a diagnosis, and a simulated
    learner. ``old`` must occur in the solution exactly once.
    """

    name: str
    old: str
    new: str
    message: str


@dataclass(frozen=True)
class Alternative:
    """A different right answer: the whole text of the gap's cell, or a patch on it.

    Give ``code`` for a cell written anew, or ``old`` and ``new`` for a patch.
    """

    name: str
    code: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Equivalent:
    """An automatic mutant that no test can tell from the solution, and why.

    ``mutant`` is the text that ``grader audit`` prints for it.
    """

    mutant: str
    reason: str


@dataclass(frozen=True)
class Exercise:
    """What a learner must build, and how it is judged.

    Parameters
    ----------
    name : str
        The contract's name, which is also the gap's ``grade_id``.
    source : str
        The seed document it comes from, such as ``"S2 §5.1"``.
    cases : callable
        ``cases(rng)`` draws the inputs of a few calls. Public and hidden cases come
        from the same function with different generators.
    reference : mapping
        For each name the contract wants, the reference object.
    misconceptions, alternatives : tuple
        At least four and two.
    equivalent : tuple
        Automatic mutants that compute the same.
    rtol, atol : float
        An output is right where ``|got - want| <= atol + rtol |want|``.
    shared : bool
        Whether a whole class is marked on the same hidden cases, so that it can be compared.
    draws : int
        Hidden draws in the audit; fewer where a call is dear.
    """

    name: str
    source: str
    cases: Callable[[np.random.Generator], list[Case]]
    reference: Mapping[str, Any]
    misconceptions: tuple[Misconception, ...]
    alternatives: tuple[Alternative, ...]
    equivalent: tuple[Equivalent, ...] = field(default=())
    rtol: float = 1e-6
    atol: float = 1e-9
    shared: bool = False
    draws: int = 40


def attempts(limit: int = 20_000) -> Iterator[int]:
    """For cases that are drawn until they fit: ``for _ in attempts(): …; if fits: break``.

    Raises
    ------
    RuntimeError
        After ``limit`` draws, so that marking never waits for one that cannot come.
    """
    yield from range(limit)
    raise RuntimeError(f"none of {limit} draws gave a case that fits")


def exercises_of(assignment: str) -> dict[str, Exercise]:
    """All exercises of an assignment, in the order of its ``EXERCISES``.

    Raises
    ------
    ModuleNotFoundError
        If there is no ``grader/exercises/<topic>.py``.
    """
    module = importlib.import_module(f"grader.exercises.{topic(assignment)}")
    return {e.name: e for e in module.EXERCISES}
