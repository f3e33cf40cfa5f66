"""The initialization schemes against closed forms and PyTorch, and their judgement on draws that are right or wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byhand.contracts import contracts_of
from byhand.contracts.initialization import initialize as contract
from byhand.outcome import call
from grader.assignment import load
from grader.exercises.initialization import DISTINCT_UNITS, INITIALIZE, INITIALIZED_MLP, PREDICTED_VARIANCE
from grader.reference.initialization import (
    activation_statistics,
    distinct_units,
    initialize,
    initialized_mlp,
    predicted_variance,
    scheme_variance,
)
from grader.reference.losses import SoftmaxCrossEntropy

FANS = [(800, 30), (40, 600), (300, 80)]
SCHEMES = ["lecun", "xavier", "he"]


@pytest.mark.parametrize(("n_in", "n_out"), FANS)
def test_variances_are_the_published_closed_forms(n_in: int, n_out: int) -> None:
    assert scheme_variance(n_in, n_out, "lecun") * n_in == pytest.approx(1, rel=1e-12)
    assert scheme_variance(n_in, n_out, "he") * n_in == pytest.approx(2, rel=1e-12)
    assert 1 / scheme_variance(n_in, n_out, "xavier") == pytest.approx((n_in + n_out) / 2, rel=1e-12)


def test_an_unknown_scheme_is_an_error() -> None:
    with pytest.raises(KeyError):
        scheme_variance(3, 4, "random")
    with pytest.raises(KeyError):
        initialize(3, 4, "random_uniform", np.random.default_rng(0))


@pytest.mark.parametrize("kind", ["", "_uniform"])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("n_in", "n_out"), FANS)
def test_draws_are_spread_like_those_of_torch(n_in: int, n_out: int, scheme: str, kind: str) -> None:
    """Two samples of 24,000 or more: a standard deviation has a relative error of at most 0.0046, their ratio
    of 0.0065, so 5 % are 7.7 of it (1e-14)."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(n_in)
    W = torch.empty(n_out, n_in, dtype=torch.float64)  # PyTorch keeps (n_out, n_in)
    suffix = kind or "_normal"
    if scheme == "xavier":
        getattr(torch.nn.init, f"xavier{suffix}_")(W)
    else:
        bend = {"lecun": "linear", "he": "relu"}[scheme]  # gains 1 and √2
        getattr(torch.nn.init, f"kaiming{suffix}_")(W, mode="fan_in", nonlinearity=bend)
    theirs = W.numpy()
    ours = initialize(n_in, n_out, scheme + kind, np.random.default_rng(1))
    assert ours.shape == theirs.T.shape
    assert ours.std() / theirs.std() == pytest.approx(1, abs=0.05)
    reach = np.sqrt(3 * scheme_variance(n_in, n_out, scheme))
    for drawn in (ours, theirs):
        if kind:  # the largest of 24,000 lies within 0.1 % of the end, except with (0.999)^24,000 = 4e-11
            assert 0.999 * reach < np.abs(drawn).max() <= reach
        else:  # some of 24,000 lie beyond √3 standard deviations, each with 8 %
            assert np.abs(drawn).max() > 1.5 * reach


def test_a_linear_layer_of_torch_starts_with_a_third_of_lecuns_variance() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    W = torch.nn.Linear(300, 200).weight.detach().numpy()
    assert W.var() / scheme_variance(300, 200, "lecun") == pytest.approx(1 / 3, rel=0.05)


@pytest.mark.parametrize("bend", [np.tanh, lambda z: np.maximum(z, 0), lambda z: 1 / (1 + np.exp(-z))])
def test_the_predicted_variance_is_measured_over_many_draws(bend: Callable[[Any], Any]) -> None:
    """4,000 draws for each of 50 samples; even if these all moved together, 15 % would be 6.7 standard errors."""
    rng = np.random.default_rng(0)
    H = bend(rng.normal(0.5, 1, size=(50, 30)))
    z = H @ rng.normal(0, np.sqrt(0.07), size=(30, 4000))
    assert z.var(axis=1).mean() == pytest.approx(predicted_variance(H, 0.07), rel=0.15)


def test_he_keeps_the_mean_square_through_ten_relus_and_lecun_halves_it_each_time() -> None:
    X = np.random.default_rng(0).normal(size=(500, 300))

    def left(scheme: str) -> float:
        rng = np.random.default_rng(1)
        table = activation_statistics(
            [initialize(300, 300, scheme, rng) for _ in range(10)], X, lambda z: np.maximum(z, 0)
        )
        squares = (table["mean"] ** 2 + table["std"] ** 2).to_numpy()
        return float(squares[-1] / squares[0])

    assert 0.5 < left("he") < 2
    assert left("lecun") / left("he") == pytest.approx(2.0**-9, rel=1e-9)  # the same draws, scaled


def test_activation_statistics_of_a_small_stack_are_those_worked_by_hand() -> None:
    X = np.array([[1.0], [-1.0]])
    table = activation_statistics([np.array([[2.0]]), np.array([[0.5]])], X, lambda z: np.maximum(z, 0))
    assert table.to_dict("list") == {"layer": [1, 2], "mean": [1.0, 0.5], "std": [1.0, 0.5]}
    np.testing.assert_array_equal(X, [[1.0], [-1.0]])


