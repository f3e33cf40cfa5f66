"""The array functions of the first notebook against PyTorch in float64, exact arithmetic and printed answers."""

from fractions import Fraction

import numpy as np
import pytest

from byhand.contracts import start_here
from byhand.outcome import call
from grader.reference.arrays import accuracy, affine, collapse, one_hot, pairwise_sq_dist, standardize

torch = pytest.importorskip("torch")

RELATIVE = 1e-9
SHAPES = [(3, 2, 4), (7, 5, 1), (1, 4, 3), (40, 64, 10)]
seeds = pytest.mark.parametrize("seed", range(3))
shapes = pytest.mark.parametrize("shape", SHAPES)


def normal(seed, *sizes):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=size) for size in sizes]


def assert_same(ours, theirs, atol=1e-13):
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=RELATIVE, atol=atol)


@seeds
@shapes
def test_affine_is_the_linear_layer_of_pytorch_with_its_weights_turned_over(shape, seed):
    n, d, h = shape
    X, W, b = normal(seed, (n, d), (d, h), h)
    theirs = torch.nn.functional.linear(torch.tensor(X), torch.tensor(W.T.copy()), torch.tensor(b))
    assert_same(affine(X, W, b), theirs)


def test_affine_by_hand():
    Y = affine(np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]), np.array([10, 0, 1]))
    np.testing.assert_array_equal(Y, [[11, 2, 1], [13, 0, 7]])


@seeds
def test_one_hot_is_that_of_pytorch_also_where_a_class_does_not_occur(seed):
    labels = np.random.default_rng(seed).integers(0, 4, size=9)
    np.testing.assert_array_equal(
        one_hot(labels, 6), torch.nn.functional.one_hot(torch.tensor(labels), num_classes=6).numpy()
    )
    assert one_hot(labels, 6).dtype == np.float64


@pytest.mark.parametrize("label", [-1, 3])
def test_one_hot_refuses_a_label_outside_the_classes(label):
    with pytest.raises(IndexError):
        one_hot(np.array([0, label]), 3)


@seeds
def test_standardize_is_the_batch_norm_of_pytorch_with_a_vanishing_epsilon(seed):
    (X,) = normal(seed, (30, 4))
    X = X * [0.01, 1, 5, 300] + [0, -3, 10, 1000]
    theirs = torch.nn.functional.batch_norm(torch.tensor(X), None, None, training=True, eps=1e-20)
    assert_same(standardize(X), theirs, atol=1e-11)


def test_standardize_by_hand_with_two_constant_columns_one_of_which_has_a_standard_deviation_of_rounding():
    X = np.array([[1.0, 2.0, 0.1], [2.0, 2.0, 0.1], [3.0, 2.0, 0.1]])
    assert 0 < X.std(axis=0)[2] < 1e-16
    with np.errstate(all="raise"):
        Z = standardize(X)
    np.testing.assert_allclose(Z[:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)], rtol=1e-15)
    np.testing.assert_array_equal(Z[:, 1:], 0)


@seeds
def test_standardize_agrees_with_exact_fractions(seed):
    X = np.random.default_rng(seed).integers(-20, 20, size=(6, 3)) / 8
    for j, column in enumerate(X.T):
        exact = [Fraction(value) for value in column]
        mean = sum(exact) / len(exact)
        variance = sum((value - mean) ** 2 for value in exact) / len(exact)
        want = [float(value - mean) / float(variance) ** 0.5 for value in exact]
        np.testing.assert_allclose(standardize(X)[:, j], want, rtol=1e-13, atol=1e-14)


def test_standardize_leaves_its_input_as_it_was():
    (X,) = normal(0, (5, 3))
    before = X.copy()
    standardize(X)
    np.testing.assert_array_equal(X, before)


@seeds
def test_accuracy_counts_the_rows_that_pytorch_would_count(seed):
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(size=(50, 7)), rng.integers(0, 7, size=50)
    right = (torch.tensor(scores).max(dim=1).indices == torch.tensor(labels)).double().mean()
    assert accuracy(scores, np.eye(7)[labels]) == right.item()


