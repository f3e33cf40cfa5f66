"""Arrays instead of loops: what every later notebook does to many samples at once.

X (N, D) holds one sample a row, T (N, K) one one-hot target a row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def affine(X: Array, W: Array, b: Array) -> Array:
    """Y = XW + b: every row of X is mixed by W and shifted by b.

    Parameters
    ----------
    X : array of shape (N, D)
    W : array of shape (D, H)
    b : array of shape (H,)

    Returns
    -------
    array of shape (N, H)
    """
    return X @ W + b


def one_hot(labels: NDArray[np.integer[Any]], num_classes: int) -> Array:
    """T with a 1 in column ``labels[n]`` of row n, and 0 elsewhere.

    Parameters
    ----------
    labels : integer array of shape (N,)
        From 0 to ``num_classes - 1``.
    num_classes : int

    Returns
    -------
    array of shape (N, num_classes)

    Raises
    ------
    IndexError
        If a label is below 0, or not below ``num_classes``.
    """
    if np.any(np.asarray(labels) < 0):  # NumPy would count it from the end
        raise IndexError(f"label {np.min(labels)} is below 0")
    T: Array = np.eye(num_classes)[labels]
    return T


def standardize(X: Array) -> Array:
    """Columns of mean 0 and (biased) variance 1; a constant column becomes 0.

    A column is constant if its largest entry is its smallest. Its standard deviation
    need not tell: the mean of (0.1, 0.1, 0.1) is not 0.1, so it comes out as 1.4e-17.

    Parameters
    ----------
    X : array of shape (N, D)

    Returns
    -------
    array of shape (N, D)
    """
    centred = X - X.mean(axis=0)
    constant = X.max(axis=0) == X.min(axis=0)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, X.std(axis=0)))


def accuracy(scores: Array, T: Array) -> float:
    """The share of rows whose largest score is in the column of the target, between 0 and 1.

    Parameters
    ----------
    scores, T : arrays of shape (N, K)
        T one-hot.
    """
    return float(np.mean(scores.argmax(axis=1) == T.argmax(axis=1)))


def pairwise_sq_dist(A: Array, B: Array) -> Array:
    """|a|² + |b|² - 2 a·b for every row of A and every row of B, never below 0.

    Parameters
    ----------
    A : array of shape (N, D)
    B : array of shape (M, D)

    Returns
    -------
    array of shape (N, M)
    """
    squares = np.sum(A**2, axis=1)[:, None] + np.sum(B**2, axis=1)
    distances: Array = np.maximum(squares - 2 * A @ B.T, 0.0)
    return distances


def collapse(W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    """W and b of the one affine layer that two in a row amount to.

    (XW₁ + b₁)W₂ + b₂ = X(W₁W₂) + (b₁W₂ + b₂).

    Parameters
    ----------
    W1, b1 : arrays of shape (D, H) and (H,)
    W2, b2 : arrays of shape (H, K) and (K,)

    Returns
    -------
    W, b : arrays of shape (D, K) and (K,)
    """
    return W1 @ W2, b1 @ W2 + b2
