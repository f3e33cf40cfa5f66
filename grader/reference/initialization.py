"""How large the first weights should be, and what becomes of the data when they are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grader.reference.network import Network, mlp

Array = NDArray[np.floating[Any]]


def scheme_variance(n_in: int, n_out: int, scheme: str) -> float:
    """The variance that a scheme gives a weight.

    "lecun" 1/n_in (LeCun et al. 1998), "xavier" 2/(n_in + n_out) (Glorot & Bengio 2010),
    "he" 2/n_in (He et al. 2015).

    Raises
    ------
    KeyError
        If there is no such scheme.
    """
    return {"lecun": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[scheme]


def initialize(n_in: int, n_out: int, scheme: str, rng: np.random.Generator) -> Array:
    """Weights of mean 0 and the scheme's variance.

    Parameters
    ----------
    n_in, n_out : int
        Fan-in and fan-out.
    scheme : str
        "lecun", "xavier" or "he", drawn from a normal distribution; with "_uniform"
        added, from a uniform one of the same variance, which reaches from -√(3v) to √(3v).
    rng : numpy.random.Generator

    Returns
    -------
    array of shape (n_in, n_out)
    """
    std = np.sqrt(scheme_variance(n_in, n_out, scheme.removesuffix("_uniform")))
    if scheme.endswith("_uniform"):
        return rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, (n_in, n_out))
    return rng.normal(0.0, std, (n_in, n_out))


def activation_statistics(weights: Sequence[Array], X: Array, activation: Callable[[Array], Array]) -> pd.DataFrame:
    """What a batch looks like after each layer H ← activation(H W), without biases.

    Parameters
    ----------
    weights : list of arrays
        Each (n_in, n_out), from input to output.
    X : array of shape (N, D)
    activation : callable
        Elementwise.

    Returns
    -------
    DataFrame
        One row per layer: layer (from 1), mean and std over all units and samples.
    """
    rows = []
    for layer, W in enumerate(weights, start=1):
        X = activation(X @ W)
        rows.append((layer, X.mean(), X.std()))
    return pd.DataFrame(rows, columns=["layer", "mean", "std"])


def predicted_variance(second_moment: float, n_in: int, weight_variance: float) -> float:
    """Var[Σ w h] = n_in · Var[w] · E[h²] for independent weights of mean 0 (He et al. 2015)."""
    return n_in * weight_variance * second_moment


def distinct_units(gradient: Array) -> int:
    """How many different columns a weight gradient (n_in, n_out) has: units that learn something of their own."""
    return len(np.unique(gradient.round(12), axis=1).T)


def initialized_mlp(sizes: Sequence[int], activation: str, scheme: str, rng: np.random.Generator) -> Network:
    """``mlp`` with weights of the given scheme."""
    network = mlp(sizes, activation, rng)
    for name, array in network.params.items():
        if name.startswith("W"):
            array[...] = initialize(array.shape[0], array.shape[1], scheme, rng)
    return network
