"""How the pieces of ``05_layer_classes`` are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Pieces, Unfit, contract, handed

Array = NDArray[Any]

TOLERANCE = 1e-3
"""A relative error above this blames a gradient: halfway between right ones (1e-7) and wrong ones (1e-1)."""


def _dict(value: object, what: str) -> Mapping[str, Any]:
    """A sentence that helps, where a dict was asked for and something else came."""
    if value is None:
        raise Unfit(f"{what} is None: is there a `return` at its end?")
    if not isinstance(value, Mapping):
        raise Unfit(f"{what} is a {type(value).__name__}; a dict with an entry for each name is asked for")
    return value


def _gradients(entries: Mapping[str, Any], names: str, where: str) -> Pieces:
    """The gradients that are there, so that one that is missing costs only itself, and a sentence about it."""
    wanted = names.split()
    yield {"d" + name: entries[name] for name in wanted if name in entries}
    if lacking := [name for name in wanted if name not in entries]:
        there = ", ".join(f'"{name}"' for name in entries) or "nothing"
        raise Unfit(f"{where} holds {there}, and lacks " + ", ".join(f'"{name}"' for name in lacking))


def _alone(dx: object) -> object:
    """dx, if it came by itself."""
    if isinstance(dx, tuple):
        raise Unfit(f"`backward` returned {len(dx)} things, and dx alone is asked for: where do the others belong?")
    return dx


@contract
def affine(Affine, /, *, x, W, b, dout, x_next):
    """Affine(W, b): y = xW + b.   x (N, D), W (D, H), b (H,), dout (N, H).

    `layer.backward(dout)` returns dx and leaves dW and db in `layer.grads["W"]` and
    `layer.grads["b"]`. `dW_second_batch` is `layer.grads["W"]` after a second batch.
    `handed_back` compares x, dout and the parameters afterwards with what was handed in.
    """
    back = handed(x=x, dout=dout, parameters=np.append(W, b))
    layer = Affine(W, b)
    yield {"y": layer.forward(x)}
    dx = layer.backward(dout)
    if not isinstance(dx, tuple):
        yield {"dx": dx}
    yield from _gradients(layer.grads, "W b", "`layer.grads`")
    layer.forward(x_next)
    layer.backward(dout)
    yield {"dW_second_batch": layer.grads["W"]}
    yield {"handed_back": back(parameters=np.append(layer.params["W"], layer.params["b"]))}
    _alone(dx)


@contract
def sigmoid_layer(Sigmoid, /, *, x, dout):
    """Sigmoid(): y = 1 / (1 + exp(-x)), elementwise.   x and dout (N, D).

    `handed_back` compares x and dout afterwards with what was handed in.
    """
    back = handed(x=x, dout=dout)
    layer = Sigmoid()
    yield {"y": layer.forward(x)}
    yield {"dx": _alone(layer.backward(dout))}
    yield {"handed_back": back()}


@contract
def tanh_layer(Tanh, /, *, x, dout):
    """Tanh(): y = tanh x, elementwise.   x and dout (N, D).

    `handed_back` compares x and dout afterwards with what was handed in.
    """
    back = handed(x=x, dout=dout)
    layer = Tanh()
    yield {"y": layer.forward(x)}
    yield {"dx": _alone(layer.backward(dout))}
    yield {"handed_back": back()}


@contract
def relu(ReLU, /, *, x, dout):
    """ReLU(): y = max(0, x), elementwise, with slope 0 at 0.   x and dout (N, D).

    `handed_back` compares x and dout afterwards with what was handed in.
    """
    back = handed(x=x, dout=dout)
    layer = ReLU()
    yield {"y": layer.forward(x)}
    yield {"dx": _alone(layer.backward(dout))}
    yield {"handed_back": back()}


@contract
def leaky_relu(LeakyReLU, /, *, x, dout, slope):
    """LeakyReLU(slope=0.1): y = x where x > 0, slope · x elsewhere, 0 included.

    x and dout (N, D). `y` and `dx` come from LeakyReLU(); `y_slope` and `dx_slope` from
    LeakyReLU(slope), which has been through another batch before. `handed_back` compares
    x and dout afterwards with what was handed in.
    """
    back = handed(x=x, dout=dout)
    again, dout_again = x.copy(), dout.copy()
    layer = LeakyReLU()
    yield {"y": layer.forward(x)}
    yield {"dx": _alone(layer.backward(dout))}
    layer = LeakyReLU(slope)
    layer.forward(-again)
    yield {"y_slope": layer.forward(again)}
    yield {"dx_slope": layer.backward(dout_again)}
    yield {"handed_back": back()}


@contract
def mean_squared_error(MeanSquaredError, /, *, Y, T):
    """MeanSquaredError(): E = 1/(2N) Σ (Y - T)².   Y and T (N, K), E one number, dY (N, K).

    `handed_back` compares Y and T afterwards with what was handed in.
    """
    back = handed(Y=Y, T=T)
    loss = MeanSquaredError()
    yield {"E": loss.forward(Y, T)}
    yield {"dY": loss.backward()}
    yield {"handed_back": back()}


@contract
def sigmoid_cross_entropy(SigmoidCrossEntropy, /, *, scores, T):
    """SigmoidCrossEntropy(): the mean of -T ln Y - (1 - T) ln(1 - Y), with Y = σ(scores).

    scores (N, 1), T (N, 1) of 0 and 1, E one number, dscores (N, 1). `handed_back`
    compares scores and T afterwards with what was handed in.
    """
    back = handed(scores=scores, T=T)
    loss = SigmoidCrossEntropy()
    yield {"E": loss.forward(scores, T)}
    yield {"dscores": loss.backward()}
    yield {"handed_back": back()}


@contract
def softmax_cross_entropy(SoftmaxCrossEntropy, /, *, scores, T):
    """SoftmaxCrossEntropy(): E = -1/N Σ T ln Y, with Y = softmax(scores) along each row.

    scores (N, K), T (N, K) one-hot, E one number, dscores (N, K). `handed_back` compares
    scores and T afterwards with what was handed in.
    """
    back = handed(scores=scores, T=T)
    loss = SoftmaxCrossEntropy()
    yield {"E": loss.forward(scores, T)}
    yield {"dscores": loss.backward()}
    yield {"handed_back": back()}


class _Specimen:
    """y = size · (a x + c x²), all (N, D), with a backward in which six things can be wrong by a chosen amount.

    With ``summed``, y (N, 1) holds the sums of its rows instead. No gradient is a sum, so none
    can come out near 0 by chance and be blamed for its rounding.
    """

    training = True

    def __init__(self, a: Array, c: Array, size: float, faults: Array, summed: bool) -> None:
        self.params = {"a": a.copy(), "c": c.copy()}
        self.grads: dict[str, Array] = {}
        self._size = size
        self._faults = faults
        self._summed = summed

    def forward(self, x: Array) -> Array:
        self._x = x
        y: Array = self._size * (self.params["a"] * x + self.params["c"] * x**2)
        return y.sum(axis=1, keepdims=True) if self._summed else y

    def backward(self, dout: Array) -> Array:
        if not hasattr(self, "_x"):
            raise Unfit("`backward` was called before any `forward`: where does a layer get its x from?")
        factor, term, blur, all_of_c, some_of_a, rows = self._faults
        x, up = self._x, self._size * dout * np.ones(self._x.shape)
        averaged = up + blur * (up.mean(axis=0) - up)
        column = np.zeros(x.shape)
        column[:, -1] = some_of_a
        self.grads["a"] = up * x * (1 + column)
        self.grads["c"] = averaged * x**2 * (1 + all_of_c)
        seen = up + rows * (up[::-1] - up)
        dx: Array = (1 + factor) * seen * (self.params["a"] + (2 - term) * self.params["c"] * x)
        return dx


LAYERS = {
    "right layer": "",
    "right layer, large y": "",
    "dx times a factor": "x",
    "dx lacks a term": "x",
    "dc from averaged dout": "c",
    "dx from reversed dout": "x",
    "dc times a factor": "c",
    "one column of da": "a",
    "dc wrong, small y": "c",
    "right layer, y (N, 1)": "",
}
"""The specimens of `gradient_check`, one a row of ``faults``, and the part that is wrong in each."""


def _verdicts(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What was blamed in each specimen, in words, whether everything was left as it was, and rng drawn from.

    A part that is not mentioned at all counts as passed, which is what its silence means.
    """
    errors = np.asarray(outputs["errors"], dtype=float)
    result: dict[str, Any] = {"names": outputs["names"]}
    for layer, found in zip(LAYERS, errors, strict=True):
        blamed = [part for part, error in zip("xac", found, strict=True) if error > TOLERANCE]
        result[layer] = "blame " + (", ".join(blamed) or "nothing")
    for name, before in {"x": inputs["x"], "params": np.stack([inputs["a"], inputs["c"]])}.items():
        same = np.allclose(outputs[f"{name}_after"], before, rtol=1e-9, atol=1e-12)
        result[f"{name} afterwards"] = "as before" if same else "changed"
    result["rng"] = "drawn from" if np.all(outputs["drawn"]) else "not used"
    return result


