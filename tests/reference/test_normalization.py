"""Batch normalization against PyTorch's automatic differentiation in float64, and against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.reference.initialization import initialized_mlp
from grader.reference.layers import Affine, gradient_check
from grader.reference.losses import SoftmaxCrossEntropy
from grader.reference.normalization import (
    BatchNorm,
    batchnorm_backward,
    batchnorm_backward_steps,
    batchnorm_mlp,
    normalize,
    rescale,
)

SHAPES = [(5, 3), (3, 7), (40, 4)]
EPS = [0.1, 1e-5]
MOMENTUM = 0.8


def draw(n: int, d: int, seed: int) -> tuple[np.ndarray, ...]:
    """x, γ, β and dout, none of which is 0 or 1."""
    rng = np.random.default_rng([seed, n, d])
    x = rng.normal(3, 2, size=(n, d)) * rng.uniform(0.5, 2, size=d)
    return x, rng.uniform(1.3, 2, size=d), rng.uniform(0.5, 1, size=d), rng.normal(0.5, 1, size=(n, d))


def theirs(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> tuple[Any, Any]:
    """PyTorch's layer with the same parameters, and x as its tensor. Its momentum is the share of the new value."""
    torch = pytest.importorskip("torch")
    layer = torch.nn.BatchNorm1d(x.shape[1], eps=eps, momentum=1 - MOMENTUM, dtype=torch.float64)
    with torch.no_grad():
        layer.weight[:], layer.bias[:] = torch.tensor(gamma), torch.tensor(beta)
    return layer, torch.tensor(x, requires_grad=True)


def ours(gamma: np.ndarray, beta: np.ndarray, eps: float) -> BatchNorm:
    layer = BatchNorm(len(gamma), MOMENTUM, eps)
    layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
    return layer


def assert_same(a: Any, b: Any, rtol: float = 1e-9, atol: float = 1e-13) -> None:
    np.testing.assert_allclose(a, b.detach().numpy(), rtol=rtol, atol=atol)


@pytest.mark.parametrize("eps", EPS)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_forward_and_all_gradients_agree_with_torch(n: int, d: int, eps: float) -> None:
    torch = pytest.importorskip("torch")
    for seed in range(3):
        x, gamma, beta, dout = draw(n, d, seed)
        layer = ours(gamma, beta, eps)
        y, dx = layer.forward(x), layer.backward(dout)
        other, X = theirs(x, gamma, beta, eps)
        Y = other(X)
        Y.backward(torch.tensor(dout))
        assert_same(y, Y)
        assert_same(dx, X.grad)
        assert_same(layer.grads["gamma"], other.weight.grad)
        assert_same(layer.grads["beta"], other.bias.grad)
        steps = batchnorm_backward_steps(x, gamma, eps, dout)
        assert_same(steps["x"], X.grad)
        assert_same(steps["gamma"], other.weight.grad)
        assert_same(steps["beta"], other.bias.grad)


@pytest.mark.parametrize("eps", EPS)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_the_gradients_between_the_ends_agree_with_autograd(n: int, d: int, eps: float) -> None:
    torch = pytest.importorskip("torch")
    x, gamma, beta, dout = draw(n, d, 7)
    X = torch.tensor(x, requires_grad=True)
    mu = X.mean(dim=0)
    v = ((X - mu) ** 2).mean(dim=0)
    normalized = (X - mu) / torch.sqrt(v + eps)
    for node in (mu, v, normalized):
        node.retain_grad()
    (torch.tensor(gamma) * normalized + torch.tensor(beta)).backward(torch.tensor(dout))
    steps = batchnorm_backward_steps(x, gamma, eps, dout)
    assert_same(steps["mu"], mu.grad, atol=1e-11)  # autograd adds what comes over v, which is 0 up to rounding
    assert_same(steps["v"], v.grad)
    assert_same(steps["normalized"], normalized.grad)


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_running_statistics_agree_with_torch_once_its_variance_is_converted(n: int, d: int) -> None:
    """Theirs averages v N/(N - 1), ours v; the start is 1 in both. Our momentum is one minus theirs."""
    torch = pytest.importorskip("torch")
    _, gamma, beta, _ = draw(n, d, 0)
    layer = ours(gamma, beta, 0.1)
    other, _ = theirs(np.ones((n, d)), gamma, beta, 0.1)
    count = 4
    for seed in range(count):
        x = draw(n, d, seed)[0]
        layer.forward(x)
        other(torch.tensor(x))
    assert_same(layer.running_mean, other.running_mean)
    start = MOMENTUM**count
    unbiased = start + (layer.running_var - start) * n / (n - 1)
    assert_same(unbiased, other.running_var)
    assert np.abs(layer.running_var - other.running_var.numpy()).min() > 1e-3  # the conversion is needed


