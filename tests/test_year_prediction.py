"""YearPredictionMSD: read where it lies, refused where it is not what was published."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from byhand import datasets
from byhand.datasets import DataCorrupted, DataUnavailable

SONGS, TRAIN = 7, 5
GIVEN = os.environ.get("BYHAND_DATA", "")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BYHAND_DATA", raising=False)


def table() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.column_stack([[2001, 1922, 2011, 1999, 1987, 1950, 2003], rng.normal(0, 50, size=(SONGS, 90)).round(5)])


def text(rows: np.ndarray) -> str:
    return "".join(f"{row[0]:.0f}," + ",".join(f"{x:.5f}" for x in row[1:]) + "\n" for row in rows)


def written(folder: Path, content: str, packed: bool = False) -> Path:
    path = folder / ("YearPredictionMSD.txt.zip" if packed else "YearPredictionMSD.txt")
    if packed:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("YearPredictionMSD.txt", content)
    else:
        path.write_text(content)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_the_table_is_cut_by_position_into_features_and_years(packed: bool, tmp_path: Path) -> None:
    path = written(tmp_path, text(table()), packed)
    X_train, y_train, X_test, y_test = datasets._read_years(path, SONGS, TRAIN)
    np.testing.assert_allclose(np.vstack([X_train, X_test]), table()[:, 1:], rtol=1e-12)
    assert y_train.ravel().tolist() == [2001, 1922, 2011, 1999, 1987] and y_test.ravel().tolist() == [1950, 2003]
    assert X_train.shape == (5, 90) and y_train.shape == (5, 1) and X_test.shape == (2, 90) and y_test.shape == (2, 1)
    assert {a.dtype for a in (X_train, y_train, X_test, y_test)} == {np.dtype(np.float64)}


def changed(row: int, column: int, value: float) -> str:
    rows = table()
    rows[row, column] = value
    return text(rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (text(table()[:-1]), r"should hold 7 songs .* it holds \(6, 91\)"),
        (text(table()[:, :-1]), r"91 columns; it holds \(7, 90\)"),
        ("", "cannot be read as a table of numbers"),
        ("<html>not found</html>\n", "cannot be read as a table of numbers"),
        (text(table())[:-700], "empty or infinite entries, the first in line 7"),
        (changed(2, 40, np.nan), "empty or infinite entries, the first in line 3"),
        (changed(4, 1, np.inf), "empty or infinite entries, the first in line 5"),
        (changed(0, 0, 1921), "whole years from 1922 to 2011"),
        (changed(6, 0, 2012), "whole years from 1922 to 2011"),
        (text(table()).replace("1999,", "1999.5,", 1), "whole years from 1922 to 2011"),
    ],
)
def test_a_table_that_is_not_the_published_one_is_refused_by_name(content: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataCorrupted, match=f"YearPredictionMSD.txt.*{message}"):
        datasets._read_years(path, SONGS, TRAIN)


def test_a_zip_without_the_file_in_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "YearPredictionMSD.txt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.txt", text(table()))
    with pytest.raises(DataCorrupted, match=r"holds no YearPredictionMSD\.txt"):
        datasets._read_years(path, SONGS, TRAIN)


@pytest.mark.parametrize("damage", ["half", "flipped"])
def test_a_damaged_zip_is_refused(damage: str, tmp_path: Path) -> None:
    path = written(tmp_path, text(table()), packed=True)
    content = path.read_bytes()
    middle = len(content) // 2
    broken = content[:middle] if damage == "half" else content[:middle] + bytes(40) + content[middle + 40 :]
    path.write_bytes(broken)
    with pytest.raises(DataCorrupted, match="cannot be read as a table of numbers"):
        datasets._read_years(path, SONGS, TRAIN)


def test_the_published_sizes_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "yearpredictionmsd"
    folder.mkdir()
    written(folder, text(table()))
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    with pytest.raises(DataCorrupted, match=r"515,345 songs .* it holds \(7, 91\)"):
        datasets.year_prediction()
    with pytest.raises(DataCorrupted, match="515,345 songs"):
        datasets.year_prediction_or_diabetes()


def test_both_names_are_found_and_the_text_file_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    folder = tmp_path / "yearpredictionmsd"
    folder.mkdir()
    packed = written(folder, text(table()), packed=True)
    assert datasets._year_file() == packed
    plain = written(folder, text(table()))
    assert datasets._year_file() == plain


def test_what_is_found_is_cut_after_463715_of_515345(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Path, int, int]] = []
    monkeypatch.setattr(datasets, "_year_file", lambda: tmp_path)
    monkeypatch.setattr(datasets, "_read_years", lambda *arguments: seen.append(arguments))
    datasets.year_prediction()
    assert seen == [(tmp_path, 515_345, 463_715)] and 515_345 - 463_715 == 51_630


@pytest.mark.parametrize("given", [True, False])
def test_where_it_is_absent_one_sentence_says_how_to_get_it(
    given: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if given:
        monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    with pytest.raises(DataUnavailable) as caught:
        datasets.year_prediction()
    message = str(caught.value)
    assert "download YearPredictionMSD.txt.zip" in message and "doi:10.24432/C50K61" in message
    assert (str(tmp_path / "yearpredictionmsd") if given else "set BYHAND_DATA to its parent") in message


def test_the_fall_back_is_the_patients_in_the_same_form_and_says_so_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    X_train, y_train, X_test, y_test = datasets.year_prediction_or_diabetes()
    assert X_train.shape == (353, 10) and y_train.shape == (353, 1)
    assert X_test.shape == (89, 10) and y_test.shape == (89, 1)
    X, y = datasets.diabetes(raw=True)
    assert np.array_equal(np.vstack([X_train, X_test]), X) and np.array_equal(np.vstack([y_train, y_test]), y)
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "diabetes patients" in out


@pytest.mark.skipif(
    not (GIVEN and (Path(GIVEN) / "yearpredictionmsd").is_dir()), reason="BYHAND_DATA has no yearpredictionmsd/"
)
def test_the_real_songs_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYHAND_DATA", GIVEN)
    X_train, y_train, X_test, y_test = datasets.year_prediction()
    assert X_train.shape == (463_715, 90) and X_test.shape == (51_630, 90)
    assert y_train.min() == 1922 and y_train.max() == 2011 and y_train[0, 0] == 2001
    assert y_test.shape == (51_630, 1)
