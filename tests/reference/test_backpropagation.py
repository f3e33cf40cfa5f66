"""The chain rule, link by link, against PyTorch in float64 and against the answers printed in the source."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from grader.reference import backpropagation as bp

torch = pytest.importorskip("torch")
seeds = pytest.mark.parametrize("seed", range(5))


def tensor(array: Any) -> Any:
    return torch.tensor(np.asarray(array), dtype=torch.float64, requires_grad=True)


def gradients(f: Callable[..., Any], *arrays: Any) -> list[np.ndarray]:
    """The gradients of Σ f by each argument, from PyTorch."""
    leaves = [tensor(a) for a in arrays]
    f(*leaves).sum().backward()
    return [leaf.grad.numpy() for leaf in leaves]


def assert_same(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-14)


def outer(u: Any, v: Any) -> Any:
    """Some z(u, v) whose slopes differ everywhere."""
    return u**2 * v + torch.sin(u - 2 * v)


def slopes(u: Any, v: Any) -> list[np.ndarray]:
    return gradients(outer, u, v)


@seeds
def test_the_squared_difference_agrees_with_autograd(seed: int) -> None:
    a, x, y = np.random.default_rng(seed).normal(size=(3, 6))
    assert_same(bp.squared_difference_gradients(a, x, y), gradients(lambda a, x, y: (a * x - y) ** 2, a, x, y))


@seeds
def test_the_way_through_a_sigmoid_agrees_with_autograd(seed: int) -> None:
    x, c = np.random.default_rng(seed).normal(scale=2, size=(2, 6))
    u = torch.sigmoid(torch.tensor(x)).numpy()
    (theirs,) = gradients(lambda x: torch.sin(torch.tensor(c) * torch.sigmoid(x)), x)
    assert_same(bp.sigmoid_backward(x, c * np.cos(c * u)), theirs)


@seeds
def test_the_cross_entropy_of_a_sigmoid_agrees_with_autograd(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=6), rng.random(6)
    u = torch.sigmoid(torch.tensor(x)).numpy()

    def z(x: Any) -> Any:
        u, truth = torch.sigmoid(x), torch.tensor(t)
        return -truth * torch.log(u) - (1 - truth) * torch.log(1 - u)

    assert_same(bp.cross_entropy_backward(t, u), gradients(z, x)[0])


@seeds
def test_a_fork_agrees_with_autograd(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=6)
    dz_du, dz_dv = slopes(1 + np.exp(x), 1 + np.exp(-x))
    theirs = gradients(lambda x: outer(1 + torch.exp(x), 1 + torch.exp(-x)), x)[0]
    assert_same(bp.fork_backward(x, dz_du, dz_dv), theirs)


def softmax(x: Any, y: Any) -> tuple[Any, Any]:
    u, v = torch.softmax(torch.stack([x, y]), dim=0)
    return u, v


@seeds
def test_a_softmax_of_two_agrees_with_autograd(seed: int) -> None:
    x, y = np.random.default_rng(seed).normal(scale=2, size=(2, 6))
    u, v = (p.numpy() for p in softmax(torch.tensor(x), torch.tensor(y)))
    theirs = gradients(lambda x, y: outer(*softmax(x, y)), x, y)
    assert_same(bp.softmax_backward(x, y, *slopes(u, v)), theirs)


@seeds
def test_the_cross_entropy_of_a_softmax_of_two_agrees_with_autograd(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(scale=2, size=(2, 6))
    s = rng.random(6)
    u, v = (p.numpy() for p in softmax(torch.tensor(x), torch.tensor(y)))

    def z(x: Any, y: Any) -> Any:
        u, v = softmax(x, y)
        return -torch.tensor(s) * torch.log(u) - torch.tensor(1 - s) * torch.log(v)

    assert_same(bp.softmax_cross_entropy_backward(s, 1 - s, u, v), gradients(z, x, y))


@seeds
def test_a_mix_of_two_agrees_with_autograd(seed: int) -> None:
    rng = np.random.default_rng(seed)
    W, x, b, c = rng.normal(size=(2, 2)), *rng.normal(size=(3, 2))
    theirs = gradients(lambda x: (x @ torch.tensor(W) + torch.tensor(b)) * torch.tensor(c), x)[0]
    assert_same(bp.mix_backward(W, c), theirs)


def test_the_six_answers_are_those_of_the_source() -> None:
    """S2 §3.3, its printed formulas in numbers at one point."""
    x, y, dz_du, dz_dv, s, t = 0.4, -1.1, 1.7, -0.6, 0.3, 0.7
    u = 1 / (1 + np.exp(-x))
    assert_same(bp.sigmoid_backward(x, dz_du), np.exp(-x) / (1 + np.exp(-x)) ** 2 * dz_du)
    assert_same(bp.cross_entropy_backward(t, u), -t * (1 - u) + (1 - t) * u)
    assert_same(bp.fork_backward(x, dz_du, dz_dv), np.exp(x) * dz_du - np.exp(-x) * dz_dv)
    u = np.exp(x) / (np.exp(x) + np.exp(y))
    v = np.exp(y) / (np.exp(x) + np.exp(y))
    assert_same(bp.softmax_backward(x, y, dz_du, dz_dv), (u * v * (dz_du - dz_dv), u * v * (-dz_du + dz_dv)))
    assert_same(bp.softmax_cross_entropy_backward(s, t, u, v), (-v * s + u * t, v * s - u * t))
    W = np.array([[2.0, -3.0], [5.0, 7.0]])
    assert bp.mix_backward(W, np.array([11.0, 13.0])).tolist() == [2 * 11 - 3 * 13, 5 * 11 + 7 * 13]


X_PRINTED = np.array([[2.0, -1.0, 1.0]])
W_PRINTED = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 4.0]])


def test_the_squared_error_on_one_row_gives_the_printed_arrays() -> None:
    """S2 §3.6, 1 (1)."""
    dX, dW = bp.squared_error_gradients(X_PRINTED, W_PRINTED, np.array([[1.0, 2.0]]))
    assert dX.tolist() == [[4, 3, 4]]
    assert dW.tolist() == [[4, 2], [-2, -1], [2, 1]]


def test_the_cross_entropy_on_one_row_gives_the_printed_arrays() -> None:
    """S2 §3.6, 1 (2)."""
    dX, dW = bp.cross_entropy_gradients(X_PRINTED, W_PRINTED, np.array([[1.0, 0.0]]))
    assert dX.tolist() == [[-1, 0, 2]]
    assert dW.tolist() == [[-1, 1], [0.5, -0.5], [-0.5, 0.5]]


def test_adding_a_bias_gives_the_printed_arrays() -> None:
    """S2 §3.6, 2."""
    dY = np.array([[1.0, 0.0], [0.0, -1.0], [1.0, 1.0]])
    dX, db = bp.add_bias_backward(dY)
    assert dX.tolist() == [[1, 0], [0, -1], [1, 1]]
    assert db.tolist() == [2, 0]


@seeds
def test_one_row_agrees_with_autograd(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, W, s = rng.normal(size=(1, 4)), rng.normal(size=(4, 2)), rng.random()
    t = np.array([[s, 1 - s]])
    squares = gradients(lambda X, W: ((X @ W - torch.tensor(t)) ** 2).sum() / 2, X, W)
    entropy = gradients(lambda X, W: -(torch.tensor(t) * torch.log_softmax(X @ W, dim=1)).sum(), X, W)
    for ours, theirs in (
        (bp.squared_error_gradients(X, W, t), squares),
        (bp.cross_entropy_gradients(X, W, t), entropy),
    ):
        for mine, other in zip(ours, theirs, strict=True):
            assert_same(mine, other)


@seeds
@pytest.mark.parametrize(("n", "d", "k"), [(5, 3, 4), (2, 7, 3), (1, 2, 5)])
def test_matrix_product_and_bias_agree_with_autograd(n: int, d: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, W, b, dY = (rng.normal(size=shape) for shape in ((n, d), (d, k), (k,), (n, k)))
    dX, dW, db = gradients(lambda X, W, b: (X @ W + b) * torch.tensor(dY), X, W, b)
    before = [array.copy() for array in (X, W, dY)]
    for mine, other in zip(bp.matmul_backward(X, W, dY), (dX, dW), strict=True):
        assert_same(mine, other)
    through, ours = bp.add_bias_backward(dY)
    assert_same(through, dY)
    assert_same(ours, db)
    through += 1
    for now, then in zip((X, W, dY), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_the_network_of_the_source_has_3n_plus_14_parameters() -> None:
    """S4."""
    for n in (1, 10, 12288):
        assert bp.count_parameters((n, 3, 2, 1)) == 3 * n + 14


@pytest.mark.parametrize("sizes", [(4, 3), (784, 100, 10), (2, 5, 4, 3, 1)])
def test_parameters_are_counted_as_pytorch_counts_them(sizes: tuple[int, ...]) -> None:
    layers = torch.nn.Sequential(*(torch.nn.Linear(a, b) for a, b in pairwise(sizes)))
    assert bp.count_parameters(sizes) == sum(p.numel() for p in layers.parameters())


@seeds
def test_the_numerical_gradient_is_near_autograd_and_changes_no_bit_of_x(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(3, 4))
    before = x.tobytes()
    measured = bp.numerical_gradient(lambda x: float(np.sum(np.sin(x) * x**2)), x)
    assert x.tobytes() == before
    theirs = gradients(lambda x: torch.sin(x) * x**2, x)[0]
    np.testing.assert_allclose(measured, theirs, rtol=1e-7, atol=1e-8)
    assert bp.relative_error(theirs, measured) < 1e-6


def test_the_relative_error_leaves_its_arrays_as_they_were() -> None:
    a, b = np.array([1.0, -2.0, 0.0]), np.array([1.5, 2.0, 0.0])
    before = a.tobytes(), b.tobytes()
    assert bp.relative_error(a, b) == 1.0
    assert bp.relative_error(a[[0, 2]], b[[0, 2]]) == pytest.approx(0.2)
    assert (a.tobytes(), b.tobytes()) == before
