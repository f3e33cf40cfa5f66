"""Normalization: columns of a given mean and standard deviation, fixed once or kept so while a network learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolbox.initialization import initialized_mlp
from toolbox.layers import Affine, Layer
from toolbox.network import Network

Array = NDArray[np.floating[Any]]


def rescale(X: Array, mean: float, std: float) -> Array:
    """Columns shifted and stretched to the given mean and standard deviation.

    Parameters
    ----------
    X : array of shape (N, D)
        No column is constant.
    mean, std : float

    Returns
    -------
    array of shape (N, D)
    """
    rescaled: Array = (X - X.mean(axis=0)) / X.std(axis=0) * std + mean
    return rescaled


class Normalized(NamedTuple):
    """What ``normalize`` returns: x̃ (N, D), and the batch's mean and biased variance (D,)."""

    x: Array
    mean: Array
    var: Array


def normalize(x: Array, eps: float) -> Normalized:
    """x̃ = (x - μ) / √(v + ε), with mean μ and biased variance v of each column (Ioffe & Szegedy 2015).

    Parameters
    ----------
    x : array of shape (N, D)
    eps : float
        Keeps a constant column finite; it becomes 0.
    """
    mean, var = x.mean(axis=0), x.var(axis=0)
    return Normalized((x - mean) / np.sqrt(var + eps), mean, var)


def batchnorm_backward_steps(x: Array, gamma: Array, eps: float, dout: Array) -> dict[str, Array]:
    """The gradients of all nodes of y = γ x̃ + β, x̃ = (x - μ) / √(v + ε), from the last to the first.

    x reaches E in three ways: by itself, through μ and through v. The way from v to μ is
    left out, because it carries Σ(x - μ) = 0.

    Parameters
    ----------
    x, dout : arrays of shape (N, D)
    gamma : array of shape (D,)
    eps : float

    Returns
    -------
    dict of arrays
        "beta", "gamma", "v" and "mu" (D,), "normalized" and "x" (N, D).
    """
    normalized, mean, var = normalize(x, eps)
    std = np.sqrt(var + eps)
    d: dict[str, Array] = {"beta": dout.sum(axis=0), "gamma": np.sum(normalized * dout, axis=0)}
    d["normalized"] = gamma * dout
    d["v"] = -np.sum(d["normalized"] * (x - mean), axis=0) / (2 * std**3)
    d["mu"] = -np.sum(d["normalized"], axis=0) / std
    d["x"] = d["normalized"] / std + (d["mu"] + 2 * (x - mean) * d["v"]) / len(x)
    return d


def batchnorm_backward(normalized: Array, std: Array, gamma: Array, dout: Array) -> Array:
    """dE/dx = γ/√(v + ε) · (dout - mean(dout) - x̃ · mean(x̃ ⊙ dout)), means over the batch.

    Parameters
    ----------
    normalized, dout : arrays of shape (N, D)
        x̃ and dE/dy.
    std, gamma : arrays of shape (D,)
        √(v + ε) and γ.

    Returns
    -------
    array of shape (N, D)
    """
    dx: Array = gamma / std * (dout - dout.mean(axis=0) - normalized * np.mean(normalized * dout, axis=0))
    return dx


class BatchNorm(Layer):
    """y = γ x̃ + β with x̃ = (x - μ) / √(v + ε), column by column (Ioffe & Szegedy 2015).

    In training, μ and v are mean and biased variance of the batch, and the running
    statistics move towards them; in inference the running statistics take their place.

    Parameters
    ----------
    width : int
        Columns D of x (N, D). γ starts at 1, β at 0.
    momentum : float
        The share of the old running statistics that is kept.
    eps : float

    Attributes
    ----------
    running_mean, running_var : arrays of shape (D,)
        They start at 0 and 1, and every forward in training replaces them.
    """

    def __init__(self, width: int, momentum: float = 0.9, eps: float = 1e-5) -> None:
        super().__init__()
        self.params = {"gamma": np.ones(width), "beta": np.zeros(width)}
        self.running_mean, self.running_var = np.zeros(width), np.ones(width)
        self.momentum, self.eps = momentum, eps

    def forward(self, x: Array) -> Array:
        if self.training:
            self._normalized, mean, var = normalize(x, self.eps)
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            var = self.running_var
            self._normalized = (x - self.running_mean) / np.sqrt(var + self.eps)
        self._std = np.sqrt(var + self.eps)
        return self.params["gamma"] * self._normalized + self.params["beta"]

    def backward(self, dout: Array) -> Array:
        """dE/dx by ``batchnorm_backward``, for the batch of the latest forward, which was one in training mode."""
        self.grads["beta"] = dout.sum(axis=0)
        self.grads["gamma"] = np.sum(self._normalized * dout, axis=0)
        return batchnorm_backward(self._normalized, self._std, self.params["gamma"], dout)


def batchnorm_mlp(sizes: Sequence[int], activation: str, scheme: str, rng: np.random.Generator) -> Network:
    """``initialized_mlp`` with a ``BatchNorm`` between each affine layer and its activation, and none after the last.

    Parameters
    ----------
    sizes, activation, scheme, rng
        As for ``initialized_mlp``, and drawn in the same order: the same seed gives the same weights.
    """
    layers: list[Layer] = []
    for layer in initialized_mlp(sizes, activation, scheme, rng).layers:
        layers.append(layer)
        if isinstance(layer, Affine):
            layers.append(BatchNorm(len(layer.params["b"])))
    return Network(layers[:-1])
