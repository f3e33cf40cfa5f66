"""Comparing what came back with what was wanted, and saying what the likely cause is.

One comparison serves the learner's check and the mark. A named misconception comes
first, then a general diagnosis (shape, transposed, a constant factor, sign, nan,
input modified), then the largest difference and where it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from byhand.contracts import Contract
from byhand.outcome import Array, Failure, Outcome, as_array
from byhand.remedies import wrapped

INDENT = " " * 6


@dataclass(frozen=True)
class Known:
    """A misconception and what it gives on each case: outputs, or the sign of its failure."""

    name: str
    message: str
    outputs: tuple[Mapping[str, Array], ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What is right on each case, how near is near enough, and the known mistakes."""

    inputs: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Array], ...]
    known: tuple[Known, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-9

    @property
    def names(self) -> tuple[str, ...]:
        """Every output, in the order in which the contract gives them."""
        return tuple(dict.fromkeys(name for case in self.outputs for name in case))


@dataclass(frozen=True)
class Finding:
    """One output: right, or wrong with a cause.

    ``cause`` can be shown to anyone; ``detail`` quotes expected values and is for
    public cases only.
    """

    output: str
    right: bool
    cause: str = ""
    misconception: str = ""
    detail: str = ""
    reached: bool = True
    """Whether the code came as far as giving this output."""
    waits: bool = False
    """Right, but only words, which count once another output is right."""

    @property
    def word(self) -> str:
        """The finding in a word or two."""
        if self.waits:
            return "counts once another output is right"
        return "right" if self.right else "WRONG" if self.reached else "not reached"


@dataclass(frozen=True)
class Result:
    """An exercise: *right*, *wrong*, *raised*, *stopped* or *not attempted*, output by output."""

    exercise: str
    status: str
    findings: tuple[Finding, ...]

    @property
    def fraction(self) -> float:
        """The share of the outputs that are right, 0 to 1."""
        return sum(f.right for f in self.findings) / len(self.findings) if self.findings else 0.0

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The misconceptions that were recognised, each once."""
        return tuple(dict.fromkeys(f.misconception for f in self.findings if f.misconception))

    def lines(self, details: bool, width: int = 100) -> list[str]:
        """The result as plain text, one line an output and one for each cause."""
        longest = max((len(f.output) for f in self.findings), default=0)
        text = []
        said: set[str] = set()
        for f in self.findings:
            text.append(f"  {f.output:<{longest}}  {f.word}")
            for sentence in (f.cause, f.detail if details else ""):
                if sentence and sentence not in said:
                    said.add(sentence)
                    text += wrapped(sentence, INDENT, width)
        return text


def close(got: Array, want: Array, rtol: float, atol: float) -> bool:
    """Whether two arrays have one shape and ``|got - want| <= atol + rtol |want|``; nan equals nan."""
    if got.shape != want.shape or (got.dtype.kind == "U") != (want.dtype.kind == "U"):
        return False
    if want.dtype.kind == "U":
        return bool(np.all(got == want))
    with np.errstate(all="ignore"):
        return bool(np.allclose(_number(got), _number(want), rtol=rtol, atol=atol, equal_nan=True))


def properties(contract: Contract, outcome: Outcome, inputs: Mapping[str, Any]) -> Outcome:
    """What is compared: the outputs, or the contract's properties of them."""
    if contract.properties is None:
        return outcome
    if outcome.failure is not None:
        return Outcome({}, outcome.failure, outcome.modified)
    try:
        with np.errstate(all="ignore"):
            found = contract.properties(outcome.outputs, inputs)
    except Exception as error:  # whatever a strange output provokes is the output's fault
        return Outcome({}, Failure("bad", f"the result cannot be used: {error}"), outcome.modified)
    return Outcome({k: as_array(k, v) for k, v in found.items()}, None, outcome.modified)


def compare(contract: Contract, wanted: Wanted, outcomes: Sequence[Outcome]) -> Result:
    """Judge an exercise by its outcomes on all cases, in the order of ``wanted.inputs``.

    The outcomes are what is compared: pass them through `properties` first.
    Fails closed: a case without an outcome is wrong.
    """
    got = list(outcomes)
    got += [Outcome(failure=Failure("stopped", "there is no result for this case"))] * (len(wanted.inputs) - len(got))
    right = {name: all(is_right(name, o, w, wanted) for o, w in _pairs(got, wanted)) for name in wanted.names}
    words = {name for name in right if any(name in w and w[name].dtype.kind == "U" for w in wanted.outputs)}
    idle = len(words) < len(right) and not any(right[name] for name in right if name not in words)
    waiting = {name for name in words if idle and right[name]}
    # To have left everything as it was is no achievement of code that does nothing else.
    right |= dict.fromkeys(waiting, False)
    if all(right.values()):
        return Result(contract.name, "right", tuple(Finding(name, True) for name in wanted.names))
    first = next((o.failure for o in got if o.failure), None)
    whole = next((k for k in wanted.known if _is_known(k, wanted.names, got, wanted)), None)
    findings = []
    for name in wanted.names:
        if right[name]:
            findings.append(Finding(name, True))
            continue
        if name in waiting and not (whole and _known_wrong(whole, name, wanted)):
            findings.append(Finding(name, False, waits=True))
            continue
        known = whole or next((k for k in wanted.known if _known_by(k, name, got, wanted)), None)
        if known and not _known_wrong(known, name, wanted):
            known = None
        cause, detail = _diagnose(name, got, wanted, contract)
        wrong = [o for o, w in _pairs(got, wanted) if not is_right(name, o, w, wanted)]
        reached = any(name in o.outputs or (o.failure and o.failure.function == name) for o in wrong)
        if known:
            findings.append(Finding(name, False, known.message, known.name, detail, reached))
        else:
            findings.append(Finding(name, False, cause, "", detail, reached))
    if not any(o.outputs for o in got) and first and _unattempted(first, contract):
        status = "not attempted"
    elif first and first.kind in ("raised", "stopped"):
        status = first.kind
    else:
        status = "wrong"
    return Result(contract.name, status, tuple(findings))


def _pairs(got: Sequence[Outcome], wanted: Wanted) -> list[tuple[Outcome, Mapping[str, Array]]]:
    return list(zip(got, wanted.outputs, strict=True))


def is_right(name: str, outcome: Outcome, want: Mapping[str, Array], wanted: Wanted) -> bool:
    """Whether one output of one case is there and near enough, or not asked for."""
    if name not in want:
        return True
    return name in outcome.outputs and close(outcome.outputs[name], want[name], wanted.rtol, wanted.atol)


def _unattempted(failure: Failure, contract: Contract) -> bool:
    root = failure.function.split(".")[0]
    return failure.kind == "missing" or (failure.kind == "empty" and root in (*contract.objects, ""))


def _known_wrong(known: Known, name: str, wanted: Wanted) -> bool:
    """Whether the misconception gets this output wrong in some case."""
    return any(
        name in want and (name not in given or not close(given[name], want[name], wanted.rtol, wanted.atol))
        for given, want in zip(known.outputs, wanted.outputs, strict=True)
    )


def _known_by(known: Known, name: str, got: Sequence[Outcome], wanted: Wanted) -> bool:
    """Whether one output gives a misconception away: by a wrong value, not by words or an error alone."""
    words = any(name in want and want[name].dtype.kind == "U" for want in wanted.outputs)
    valued = any(
        name in given and name in want and not close(given[name], want[name], wanted.rtol, wanted.atol)
        for given, want in zip(known.outputs, wanted.outputs, strict=True)
    )
    return valued and not words and _is_known(known, (name,), got, wanted)


def _is_known(known: Known, names: Sequence[str], got: Sequence[Outcome], wanted: Wanted) -> bool:
    """Whether the outcomes are those of a misconception, on all cases."""
    if not any(_known_wrong(known, name, wanted) for name in names):
        return False
    for outcome, given, error, want in zip(got, known.outputs, known.errors, wanted.outputs, strict=True):
        failure = outcome.failure.sign if outcome.failure else ""
        for name in names:
            if name not in want:
                continue
            if name in given:
                if name not in outcome.outputs or not close(
                    outcome.outputs[name], given[name], wanted.rtol, wanted.atol
                ):
                    return False
            elif name in outcome.outputs or failure != error:
                return False
    return True


def _diagnose(name: str, got: Sequence[Outcome], wanted: Wanted, contract: Contract) -> tuple[str, str]:
    """The cause in general terms, and the detail with numbers."""
    for number, (outcome, want) in enumerate(_pairs(got, wanted), start=1):
        if is_right(name, outcome, want, wanted):
            continue
        if name not in outcome.outputs:
            return _absent(name, outcome.failure, contract), ""
        mine, theirs = outcome.outputs[name], want[name]
        cause = _general(name, got, wanted, mine, theirs)
        if not cause and outcome.modified:
            cause = f"`{outcome.modified[0]}` was changed by your code: does the caller still need its own values?"
        detail = _difference(name, mine, theirs, wanted)
        where = f" (case {number} of {len(got)})" if detail and len(got) > 1 else ""
        return cause or f"`{name}` differs from what is expected.", detail + where
    return "", ""


def _absent(name: str, failure: Failure | None, contract: Contract) -> str:
    if failure is None:
        return f"`{name}` was not returned."
    if failure.kind == "missing":
        return f"{failure.message}."
    if failure.kind == "empty":
        if _unattempted(failure, contract):
            where = failure.function or contract.objects[0]
            line = f"`{where}` still raises NotImplementedError"
            return f"{line}: is that line still there, or has your answer another name?"
        return f"Your code calls `{failure.function}`, whose gap is still empty: fill that one first."
    if failure.kind == "raised":
        line = f", at the line: {failure.line}" if failure.line else ""
        return f"Your code raised {failure.type}: {_readable(failure.message)}{line}"
    return failure.message[:1].upper() + failure.message[1:]


def _readable(message: str) -> str:
    """NumPy's words on a matrix product, said plainly."""
    sizes = re.search(r"matmul.*core dimension.*\(size (\d+) is different from (\d+)\)", message)
    if sizes:
        return f"the inner sizes of a matrix product differ, {sizes[2]} and {sizes[1]}"
    return message


def _general(name: str, got: Sequence[Outcome], wanted: Wanted, mine: Array, theirs: Array) -> str:
    if theirs.dtype.kind == "U" or mine.dtype.kind == "U":
        if theirs.dtype.kind != mine.dtype.kind:
            return f"`{name}` is {'text' if mine.dtype.kind == 'U' else 'a number'}; what kind of value is asked for?"
        return f"`{name}`: {str(mine)[:200]}"
    if mine.shape != theirs.shape:
        return _shape(name, mine, theirs)
    if theirs.dtype.kind == "b":
        return ""
    a, b = _number(mine), _number(theirs)
    if np.isnan(a).any() and not np.isnan(b).any():
        return f"`{name}` contains nan: which step divides 0 by 0, or takes inf from inf or the log of a negative?"
    if np.isinf(a).any() and not np.isinf(b).any():
        return f"`{name}` contains inf: which step overflows, or takes the log of 0?"
    if np.issubdtype(mine.dtype, np.integer) and np.array_equal(a, np.trunc(b)):
        return f"`{name}` holds whole numbers (dtype {mine.dtype}): where were the fractions cut off?"
    factor = _factor(name, got, wanted)
    if factor is not None:
        if np.isclose(factor, -1):
            return f"`{name}` has the wrong sign everywhere and the right size: which way should it point?"
        return f"`{name}` is {_times(factor, wanted)} what is expected, everywhere: which factor is it?"
    if theirs.ndim == 2 and theirs.shape[0] == theirs.shape[1] and close(mine.T, theirs, wanted.rtol, wanted.atol):
        return f"`{name}` is transposed: along which axis do the samples lie?"
    shift = a - b
    if shift.size > 1 and np.allclose(shift, shift.flat[0], rtol=1e-6, atol=1e-12):
        return f"`{name}` is off by the same amount everywhere: which term is added once too often, or not at all?"
    if theirs.ndim >= 1 and theirs.shape[0] > 2:
        wrong = [i for i in range(len(theirs)) if not close(mine[i], theirs[i], wanted.rtol, wanted.atol)]
        if len(wrong) == 1:
            return f"Only row {wrong[0]} of `{name}` differs, the others agree: which of its entries do?"
    return ""


def _shape(name: str, mine: Array, theirs: Array) -> str:
    say = f"`{name}` has shape {mine.shape}, expected {theirs.shape}"
    if mine.shape == theirs.shape[::-1]:
        return f"{say}: it is transposed. Which index counts the samples?"
    if sorted(mine.shape) == sorted(theirs.shape):
        return f"{say}: the axes stand in another order. Which index counts what?"
    if mine.size == theirs.size:
        return f"{say}: the numbers are as many, but an axis is lost or added. Which operation changed the axes?"
    if theirs.ndim == 2 and theirs.shape[1] == 1 and mine.shape == (theirs.shape[0],) * 2:
        return f"{say}: (N, 1) and (N,) broadcast to (N, N). Which of your arrays lacks its second axis?"
    if any(mine.shape == theirs.shape[:i] + theirs.shape[i + 1 :] for i in range(theirs.ndim)):
        return f"{say}: was an axis summed away that has to stay?"
    if mine.ndim > theirs.ndim:
        return f"{say}: where does the axis too many come from?"
    return f"{say}: which step gave it this shape?"


def _factor(name: str, got: Sequence[Outcome], wanted: Wanted) -> float | None:
    """The constant c with got = c · want that is not 1; where cases have different ones, each has to be a size."""
    factors: list[float] = []
    telling, sized = False, True
    for (outcome, want), inputs in zip(_pairs(got, wanted), wanted.inputs, strict=True):
        if name not in want:
            continue
        if name not in outcome.outputs or outcome.outputs[name].shape != want[name].shape:
            return None
        if "U" in (outcome.outputs[name].dtype.kind, want[name].dtype.kind):
            return None
        a, b = _number(outcome.outputs[name]), _number(want[name])
        norm = float(np.sum(np.abs(b) ** 2))
        if not np.isfinite(norm) or norm == 0:
            continue
        c = float(np.sum(a * b).real / norm)
        if abs(c) < 1e-6 or not np.allclose(a, c * b, rtol=1e-5, atol=wanted.atol + 1e-7 * float(np.abs(b).max())):
            return None
        factors.append(c)
        sized = sized and any(np.isclose(c, [n, 1 / n]).any() for n in _sizes(inputs))
        telling = telling or int(np.count_nonzero(b)) > 1
    consistent = len(factors) > 1 and np.allclose(factors, factors[0])
    if not factors or np.isclose(factors[0], 1) or not (consistent or (telling and (sized or len(factors) == 1))):
        return None
    return factors[0]


def _sizes(inputs: Mapping[str, Any]) -> list[int]:
    """The lengths of the arrays' axes, from 3 on."""
    return sorted({int(n) for value in inputs.values() if isinstance(value, np.ndarray) for n in value.shape if n > 2})


def _times(factor: float, wanted: Wanted) -> str:
    """The factor in words, with the size it may stand for."""
    for n in _sizes(wanted.inputs[0]):
        if np.isclose(factor, n):
            return f"{n} times"
        if np.isclose(factor, 1 / n):
            return f"1/{n} of"
    return f"{factor:.3g} times"


def _difference(name: str, mine: Array, theirs: Array, wanted: Wanted) -> str:
    if mine.shape != theirs.shape or "U" in (mine.dtype.kind, theirs.dtype.kind):
        return "" if mine.shape != theirs.shape else f"Expected for `{name}`: {theirs}"
    if mine.dtype.kind == "b" and theirs.dtype.kind == "b" and mine.ndim == 0:
        return ""
    a, b = _number(mine), _number(theirs)
    gap = gaps(mine, theirs, wanted)
    at = np.unravel_index(int(np.argmax(gap)), gap.shape) if gap.ndim else ()
    index = f" at {name}[{', '.join(str(int(i)) for i in at)}]" if at else ""
    digits = next((d for d in (6, 9, 12) if f"{a[at]:.{d}g}" != f"{b[at]:.{d}g}"), 17)
    size = f"Largest difference {gap[at]:.3g}" if np.isfinite(gap[at]) else "A difference"
    return f"{size}{index}: you have {a[at]:.{digits}g}, expected {b[at]:.{digits}g}"


def gaps(mine: Array, theirs: Array, wanted: Wanted) -> Array:
    """|mine - theirs| of two arrays of one shape: -1 where they are near enough, inf where one is nan."""
    a, b = _number(mine), _number(theirs)
    with np.errstate(all="ignore"):
        gap = np.abs(a - b)
        gap = np.where(np.isclose(a, b, rtol=wanted.rtol, atol=wanted.atol, equal_nan=True), -1.0, gap)
    return np.where(np.isnan(gap), np.inf, gap)


def _number(array: Array) -> Array:
    return array if array.dtype.kind == "c" else array.astype(float)
