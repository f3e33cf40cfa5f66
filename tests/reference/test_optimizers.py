"""The optimizers and schedules of the course against PyTorch's, in float64, on the same gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from byhand.contracts import optimizers as contracts
from byhand.outcome import call
from grader.exercises import optimizers as exercises
from grader.reference.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    Nesterov,
    RMSProp,
    cosine,
    ema_to_classic,
    step_decay,
)

torch = pytest.importorskip("torch")

SHAPES = {"W1": (3, 4), "b1": (4,), "W2": (3, 4), "b2": (2,)}
STEPS = 10
Arrays = dict[str, np.ndarray]

PAIRS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "SGD": (lambda: SGD(0.3), lambda p: torch.optim.SGD(p, lr=0.3)),
    "Momentum": (lambda: Momentum(0.3, 0.8), lambda p: torch.optim.SGD(p, lr=0.3, momentum=0.8)),
    "Nesterov": (lambda: Nesterov(0.3, 0.8), lambda p: torch.optim.SGD(p, lr=0.3, momentum=0.8, nesterov=True)),
    "AdaGrad": (lambda: AdaGrad(0.3), lambda p: torch.optim.Adagrad(p, lr=0.3, eps=1e-8)),
    "AdaGrad, ε 0.1": (lambda: AdaGrad(0.3, 0.1), lambda p: torch.optim.Adagrad(p, lr=0.3, eps=0.1)),
    "RMSProp": (lambda: RMSProp(0.3, 0.7), lambda p: torch.optim.RMSprop(p, lr=0.3, alpha=0.7, eps=1e-8)),
    "RMSProp, ε 0.1": (lambda: RMSProp(0.3, 0.7, 0.1), lambda p: torch.optim.RMSprop(p, lr=0.3, alpha=0.7, eps=0.1)),
    "Adam, as published": (lambda: Adam(), lambda p: torch.optim.Adam(p)),
    "Adam": (lambda: Adam(0.3, 0.8, 0.95), lambda p: torch.optim.Adam(p, lr=0.3, betas=(0.8, 0.95))),
    "Adam, ε 0.1": (
        lambda: Adam(0.3, 0.8, 0.95, 0.1),
        lambda p: torch.optim.Adam(p, lr=0.3, betas=(0.8, 0.95), eps=0.1),
    ),
}
every_pair = pytest.mark.parametrize(("ours", "theirs"), PAIRS.values(), ids=PAIRS)
every_kind = pytest.mark.parametrize("make", [ours for ours, _ in PAIRS.values()], ids=PAIRS)


def drawn(rng: np.random.Generator) -> Arrays:
    return {name: rng.normal(size=shape) for name, shape in SHAPES.items()}


def theirs_step_by_step(make: Callable[[Any], Any], start: Arrays, gradients: list[Arrays]) -> Iterator[Arrays]:
    """PyTorch's parameters after each step."""
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in start.items()}
    optimizer = make(list(tensors.values()))
    for grads in gradients:
        for name, value in tensors.items():
            value.grad = torch.tensor(grads[name])
        optimizer.step()
        yield {name: value.detach().numpy().copy() for name, value in tensors.items()}


