"""Training in practice: batches, splits, folds, histories, and a search that keeps the test set out.

A net here is anything with ``params``, ``forward(X)``, ``loss(X, T)`` and ``gradients(X, T)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolbox.arrays import accuracy
from toolbox.two_layer import TwoLayerNet, sgd_step

Array = NDArray[np.floating[Any]]
Part = tuple[Array, Array]
"""X (N, D) and its targets T (N, K)."""


def minibatches(X: Array, T: Array, batch_size: int, rng: np.random.Generator) -> Iterator[Part]:
    """Every sample once, in a fresh random order, ``batch_size`` at a time; the last batch may be short.

    Parameters
    ----------
    X, T : arrays of shape (N, D) and (N, K)
    batch_size : int
    rng : numpy.random.Generator

    Yields
    ------
    arrays of shape (B, D) and (B, K)
    """
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        chosen = order[start : start + batch_size]
        yield X[chosen], T[chosen]


def split(X: Array, T: Array, fractions: Sequence[float], rng: np.random.Generator) -> list[Part]:
    """Disjoint parts that together hold every sample once.

    Parameters
    ----------
    X, T : arrays of shape (N, D) and (N, K)
    fractions : sequence of float
        They add up to 1. The parts are cut at the rounded cumulative shares of N.
    rng : numpy.random.Generator

    Returns
    -------
    list of (X, T)
        One for each fraction.
    """
    order = rng.permutation(len(X))
    cuts = np.rint(np.cumsum(fractions)[:-1] * len(X)).astype(int)
    return [(X[part], T[part]) for part in np.split(order, cuts)]


def k_folds(n: int, k: int, rng: np.random.Generator) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """k pairs (training, validation) of indices; every sample is in exactly one validation part (Stone 1974).

    The parts differ in size by at most one.
    """
    folds = np.array_split(rng.permutation(n), k)
    return [(np.concatenate([*folds[:i], *folds[i + 1 :]]), folds[i]) for i in range(k)]


def evaluate(net: TwoLayerNet, X: Array, T: Array, batch_size: int = 1000) -> tuple[float, float]:
    """Mean loss and accuracy of a net on X (N, D), T (N, K). Changes no parameter.

    At most ``batch_size`` rows go through the net at once; each slice counts by its rows,
    so the means are those over all N, whatever N leaves over.
    """
    loss = right = 0.0
    for start in range(0, len(X), batch_size):
        X_part, T_part = X[start : start + batch_size], T[start : start + batch_size]
        loss += len(X_part) * net.loss(X_part, T_part)
        right += len(X_part) * accuracy(net.forward(X_part), T_part)
    return loss / len(X), right / len(X)


def fit(
    net: TwoLayerNet, train: Part, validation: Part, lr: float, batch_size: int, epochs: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Mini-batch gradient descent, and what came of it.

    Parameters
    ----------
    net : TwoLayerNet
        Changed in place.
    train, validation : (X, T)
        Only ``train`` is learnt from.
    lr : float
    batch_size, epochs : int
    rng : numpy.random.Generator
        Draws the order of each epoch.

    Returns
    -------
    DataFrame with ``epochs`` rows
        epoch (from 1), train_loss, train_accuracy, validation_loss and
        validation_accuracy, each measured after the epoch.
    """
    rows = []
    for epoch in range(1, epochs + 1):
        for X, T in minibatches(*train, batch_size, rng):
            sgd_step(net.params, net.gradients(X, T), lr)
        rows.append((epoch, *evaluate(net, *train), *evaluate(net, *validation)))
    columns = ["epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"]
    return pd.DataFrame(rows, columns=columns)


def grid_search(
    run: Callable[..., TwoLayerNet], grid: Mapping[str, Iterable[Any]], validation: Part, test: Part
) -> tuple[dict[str, Any], pd.DataFrame, float]:
    """Try every combination, choose on validation data alone, open the test set once, for the chosen net.

    Parameters
    ----------
    run : callable
        ``run(**settings)`` returns a net trained with these settings.
    grid : mapping
        For each setting's name, the values to try.
    validation, test : (X, T)
        What is chosen on, and what only the chosen net is shown.

    Returns
    -------
    best : dict
        The settings whose net has the highest validation accuracy, the first of equals.
    table : DataFrame
        One row per run: its settings, and ``validation_accuracy``.
    test_accuracy : float
        Of the chosen net.
    """
    runs = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    nets = [run(**settings) for settings in runs]
    scores = [evaluate(net, *validation)[1] for net in nets]
    best = int(np.argmax(scores))
    table = pd.DataFrame(runs).assign(validation_accuracy=scores)
    return runs[best], table, evaluate(nets[best], *test)[1]
