"""How the pieces of ``06_deep_networks`` are called."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Unfit, contract

Array = NDArray[Any]


class Affine:
    """y = xW + b."""

    training = True

    def __init__(self, W: Array, b: Array) -> None:
        self.params = {"W": W, "b": b}
        self.grads: dict[str, Array] = {}

    def forward(self, x: Array) -> Array:
        self._fits("x", x, 0)
        self._x = x
        y: Array = x @ self.params["W"] + self.params["b"]
        return y

    def backward(self, dout: Array) -> Array:
        if not hasattr(self, "_x"):
            raise Unfit("`backward` of a layer was called before its `forward`: did every layer see the batch?")
        self._fits("dout", dout, 1)
        self.grads = {"W": self._x.T @ dout, "b": dout.sum(axis=0)}
        dx: Array = dout @ self.params["W"].T
        return dx

    def _fits(self, what: str, array: Array, axis: int) -> None:
        shape = self.params["W"].shape
        if np.ndim(array) != 2 or np.shape(array)[1] != shape[axis]:
            raise Unfit(
                f"An affine layer with W of shape {shape} was handed {what} of shape {np.shape(array)}: "
                f"whose {'output' if what == 'x' else 'gradient'} does it need?"
            )


class Bend:
    """y = x + x² / 4, elementwise: a bend without parameters."""

    training = True

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}

    def forward(self, x: Array) -> Array:
        self._slope = 1 + x / 2
        return x + x**2 / 4

    def backward(self, dout: Array) -> Array:
        if not hasattr(self, "_slope"):
            raise Unfit("`backward` of a layer was called before its `forward`: did every layer see the batch?")
        if dout.shape != self._slope.shape:
            raise Unfit(f"A bend whose y has shape {self._slope.shape} was handed a dout of shape {dout.shape}")
        return dout * self._slope


class Gain:
    """y = gain · x in training mode, y = x in inference mode."""

    training = True

    def __init__(self, gain: float) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self._gain = gain

    def forward(self, x: Array) -> Array:
        self._factor = self._gain if self.training else 1.0
        return self._factor * x

    def backward(self, dout: Array) -> Array:
        return self._factor * dout


class Network:
    """What is trained and measured here, so that the learner's own network need not be right for that."""

    def __init__(self, layers: list[Any]) -> None:
        self.layers = layers
        self.owners = [layer for layer in layers if layer.params]

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        self._shape = np.shape(x)
        return x

    def backward(self, dout: Array) -> Array:
        if callable(dout):
            raise Unfit("The network's `backward` was handed a function: do its brackets stand there?")
        if np.ndim(dout) == 0:
            raise Unfit("The network's `backward` was handed a single number: who gives dE/dscores, one row a sample?")
        if np.shape(dout) != self._shape:
            raise Unfit(
                f"The network's `backward` was handed a dout of shape {np.shape(dout)}, and the scores had shape "
                f"{self._shape}: has the loss seen the scores of this batch?"
            )
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout

    @property
    def params(self) -> dict[str, Array]:
        return {f"{name}{k}": layer.params[name] for k, layer in enumerate(self.owners, 1) for name in layer.params}

    @property
    def grads(self) -> dict[str, Array]:
        return {f"{name}{k}": layer.grads[name] for k, layer in enumerate(self.owners, 1) for name in layer.params}

    def train(self) -> None:
        for layer in self.layers:
            layer.training = True

    def eval(self) -> None:
        for layer in self.layers:
            layer.training = False

    def predict(self, x: Array) -> Array:
        modes = [layer.training for layer in self.layers]
        self.eval()
        scores = self.forward(x)
        for layer, mode in zip(self.layers, modes, strict=True):
            layer.training = mode
        return scores


class Loss:
    """E = 1/(2N) Σ (Y - T)²."""

    def forward(self, Y: Array, T: Array) -> float:
        if np.shape(Y) != np.shape(T):
            raise Unfit(f"The loss was handed scores of shape {np.shape(Y)} and targets of shape {np.shape(T)}")
        self._error = Y - T
        return float(np.sum(self._error**2)) / (2 * len(T))

    def backward(self) -> Array:
        return self._error / len(self._error)


class Name(str):
    """The name of an activation, which somebody may call as if it were the class."""

    def __call__(self) -> None:
        raise Unfit(f'`activation` is the text "{self}", no class: where does its class stand under that name?')


Name.__name__ = "str"  # what a message calls it


def _dict(value: object, what: str) -> Mapping[str, Any]:
    """A sentence that helps, where a dict was asked for and something else came."""
    if value is None:
        raise Unfit(f"{what} is None: is there a `return` at its end?")
    if not isinstance(value, Mapping):
        raise Unfit(f"{what} is a {type(value).__name__}; a dict with an entry for each name is asked for")
    return value


def _shown(network: Any, what: str) -> Mapping[str, Any]:
    """`network.params` or `network.grads`."""
    value = getattr(network, what)
    if callable(value):
        raise Unfit(f"`network.{what}` is a function, not what it returns: does `@property` still stand above it?")
    return _dict(value, f"`network.{what}`")


