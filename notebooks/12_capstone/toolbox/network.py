"""Networks: layers in a list, and what can be read off them while they learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolbox.layers import Affine, Layer, LeakyReLU, ReLU, Sigmoid, Tanh
from toolbox.losses import Loss
from toolbox.training import minibatches
from toolbox.two_layer import sgd_step

Array = NDArray[np.floating[Any]]

ACTIVATIONS: dict[str, type[Layer]] = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU, "leaky_relu": LeakyReLU}


class Network:
    """Layers, one after the other. It keeps the promises of a `Layer`, so ``gradient_check`` can test it as one.

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
        """The layers' own parameter arrays, as W1, b1, W2, …; the number counts layers with parameters.

        They are not copies: a step that changes them in place changes the layers.
        """
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
        Draws the weights from N(0, scale²), one call for each matrix, from the input on; biases are 0.
    scale : float
        The standard deviation of every weight, whatever the width.

    Raises
    ------
    KeyError
        If there is no such activation.
    """
    layers: list[Layer] = []
    for n_in, n_out in pairwise(sizes):
        layers += [Affine(rng.normal(0.0, scale, (n_in, n_out)), np.zeros(n_out)), ACTIVATIONS[activation]()]
    return Network(layers[:-1])


def train_epoch(
    network: Network, loss: Loss, X: Array, T: Array, lr: float, batch_size: int, rng: np.random.Generator
) -> None:
    """One pass over X (N, D) and T (N, K) in mini-batches, in training mode: θ ← θ - lr · dE/dθ after each.

    Parameters
    ----------
    network : Network
        Changed in place, and left in training mode.
    loss : Loss
    X, T : arrays of shape (N, D) and (N, K)
    lr : float
    batch_size : int
    rng : numpy.random.Generator
        Draws the order of the samples.
    """
    network.train()
    for x, t in minibatches(X, T, batch_size, rng):
        loss.forward(network.forward(x), t)
        network.backward(loss.backward())
        sgd_step(network.params, network.grads, lr)


def gradient_norms(network: Network) -> dict[str, float]:
    """√Σ(dE/dW)² of every weight matrix W1, W2, … after a ``backward``, in order."""
    return {name: float(np.linalg.norm(g)) for name, g in network.grads.items() if name.startswith("W")}


def dead_units(network: Network, X: Array) -> list[float]:
    """For each ReLU layer in order, the share of its units that are 0 for every row of X (N, D).

    No gradient of these rows gets through such a unit, so none of its weights moves.
    """
    shares = []
    for layer in network.layers:
        X = layer.forward(X)
        if isinstance(layer, ReLU):
            shares.append(float(np.mean(np.all(X == 0, axis=0))))
    return shares


def update_ratios(before: Mapping[str, Array], after: Mapping[str, Array]) -> dict[str, float]:
    """|after - before| / |before| of every weight matrix W1, W2, …, with |A| = √ΣA².

    Between 1e-3 and 1e-1 a step where a network learns: far below nothing happens, above it forgets what it learnt.

    Parameters
    ----------
    before, after : dict of arrays
        The parameters around a step, ``before`` as copies.
    """
    return {
        name: float(np.linalg.norm(after[name] - W) / np.linalg.norm(W))
        for name, W in before.items()
        if name.startswith("W")
    }
