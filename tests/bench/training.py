"""One epoch of training shaped like MNIST's: the course's own classes against others, and against the bare products.

784-100-10 in float32, 60,000 samples made at random, batches of 256 in the order in which they
stand, softmax cross-entropy, plain gradient descent, two threads for everybody.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from grader.reference import fast
from grader.reference.layers import Affine, ReLU
from grader.reference.losses import SoftmaxCrossEntropy
from grader.reference.network import Network
from grader.reference.optimizers import SGD
from grader.reference.training import minibatches

D, H, K = 784, 100, 10
BATCH = 256
LR = 0.1
PAUSE = 0.2
"""Seconds before each run: a library's threads go on looking for work for a while, on the cores that the next needs."""
S0_BATCHES = 2
"""S0 writes 80 MB a step: it is timed on so many batches, and scaled up to the epoch."""

NAMES = {
    "matmul": "the five matrix products alone: the limit",
    "reference": "the course: `Network`, layers and optimizer of `fast.py`",
    "reference_clear": "the course: `Network`, layers and optimizer as learners write them",
    "plain": "a plain NumPy loop: the formulas one after the other, no classes",
    "torch": "PyTorch, eager, CPU",
    "sklearn": "scikit-learn, `MLPClassifier`",
    "s1": "S1: sigmoid, a column of ones put before each layer's input",
    "s0": "S0: ReLU's slope as (N, H, H), gradients as sums of outer products",
    "shuffling": "drawing the epoch's batches in random order, where that is wanted",
}


@dataclass
class Data:
    """X (N, 784), one-hot T (N, 10) and their labels."""

    X: np.ndarray
    T: np.ndarray
    labels: np.ndarray

    def batches(self, count: int | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The first ``count`` batches, or all; not copied."""
        end = len(self.X) if count is None else count * BATCH
        for start in range(0, min(end, len(self.X)), BATCH):
            yield self.X[start : start + BATCH], self.T[start : start + BATCH]


def random_data(samples: int) -> Data:
    """Pixels between 0 and 1, and classes that have nothing to do with them."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, K, samples)
    return Data(rng.random((samples, D), dtype=np.float32), np.eye(K, dtype=np.float32)[labels], labels)


def weights() -> tuple[np.ndarray, np.ndarray]:
    """W1 (784, 100) and W2 (100, 10)."""
    rng = np.random.default_rng(1)
    W1, W2 = rng.normal(size=(D, H)) / np.sqrt(D), rng.normal(size=(H, K)) / np.sqrt(H)
    return W1.astype(np.float32), W2.astype(np.float32)


def clear_network() -> Network:
    """Two affine layers with a ReLU between them."""
    W1, W2 = weights()
    return Network([Affine(W1, np.zeros(H, np.float32)), ReLU(), Affine(W2, np.zeros(K, np.float32))])


def _train(network: Network, loss: SoftmaxCrossEntropy, step: Callable[[Network], None], data: Data) -> float:
    """One epoch."""
    start = time.perf_counter()
    for x, t in data.batches():
        loss.forward(network.forward(x), t)
        network.backward(loss.backward())
        step(network)
    return time.perf_counter() - start


def reference_clear(data: Data) -> float:
    optimizer = SGD(LR)
    return _train(
        clear_network(),
        SoftmaxCrossEntropy(),
        lambda network: optimizer.update(network.params, network.grads),
        data,
    )


def reference(data: Data) -> float:
    network = fast.without_new_arrays(clear_network())
    return _train(network, fast.SoftmaxCrossEntropy(LR), fast.SGD(1).step, data)


def plain(data: Data) -> float:
    """The formulas one after the other, without classes; nothing that one step made serves the next."""
    W1, W2 = weights()
    b1, b2 = np.zeros(H, np.float32), np.zeros(K, np.float32)
    start = time.perf_counter()
    for x, t in data.batches():
        a = x @ W1 + b1
        h = np.maximum(a, 0)
        scores = h @ W2 + b2
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        y = odds / odds.sum(axis=1, keepdims=True)
        -np.sum(t * np.log(y)) / len(x)
        dscores = (y - t) / len(x)
        da = dscores @ W2.T * (a > 0)
        W2 -= LR * (h.T @ dscores)
        b2 -= LR * dscores.sum(axis=0)
        W1 -= LR * (x.T @ da)
        b1 -= LR * da.sum(axis=0)
    return time.perf_counter() - start


def matmul(data: Data) -> float:
    """xW1, hW2 forward; hᵀd, dW2ᵀ and xᵀd back. Nobody needs the gradient of x."""
    W1, W2 = weights()
    h, d = np.ones((BATCH, H), np.float32), np.ones((BATCH, K), np.float32)
    start = time.perf_counter()
    for x, _ in data.batches():
        hidden, scores = h[: len(x)], d[: len(x)]
        x @ W1
        hidden @ W2
        hidden.T @ scores
        scores @ W2.T
        x.T @ hidden
    return time.perf_counter() - start


def pytorch(data: Data) -> float:
    import torch

    X, labels = torch.from_numpy(data.X), torch.from_numpy(data.labels)
    network = torch.nn.Sequential(torch.nn.Linear(D, H), torch.nn.ReLU(), torch.nn.Linear(H, K))
    loss, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.SGD(network.parameters(), lr=LR)
    start = time.perf_counter()
    for x, t in zip(X.split(BATCH), labels.split(BATCH), strict=True):
        optimizer.zero_grad()
        loss(network(x), t).backward()
        optimizer.step()
    return time.perf_counter() - start


def scikit_learn(data: Data) -> float:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        (H,), solver="sgd", alpha=0, batch_size=BATCH, learning_rate_init=LR, max_iter=1, shuffle=False, momentum=0
    )
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(data.X, data.labels)
    return time.perf_counter() - start


