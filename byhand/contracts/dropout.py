"""How the pieces of ``10_dropout`` are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Pieces, Unfit, contract, handed

Array = NDArray[Any]

NEAR = 0.06
"""How far a share of dropped units may be off, among those of `LAYERS` batches of shape `WIDE`."""

LAYERS, WIDE = 40, (40, 60)

MASKS = 400
"""So many masks are drawn to see whether all entries are treated alike."""


def _numbers(value: object, shape: tuple[int, ...], what: str) -> Array:
    """Numbers of the right shape as they came, or a sentence about what came instead."""
    if value is None:
        raise Unfit(f"{what} returned None: is there a `return` at its end?")
    if isinstance(value, tuple):
        raise Unfit(f"{what} returned {len(value)} things; one array of shape {shape} is asked for")
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        raise Unfit(f"{what} returned a {type(value).__name__}; an array of numbers of shape {shape} is asked for")
    if value.shape != shape:
        raise Unfit(f"{what} returned shape {value.shape}; it was given {shape}, and one number for each is asked for")
    return value


@contract
def average_over_masks(average_over_masks, /, *, x, W, b, V, p):
    """average_over_masks(f, x, p) -> the mean of f(x ⊙ m) over all masks m, each with its probability.

    x (N, D), W (D, H), b (H,), V (H, K). `affine` is the answer for f(x) = xW + b, (N, H), and
    `bent` that for f(x) = max(0, xW + b) V, (N, K). `left_alone` compares x afterwards with what was
    handed in.
    """
    back = handed(x=x)
    yield {"affine": average_over_masks(lambda z: z @ W + b, x, p)}
    yield {"bent": average_over_masks(lambda z: np.maximum(z @ W + b, 0) @ V, x, p)}
    yield {"left_alone": back()}


@contract
def expected_output(expected_output, /, *, x, W, b, p):
    """expected_output(x, W, b, p) -> the mean of (x ⊙ m) W + b over all masks m, (N, H).

    x (N, D), W (D, H), b (H,); each entry of m is 0 with probability p, else 1. `left_alone`
    compares x, W and b afterwards with what was handed in.
    """
    back = handed(x=x, W=W, b=b)
    yield {"mean": expected_output(x, W, b, p)}
    yield {"left_alone": back()}


def _watched(Layer: Callable[..., Any], rows: int, columns: int, p: float, seed: int) -> Pieces:
    """What a layer makes of numbers that are not 0, as factors y/x and dx/dout.

    Every call is handed fresh copies, so that code which writes into them is found out and
    spoils nothing else.
    """
    draws = np.random.default_rng([seed, LAYERS])
    wide = draws.uniform(0.5, 2, WIDE)
    zeros = []
    for k in range(LAYERS):
        y = Layer(p, np.random.default_rng([seed, k])).forward(wide.copy())
        zeros.append(np.count_nonzero(_numbers(y, WIDE, "`forward`") == 0))
    yield {"zeros": np.array(zeros)}

    x, dout = draws.uniform(0.5, 2, (2, rows, columns)) * draws.choice([-1, 1], (2, rows, columns))
    changed: set[str] = set()

    def factors(method: Callable[[Array], object], what: str, array: Array) -> Array:
        given = array.copy()
        result = np.array(_numbers(method(given), array.shape, f"`{what}`"), dtype=float)
        if not np.array_equal(given, array):
            changed.add("x" if what == "forward" else "dout")
        return result / array

    rng = np.random.default_rng(seed)
    layer, again = Layer(p, rng), Layer(p, np.random.default_rng(seed))
    first, second = factors(layer.forward, "forward", x), factors(layer.forward, "forward", x)
    yield {"first": first, "second": second}
    try:
        way_back = {"back": factors(layer.backward, "backward", dout)}
    except NotImplementedError:  # a right `forward` counts while `backward` is empty
        way_back = {"lacking": np.array("`backward` is empty")}
    except AttributeError:  # no mask, which is `forward`'s fault where it drops nothing in training
        if np.any(second == 0):
            raise
        way_back = {"lacking": np.array("there is no mask")}
    yield way_back
    layer.training, state = False, rng.bit_generator.state
    yield {"predicting": factors(layer.forward, "forward", x)}
    yield {"drawn": rng.bit_generator.state != state}
    layer.training = True
    yield {"third": factors(layer.forward, "forward", x)}
    yield {"first_again": factors(again.forward, "forward", x)}
    other = Layer(p, np.random.default_rng(seed + 1))
    yield {"first_other": factors(other.forward, "forward", x)}
    yield {"left_alone": f"{' and '.join(sorted(changed))} changed" if changed else "as before"}


def _ends(values: Array) -> list[float]:
    """The smallest and the largest; -1 and -1 where there is none."""
    return [float(values.min()), float(values.max())] if values.size else [-1.0, -1.0]


def _share(zeros: Array, p: float) -> float:
    """The share of units dropped; p or 1 - p where it is near one of them, so that draws can be compared."""
    share = float(np.sum(zeros)) / (LAYERS * WIDE[0] * WIDE[1])
    return next((known for known in (p, 1 - p) if abs(share - known) <= NEAR), round(share, 2))


def _habits(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What can be said of a dropout layer whatever its masks are.

    Cases have 0.2 <= p <= 0.4 or 0.6 <= p <= 0.8, rows >= 40 and columns >= 46. A layer that draws every entry
    by itself is called wrong with a probability below 1e-50 in a check or mark of three cases:

    - the share of dropped units among n = 40 · 2400 = 96,000 is off by more than t = 0.06: at most
      2 exp(-2 n t²) = 2 exp(-691) (Hoeffding);
    - two masks agree in all of 1840 entries: each entry does with probability p² + (1 - p)² <= 0.68, and
      0.68^1840 is below 1e-300; asked of the first and the second, the third, and that of another seed;
    - all rows, or all columns, of a mask are equal: each of 39 · 46 or 45 · 40 entries agrees with the
      first of its column or row, 0.68^1794 or 0.68^1800;
    - the same number is dropped in all 40 batches of 2400: the commonest number has a probability below 0.03,
      and 0.03^39 = 4e-60;
    - a mask without a 0, or of zeros only, which `scaling` and `way_back` would notice: 0.8^1840 < 1e-170.

    Only the fourth matters: less than 2e-59 for three cases.

    The share and the sizes are so generous for the sake of mistakes, each of which should cost the same output in every
    draw: one row that serves its whole batch leaves 2,400 draws that count, and 2 exp(-2 · 2400 · 0.06²) = 6e-8.
    Wrong shares, 1 - p or 0, are 0.2 away or more.
    """
    p, first, second = float(inputs["p"]), outputs["first"], outputs["second"]
    result: dict[str, Any] = {"dropped": _share(outputs["zeros"], p)}
    result["scaling"] = np.array(_ends(first[first != 0]) + _ends(outputs["predicting"]))
    if "lacking" in outputs:
        result["way_back"] = outputs["lacking"]
    else:
        kept = second != 0
        result["way_back"] = np.array(_ends(outputs["back"][kept]) + _ends(outputs["back"][~kept]))
    pattern, factors, batches = first == 0, first[first != 0], outputs["zeros"]
    if factors.size and np.ptp(factors) > 1e-3 * np.abs(factors).max():
        result["masks"] = "units that are kept are multiplied by many different numbers"
    elif np.ptp(batches) and np.all((batches == 0) | (batches == np.prod(WIDE))):
        result["masks"] = "all units of a whole batch dropped, or none"
    elif pattern.all() or not pattern.any():
        result["masks"] = "everything is dropped" if pattern.all() else "nothing is dropped"
    elif np.array_equal(pattern, second == 0) or np.array_equal(pattern, outputs["third"] == 0):
        result["masks"] = "the same again at a later forward"
    elif np.all(pattern == pattern[0]):
        result["masks"] = "the same units dropped for every sample of a batch"
    elif np.all(pattern == pattern[:, :1]):
        result["masks"] = "all units of a sample dropped, or none"
    elif np.ptp(outputs["zeros"]) == 0:
        result["masks"] = "the same number of units dropped in every batch"
    else:
        result["masks"] = "drawn afresh at each forward, each entry by itself"
    if pattern.all() or not pattern.any():
        result["rng"] = result["masks"]
    elif not np.array_equal(pattern, outputs["first_again"] == 0):
        result["rng"] = "the same seed gives other masks"
    elif np.array_equal(pattern, outputs["first_other"] == 0):
        result["rng"] = "another seed gives the same masks"
    else:
        result["rng"] = "the same seed gives the same masks, another seed others"
    if np.any(outputs["predicting"] == 0):
        result["predicting"] = "units are dropped"
    else:
        result["predicting"] = "all units, but the rng was drawn from" if outputs["drawn"] else "all units, none drawn"
    result["left_alone"] = str(outputs["left_alone"])
    return result


