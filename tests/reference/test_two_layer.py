"""The two-layer network, its bends and its heads against PyTorch's automatic differentiation, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.reference import two_layer
from grader.reference.two_layer import TwoLayerNet

torch = pytest.importorskip("torch")

SHAPES = [(5, 3), (2, 7), (1, 4)]
EXTREME = np.array([[1000.0, -1000.0, 0.0], [-30.0, 30.0, 5.0], [700.0, -700.0, 1e-3]])


def tensor(array: np.ndarray) -> Any:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def assert_same(ours: Any, theirs: Any, atol: float = 0.0) -> None:
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=atol)


def one_hot(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    return np.eye(k)[rng.integers(0, k, size=n)]


def scores_of(rng: np.random.Generator, shape: tuple[int, int]) -> list[np.ndarray]:
    """Moderate scores, large ones, and ±1000."""
    return [rng.normal(size=shape), rng.normal(scale=50, size=shape), 1000.0 * rng.choice([-1.0, 0.0, 1.0], size=shape)]


def squared(scores: Any, T: Any) -> Any:
    return torch.nn.functional.mse_loss(scores, T, reduction="sum") / (2 * len(T))


def binary(scores: Any, T: Any) -> Any:
    return torch.nn.functional.binary_cross_entropy_with_logits(scores, T)


def classes(scores: Any, T: Any) -> Any:
    return torch.nn.functional.cross_entropy(scores, T)


@pytest.mark.parametrize("name", ["relu", "sigmoid"])
def test_bends_and_slopes_agree_with_autograd_up_to_a_thousand(name: str) -> None:
    bend, slope = two_layer.ACTIVATIONS[name]
    rng = np.random.default_rng(0)
    for A in [rng.normal(scale=3, size=shape) for shape in SHAPES] + [EXTREME]:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            H = bend(A)
            slopes = slope(A, H)
        x = tensor(A)
        y = getattr(torch, name)(x)
        y.sum().backward()
        assert_same(H, y)
        assert_same(slopes, x.grad, atol=1e-16)


def test_the_slope_of_relu_at_zero_is_zero() -> None:
    A = np.array([[0.0, -0.0]])
    np.testing.assert_array_equal(two_layer.relu_slope(A, two_layer.relu(A)), [[0.0, 0.0]])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_agrees_with_pytorch_and_its_rows_add_up_to_one(shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    for scores in scores_of(rng, shape):
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            P = two_layer.softmax(scores)
        assert_same(P, torch.softmax(tensor(scores), dim=1), atol=1e-300)
        np.testing.assert_allclose(P.sum(axis=1), 1.0, rtol=1e-14)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_average_cross_entropy_agrees_with_pytorch(shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    P, T = rng.dirichlet(np.ones(shape[1]), size=shape[0]), one_hot(rng, *shape)
    ours = two_layer.average_cross_entropy(P, T)
    assert isinstance(ours, float)
    assert_same(ours, torch.nn.functional.nll_loss(torch.log(tensor(P)), torch.tensor(T.argmax(axis=1))))


def test_a_class_that_was_not_right_may_have_probability_zero() -> None:
    with np.errstate(divide="raise", invalid="raise"):
        assert two_layer.average_cross_entropy(np.array([[0.5, 0.5, 0.0]]), np.array([[1.0, 0, 0]])) == np.log(2)


HEADS = [
    (two_layer.squared_error_head, squared),
    (two_layer.sigmoid_cross_entropy_head, binary),
    (two_layer.softmax_cross_entropy_head, classes),
]
HEAD_NAMES = ["squared error", "sigmoid", "softmax"]


def targets(theirs: Any, rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    if theirs is squared:
        return rng.normal(size=(n, k))
    return rng.integers(0, 2, size=(n, 1)).astype(float) if theirs is binary else one_hot(rng, n, k)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("n", "k"), SHAPES)
@pytest.mark.parametrize(("ours", "theirs"), HEADS, ids=HEAD_NAMES)
def test_heads_agree_with_autograd_up_to_a_thousand(ours: Any, theirs: Any, n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = 1 if theirs is binary else k
    for scores in scores_of(rng, (n, k)):
        T = targets(theirs, rng, n, k)
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            loss, gradient = ours(scores, T)
        x = tensor(scores)
        expected = theirs(x, torch.tensor(T))
        expected.backward()
        assert isinstance(loss, float)
        assert_same(loss, expected, atol=1e-14)  # PyTorch rounds ln(1 + tiny) to a multiple of 2e-16
        assert_same(gradient, x.grad, atol=1e-15)


@pytest.mark.parametrize("z", [-1000.0, 1000.0])
def test_a_sure_mistake_costs_its_score(z: float) -> None:
    T = np.array([[float(z < 0)]])
    assert two_layer.sigmoid_cross_entropy_head(np.array([[z]]), T)[0] == 1000.0
    assert two_layer.softmax_cross_entropy_head(np.array([[z, 0.0]]), np.hstack([T, 1 - T]))[0] == 1000.0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize(("head", "theirs"), HEADS, ids=HEAD_NAMES)
def test_every_gradient_of_the_network_agrees_with_autograd(head: Any, theirs: Any, activation: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, d, h, k = 6, 4, 5, 1 if theirs is binary else 3
    params = {
        name: rng.normal(size=s) for name, s in zip(("W1", "b1", "W2", "b2"), ((d, h), h, (h, k), k), strict=True)
    }
    X = rng.normal(size=(n, d))
    for size in (1.0, 300.0):
        T = targets(theirs, rng, n, k)
        net = TwoLayerNet(params, head, activation)
        loss, grads = net.loss(size * X, T), net.gradients(size * X, T)
        p = {name: tensor(value) for name, value in params.items()}
        H = getattr(torch, activation)(torch.tensor(size * X) @ p["W1"] + p["b1"])
        scores = H @ p["W2"] + p["b2"]
        expected = theirs(scores, torch.tensor(T))
        expected.backward()
        assert_same(net.forward(size * X), scores, atol=1e-12)
        assert_same(loss, expected)
        assert list(grads) == list(params)
        for name in params:
            assert_same(grads[name], p[name].grad, atol=1e-12 * size)


def test_an_activation_that_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError, match="tanh"):
        TwoLayerNet({}, two_layer.squared_error_head, "tanh")


def test_gradients_are_those_of_the_batch_that_is_given_not_of_the_last_forward() -> None:
    rng = np.random.default_rng(0)
    net = TwoLayerNet(two_layer.initial_params(3, 4, 2, rng), two_layer.squared_error_head)
    X, T = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    before = net.gradients(X, T)
    net.forward(10 * X)
    after = net.gradients(X, T)
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])


def test_the_network_leaves_what_it_is_handed_as_it_was() -> None:
    rng = np.random.default_rng(1)
    params = two_layer.initial_params(3, 4, 2, rng)
    X, T = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    handed = [X, T, *params.values()]
    before = [a.copy() for a in handed]
    TwoLayerNet(params, two_layer.squared_error_head).gradients(X, T)
    for now, then in zip(handed, before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_initial_params_have_the_asked_shapes_and_spread() -> None:
    params = two_layer.initial_params(40, 50, 30, np.random.default_rng(0), scale=0.2)
    assert {name: p.shape for name, p in params.items()} == {"W1": (40, 50), "b1": (50,), "W2": (50, 30), "b2": (30,)}
    assert np.std(params["W1"]) == pytest.approx(0.2, rel=0.06) and np.std(params["W2"]) == pytest.approx(0.2, rel=0.06)
    assert not params["b1"].any() and not params["b2"].any()


def test_a_step_moves_the_very_arrays_as_torch_sgd_does() -> None:
    rng = np.random.default_rng(2)
    params = {"W1": rng.normal(size=(3, 2)), "b1": rng.normal(size=2)}
    grads = {name: rng.normal(size=p.shape) for name, p in params.items()}
    theirs = {name: tensor(p.copy()) for name, p in params.items()}
    for name, p in theirs.items():
        p.grad = torch.tensor(grads[name])
    torch.optim.SGD(list(theirs.values()), lr=0.3).step()
    held = dict(params)
    two_layer.sgd_step(params, grads, 0.3)
    for name in params:
        assert params[name] is held[name]
        assert_same(params[name], theirs[name])


def test_the_three_terms_and_their_gradients_agree_with_autograd() -> None:
    rng = np.random.default_rng(3)
    params = {
        "W1": rng.normal(size=(4, 5)),
        "b1": rng.normal(size=5),
        "W2": rng.normal(size=(5, 3)),
        "b2": rng.normal(size=3),
    }
    X, T, alpha = rng.normal(size=(6, 4)), one_hot(rng, 6, 3), 0.3
    net = TwoLayerNet(params, two_layer.softmax_cross_entropy_head)
    terms = two_layer.regularized_loss(net.forward(X), T, params["W1"], params["W2"], alpha)
    grads = two_layer.penalized_gradients(net.gradients(X, T), params, alpha)
    p = {name: tensor(value) for name, value in params.items()}
    scores = torch.relu(torch.tensor(X) @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    expected = (classes(scores, torch.tensor(T)), alpha * (p["W1"] ** 2).sum(), alpha * (p["W2"] ** 2).sum())
    sum(expected).backward()
    for ours, theirs in zip(terms, expected, strict=True):
        assert isinstance(ours, float)
        assert_same(ours, theirs)
    for name in params:
        assert_same(grads[name], p[name].grad, atol=1e-15)


@pytest.mark.parametrize("n", [3, 10])
def test_the_equivalent_rate_takes_the_step_of_the_summed_loss(n: int) -> None:
    rng = np.random.default_rng(n)
    scores, T = rng.normal(size=(n, 4)), one_hot(rng, n, 4)
    x = tensor(scores)
    torch.nn.functional.cross_entropy(x, torch.tensor(T), reduction="sum").backward()
    _, gradient = two_layer.softmax_cross_entropy_head(scores, T)
    assert_same(two_layer.equivalent_learning_rate(1e-5, n) * gradient, 1e-5 * x.grad, atol=1e-20)
