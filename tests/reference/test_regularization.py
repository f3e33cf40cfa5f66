"""The regularisers of the course against PyTorch, in float64, and against what can be worked out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.reference.arrays import one_hot
from grader.reference.initialization import initialized_mlp
from grader.reference.losses import SoftmaxCrossEntropy
from grader.reference.network import Network
from grader.reference.optimizers import SGD
from grader.reference.regularization import (
    EarlyStopping,
    decay_step,
    ensemble_predict,
    l1_penalty,
    l2_penalty,
    shift_images,
    smooth_labels,
    soft_threshold,
)

torch = pytest.importorskip("torch")


def tensor(array: np.ndarray) -> Any:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def assert_same(ours: Any, theirs: Any, atol: float = 0.0) -> None:
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=atol)


def some_params(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {"W1": (4, 3), "b1": (3,), "gamma2": (3,), "beta2": (3,), "W3": (3, 2), "b3": (2,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("penalty", "theirs"),
    [(l2_penalty, lambda W: (W**2).sum()), (l1_penalty, lambda W: W.abs().sum())],
    ids=["l2", "l1"],
)
def test_penalties_and_their_gradients_agree_with_autograd(penalty: Any, theirs: Any, seed: int) -> None:
    params = some_params(seed)
    value, grads = penalty(params, 0.37)
    tensors = {name: tensor(array) for name, array in params.items()}
    expected = 0.37 * (theirs(tensors["W1"]) + theirs(tensors["W3"]))
    expected.backward()
    assert isinstance(value, float)
    assert_same(value, expected)
    assert list(grads) == ["W1", "W3"]
    for name in grads:
        assert_same(grads[name], tensors[name].grad)


def test_a_weight_of_zero_is_not_pulled_by_l1() -> None:
    _, grads = l1_penalty({"W1": np.array([[0.0, -0.0, 2.0, -3.0]])}, 0.5)
    np.testing.assert_array_equal(grads["W1"], [[0.0, 0.0, 0.5, -0.5]])


@pytest.mark.parametrize("penalty", [l2_penalty, l1_penalty])
def test_biases_gamma_and_beta_get_no_gradient_from_a_penalty(penalty: Any) -> None:
    params = some_params(0)
    large = {name: array if name.startswith("W") else 1000 * array for name, array in params.items()}
    assert penalty(params, 0.1)[0] == penalty(large, 0.1)[0]
    assert set(penalty(params, 0.1)[1]) == {"W1", "W3"}


@pytest.mark.parametrize("seed", range(3))
def test_a_decay_step_is_pytorchs_with_twice_the_strength(seed: int) -> None:
    rng = np.random.default_rng(seed)
    W, gradient = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    theirs = tensor(W)
    theirs.grad = torch.tensor(gradient)
    torch.optim.SGD([theirs], lr=0.3, weight_decay=2 * 0.05).step()
    assert_same(decay_step(W, gradient, 0.3, 0.05), theirs, atol=1e-15)


def test_a_decay_step_is_a_step_with_the_penaltys_gradient() -> None:
    params = some_params(1)
    gradient = np.random.default_rng(1).normal(size=(4, 3))
    expected = params["W1"] - 0.2 * (gradient + l2_penalty(params, 0.7)[1]["W1"])
    np.testing.assert_allclose(decay_step(params["W1"], gradient, 0.2, 0.7), expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_soft_threshold_is_pytorchs_softshrink(seed: int) -> None:
    W = np.random.default_rng(seed).normal(size=(5, 6))
    W[0, :3] = [0.0, 0.4, -0.4]
    assert_same(soft_threshold(W, 0.4), torch.nn.functional.softshrink(torch.tensor(W), 0.4))


def test_soft_threshold_is_the_best_compromise_between_staying_and_l1() -> None:
    grid = np.linspace(-3, 3, 60_001)
    for w in (-2.0, -0.31, 0.0, 0.2, 0.5, 1.7):
        costs = (grid - w) ** 2 / 2 + 0.5 * np.abs(grid)
        assert soft_threshold(np.array([w]), 0.5)[0] == pytest.approx(grid[costs.argmin()], abs=1e-4)


TARGET, CURVATURE = np.array([3.0, 6.0]), np.array([1.0, 4.0])


def slope(w: np.ndarray) -> np.ndarray:
    """Of (w1 - 3)² + 4 (w2 - 6)²."""
    return 2 * CURVATURE * (w - TARGET)


def test_l2_pulls_the_example_to_three_halves_and_four_point_eight() -> None:
    w = np.zeros(2)
    for _ in range(400):
        w = decay_step(w, slope(w), 0.05, 1.0)
    np.testing.assert_allclose(w, [1.5, 4.8], rtol=1e-12)
    np.testing.assert_allclose(w, CURVATURE * TARGET / (CURVATURE + 1.0), rtol=1e-12)
    np.testing.assert_allclose(slope(w) + l2_penalty({"W": w}, 1.0)[1]["W"], 0, atol=1e-12)


@pytest.mark.parametrize("start", [(0.0, 0.0), (3.0, 6.0), (-4.0, 9.0)])
def test_l1_brings_the_first_weight_of_the_example_to_exactly_zero(start: tuple[float, float]) -> None:
    w = np.array(start)
    for _ in range(400):
        w = soft_threshold(w - 0.05 * slope(w), 0.05 * 10)
    assert w[0] == 0.0
    assert w[1] == pytest.approx(6 - 10 / 8, rel=1e-12)


def test_steps_along_the_l1_gradient_do_not_come_to_rest_at_zero() -> None:
    w, visited = np.array([3.0, 6.0]), []
    for _ in range(400):
        w = w - 0.05 * (slope(w) + l1_penalty({"W": w}, 10.0)[1]["W"])
        visited.append(w[0])
    assert min(np.abs(visited[200:])) > 0
    assert min(visited[200:]) < 0 < max(visited[200:])


def run(patience: int, losses: list[float]) -> tuple[int, float, float]:
    """Epochs until it stops (0: never), the best loss, and the parameter of that epoch, which is its number."""
    stopping, W = EarlyStopping(patience), np.zeros((1, 1))
    for epoch, loss in enumerate(losses, start=1):
        W[...] = epoch
        if stopping.update(loss, {"W1": W}):
            break
    else:
        epoch = 0
    W[...] = -1
    return epoch, stopping.best_loss, stopping.best_params["W1"].item()


@pytest.mark.parametrize(
    ("patience", "losses", "expected"),
    [
        (2, [3.0, 2.0, 2.5, 2.4, 1.0], (4, 2.0, 2.0)),
        (2, [3.0, 2.0, 2.5, 1.9, 2.0, 1.9], (6, 1.9, 4.0)),
        (1, [3.0, 2.0, 2.0, 1.0], (3, 2.0, 2.0)),
        (3, [3.0, 2.0, 2.5, 2.4, 1.0], (0, 1.0, 5.0)),
        (2, [3.0, float("nan"), 2.0, float("nan"), float("nan")], (5, 2.0, 3.0)),
    ],
)
def test_early_stopping_keeps_the_best_epoch_and_stops_when_patience_is_used_up(
    patience: int, losses: list[float], expected: tuple[int, float, float]
) -> None:
    assert run(patience, losses) == expected


@pytest.mark.parametrize("down", range(-3, 4))
@pytest.mark.parametrize("right", [-5, -2, 0, 1, 6])
def test_a_shifted_pixel_is_where_it_should_be_and_what_enters_is_zero(down: int, right: int) -> None:
    images = np.random.default_rng(0).uniform(0.1, 1, size=(2, 4, 5))
    shifted = shift_images(images, down, right)
    assert shifted.shape == images.shape
    for n, i, j in np.ndindex(shifted.shape):
        inside = 0 <= i - down < 4 and 0 <= j - right < 5
        assert shifted[n, i, j] == (images[n, i - down, j - right] if inside else 0)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.5])
def test_smoothed_labels_cost_what_pytorch_charges(epsilon: float) -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, size=6)
    S = smooth_labels(one_hot(labels, 4), epsilon)
    np.testing.assert_allclose(S.sum(axis=1), 1, rtol=1e-15)
    theirs = torch.nn.functional.cross_entropy(torch.tensor(scores), torch.tensor(labels), label_smoothing=epsilon)
    assert_same(SoftmaxCrossEntropy().forward(scores, S), theirs)


def some_networks(count: int) -> list[Network]:
    return [initialized_mlp([5, 6, 4], "tanh", "xavier", np.random.default_rng(seed)) for seed in range(count)]


def test_an_ensemble_averages_probabilities() -> None:
    networks, X = some_networks(3), np.random.default_rng(9).normal(size=(7, 5))
    scores = torch.tensor(np.stack([network.predict(X) for network in networks]))
    P = ensemble_predict(networks, X)
    assert_same(P, torch.softmax(scores, dim=2).mean(dim=0))
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-12)


def test_an_ensemble_costs_at_most_what_its_members_cost_on_average() -> None:
    """-ln is convex, so the loss of a mean is at most the mean of the losses (Jensen 1906)."""
    rng = np.random.default_rng(3)
    networks, X, labels = some_networks(4), rng.normal(size=(50, 5)), rng.integers(0, 4, size=50)
    alone = [-np.mean(np.log(ensemble_predict([network], X)[np.arange(50), labels])) for network in networks]
    together = -np.mean(np.log(ensemble_predict(networks, X)[np.arange(50), labels]))
    assert together < np.mean(alone)


def test_nothing_that_was_handed_over_is_changed() -> None:
    rng = np.random.default_rng(5)
    W, gradient, images, T = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.random((2, 3, 4)), np.eye(3)
    before = [array.copy() for array in (W, gradient, images, T)]
    l2_penalty({"W1": W}, 0.1)
    l1_penalty({"W1": W}, 0.1)
    decay_step(W, gradient, 0.1, 0.2)
    soft_threshold(W, 0.3)
    shift_images(images, 1, -1)[...] = 7
    smooth_labels(T, 0.1)
    for now, then in zip((W, gradient, images, T), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_penalty_added_to_a_networks_gradients_leaves_its_biases_where_they_would_have_been() -> None:
    rng = np.random.default_rng(6)
    X, T = rng.normal(size=(8, 5)), one_hot(rng.integers(0, 4, size=8), 4)
    stepped = []
    for alpha in (0.0, 0.5):
        network, loss = some_networks(1)[0], SoftmaxCrossEntropy()
        loss.forward(network.forward(X), T)
        network.backward(loss.backward())
        grads = network.grads
        for name, pull in l2_penalty(network.params, alpha)[1].items():
            grads[name] = grads[name] + pull
        SGD(0.1).update(network.params, grads)
        stepped.append(network.params)
    for name in stepped[0]:
        assert np.array_equal(stepped[0][name], stepped[1][name]) == name.startswith("b")
