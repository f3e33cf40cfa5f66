"""Experiments wait for gaps, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest

from byhand.experiment import experiment


def sigmoid(z: float) -> float:
    raise NotImplementedError()


class Affine:
    def forward(self, x: float) -> float:
        raise NotImplementedError()


def with_a_helper() -> float:
    def step() -> float:
        raise NotImplementedError()

    return step()


@pytest.fixture(autouse=True)
def figures() -> Iterator[None]:
    plt.close("all")
    yield
    plt.close("all")


def test_an_unfilled_gap_ends_in_one_sentence_that_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    with experiment():
        sigmoid(1.0)
        print("never reached")
    out, err = capsys.readouterr()
    assert out == "This experiment waits for `sigmoid`: fill in that gap, then run this cell again.\n"
    assert err == ""


ABOVE = "run the cells above (Run > Run All Above Selected Cell)"


@pytest.mark.parametrize("block", ["affine(1.0)", "sum(affine(x) for x in range(3))", "(lambda: affine(1.0))()"])
def test_a_name_that_the_block_lacks_is_said_in_one_sentence(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(f"with experiment():\n    {block}", {"experiment": experiment})
    assert capsys.readouterr().out == f"`affine` is not defined: {ABOVE}, then this one again.\n"


def test_a_name_that_a_function_lacks_is_said_with_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    exec("def f():\n    return affine(1.0)\nwith experiment():\n    f()", {"experiment": experiment})
    said = f"`affine`, which `f` uses, is not defined: {ABOVE}, or mend the name in `f`, then this one again.\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("body", ["total += 1", "g = lambda: late; g(); late = 1"])
def test_a_local_name_that_has_no_value_yet_passes_through(body: str) -> None:
    with pytest.raises(NameError):
        exec(f"def f():\n    {body}\nwith experiment():\n    f()", {"experiment": experiment, "total": 0})


def test_an_experiment_that_is_interrupted_leaves_no_half_drawn_figure_and_all_names() -> None:
    earlier = plt.figure()
    notebook = {"experiment": experiment, "plt": plt}
    with pytest.raises(KeyboardInterrupt):
        exec("with experiment():\n    w = 3\n    plt.figure()\n    raise KeyboardInterrupt", notebook)
    assert notebook["w"] == 3 and plt.get_fignums() == [earlier.number]


def test_a_method_is_named_with_its_class(capsys: pytest.CaptureFixture[str]) -> None:
    with experiment():
        Affine().forward(1.0)
    assert "`Affine.forward`" in capsys.readouterr().out


def test_a_gap_within_a_gap_is_named_by_the_outer_one(capsys: pytest.CaptureFixture[str]) -> None:
    with experiment():
        with_a_helper()
    assert "`with_a_helper`" in capsys.readouterr().out


def test_a_gap_called_through_a_library_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    with experiment():
        np.apply_along_axis(sigmoid, 0, np.ones((2, 2)))
    assert "`sigmoid`" in capsys.readouterr().out


def test_an_experiment_that_works_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with experiment():
        plt.figure()
        value = 3
    assert value == 3 and plt.get_fignums() == [1]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [ZeroDivisionError, AssertionError, KeyboardInterrupt, RuntimeError])
def test_other_exceptions_pass_through(error: type[BaseException]) -> None:
    with pytest.raises(error), experiment():
        raise error


def test_a_library_that_does_not_implement_something_passes_through() -> None:
    import numbers

    class Half(numbers.Integral):  # type: ignore[misc]
        pass

    Half.__abstractmethods__ = frozenset()
    with pytest.raises(NotImplementedError), experiment():
        Half().__int__()


def test_a_not_implemented_error_of_the_experiment_itself_passes_through() -> None:
    cell = "with experiment():\n    raise NotImplementedError()"
    with pytest.raises(NotImplementedError):
        exec(cell, {"experiment": experiment})


def test_a_cell_run_in_a_namespace_of_its_own_finds_its_gap(capsys: pytest.CaptureFixture[str]) -> None:
    cell = "def relu(z):\n    raise NotImplementedError()\nwith experiment():\n    relu(1)"
    exec(cell, {"experiment": experiment})
    assert "`relu`" in capsys.readouterr().out


def test_half_drawn_figures_are_closed_and_earlier_ones_are_not() -> None:
    earlier = plt.figure()
    with experiment():
        plt.subplots()
        sigmoid(0.0)
    assert plt.get_fignums() == [earlier.number]


def test_figures_of_an_experiment_that_fails_otherwise_stay() -> None:
    with pytest.raises(ZeroDivisionError), experiment():
        plt.figure()
        print(1 / 0)
    assert plt.get_fignums() == [1]
