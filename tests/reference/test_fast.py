"""Training in float32 stays in float32, and the layers that make no new arrays compute what the clear ones do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from grader.reference import fast
from grader.reference.dropout import Dropout, InvertedDropout
from grader.reference.layers import Affine, Layer, LeakyReLU, ReLU, Sigmoid, Tanh, gradient_check
from grader.reference.losses import MeanSquaredError, SigmoidCrossEntropy, SoftmaxCrossEntropy
from grader.reference.network import Network
from grader.reference.normalization import BatchNorm
from grader.reference.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from grader.reference.training import minibatches
from grader.reference.two_layer import (
    TwoLayerNet,
    initial_params,
    sgd_step,
    sigmoid_cross_entropy_head,
    softmax_cross_entropy_head,
    squared_error_head,
)

SINGLE = np.dtype(np.float32)
Arrays = dict[str, np.ndarray]


def single(arrays: Arrays) -> Arrays:
    return {name: array.astype(SINGLE) for name, array in arrays.items()}


def drawn(dtype: Any = SINGLE, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """X (n, 6) and one-hot T (n, 4)."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 6)).astype(dtype), np.eye(4, dtype=dtype)[rng.integers(0, 4, size=n)]


def affine(n_in: int, n_out: int, dtype: Any = SINGLE) -> Affine:
    rng = np.random.default_rng(1)
    return Affine(rng.normal(size=(n_in, n_out)).astype(dtype), rng.normal(size=n_out).astype(dtype))


BENDS: dict[str, Callable[[], Layer]] = {
    "Sigmoid": Sigmoid,
    "Tanh": Tanh,
    "ReLU": ReLU,
    "LeakyReLU": LeakyReLU,
    "Dropout": lambda: Dropout(0.5, np.random.default_rng(2)),
    "InvertedDropout": lambda: InvertedDropout(0.5, np.random.default_rng(2)),
    "BatchNorm": lambda: BatchNorm(5),
}


@pytest.mark.parametrize("optimizer", [SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam])
@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
def test_a_step_in_float32_stays_there_all_the_way(bend: Callable[[], Layer], optimizer: Any) -> None:
    X, T = drawn()
    network, loss = Network([affine(6, 5), bend(), affine(5, 4)]), SoftmaxCrossEntropy()
    for layer in network.layers:
        layer.params = single(layer.params)
    for x, t in minibatches(X, T, 20, np.random.default_rng(3)):
        h = x
        for layer in network.layers:
            h = layer.forward(h)
            assert h.dtype == SINGLE, layer
        loss.forward(h, t)
        dout = loss.backward()
        assert dout.dtype == SINGLE
        for layer in reversed(network.layers):
            dout = layer.backward(dout)
            assert dout.dtype == SINGLE, layer
        step = optimizer(0.1)
        step.update(network.params, network.grads)
        kept = [array for arrays in step._kept.values() for array in arrays.values()]
        assert {a.dtype for a in [*network.params.values(), *network.grads.values(), *kept]} == {SINGLE}


@pytest.mark.parametrize("loss", [MeanSquaredError, SigmoidCrossEntropy, SoftmaxCrossEntropy])
def test_the_gradient_of_a_loss_in_float32_is_in_float32(loss: Any) -> None:
    X, T = drawn()
    made = loss()
    made.forward(X[:, :4], T)
    assert made.backward().dtype == SINGLE


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("head", [squared_error_head, sigmoid_cross_entropy_head, softmax_cross_entropy_head])
def test_the_two_layer_net_in_float32_has_gradients_in_float32(head: Any, activation: str) -> None:
    X, T = drawn()
    net = TwoLayerNet(single(initial_params(6, 5, 4, np.random.default_rng(0))), head, activation)
    assert net.forward(X).dtype == SINGLE
    grads = net.gradients(X, T)
    sgd_step(net.params, grads, 0.1)
    assert {a.dtype for a in [*grads.values(), *net.params.values()]} == {SINGLE}


