"""Tools for checking a gradient against the definition of the derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def numerical_gradient(f: Callable[[Any], Any], x: NDArray[np.floating[Any]], eps: float = 1e-5) -> FloatArray:
    """∂f/∂x by central differences, (f(x + ε) - f(x - ε)) / 2ε for one element at a time.

    Parameters
    ----------
    f : callable
        ``f(x)`` is one number. It may ignore its argument and use `x` from outside.
    x : ndarray of float64, any shape
        Changed in place element by element, and left as it was, also when `f` raises.
    eps : float
        The step. The error of the formula grows with ε², that of rounding with 1/ε.

    Returns
    -------
    ndarray
        With the shape of `x`.

    Raises
    ------
    TypeError
        If `x` is not an array of float64: a step of 1e-5 is lost in a whole number.
    ValueError
        If `f` returns something with a shape instead of one number.
    """
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        found = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"x has to be an array of float64, not {found}")
    gradient = np.empty_like(x, dtype=np.float64)
    for index in np.ndindex(x.shape):
        before = x[index]
        try:
            x[index] = before + eps
            above = _number(f(x))
            x[index] = before - eps
            below = _number(f(x))
        finally:
            x[index] = before
        gradient[index] = (above - below) / (2 * eps)
    return gradient


def _number(value: Any) -> float:
    if np.ndim(value) != 0:
        raise ValueError(f"f has to return one number; it returned shape {np.shape(value)}")
    return float(value)


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """The largest |a - b| / max(|a| + |b|, 1e-8) over all elements.

    Between 0 (equal, also where both are 0) and 1 (opposite signs, or one of them 0).
    A nan in either gives nan.

    Parameters
    ----------
    a, b : array_like of equal shape

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes differ: nothing is broadcast.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"shapes {a.shape} and {b.shape} differ")
    if a.size == 0:
        return 0.0
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8)))
