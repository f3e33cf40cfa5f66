"""What a learner is told of a call that failed on hidden inputs.

Every text that comes out of such a call may carry its inputs: an exception's words, its type's
name, a line of code, a text returned in place of a number; and so may the shape of an array. So
none of them is shown. In their place stands what the same code said on the public cases, in a
session that never saw others, or a sentence of ours.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from byhand.compare import Wanted
from byhand.outcome import Array, Failure, Outcome

TYPES = {n for n, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)}
TYPES |= {"AxisError", "LinAlgError"}
NOT_SHOWN = "a text that is not shown"
SENTENCES = {
    "raised": "on inputs of the mark, but not on the public cases: which inputs does it not expect?",
    "bad": "on inputs of the mark something came back that cannot be used, but not so on the public cases.",
}


def untold(
    outcomes: Sequence[Outcome], wanted: Wanted, names: Collection[str], public: Callable[[], Sequence[Outcome]]
) -> list[Outcome]:
    """Outcomes on hidden inputs, without any words that came with them.

    Parameters
    ----------
    outcomes : sequence of Outcome
        What the learner's code gave.
    wanted : Wanted
        With the misconceptions, whose own words may stay.
    names : collection of str
        Where a failure may be said to have happened: what learners define, as ``"ReLU.backward"``.
    public : callable
        Gives the outcomes on the public cases. Called where it is needed, and once.
    """
    errors = {error for known in wanted.known for error in known.errors}
    on_public_cases = cache(public)

    def failure(f: Failure) -> Failure:
        places = (*names, *wanted.names)
        function = next((name for name in (f.function, f.function.split(".")[0]) if name in places), "")
        kind = f.type if f.type in TYPES else ""
        if f.kind == "stopped":
            return f
        if f.kind == "missing":
            lacking = [name for name in names if f.message == f"`{name}` is not defined"]
            return Failure("missing", f"`{lacking[0]}` is not defined" if lacking else "it is not defined")
        if f.kind == "empty":
            return Failure("empty", "", kind, function)
        if f.kind == "bad" and f.message in errors:
            return Failure("bad", f.message, "", function)
        said = [
            o.failure for o in on_public_cases() if o.failure and (o.failure.kind, o.failure.type) == (f.kind, f.type)
        ]
        return said[0] if said else Failure(f.kind, SENTENCES[f.kind], kind or "an error", function)

    sizes = {0, 1} | {
        n + more for case in wanted.inputs for v in case.values() for n in np.shape(v) for more in (-1, 0, 1)
    }
    outputs = [*wanted.outputs, *(case for known in wanted.known for case in known.outputs)]
    sizes |= {n for case in outputs for array in case.values() for n in array.shape}

    def fits(array: Array) -> bool:
        return array.ndim <= 4 and sizes.issuperset(array.shape)

    def output(name: str, array: Array) -> Array:
        own = [case[name] for case in wanted.outputs if name in case]
        own += [case[name] for known in wanted.known for case in known.outputs if name in case]
        if array.dtype.kind != "U" or _among(array, own):
            return array
        said = [o.outputs[name] for o in on_public_cases() if name in o.outputs]
        return array if _among(array, said) else np.array(NOT_SHOWN)

    def told(o: Outcome) -> Outcome:
        said = failure(o.failure) if o.failure else None
        for name, array in o.outputs.items():
            if not fits(array):
                said = said or Failure("bad", f"`{name}` has a shape that no array of this exercise has")
        return replace(o, outputs={n: output(n, a) for n, a in o.outputs.items() if fits(a)}, failure=said)

    return [told(o) for o in outcomes]


def _among(array: Array, others: Sequence[Array]) -> bool:
    return any(np.array_equal(array, other) for other in others)