@pytest.mark.parametrize("size", [1e-200, 1e-12, 1.0, 1e12])
def test_distinct_units_counts_the_same_at_every_size_of_gradient(size: float) -> None:
    G = size * np.array([[1.0, 1.0, 2.0, -1.0], [3.0, 3.0, 4.0, -3.0]])
    assert distinct_units(G) == 3
    assert distinct_units(G * (1 + 1e-15 * np.arange(4))) == 3
    assert distinct_units(0 * G) == 1


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_equal_weights_give_one_distinct_unit_and_drawn_ones_give_all(activation: str) -> None:
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(20, 7)), np.eye(3)[rng.integers(0, 3, size=20)]

    def units(equal: tuple[str, ...]) -> int:
        network = initialized_mlp([7, 11, 3], activation, "xavier", np.random.default_rng(1))
        for name in equal:
            network.params[name][...] = 0.3
        loss = SoftmaxCrossEntropy()
        loss.forward(network.forward(X), T)
        network.backward(loss.backward())
        return distinct_units(network.grads["W1"])

    assert units(("W1", "W2")) == 1
    assert units(("W1",)) == 11
    assert units(()) == 11


def test_every_layer_of_a_network_follows_its_own_sizes_and_biases_are_zero() -> None:
    sizes = [30, 400, 15, 90]
    params = initialized_mlp(sizes, "relu", "he", np.random.default_rng(0)).params
    for k in (1, 2, 3):
        W, b = params[f"W{k}"], params[f"b{k}"]
        assert W.shape == (sizes[k - 1], sizes[k])
        # 1,350 weights or more: a standard error of at most 2 %
        assert W.std() / np.sqrt(2 / sizes[k - 1]) == pytest.approx(1, abs=0.12)
        np.testing.assert_array_equal(b, 0)


# --- the judgement of draws -------------------------------------------------------------

RIGHT: dict[str, Callable[..., Any]] = {
    "reference": initialize,
    "scaled": lambda n, m, s, rng: (
        np.sqrt(scheme_variance(n, m, s.removesuffix("_uniform")))
        * (np.sqrt(3) * (2 * rng.random((n, m)) - 1) if s.endswith("_uniform") else rng.standard_normal((m, n)).T)
    ),
}


def verdicts(function: Callable[..., Any], seed: int) -> list[dict[str, Any]]:
    """The properties of one whole mark: three cases."""
    found = []
    for case in INITIALIZE.cases(np.random.default_rng(seed)):
        outcome = call(contract, {"initialize": function}, case)
        assert outcome.failure is None, outcome.failure
        assert contract.properties is not None
        found.append(contract.properties(outcome.outputs, case))
    return found


GOOD = {
    "mean_over_std": [0, 0],
    "std_over_expected_normal": 1,
    "std_over_expected_uniform": 1,
    "distribution": "first normal, then uniform",
    "draws": "all numbers differ",
    "rng": "the same seed gives the same weights",
}


def is_right(verdict: dict[str, Any]) -> bool:
    return all(np.array_equal(verdict[name], want) for name, want in GOOD.items())


@pytest.mark.parametrize("name", RIGHT)
def test_a_thousand_right_draws_are_all_called_right(name: str) -> None:
    assert all(is_right(v) for seed in range(170) for v in verdicts(RIGHT[name], seed))


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_no_statistic_of_right_draws_comes_near_its_bound(kind: str) -> None:
    """Standard errors at n = 24,000, the least there is: mean 0.0065, std at most 0.0046, share 0.0032. None of
    500 draws is further off than five, five and eight of them, where the judgement's bound is 0.05."""
    expected = {"normal": 0.6827, "uniform": 0.5774}[kind]
    for seed in range(500):
        rng = np.random.default_rng([seed, 3])
        w = initialize(800, 30, "he" if kind == "normal" else "he_uniform", rng).ravel()
        assert abs(w.mean() / w.std()) < 0.033
        assert abs(w.std() / np.sqrt(2 / 800) - 1) < 0.025
        assert abs(np.mean(np.abs(w - w.mean()) < w.std()) - expected) < 0.025


@pytest.mark.parametrize("misconception", INITIALIZE.misconceptions, ids=lambda m: m.name)
def test_every_misconception_about_draws_is_rejected_on_every_one_of_fifty_marks(misconception: Any) -> None:
    assignment = load(Path(__file__).parents[2] / "solutions" / "08_initialization")
    namespace = assignment.namespace({"initialize": assignment.misconceived("initialize", misconception)})
    for seed in range(50):
        shapes = [c["n_in"] for c in INITIALIZE.cases(np.random.default_rng(seed))]
        found = verdicts(namespace["initialize"], seed)
        assert not all(is_right(v) and v["shape"][0][0] == n_in for v, n_in in zip(found, shapes, strict=True)), seed


def test_weights_as_a_list_are_refused_in_a_sentence_that_names_their_type() -> None:
    case = INITIALIZE.cases(np.random.default_rng(0))[0]
    outcome = call(contract, {"initialize": lambda *args: initialize(*args).tolist()}, case)
    assert outcome.failure is not None
    assert "of type list" in outcome.failure.message


def test_answers_that_change_what_they_were_handed_are_told_so() -> None:
    def counted(gradient: Any) -> int:
        found = distinct_units(gradient)
        gradient /= 2.0
        return found

    def squared(H: Any, weight_variance: float) -> float:
        H **= 2
        return float(H.sum(axis=1).mean() * weight_variance)

    def shortened(sizes: list[int], activation: str, scheme: str, rng: np.random.Generator) -> Any:
        network = initialized_mlp(sizes, activation, scheme, rng)
        sizes.pop(0)
        return network

    rng = np.random.default_rng(0)
    contracts = contracts_of("08_initialization")
    for exercise, function in ((DISTINCT_UNITS, counted), (PREDICTED_VARIANCE, squared), (INITIALIZED_MLP, shortened)):
        outcome = call(contracts[exercise.name], {exercise.name: function}, exercise.cases(rng)[0])
        assert outcome.failure is None
        assert "has changed" in str(outcome.outputs["left_alone"])
