"""The data sets of the course.

The small ones are shipped in ``data/`` (provenance and licences: ``data/README.md``).
MNIST and Fashion-MNIST are taken from ``$BYHAND_DATA`` where they are there, else
downloaded on first use and kept. Three environment variables steer that:

``BYHAND_DATA``
    A folder with ``mnist/`` and ``fashion-mnist/`` (the ``idx`` files as published,
    gzipped), ``notmnist-10k/`` (two ``idx`` files, gzipped), ``cifar-10-batches-bin/``
    (the binary version) and ``yearpredictionmsd/`` (the text file, or its zip). It is only
    read, never written to.
``BYHAND_CACHE``
    Where downloads are kept, instead of the user's cache folder.
``BYHAND_OFFLINE``
    Set to anything: nothing is downloaded.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Images = NDArray[np.uint8]

TWO_D = ("linearly_separable", "non_linearly_separable", "circles")
"""The names that :func:`two_d` knows."""

FASHION_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
"""What the labels 0 to 9 of Fashion-MNIST stand for."""

CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
"""What the labels 0 to 9 of CIFAR-10 stand for."""

_SIZES = {"train": 60_000, "test": 10_000}
_PREFIXES = {"train": "train", "test": "t10k"}
_DIGITS_TRAIN = 1437
_DIABETES_TRAIN = 353
_SONGS, _SONGS_TRAIN = 515_345, 463_715
_YEARS = (1922, 2011)
_YEAR_FOLDER, _YEAR_FILE = "yearpredictionmsd", "YearPredictionMSD.txt"
_LETTERS = 10_000
_CIFAR_BATCH = 10_000
_CIFAR_FILES = {"train": tuple(f"data_batch_{k}.bin" for k in range(1, 6)), "test": ("test_batch.bin",)}


class DataUnavailable(RuntimeError):
    """A data set is neither on this machine nor to be had from the network."""


class DataCorrupted(RuntimeError):
    """A file is there but is not what was published; the message names it."""


@dataclass(frozen=True)
class Source:
    """Where a downloadable set comes from.

    Parameters
    ----------
    title : str
        What people call it, for messages.
    folder : str
        Its folder under ``$BYHAND_DATA`` and in the cache.
    mirrors : tuple of str
        Addresses to which a file's name is appended, the best first.
    files : mapping
        For each file name, the expected digests by algorithm, such as
        ``{"md5": "..."}``.
    """

    title: str
    folder: str
    mirrors: tuple[str, ...]
    files: Mapping[str, Mapping[str, str]]


def data_folder() -> Path:
    """The folder of the shipped files: inside the package in a wheel, beside it in a checkout.

    Raises
    ------
    DataUnavailable
        If there is neither.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "data", package.parent / "data"):
        if (folder / "registry.toml").is_file():
            return folder
    raise DataUnavailable(f"the shipped data files are missing: expected them in {package.parent / 'data'}")


@cache
def source(name: str) -> Source:
    """The entry of a downloadable set, ``"mnist"`` or ``"fashion_mnist"``, in ``data/registry.toml``."""
    with (data_folder() / "registry.toml").open("rb") as file:
        entry = tomllib.load(file)["download"][name]
    return Source(entry["title"], entry["folder"], tuple(entry["mirrors"]), entry["files"])


# --- shipped ---------------------------------------------------------------------------


def two_d(name: str) -> tuple[FloatArray, FloatArray]:
    """One of the three 2-D sets with two classes of 150 points each.

    Parameters
    ----------
    name : {"linearly_separable", "non_linearly_separable", "circles"}

    Returns
    -------
    X : ndarray, shape=(300, 2)
        Coordinates between -3 and 3.
    t : ndarray, shape=(300, 1)
        0 or 1.

    Raises
    ------
    ValueError
        If the name is none of the three.
    """
    if name not in TWO_D:
        raise ValueError(f"there is no 2-D set {name!r}: take one of {', '.join(TWO_D)}")
    table = _shipped(f"{name}.txt", (300, 3), skiprows=1)
    X, t = table[:, :2].copy(), table[:, 2:].copy()
    _check_labels(t, 2, f"{name}.txt")
    return X, t