def _with_ones(x: np.ndarray) -> np.ndarray:
    return np.insert(x, 0, 1, axis=1)


def s1(data: Data) -> float:
    """The bias is row 0 of each weight matrix, so every product needs a copy of its input with a column of ones."""
    w1, w2 = (np.vstack([np.zeros((1, W.shape[1]), np.float32), W]) for W in weights())
    start = time.perf_counter()
    for x, t in data.batches():
        h = 1 / (1 + np.exp(-(_with_ones(x) @ w1)))
        odds = np.exp(_with_ones(h) @ w2)
        error = odds / odds.sum(axis=1, keepdims=True) - t
        dw2 = _with_ones(h).T @ error / len(x)
        da = error @ w2[1:].T * (h * (1 - h))
        dw1 = _with_ones(x).T @ da / len(x)
        w1, w2 = w1 - dw1 * LR, w2 - dw2 * LR
    return time.perf_counter() - start


def s0(data: Data) -> float:
    """A diagonal (H, H) matrix of slopes for each sample; an outer product for each sample, then their sum."""
    W1, W2 = weights()
    b1, b2 = np.zeros(H, np.float32), np.zeros(K, np.float32)
    start = time.perf_counter()
    for x, t in data.batches(S0_BATCHES):
        a = np.concatenate([x, np.ones((len(x), 1), np.float32)], axis=1) @ np.concatenate([W1, b1[None]])
        h = a.copy()
        h[h < 0] = 0
        scores = h @ W2 + b2
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        dscores = (odds / odds.sum(axis=1, keepdims=True) - t) / len(x)
        dW2 = np.einsum("nh,nk->nhk", h, dscores).sum(axis=0)
        slopes = np.zeros((len(x), H, H), np.float32)
        sample, unit = np.where(a >= 0)
        slopes[sample, unit, unit] = 1
        da = np.einsum("nij,nj->ni", slopes, dscores @ W2.T)
        dW1 = np.einsum("nd,nh->ndh", x, da).sum(axis=0)
        W1 -= LR * dW1
        W2 -= LR * dW2
        b1 -= LR * da.sum(axis=0)
        b2 -= LR * dscores.sum(axis=0)
    steps = -(-len(data.X) // BATCH)
    return (time.perf_counter() - start) * steps / min(S0_BATCHES, steps)


def shuffling(data: Data) -> float:
    rng = np.random.default_rng(2)
    start = time.perf_counter()
    for _ in minibatches(data.X, data.T, BATCH, rng):
        pass
    return time.perf_counter() - start


EPOCHS: dict[str, Callable[[Data], float]] = {
    "matmul": matmul,
    "reference": reference,
    "reference_clear": reference_clear,
    "plain": plain,
    "torch": pytorch,
    "sklearn": scikit_learn,
    "s1": s1,
    "s0": s0,
    "shuffling": shuffling,
}


def measure(samples: int = 60_000, runs: int = 15, threads: int = 2) -> dict[str, float]:
    """Seconds of one epoch each, the median of ``runs`` that take turns, after one that does not count.

    Where PyTorch or scikit-learn is not installed, its key is missing.
    """
    data, few = random_data(samples), random_data(4 * BATCH)
    taken: dict[str, list[float]] = {}
    with suppress(ImportError):
        import torch

        torch.set_num_threads(threads)
    with threadpool_limits(threads):
        for name, epoch in EPOCHS.items():
            try:
                epoch(few)
            except ImportError:
                continue
            taken[name] = []
        for _ in range(runs):
            for name, seconds in taken.items():
                time.sleep(PAUSE)
                seconds.append(EPOCHS[name](data))
    return {name: median(seconds) for name, seconds in taken.items()}


def table(figures: Mapping[str, float]) -> str:
    """The figures as Markdown, from the quickest to the slowest, with their ratio to the bare products."""
    lines = ["| one epoch of 784-100-10 | seconds | × the products |", "|---|---|---|"]
    for name, seconds in sorted(figures.items(), key=lambda item: item[1]):
        lines.append(f"| {NAMES[name]} | {seconds:.3f} | {seconds / figures['matmul']:.2f} |")
    return "\n".join(lines)
