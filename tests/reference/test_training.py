"""Batches, splits, folds, histories and the grid search, against PyTorch and by counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.reference.training import evaluate, fit, grid_search, k_folds, minibatches, split
from grader.reference.two_layer import TwoLayerNet, initial_params, softmax_cross_entropy_head

SIZES = [(23, 5), (20, 5), (7, 1), (7, 7), (4, 9)]
Part = tuple[np.ndarray, np.ndarray]


def numbered(n: int, first: int = 0) -> Part:
    """Row i of X and of T both hold i, so that every sample can be followed."""
    i = np.arange(first, first + n, dtype=float)[:, None]
    return np.hstack([i, i + 0.5]), i


def part(rng: np.random.Generator, n: int) -> Part:
    return rng.normal(size=(n, 4)), np.eye(3)[rng.integers(0, 3, size=n)]


def new_net(seed: int = 0) -> TwoLayerNet:
    return TwoLayerNet(initial_params(4, 6, 3, np.random.default_rng(seed), 0.5), softmax_cross_entropy_head, "sigmoid")


@pytest.mark.parametrize(("n", "size"), SIZES)
def test_an_epoch_holds_every_sample_once_with_its_own_target(n: int, size: int) -> None:
    X, T = numbered(n)
    batches = list(minibatches(X, T, size, np.random.default_rng(0)))
    assert [len(x) for x, _ in batches] == [size] * (n // size) + [n % size] * (n % size > 0)
    seen = np.vstack([x for x, _ in batches])
    assert sorted(seen[:, 0]) == list(range(n))
    assert all(np.array_equal(x[:, :1], t) for x, t in batches)


def test_each_epoch_has_another_order_and_a_seed_brings_it_back() -> None:
    X, T = numbered(23)

    def order(rng: np.random.Generator) -> list[float]:
        return [i for x, _ in minibatches(X, T, 5, rng) for i in x[:, 0]]

    rng = np.random.default_rng(1)
    first, second = order(rng), order(rng)
    assert first != second and first != sorted(first)
    assert first == order(np.random.default_rng(1))


def test_all_orders_of_three_samples_are_equally_likely() -> None:
    X, T = numbered(3)
    rng = np.random.default_rng(2)
    counts = Counter(tuple(x[0, 0] for x, _ in minibatches(X, T, 1, rng)) for _ in range(6000))
    # a chi-squared of 5 degrees of freedom exceeds 40 once in 7 million
    assert len(counts) == 6
    assert sum((c - 1000) ** 2 / 1000 for c in counts.values()) < 40


@pytest.mark.parametrize("fractions", [(0.6, 0.2, 0.2), (0.7, 0.2, 0.1), (0.5, 0.5), (1.0,)])
def test_the_parts_of_a_split_are_disjoint_and_complete(fractions: tuple[float, ...]) -> None:
    for n in range(5, 60):
        X, T = numbered(n)
        parts = split(X, T, fractions, np.random.default_rng(n))
        assert sorted(np.vstack([x for x, _ in parts])[:, 0]) == list(range(n))
        assert all(np.array_equal(x[:, :1], t) for x, t in parts)
        for (x, _), share in zip(parts, fractions, strict=True):
            assert abs(len(x) - share * n) <= 1


@pytest.mark.parametrize(("n", "k"), [(17, 4), (12, 3), (5, 5), (9, 2)])
def test_every_sample_is_in_one_validation_part_and_in_all_other_training_parts(n: int, k: int) -> None:
    folds = k_folds(n, k, np.random.default_rng(0))
    assert len(folds) == k
    assert sorted(i for _, validation in folds for i in validation) == list(range(n))
    assert all(sorted([*training, *validation]) == list(range(n)) for training, validation in folds)
    sizes = [len(validation) for _, validation in folds]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("batch_size", [1, 4, 23, 1000])
def test_evaluation_is_the_same_however_it_is_sliced(batch_size: int) -> None:
    torch = pytest.importorskip("torch")
    X, T = part(np.random.default_rng(3), 23)
    net = new_net()
    loss, share = evaluate(net, X, T, batch_size)
    scores = torch.tensor(net.forward(X))
    labels = torch.tensor(T.argmax(axis=1))
    np.testing.assert_allclose(loss, torch.nn.functional.cross_entropy(scores, labels).item(), rtol=1e-12)
    assert np.isclose(share, (scores.argmax(dim=1) == labels).double().mean().item(), rtol=1e-12)


@pytest.mark.parametrize("batch_size", [5, 23])
def test_fitting_takes_the_steps_that_pytorch_takes(batch_size: int) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    train, validation = part(rng, 23), part(rng, 9)
    net, start = new_net(), new_net()
    history = fit(net, train, validation, 0.3, batch_size, 3, np.random.default_rng(5))

    params = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in start.params.items()}

    def loss_of(X: Any, T: Any) -> Any:
        hidden = torch.sigmoid(torch.tensor(X) @ params["W1"] + params["b1"])
        return torch.nn.functional.cross_entropy(hidden @ params["W2"] + params["b2"], torch.tensor(T))

    optimizer = torch.optim.SGD(params.values(), lr=0.3)
    order = np.random.default_rng(5)
    for epoch in range(3):
        for X, T in minibatches(*train, batch_size, order):
            optimizer.zero_grad()
            loss_of(X, T).backward()
            optimizer.step()
        for name, data in {"train": train, "validation": validation}.items():
            np.testing.assert_allclose(history[f"{name}_loss"][epoch], loss_of(*data).item(), rtol=1e-9)
    for name, value in params.items():
        np.testing.assert_allclose(net.params[name], value.detach().numpy(), rtol=1e-9, atol=1e-12)
    assert list(history["epoch"]) == [1, 2, 3]


def test_fitting_never_learns_from_validation_data() -> None:
    rng = np.random.default_rng(6)
    train = part(rng, 20)
    nets = [new_net(), new_net()]
    for net in nets:
        fit(net, train, part(rng, 8), 0.5, 4, 2, np.random.default_rng(7))
    for name in nets[0].params:
        np.testing.assert_array_equal(nets[0].params[name], nets[1].params[name])


class Guess:
    """Reads the first ``right`` samples of a part rightly; notes on which parts it was asked."""

    def __init__(self, right: dict[float, int], asked: list[float]) -> None:
        self.right, self.asked = right, asked

    def forward(self, X: np.ndarray) -> np.ndarray:
        self.asked.append(X[0, 0])
        labels = np.where(np.arange(len(X)) < self.right[X[0, 0]], 0, 1)
        return np.eye(2)[labels]

    def loss(self, X: np.ndarray, T: np.ndarray) -> float:
        return 0.0


def search(rights: list[tuple[int, int]]) -> tuple[Any, list[list[float]]]:
    """A search over ``len(rights)`` runs with so many right of 10 on validation (0) and test (1) data."""
    asked: list[list[float]] = [[] for _ in rights]

    def run(number: int) -> Any:
        return Guess({0.0: rights[number][0], 1.0: rights[number][1]}, asked[number])

    parts = [(np.full((10, 1), float(which)), np.eye(2)[np.zeros(10, dtype=int)]) for which in (0, 1)]
    return grid_search(run, {"number": range(len(rights))}, *parts), asked


def test_the_search_chooses_on_validation_and_opens_the_test_set_once() -> None:
    (best, table, test_accuracy), asked = search([(5, 9), (8, 6), (7, 10)])
    assert best == {"number": 1} and test_accuracy == 0.6
    assert list(table["validation_accuracy"]) == [0.5, 0.8, 0.7]
    assert [calls.count(1.0) for calls in asked] == [0, 1, 0]


def test_the_first_of_equals_is_chosen() -> None:
    (best, _, _), _ = search([(5, 9), (8, 6), (8, 10)])
    assert best == {"number": 1}


def test_every_combination_of_a_grid_is_tried() -> None:
    tried = []

    def run(**settings: int) -> Any:
        tried.append(tuple(settings.values()))
        return Guess({0.0: 1, 1.0: 1}, [])

    part_0 = (np.zeros((10, 1)), np.eye(2)[np.zeros(10, dtype=int)])
    _, table, _ = grid_search(run, {"a": [1, 2, 3], "b": [4, 5]}, part_0, part_0)
    assert tried == [(1, 4), (1, 5), (2, 4), (2, 5), (3, 4), (3, 5)]
    assert list(table.columns) == ["a", "b", "validation_accuracy"]


def kept(array: np.ndarray) -> Callable[[], bool]:
    before = array.copy()
    return lambda: bool(np.array_equal(array, before))


def test_nothing_that_is_handed_in_is_reordered() -> None:
    X, T = numbered(12)
    unchanged = [kept(X), kept(T)]
    list(minibatches(X, T, 5, np.random.default_rng(0)))
    split(X, T, (0.5, 0.5), np.random.default_rng(0))
    assert all(same() for same in unchanged)
