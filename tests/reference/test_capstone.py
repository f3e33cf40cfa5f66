"""The capstone's filter against SciPy, its matrix against the filter, its recipe on digits nobody trained on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate2d

from byhand import datasets
from byhand.gradients import numerical_gradient, relative_error
from grader.reference.arrays import accuracy, one_hot
from grader.reference.capstone import build_model, filter_matrix, slide_filter, train_model
from grader.reference.losses import SoftmaxCrossEntropy

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