@pytest.mark.parametrize("seed", range(3))
@every_pair
def test_ten_steps_agree_with_pytorch_after_each_of_them(
    ours: Callable[[], Any], theirs: Callable[[Any], Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    params, gradients = drawn(rng), [drawn(rng) for _ in range(STEPS)]
    optimizer = ours()
    for grads, expected in zip(gradients, list(theirs_step_by_step(theirs, params, gradients)), strict=True):
        optimizer.update(params, grads)
        for name, value in params.items():
            np.testing.assert_allclose(value, expected[name], rtol=1e-9, atol=1e-12)


def test_momentum_is_the_printed_formula() -> None:
    rng = np.random.default_rng(0)
    params = drawn(rng)
    theta, v = params["W1"].copy(), np.zeros((3, 4))
    optimizer = Momentum(0.2, 0.9)
    for lr in [0.2] * 5 + [0.05] * 5:
        grads = drawn(rng)
        optimizer.lr = lr
        optimizer.update(params, grads)
        v = 0.9 * v - lr * grads["W1"]
        theta = theta + v
        np.testing.assert_allclose(params["W1"], theta, rtol=1e-12)


def test_momentum_under_a_changing_rate_is_pytorchs_with_rescaled_memory() -> None:
    """Ours keeps v, PyTorch keeps u = -v / λ: when λ changes, u has to be rescaled to stay the same v."""
    rng = np.random.default_rng(1)
    start, gradients = drawn(rng), [drawn(rng) for _ in range(STEPS)]
    params = {name: value.copy() for name, value in start.items()}
    ours = Momentum(0.2, 0.9)
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in start.items()}
    theirs = torch.optim.SGD(list(tensors.values()), lr=0.2, momentum=0.9)
    for step, grads in enumerate(gradients):
        if step == 5:
            ours.lr = 0.05
            theirs.param_groups[0]["lr"] = 0.05
            for value in tensors.values():
                theirs.state[value]["momentum_buffer"] *= 0.2 / 0.05
        for name, value in tensors.items():
            value.grad = torch.tensor(grads[name])
        theirs.step()
        ours.update(params, grads)
    for name, value in params.items():
        np.testing.assert_allclose(value, tensors[name].detach().numpy(), rtol=1e-9, atol=1e-12)


@every_pair
def test_a_rate_changed_between_two_updates_acts_at_once(ours: Callable[[], Any], theirs: Callable[[Any], Any]) -> None:
    rng = np.random.default_rng(2)
    before, grads = drawn(rng), drawn(rng)
    moved = []
    for lr in (1.0, 0.25):
        params, optimizer = {name: value.copy() for name, value in before.items()}, ours()
        optimizer.lr = lr
        optimizer.update(params, grads)
        moved.append(params["W1"] - before["W1"])
    np.testing.assert_allclose(moved[0], 4 * moved[1], rtol=1e-9)


@every_kind
def test_arrays_are_changed_in_place_and_gradients_are_left_alone(make: Callable[[], Any]) -> None:
    rng = np.random.default_rng(3)
    params, grads = drawn(rng), drawn(rng)
    arrays = dict(params)
    before = {name: (params[name].copy(), grads[name].copy()) for name in SHAPES}
    make().update(params, grads)
    for name, (theta, g) in before.items():
        assert params[name] is arrays[name]
        assert not np.any(arrays[name] == theta)
        np.testing.assert_array_equal(grads[name], g)


@every_kind
def test_what_is_kept_belongs_to_the_name_not_to_the_array_nor_to_its_place(make: Callable[[], Any]) -> None:
    rng = np.random.default_rng(4)
    params, gradients = drawn(rng), [drawn(rng) for _ in range(4)]
    moving = {name: value.copy() for name, value in params.items()}
    kept_alive = [moving]
    one, other = make(), make()
    for grads in gradients:
        one.update(params, grads)
        moving = {name: moving[name].copy() for name in reversed(moving)}
        kept_alive.append(moving)
        other.update(moving, grads)
    for name in SHAPES:
        np.testing.assert_array_equal(moving[name], params[name])


@every_kind
def test_a_parameter_learns_the_same_alone_and_in_company(make: Callable[[], Any]) -> None:
    rng = np.random.default_rng(5)
    params, gradients = drawn(rng), [drawn(rng) for _ in range(4)]
    alone = {"b1": params["b1"].copy()}
    one, other = make(), make()
    for grads in gradients:
        one.update(params, grads)
        other.update(alone, grads)
    np.testing.assert_array_equal(alone["b1"], params["b1"])


def test_the_first_step_of_adam_has_the_size_of_the_rate_whatever_the_gradient() -> None:
    params = {"w": np.array([1.0, 1.0, 1.0])}
    Adam(0.01, eps=0.0).update(params, {"w": np.array([1e-6, -3.0, 1e6])})
    np.testing.assert_allclose(params["w"], [0.99, 1.01, 0.99], rtol=1e-12)


def test_nesterov_takes_the_gradient_one_step_ahead() -> None:
    """θ + αv of the form with a look-ahead (Sutskever et al. 2013) is what ours calls θ."""
    curvature, lr, alpha = np.array([2.0, 200.0]), 0.004, 0.9
    x, v = np.array([10.0, 1.0]), np.zeros(2)
    params = {"p": x.copy()}
    optimizer = Nesterov(lr, alpha)
    for _ in range(STEPS):
        v = alpha * v - lr * curvature * (x + alpha * v)
        x = x + v
        optimizer.update(params, {"p": curvature * params["p"]})
        np.testing.assert_allclose(params["p"], x + alpha * v, rtol=1e-9)


@pytest.mark.parametrize(("factor", "every"), [(0.1, 10), (0.5, 3), (0.9, 1)])
def test_step_decay_agrees_with_pytorch(factor: float, every: int) -> None:
    assert_same_rates(
        [step_decay(0.7, epoch, factor, every) for epoch in range(31)],
        lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=every, gamma=factor),
    )