@contract(properties=_verdicts)
def gradient_check(gradient_check, /, *, x, a, c, sizes, faults, seed):
    """gradient_check(layer, x, rng) -> {"x": relative error, and one for each name in layer.params}.

    It is called on small layers whose backward is right, or wrong in one part. You blame
    a part if the relative error you return for it is above 1e-3. x, a, c (N, D); y is
    (N, D) too, and (N, 1) in the last layer.
    """
    rng = np.random.default_rng(seed)
    table, names, drawn = [], set(), []
    for number, (size, fault) in enumerate(zip(sizes, faults, strict=True), start=1):
        layer = _Specimen(a, c, size, fault, summed=number == len(LAYERS))
        state = rng.bit_generator.state
        errors = _dict(gradient_check(layer, x, rng), "What gradient_check returned")
        if strange := sorted(set(map(str, errors)) - {"x", "a", "c"}):
            raise Unfit(
                f'The dict has the name "{strange[0]}"; asked for are "x" and the names in `layer.params`, '
                'here "a" and "c"'
            )
        names |= set(errors)
        drawn.append(rng.bit_generator.state != state)
        table.append([float(np.max(errors.get(part, np.nan))) for part in "xac"])
    yield {"errors": np.array(table), "names": " ".join(sorted(names)), "drawn": np.array(drawn)}
    yield {"x_after": x, "params_after": np.stack([layer.params["a"], layer.params["c"]])}


