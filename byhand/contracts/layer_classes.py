"""How the pieces of ``05_layer_classes`` are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Pieces, contract

Array = NDArray[Any]

TOLERANCE = 1e-4
"""A relative error above this blames a gradient. Right ones give 1e-7 at most, wrong ones 1e-3 at least,
but for about one draw in 10,000."""


def _named(entries: Mapping[str, Any], names: str, prefix: str = "d") -> dict[str, Any]:
    """The entries that are there, so that one that is missing costs only itself."""
    return {prefix + name: entries[name] for name in names.split() if name in entries}


@contract
def affine(Affine, /, *, x, W, b, dout, x_next):
    """Affine(W, b): y = xW + b.   x (N, D), W (D, H), b (H,), dout (N, H).

    `layer.backward(dout)` returns dx and leaves dW and db in `layer.grads["W"]` and
    `layer.grads["b"]`. `dW_next` is `layer.grads["W"]` after a second batch.
    """
    layer = Affine(W, b)
    yield {"y": layer.forward(x)}
    yield {"dx": layer.backward(dout), **_named(layer.grads, "W b")}
    layer.forward(x_next)
    layer.backward(dout)
    yield {"dW_next": layer.grads["W"]}


@contract
def sigmoid_layer(Sigmoid, /, *, x, dout):
    """Sigmoid(): y = 1 / (1 + exp(-x)), elementwise.   x and dout (N, D)."""
    layer = Sigmoid()
    yield {"y": layer.forward(x)}
    yield {"dx": layer.backward(dout)}


@contract
def tanh_layer(Tanh, /, *, x, dout):
    """Tanh(): y = tanh x, elementwise.   x and dout (N, D)."""
    layer = Tanh()
    yield {"y": layer.forward(x)}
    yield {"dx": layer.backward(dout)}


@contract
def relu(ReLU, /, *, x, dout):
    """ReLU(): y = max(0, x), elementwise, with slope 0 at 0.   x and dout (N, D).

    `x_after` and `dout_after` are the arrays that were handed in, looked at afterwards.
    """
    layer = ReLU()
    yield {"y": layer.forward(x)}
    yield {"dx": layer.backward(dout)}
    yield {"x_after": x, "dout_after": dout}


@contract
def leaky_relu(LeakyReLU, /, *, x, dout, slope):
    """LeakyReLU(slope=0.1): y = x where x > 0, slope · x elsewhere, 0 included.

    x and dout (N, D). `y` and `dx` come from LeakyReLU(), `y_slope` and `dx_slope` from
    LeakyReLU(slope).
    """
    layer = LeakyReLU()
    yield {"y": layer.forward(x)}
    yield {"dx": layer.backward(dout)}
    layer = LeakyReLU(slope)
    yield {"y_slope": layer.forward(x)}
    yield {"dx_slope": layer.backward(dout)}


@contract
def mean_squared_error(MeanSquaredError, /, *, Y, T):
    """MeanSquaredError(): E = 1/(2N) Σ (Y - T)².   Y and T (N, K), E one number, dY (N, K)."""
    loss = MeanSquaredError()
    yield {"E": loss.forward(Y, T)}
    yield {"dY": loss.backward()}


@contract
def sigmoid_cross_entropy(SigmoidCrossEntropy, /, *, scores, T):
    """SigmoidCrossEntropy(): the mean of -T ln Y - (1 - T) ln(1 - Y), with Y = σ(scores).

    scores (N, 1), T (N, 1) of 0 and 1, E one number, dscores (N, 1).
    """
    loss = SigmoidCrossEntropy()
    yield {"E": loss.forward(scores, T)}
    yield {"dscores": loss.backward()}


@contract
def softmax_cross_entropy(SoftmaxCrossEntropy, /, *, scores, T):
    """SoftmaxCrossEntropy(): E = -1/N Σ T ln Y, with Y = softmax(scores) along each row.

    scores (N, K), T (N, K) one-hot, E one number, dscores (N, K).
    """
    loss = SoftmaxCrossEntropy()
    yield {"E": loss.forward(scores, T)}
    yield {"dscores": loss.backward()}


class _Specimen:
    """y = size · (a x + c x²), with a backward in which six things can be wrong by a chosen amount."""

    training = True

    def __init__(self, a: Array, c: Array, size: float, faults: Array) -> None:
        self.params = {"a": a.copy(), "c": c.copy()}
        self.grads: dict[str, Array] = {}
        self._size = size
        self._faults = faults

    def forward(self, x: Array) -> Array:
        self._x = x
        return self._size * (self.params["a"] * x + self.params["c"] * x**2)

    def backward(self, dout: Array) -> Array:
        factor, term, blur, all_of_c, one_of_a, rows = self._faults
        x, up = self._x, self._size * dout
        average = np.broadcast_to(up.mean(axis=0), up.shape)
        entry = np.zeros(len(self.params["a"]))
        entry[-1] = one_of_a
        self.grads["a"] = np.sum(up * x, axis=0) * (1 + entry)
        self.grads["c"] = np.sum((up + blur * (average - up)) * x**2, axis=0) * (1 + all_of_c)
        seen = up + rows * (up[::-1] - up)
        return (1 + factor) * seen * (self.params["a"] + (2 - term) * self.params["c"] * x)


LAYERS = (
    "right",
    "right, large",
    "factor in dx",
    "term missing in dx",
    "upstream averaged in dc",
    "upstream reversed in dx",
    "dc alone",
    "one entry of da",
    "small and wrong",
)
"""The specimens of `gradient_check`, one a row of ``faults``."""
WRONG_PART = ("", "", "x", "x", "c", "x", "c", "a", "c")


def _verdicts(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Whether each specimen is judged rightly: none of its right parts blamed, and the wrong one blamed.

    A part that is not mentioned at all counts as passed, which is what its silence means.
    """
    errors = np.asarray(outputs["errors"], dtype=float)
    result: dict[str, Any] = {"names": outputs["names"]}
    for layer, wrong, found in zip(LAYERS, WRONG_PART, errors, strict=True):
        blamed = [part for part, error in zip("xac", found, strict=True) if error > TOLERANCE]
        known = not np.isnan(found).all()
        result[("catches " if wrong else "passes ") + layer] = known and blamed == list(wrong)
    close = {"rtol": 1e-9, "atol": 1e-12}
    result["x unchanged"] = bool(np.allclose(outputs["x_after"], inputs["x"], **close))
    params = np.stack([inputs["a"], inputs["c"]])
    result["params unchanged"] = bool(np.allclose(outputs["params_after"], params, **close))
    return result


