"""Regularization: what keeps a network that could learn its training set by heart from doing so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolbox.network import Network
from toolbox.two_layer import softmax

Array = NDArray[np.floating[Any]]
Arrays = Mapping[str, Array]


def l2_penalty(params: Arrays, alpha: float) -> tuple[float, dict[str, Array]]:
    """α ΣW² over the weights, and its gradients 2αW; biases get none (Hoerl & Kennard 1970).

    Parameters
    ----------
    params : dict
        As a network gives them: weights have names that begin with W.
    alpha : float
    """
    weights = {name: W for name, W in params.items() if name.startswith("W")}
    value = alpha * sum(float(np.sum(W**2)) for W in weights.values())
    return value, {name: 2 * alpha * W for name, W in weights.items()}


def l1_penalty(params: Arrays, alpha: float) -> tuple[float, dict[str, Array]]:
    """α Σ|W| over the weights, and its gradients α sign(W), 0 at 0 (Tibshirani 1996)."""
    weights = {name: W for name, W in params.items() if name.startswith("W")}
    value = alpha * sum(float(np.sum(np.abs(W))) for W in weights.values())
    return value, {name: alpha * np.sign(W) for name, W in weights.items()}


def decay_step(W: Array, gradient: Array, lr: float, alpha: float) -> Array:
    """(1 - 2αλ) W - λ g: a step of plain descent on E + αΣW², seen as shrinking first (Krogh & Hertz 1992)."""
    return (1 - 2 * alpha * lr) * W - lr * gradient


def soft_threshold(W: Array, threshold: float) -> Array:
    """sign(w) max(|w| - threshold, 0): the step of the L1 penalty that reaches 0 (Donoho 1995)."""
    shrunk: Array = np.sign(W) * np.maximum(np.abs(W) - threshold, 0.0)
    return shrunk


class EarlyStopping:
    """Keeps the best parameters, and says when to give up (Prechelt 1998).

    Parameters
    ----------
    patience : int
        Epochs without a new lowest validation loss after which to stop.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.best_loss = np.inf
        self.best_params: dict[str, Array] = {}
        self._waited = 0

    def update(self, loss: float, params: Arrays) -> bool:
        """Take note of an epoch; True when it is time to stop. Neither an equal loss nor nan is an improvement."""
        if loss < self.best_loss:
            self.best_loss, self._waited = loss, 0
            self.best_params = {name: array.copy() for name, array in params.items()}
        else:
            self._waited += 1
        return self._waited >= self.patience


def shift_images(images: Array, down: int, right: int) -> Array:
    """Images (N, H, W) moved by whole pixels; what leaves is gone, what enters is 0. Negative: up, left."""
    margin = max(abs(down), abs(right))
    wide = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    height, width = images.shape[1:]
    top, left = margin - down, margin - right
    shifted: Array = wide[:, top : top + height, left : left + width]
    return shifted


def smooth_labels(T: Array, epsilon: float) -> Array:
    """(1 - ε) T + ε/K for one-hot T (N, K); rows still add up to 1 (Szegedy et al. 2016)."""
    S: Array = (1 - epsilon) * T + epsilon / T.shape[1]
    return S


def ensemble_predict(networks: Sequence[Network], X: Array) -> Array:
    """The mean of the networks' probabilities (N, K), each the softmax of its scores (Hansen & Salamon 1990)."""
    P: Array = np.mean([softmax(network.predict(X)) for network in networks], axis=0)
    return P
