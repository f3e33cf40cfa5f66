"""Dropout against closed forms and PyTorch, and its judgement on layers and masks that are right or wrong."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byhand.compare import properties
from byhand.contracts.dropout import dropout as dropout_contract
from byhand.contracts.dropout import exact_count_mask as count_contract
from byhand.contracts.dropout import inverted_dropout as inverted_contract
from byhand.gradients import numerical_gradient, relative_error
from byhand.outcome import call
from grader.assignment import load
from grader.exercises.dropout import EXERCISES, MASKED_BACKWARD
from grader.reference.dropout import (
    Dropout,
    InvertedDropout,
    average_over_masks,
    exact_count_mask,
    expected_output,
    masked_backward,
)

LAYERS = [Dropout, InvertedDropout]
FOLDER = Path(__file__).parents[2] / "solutions" / "10_dropout"


def bent(z: Any) -> Any:
    return np.maximum(z.sum(axis=1) - 2, 0)


@pytest.mark.parametrize(("p", "expected"), [(0.5, 0.25), (0.25, 0.5625), (0.0, 1.0), (1.0, 0.0)])
def test_the_average_over_four_masks_is_the_one_done_by_hand(p: float, expected: float) -> None:
    assert average_over_masks(bent, np.array([[2.0, 1.0]]), p) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_number_of_units_there_is_binomial(p: float) -> None:
    for k in range(7):
        chance = average_over_masks(lambda z, k=k: 1.0 * (z.sum(axis=1) == k), np.ones((1, 6)), p)
        assert chance == pytest.approx(comb(6, k) * (1 - p) ** k * p ** (6 - k), rel=1e-12)


@pytest.mark.parametrize("p", [0.0, 0.2, 0.7])
def test_one_pass_with_shrunk_sums_is_the_average_over_all_masks(p: float) -> None:
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(3, 7)), rng.normal(size=(7, 4)), rng.normal(size=4)
    counted = average_over_masks(lambda z: z @ W + b, x, p)
    np.testing.assert_allclose(expected_output(x, W, b, p), counted, rtol=1e-9, atol=1e-12)


def test_behind_a_relu_one_pass_is_never_too_large() -> None:
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(5, 6)), rng.normal(size=(6, 30)), rng.normal(size=30)
    counted = average_over_masks(lambda z: np.maximum(z @ W + b, 0), x, 0.4)
    one_pass = np.maximum(expected_output(x, W, b, 0.4), 0)
    assert np.all(one_pass <= counted + 1e-12)
    assert np.mean(counted - one_pass) > 0.05


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", LAYERS)
def test_training_has_on_average_what_predicting_has_at_once(kind: type[Dropout], p: float) -> None:
    """Hoeffding: n = 1e6 entries between 0 and at most 1/(1 - p) have a mean off by t with 2 exp(-2 n t² (1 - p)²) at
    most, which is below 4e-22 for t = 0.01 and p <= 0.5, and for t = 0.1 and p = 0.9."""
    layer = kind(p, np.random.default_rng(0))
    x = np.ones((1000, 1000))
    mean = layer.forward(x).mean()
    layer.training = False
    assert mean == pytest.approx(layer.forward(x).mean(), abs=0.1 if p == 0.9 else 0.01)


@pytest.mark.parametrize("p", [0.2, 0.6])
def test_the_inverted_layer_keeps_and_scales_like_torch(p: float) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    x = np.random.default_rng(1).uniform(0.5, 2, size=(200, 300))
    theirs = torch.nn.functional.dropout(torch.tensor(x), p, training=True).numpy() / x
    ours = InvertedDropout(p, np.random.default_rng(2)).forward(x) / x
    for factors in (ours, theirs):
        np.testing.assert_allclose(factors[factors != 0], 1 / (1 - p), rtol=1e-12)
        assert np.mean(factors == 0) == pytest.approx(p, abs=0.02)  # 2 exp(-2 · 60,000 · 0.02²) = 3e-21
    layer = InvertedDropout(p, np.random.default_rng(2))
    layer.training = False
    expected = torch.nn.functional.dropout(torch.tensor(x), p, training=False).numpy()
    np.testing.assert_array_equal(layer.forward(x), expected)


@pytest.mark.parametrize("kind", LAYERS)
def test_backward_is_the_gradient_under_the_mask_of_the_forward(kind: type[Dropout]) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(6, 8)), rng.normal(size=(6, 8))
    layer = kind(0.3, rng)
    layer.forward(x)
    mask = torch.tensor(layer.forward(x) / x)
    leaf = torch.tensor(x, requires_grad=True)
    (leaf * mask).backward(torch.tensor(dout))
    np.testing.assert_allclose(layer.backward(dout), leaf.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize("kind", LAYERS)
def test_nothing_is_drawn_when_predicting_and_a_fresh_mask_at_each_training_forward(kind: type[Dropout]) -> None:
    rng = np.random.default_rng(0)
    layer, x = kind(0.5, rng), np.ones((20, 30))
    first, second = layer.forward(x), layer.forward(x)
    assert not np.array_equal(first, second)
    layer.training = False
    state = rng.bit_generator.state
    layer.forward(x)
    assert rng.bit_generator.state == state


@pytest.mark.parametrize(("shape", "ratio"), [((2, 3), 0.2), ((7, 9), 0.3), ((5, 8), 0.0), ((4, 11), 0.86)])
def test_a_mask_has_the_exact_number_of_zeros_and_one_other_value(shape: tuple[int, int], ratio: float) -> None:
    for seed in range(20):
        mask = exact_count_mask(shape, ratio, np.random.default_rng(seed))
        assert mask.shape == shape
        assert np.sum(mask == 0) == round(ratio * shape[0] * shape[1])
        np.testing.assert_allclose(mask[mask != 0], 1 / (1 - ratio), rtol=1e-12)


def test_the_mean_of_the_mask_by_hand_is_not_1() -> None:
    assert exact_count_mask((2, 3), 0.2, np.random.default_rng(0)).mean() == pytest.approx(1.25 * 5 / 6, rel=1e-12)


def _net(seed: int, depth: int) -> tuple[dict[str, Any], dict[str, Any], Any, list[Any]]:
    rng = np.random.default_rng(seed)
    sizes = [4, 6, 5, 7, 3][:depth] + [3]
    params: dict[str, Any] = {}
    for k in range(1, len(sizes)):
        params[f"W{k}"] = rng.normal(size=(sizes[k - 1], sizes[k]))
        params[f"b{k}"] = rng.normal(size=sizes[k])
    cache: dict[str, Any] = {"H0": rng.normal(size=(9, 4))}
    masks = [(rng.random((9, n)) >= 0.4) / 0.6 for n in sizes[1:-1]]
    return params, cache, np.eye(3)[rng.integers(3, size=9)], masks


def _forward(params: dict[str, Any], cache: dict[str, Any], masks: list[Any]) -> None:
    H = cache["H0"]
    for k, R in enumerate(masks, start=1):
        A = H @ params[f"W{k}"] + params[f"b{k}"]
        H = R / (1 + np.exp(-A))
        cache |= {f"A{k}": A, f"R{k}": R, f"H{k}": H}
    last = len(masks) + 1
    odds = np.exp(H @ params[f"W{last}"] + params[f"b{last}"])
    cache["P"] = odds / odds.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_way_back_through_masks_is_that_of_torch(depth: int) -> None:
    torch = pytest.importorskip("torch")
    params, cache, T, masks = _net(depth, depth)
    _forward(params, cache, masks)
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    H = torch.tensor(cache["H0"])
    for k, R in enumerate(masks, start=1):
        H = torch.sigmoid(H @ leaves[f"W{k}"] + leaves[f"b{k}"]) * torch.tensor(R)
    scores = H @ leaves[f"W{depth}"] + leaves[f"b{depth}"]
    torch.nn.functional.cross_entropy(scores, torch.tensor(T)).backward()
    grads = masked_backward(cache, params, T)
    assert set(grads) == set(params)
    for name, leaf in leaves.items():
        np.testing.assert_allclose(grads[name], leaf.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_the_way_back_through_masks_is_the_numerical_derivative() -> None:
    params, cache, T, masks = _net(0, 4)

    def energy(_: Any) -> float:
        _forward(params, cache, masks)
        return float(-np.mean(np.log(cache["P"][T == 1])))

    _forward(params, cache, masks)
    grads = masked_backward(cache, params, T)
    for name, value in params.items():
        measured = numerical_gradient(energy, value)
        large = np.abs(measured) > 1e-4  # smaller ones are measured with too few digits
        assert relative_error(grads[name][large], measured[large]) < 1e-5


def _judged(contract: Any, thing: Callable[..., Any], seed: int) -> dict[str, Any]:
    inputs: dict[str, Any] = {"rows": 40, "columns": 46, "p": 0.3, "seed": seed}
    if contract is count_contract:
        inputs = {"rows": 5, "columns": 9, "ratio": 0.35, "seed": seed}
    outcome = properties(contract, call(contract, {contract.objects[0]: thing}, inputs), inputs)
    assert outcome.failure is None, outcome.failure
    return {name: value.tolist() for name, value in outcome.outputs.items()}


@pytest.mark.parametrize(
    ("contract", "thing"),
    [(dropout_contract, Dropout), (inverted_contract, InvertedDropout), (count_contract, exact_count_mask)],
)
def test_draws_that_differ_are_judged_alike(contract: Any, thing: Callable[..., Any]) -> None:
    first = _judged(contract, thing, 0)
    assert all(_judged(contract, thing, seed) == first for seed in range(1, 30))


def test_an_exact_number_of_zeros_is_not_accepted_where_each_entry_falls_by_itself() -> None:
    class Exact(Dropout):
        def forward(self, x: Any) -> Any:
            if not self.training:
                return x * (1 - self.p)
            self._mask = 1.0 * (exact_count_mask(x.shape, self.p, self.rng) > 0)
            return x * self._mask

    found, right = _judged(dropout_contract, Exact, 0), _judged(dropout_contract, Dropout, 0)
    assert {name for name in right if found[name] != right[name]} == {"masks"}


def test_a_forward_that_is_right_counts_while_backward_is_empty() -> None:
    class Half(Dropout):
        def backward(self, dout: Any) -> Any:
            raise NotImplementedError

    found, right = _judged(dropout_contract, Half, 0), _judged(dropout_contract, Dropout, 0)
    assert {name for name in right if found[name] != right[name]} == {"way_back"}
    assert found["way_back"] == "`backward` is empty"


def test_a_mask_that_backward_does_not_find_is_an_error_only_where_forward_dropped_units() -> None:
    class Exchanged(Dropout):
        def forward(self, x: Any) -> Any:
            self.training = not self.training
            y = super().forward(x)
            self.training = not self.training
            return y

    class Lost(Dropout):
        def forward(self, x: Any) -> Any:
            y = super().forward(x)
            self.__dict__.pop("_mask", None)
            return y

    assert _judged(dropout_contract, Exchanged, 0)["way_back"] == "there is no mask"
    inputs = {"rows": 40, "columns": 46, "p": 0.3, "seed": 0}
    failure = call(dropout_contract, {"Dropout": Lost}, inputs).failure
    assert failure is not None and failure.type == "AttributeError"


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda rng, shape: rng.random(shape), "units that are kept are multiplied by many different numbers"),
        (lambda rng, shape: 1.0 * np.full(shape, rng.random() >= 0.3), "all units of a whole batch dropped, or none"),
    ],
)
def test_masks_of_fractions_and_of_whole_batches_are_said_to_be_what_they_are(draw: Any, said: str) -> None:
    class Odd(Dropout):
        def forward(self, x: Any) -> Any:
            if not self.training:
                return x * (1 - self.p)
            self._mask = draw(self.rng, x.shape)
            return x * self._mask

    assert _judged(dropout_contract, Odd, 0)["masks"] == said


def test_numbers_drawn_and_thrown_away_when_predicting_are_noticed() -> None:
    class Wasteful(Dropout):
        def forward(self, x: Any) -> Any:
            if not self.training:
                self.rng.random(x.shape)
            return super().forward(x)

    assert "drawn from" in _judged(dropout_contract, Wasteful, 0)["predicting"]


def test_every_published_gradient_below_the_last_layer_is_rejected_on_every_draw() -> None:
    assignment = load(FOLDER)
    published = assignment.misconceived("masked_backward", MASKED_BACKWARD.misconceptions[0])
    namespace = assignment.namespace({"masked_backward": published})
    for seed in range(20):
        for case in MASKED_BACKWARD.cases(np.random.default_rng(seed)):
            (right,) = assignment.call("masked_backward", MASKED_BACKWARD.reference, [case])
            (wrong,) = assignment.call("masked_backward", namespace, [case])
            differ = {n for n, v in right.outputs.items() if not np.array_equal(v, wrong.outputs[n])}
            close = {n for n, v in right.outputs.items() if v.dtype.kind == "f" and np.allclose(v, wrong.outputs[n])}
            assert close == {"dW4", "db4"} and differ >= {f"d{letter}{k}" for letter in "Wb" for k in (1, 2, 3)}


def test_cases_stay_away_from_a_half_and_from_the_ends() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        for exercise in EXERCISES:
            for case in exercise.cases(rng):
                p = case.get("p", case.get("ratio", 0.3))
                assert 0.2 <= p <= 0.4 or 0.6 <= p <= 0.8
