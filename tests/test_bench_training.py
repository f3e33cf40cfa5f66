"""The benchmark of training: all train on the same data, and the table says how much longer than the products."""

from __future__ import annotations

import time

import numpy as np
import pytest

from grader.reference import fast
from tests.bench import checks, training


def test_every_contender_is_timed_and_those_that_are_not_installed_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(data: training.Data) -> float:
        raise ImportError

    monkeypatch.setitem(training.EPOCHS, "torch", missing)
    monkeypatch.setattr(training, "S0_BATCHES", 1)
    monkeypatch.setattr(training, "PAUSE", 0)
    found = training.measure(samples=300, runs=1, threads=1)
    wanted = {"reference", "reference_clear", "plain", "matmul", "s1", "s0", "shuffling"}
    assert wanted <= set(found)
    assert "torch" not in found
    assert all(seconds > 0 for seconds in found.values())


def test_the_median_of_the_runs_is_what_counts_and_there_is_a_pause_before_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter([100.0, 5.0, 1.0, 3.0, 2.0, 4.0])
    pauses: list[float] = []
    monkeypatch.setattr(training, "EPOCHS", {"matmul": lambda data: next(times)})
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert training.measure(samples=1, runs=5, threads=1) == {"matmul": 3.0}
    assert pauses == [training.PAUSE] * 5


def test_s0_is_scaled_from_a_few_batches_to_the_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 3.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    assert training.s0(training.random_data(10 * training.BATCH)) == 3.0 * 10 / training.S0_BATCHES


def test_both_networks_of_the_course_start_from_the_same_float32_weights() -> None:
    clear, kept = training.clear_network(), fast.without_new_arrays(training.clear_network())
    for name, array in clear.params.items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(kept.params[name], array)


def test_the_table_is_sorted_and_counts_in_matrix_products() -> None:
    lines = training.table({"torch": 0.3, "matmul": 0.1, "reference": 0.125}).splitlines()
    assert [line.rsplit("|", 3)[1:3] for line in lines[2:]] == [
        [" 0.100 ", " 1.00 "],
        [" 0.125 ", " 1.25 "],
        [" 0.300 ", " 3.00 "],
    ]


def test_the_slowest_check_is_named_and_those_that_train_stand_apart() -> None:
    found = {
        "import_s": 0.05,
        "checks": {
            "05_layer_classes/affine": {"right_s": 0.01, "wrong_s": 0.2},
            "05_layer_classes/relu": {"right_s": 0.03, "wrong_s": 0.02},
            "12_capstone/train_model": {"right_s": 0.6, "wrong_s": 0.5},
        },
    }
    assert checks.slowest(found, training=False) == ("05_layer_classes/affine", 0.2)
    assert checks.slowest(found, training=True) == ("12_capstone/train_model", 0.6)
    assert "1 of 2 checks that do not train take longer than 0.1 s." in checks.table(found)


def test_exercises_that_train_are_exercises_of_the_course() -> None:
    exercises = {name for path in checks.SOLUTIONS.iterdir() for name in checks.load(path).exercises}
    assert exercises >= checks.TRAINING


def test_importing_byhand_loads_none_of_the_slow_modules() -> None:
    """What takes long to import is imported where it is used."""
    slow = {"pandas", "IPython", "scipy", "matplotlib.pyplot", "pooch", "tqdm"}
    assert checks.run(f"import byhand, sys; print(sorted({slow} & set(sys.modules)))").strip() == "[]"