@pytest.mark.parametrize("epochs", [1, 7, 30])
def test_cosine_agrees_with_pytorch(epochs: int) -> None:
    assert_same_rates(
        [cosine(0.7, epoch, epochs) for epoch in range(epochs + 1)],
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=epochs),
    )


def assert_same_rates(rates: list[float], make: Callable[[Any], Any]) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.7)
    scheduler = make(optimizer)
    expected = []
    for _ in rates:
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(rates, expected, rtol=1e-9, atol=1e-12)


def test_averaged_momentum_is_ours_with_the_converted_settings() -> None:
    rng = np.random.default_rng(6)
    alpha, beta = 0.5, 0.8
    params = drawn(rng)
    W, v = params["W1"].copy(), np.zeros((3, 4))
    lr, kept = ema_to_classic(alpha, beta)
    optimizer = Momentum(lr, kept)
    for _ in range(STEPS):
        grads = drawn(rng)
        v = beta * v + (1 - beta) * grads["W1"]
        W = W - alpha * v
        optimizer.update(params, grads)
        np.testing.assert_allclose(params["W1"], W, rtol=1e-9, atol=1e-12)


class ReadTooEarly(Momentum):
    """A momentum that looks up its v before there is one."""

    def __init__(self, lr: float, alpha: float = 0.9) -> None:
        super().__init__(lr, alpha)
        self.v: dict[str, Any] = {}

    def update(self, params: Any, grads: Any) -> None:
        for name, g in grads.items():
            self.v[name] = self.alpha * self.look_up(name) - self.lr * g

    def look_up(self, name: str) -> Any:
        return self.v[name]


class NothingAsDefault(ReadTooEarly):
    """The same with `get`, which gives None."""

    def look_up(self, name: str) -> Any:
        return self.v.get(name)


class OtherName(ReadTooEarly):
    """An error that has nothing to do with a memory."""

    def look_up(self, name: str) -> Any:
        return {}["weights"]


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        (ReadTooEarly, "Your code looks up 'b' in a dict that it keeps"),
        (NothingAsDefault, "Your code calculates with None"),
        (OtherName, "'weights'"),
    ],
)
def test_a_memory_read_before_anything_is_in_it_is_told_from_other_errors(kind: type[Momentum], begins: str) -> None:
    inputs = exercises.MOMENTUM.cases(np.random.default_rng(0))[0]
    failure = call(contracts.momentum, {"Momentum": kind}, inputs).failure
    assert failure is not None
    assert failure.message.startswith(begins)