def digit_patterns() -> tuple[FloatArray, FloatArray]:
    """The digits 1 to 5 drawn on a grid of 5 by 5 pixels.

    Returns
    -------
    X : ndarray, shape=(5, 25)
        0 or 1 per pixel, row by row.
    T : ndarray, shape=(5, 5)
        One-hot; class k is the digit k + 1.
    """
    X = _shipped("digit_patterns.txt", (25, 5)).reshape(5, 25)
    _check_labels(X, 2, "digit_patterns.txt")
    return X, np.eye(5)


def digits() -> tuple[FloatArray, IntArray]:
    """1,797 handwritten digits of 8 by 8 pixels (Alpaydin and Kaynak, 1998; the UCI test part).

    Returns
    -------
    X : ndarray, shape=(1797, 64)
        Ink between 0 and 1 (17 levels), row by row.
    labels : ndarray of int64, shape=(1797,)
        0 to 9.
    """
    table = _shipped("digits.csv.gz", (1797, 65), delimiter=",", skiprows=1)
    _check_labels(table[:, :-1], 17, "digits.csv.gz")
    _check_labels(table[:, -1], 10, "digits.csv.gz")
    return table[:, :-1] / 16, table[:, -1].astype(np.int64)


def breast_cancer() -> tuple[FloatArray, FloatArray]:
    """569 breast tumours described by 30 numbers (Street, Wolberg and Mangasarian, 1993).

    Returns
    -------
    X : ndarray, shape=(569, 30)
        Mean, standard error and worst value of ten measures of the cell nuclei, each in
        its own unit: standardise before use.
    t : ndarray, shape=(569, 1)
        1 for malignant (212), 0 for benign (357).
    """
    table = _shipped("breast_cancer.csv", (569, 31), delimiter=",", skiprows=1)
    X, t = table[:, :-1].copy(), table[:, -1:].copy()
    _check_labels(t, 2, "breast_cancer.csv")
    return X, t


def diabetes(*, raw: bool = False) -> tuple[FloatArray, FloatArray]:
    """442 diabetes patients and how far their illness went in a year (Efron et al., 2004).

    Parameters
    ----------
    raw : bool
        Leave the columns in their units: age (years), sex (1 or 2), body mass index
        (kg/m²), mean blood pressure (mmHg) and six blood serum measures.

    Returns
    -------
    X : ndarray, shape=(442, 10)
        Unless `raw`, each column has mean 0 and (biased) variance 1 over the 442 rows.
    y : ndarray, shape=(442, 1)
        The measure of progression, 25 to 346, not scaled.
    """
    table = _shipped("diabetes.csv", (442, 11), delimiter=",", skiprows=1)
    X, y = table[:, :-1].copy(), table[:, -1:].copy()
    return (X if raw else (X - X.mean(axis=0)) / X.std(axis=0)), y


def _shipped(name: str, shape: tuple[int, int], delimiter: str | None = None, skiprows: int = 0) -> FloatArray:
    """The numbers of a shipped text file, which must have this shape and be finite."""
    path = data_folder() / name
    if path.exists() and path.stat().st_size == 0:
        raise DataUnavailable(f"{name} is empty here: while work is marked, functions get their data as arguments.")
    try:
        table: FloatArray = np.loadtxt(path, delimiter=delimiter, skiprows=skiprows, ndmin=2)
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataCorrupted(f"{path} cannot be read as a table of numbers: {error}") from error
    if table.shape != shape or not np.isfinite(table).all():
        raise DataCorrupted(f"{path} should hold {shape[0]} x {shape[1]} numbers; it holds {table.shape}")
    return table


def _check_labels(labels: NDArray[np.generic], count: int, name: str) -> None:
    """Raise unless `labels` are whole numbers from 0 to `count` - 1."""
    if not np.isin(labels, np.arange(count)).all():
        raise DataCorrupted(f"{name}: expected whole numbers from 0 to {count - 1}")


# --- brought by hand -------------------------------------------------------------------