@contract(properties=_verdicts)
def gradient_check(gradient_check, /, *, x, a, c, sizes, faults, seed):
    """gradient_check(layer, x, rng) -> {"x": relative error, and one for each name in layer.params}.

    It is called on small layers whose backward is right, or wrong in one part. A part is
    blamed if its relative error is above 1e-4. x (N, D).
    """
    rng = np.random.default_rng(seed)
    table, names = [], set()
    for size, fault in zip(sizes, faults, strict=True):
        layer = _Specimen(a, c, size, fault)
        errors = gradient_check(layer, x, rng)
        names |= set(errors)
        table.append([float(np.max(errors.get(part, np.nan))) for part in "xac"])
    yield {"errors": np.array(table), "names": " ".join(sorted(map(str, names)))}
    yield {"x_after": x, "params_after": np.stack([layer.params["a"], layer.params["c"]])}


@contract
def two_layer_gradients(two_layer_gradients, /, *, W1, b1, W2, b2, x, T):
    """two_layer_gradients(params, x, T) -> E, {"W1": …, "b1": …, "W2": …, "b2": …}.

    Affine, Sigmoid, Affine, SoftmaxCrossEntropy. x (N, D), W1 (D, H), b1 (H,), W2 (H, K),
    b2 (K,), T (N, K) one-hot; every gradient has the shape of its parameter.
    """
    E, grads = two_layer_gradients({"W1": W1, "b1": b1, "W2": W2, "b2": b2}, x, T)
    yield {"E": E, **_named(grads, "W1 b1 W2 b2")}


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
    yield _named(grads, "W3 b3 W2 b2 W1 b1")
