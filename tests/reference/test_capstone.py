"""The capstone's filter against SciPy, its matrix against the filter, its recipe on digits nobody trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d

from byhand import datasets
from byhand.contracts import capstone as contracts
from byhand.gradients import numerical_gradient, relative_error
from byhand.outcome import call
from grader.reference.arrays import accuracy, one_hot
from grader.reference.capstone import build_model, filter_matrix, slide_filter, train_model
from grader.reference.initialization import initialize
from grader.reference.layers import Affine, ReLU
from grader.reference.losses import SoftmaxCrossEntropy
from grader.reference.network import Network

SHAPES = [((5, 7), (3, 3)), ((6, 4), (2, 3)), ((8, 8), (1, 4)), ((4, 5), (4, 5)), ((3, 6), (1, 1))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("shape", "size"), SHAPES)
def test_a_slid_filter_is_scipys_valid_correlation(shape: tuple[int, int], size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    image, theta = rng.normal(size=shape), rng.normal(size=size)
    np.testing.assert_allclose(
        slide_filter(image, theta), correlate2d(image, theta, mode="valid"), rtol=1e-12, atol=1e-13
    )


@pytest.mark.parametrize(("shape", "size"), SHAPES)
def test_the_matrix_does_to_any_image_what_the_filter_does(shape: tuple[int, int], size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    theta, images = rng.normal(size=size), rng.normal(size=(4, *shape))
    slid = [correlate2d(image, theta, mode="valid").ravel() for image in images]
    np.testing.assert_allclose(images.reshape(4, -1) @ filter_matrix(theta, shape), slid, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("shape", "size"), SHAPES)
def test_each_column_of_the_matrix_holds_the_filters_numbers_and_zeros(
    shape: tuple[int, int], size: tuple[int, int]
) -> None:
    theta = np.random.default_rng(2).uniform(1, 2, size=size)
    M = filter_matrix(theta, shape)
    assert M.shape == (shape[0] * shape[1], (shape[0] - size[0] + 1) * (shape[1] - size[1] + 1))
    for column in M.T:
        np.testing.assert_array_equal(np.sort(column[column != 0]), np.sort(theta.ravel()))


def test_a_shifted_image_gives_the_same_answers_shifted() -> None:
    rng = np.random.default_rng(3)
    image, theta = np.zeros((7, 8)), rng.normal(size=(3, 2))
    image[1:5, 1:5] = rng.normal(size=(4, 4))
    there = slide_filter(np.roll(image, (1, 2), axis=(0, 1)), theta)
    np.testing.assert_array_equal(there[1:, 2:], slide_filter(image, theta)[:-1, :-2])


def test_a_new_model_is_as_good_as_a_guess_and_passes_the_numerical_derivative() -> None:
    rng = np.random.default_rng(4)
    X, T = rng.random((12, 6)), one_hot(rng.integers(0, 3, 12), 3)
    network, loss = build_model(rng, (6, 5, 4, 3), p=0.0), SoftmaxCrossEntropy()
    assert abs(loss.forward(network.forward(X), T) - np.log(3)) < 1
    network.backward(loss.backward())
    grads = network.grads
    for name, array in network.params.items():
        measured = numerical_gradient(lambda _: loss.forward(network.forward(X), T), array)
        if name in ("b1", "b3"):  # batch norm takes the mean off again, so these two move nothing
            np.testing.assert_allclose(grads[name], 0, atol=1e-12)
        else:
            assert relative_error(grads[name], measured) < 1e-5, name


def test_one_seed_gives_one_network_and_the_training_data_stay_as_they_were() -> None:
    X, labels = datasets.digits()
    X, T = X[:60].copy(), one_hot(labels[:60], 10)
    before = X.copy(), T.copy()
    a, b, c = (train_model(X, T, np.random.default_rng(seed), epochs=2).params for seed in (5, 5, 6))
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert not np.array_equal(a["W1"], c["W1"])
    assert np.array_equal(X, before[0]) and np.array_equal(T, before[1])


def test_a_trained_model_answers_each_digit_alone_as_among_others_and_the_same_twice() -> None:
    X, labels = datasets.digits()
    network = train_model(X[:200], one_hot(labels[:200], 10), np.random.default_rng(7), epochs=3)
    together = network.predict(X[200:230])
    np.testing.assert_array_equal(together, network.predict(X[200:230]))
    np.testing.assert_allclose(together[4:5], network.predict(X[204:205]), rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_recipe_reads_19_of_20_digits_that_it_never_saw(seed: int) -> None:
    X, labels = datasets.digits()
    T, order = one_hot(labels, 10), np.random.default_rng(seed).permutation(len(X))
    learnt, unseen = order[:1000], order[1000:]
    network = train_model(X[learnt], T[learnt], np.random.default_rng(seed))
    assert accuracy(network.predict(X[unseen]), T[unseen]) >= 0.95


def _split() -> dict[str, Any]:
    X, labels = datasets.digits()
    ink = np.rint(16 * X).astype(np.uint8)
    parts = {"ink": ink[:400], "labels": labels[:400], "ink_test": ink[400:500], "labels_test": labels[400:500]}
    return {**parts, "seed": 3}


def _found(train: Callable[..., Any]) -> dict[str, Any]:
    """What the contract makes of a `train_model`."""
    contract, inputs = contracts.train_model, _split()
    outcome = call(contract, {"train_model": train}, inputs)
    assert outcome.failure is None and contract.properties is not None
    return contract.properties(outcome.outputs, inputs)


class Batchwise(Network):
    """Standardises whatever batch it is handed."""

    def predict(self, x: Any) -> Any:
        return super().predict((x - x.mean(axis=0)) / (x.std(axis=0) + 0.1))


def test_a_network_that_needs_the_other_test_images_is_found_out() -> None:
    def train(X: Any, T: Any, rng: np.random.Generator) -> Network:
        X = (X - X.mean(axis=0)) / (X.std(axis=0) + 0.1)
        return Batchwise(train_model(X, T, rng, epochs=5).layers)

    found = _found(train)
    assert found["predict"] == "depends on the other images"
    assert found["reads_80"] < 0.5


def test_a_training_that_every_seed_leaves_the_same_is_found_out() -> None:
    found = _found(lambda X, T, rng: train_model(X, T, np.random.default_rng(0), epochs=5))
    assert found["rng"] == "has no say: two seeds give one network"
    assert found["predict"] == "as it should be"


def test_a_training_that_takes_too_long_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 9))
    monkeypatch.setattr(contracts, "perf_counter", lambda: next(clock))
    outcome = call(contracts.train_model, {"train_model": lambda X, T, rng: build_model(rng)}, _split())
    assert outcome.failure is not None and outcome.failure.message.startswith("`train_model` has taken 9 s")


def test_a_list_a_class_and_a_size_get_a_sentence_of_their_own() -> None:
    def said(contract: Any, function: Callable[..., Any], **inputs: Any) -> str:
        failure = call(contract, {contract.objects[0]: function}, inputs).failure
        assert failure is not None
        return failure.message

    images = {"image": np.ones((3, 3)), "theta": np.ones((2, 2)), "oblong": np.ones((1, 2))}
    assert "returned a list" in said(contracts.slide_filter, lambda *_: [[4.0, 4.0], [4.0, 4.0]], **images)
    model = {name: _split()[name] for name in ("ink", "labels", "seed")}
    W, b = initialize(64, 10, "he", np.random.default_rng(0)), np.zeros(10)
    assert "`ReLU` itself" in said(contracts.build_model, lambda _: Network([ReLU, Affine(W, b)]), **model)  # type: ignore[list-item]
    assert "sizes or arrays" in said(contracts.build_model, lambda _: Network([Affine(64, 10)]), **model)  # type: ignore[arg-type]
