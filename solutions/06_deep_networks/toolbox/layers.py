"""Layers: each computes a function of x, and the gradient of whatever is computed from it.

x (N, D) holds one sample a row. E is the number that the network ends in, and
``dout`` is dE/dy, the gradient that comes back from the layer above.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.gradients import numerical_gradient, relative_error
from toolbox.perceptron import sigmoid

Array = NDArray[np.floating[Any]]


class Layer:
    """What every layer has in common. It leaves x, dout and its parameters as they were.

    Attributes
    ----------
    params, grads : dict of str to array
        Equal keys, equal shapes. ``forward`` uses the very arrays in ``params``, so an
        optimizer may change them in place; ``backward`` replaces those in ``grads``.
    training : bool
        False at prediction. Layers without a mode ignore it.
    """

    training = True

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}

    def forward(self, x: Array) -> Array:
        """The value y of the layer; remembers what ``backward`` needs."""
        raise NotImplementedError

    def backward(self, dout: Array) -> Array:
        """dE/dx, from ``dout`` = dE/dy at the x of the latest ``forward``.

        Raises
        ------
        AttributeError
            If there was no ``forward``.
        """
        raise NotImplementedError


class Affine(Layer):
    """y = xW + b.

    x (N, D), W (D, H), b (H,), y (N, H). Going back, dW = xᵀ dout, db sums dout over
    the batch, dx = dout Wᵀ (Rumelhart, Hinton & Williams 1986).

    Raises
    ------
    ValueError
        From ``forward``, if x has not D columns.
    """

    def __init__(self, W: Array, b: Array) -> None:
        super().__init__()
        self.params = {"W": W, "b": b}

    def forward(self, x: Array) -> Array:
        self._x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout: Array) -> Array:
        self.grads["W"] = self._x.T @ dout
        self.grads["b"] = dout.sum(axis=0)
        return dout @ self.params["W"].T


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)), with the slope y (1 - y), which is at most 1/4."""

    def forward(self, x: Array) -> Array:
        self._y = sigmoid(x)
        return self._y

    def backward(self, dout: Array) -> Array:
        return dout * self._y * (1 - self._y)


class Tanh(Layer):
    """y = tanh x, with the slope 1 - y², which is at most 1 (LeCun et al. 1998 prefer it to the sigmoid)."""

    def forward(self, x: Array) -> Array:
        self._y: Array = np.tanh(x)
        return self._y

    def backward(self, dout: Array) -> Array:
        return dout * (1 - self._y) * (1 + self._y)


class ReLU(Layer):
    """y = max(0, x). The slope at 0 is taken as 0 (Nair & Hinton 2010)."""

    def forward(self, x: Array) -> Array:
        self._positive = x > 0
        return np.where(self._positive, x, 0.0)

    def backward(self, dout: Array) -> Array:
        return np.where(self._positive, dout, 0.0)


class LeakyReLU(Layer):
    """y = x where x > 0, slope · x elsewhere, 0 included (Maas, Hannun & Ng 2013)."""

    def __init__(self, slope: float = 0.1) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Array) -> Array:
        self._positive = x > 0
        return np.where(self._positive, x, self.slope * x)

    def backward(self, dout: Array) -> Array:
        return np.where(self._positive, dout, self.slope * dout)


def gradient_check(layer: Layer, x: Array, rng: np.random.Generator) -> dict[str, float]:
    """Compare ``backward`` with central differences of E = Σ dout ⊙ y, for a random dout.

    With all ones instead, every fault whose rows or columns cancel would pass.

    Parameters
    ----------
    layer : Layer
        Left as it was, except for ``grads`` and what it remembers.
    x : float array of shape (N, D)
        Left as it was; keep it away from kinks.
    rng : numpy.random.Generator
        Draws dout.

    Returns
    -------
    dict of str to float
        The relative error of dE/dx under "x", and of each parameter under its name:
        below 1e-6 where ``backward`` is right, above 1e-3 where it is wrong.
    """
    dout = rng.normal(size=layer.forward(x).shape)
    claimed = {"x": layer.backward(dout), **layer.grads}

    def energy(_: Array) -> float:
        return float(np.sum(dout * layer.forward(x)))

    return {
        name: relative_error(claimed[name], numerical_gradient(energy, array))
        for name, array in {"x": x, **layer.params}.items()
    }
