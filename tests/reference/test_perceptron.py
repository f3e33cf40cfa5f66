"""The reference perceptron against PyTorch's autograd in float64."""

import itertools

import numpy as np
import pytest

from grader.reference import perceptron

torch = pytest.importorskip("torch")

RELATIVE = 1e-9
SHAPES = [(1, 1), (3, 2), (7, 4), (50, 3)]


def problem(seed, shape):
    rng = np.random.default_rng(seed)
    n, d = shape
    return rng.normal(size=(n, d)), rng.integers(2, size=(n, 1)).astype(float), rng.normal(size=(d + 1, 1))


def torch_loss(X, y, w):
    """The mean loss from logits, which PyTorch keeps stable, and its gradient."""
    weights = torch.tensor(w, requires_grad=True)
    inputs = torch.tensor(np.insert(X, 0, 1.0, axis=1))
    loss = torch.nn.functional.binary_cross_entropy_with_logits(inputs @ weights, torch.tensor(y))
    loss.backward()
    return loss.item(), weights.grad.numpy()


def test_sigmoid_is_that_of_pytorch_from_minus_1000_to_1000():
    z = np.concatenate([np.linspace(-1000, 1000, 2001), np.random.default_rng(0).normal(scale=10, size=500)])
    want = torch.sigmoid(torch.tensor(z)).numpy()
    normal = want > np.finfo(float).tiny  # below it, doubles lose digits
    np.testing.assert_allclose(perceptron.sigmoid(z)[normal], want[normal], rtol=RELATIVE, atol=0)
    assert np.all(perceptron.sigmoid(z)[~normal] <= np.finfo(float).tiny)


def test_sigmoid_keeps_any_shape_and_gives_no_warning():
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        for shape in [(), (2,), (3, 1), (2, 3, 4)]:
            assert perceptron.sigmoid(np.full(shape, -1000.0)).shape == shape


@pytest.mark.parametrize("seed, shape", list(enumerate(SHAPES)))
def test_prediction_and_loss_are_those_of_pytorch(seed, shape):
    X, y, w = problem(seed, shape)
    y_hat = perceptron.predict(X, w)
    linear = torch.tensor(X) @ torch.tensor(w[1:]) + w[0, 0]
    np.testing.assert_allclose(y_hat, torch.sigmoid(linear).numpy(), rtol=RELATIVE)
    assert perceptron.bce_loss(y_hat, y) == pytest.approx(torch_loss(X, y, w)[0], rel=RELATIVE)


@pytest.mark.parametrize("seed, shape", list(enumerate(SHAPES)))
@pytest.mark.parametrize("scale", [1, 30, 1000])
def test_gradient_is_that_of_autograd_for_small_and_for_huge_logits(seed, shape, scale):
    X, y, w = problem(seed, shape)
    want = torch_loss(X, y, scale * w)[1]
    np.testing.assert_allclose(
        perceptron.bce_gradient(X, y, scale * w), want, rtol=RELATIVE, atol=RELATIVE * np.abs(want).max()
    )


def test_gradient_at_logits_of_plus_and_minus_1000():
    X = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    y = np.array([[1.0], [0.0], [0.0], [1.0]])
    w = np.array([[0.0], [1000.0]])
    ours = perceptron.bce_gradient(X, y, w)
    np.testing.assert_allclose(ours, torch_loss(X, y, w)[1], rtol=RELATIVE, atol=1e-15)
    np.testing.assert_allclose(ours, [[0.0], [0.5]], atol=1e-15)


def test_loss_of_sure_predictions_is_zero_when_right_and_large_but_finite_when_wrong():
    y = np.array([[0.0], [1.0], [1.0]])
    assert perceptron.bce_loss(y, y) == pytest.approx(0, abs=1e-11)
    assert perceptron.bce_loss(1 - y, y) == pytest.approx(-np.log(perceptron.CLIP), rel=1e-4)


def test_training_takes_the_steps_that_autograd_takes():
    X, y, _ = problem(5, (20, 3))
    w, history = perceptron.train_perceptron(X, y, lr=0.7, epochs=25)
    theirs = np.zeros((4, 1))
    losses = []
    for _ in range(25):
        loss, gradient = torch_loss(X, y, theirs)
        losses.append(loss)
        theirs = theirs - 0.7 * gradient
    np.testing.assert_allclose(w, theirs, rtol=RELATIVE)
    np.testing.assert_allclose(history, losses, rtol=RELATIVE)
    assert history[0] == pytest.approx(np.log(2))


def test_no_line_on_a_grid_does_better_on_xor_than_the_reference_says():
    X = np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
    y = np.array([0, 1, 1, 0])
    steps = np.linspace(-1, 1, 21)
    best = max(np.mean((X @ np.array(w) > 0) == y) for w in itertools.product(steps, repeat=3))
    assert best == perceptron.best_xor_accuracy()


def test_the_lift_turns_a_circle_into_a_plane():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(200, 2))
    inside = (X[:, 0] - 0.3) ** 2 + (X[:, 1] + 0.2) ** 2 < 1
    Z = perceptron.lift(X)
    assert Z.shape == (200, 3)
    np.testing.assert_array_equal(Z @ np.array([-0.6, 0.4, 1.0]) < 1 - 0.13, inside)
