"""How the pieces of ``08_initialization`` are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from byhand.contracts import Unfit, contract

Array = NDArray[Any]

NEAR = 0.05
"""How far the mean and the standard deviation of a large draw may be off, in standard deviations."""

NEAR_IN_A_NETWORK = 0.2
"""The same for the layers of a network, which are smaller."""

BENDS: dict[str, Callable[[Array], Array]] = {"relu": lambda z: np.maximum(z, 0), "tanh": lambda z: np.tanh(z)}


def _something(value: Any, name: str) -> Any:
    """A sentence that helps, where nothing came back."""
    if value is None:
        raise Unfit(f"`{name}` returned None: is there a `return` at its end?")
    return value


def _weights(value: object, what: str) -> object:
    """Weights as they came, if they are a matrix of numbers."""
    if not isinstance(value, np.ndarray):
        raise Unfit(f"{what} is of type {type(value).__name__}; a NumPy array (n_in, n_out) is asked for")
    if value.ndim != 2 or value.dtype.kind not in "fiu":
        raise Unfit(f"{what} has shape {value.shape}; a matrix of numbers, (n_in, n_out), is asked for")
    return value


def _column(table: pd.DataFrame, name: str) -> Array | None:
    """A column as an array, or None if its entries are arrays themselves."""
    try:
        values = np.array(table[name].tolist())
    except ValueError:
        return None
    return values if values.ndim == 1 else None


def _standing(W: Array, variance: float, near: float) -> tuple[float, float]:
    """The mean of weights in their own standard deviations, and this in units of the one promised.

    Where they are near enough they become 0 and 1, so that one draw can be compared with another.
    """
    own = float(np.std(W))
    mean, std = float(np.mean(W)) / (own or 1.0), own / float(np.sqrt(variance))
    return (0.0 if abs(mean) <= near else mean), (1.0 if abs(std - 1) <= near else std)


def _kind(W: Array) -> str:
    """Normal or uniform, by the share of weights less than one standard deviation from their mean: 68 % or 58 %."""
    spread = float(np.std(W))
    share = float(np.mean(np.abs(W - np.mean(W)) < spread)) if spread else 0.0
    for name, expected in {"normal": 0.6827, "uniform": 0.5774}.items():
        if abs(share - expected) <= NEAR:
            return name
    return f"neither normal nor uniform, with {share:.0%} of the weights within one standard deviation"


def _same(a: object, b: object) -> bool:
    return np.array_equal(np.asarray(a), np.asarray(b))


def _draws(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What can be said of draws that are all different and all right.

    A right answer is called wrong with a probability below 1e-8 over a whole check or mark
    (three cases, n = n_in · n_out >= 24,000 weights in each draw), bounded without tables:

    - mean off by more than 0.05 of the draw's own standard deviation, t = 0.047 of the one promised:
      at most 2 exp(-n t²/2) = 6e-12, since normal and uniform variables are both strictly sub-Gaussian;
    - standard deviation off by more than 5 %, that is variance above 1.1025 or below 0.9025:
      for normal weights exp(-n/2 (e - ln(1 + e))) with e = 0.1025 or -0.0975 (Chernoff, chi-square),
      at most 3e-26; for uniform ones, whose squares lie between 0 and 3 v, 2 exp(-2n (0.0975/3)²) =
      2e-22 (Hoeffding);
    - share within one standard deviation off by more than 0.05: the standard deviation would have
      to be off by 4.8 %, which moves the share by 0.028 at most, or the share at the true one by
      0.022, at most 2 exp(-2n 0.022²) = 2e-10 (Hoeffding).

    Six draws: below 2e-9. Equal numbers among so many of 53 bits are rare, and one in twenty is allowed.
    The nearest mistakes, a factor of √2 in the scale, are 41 % off, more than 70 standard errors.
    """
    large = {kind: np.asarray(outputs[kind], dtype=float) for kind in ("normal", "uniform")}
    result: dict[str, Any] = {"shape": np.array([W.shape for W in large.values()])}
    standing = {kind: _standing(W, inputs["variance"], NEAR) for kind, W in large.items()}
    result["mean_over_std"] = np.array([mean for mean, _ in standing.values()])
    result |= {f"std_over_expected_{kind}": std for kind, (_, std) in standing.items()}
    result["distribution"] = f"first {_kind(large['normal'])}, then {_kind(large['uniform'])}"
    drawn = np.concatenate([W.ravel() for W in large.values()])
    if np.unique(drawn).size < 0.95 * drawn.size:
        result["draws"] = "the same numbers stand in a matrix more than once"
    elif _same(outputs["layer_1"], outputs["layer_2"]):
        result["draws"] = "two layers of one network got the same weights"
    else:
        result["draws"] = "all numbers differ"
    again = _same(outputs["layer_1"], outputs["layer_1_again"])
    result["rng"] = "the same seed gives the same weights" if again else "the same seed gives other weights"
    return result