@contract(properties=_habits)
def dropout(Dropout, /, *, rows, columns, p, seed):
    """Dropout(p, rng): in training y = x ⊙ m, each m 0 with probability p, else 1; in inference y = (1 - p) x.

    x and dout (rows, columns), no entry 0. `dropped` is the share of zeros in 96,000 draws: up to 0.06 off is
    near enough. `scaling` holds the smallest and the largest y/x of units that were kept in training, then
    of all units in inference. `way_back` holds the smallest and the largest dx/dout of units kept in the
    latest forward, then of units dropped in it; -1 stands where there are none, and a word for all four
    where `backward` is empty or finds no mask. `masks` compares entries, forwards and batches, `rng` layers
    that were made with equal and with different seeds; `predicting` says what happens in inference.
    `left_alone` compares x and dout afterwards with what was handed in.
    """
    yield from _watched(Dropout, rows, columns, p, seed)


@contract(properties=_habits)
def inverted_dropout(InvertedDropout, /, *, rows, columns, p, seed):
    """InvertedDropout(p, rng): in training y = x ⊙ m, each m 0 with probability p, else 1/(1 - p); else y = x.

    x and dout (rows, columns), no entry 0. `dropped` is the share of zeros in 96,000 draws: up to 0.06 off is
    near enough. `scaling` holds the smallest and the largest y/x of units that were kept in training, then
    of all units in inference. `way_back` holds the smallest and the largest dx/dout of units kept in the
    latest forward, then of units dropped in it; -1 stands where there are none, and a word for all four
    where `backward` is empty or finds no mask. `masks` compares entries, forwards and batches, `rng` layers
    that were made with equal and with different seeds; `predicting` says what happens in inference.
    `left_alone` compares x and dout afterwards with what was handed in.
    """
    yield from _watched(InvertedDropout, rows, columns, p, seed)


