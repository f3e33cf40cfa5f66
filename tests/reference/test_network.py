"""Networks of the course against PyTorch's, in float64, and what is read off them against its definition."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from grader.reference.layers import Affine, Layer, LeakyReLU, ReLU, Sigmoid, gradient_check
from grader.reference.losses import SoftmaxCrossEntropy
from grader.reference.network import Network, dead_units, gradient_norms, mlp, train_epoch, update_ratios

torch = pytest.importorskip("torch")

SIZES = (5, 7, 3, 6, 4)
BENDS = {
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "leaky_relu": lambda: torch.nn.LeakyReLU(0.1),
}


def twin(network: Network, activation: str) -> Any:
    """The same network in PyTorch, with copies of the parameters."""
    modules: list[Any] = []
    for k, (n_in, n_out) in enumerate(pairwise(SIZES), start=1):
        affine = torch.nn.Linear(n_in, n_out, dtype=torch.float64)
        affine.weight.data = torch.tensor(network.params[f"W{k}"].T.copy())
        affine.bias.data = torch.tensor(network.params[f"b{k}"].copy())
        modules += [affine, BENDS[activation]()]
    return torch.nn.Sequential(*modules[:-1])


def drawn(activation: str, seed: int) -> tuple[Network, np.ndarray, np.ndarray]:
    """A network with weights of order 1 and biases that are not 0, X (9, 5) and T (9, 4)."""
    rng = np.random.default_rng(seed)
    network = mlp(SIZES, activation, rng, scale=0.7)
    for array in network.params.values():
        array += 0.1 * rng.normal(size=array.shape)
    return network, rng.normal(size=(9, SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], size=9)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("activation", BENDS)
def test_scores_and_all_gradients_agree_with_autograd(activation: str, seed: int) -> None:
    network, X, T = drawn(activation, seed)
    other, loss = twin(network, activation), SoftmaxCrossEntropy()
    E = loss.forward(network.forward(X), T)
    dX = network.backward(loss.backward())

    x = torch.tensor(X, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(other(x), torch.tensor(T))
    expected.backward()
    np.testing.assert_allclose(E, expected.item(), rtol=1e-9)
    np.testing.assert_allclose(dX, x.grad.numpy(), rtol=1e-9, atol=1e-14)
    for k, affine in enumerate(other[::2], start=1):
        np.testing.assert_allclose(network.grads[f"W{k}"], affine.weight.grad.numpy().T, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(network.grads[f"b{k}"], affine.bias.grad.numpy(), rtol=1e-9, atol=1e-14)
    norms = [affine.weight.grad.norm().item() for affine in other[::2]]
    np.testing.assert_allclose(list(gradient_norms(network).values()), norms, rtol=1e-9)


@pytest.mark.parametrize("activation", BENDS)
def test_two_epochs_of_full_batches_are_two_steps_of_sgd_in_pytorch(activation: str) -> None:
    network, X, T = drawn(activation, 4)
    other = twin(network, activation)
    optimizer = torch.optim.SGD(other.parameters(), lr=0.4)
    for epoch in range(2):
        train_epoch(network, SoftmaxCrossEntropy(), X, T, 0.4, len(X), np.random.default_rng(epoch))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(other(torch.tensor(X)), torch.tensor(T)).backward()
        optimizer.step()
    for k, affine in enumerate(other[::2], start=1):
        np.testing.assert_allclose(network.params[f"W{k}"], affine.weight.detach().numpy().T, rtol=1e-9)
        np.testing.assert_allclose(network.params[f"b{k}"], affine.bias.detach().numpy(), rtol=1e-9)


def test_an_epoch_takes_every_batch_in_training_mode() -> None:
    network, X, T = drawn("relu", 5)
    seen: list[tuple[int, bool]] = []

    class Spy(Layer):
        def forward(self, x: Any) -> Any:
            seen.append((len(x), self.training))
            return x

        def backward(self, dout: Any) -> Any:
            return dout

    network.layers.insert(0, Spy())
    network.eval()
    train_epoch(network, SoftmaxCrossEntropy(), X, T, 0.1, 4, np.random.default_rng(0))
    assert seen == [(4, True), (4, True), (1, True)]


def test_parameters_are_named_and_ordered_by_their_layers() -> None:
    network, X, T = drawn("tanh", 0)
    assert list(network.params) == ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"]
    loss = SoftmaxCrossEntropy()
    loss.forward(network.forward(X), T)
    network.backward(loss.backward())
    assert list(network.grads) == list(network.params)
    assert all(network.grads[name].shape == array.shape for name, array in network.params.items())
    assert list(gradient_norms(network)) == ["W1", "W2", "W3", "W4"]


def test_a_step_in_place_on_params_changes_the_layers() -> None:
    network, X, _ = drawn("tanh", 1)
    before = network.forward(X)
    for array in network.params.values():
        array += 0.5
    assert np.abs(network.forward(X) - before).max() > 0.1


def test_a_network_passes_the_gradient_check_as_one_layer() -> None:
    network, X, _ = drawn("tanh", 2)
    errors = gradient_check(network, X, np.random.default_rng(0))  # type: ignore[arg-type]
    assert set(errors) == {"x", *network.params}
    assert max(errors.values()) < 1e-6


class Doubling(Layer):
    """Twice its input in training mode."""

    def forward(self, x: Any) -> Any:
        return 2 * x if self.training else x


def test_predict_is_in_inference_mode_and_restores_each_layers_own() -> None:
    network = Network([Doubling(), Doubling(), Doubling()])
    x = np.array([[1.0, -2.0]])
    network.layers[1].training = False
    np.testing.assert_array_equal(network.predict(x), x)
    assert [layer.training for layer in network.layers] == [True, False, True]
    np.testing.assert_array_equal(network.forward(x), 4 * x)
    network.train()
    np.testing.assert_array_equal(network.forward(x), 8 * x)
    network.eval()
    np.testing.assert_array_equal(network.forward(x), x)


@pytest.mark.parametrize("activation", BENDS)
def test_an_mlp_has_a_bend_of_its_own_between_each_two_affine_layers(activation: str) -> None:
    network = mlp((3, 3, 3, 3), activation, np.random.default_rng(0))
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Affine", kinds[1], "Affine", kinds[1], "Affine"]
    assert len({id(layer) for layer in network.layers}) == 5


def test_an_mlp_draws_fresh_weights_of_the_asked_scale_and_no_biases() -> None:
    network = mlp((200, 200, 200), "relu", np.random.default_rng(0), scale=0.3)
    W1, b1, W2, b2 = network.params.values()
    assert not b1.any() and not b2.any()
    assert abs(np.corrcoef(W1.ravel(), W2.ravel())[0, 1]) < 0.03
    # 40,000 draws: the standard error of their standard deviation is 0.3 / √80,000 = 0.001
    np.testing.assert_allclose([W1.std(), W2.std()], 0.3, atol=0.006)
    np.testing.assert_array_equal(W1, np.random.default_rng(0).normal(0, 0.3, (200, 200)))
    with pytest.raises(KeyError):
        mlp((2, 2, 2), "step", np.random.default_rng(0))


def test_a_unit_is_dead_if_no_row_switches_it_on() -> None:
    W = np.array([[1.0, -1.0, 1.0, 0.0]])
    first = Affine(W, np.array([0.0, 0.0, -9.0, 0.0]))  # on for x > 0, for x < 0, for x > 9, never
    second = Affine(np.array([[1.0, -1.0], [1.0, -1.0], [0, 0], [0, 0]]), np.zeros(2))  # always on; never
    network = Network([first, ReLU(), second, ReLU(), Affine(np.eye(2), np.zeros(2))])
    assert dead_units(network, np.array([[2.0], [-3.0]])) == [0.5, 0.5]
    assert dead_units(network, np.array([[2.0]])) == [0.75, 0.5]
    assert dead_units(network, np.array([[2.0], [-3.0], [10.0]])) == [0.25, 0.5]


def test_only_a_relu_can_have_dead_units() -> None:
    silent = Affine(np.zeros((2, 3)), -np.ones(3))
    for bend in (Sigmoid(), LeakyReLU()):
        assert dead_units(Network([silent, bend, Affine(np.zeros((3, 2)), np.zeros(2))]), np.ones((4, 2))) == []


def test_the_update_ratio_is_the_length_of_the_step_over_that_of_the_weights() -> None:
    before = {"W1": np.array([[3.0, 4.0]]), "b1": np.zeros(2), "W2": np.array([[-1.0], [2.0], [2.0]])}
    after = {"W1": np.array([[3.0, 4.5]]), "b1": np.ones(2), "W2": np.array([[-1.0], [2.3], [1.6]])}
    ratios = update_ratios(before, after)
    assert list(ratios) == ["W1", "W2"]
    np.testing.assert_allclose(list(ratios.values()), [0.1, 0.5 / 3], rtol=1e-12)