def _entry(entries: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in entries:
        there = ", ".join(f'"{key}"' for key in entries) or "nothing"
        raise Unfit(f'{what} holds {there}, and lacks "{name}"')
    return entries[name]


def _numbers(entries: Mapping[str, Any]) -> Array:
    """The values of a dict, which have to be one number each."""
    for name, value in entries.items():
        if np.ndim(value) != 0:
            raise Unfit(f"What is returned under {name} has shape {np.shape(value)}; one number is asked for")
    return np.array(list(entries.values()))


def _modes(layers: list[Any]) -> Array:
    return np.array([int(bool(layer.training)) for layer in layers])


@contract
def chain(Chain, /, *, x, W1, b1, W2, b2, dout, x_next, dout_next):
    """Chain([affine, bend, affine]): y from x, and back.   x (N, D), W1 (D, H), W2 (H, K), dout (N, K).

    The two affine layers have the parameters "W" and "b", the bend has none. `names` are those of
    `network.params`. `y_after_step` is the output for x after every array in the `params` of another such
    network has been halved in place. `dW1` and so on are read from `network.grads` after `backward`;
    `dW1_second_batch` is read again after a forward and a backward with a second batch.
    """

    def made() -> Any:
        return Chain([Affine(W1.copy(), b1.copy()), Bend(), Affine(W2.copy(), b2.copy())])

    network = made()
    yield {"y": network.forward(x)}
    later = None
    try:  # before the way back, which may fail; and where this fails, the way back counts all the same
        yield {"names": " ".join(map(str, _shown(network, "params")))}
        stepped = made()
        for array in stepped.params.values():
            array *= 0.5
        yield {"y_after_step": stepped.forward(x)}
    except Exception as error:
        later = error
    dx = network.backward(dout)
    yield {"dx": dx}
    grads = _shown(network, "grads")
    yield {"d" + name: grads[name] for name in ("W1", "b1", "W2", "b2") if name in grads}
    network.forward(x_next)
    network.backward(dout_next)
    if "W1" in grads:
        yield {"dW1_second_batch": network.grads["W1"]}
    if later is not None:
        raise later
    _entry(grads, "W1", "`network.grads`")


@contract
def network(Network, /, *, x, W, b, gains, modes):
    """Network([gain, affine, gain]) and its modes.   x (N, D), W (D, K), b (K,).

    A gain layer multiplies by its gain in training mode, and by 1 in inference mode. Before each call the
    layers have different modes. `y_train` and `y_eval` are the outputs of `forward` after `train()` and
    after `eval()`; `modes_train` and `modes_eval` are the layers' flags then. `scores` is what `predict(x)`
    returns; `modes_afterwards` compares the flags after it with those before.
    """
    layers: list[Any] = [Gain(gains[0]), Affine(W, b), Gain(gains[1])]
    net = Network(layers)

    def mixed() -> None:
        for layer, mode in zip(layers, modes, strict=True):
            layer.training = bool(mode)

    mixed()
    net.eval()
    yield {"y_eval": net.forward(x), "modes_eval": _modes(layers)}
    mixed()
    net.train()
    yield {"y_train": net.forward(x), "modes_train": _modes(layers)}
    mixed()
    yield {"scores": net.predict(x)}
    same = np.array_equal(_modes(layers), [int(bool(mode)) for mode in modes])
    yield {"modes_afterwards": "as before" if same else " ".join(str(flag) for flag in _modes(layers))}


@contract
def mlp(mlp, /, *, sizes, activation, scale, seed, x, dout):
    """mlp(sizes, activation, rng, scale) -> Network.   x (N, sizes[0]), dout (N, sizes[-1]).

    `kinds` are the classes of the objects in `network.layers`; W1 to W4 are the weights as drawn, and `biases`
    all biases in a row. `rng` says whether it was drawn from. For `y` and `dx` other parameters are put in
    their place, x goes forward, and dout back.
    """
    rng = np.random.default_rng(seed)
    untouched = rng.bit_generator.state
    net = mlp([int(n) for n in sizes], Name(activation), rng, scale)
    if net is None:
        raise Unfit("What mlp returned is None: is there a `return` at its end?")
    if not all(hasattr(net, name) for name in ("layers", "train", "eval", "predict")):
        raise Unfit(f"What mlp returned is a {type(net).__name__}; a Network is asked for")
    yield {"kinds": " ".join(type(layer).__name__ for layer in net.layers)}
    params = dict(net.params)
    yield {name: params[name] for name in ("W1", "W2", "W3", "W4") if name in params}
    yield {"rng": "not used" if rng.bit_generator.state == untouched else "drawn from"}
    biases = {name: value for name, value in params.items() if name.startswith("b")}
    for name, value in biases.items():
        if np.ndim(value) != 1:
            raise Unfit(f"`{name}` has shape {np.shape(value)}; one axis is asked for, with an entry for each output")
        if np.asarray(value).dtype.kind != "f":
            raise Unfit(f"`{name}` holds whole numbers: what would become of a step of 0.01?")
    yield {"biases": np.concatenate(list(biases.values()))}
    _entry(params, "W4", "`network.params`")
    if any(params[f"W{k + 1}"].shape != (n_in, n_out) for k, (n_in, n_out) in enumerate(pairwise(sizes))):
        raise Unfit("Nothing can go through matrices of these shapes.")
    fresh = np.random.default_rng(seed + 1)
    for array in params.values():
        array[...] = fresh.normal(size=array.shape)
    yield {"y": net.forward(x)}
    yield {"dx": net.backward(dout)}


@contract
def train_epoch(train_epoch, /, *, X, T, W1, b1, W2, b2, gain, lr, batch_size, seed):
    """train_epoch(network, loss, X, T, lr, batch_size, rng), two epochs with one rng.   X (N, D), T (N, K).

    The network is an affine layer, a layer that multiplies by its gain in training mode only, a bend and
    an affine layer; the loss is ½ · mean squared error. Before, the network has seen another batch, and
    was put into inference mode. W1, b1, W2, b2 are the parameters after the first epoch, `W1_second_epoch`
    is W1 after the second. `rng` says whether it was drawn from.
    """
    layers: list[Any] = [Affine(W1.copy(), b1.copy()), Gain(gain), Bend(), Affine(W2.copy(), b2.copy())]
    net, loss = Network(layers), Loss()
    loss.forward(net.forward(X[:2]), T[:2])
    net.backward(loss.backward())
    net.eval()
    rng = np.random.default_rng(seed)
    untouched = rng.bit_generator.state
    train_epoch(net, loss, X, T, lr, int(batch_size), rng)
    first, last = layers[0].params, layers[3].params
    yield {"W1": first["W"].copy(), "b1": first["b"].copy(), "W2": last["W"].copy(), "b2": last["b"].copy()}
    yield {"rng": "not used" if rng.bit_generator.state == untouched else "drawn from"}
    train_epoch(net, loss, X, T, lr, int(batch_size), rng)
    yield {"W1_second_epoch": first["W"].copy()}


@contract
def gradient_norms(gradient_norms, /, *, W1, dW1, db1, W2, dW2, db2, W3, dW3, db3):
    """gradient_norms(network) -> {"W1": √Σ dW1², "W2": …, "W3": …}.

    The network has three affine layers with a bend between each two; its gradients dW1, db1, … are
    given, and stand in `network.grads`. `names` are the keys of the dict, `norms` its values.
    """
    layers: list[Any] = []
    for W, dW, db in ((W1, dW1, db1), (W2, dW2, db2), (W3, dW3, db3)):
        affine = Affine(W, np.zeros(len(db)))
        affine.grads = {"W": dW, "b": db}
        layers += [affine, Bend()]
    norms = _dict(gradient_norms(Network(layers[:-1])), "What gradient_norms returned")
    yield {"names": " ".join(map(str, norms)), "norms": _numbers(norms)}


@contract
def dead_units(dead_units, Affine, ReLU, Sigmoid, /, *, X, W1, b1, W2, b2, W3, b3, W4, b4):
    """dead_units(network, X) -> a list with one share, 0 to 1, for each ReLU layer.   X (N, D).

    The network is Affine, ReLU, Affine, Sigmoid, Affine, ReLU, Affine: two shares are asked for.
    """
    layers = [Affine(W1, b1), ReLU(), Affine(W2, b2), Sigmoid(), Affine(W3, b3), ReLU(), Affine(W4, b4)]
    shares = dead_units(Network(layers), X)
    if shares is None:
        raise Unfit("What dead_units returned is None: is there a `return` at its end?")
    if isinstance(shares, Mapping):
        raise Unfit("What dead_units returned is a dict; a list with one number for each ReLU layer is asked for")
    yield {"shares": shares}


@contract
def update_ratios(update_ratios, /, *, W1, b1, W2, b2, W1_after, b1_after, W2_after, b2_after):
    """update_ratios(before, after) -> {"W1": |after - before| / |before|, "W2": …}.

    Both dicts hold W1, b1, W2, b2. `names` are the keys of what is returned, `ratios` its values;
    `handed_back` compares both dicts afterwards with what was handed in.
    """
    dicts = {
        "before": {"W1": W1, "b1": b1, "W2": W2, "b2": b2},
        "after": {"W1": W1_after, "b1": b1_after, "W2": W2_after, "b2": b2_after},
    }
    kept = {which: {name: array.copy() for name, array in dicts[which].items()} for which in dicts}
    ratios = _dict(update_ratios(dicts["before"], dicts["after"]), "What update_ratios returned")
    yield {"names": " ".join(map(str, ratios)), "ratios": _numbers(ratios)}
    changed = [which for which in dicts if not _same(dicts[which], kept[which])]
    yield {"handed_back": f"{' and '.join(changed)} changed" if changed else "as before"}


def _same(now: Mapping[str, Any], before: Mapping[str, Array]) -> bool:
    """Whether two dicts have the same names with the same arrays, in whatever order."""
    return now.keys() == before.keys() and all(np.array_equal(now[name], before[name]) for name in before)
