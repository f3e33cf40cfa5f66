"""Networks: layers in a list, and what can be read off them while they learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.reference.layers import Affine, Layer, LeakyReLU, ReLU, Sigmoid, Tanh

Array = NDArray[np.floating[Any]]

ACTIVATIONS: dict[str, type[Layer]] = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU, "leaky_relu": LeakyReLU}


class Network:
    """Layers, one after the other.

    Parameters
    ----------
    layers : list of Layer
        From input to output.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)

    def forward(self, x: Array) -> Array:
        """The last layer's output (N, K) for x (N, D)."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout: Array) -> Array:
        """dE/dx (N, D) from dE/dscores (N, K); every layer's ``grads`` are set."""
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout

    def _numbered(self) -> Iterator[tuple[int, Layer]]:
        return enumerate((layer for layer in self.layers if layer.params), start=1)

    @property
    def params(self) -> dict[str, Array]:
        """The layers' own parameter arrays, as W1, b1, W2, …; the number counts layers with parameters."""
        return {f"{name}{k}": array for k, layer in self._numbered() for name, array in layer.params.items()}

    @property
    def grads(self) -> dict[str, Array]:
        """The gradients of the latest ``backward``, under the names and in the order of ``params``."""
        return {f"{name}{k}": layer.grads[name] for k, layer in self._numbered() for name in layer.params}

    def train(self) -> None:
        """Put all layers into training mode."""
        for layer in self.layers:
            layer.training = True

    def eval(self) -> None:
        """Put all layers into inference mode."""
        for layer in self.layers:
            layer.training = False

    def predict(self, x: Array) -> Array:
        """The scores (N, K) of x (N, D) in inference mode; every layer's mode is afterwards as before."""
        modes = [layer.training for layer in self.layers]
        self.eval()
        scores = self.forward(x)
        for layer, mode in zip(self.layers, modes, strict=True):
            layer.training = mode
        return scores


def mlp(sizes: Sequence[int], activation: str, rng: np.random.Generator, scale: float = 0.1) -> Network:
    """Affine layers of the given sizes with an activation between each two, and none after the last.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, the width of each hidden layer, outputs.
    activation : {"sigmoid", "tanh", "relu", "leaky_relu"}
    rng : numpy.random.Generator
        Draws the weights from N(0, scale²), layer by layer; biases are 0.
    scale : float

    Raises
    ------
    KeyError
        If there is no such activation.
    """
    layers: list[Layer] = []
    for n_in, n_out in pairwise(sizes):
        layers += [Affine(rng.normal(0.0, scale, (n_in, n_out)), np.zeros(n_out)), ACTIVATIONS[activation]()]
    return Network(layers[:-1])


def gradient_norms(network: Network) -> dict[str, float]:
    """√Σ(dE/dW)² of every weight matrix W1, W2, … after a ``backward``, in order."""
    return {name: float(np.linalg.norm(g)) for name, g in network.grads.items() if name.startswith("W")}


def dead_units(network: Network, X: Array) -> list[float]:
    """For each ReLU layer in order, the share of its units that are 0 for every row of X (N, D)."""
    shares = []
    for layer in network.layers:
        X = layer.forward(X)
        if isinstance(layer, ReLU):
            shares.append(float(np.mean(np.all(X == 0, axis=0))))
    return shares