def test_accuracy_by_hand():
    scores = np.array([[0.1, 0.7, 0.2], [5.0, 3.0, 1.0], [-1.0, -3.0, -2.0], [0.0, 1.0, 4.0]])
    assert accuracy(scores, np.eye(3)[[1, 0, 2, 2]]) == 0.75
    assert type(accuracy(scores, np.eye(3)[[1, 0, 2, 2]])) is float


@seeds
@shapes
def test_distances_are_those_of_pytorch(shape, seed):
    n, d, m = shape
    A, B = normal(seed, (n, d), (m, d))
    theirs = torch.cdist(torch.tensor(A), torch.tensor(B), compute_mode="donot_use_mm_for_euclid_dist") ** 2
    assert_same(pairwise_sq_dist(A, B), theirs, atol=1e-12)


def test_distances_by_hand():
    A, B = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [3.0, 4.0], [6.0, 8.0]])
    np.testing.assert_array_equal(pairwise_sq_dist(A, B), [[1, 25, 100], [18, 0, 25]])


def test_distances_are_never_below_zero_where_the_formula_alone_is():
    A = np.random.default_rng(0).uniform(900, 1100, size=(60, 3))
    B = A + 1e-8
    formula = np.sum(A**2, axis=1)[:, None] + np.sum(B**2, axis=1) - 2 * A @ B.T
    assert formula.min() < 0
    assert pairwise_sq_dist(A, B).min() >= 0


@seeds
@shapes
def test_two_affine_layers_are_the_one_to_which_they_collapse(shape, seed):
    d, h, k = shape
    X, W1, b1, W2, b2 = normal(seed, (6, d), (d, h), h, (h, k), k)
    two = torch.nn.Sequential(torch.nn.Linear(d, h), torch.nn.Linear(h, k)).double()
    for layer, W, b in [(two[0], W1, b1), (two[1], W2, b2)]:
        layer.weight.data, layer.bias.data = torch.tensor(W.T.copy()), torch.tensor(b)
    W, b = collapse(W1, b1, W2, b2)
    assert W.shape == (d, k) and b.shape == (k,)
    assert_same(affine(X, W, b), two(torch.tensor(X)).detach(), atol=1e-12)


def test_collapse_by_hand():
    W1, b1 = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]]), np.array([1.0, -1.0])
    W, b = collapse(W1, b1, np.array([[2.0], [5.0]]), np.array([10.0]))
    np.testing.assert_array_equal(W, [[12], [5], [6]])
    np.testing.assert_array_equal(b, [7])


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2, b2), "a tuple of 3 things came back"),
        (lambda W1, b1, W2, b2: W1 @ W2, "one array of shape (3, 2) came back"),
        (lambda W1, b1, W2, b2: (b1 @ W2 + b2, W1 @ W2), "are they exchanged?"),
    ],
)
def test_two_results_that_are_not_w_and_then_b_are_told_what_came_back(returned, said):
    W1, b1, W2, b2 = normal(0, (3, 4), 4, (4, 2), 2)
    outcome = call(start_here.collapse, {"collapse": returned}, {"W1": W1, "b1": b1, "W2": W2, "b2": b2})
    assert not outcome.outputs
    assert said in outcome.failure.message


def test_a_guard_that_changes_distances_that_were_right_is_no_guard():
    far = np.vstack([1000 + 1e-8 * np.arange(90).reshape(30, 3), [[0, 0, 0], [0.03, -0.04, 0]]])

    def verdict(near):
        return start_here.pairwise_sq_dist.properties({"sq_dist": 0, "near": near}, {"far": far})["near_neighbours"]

    true = np.sum((far[:, None] - (far + 1e-8)) ** 2, axis=2)
    right = "32 × 32 distances, none below 0"
    assert verdict(true) == right
    assert verdict(pairwise_sq_dist(far, far + 1e-8)) == right
    assert verdict(np.where(true < 0.01, 0, true)) == "none below 0, but 0 for points that lie apart"
    assert verdict(true + 1e-9) == "none below 0, but others were changed that were right"
    assert verdict(true - 1e-9) == "distances below 0"
    assert verdict(true[0]) == "an array of shape (32,)"