def year_prediction() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """YearPredictionMSD, the timbre of 515,345 songs and their year (Bertin-Mahieux et al., 2011).

    Taken from ``$BYHAND_DATA/yearpredictionmsd/``, where the published file
    ``YearPredictionMSD.txt`` lies, or ``YearPredictionMSD.txt.zip`` with that file in it.
    The split is the published one, by position: no artist is in both parts.

    Returns
    -------
    X_train : ndarray, shape=(463715, 90)
        12 means and 78 covariances of timbre, each in its own unit: standardise before use.
    y_train : ndarray, shape=(463715, 1)
        The year, 1922 to 2011.
    X_test : ndarray, shape=(51630, 90)
    y_test : ndarray, shape=(51630, 1)

    Raises
    ------
    DataUnavailable
        If it is not on this machine; the message says how to get it.
    DataCorrupted
        If the file is not the published one.
    """
    return _read_years(_year_file(), _SONGS, _SONGS_TRAIN)


def year_prediction_or_diabetes() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """YearPredictionMSD where it is at hand, else the shipped diabetes patients, in the same form.

    Which of the two it is shows in the number of columns. The fall-back prints one
    sentence. Of the patients, whose order in the file is that of their authors, the last
    89 are the test part. Neither is scaled.

    Returns
    -------
    X_train : ndarray, shape=(463715, 90) or (353, 10)
    y_train : ndarray, shape=(463715, 1) or (353, 1)
        The year of the song, or the progression of the illness.
    X_test : ndarray, shape=(51630, 90) or (89, 10)
    y_test : ndarray, shape=(51630, 1) or (89, 1)

    Raises
    ------
    DataCorrupted
        If the file of YearPredictionMSD is there but is not the published one.
    """
    try:
        return year_prediction()
    except DataUnavailable:
        X, y = diabetes(raw=True)
        print("YearPredictionMSD is not at hand: these are the shipped diabetes patients, 353 to train on, 89 to test.")
        return X[:_DIABETES_TRAIN], y[:_DIABETES_TRAIN], X[_DIABETES_TRAIN:], y[_DIABETES_TRAIN:]


def _year_file() -> Path:
    """The text file or the zip under ``$BYHAND_DATA``, the text file first."""
    given = os.environ.get("BYHAND_DATA")
    if given:
        for name in (_YEAR_FILE, f"{_YEAR_FILE}.zip"):
            path = Path(given) / _YEAR_FOLDER / name
            if path.is_file():
                return path
    place = (
        f"to {Path(given) / _YEAR_FOLDER}"
        if given
        else f"to a folder {_YEAR_FOLDER}/ and set BYHAND_DATA to its parent"
    )
    raise DataUnavailable(
        f"YearPredictionMSD is not on this machine: download {_YEAR_FILE}.zip (about 200 MB) from the UCI Machine "
        f"Learning Repository (doi:10.24432/C50K61), bring it {place}, zipped or not; or use datasets.diabetes(), "
        "which needs no download."
    )


