"""How the pieces of ``01_perceptron_limits`` are called."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Unfit, contract

Array = NDArray[Any]

MAX_COLUMNS = 10
"""A lift may have so many columns."""


@contract
def prepend_bias(prepend_bias, /, *, X):
    """prepend_bias(X): X (N, D) -> (N, D + 1), a column of ones first."""
    X1 = prepend_bias(X)
    if isinstance(X1, list | tuple):
        raise Unfit("a list came back; the next functions multiply it as a matrix, so make it an array.")
    yield {"X1": X1}


def _silence(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A function that is no sigmoid earns nothing for being quiet."""
    z, far = np.asarray(inputs["z"]), np.asarray(inputs["far"])
    p, p_far = np.asarray(outputs["p"]), np.asarray(outputs["p_far"])
    count = int(outputs["warnings"])
    rises = (
        p.shape == z.shape
        and p_far.shape == far.shape
        and bool(np.all((p > 0) & (p < 1)) and np.all(np.diff(p.ravel()[np.argsort(z, axis=None)]) >= 0))
        and bool(np.all(p_far[far < 0] < 0.01) and np.all(p_far[far > 0] > 0.99))
    )
    if count:
        said = "one kind" if count == 1 else f"{count} kinds"
    else:
        said = "none" if rises else "none, which counts only once p and p_far are right"
    return {"p": p, "p_far": p_far, "warnings": said}