@pytest.mark.parametrize("eps", EPS)
def test_inference_agrees_with_torch_for_equal_running_statistics_and_changes_nothing(eps: float) -> None:
    torch = pytest.importorskip("torch")
    x, gamma, beta, _ = draw(6, 4, 1)
    layer = ours(gamma, beta, eps)
    layer.forward(x)
    other, _ = theirs(x, gamma, beta, eps)
    other.running_mean[:], other.running_var[:] = torch.tensor(layer.running_mean), torch.tensor(layer.running_var)
    kept = layer.running_mean.copy(), layer.running_var.copy()
    layer.training = False
    other.eval()
    for rows in (1, 5):
        asked = draw(rows, 4, 2)[0]
        assert_same(layer.forward(asked), other(torch.tensor(asked)))
    np.testing.assert_array_equal(layer.running_mean, kept[0])
    np.testing.assert_array_equal(layer.running_var, kept[1])


@pytest.mark.parametrize("eps", EPS)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_six_steps_and_one_line_agree_to_1e_12(n: int, d: int, eps: float) -> None:
    x, gamma, _, dout = draw(n, d, 3)
    normalized, _, var = normalize(x, eps)
    dx = batchnorm_backward(normalized, np.sqrt(var + eps), gamma, dout)
    np.testing.assert_allclose(dx, batchnorm_backward_steps(x, gamma, eps, dout)["x"], rtol=0, atol=1e-12)


def test_the_layer_passes_the_gradient_check() -> None:
    x, gamma, beta, _ = draw(5, 3, 4)
    errors = gradient_check(ours(gamma, beta, 0.1), x, np.random.default_rng(0))
    assert list(errors) == ["x", "gamma", "beta"]
    assert max(errors.values()) < 1e-6


def test_the_numbers_worked_by_hand() -> None:
    x, dout = np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([[1.0], [0.0], [0.0], [2.0]])
    normalized, mean, var = normalize(x, 4.0)
    np.testing.assert_allclose(normalized.ravel(), [-1, -1 / 3, 1 / 3, 1], rtol=1e-15)
    assert (mean.item(), var.item()) == (4, 5)
    d = batchnorm_backward_steps(x, np.array([6.0]), 4.0, dout)
    found = [d[name].item() for name in ("beta", "gamma", "v", "mu")]
    np.testing.assert_allclose(found, [3, 1, -1 / 3, -6], rtol=1e-15)
    np.testing.assert_allclose(d["x"].ravel(), [1, -4 / 3, -5 / 3, 2], rtol=1e-14)
    layer = BatchNorm(1)
    layer.forward(x)
    np.testing.assert_allclose([layer.running_mean.item(), layer.running_var.item()], [0.4, 1.4], rtol=1e-15)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (2.0, 5.0), (-3.0, 0.25)])