def _read_years(path: Path, songs: int, train: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The table of `songs` rows in `path`, checked, and cut after the first `train`."""
    import pandas as pd

    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed, packed.open(_YEAR_FILE) as file:
                table: FloatArray = pd.read_csv(file, header=None, dtype=np.float64).to_numpy()
        else:
            table = pd.read_csv(path, header=None, dtype=np.float64).to_numpy()
    except KeyError:
        raise DataCorrupted(f"{path} holds no {_YEAR_FILE}: was it packed anew?") from None
    except (ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataCorrupted(f"{path} cannot be read as a table of numbers: {error}") from error
    if table.shape != (songs, 91):
        raise DataCorrupted(
            f"{path} should hold {songs:,} songs with the year and 90 numbers each, 91 columns; it holds {table.shape}"
        )
    if not np.isfinite(table).all():
        raise DataCorrupted(f"{path} holds empty or infinite entries, the first in line {_first_bad(table)}")
    years, X = table[:, :1].copy(), table[:, 1:].copy()
    first, last = _YEARS
    if not ((years >= first) & (years <= last) & (years == np.floor(years))).all():
        raise DataCorrupted(f"{path}: the first column should hold whole years from {first} to {last}")
    return X[:train], years[:train], X[train:], years[train:]


def _first_bad(table: FloatArray) -> int:
    """The number, from 1, of the first line with an entry that is not finite."""
    return int(np.argmax(~np.isfinite(table).all(axis=1))) + 1


def notmnist() -> tuple[Images, IntArray]:
    """notMNIST in a selection of 10,000: the letters A to J in many fonts (Bulatov, 2011).

    Taken from ``$BYHAND_DATA/notmnist-10k/``, where ``t10k-images-idx3-ubyte.gz`` and
    ``t10k-labels-idx1-ubyte.gz`` lie. It has no split of its own.

    Returns
    -------
    X : ndarray of uint8, shape=(10000, 28, 28)
        Ink from 0 to 255.
    labels : ndarray of int64, shape=(10000,)
        0 for A to 9 for J.

    Raises
    ------
    DataUnavailable
        If it is not on this machine; the message says how to get it.
    DataCorrupted
        If a file is not what it should be.
    """
    how = (
        "download notMNIST in the idx format of MNIST, of which the test part of 10,000 letters is used "
        "(the two t10k files)"
    )
    images, labels = (
        _brought("notMNIST", "notmnist-10k", f"t10k-{kind}-ubyte.gz", how) for kind in ("images-idx3", "labels-idx1")
    )
    return _read_images_and_labels(images, labels, _LETTERS)


def cifar10(split: str) -> tuple[Images, IntArray]:
    """CIFAR-10, 32 by 32 colour photographs of ten kinds of things (Krizhevsky, 2009).

    Taken from ``$BYHAND_DATA/cifar-10-batches-bin/``, where the files of the binary version
    lie: ``data_batch_1.bin`` to ``data_batch_5.bin`` and ``test_batch.bin``.

    Parameters
    ----------
    split : {"train", "test"}

    Returns
    -------
    X : ndarray of uint8, shape=(50000 or 10000, 32, 32, 3)
        Red, green and blue from 0 to 255.
    labels : ndarray of int64, shape=(50000 or 10000,)
        0 to 9; what they stand for is in `CIFAR_CLASSES`.

    Raises
    ------
    DataUnavailable
        If it is not on this machine; the message says how to get it.
    DataCorrupted
        If a file is not what it should be.
    """
    if split not in _CIFAR_FILES:
        raise ValueError(f"split is 'train' or 'test', not {split!r}")
    how = (
        "download the binary version of CIFAR-10 (162 MB) from its home page at the University of Toronto and unpack it"
    )
    paths = [_brought("CIFAR-10", "cifar-10-batches-bin", name, how) for name in _CIFAR_FILES[split]]
    parts = [_read_cifar(path, _CIFAR_BATCH) for path in paths]
    return np.concatenate([X for X, _ in parts]), np.concatenate([labels for _, labels in parts])


def _brought(title: str, folder: str, name: str, how: str) -> Path:
    """A file of a set that people bring themselves, under ``$BYHAND_DATA``."""
    given = os.environ.get("BYHAND_DATA")
    if given and (path := Path(given) / folder / name).is_file():
        return path
    place = f"to {Path(given) / folder}" if given else f"to a folder {folder}/ and set BYHAND_DATA to its parent"
    raise DataUnavailable(f"{title} is not on this machine ({name} is missing): {how}, bring it {place}.")


def _read_cifar(path: Path, count: int) -> tuple[Images, IntArray]:
    """`count` records of one byte for the label and 3 times 32 by 32 for red, green and blue."""
    content = np.fromfile(path, dtype=np.uint8)
    if content.size != count * 3073:
        raise DataCorrupted(f"{path} should hold {count:,} records of 3,073 bytes; it holds {content.size:,} bytes")
    records = content.reshape(count, 3073)
    _check_labels(records[:, 0], 10, str(path))
    images = records[:, 1:].reshape(count, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), records[:, 0].astype(np.int64)


# --- downloaded ------------------------------------------------------------------------


def mnist(split: str) -> tuple[Images, IntArray]:
    """MNIST, 28 by 28 grey images of handwritten digits (LeCun, Cortes and Burges, 1998).

    Parameters
    ----------
    split : {"train", "test"}

    Returns
    -------
    X : ndarray of uint8, shape=(60000 or 10000, 28, 28)
        Ink from 0 to 255.
    labels : ndarray of int64, shape=(60000 or 10000,)
        0 to 9.

    Raises
    ------
    DataUnavailable
        If it is not on this machine and no mirror can be reached.
    DataCorrupted
        If a file is not the published one.
    """
    return _images_and_labels(source("mnist"), split)


def fashion_mnist(split: str) -> tuple[Images, IntArray]:
    """Fashion-MNIST, 28 by 28 grey images of clothes (Xiao, Rasul and Vollgraf, 2017).

    Parameters
    ----------
    split : {"train", "test"}

    Returns
    -------
    X : ndarray of uint8, shape=(60000 or 10000, 28, 28)
        Brightness from 0 to 255.
    labels : ndarray of int64, shape=(60000 or 10000,)
        0 to 9; what they stand for is in `FASHION_CLASSES`.

    Raises
    ------
    DataUnavailable
        If it is not on this machine and no mirror can be reached.
    DataCorrupted
        If a file is not the published one.
    """
    return _images_and_labels(source("fashion_mnist"), split)


def mnist_or_digits() -> tuple[FloatArray, IntArray, FloatArray, IntArray]:
    """MNIST where it can be had, else the shipped digits, in the same form.

    Which of the two it is shows in the number of columns. The fall-back prints one
    sentence. Of the shipped digits the last 360 are the test part; other people wrote
    them.

    Returns
    -------
    X_train : ndarray, shape=(60000, 784) or (1437, 64)
        Ink between 0 and 1.
    labels_train : ndarray of int64, shape=(60000,) or (1437,)
    X_test : ndarray, shape=(10000, 784) or (360, 64)
    labels_test : ndarray of int64, shape=(10000,) or (360,)

    Raises
    ------
    DataCorrupted
        If MNIST is there but a file is not the published one.
    """
    try:
        (X_train, labels_train), (X_test, labels_test) = mnist("train"), mnist("test")
    except DataUnavailable:
        X, labels = digits()
        print("MNIST is not at hand: these are the shipped digits, 1,437 to train on and 360 to test with.")
        return X[:_DIGITS_TRAIN], labels[:_DIGITS_TRAIN], X[_DIGITS_TRAIN:], labels[_DIGITS_TRAIN:]
    return X_train.reshape(-1, 784) / 255, labels_train, X_test.reshape(-1, 784) / 255, labels_test


def _images_and_labels(origin: Source, split: str) -> tuple[Images, IntArray]:
    if split not in _SIZES:
        raise ValueError(f"split is 'train' or 'test', not {split!r}")
    images_path = fetch(origin, f"{_PREFIXES[split]}-images-idx3-ubyte.gz")
    labels_path = fetch(origin, f"{_PREFIXES[split]}-labels-idx1-ubyte.gz")
    return _read_images_and_labels(images_path, labels_path, _SIZES[split])


def _read_images_and_labels(images_path: Path, labels_path: Path, count: int) -> tuple[Images, IntArray]:
    """`count` images of 28 by 28 and their labels 0 to 9, checked."""
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.shape != (count, 28, 28):
        raise DataCorrupted(f"{images_path} should hold ({count}, 28, 28) pixels; it holds {images.shape}")
    if labels.shape != (count,):
        raise DataCorrupted(f"{labels_path} should hold ({count},) labels; it holds {labels.shape}")
    _check_labels(labels, 10, str(labels_path))
    return images, labels.astype(np.int64)


def read_idx(path: Path) -> Images:
    """Read a gzipped ``idx`` file of unsigned bytes, the format in which MNIST is published.

    Two zero bytes, the type (8: unsigned byte), the number of dimensions, each dimension
    as a big-endian 32-bit number, then the bytes.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray of uint8
        With 1 to 3 dimensions.

    Raises
    ------
    DataCorrupted
        If the file is not a complete file of this format, or goes on after its end.
    """
    try:
        with gzip.open(path) as file:
            magic = file.read(4)
            if len(magic) < 4 or magic[:2] != b"\0\0":
                raise DataCorrupted(f"{path} is not an idx file: it should begin with two zero bytes")
            if magic[2] != 8:
                raise DataCorrupted(f"{path}: only unsigned bytes (type 8) are read, not type {magic[2]}")
            if not 1 <= magic[3] <= 3:
                raise DataCorrupted(f"{path} claims {magic[3]} dimensions; expected 1, 2 or 3")
            header = file.read(4 * magic[3])
            if len(header) < 4 * magic[3]:
                raise DataCorrupted(f"{path} ends within its header")
            shape = tuple(int(n) for n in np.frombuffer(header, dtype=">u4"))
            size = math.prod(shape)
            if size > 1 << 30:
                raise DataCorrupted(f"{path} claims the shape {shape}, which is more than 1 GiB")
            content = file.read(size)
            if len(content) < size or file.read(1):
                found = f"only {len(content)}" if len(content) < size else "more"
                raise DataCorrupted(f"{path} should hold {size} bytes for shape {shape}; it holds {found}")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataCorrupted(f"{path} is not a complete gzip file: {error}") from error
    return np.frombuffer(content, dtype=np.uint8).reshape(shape).copy()


def fetch(origin: Source, name: str) -> Path:
    """The path of a file of a downloadable set, which is fetched if need be.

    Looked for under ``$BYHAND_DATA``, then in the cache, then at the mirrors in turn. In
    the cache a file with a wrong checksum is deleted; a download with a wrong checksum
    is thrown away and fetched once more, from the next mirror.

    Parameters
    ----------
    origin : Source
    name : str
        One of ``origin.files``.

    Returns
    -------
    Path
        A file whose checksums are right.

    Raises
    ------
    DataUnavailable
        If the file is not on this machine and cannot be downloaded.
    DataCorrupted
        If the file under ``$BYHAND_DATA``, or what two mirrors sent, has a wrong checksum.
    """
    expected = origin.files[name]
    if given := os.environ.get("BYHAND_DATA"):
        path = Path(given) / origin.folder / name
        if path.is_file():
            if not _is_right(path, expected):
                raise DataCorrupted(
                    f"{path} is not the published {origin.title} file (its checksum is wrong): "
                    "put a fresh copy there or unset BYHAND_DATA"
                )
            return path
    path = _cache_folder() / origin.folder / name
    if path.is_file():
        if _is_right(path, expected):
            return path
        path.unlink()
    return _download(origin, name, path)


def _cache_folder() -> Path:
    if chosen := os.environ.get("BYHAND_CACHE"):
        return Path(chosen)
    import pooch

    return Path(pooch.os_cache("byhand"))


def _is_right(path: Path, expected: Mapping[str, str]) -> bool:
    for algorithm, digest in expected.items():
        with path.open("rb") as file:
            if hashlib.file_digest(file, algorithm).hexdigest() != digest:
                return False
    return True


def _download(origin: Source, name: str, path: Path) -> Path:
    """Fetch `name` from one mirror after the other until its checksums are right."""
    advice = (
        f"set BYHAND_DATA to a folder that holds {origin.folder}/{name}, or use datasets.digits(), "
        "which needs no download"
    )
    if os.environ.get("BYHAND_OFFLINE"):
        raise DataUnavailable(f"{origin.title} is not on this machine and BYHAND_OFFLINE forbids a download: {advice}.")
    import pooch

    from byhand.progress import is_live

    downloader = pooch.HTTPDownloader(progressbar=is_live(), timeout=30)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataUnavailable(
            f"{origin.title} is not on this machine and there is no place to keep it ({error}): {advice}."
        ) from error
    wrong = 0
    for mirror in origin.mirrors:
        try:
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".part-") as scratch:
                part = Path(scratch) / name
                downloader(mirror + name, str(part), None)
                if _is_right(part, expected=origin.files[name]):
                    return part.replace(path)
        except OSError:  # requests' exceptions are of this kind, too
            continue
        wrong += 1
        if wrong == 2:
            break
    if wrong:
        raise DataCorrupted(
            f"{name} of {origin.title} arrived with a wrong checksum and was thrown away: "
            "try again later, or set BYHAND_DATA to a folder with the published files"
        )
    raise DataUnavailable(
        f"{origin.title} is not on this machine and could not be downloaded (no mirror answered): {advice}."
    )