def trained(
    network: Network, loss: Any, step: Callable[[Network], None], dtype: Any
) -> tuple[list[float], Sequence[np.ndarray]]:
    """The loss of each step over two epochs with a short last batch, then all parameters and the last gradients."""
    X, T = drawn(dtype)
    rng = np.random.default_rng(4)
    found = []
    for _ in range(2):
        for x, t in minibatches(X, T, 16, rng):
            found.append(loss.forward(network.forward(x), t))
            network.backward(loss.backward())
            grads = [gradient.copy() for gradient in network.grads.values()]
            step(network)
    return found, [*network.params.values(), *grads]


def updating(optimizer: Any) -> Callable[[Network], None]:
    return lambda network: optimizer.update(network.params, network.grads)


@pytest.mark.parametrize("how", [updating, lambda optimizer: optimizer.step], ids=["update", "step"])
@pytest.mark.parametrize("scale", [1, 0.1, 0.01])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_reused_arrays_train_like_new_ones(dtype: Any, rtol: float, scale: float, how: Any) -> None:
    """Whether the learning rate multiplies every gradient, the loss, or both."""

    def network() -> Network:
        first, *others, last = (affine(*sizes, dtype) for sizes in [(6, 5), (5, 5), (5, 5), (5, 4)])
        return Network([first, ReLU(), others[0], Tanh(), others[1], Tanh(), ReLU(), last])

    clear, kept = network(), fast.without_new_arrays(network())
    wanted_types = [fast.Affine, fast.ReLU, fast.Affine, Tanh, fast.Affine, Tanh, ReLU, fast.Affine]
    assert [type(layer) for layer in kept.layers] == wanted_types
    wanted = trained(clear, SoftmaxCrossEntropy(), updating(SGD(0.1)), dtype)
    got = trained(kept, fast.SoftmaxCrossEntropy(scale), how(fast.SGD(0.1 / scale)), dtype)
    np.testing.assert_allclose(got[0], wanted[0], rtol=rtol)
    for gradient in got[1][len(kept.params) :]:
        gradient /= scale
    for ours, theirs in zip(got[1], wanted[1], strict=True):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol / 10)


def test_the_network_given_is_left_as_it_was() -> None:
    X, T = drawn()
    network = Network([affine(6, 5), ReLU(), affine(5, 4)])
    before = {name: array.copy() for name, array in network.params.items()}
    reusing, loss = fast.without_new_arrays(network), fast.SoftmaxCrossEntropy()
    loss.forward(reusing.forward(X), T)
    reusing.backward(loss.backward())
    fast.SGD(0.1).update(reusing.params, reusing.grads)
    for name, array in before.items():
        np.testing.assert_array_equal(network.params[name], array)
        assert not np.array_equal(reusing.params[name], array)


def test_every_array_that_is_written_again_and_again_begins_where_a_line_of_memory_does() -> None:
    X, _ = drawn()
    layer = fast.Affine(*affine(6, 5).params.values())
    layer.backward(layer.forward(X))
    arrays = [*layer.params.values(), *layer.grads.values(), layer._y, layer._ones, layer._dx]
    assert len(arrays) == 7
    assert [array.ctypes.data % fast.LINE for array in arrays] == [0] * 7


def test_data_that_meet_a_relu_first_are_left_as_they_were() -> None:
    X, _ = drawn()
    before = X.copy()
    fast.without_new_arrays(Network([ReLU(), affine(6, 4)])).forward(X)
    np.testing.assert_array_equal(X, before)


def test_reused_arrays_are_made_once_and_again_for_another_shape() -> None:
    X, _ = drawn()
    layer = fast.Affine(*affine(6, 5).params.values())
    first = layer.forward(X[:16])
    assert layer.forward(X[16:32]) is first
    assert layer.forward(X[:3]).shape == (3, 5)
    assert layer.forward(X[:16]).shape == (16, 5)


