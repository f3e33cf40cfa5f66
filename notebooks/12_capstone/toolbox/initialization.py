"""How large the first weights should be, and what becomes of the data when they are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolbox.network import Network, mlp

Array = NDArray[np.floating[Any]]


def distinct_units(gradient: Array) -> int:
    """How many different columns a weight matrix or its gradient has: units that learn something of their own.

    Columns count as equal where no entry differs by more than 1e-9 of the largest entry,
    so rounding does not tell two units apart, and the size of the gradient does not matter.

    Parameters
    ----------
    gradient : array of shape (n_in, n_out)
        One column for each unit.
    """
    near = 1e-9 * np.abs(gradient).max()
    kept: list[Array] = []
    for column in gradient.T:
        if all(np.abs(column - other).max() > near for other in kept):
            kept.append(column)
    return len(kept)


def predicted_variance(H: Array, weight_variance: float) -> float:
    """Var[Σ h w] = n_in · E[h²] · Var[w], for independent weights of mean 0 (He et al. 2015).

    E[h²] is the mean square and not the variance: a unit that is always on spreads, too.

    Parameters
    ----------
    H : array of shape (N, n_in)
        What comes into the layer.
    weight_variance : float
    """
    return float(H.shape[1] * np.mean(H**2) * weight_variance)


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
        added, from a uniform one of the same variance v, which reaches from -√(3v) to √(3v).
    rng : numpy.random.Generator

    Returns
    -------
    array of shape (n_in, n_out)

    Raises
    ------
    KeyError
        If there is no such scheme.
    """
    v = scheme_variance(n_in, n_out, scheme.removesuffix("_uniform"))
    if scheme.endswith("_uniform"):
        return rng.uniform(-np.sqrt(3 * v), np.sqrt(3 * v), (n_in, n_out))
    return rng.normal(0.0, np.sqrt(v), (n_in, n_out))


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
    H, rows = X, []
    for layer, W in enumerate(weights, start=1):
        H = activation(H @ W)
        rows.append((layer, H.mean(), H.std()))
    return pd.DataFrame(rows, columns=["layer", "mean", "std"])


def initialized_mlp(sizes: Sequence[int], activation: str, scheme: str, rng: np.random.Generator) -> Network:
    """``mlp`` with weights of the given scheme; biases stay 0.

    Parameters
    ----------
    sizes, activation
        As for ``mlp``.
    scheme : str
        As for ``initialize``; every layer's weights follow its own fan-in and fan-out.
    rng : numpy.random.Generator
    """
    network = mlp(sizes, activation, rng)
    for name, array in network.params.items():
        if name.startswith("W"):
            n_in, n_out = array.shape
            array[...] = initialize(n_in, n_out, scheme, rng)
    return network