def _counted(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What can be said of masks with an exact number of zeros, whichever entries they are.

    Of 400 masks a right answer is called wrong with a probability below 1e-11 in a check or mark of two cases
    of at most 80 entries:

    - some entry is dropped more or less often than in a share count/size of them, by t = 0.2:
      2 · 80 exp(-2 · 400 t²) = 2e-12 (Hoeffding, for each entry over independent masks);
    - neighbours in a row are dropped together too often: of the pairs in a mask, a share that lies between 0 and
      count / (rows (columns - 1)) <= 0.5 has the mean c(c - 1) / (size (size - 1)). Over the masks it is
      larger by t = 0.1 with a probability of exp(-2 · 400 t² / 0.5²) = 1e-14 at most (Hoeffding);
    - twenty masks equal twenty others: each pair does with 1/C(32, 8) < 1e-7, below 1e-140.
    """
    rows, columns = int(inputs["rows"]), int(inputs["columns"])
    masks = np.asarray(outputs["dropped"], dtype=bool).reshape(-1, rows, columns)
    count = masks.sum(axis=(1, 2))
    share = float(count.mean()) / (rows * columns)
    pairs = float(np.mean(masks[:, :, 1:] & masks[:, :, :-1]))
    by_chance = share * (count.mean() - 1) / (rows * columns - 1)
    first, later = masks[:20], masks[20:40]
    result: dict[str, Any] = {
        "zeros": np.array([count.min(), count.max()]),
        "kept_entries": outputs["kept"],
    }
    if np.all(masks.reshape(len(masks), -1)[:, : count.max()]):
        result["places"] = "always the first entries"
    elif np.abs(masks.mean(axis=0) - share).max() > 0.2:
        result["places"] = "some entries are dropped far more often than others"
    elif pairs > by_chance + 0.1:
        result["places"] = "neighbours are dropped together"
    else:
        result["places"] = "any entry as often as any other"
    if np.array_equal(first, later) or np.array_equal(first, masks[:1].repeat(20, axis=0)):
        result["rng"] = "the same mask at each call"
    elif not np.array_equal(first, outputs["again"]):
        result["rng"] = "the same seed gives other masks"
    elif np.array_equal(first, outputs["other"]):
        result["rng"] = "another seed gives the same masks"
    else:
        result["rng"] = "the same seed gives the same masks, another seed others"
    return result


@contract(properties=_counted)
def exact_count_mask(exact_count_mask, /, *, rows, columns, ratio, seed):
    """exact_count_mask((rows, columns), ratio, rng) -> a mask (rows, columns) with round(ratio · size) zeros.

    It is called 400 times. `zeros` holds the fewest and the most zeros in a mask, `kept_entries` the smallest
    and the largest of the other entries, -1 if there are none. `places` says which entries are dropped, `rng`
    compares masks of one generator, of another with the same seed, and of one with another seed.
    """

    def drawn(count: int, start: int) -> Array:
        rng = np.random.default_rng(start)
        what = "`exact_count_mask`"
        masks = [
            _numbers(exact_count_mask((rows, columns), ratio, rng), (rows, columns), what).copy() for _ in range(count)
        ]
        return np.array(masks, dtype=float)

    masks = drawn(MASKS, seed)
    kept = masks[masks != 0]
    yield {"dropped": masks.reshape(MASKS, -1) == 0, "kept": np.array(_ends(kept))}
    yield {"again": drawn(20, seed) == 0, "other": drawn(20, seed + 1) == 0}


GRADIENTS = ["W4", "b4", "W3", "b3", "W2", "b2", "W1", "b1"]


def _squash(z: Array) -> Array:
    return 0.5 + 0.5 * np.tanh(z / 2)


@contract
def masked_backward(masked_backward, /, *, X, T, W1, b1, W2, b2, W3, b3, W4, b4, R1, R2, R3):
    """masked_backward(cache, params, T) -> {"W1": …, "b1": …, …, "W4": …, "b4": …}.

    The cache holds H0 = X (N, D), then for k = 1, 2, 3 A_k = H_{k-1} W_k + b_k, the mask R_k and
    H_k = σ(A_k) ⊙ R_k, as "A1", "R1", "H1" and so on, and P = softmax(H3 W4 + b4), (N, K).
    T (N, K) one-hot; E is the mean cross-entropy. `left_alone` compares all of them afterwards with
    what was handed in.
    """
    params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "W3": W3, "b3": b3, "W4": W4, "b4": b4}
    cache = {"H0": X}
    for k, R in enumerate((R1, R2, R3), start=1):
        cache[f"A{k}"], cache[f"R{k}"] = cache[f"H{k - 1}"] @ params[f"W{k}"] + params[f"b{k}"], R
        cache[f"H{k}"] = _squash(cache[f"A{k}"]) * R
    odds = np.exp(cache["H3"] @ W4 + b4)
    cache["P"] = odds / odds.sum(axis=1, keepdims=True)
    back = handed(T=T, **cache, **params)
    grads = masked_backward(cache, params, T)
    if grads is None:
        raise Unfit("What masked_backward returned is None: is there a `return` at its end?")
    if not isinstance(grads, Mapping):
        raise Unfit(f"A {type(grads).__name__} was returned; a dict with a gradient for each parameter is asked for")
    yield {"d" + name: grads[name] for name in GRADIENTS if name in grads}
    yield {"left_alone": back()}
    if lacking := [name for name in GRADIENTS if name not in grads]:
        there = ", ".join(f'"{name}"' for name in grads) or "nothing"
        raise Unfit(f"The dict of gradients holds {there}, and lacks " + ", ".join(f'"{name}"' for name in lacking))
