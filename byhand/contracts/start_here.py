"""How the pieces of ``00_start_here`` are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Unfit, contract

Array = NDArray[Any]


@contract
def affine(affine, /, *, X, W, b):
    """affine(X, W, b): X (N, D), W (D, H), b (H,) -> Y (N, H)."""
    yield {"Y": affine(X, W, b)}


@contract
def one_hot(one_hot, /, *, labels, num_classes):
    """one_hot(labels, num_classes): whole numbers (N,) from 0 on, and how many classes there are -> T (N, K).

    Not every class need occur among the labels.
    """
    yield {"T": one_hot(labels, num_classes)}


@contract
def standardize(standardize, /, *, X, X_constant):
    """standardize(X): X (N, D) -> Z (N, D), each column with mean 0 and variance 1.

    `handed_back` says whether X is afterwards what was handed in. `Z_constant` is asked for
    an array in which some columns are constant: they become 0. It may hold whole numbers.
    """
    before = X.copy()
    yield {"Z": standardize(X)}
    yield {"handed_back": "X as before" if np.array_equal(X, before) else "X changed"}
    yield {"Z_constant": standardize(X_constant)}


@contract
def accuracy(accuracy, /, *, scores, T):
    """accuracy(scores, T): scores (N, K), T (N, K) one-hot -> one number between 0 and 1."""
    yield {"accuracy": accuracy(scores, T)}


def _near(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is near 0 is rounding, so `near` is judged by its signs and roughly, in words.

    The formula |a|² + |b|² - 2ab without a guard has to fall below 0 somewhere, or it would
    pass by luck. All points of `far` but the last two lie within 1e-6 of one another, with
    |a|² near 3e6, where NumPy rounds to multiples of 4.7e-10. Each of the 100 pairs
    (a, a + 1e-8) gives a number below 0 with a probability of 0.15 at least (80,000 pairs,
    two ways to write the product). That none of them does has the probability
    0.85^100 = 9e-8, and the 9,900 other pairs have their chance as well.

    A guard mends what is below 0 and nothing else. The last two points lie near the origin,
    0.05 apart: there the formula is right to 1e-15, and a guard that lifts all distances by
    as much as the lowest lacks moves it by 4.7e-10 at least. Whoever takes a mean off all
    points first is exact among the many and rounds at the two: either will do.
    """
    near, far = np.asarray(outputs["near"]), inputs["far"]
    true = np.sum((far[:, None] - (far + 1e-8)) ** 2, axis=2)
    if near.dtype.kind not in "biuf" or near.shape != true.shape:
        verdict = f"an array of shape {near.shape}"
    elif np.isnan(near).any():
        verdict = "nan among the distances"
    elif (near < 0).any():
        verdict = "distances below 0"
    elif ((near == 0) & (true > 1e-3)).any():
        verdict = "none below 0, but 0 for points that lie apart"
    elif (off := np.abs(near - true)).max() > 1e-7 or min(off[:-2, :-2].max(), off[-2:, -2:].max()) > 1e-10:
        verdict = "none below 0, but others were changed that were right"
    else:
        verdict = f"{len(far)} × {len(far)} distances, none below 0"
    return {"sq_dist": outputs["sq_dist"], "near_neighbours": verdict}


@contract(properties=_near)
def pairwise_sq_dist(pairwise_sq_dist, /, *, A, B, far):
    """pairwise_sq_dist(A, B): A (N, D), B (M, D) -> squared distances (N, M).

    `near_neighbours` says whether any distance came out below 0 between the points `far` and
    the same points moved by 1e-8, and whether the others are right. All but two of these
    points lie near one another and far from the origin.
    """
    yield {"sq_dist": pairwise_sq_dist(A, B)}
    yield {"near": pairwise_sq_dist(far, far + 1e-8)}


@contract
def collapse(collapse, /, *, W1, b1, W2, b2):
    """collapse(W1, b1, W2, b2): W1 (D, H), b1 (H,), W2 (H, K), b2 (K,) -> W (D, K), b (K,)."""
    result = collapse(W1, b1, W2, b2)
    if result is None:
        raise Unfit("What collapse returned is None: is there a `return` at its end?")
    if not isinstance(result, tuple | list) or len(result) != 2:
        came = f"a {type(result).__name__}"
        if isinstance(result, tuple | list):
            came += f" of {len(result)} things"
        elif isinstance(result, np.ndarray):
            came = f"one array of shape {result.shape}"
        raise Unfit(f"Two results are asked for, W and then b; {came} came back.")
    if all(isinstance(part, np.ndarray) for part in result) and [part.ndim for part in result] == [1, 2]:
        raise Unfit(
            f"W is asked for first, with two axes, and then b, with one; the first that came back has the shape "
            f"{result[0].shape}, the second {result[1].shape}: are they exchanged?"
        )
    yield {"W": result[0]}
    yield {"b": result[1]}
