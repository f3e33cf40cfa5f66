"""The results at full size: the cheap ones computed, and the rules by which all are judged."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from byhand.datasets import DataUnavailable
from grader import cli, full
from grader.full import Row

NAMES = ["name", "ours", "target", "source", "reached"]


def good() -> Iterator[Row]:
    """a good one"""
    yield Row("good", 0.98, "S1", low=0.98)


def bad() -> Iterator[Row]:
    """a bad one"""
    yield Row("bad", 0.61, "01", high=0.6)


def absent() -> Iterator[Row]:
    """one without data"""
    raise DataUnavailable("MNIST is not on this machine.")
    yield


@pytest.mark.parametrize(
    ("row", "reached", "target"),
    [
        (Row("", 0.98, "", low=0.98), True, "at least 98.00%"),
        (Row("", 0.9799, "", low=0.98), False, "at least 98.00%"),
        (Row("", 0.61, "", high=0.6), False, "at most 60.00%"),
        (Row("", 2.3, "", 2.2, 2.4, ".1f"), True, "2.2 to 2.4"),
        (Row("", 2.5, "", 2.2, 2.4, ".1f"), False, "2.2 to 2.4"),
        (Row("", math.nan, "", low=0.5), False, "at least 50.00%"),
    ],
)
def test_a_row_is_reached_within_its_bounds(row: Row, reached: bool, target: str) -> None:
    assert (row.reached, row.target) == (reached, target)


def test_cheap_results_are_reached() -> None:
    rows = full.compute([full.circles, full.first_loss, full.twenty_samples], lambda _: None)
    assert len(rows) == 4
    assert all(row.reached for row in rows), full.markdown(rows)


def test_rows_are_written_as_json_and_markdown(tmp_path: Path) -> None:
    assert full.main(tmp_path, Console(quiet=True), [good])
    entries = json.loads((tmp_path / "full.json").read_text())
    assert [list(entry) for entry in entries] == [NAMES]
    assert entries[0] == {"name": "good", "ours": 0.98, "target": "at least 98.00%", "source": "S1", "reached": True}
    assert "| good | 98.00% | at least 98.00% | S1 | yes |" in (tmp_path / "full.md").read_text()


def test_an_absent_set_is_said_and_skipped(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w") as file:
        assert full.main(tmp_path, Console(file=file, width=100), [absent, good])
    said = (tmp_path / "said").read_text()
    assert "skipped, one without data: MNIST is not on this machine." in said
    assert [entry["name"] for entry in json.loads((tmp_path / "full.json").read_text())] == ["good"]


@pytest.mark.parametrize(("results", "code"), [([good], 0), ([good, bad], 1), ([absent], 0)])
def test_the_command_fails_where_a_row_is_not_reached(
    results: list[full.Result], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full, "RESULTS", results)
    assert CliRunner().invoke(cli.app, ["full", "--output", str(tmp_path)]).exit_code == code


def test_without_mnist_only_small_rows_are_computed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BYHAND_DATA", raising=False)
    monkeypatch.setenv("BYHAND_OFFLINE", "1")
    monkeypatch.setenv("BYHAND_CACHE", str(tmp_path))
    said: list[str] = []
    for cached in (full._mnist, full._standardised):
        cached.cache_clear()
    assert full.compute([full.s1_setting, full.tuned, full.three_layers], said.append) == []
    assert sum(text.startswith("skipped, ") for text in said) == 3


def test_the_network_of_homework_10_1_drops_after_each_hidden_layer() -> None:
    kinds = [type(layer).__name__ for layer in full.three_hidden_layers(np.random.default_rng(0)).layers]
    assert kinds == ["Affine", "ReLU", "InvertedDropout"] * 3 + ["Affine"]


def test_the_shares_are_means_over_seeds_of_each_part() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 90)
    X, T = np.eye(3)[labels] + rng.normal(scale=0.1, size=(90, 3)), np.eye(3)[labels]
    read, reversed_ = full.shares((X, T), [(X, T), (X[:30], T[:30][:, [1, 2, 0]])], hidden=(20,), epochs=15)
    assert read > 0.95
    assert reversed_ < 0.05


def test_without_their_files_the_sets_of_the_capstone_are_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BYHAND_DATA", raising=False)
    monkeypatch.setenv("BYHAND_OFFLINE", "1")
    monkeypatch.setenv("BYHAND_CACHE", str(tmp_path))
    said: list[str] = []
    full._mnist.cache_clear()
    results = [full.capstone_mnist, full.capstone_fashion_mnist, full.capstone_notmnist, full.s0_cifar10]
    assert full.compute(results, said.append) == []
    assert sum(text.startswith("skipped, ") for text in said) == 4


def test_s0s_setting_learns_what_is_as_large_as_a_photograph(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)

    def two_kinds(split: str) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.integers(0, 2, 40)
        images = rng.integers(0, 60, size=(40, 32, 32, 3)) + 150 * labels[:, None, None, None]
        return images.astype(np.uint8), labels

    monkeypatch.setattr(full.datasets, "cifar10", two_kinds)
    monkeypatch.setattr(full, "CIFAR_STEPS", 6)
    [row] = full.compute([full.s0_cifar10], lambda _: None)
    assert row.ours > 0.9
