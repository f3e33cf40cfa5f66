"""The capstone: a filter slid over an image, and a network of one's own, trained by a recipe of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.reference.dropout import InvertedDropout
from grader.reference.initialization import initialize
from grader.reference.layers import Affine, Layer, ReLU
from grader.reference.losses import SoftmaxCrossEntropy
from grader.reference.network import Network
from grader.reference.normalization import BatchNorm
from grader.reference.optimizers import Adam, cosine
from grader.reference.training import minibatches

Array = NDArray[np.floating[Any]]


def slide_filter(image: Array, theta: Array) -> Array:
    """a[r, c] = Σᵢⱼ θ[i, j] · image[r + i, c + j], wherever θ fits into the image (LeCun et al. 1989).

    θ is not turned over, so in the words of signal processing this is a cross-correlation.

    Parameters
    ----------
    image : array of shape (H, W)
    theta : array of shape (h, w)
        Not larger than the image.

    Returns
    -------
    array of shape (H - h + 1, W - w + 1)
    """
    h, w = theta.shape
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    a = np.zeros((rows, columns))
    for i in range(h):
        for j in range(w):
            a += theta[i, j] * image[i : i + rows, j : j + columns]
    return a


def filter_matrix(theta: Array, shape: tuple[int, int]) -> Array:
    """The weights W with which an affine layer does what the filter does: x W is slide_filter's a, flattened.

    A linear map is known by what becomes of each unit vector, here of an image with one lit pixel.

    Parameters
    ----------
    theta : array of shape (h, w)
    shape : (int, int)
        H and W of the images.

    Returns
    -------
    array of shape (H·W, (H - h + 1)(W - w + 1))
        h·w different numbers, each again and again, and zeros.
    """
    pixels = np.eye(shape[0] * shape[1])
    return np.array([slide_filter(pixel.reshape(shape), theta).ravel() for pixel in pixels])


def build_model(rng: np.random.Generator, sizes: Sequence[int] = (64, 100, 10), p: float = 0.2) -> Network:
    """Hidden layers of affine, batch norm, ReLU and dropout, and an affine layer to the scores.

    Weights before a ReLU follow He et al. 2015; the last follow LeCun et al. 1998, so that the scores start
    near 0 and the loss near ln K.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the weights now, and the dropout masks later.
    sizes : sequence of int
        Inputs, the width of each hidden layer, classes.
    p : float
        The probability of dropping a hidden unit.
    """
    layers: list[Layer] = []
    for n_in, n_out in pairwise(sizes[:-1]):
        layers += [Affine(initialize(n_in, n_out, "he", rng), np.zeros(n_out)), BatchNorm(n_out), ReLU()]
        layers += [InvertedDropout(p, rng)]
    return Network([*layers, Affine(initialize(sizes[-2], sizes[-1], "lecun", rng), np.zeros(sizes[-1]))])


def train_model(
    X: Array,
    T: Array,
    rng: np.random.Generator,
    hidden: Sequence[int] = (100,),
    p: float = 0.2,
    epochs: int = 20,
    batch_size: int = 50,
    lr: float = 0.01,
) -> Network:
    """A network from `build_model`, trained with Adam whose rate follows a cosine down to 0.

    Parameters
    ----------
    X, T : arrays of shape (N, D) and (N, K)
        Ink between 0 and 1, and one-hot targets; left as they were.
    rng : numpy.random.Generator
        Draws everything that is drawn, so one seed gives one network.
    hidden, p
        The hidden widths, and the probability of dropping a unit.
    epochs, batch_size : int
    lr : float
        The rate of the first epoch.
    """
    network = build_model(rng, (X.shape[1], *hidden, T.shape[1]), p)
    loss, optimizer = SoftmaxCrossEntropy(), Adam(lr)
    for epoch in range(epochs):
        optimizer.lr = cosine(lr, epoch, epochs)
        for x, t in minibatches(X, T, batch_size, rng):
            loss.forward(network.forward(x), t)
            network.backward(loss.backward())
            optimizer.update(network.params, network.grads)
    return network
