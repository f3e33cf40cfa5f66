"""Optimizers: each changes parameters in place from their gradients, one ``update`` a step.

``params`` and ``grads`` are dicts of arrays under equal names and of equal shapes. What
an optimizer remembers of a parameter is kept by that name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Arrays = Mapping[str, Array]


class Optimizer:
    """What all optimizers share.

    Parameters
    ----------
    lr : float
        The learning rate λ; it may be changed between two updates.
    """

    def __init__(self, lr: float) -> None:
        self.lr = lr
        self._kept: dict[str, dict[str, Array]] = {}

    def _memory(self, kind: str, name: str, like: Array) -> Array:
        """The array of this kind kept for a parameter, zeros at first."""
        kept = self._kept.setdefault(kind, {})
        if name not in kept:
            kept[name] = np.zeros_like(like)
        return kept[name]

    def update(self, params: Arrays, grads: Arrays) -> None:
        """One step for every parameter, in place; ``grads`` are left as they were."""
        raise NotImplementedError


class SGD(Optimizer):
    """θ ← θ - λg (Robbins & Monro 1951)."""

    def update(self, params: Arrays, grads: Arrays) -> None:
        for name, theta in params.items():
            theta -= self.lr * grads[name]


class Momentum(Optimizer):
    """v ← αv - λg, θ ← θ + v (Polyak 1964)."""

    def __init__(self, lr: float, alpha: float = 0.9) -> None:
        super().__init__(lr)
        self.alpha = alpha

    def update(self, params: Arrays, grads: Arrays) -> None:
        for name, theta in params.items():
            v = self._memory("v", name, theta)
            v *= self.alpha
            v -= self.lr * grads[name]
            theta += v


class Nesterov(Momentum):
    """v ← αv - λg, θ ← θ + αv - λg (Nesterov 1983, as in Sutskever et al. 2013).

    The parameters are those at which the gradient is asked for: one step ahead along v.
    """

    def update(self, params: Arrays, grads: Arrays) -> None:
        for name, theta in params.items():
            v = self._memory("v", name, theta)
            v *= self.alpha
            v -= self.lr * grads[name]
            theta += self.alpha * v - self.lr * grads[name]


class AdaGrad(Optimizer):
    """h ← h + g², θ ← θ - λ g / (√h + ε) (Duchi, Hazan & Singer 2011)."""

    def __init__(self, lr: float, eps: float = 1e-8) -> None:
        super().__init__(lr)
        self.eps = eps

    def update(self, params: Arrays, grads: Arrays) -> None:
        for name, theta in params.items():
            h = self._memory("h", name, theta)
            h += grads[name] ** 2
            theta -= self.lr * grads[name] / (np.sqrt(h) + self.eps)


class RMSProp(Optimizer):
    """h ← ρh + (1 - ρ)g², θ ← θ - λ g / (√h + ε) (Tieleman & Hinton 2012)."""

    def __init__(self, lr: float, rho: float = 0.9, eps: float = 1e-8) -> None:
        super().__init__(lr)
        self.rho, self.eps = rho, eps

    def update(self, params: Arrays, grads: Arrays) -> None:
        for name, theta in params.items():
            h = self._memory("h", name, theta)
            h *= self.rho
            h += (1 - self.rho) * grads[name] ** 2
            theta -= self.lr * grads[name] / (np.sqrt(h) + self.eps)


class Adam(Optimizer):
    """m ← β₁m + (1 - β₁)g, h ← β₂h + (1 - β₂)g², θ ← θ - λ m̂ / (√ĥ + ε) (Kingma & Ba 2015).

    m̂ = m / (1 - β₁ᵗ) and ĥ = h / (1 - β₂ᵗ) undo the start from 0; t counts updates from 1.
    The paper writes v for h.
    """

    def __init__(self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None:
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.t = 0

    def update(self, params: Arrays, grads: Arrays) -> None:
        self.t += 1
        for name, theta in params.items():
            m, h = self._memory("m", name, theta), self._memory("h", name, theta)
            m += (1 - self.beta1) * (grads[name] - m)
            h += (1 - self.beta2) * (grads[name] ** 2 - h)
            m_hat, h_hat = m / (1 - self.beta1**self.t), h / (1 - self.beta2**self.t)
            theta -= self.lr * m_hat / (np.sqrt(h_hat) + self.eps)


def step_decay(lr: float, epoch: int, factor: float = 0.1, every: int = 10) -> float:
    """λ · factor^⌊epoch / every⌋, with epochs counted from 0."""
    return lr * factor ** (epoch // every)


def cosine(lr: float, epoch: int, epochs: int) -> float:
    """λ (1 + cos(π epoch / epochs)) / 2: from λ at epoch 0 to 0 at the end (Loshchilov & Hutter 2017)."""
    return lr * (1 + math.cos(math.pi * epoch / epochs)) / 2


def ema_to_classic(alpha: float, beta: float) -> tuple[float, float]:
    """(λ, α) of classical momentum for v ← βv + (1 - β)g, θ ← θ - αv."""
    return alpha * (1 - beta), beta