@contract(properties=_silence)
def sigmoid(sigmoid, /, *, z, far):
    """sigmoid(z): an array of any shape -> probabilities of that shape.

    `p` is asked for moderate z, `p_far` for entries near -1000 and 1000, and
    `warnings` is how many kinds of floating point warnings the latter gave.
    """
    yield {"p": sigmoid(z)}
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(over="warn", divide="warn", invalid="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        p_far = sigmoid(far)
    yield {"p_far": p_far, "warnings": len({str(w.message) for w in caught})}


@contract
def predict(predict, /, *, X, w):
    """predict(X, w): X (N, D), w (D + 1, 1) with the bias first -> probabilities (N, 1)."""
    yield {"y_hat": predict(X, w)}


LEAST, MOST = 15.0, 36.0
"""A sure mistake costs 16.1 to 34.5 where one clips at 1e-7 to 1e-15."""


def _sure(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The price of a sure mistake depends on where one clips, so it is judged in words."""
    cost, kept = np.asarray(outputs["all_wrong"]), bool(outputs["kept"])
    if cost.shape != () or cost.dtype.kind not in "biuf":
        verdict = f"an array of shape {cost.shape}" if cost.shape else "no number"
    elif np.isnan(cost):
        verdict = "a cost that is nan"
    elif np.isinf(cost):
        verdict = "a cost that is infinite"
    elif cost < -1e-6:
        verdict = f"a cost below 0 ({cost:.3g})"
    elif cost < 1e-6:
        verdict = "a cost of 0"
    elif cost < LEAST:
        verdict = f"a cost of {cost:.3g}, less than any accepted distance from 0 and 1 gives"
    elif cost > MOST:
        verdict = f"a cost of {cost:.3g}, more than any accepted distance from 0 and 1 gives"
    elif not kept:
        verdict = "a large, finite cost, but y_hat itself was changed"
    else:
        verdict = "a large, finite cost"
    return {"loss": outputs["loss"], "loss_with_hits": outputs["loss_with_hits"], "all_wrong": verdict}


@contract(properties=_sure)
def bce_loss(bce_loss, /, *, y_hat, y):
    """bce_loss(y_hat, y): probabilities (N, 1), labels 0 or 1 (N, 1) -> the mean loss, one number.

    `loss` is asked for probabilities strictly between 0 and 1, `loss_with_hits` when the
    first two of them are exactly 0 or 1, and right. `all_wrong` is the loss when all are
    exactly 0 or 1, and wrong: finite, and between 15 and 36.
    """
    yield {"loss": bce_loss(y_hat, y)}
    with_hits = np.concatenate([y[:2], y_hat[2:]])
    given = with_hits.copy()
    yield {"loss_with_hits": bce_loss(given, y)}
    yield {"all_wrong": bce_loss(1 - y, y), "kept": bool(np.array_equal(given, with_hits))}


@contract
def bce_gradient(bce_gradient, /, *, X, y, w):
    """bce_gradient(X, y, w): X (N, D), y (N, 1), w (D + 1, 1) -> dLoss/dw (D + 1, 1)."""
    yield {"dw": bce_gradient(X, y, w)}


@contract
def train_perceptron(train_perceptron, /, *, X, y, lr, epochs):
    """train_perceptron(X, y, lr, epochs) -> w (D + 1, 1), history (epochs,): the loss before each step."""
    result = train_perceptron(X, y, lr, epochs)
    if not isinstance(result, tuple | list) or len(result) != 2:
        one = f"one array of shape {result.shape}" if isinstance(result, np.ndarray) else f"a {type(result).__name__}"
        came = "nothing" if result is None else one
        raise Unfit(f"two results are asked for, the weights and then the history; {came} came back.")
    yield {"w": result[0], "history": result[1]}


def _against_random_lines(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Compare the answer with what 2000 random lines reach, without giving that away."""
    answer = np.asarray(outputs["accuracy"])
    if answer.dtype.kind not in "biuf":
        return {"accuracy": f'"{answer}", which is no number'}
    if answer.shape != ():
        return {"accuracy": f"an array of shape {answer.shape}"}
    X = np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
    says_one = X @ np.random.default_rng(0).uniform(-1, 1, size=(3, 2000)) > 0
    reached = np.mean(says_one == np.array([[0], [1], [1], [0]]), axis=0).max()
    if not 0 <= answer <= 1:
        verdict = f"{answer:g}, which is no share between 0 and 1"
    elif not np.isclose(4 * answer, np.round(4 * answer)):
        verdict = f"{answer:g}, which is no share of four points"
    elif answer > reached:
        verdict = f"{answer:g}, which no line reaches"
    elif answer < reached:
        verdict = f"{answer:g}, which some line beats"
    else:
        verdict = "a share that some line reaches and none beats"
    return {"accuracy": verdict}


@contract(properties=_against_random_lines)
def best_xor_accuracy(best_xor_accuracy, /):
    """best_xor_accuracy() -> the share, 0 to 1, of the four XOR points that the best line gets right."""
    yield {"accuracy": best_xor_accuracy()}


def _best_plane(Z: Array, y: Array) -> float:
    """The accuracy of the best plane that is found, 1 where one separates the classes.

    Least squares, again and again with only those points that lie on the wrong side or
    too near to the plane (Mangasarian 2002, a finite Newton method).

    Parameters
    ----------
    Z : array of shape (N, M)
    y : array of shape (N, 1)
        Labels 0 and 1.
    """
    spread = Z.std(axis=0)
    scale = np.where(spread > 1e-12 * (1 + np.abs(Z).max()), spread, 1)
    A = np.insert((Z - Z.mean(axis=0)) / scale, 0, 1, axis=1)
    side = np.where(y > 0.5, 1.0, -1.0)
    best, near = 0.0, np.ones(len(Z), dtype=bool)
    for _ in range(30):
        B = A[near]
        plane = np.linalg.solve(B.T @ B + 1e-6 * np.eye(A.shape[1]), B.T @ side[near])
        margin = (side * (A @ plane))[:, 0]
        best = max(best, float(np.mean(margin > 0)))
        if best == 1 or not (margin < 1).any():
            break
        near = margin < 1
    return best


def _separated(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Many lifts are right: what counts is that a plane separates what they give."""
    Z, again = np.asarray(outputs["Z"]), np.asarray(outputs["Z_reordered"])
    y, order = inputs["y"], inputs["order"]
    if Z.ndim != 2 or len(Z) != len(y) or Z.shape[1] == 0:
        verdict = f"an array of shape {Z.shape} for {len(y)} points, not (N, M)"
    elif Z.shape[1] > MAX_COLUMNS:
        verdict = f"{Z.shape[1]} columns, more than {MAX_COLUMNS}"
    elif Z.dtype.kind not in "biuf" or not np.isfinite(Z).all():
        verdict = "entries that are no finite numbers"
    else:
        Z = Z.astype(float)
        accuracy = _best_plane(Z, y)
        if again.shape != (len(order), Z.shape[1]) or not np.allclose(again, Z[order], rtol=1e-6, atol=1e-9):
            verdict = f"rows that depend on the other points (best plane: {accuracy:.0%})"
        elif accuracy < 1:
            verdict = f"features in which the best plane gets {accuracy:.0%} right"
        else:
            verdict = "features in which a plane gets all points right"
    return {"lifted": verdict}


@contract(properties=_separated)
def lift(lift, /, *, X, y, order):
    """lift(X): X (N, 2) -> (N, M), M <= 10, so that a plane separates a disc from the ring around it.

    It is called on X, and on some of its rows in another order: every row has to come
    out the same. The labels y are not given to it; they serve to judge the result.
    """
    yield {"Z": lift(X)}
    yield {"Z_reordered": lift(X[order])}
