"""Dropout: units erased at random while a network learns (Srivastava et al. 2014).

p is the probability of dropping a unit. A mask m holds a 0 for each unit that is dropped
and one and the same positive number for each that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolbox.layers import Layer, Sigmoid

Array = NDArray[np.floating[Any]]


def average_over_masks(f: Callable[[Array], Array], x: Array, p: float) -> Array:
    """Σ P(m) f(x ⊙ m) over all 2ᴰ masks m of 0 and 1, with P(m) = p^dropped (1 - p)^kept.

    It is exact, and takes 2ᴰ calls of f: for small D only.

    Parameters
    ----------
    f : callable
        Of an array (N, D); each row of its result depends on that row alone.
    x : array of shape (N, D)
    p : float
        The probability of dropping.

    Returns
    -------
    array
        With the shape of f(x).
    """
    D = x.shape[1]
    masks = np.array(list(product([0.0, 1.0], repeat=D)))
    kept = masks.sum(axis=1)
    chances = p ** (D - kept) * (1 - p) ** kept
    average: Array = sum(chance * f(x * mask) for chance, mask in zip(chances, masks, strict=True))
    return average


def expected_output(x: Array, W: Array, b: Array, p: float) -> Array:
    """(1 - p) xW + b, the mean of an affine layer's output over all masks of its inputs.

    Parameters
    ----------
    x, W, b : arrays of shape (N, D), (D, H) and (H,)
    p : float
        The probability of dropping each input.

    Returns
    -------
    array of shape (N, H)
    """
    return (1 - p) * (x @ W) + b


class Dropout(Layer):
    """y = x ⊙ m in training, each m 0 with probability p, else 1; y = (1 - p) x in inference.

    Parameters
    ----------
    p : float
        The probability of dropping a unit.
    rng : numpy.random.Generator
        Draws a fresh mask at each forward in training, and nothing in inference.
    """

    def __init__(self, p: float, rng: np.random.Generator) -> None:
        super().__init__()
        self.p, self.rng = p, rng

    def forward(self, x: Array) -> Array:
        if not self.training:
            return x * (1 - self.p)
        self._mask = (self.rng.random(x.shape) >= self.p).astype(x.dtype)
        return x * self._mask

    def backward(self, dout: Array) -> Array:
        """dE/dx = dout ⊙ m, with the mask of the latest ``forward`` in training."""
        return dout * self._mask


class InvertedDropout(Dropout):
    """y = x ⊙ m / (1 - p) in training, y = x in inference: nothing is left to do when predicting."""

    def forward(self, x: Array) -> Array:
        if not self.training:
            return x
        self._mask = (self.rng.random(x.shape) >= self.p).astype(x.dtype) / (1 - self.p)
        return x * self._mask


def exact_count_mask(shape: tuple[int, int], ratio: float, rng: np.random.Generator) -> Array:
    """A mask in which exactly round(ratio · size) entries are 0 and all others 1 / (1 - ratio).

    Its mean is 1 only where ratio · size is a whole number. Which entries are 0 is not
    independent: one more here is one less elsewhere.

    Parameters
    ----------
    shape : (int, int)
    ratio : float
        The share to drop, at least 0 and below 1.
    rng : numpy.random.Generator

    Returns
    -------
    array of the given shape
    """
    size = shape[0] * shape[1]
    mask = np.full(size, 1 / (1 - ratio))
    mask[rng.permutation(size)[: round(ratio * size)]] = 0.0
    return mask.reshape(shape)


def masked_backward(cache: Mapping[str, Array], params: Mapping[str, Array], T: Array) -> dict[str, Array]:
    """The gradients of hidden layers H ← σ(H W + b) ⊙ R, as many as there are, with a softmax behind the last.

    Parameters
    ----------
    cache : dict
        H0 (N, D), the data; for each hidden layer A = H W + b before the bend, its mask R, and
        H = σ(A) ⊙ R, numbered from 1; P (N, K), the probabilities.
    params : dict
        W1, b1, W2, …
    T : array of shape (N, K)
        One-hot; E is the mean cross-entropy.

    Returns
    -------
    dict of arrays
        dE/dW and dE/db under the names of the parameters.
    """
    grads: dict[str, Array] = {}
    dout: Array = (cache["P"] - T) / len(T)
    for k in range(len(params) // 2, 0, -1):
        grads |= {f"W{k}": cache[f"H{k - 1}"].T @ dout, f"b{k}": dout.sum(axis=0)}
        if k > 1:
            bend = Sigmoid()
            bend.forward(cache[f"A{k - 1}"])
            dout = bend.backward(dout @ params[f"W{k}"].T * cache[f"R{k - 1}"])
    return grads
