"""A network with one hidden layer: its bends, its three output heads, its gradients, its descent.

X (N, D) holds one sample a row, scores (N, K) what the last layer puts out, before any
sigmoid or softmax (the logits). Every loss is the mean over the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolbox.perceptron import sigmoid

Array = NDArray[np.floating[Any]]
Head = Callable[[Array, Array], tuple[float, Array]]
"""``head(scores, T)``, both (N, K), gives the loss and dloss/dscores (N, K)."""


def relu(x: Array) -> Array:
    """max(0, x), elementwise (Nair & Hinton 2010)."""
    return np.maximum(0.0, x)


def relu_slope(A: Array, H: Array) -> Array:
    """dH/dA for H = max(0, A): 1 where A > 0, else 0, at the kink too.   All (N, H)."""
    return (A > 0).astype(A.dtype)


def sigmoid_slope(A: Array, H: Array) -> Array:
    """dH/dA for H = σ(A), which is H (1 - H).   All (N, H)."""
    return H * (1 - H)


ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]] = {
    "relu": (relu, relu_slope),
    "sigmoid": (sigmoid, sigmoid_slope),
}
"""By name: the bend H of A, and its slope from A and H."""


def softmax(scores: Array) -> Array:
    """exp(s) / Σ exp(s) along each row, finite for any scores (Bridle 1990).

    The row's maximum is taken off first, which changes nothing but the size of the exponentials.

    Parameters
    ----------
    scores : array of shape (N, K)

    Returns
    -------
    array of shape (N, K)
        Rows add up to 1.
    """
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    P: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return P


def average_cross_entropy(P: Array, T: Array) -> float:
    """-1/N Σ t ln p, in nats; terms with t = 0 count nothing, also at p = 0.

    Parameters
    ----------
    P, T : arrays of shape (N, K)
        Probabilities, and one-hot targets.
    """
    return -float(np.sum(np.log(P[T > 0]) * T[T > 0])) / len(T)


def squared_error_head(scores: Array, T: Array) -> tuple[float, Array]:
    """1/(2N) Σ (s - t)², and its gradient (S - T)/N.   scores and T (N, K)."""
    error = scores - T
    return float(np.sum(error**2)) / (2 * len(T)), error / len(T)


def sigmoid_cross_entropy_head(scores: Array, T: Array) -> tuple[float, Array]:
    """The mean of -t ln σ(s) - (1 - t) ln(1 - σ(s)), and its gradient (σ(S) - T)/N.

    scores and T (N, 1). Computed from the logits as max(s, 0) - st + ln(1 + exp(-|s|)),
    so a sure mistake at s = ±1000 costs 1000 nats.
    """
    losses = np.maximum(scores, 0) - scores * T + np.log1p(np.exp(-np.abs(scores)))
    return float(np.sum(losses)) / len(T), (sigmoid(scores) - T) / len(T)


def softmax_cross_entropy_head(scores: Array, T: Array) -> tuple[float, Array]:
    """-1/N Σ t ln softmax(s), and its gradient (P - T)/N.   scores and T (N, K), T one-hot (Bridle 1990)."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -float(np.sum(T * log_P)) / len(T), (np.exp(log_P) - T) / len(T)


def initial_params(D: int, H: int, K: int, rng: np.random.Generator, scale: float = 0.1) -> dict[str, Array]:
    """W1 (D, H) and W2 (H, K) drawn from N(0, scale²), b1 (H,) and b2 (K,) of zeros."""
    return {
        "W1": rng.normal(0.0, scale, (D, H)),
        "b1": np.zeros(H),
        "W2": rng.normal(0.0, scale, (H, K)),
        "b2": np.zeros(K),
    }


class TwoLayerNet:
    """scores = bend(X W1 + b1) W2 + b2, and a head that turns them into a loss.

    Parameters
    ----------
    params : dict
        W1 (D, H), b1 (H,), W2 (H, K), b2 (K,): the very arrays that are used, so a step
        may change them in place.
    head : callable
        One of the three heads.
    activation : {"relu", "sigmoid"}

    Raises
    ------
    KeyError
        If the activation is neither.
    """

    def __init__(self, params: dict[str, Array], head: Head, activation: str = "relu") -> None:
        self.params = params
        self.head = head
        self.bend, self.slope = ACTIVATIONS[activation]

    def forward(self, X: Array) -> Array:
        """The scores (N, K) of X (N, D); remembers A and H (N, H) for ``gradients``."""
        self._A = X @ self.params["W1"] + self.params["b1"]
        self._H = self.bend(self._A)
        return self._H @ self.params["W2"] + self.params["b2"]

    def loss(self, X: Array, T: Array) -> float:
        """The head's loss of the scores of X (N, D) against T (N, K)."""
        return self.head(self.forward(X), T)[0]

    def gradients(self, X: Array, T: Array) -> dict[str, Array]:
        """dloss/dparameter under each parameter's name (Rumelhart, Hinton & Williams 1986)."""
        dS = self.head(self.forward(X), T)[1]
        dA = dS @ self.params["W2"].T * self.slope(self._A, self._H)
        return {"W1": X.T @ dA, "b1": dA.sum(axis=0), "W2": self._H.T @ dS, "b2": dS.sum(axis=0)}


def sgd_step(params: Mapping[str, Array], grads: Mapping[str, Array], lr: float) -> None:
    """θ ← θ - lr · dE/dθ for every parameter, in place (Robbins & Monro 1951)."""
    for name, parameter in params.items():
        parameter -= lr * grads[name]


def regularized_loss(scores: Array, T: Array, W1: Array, W2: Array, alpha: float) -> tuple[float, float, float]:
    """The three terms of a penalised loss: mean cross-entropy, α ΣW1² and α ΣW2².

    scores and T (N, K), W1 (D, H), W2 (H, K); the loss is their sum.
    """
    data = softmax_cross_entropy_head(scores, T)[0]
    return data, alpha * float(np.sum(W1**2)), alpha * float(np.sum(W2**2))


def penalized_gradients(grads: Mapping[str, Array], params: Mapping[str, Array], alpha: float) -> dict[str, Array]:
    """The gradients with 2αW added for W1 and W2; those of the biases stay (Krogh & Hertz 1992)."""
    return {name: g + 2 * alpha * params[name] if name.startswith("W") else g for name, g in grads.items()}


def equivalent_learning_rate(lr: float, batch_size: int) -> float:
    """The rate that makes with the mean loss the step that ``lr`` makes with the summed one."""
    return lr * batch_size
