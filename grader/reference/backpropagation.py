"""Backpropagation, link by link: the chain rule for numbers, for arrays, and the derivative measured.

Every ``…_backward`` is handed how fast the end z (or E) changes with an output, and returns
how fast it changes with the inputs (Rumelhart, Hinton & Williams 1986). Functions of numbers
work on arrays too, entry by entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.gradients import numerical_gradient, relative_error
from grader.reference.perceptron import sigmoid

__all__ = [
    "add_bias_backward",
    "count_parameters",
    "cross_entropy_backward",
    "cross_entropy_gradients",
    "fork_backward",
    "matmul_backward",
    "mix_backward",
    "numerical_gradient",
    "relative_error",
    "sigmoid_backward",
    "softmax_backward",
    "softmax_cross_entropy_backward",
    "squared_difference_gradients",
    "squared_error_gradients",
]

Array = NDArray[np.floating[Any]]


def squared_difference_gradients(a: Array, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """∂z/∂a = 2tx, ∂z/∂x = 2ta and ∂z/∂y = -2t for z = t² with t = ax - y."""
    dz_dt = 2 * (a * x - y)
    return dz_dt * x, dz_dt * a, -dz_dt


def sigmoid_backward(x: Array, dz_du: Array) -> Array:
    """dz/dx = u(1 - u) dz/du for u = σ(x)."""
    u = sigmoid(x)
    return u * (1 - u) * dz_du


def cross_entropy_backward(t: Array, u: Array) -> Array:
    """dz/dx = u - t for z = -t ln u - (1 - t) ln(1 - u) and u = σ(x).

    The slope u(1 - u) of the sigmoid cancels against the denominators of the logarithms.
    """
    return u - t


def fork_backward(x: Array, dz_du: Array, dz_dv: Array) -> Array:
    """dz/dx = eˣ ∂z/∂u - e⁻ˣ ∂z/∂v for u = 1 + eˣ and v = 1 + e⁻ˣ: one term for each way from x to z."""
    return np.exp(x) * dz_du - np.exp(-x) * dz_dv


def softmax_backward(x: Array, y: Array, dz_du: Array, dz_dv: Array) -> tuple[Array, Array]:
    """∂z/∂x = uv (∂z/∂u - ∂z/∂v) and ∂z/∂y = -∂z/∂x for (u, v) = softmax(x, y)."""
    u = sigmoid(x - y)
    dz_dx = u * (1 - u) * (dz_du - dz_dv)
    return dz_dx, -dz_dx


def softmax_cross_entropy_backward(s: Array, t: Array, u: Array, v: Array) -> tuple[Array, Array]:
    """∂z/∂x = u - s and ∂z/∂y = v - t for z = -s ln u - t ln v, (u, v) = softmax(x, y) and s + t = 1."""
    return u - s, v - t


def mix_backward(W: Array, dz_dy: Array) -> Array:
    """∂z/∂xᵢ = Σⱼ wᵢⱼ ∂z/∂yⱼ for y = xW + b.

    Parameters
    ----------
    W : array of shape (2, 2)
        ``W[i, j]`` leads from xᵢ to yⱼ.
    dz_dy : array of shape (2,)

    Returns
    -------
    array of shape (2,)
    """
    return W @ dz_dy


def matmul_backward(X: Array, W: Array, dY: Array) -> tuple[Array, Array]:
    """∂E/∂X = dY Wᵀ and ∂E/∂W = Xᵀ dY for Y = XW.

    Parameters
    ----------
    X : array of shape (N, D)
    W : array of shape (D, K)
    dY : array of shape (N, K)
        ∂E/∂Y.

    Returns
    -------
    dX : array of shape (N, D)
    dW : array of shape (D, K)
    """
    return dY @ W.T, X.T @ dY


def add_bias_backward(dY: Array) -> tuple[Array, Array]:
    """∂E/∂X = dY and ∂E/∂b = Σₙ dYₙ for Y = X + b, b being added to every row.

    Parameters
    ----------
    dY : array of shape (N, K)

    Returns
    -------
    dX : array of shape (N, K)
    db : array of shape (K,)
    """
    return dY.copy(), dY.sum(axis=0)


def squared_error_gradients(X: Array, W: Array, t: Array) -> tuple[Array, Array]:
    """∂E/∂X and ∂E/∂W for Y = XW and E = ½ Σ (Y - t)², one sample.

    Parameters
    ----------
    X : array of shape (1, D)
    W : array of shape (D, 2)
    t : array of shape (1, 2)

    Returns
    -------
    dX : array of shape (1, D)
    dW : array of shape (D, 2)
    """
    return matmul_backward(X, W, X @ W - t)


def cross_entropy_gradients(X: Array, W: Array, t: Array) -> tuple[Array, Array]:
    """∂E/∂X and ∂E/∂W for Y = XW and E = -Σ t ln softmax(Y), one sample; shapes as for the squared error."""
    Y = X @ W
    odds = np.exp(Y - Y.max())
    return matmul_backward(X, W, odds / odds.sum() - t)


def count_parameters(sizes: Sequence[int]) -> int:
    """Weights and biases of a fully connected network with these layer sizes, the input first.

    Sizes (n, 3, 2, 1) have (3n + 3) + (3·2 + 2) + (2·1 + 1) = 3n + 14.
    """
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(sizes))
