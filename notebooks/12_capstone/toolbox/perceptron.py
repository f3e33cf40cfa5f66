"""One sigmoid unit on two classes: prediction, loss, gradient, training, and its limits.

X (N, D) holds one sample a row, y (N, 1) the labels 0 or 1, w (D + 1, 1) the weights
with the bias first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

CLIP = 1e-12


def prepend_bias(X: Array) -> Array:
    """[1 X]: a column of ones before the features, so that w[0] is the bias.

    Parameters
    ----------
    X : array of shape (N, D)

    Returns
    -------
    array of shape (N, D + 1)
    """
    return np.hstack([np.ones((len(X), 1)), X])


def sigmoid(z: Array) -> Array:
    """σ(z) = 1 / (1 + exp(-z)), elementwise, without overflow for any z.

    Only exp(-|z|), which lies between 0 and 1, is ever computed.

    Parameters
    ----------
    z : array of any shape
        Logits.

    Returns
    -------
    array of the shape of z
        Probabilities between 0 and 1.
    """
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def predict(X: Array, w: Array) -> Array:
    """ŷ = σ([1 X] w), the probability of class 1 (Rosenblatt 1958, with a smooth threshold).

    Parameters
    ----------
    X : array of shape (N, D)
    w : array of shape (D + 1, 1)

    Returns
    -------
    array of shape (N, 1)

    Raises
    ------
    ValueError
        If w has not D + 1 rows.
    """
    return sigmoid(prepend_bias(X) @ w)


def bce_loss(y_hat: Array, y: Array) -> float:
    """Mean binary cross-entropy -1/N Σ y ln ŷ + (1 - y) ln(1 - ŷ), in nats.

    Probabilities are kept 1e-12 away from 0 and 1, so a sure mistake costs 27.6.

    Parameters
    ----------
    y_hat : array of shape (N, 1)
        Probabilities of class 1.
    y : array of shape (N, 1)
        Labels 0 or 1.
    """
    p = np.clip(y_hat, CLIP, 1 - CLIP)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def bce_gradient(X: Array, y: Array, w: Array) -> Array:
    """dLoss/dw = [1 X]ᵀ (ŷ - y) / N: the slope of the sigmoid cancels against that of the logarithm.

    Parameters
    ----------
    X : array of shape (N, D)
    y : array of shape (N, 1)
    w : array of shape (D + 1, 1)

    Returns
    -------
    array of shape (D + 1, 1)
    """
    return prepend_bias(X).T @ (predict(X, w) - y) / len(X)


def train_perceptron(X: Array, y: Array, lr: float, epochs: int) -> tuple[Array, list[float]]:
    """Gradient descent on the whole set, w ← w - lr · dLoss/dw, from w = 0.

    Parameters
    ----------
    X : array of shape (N, D)
    y : array of shape (N, 1)
    lr : float
        Learning rate.
    epochs : int
        Number of steps.

    Returns
    -------
    w : array of shape (D + 1, 1)
    history : list of float
        The loss before each step, so the first one is ln 2.
    """
    w = np.zeros((X.shape[1] + 1, 1))
    history = []
    for _ in range(epochs):
        history.append(bce_loss(predict(X, w), y))
        w = w - lr * bce_gradient(X, y, w)
    return w, history


def best_xor_accuracy() -> float:
    """The share of the four XOR points that the best line gets right (Minsky & Papert 1969).

    z(0,0) + z(1,1) = z(0,1) + z(1,0) for every affine z, so the first pair cannot lie
    below 0 while the second lies above; three points are reached by OR.
    """
    return 3 / 4


def lift(X: Array) -> Array:
    """(x₁, x₂) -> (x₁, x₂, x₁² + x₂²), in which a plane cuts out a disc (Cover 1965).

    Parameters
    ----------
    X : array of shape (N, 2)

    Returns
    -------
    array of shape (N, 3)
    """
    return np.hstack([X, np.sum(X**2, axis=1, keepdims=True)])