@pytest.mark.parametrize("layer", [fast.Affine(*affine(3, 2, float).params.values()), fast.ReLU()])
def test_layers_that_reuse_their_arrays_pass_the_gradient_check(layer: Layer) -> None:
    rng = np.random.default_rng(0)

    class Copying(Layer):
        """Takes and hands out copies: the check keeps all arrays over calls."""

        def __init__(self) -> None:
            super().__init__()
            self.params = layer.params

        def forward(self, x: Any) -> Any:
            return layer.forward(x.copy()).copy()

        def backward(self, dout: Any) -> Any:
            dx = layer.backward(dout.copy()).copy()
            self.grads = {name: array.copy() for name, array in layer.grads.items()}
            return dx

    assert max(gradient_check(Copying(), rng.normal(size=(4, 3)), rng).values()) < 1e-6


def test_the_first_affine_layer_hands_nothing_back() -> None:
    X, _ = drawn()
    network = fast.without_new_arrays(Network([affine(6, 5), ReLU(), affine(5, 4)]))
    dx = network.backward(np.ones_like(network.forward(X)))
    assert dx.size == 0


def test_a_large_score_costs_its_score_when_turned_over_as_well() -> None:
    scores, T = np.array([[1000.0, 0.0], [0.0, -1000.0]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    loss = fast.SoftmaxCrossEntropy()
    assert loss.forward(scores, T) == 1000.0
    np.testing.assert_allclose(loss.backward(), [[0.5, -0.5], [0.5, -0.5]])
    np.testing.assert_array_equal(scores, [[1000.0, 0.0], [0.0, -1000.0]])


def test_a_last_layer_that_needs_its_output_to_go_back_still_has_it() -> None:
    X, T = drawn(np.float64)
    clear = Network([affine(6, 4, float), Tanh()])
    kept = fast.without_new_arrays(Network([affine(6, 4, float), Tanh()]))
    for network, loss in [(clear, SoftmaxCrossEntropy()), (kept, fast.SoftmaxCrossEntropy())]:
        loss.forward(network.forward(X), T)
        network.backward(loss.backward())
    np.testing.assert_allclose(kept.grads["W1"], clear.grads["W1"], rtol=1e-12)


def test_scores_of_another_type_get_arrays_of_that_type() -> None:
    """A loss in single precision would be 1e-8 off, and nothing would say so."""
    X, T = drawn(np.float64)
    loss, clear = fast.SoftmaxCrossEntropy(), SoftmaxCrossEntropy()
    loss.forward(X[:, :4].astype(SINGLE), T.astype(SINGLE))
    wanted = clear.forward(X[:, :4], T)
    np.testing.assert_allclose(loss.forward(X[:, :4].copy(), T), wanted, rtol=1e-14)
    np.testing.assert_allclose(loss.backward(), clear.backward(), rtol=1e-12)


def test_a_step_moves_a_layer_of_the_clear_ones_as_well_and_exchanges_its_arrays() -> None:
    rng = np.random.default_rng(0)
    network = Network([affine(6, 5, float), BatchNorm(5), affine(5, 4, float)])
    network.backward(np.ones_like(network.forward(rng.normal(size=(8, 6)))))
    before, grads = network.params, network.grads
    wanted = {name: before[name] - 0.1 * grads[name] for name in before}
    fast.SGD(0.1).step(network)
    assert list(network.params) == list(before)
    for name, array in network.params.items():
        np.testing.assert_allclose(array, wanted[name], rtol=1e-12)
        assert array is grads[name]
        assert network.grads[name] is before[name]


def test_the_last_layers_scores_stand_class_after_class_in_memory() -> None:
    X, _ = drawn()
    network = fast.without_new_arrays(Network([affine(6, 5), ReLU(), affine(5, 4)]))
    assert network.forward(X).T.flags.c_contiguous
    assert network.layers[0].forward(X).flags.c_contiguous


def test_the_slope_at_the_kink_is_0_with_reused_arrays_as_well() -> None:
    bend = fast.ReLU()
    bend.forward(np.array([[0.0, -0.0]]))
    np.testing.assert_array_equal(bend.backward(np.array([[1.0, 2.0]])), [[0.0, 0.0]])
