"""The layers and losses of the course against PyTorch's automatic differentiation, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.reference.layers import Affine, LeakyReLU, ReLU, Sigmoid, Tanh, gradient_check
from grader.reference.losses import MeanSquaredError, SigmoidCrossEntropy, SoftmaxCrossEntropy

torch = pytest.importorskip("torch")

SHAPES = [(5, 3), (2, 7), (1, 4)]
EXTREME = np.array([[1000.0, -1000.0, 0.0], [-30.0, 30.0, 5.0], [700.0, -700.0, 1e-3]])

BENDS: list[tuple[Any, Callable[[Any], Any]]] = [
    (Sigmoid, lambda x: torch.sigmoid(x)),
    (Tanh, lambda x: torch.tanh(x)),
    (ReLU, lambda x: torch.relu(x)),
    (LeakyReLU, lambda x: torch.nn.functional.leaky_relu(x, 0.1)),
    (lambda: LeakyReLU(0.3), lambda x: torch.nn.functional.leaky_relu(x, 0.3)),
]
BEND_NAMES = ["Sigmoid", "Tanh", "ReLU", "LeakyReLU", "LeakyReLU(0.3)"]


def tensor(array: np.ndarray) -> Any:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def assert_same(ours: Any, theirs: Any, atol: float = 0.0) -> None:
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=atol)


def one_hot(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    return np.eye(k)[rng.integers(0, k, size=n)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("n", "d", "h"), [(5, 3, 4), (2, 7, 3), (1, 2, 5)])
def test_affine_agrees_with_autograd(n: int, d: int, h: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, W, b, dout = (rng.normal(size=s) for s in ((n, d), (d, h), (h,), (n, h)))
    layer = Affine(W, b)
    y, dx = layer.forward(x), layer.backward(dout)

    X, V, c = tensor(x), tensor(W), tensor(b)
    Y = X @ V + c
    Y.backward(torch.tensor(dout))
    assert_same(y, Y, atol=1e-14)
    assert_same(dx, X.grad, atol=1e-14)
    assert_same(layer.grads["W"], V.grad, atol=1e-14)
    assert_same(layer.grads["b"], c.grad, atol=1e-14)
    assert layer.params.keys() == layer.grads.keys()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("ours", "theirs"), BENDS, ids=BEND_NAMES)
def test_bends_agree_with_autograd_up_to_a_thousand(ours: Any, theirs: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for x in [rng.normal(scale=3, size=shape) for shape in SHAPES] + [EXTREME]:
        dout = rng.normal(size=x.shape)
        layer = ours()
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            y, dx = layer.forward(x), layer.backward(dout)
        X = tensor(x)
        Y = theirs(X)
        Y.backward(torch.tensor(dout))
        assert_same(y, Y)
        assert_same(dx, X.grad, atol=1e-18)


@pytest.mark.parametrize(("bend", "at_zero"), [(ReLU(), 0.0), (LeakyReLU(), 0.1)], ids=["ReLU", "LeakyReLU"])
def test_the_slope_at_the_kink_is_that_of_the_negative_side(bend: Any, at_zero: float) -> None:
    bend.forward(np.array([[0.0, -0.0]]))
    np.testing.assert_array_equal(bend.backward(np.array([[1.0, 2.0]])), [[at_zero, 2 * at_zero]])


@pytest.mark.parametrize("bend", [Sigmoid(), Tanh(), ReLU(), LeakyReLU()], ids=BEND_NAMES[:4])
def test_bends_leave_what_they_are_handed_as_it_was(bend: Any) -> None:
    x, dout = EXTREME.copy(), -EXTREME
    bend.forward(x)
    bend.backward(dout)
    np.testing.assert_array_equal(x, EXTREME)
    np.testing.assert_array_equal(dout, -EXTREME)


def test_affine_leaves_what_it_is_handed_as_it_was() -> None:
    rng = np.random.default_rng(3)
    handed = [rng.normal(size=shape) for shape in ((4, 3), (3, 2), (2,), (4, 2))]
    before = [array.copy() for array in handed]
    x, W, b, dout = handed
    layer = Affine(W, b)
    layer.forward(x)
    layer.backward(dout)
    for now, then in zip(handed, before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("kind", [MeanSquaredError, SigmoidCrossEntropy, SoftmaxCrossEntropy])
def test_losses_leave_what_they_are_handed_as_it_was(kind: Any) -> None:
    scores, T = EXTREME.copy(), np.eye(3)
    loss = kind()
    loss.forward(scores, T)
    loss.backward()
    np.testing.assert_array_equal(scores, EXTREME)
    np.testing.assert_array_equal(T, np.eye(3))


def scores_of(rng: np.random.Generator, shape: tuple[int, int]) -> list[np.ndarray]:
    """Moderate scores, large ones, and ±1000."""
    return [rng.normal(size=shape), rng.normal(scale=50, size=shape), 1000.0 * rng.choice([-1.0, 0.0, 1.0], size=shape)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_squared_error_agrees_with_autograd(shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    for Y in scores_of(rng, shape):
        T = rng.normal(size=shape)
        loss = MeanSquaredError()
        E, dY = loss.forward(Y, T), loss.backward()
        X = tensor(Y)
        expected = torch.nn.functional.mse_loss(X, torch.tensor(T), reduction="sum") / (2 * len(Y))
        expected.backward()
        assert isinstance(E, float)
        assert_same(E, expected)
        assert_same(dY, X.grad)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [1, 2, 5])
def test_sigmoid_cross_entropy_agrees_with_autograd(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for scores in scores_of(rng, (n, 1)):
        T = rng.integers(0, 2, size=(n, 1)).astype(float)
        loss = SigmoidCrossEntropy()
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            E, dscores = loss.forward(scores, T), loss.backward()
        X = tensor(scores)
        expected = torch.nn.functional.binary_cross_entropy_with_logits(X, torch.tensor(T))
        expected.backward()
        assert isinstance(E, float)
        assert_same(E, expected, atol=1e-14)  # PyTorch rounds ln(1 + tiny) to a multiple of 2e-16
        assert_same(dscores, X.grad, atol=1e-16)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_cross_entropy_agrees_with_autograd(shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    for scores in scores_of(rng, shape):
        T = one_hot(rng, *shape)
        loss = SoftmaxCrossEntropy()
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            E, dscores = loss.forward(scores, T), loss.backward()
        X = tensor(scores)
        expected = torch.nn.functional.cross_entropy(X, torch.tensor(T))
        expected.backward()
        assert isinstance(E, float)
        assert_same(E, expected, atol=1e-15)
        assert_same(dscores, X.grad, atol=1e-15)


@pytest.mark.parametrize("z", [-1000.0, 1000.0])
def test_a_sure_mistake_costs_its_score(z: float) -> None:
    target = np.array([[float(z < 0)]])
    assert SigmoidCrossEntropy().forward(np.array([[z]]), target) == 1000.0
    assert SoftmaxCrossEntropy().forward(np.array([[z, 0.0]]), np.hstack([target, 1 - target])) == 1000.0


@pytest.mark.parametrize("layer", [Sigmoid(), Tanh(), ReLU(), LeakyReLU()], ids=BEND_NAMES[:4])
def test_gradient_check_passes_right_bends(layer: Any) -> None:
    rng = np.random.default_rng(0)
    assert gradient_check(layer, rng.normal(size=(4, 3)), rng)["x"] < 1e-6


def test_gradient_check_passes_a_right_affine_and_leaves_it_as_it_was() -> None:
    rng = np.random.default_rng(1)
    x, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    before = [a.copy() for a in (x, W, b)]
    errors = gradient_check(Affine(W, b), x, rng)
    assert list(errors) == ["x", "W", "b"]
    assert max(errors.values()) < 1e-6
    for now, then in zip((x, W, b), before, strict=True):
        np.testing.assert_array_equal(now, then)


class Reversed(Affine):
    """A backward that mixes up the samples: with dout all ones nobody could tell."""

    def backward(self, dout: Any) -> Any:
        return super().backward(dout[::-1])


class Published(Sigmoid):
    """σ′ of the activation."""

    def backward(self, dout: Any) -> Any:
        once_more = Sigmoid()
        once_more.forward(self._y)
        return once_more.backward(dout)


@pytest.mark.parametrize("layer", [Reversed(np.eye(3), np.zeros(3)), Published()], ids=["Reversed", "Published"])
def test_gradient_check_catches_wrong_layers(layer: Any) -> None:
    rng = np.random.default_rng(2)
    assert gradient_check(layer, rng.normal(size=(4, 3)), rng)["x"] > 1e-2
