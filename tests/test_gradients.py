"""The tools that check gradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.gradients import numerical_gradient, relative_error


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 4)])
def test_the_gradient_of_a_sum_of_cubes_is_three_times_the_squares(shape: tuple[int, ...]) -> None:
    x = np.asarray(np.random.default_rng(0).normal(size=shape))
    gradient = numerical_gradient(lambda x: (x**3).sum(), x)
    assert gradient.shape == shape
    np.testing.assert_allclose(gradient, 3 * x**2, atol=1e-8)


def test_differences_are_central() -> None:
    x = np.array([1.0])
    assert abs(numerical_gradient(lambda x: x[0] ** 2, x, eps=0.1)[0] - 2) < 1e-12


def test_the_function_may_ignore_its_argument() -> None:
    x = np.array([[1.0, 2.0]])
    np.testing.assert_allclose(numerical_gradient(lambda _: x[0, 0] * x[0, 1], x), [[2, 1]], atol=1e-9)


def test_x_is_left_exactly_as_it_was() -> None:
    x = np.random.default_rng(1).normal(size=(3, 4)).T
    before = x.copy()
    numerical_gradient(lambda x: float(np.sin(x).sum()), x)
    assert np.array_equal(x, before)


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_x_is_left_as_it_was_when_f_raises(call: int) -> None:
    x, calls = np.array([0.1, 0.2]), []

    def f(_: np.ndarray) -> float:
        calls.append(1)
        if len(calls) == call:
            raise ZeroDivisionError
        return 0.0

    with pytest.raises(ZeroDivisionError):
        numerical_gradient(f, x)
    assert x.tolist() == [0.1, 0.2]


@pytest.mark.parametrize("x", [[1.0], np.array([1, 2]), np.array([1.0], dtype=np.float32), 1.0])
def test_anything_but_an_array_of_float64_is_refused(x: object) -> None:
    with pytest.raises(TypeError, match=r"float64, not (list|int64|float32|float)"):
        numerical_gradient(lambda x: 0.0, x)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [np.zeros(1), np.zeros((1, 1)), [0.0]])
def test_a_function_that_returns_an_array_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="one number; it returned shape"):
        numerical_gradient(lambda x: value, np.array([1.0]))


def test_the_relative_error_of_a_worked_example() -> None:
    assert relative_error([1.0, 2.0], [1.0, 3.0]) == pytest.approx(1 / 5)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_the_relative_error_is_symmetric_between_0_and_1_and_0_for_equals(a: list[float], b: list[float]) -> None:
    n = min(len(a), len(b))
    assert relative_error(a[:n], b[:n]) == relative_error(b[:n], a[:n])
    assert 0 <= relative_error(a[:n], b[:n]) <= 1
    assert relative_error(a, a) == 0


def test_two_zeros_have_no_error_and_neither_has_nothing() -> None:
    assert relative_error(np.zeros((2, 2)), np.zeros((2, 2))) == 0
    assert relative_error([], []) == 0


def test_rounding_noise_about_zero_is_no_error_of_1() -> None:
    assert relative_error([0.0], [1e-13]) < 1e-4


def test_opposite_signs_are_wholly_wrong() -> None:
    assert relative_error([2.0, 5.0], [-2.0, 5.0]) == 1


def test_a_nan_is_not_hidden_by_the_other_elements() -> None:
    assert np.isnan(relative_error([1.0, np.nan], [1.0, 2.0]))


def test_shapes_are_not_broadcast() -> None:
    with pytest.raises(ValueError, match=r"\(2, 1\) and \(2,\) differ"):
        relative_error(np.zeros((2, 1)), np.zeros(2))
