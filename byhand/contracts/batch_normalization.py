"""How the pieces of ``09_batch_normalization`` are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Unfit, contract, handed

Array = NDArray[Any]


def _three(result: object) -> tuple[Any, Any, Any]:
    """x̃, μ and v, where three things were asked for."""
    if result is None:
        raise Unfit("What normalize returned is None: is there a `return` at its end?")
    if not isinstance(result, tuple | list) or len(result) != 3:
        raise Unfit(f"A {type(result).__name__} was returned; three things are asked for: x̃, the means, the variances")
    return result[0], result[1], result[2]


def _array(result: Any) -> Any:
    """What was returned, which must not be a list where an array is asked for."""
    if isinstance(result, list):
        raise Unfit("A list was returned; an array is asked for. What turns a list of rows into one?")
    return result


def _fitting(layers: list[Any]) -> None:
    """That each BatchNorm is as wide as the array that reaches it."""
    width = None
    for layer in layers:
        if "W" in layer.params:
            width = layer.params["W"].shape[1]
        if "gamma" in layer.params and width not in (None, own := len(layer.params["gamma"])):
            raise Unfit(
                f"A BatchNorm of width {own} is handed z with {width} columns: "
                "which layer is in front of it, and how many units has that?"
            )


def _shown(network: Any) -> Mapping[str, Any]:
    """The parameters of what batchnorm_mlp returned, which has to be a network."""
    if network is None:
        raise Unfit("What batchnorm_mlp returned is None: is there a `return` at its end?")
    if not all(hasattr(network, name) for name in ("layers", "backward", "predict")):
        raise Unfit(f"What batchnorm_mlp returned is a {type(network).__name__}; a Network is asked for")
    if classes := [layer.__name__ for layer in network.layers if isinstance(layer, type)]:
        raise Unfit(f"`network.layers` holds the class {classes[0]} itself: what makes a layer of it?")
    params: Mapping[str, Any] = network.params
    return params


@contract
def rescale(rescale, /, *, X, mean, std):
    """rescale(X, mean, std): columns of X with this mean and this standard deviation.   X (N, D).

    `handed_back` compares X afterwards with what was handed in.
    """
    back = handed(X=X)
    yield {"rescaled": _array(rescale(X, mean, std))}
    yield {"handed_back": back()}


@contract
def normalize(normalize, /, *, x, eps):
    """normalize(x, eps) -> x̃ (N, D), μ (D,), v (D,).   x (N, D).

    `mean` and `var` are what is returned second and third. `handed_back` compares x afterwards
    with what was handed in.
    """
    back = handed(x=x)
    normalized, mean, var = _three(normalize(x, eps))
    yield {"normalized": _array(normalized), "mean": _array(mean), "var": _array(var)}
    yield {"handed_back": back()}


@contract
def batchnorm_backward_steps(batchnorm_backward_steps, /, *, x, gamma, eps, dout):
    """batchnorm_backward_steps(x, gamma, eps, dout) -> a dict with the gradient of each node.

    x and dout (N, D), gamma (D,). The names are "beta", "gamma", "normalized", "v", "mu", "x";
    `dbeta` is the entry under "beta", and so on. `handed_back` compares x, gamma and dout afterwards with
    what was handed in.
    """
    back = handed(x=x, gamma=gamma, dout=dout)
    d = batchnorm_backward_steps(x, gamma, eps, dout)
    if d is None:
        raise Unfit("What batchnorm_backward_steps returned is None: does the `return` still stand at its end?")
    if not isinstance(d, Mapping):
        raise Unfit(f"A {type(d).__name__} was returned; a dict with an entry for each node is asked for")
    wanted = ("beta", "gamma", "normalized", "v", "mu", "x")
    yield {"d" + name: _array(d[name]) for name in wanted if name in d}
    yield {"handed_back": back()}
    if lacking := [name for name in wanted if name not in d]:
        there = ", ".join(f'"{name}"' for name in d) or "nothing"
        raise Unfit(f"The dict holds {there}, and lacks " + ", ".join(f'"{name}"' for name in lacking))


@contract
def batchnorm_backward(batchnorm_backward, /, *, normalized, std, gamma, dout):
    """batchnorm_backward(normalized, std, gamma, dout) -> dx (N, D).

    normalized and dout (N, D), std and gamma (D,); std is √(v + ε). `handed_back` compares all four
    afterwards with what was handed in.
    """
    back = handed(normalized=normalized, std=std, gamma=gamma, dout=dout)
    dx = batchnorm_backward(normalized, std, gamma, dout)
    if isinstance(dx, tuple | dict):
        raise Unfit(f"{len(dx)} things were returned, and dx alone is asked for: who needs the others here?")
    yield {"dx": _array(dx)}
    yield {"handed_back": back()}


@contract
def batch_norm(BatchNorm, /, *, x, x_next, x_new, gamma, beta, momentum, eps, dout):
    """BatchNorm(width, momentum, eps), its γ and β set to the given ones.   x, x_next and x_new (N, D), each its own N.

    `y` is forward(x) in training mode; `running_mean` and `running_var` are read after a second forward
    in training mode, with x_next. Then comes inference mode: `y_inference` is forward(x_new), and `y_of_one`
    after it forward of its first row alone. For `dx`, `dgamma` and `dbeta` a fresh layer goes forward with x in
    training mode and back with dout, twice: they are those of the second time. `handed_back` compares x, dout,
    γ and β afterwards with what was handed in.
    """

    def made() -> Any:
        layer = BatchNorm(len(gamma), momentum, eps)
        layer.params["gamma"], layer.params["beta"] = gamma, beta
        return layer

    back = handed(x=x, dout=dout, gamma=gamma, beta=beta)
    layer = made()
    yield {"y": layer.forward(x)}
    layer.forward(x_next)
    yield {"running_mean": np.array(layer.running_mean), "running_var": np.array(layer.running_var)}
    layer.training = False
    yield {"y_inference": layer.forward(x_new)}
    yield {"y_of_one": layer.forward(x_new[:1])}
    layer = made()
    for _ in range(2):
        layer.forward(x)
        dx = layer.backward(dout)
    if not isinstance(dx, tuple):
        yield {"dx": dx}
    yield {"d" + name: layer.grads[name] for name in ("gamma", "beta") if name in layer.grads}
    yield {"handed_back": back()}
    if isinstance(dx, tuple):
        raise Unfit(f"`backward` returned {len(dx)} things, and dx alone is asked for: where do the others belong?")
    if lacking := [name for name in ("gamma", "beta") if name not in layer.grads]:
        raise Unfit("After `backward`, `self.grads` lacks " + " and ".join(f'"{name}"' for name in lacking))


@contract
def batchnorm_mlp(batchnorm_mlp, /, *, sizes, activation, scheme, seed, x, dout):
    """batchnorm_mlp(sizes, activation, scheme, rng) -> Network.   x (N, sizes[0]), dout (N, sizes[-1]).

    `kinds` are the classes of the objects in `network.layers`, `names` those of its parameters; `weights` are the
    W as drawn, one behind the other, and `start` all other parameters, γ, β and the biases. For the rest other
    numbers are put into all parameters: `y` is forward(x) in training mode, `dx` what backward(dout) returns,
    `scores` what predict(x) returns after that.
    """
    rng = np.random.default_rng(seed)
    network = batchnorm_mlp([int(n) for n in sizes], activation, scheme, rng)
    params = dict(_shown(network))
    yield {"kinds": " ".join(type(layer).__name__ for layer in network.layers)}
    yield {"names": " ".join(params)}
    weights = [array.ravel() for name, array in params.items() if name.startswith("W")]
    others = [array.ravel() for name, array in params.items() if not name.startswith("W")]
    yield {"weights": np.concatenate([np.empty(0), *weights]), "start": np.concatenate([np.empty(0), *others])}
    _fitting(network.layers)
    fresh = np.random.default_rng(seed + 1)
    for array in params.values():
        array[...] = fresh.uniform(0.5, 1.5, size=array.shape) * fresh.choice([-1.0, 1.0], size=array.shape)
    y = network.forward(x)
    yield {"y": y}
    if np.shape(y) != dout.shape:
        raise Unfit(f"The scores have shape {np.shape(y)}, and the sizes end in {sizes[-1]}: which layer is the last?")
    yield {"dx": network.backward(dout)}
    yield {"scores": network.predict(x)}