@contract
def two_layer_gradients(two_layer_gradients, /, *, W1, b1, W2, b2, x, T):
    """two_layer_gradients(params, x, T) -> E, {"W1": …, "b1": …, "W2": …, "b2": …}.

    Affine, Sigmoid, Affine, SoftmaxCrossEntropy. x (N, D), W1 (D, H), b1 (H,), W2 (H, K),
    b2 (K,), T (N, K) one-hot; every gradient has the shape of its parameter.
    """
    result = two_layer_gradients({"W1": W1, "b1": b1, "W2": W2, "b2": b2}, x, T)
    if result is None:
        raise Unfit("What two_layer_gradients returned is None: is there a `return` at its end?")
    if not isinstance(result, tuple) or len(result) != 2:
        raise Unfit(f"A {type(result).__name__} was returned; two things are asked for: E, and a dict of gradients")
    yield {"E": result[0]}
    grads = _dict(result[1], "The second thing returned")
    yield from _gradients(grads, "W1 b1 W2 b2", "The dict of gradients")


@contract
def fixed_relu_backward(fixed_relu_backward, /, *, dH, A, R):
    """fixed_relu_backward(dH, A, H, R) -> dA, for H = relu(A) ⊙ R.   All (N, D)."""
    yield {"dA": fixed_relu_backward(dH, A, np.maximum(A, 0) * R, R)}


def _squash(z: Array) -> Array:
    return 0.5 + 0.5 * np.tanh(z / 2)


@contract
def fixed_backward(fixed_backward, /, *, X, T, W1, b1, W2, b2, W3, b3, R1, R2):
    """fixed_backward(cache, params, T) -> {"W1": …, "b1": …, "W2": …, "b2": …, "W3": …, "b3": …}.

    The cache holds X (N, D), A1, H1, R1 (N, H), A2, H2, R2 (N, M) and P (N, K), where
    A1 = X W1 + b1, H1 = σ(A1) ⊙ R1, A2 = H1 W2 + b2, H2 = σ(A2) ⊙ R2 and
    P = softmax(H2 W3 + b3). T (N, K) one-hot; E is the mean cross-entropy.
    """
    A1 = X @ W1 + b1
    H1 = _squash(A1) * R1
    A2 = H1 @ W2 + b2
    H2 = _squash(A2) * R2
    P = np.exp(H2 @ W3 + b3)
    P /= P.sum(axis=1, keepdims=True)
    cache = {"X": X, "A1": A1, "H1": H1, "R1": R1, "A2": A2, "H2": H2, "R2": R2, "P": P}
    grads = fixed_backward(cache, {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "W3": W3, "b3": b3}, T)
    yield from _gradients(_dict(grads, "What fixed_backward returned"), "W3 b3 W2 b2 W1 b1", "The dict of gradients")
