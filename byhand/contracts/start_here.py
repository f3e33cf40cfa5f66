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

    `Z_constant` is asked for an array in which some columns are constant: they become 0.
    `handed_back` says whether X is afterwards what was handed in.
    """
    before = X.copy()
    yield {"Z": standardize(X)}
    yield {"Z_constant": standardize(X_constant)}
    yield {"handed_back": "X as before" if np.array_equal(X, before) else "X changed"}


@contract
def accuracy(accuracy, /, *, scores, T):
    """accuracy(scores, T): scores (N, K), T (N, K) one-hot -> one number between 0 and 1."""
    yield {"accuracy": accuracy(scores, T)}


def _sign(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is near 0 is rounding, so of `near` only the sign is judged, in words.

    The formula |a|² + |b|² - 2ab without a guard has to fall below 0 somewhere, or it would
    pass by luck. All points of `far` lie within 1e-6 of one another, with |a|² near 3e6,
    where NumPy rounds to multiples of 4.7e-10. Each of the 100 pairs (a, a + 1e-8) gives a
    number below 0 with a probability of 0.15 at least (80,000 pairs, two ways to write the
    product). That none of them does has the probability 0.85^100 = 9e-8, and the 9,900
    other pairs have their chance as well.
    """
    near = np.asarray(outputs["near"])
    wanted = (len(inputs["far"]),) * 2
    if near.dtype.kind not in "biuf" or near.shape != wanted:
        verdict = f"an array of shape {near.shape}, expected {wanted}"
    elif np.isnan(near).any():
        verdict = "nan among the distances"
    else:
        verdict = "distances below 0" if (near < 0).any() else "no distance below 0"
    return {"sq_dist": outputs["sq_dist"], "near_neighbours": verdict}


@contract(properties=_sign)
def pairwise_sq_dist(pairwise_sq_dist, /, *, A, B, far):
    """pairwise_sq_dist(A, B): A (N, D), B (M, D) -> squared distances (N, M).

    `near_neighbours` says whether any distance came out below 0 between the points `far`,
    which lie near one another and far from the origin, and the same points moved by 1e-8.
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
        came = f"one array of shape {result.shape}" if isinstance(result, np.ndarray) else f"a {type(result).__name__}"
        raise Unfit(f"Two results are asked for, W and then b; {came} came back.")
    yield {"W": result[0]}
    yield {"b": result[1]}
