"""The public cases are read once for each change of their file."""

from __future__ import annotations

import shutil
from pathlib import Path

from byhand import cases

SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"


def test_a_file_of_cases_is_parsed_again_only_when_it_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "checks.json"
    shutil.copyfile(SOLUTIONS / "01_perceptron_limits" / "checks.json", path)
    name, first = cases.read(path)
    assert name == "01_perceptron_limits"
    assert cases.read(path)[1] is first
    shutil.copyfile(SOLUTIONS / "00_start_here" / "checks.json", path)
    name, other = cases.read(path)
    assert name == "00_start_here"
    assert "affine" in other
