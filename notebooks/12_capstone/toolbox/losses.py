"""Losses: the last layer, where E begins. Every loss is the mean over the batch.

``forward(scores, T)`` returns E, and ``backward()`` its gradient with respect to the
scores. All three end in the same (Y - T) / N: each pairs an output with the loss that
is its negative log-likelihood (Bridle 1990).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolbox.layers import Sigmoid

Array = NDArray[np.floating[Any]]


class Loss:
    """What the losses have in common: how far each output is from its target.

    Raises
    ------
    AttributeError
        From ``backward``, if there was no ``forward``.
    """

    def forward(self, scores: Array, T: Array) -> float:
        """E, the mean over the batch; remembers Y - T, and leaves scores and T as they were.

        Parameters
        ----------
        scores, T : arrays of one shape (N, K)
        """
        raise NotImplementedError

    def backward(self) -> Array:
        """dE/dscores = (Y - T) / N, of shape (N, K)."""
        return self._error / len(self._error)

    _error: Array


class MeanSquaredError(Loss):
    """E = 1/(2N) Σ (y - t)², summed over samples and outputs. The scores are Y themselves."""

    def forward(self, scores: Array, T: Array) -> float:
        self._error = scores - T
        return float(np.sum(self._error**2)) / (2 * len(T))


class SigmoidCrossEntropy(Loss):
    """E = -1/N Σ t ln y + (1 - t) ln(1 - y), with Y = σ(scores).

    scores and T (N, 1). Written as max(z, 0) - zt + ln(1 + exp(-|z|)), so no logit
    overflows and none is clipped: a sure mistake at z = ±1000 costs 1000 nats.
    """

    def forward(self, scores: Array, T: Array) -> float:
        self._error = Sigmoid().forward(scores) - T
        losses = np.maximum(scores, 0) - scores * T + np.log1p(np.exp(-np.abs(scores)))
        return float(np.sum(losses)) / len(T)


class SoftmaxCrossEntropy(Loss):
    """E = -1/N Σ t ln y, with Y = softmax(scores) along each row.

    scores and T (N, K). ln Y is computed without Y: the row's maximum is taken off
    first, so the largest exponential is 1 and no logarithm meets a 0.
    """

    def forward(self, scores: Array, T: Array) -> float:
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_Y = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._error = np.exp(log_Y) - T
        return -float(np.sum(T * log_Y)) / len(T)