def test_rescaled_columns_have_the_mean_and_std_asked_for(mean: float, std: float) -> None:
    X = np.random.default_rng(0).uniform(0, 1, size=(1000, 3)) * [1.0, 20.0, 0.01] + [0.0, -5.0, 3.0]
    Y = rescale(X, mean, std)
    np.testing.assert_allclose(Y.mean(axis=0), mean, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(Y.std(axis=0), std, rtol=1e-11)


def test_a_constant_unit_becomes_beta_and_its_gradient_is_finite() -> None:
    layer = ours(np.array([2.0]), np.array([0.7]), 1e-5)
    x = np.full((4, 1), 3.0)
    np.testing.assert_array_equal(layer.forward(x), 0.7)
    assert np.isfinite(layer.backward(np.array([[1.0], [2.0], [-1.0], [0.5]]))).all()


def test_a_batch_of_one_returns_beta_in_training_and_not_in_inference() -> None:
    x, gamma, beta, _ = draw(1, 4, 5)
    layer = ours(gamma, beta, 0.1)
    np.testing.assert_array_equal(layer.forward(x), beta[None])
    layer.training = False
    assert np.abs(layer.forward(x) - beta).min() > 0.01


def test_an_upstream_gradient_of_ones_gives_none_to_x() -> None:
    x, gamma, beta, dout = draw(5, 3, 6)
    layer = ours(gamma, beta, 0.1)
    layer.forward(x)
    np.testing.assert_allclose(layer.backward(np.ones((5, 3))), 0, atol=1e-14)
    assert np.abs(layer.backward(dout)).max() > 0.1


def test_x_dout_and_parameters_are_left_as_they_were() -> None:
    handed = draw(5, 3, 8)
    x, gamma, beta, dout = (array.copy() for array in handed)
    layer = BatchNorm(3)
    layer.params["gamma"], layer.params["beta"] = gamma, beta
    layer.forward(x)
    layer.backward(dout)
    batchnorm_backward_steps(x, gamma, 0.1, dout)
    rescale(x, 2, 5)
    for now, then in zip((x, gamma, beta, dout), handed, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_batchnorm_mlp_has_the_weights_of_the_plain_one_and_a_norm_before_each_bend() -> None:
    sizes = [7, 6, 5, 3]
    plain = initialized_mlp(sizes, "tanh", "xavier", np.random.default_rng(0))
    network = batchnorm_mlp(sizes, "tanh", "xavier", np.random.default_rng(0))
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Affine", "BatchNorm", "Tanh", "Affine", "BatchNorm", "Tanh", "Affine"]
    weights = [layer.params["W"] for layer in network.layers if isinstance(layer, Affine)]
    for W, k in zip(weights, (1, 2, 3), strict=True):
        np.testing.assert_array_equal(W, plain.params[f"W{k}"])
    assert list(network.params) == ["W1", "b1", "gamma2", "beta2", "W3", "b3", "gamma4", "beta4", "W5", "b5"]
    norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
    assert len({id(norm) for norm in norms}) == 2


def test_a_whole_network_agrees_with_torch_in_loss_and_in_every_gradient() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    network = batchnorm_mlp([6, 5, 4, 3], "sigmoid", "xavier", rng)
    for array in network.params.values():
        array[...] = rng.uniform(0.5, 1.5, size=array.shape) * rng.choice([-1, 1], size=array.shape)
    x, T = rng.normal(size=(8, 6)), np.eye(3)[rng.integers(0, 3, size=8)]
    loss = SoftmaxCrossEntropy()
    E = loss.forward(network.forward(x), T)
    network.backward(loss.backward())

    P = {name: torch.tensor(array, requires_grad=True) for name, array in network.params.items()}
    H = torch.tensor(x)
    for k in (1, 3):
        Z = H @ P[f"W{k}"] + P[f"b{k}"]
        normal = torch.nn.functional.batch_norm(
            Z, None, None, P[f"gamma{k + 1}"], P[f"beta{k + 1}"], training=True, eps=1e-5
        )
        H = torch.sigmoid(normal)
    expected = torch.nn.functional.cross_entropy(H @ P["W5"] + P["b5"], torch.tensor(T))
    expected.backward()
    assert_same(E, expected)
    for name, gradient in network.grads.items():
        assert_same(gradient, P[name].grad, atol=1e-12)


def test_the_size_and_the_bias_of_what_stands_before_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    x, W, b = rng.normal(size=(20, 6)), rng.normal(size=(6, 4)), rng.normal(size=4)
    one, other = normalize(x @ W, 0.0), normalize(100 * (x @ W) + b, 0.0)
    np.testing.assert_allclose(one.x, other.x, rtol=1e-9, atol=1e-12)