@contract
def distinct_units(distinct_units, /, *, exact, rounded, last_bits, tiny, beside, powers, negative, related, zeros):
    """distinct_units(gradient) -> how many different columns a gradient (n_in, n_out) has, an int.

    In `exact` equal columns agree to the last bit, in `rounded` up to rounding: entries are
    larger or smaller by 2e-16 of themselves. `tiny` is multiplied by 1e-15. In `beside` two columns are
    1e-12 times as large as the others, which is less than rounding there. In `negative` every entry
    is below 0. In `related` there are columns in proportion, columns of one sum, columns of opposite sign,
    and columns that share one entry. In `zeros` all entries are 0. Columns that differ do so by a
    hundredth of the largest entry or more. `left_alone` compares the gradients afterwards with what was handed in.
    """
    same = True
    for name, gradient in {
        "exact": exact,
        "rounded": rounded * (1 + last_bits * 2.0**-52),
        "tiny": tiny * 2.0**-50,
        "beside": beside * 2.0**powers,
        "negative": negative,
        "related": related,
        "zeros": zeros,
    }.items():
        before = gradient.copy()
        count = _something(distinct_units(gradient), "distinct_units")
        if np.ndim(count) != 0:
            raise Unfit(f"`distinct_units` returned something of shape {np.shape(count)}; one number is asked for")
        same = same and np.array_equal(before, gradient)
        yield {name: count}
    yield {"left_alone": "as before" if same else "the gradient has changed"}


@contract
def predicted_variance(predicted_variance, /, *, H, weight_variance):
    """predicted_variance(H, weight_variance) -> the variance of Σ h w over draws of the weights, one number.

    H (N, n_in) comes into the layer; the weights have mean 0 and this variance. `left_alone`
    compares H afterwards with what was handed in.
    """
    before = H.copy()
    yield {"variance": _something(predicted_variance(H, weight_variance), "predicted_variance")}
    yield {"left_alone": "as before" if np.array_equal(before, H) else "H has changed"}


@contract
def scheme_variance(scheme_variance, /, *, n_in, n_out):
    """scheme_variance(n_in, n_out, scheme) -> the variance of a weight, one number.

    It is called with the schemes "lecun", "xavier" and "he".
    """
    for scheme in ("lecun", "xavier", "he"):
        variance = scheme_variance(n_in, n_out, scheme)
        if variance is None:
            raise Unfit(f'`scheme_variance(…, "{scheme}")` returned None: is there a `return` for a name spelt so?')
        yield {scheme: variance}


@contract(properties=_draws)
def initialize(initialize, /, *, n_in, n_out, scheme, variance, seed):
    """initialize(n_in, n_out, scheme, rng) -> weights (n_in, n_out) of mean 0 and the scheme's variance.

    It is called with a scheme and with the same and "_uniform", for 24,000 weights or more.
    `mean_over_std` (normal, uniform) is the mean in units of the draw's own standard deviation, and
    `std_over_expected_…` this in units of the one promised: 0 and 1 are right, and up to 0.05 off is near enough.
    `distribution` goes by the share of weights within one standard deviation of their mean.
    `draws` compares two layers of 7 by 5, drawn one after the other; `rng` draws the first of
    them again, from a new generator with the same seed.
    """
    rng = np.random.default_rng(seed)
    for kind, name in {"normal": scheme, "uniform": f"{scheme}_uniform"}.items():
        W = _something(initialize(n_in, n_out, name, rng), "initialize")
        yield {kind: _weights(W, "what `initialize` returned")}
    rng, later = np.random.default_rng(seed + 1), np.random.default_rng(seed + 1)
    yield {"layer_1": initialize(7, 5, scheme, rng), "layer_2": initialize(7, 5, scheme, rng)}
    yield {"layer_1_again": initialize(7, 5, scheme, later)}


@contract
def activation_statistics(activation_statistics, /, *, W1, W2, W3, X, activation):
    """activation_statistics([W1, W2, W3], X, activation) -> DataFrame with layer, mean and std, a row a layer.

    X (N, D), W1 (D, H), W2 (H, M), W3 (M, K); activation is "relu" or "tanh" as a function
    of an array. `left_alone` compares X and the weights afterwards with what was handed in.
    """
    before, weights = [array.copy() for array in (X, W1, W2, W3)], [W1, W2, W3]
    table = _something(activation_statistics(weights, X, BENDS[activation]), "activation_statistics")
    if not isinstance(table, pd.DataFrame):
        raise Unfit(f"a {type(table).__name__} came back; a pandas DataFrame with a row for each layer is asked for")
    columns = {name: _column(table, name) for name in ("layer", "mean", "std") if name in table.columns}
    yield {name: values for name, values in columns.items() if values is not None}
    same = len(weights) == 3 and all(np.array_equal(a, b) for a, b in zip(before, (X, *weights), strict=True))
    yield {"left_alone": "as before" if same else "X or the weights have changed"}
    if long := [name for name, values in columns.items() if values is None]:
        raise Unfit(f"the entries of the column `{long[0]}` are arrays; one number a layer is asked for")
    if lacking := [name for name in ("layer", "mean", "std") if name not in table.columns]:
        there = ", ".join(str(name) for name in table.columns)
        raise Unfit(f"the DataFrame has the columns {there}; it lacks {', '.join(lacking)}")


def _started(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Shapes, and for each weight matrix its mean and standard deviation in units of the one promised.

    The smallest matrix has n = 1350 weights, and each may be off by t = 0.2. By the bounds of `_draws`
    a mean is called wrong with a probability of 2 exp(-n (0.9 t)²/2) = 7e-10 at most, a standard deviation
    with exp(-n/2 (0.44 - ln 1.44)) = 8e-23; six matrices make less than 5e-9.
    """
    names = [f"W{k}" for k in range(1, len(inputs["sizes"]))]
    weights = [np.asarray(outputs[name], dtype=float) for name in names]
    biases = [np.asarray(outputs[name.replace("W", "b")], dtype=float) for name in names]
    result: dict[str, Any] = {"shapes": np.array([W.shape for W in weights])}
    standing = [_standing(W, v, NEAR_IN_A_NETWORK) for W, v in zip(weights, inputs["variances"], strict=True)]
    result["mean_over_std"], result["std_over_expected"] = (np.array(column) for column in zip(*standing, strict=True))
    result["biases"] = "all 0" if all(np.all(b == 0) for b in biases) else "not all 0"
    H: Array = inputs["X"]
    for k, (W, b) in enumerate(zip(weights, biases, strict=True), start=1):
        H = H @ W + b
        H = BENDS[inputs["activation"]](H) if k < len(weights) else H
    follows = np.allclose(outputs["scores"], H, rtol=1e-6, atol=1e-9)
    result["scores"] = "follow from the weights" if follows else "are not those of an mlp with these weights"
    twice = _same(outputs["square_1"], outputs["square_2"])
    result["layers"] = "two layers of one network got the same weights" if twice else "drawn one after the other"
    again = _same(outputs["square_1"], outputs["square_1_again"])
    result["rng"] = "the same seed gives the same weights" if again else "the same seed gives other weights"
    result["left_alone"] = str(outputs["left_alone"])
    return result


@contract(properties=_started)
def initialized_mlp(initialized_mlp, /, *, sizes, activation, scheme, variances, X, seed):
    """initialized_mlp(sizes, activation, scheme, rng) -> a Network whose weights follow the scheme.

    `mean_over_std` and `std_over_expected` are those of W1, W2, …, as in `initialize`: 0 and 1 are right,
    and up to 0.2 off is near enough. `scores` is what the network makes of X (N, sizes[0]), against what its
    parameters say. `layers` and `rng` are asked of a network with two hidden layers of 6 by 6, built twice
    with the same seed. `left_alone` compares the list of sizes afterwards with what was handed in.
    """
    sizes = [int(n) for n in sizes]
    before = list(sizes)
    network = _something(initialized_mlp(sizes, activation, scheme, np.random.default_rng(seed)), "initialized_mlp")
    if not hasattr(network, "params") or not hasattr(network, "forward"):
        raise Unfit(f"a {type(network).__name__} came back; a Network is asked for")
    for name, array in network.params.items():
        yield {name: array if name.startswith("b") else _weights(array, f"`{name}`")}
    yield {"scores": network.forward(X)}
    yield {"left_alone": "as before" if sizes == before else "the list of sizes has changed"}
    for end in ("", "_again"):
        square = initialized_mlp([6, 6, 6, 4], activation, scheme, np.random.default_rng(seed)).params
        yield {f"square_{k}{end}": square[f"W{k}"] for k in (1, 2)}
