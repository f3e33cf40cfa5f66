"""The data sets: what is shipped, how the others are fetched, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import os
import runpy
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from byhand import datasets
from byhand.datasets import DataCorrupted, DataUnavailable, Source

REPO = Path(__file__).resolve().parents[1]
REGISTRY = tomllib.loads((REPO / "data" / "registry.toml").read_text(encoding="utf-8"))
NAME = "train-labels-idx1-ubyte.gz"
RIGHT = b"the published file"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test starts without the user's settings and with a cache of its own."""
    for name in ("BYHAND_DATA", "BYHAND_OFFLINE", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BYHAND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


# --- shipped ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", datasets.TWO_D)
def test_a_two_d_set_has_150_points_of_each_class_between_minus_3_and_3(name: str) -> None:
    X, t = datasets.two_d(name)
    assert X.shape == (300, 2) and t.shape == (300, 1)
    assert X.dtype == t.dtype == np.float64
    assert t.sum() == 150 and set(np.unique(t)) == {0, 1}
    assert 2 < np.abs(X).max() <= 3
    assert 50 < t[:100].sum() + t[-50:].sum() < 100, "the classes should be shuffled"


def share_of_the_best_line(X: np.ndarray, t: np.ndarray) -> float:
    best = 0
    for angle in np.deg2rad(np.arange(0, 180, 0.25)):
        ordered = t[np.argsort(X @ [np.cos(angle), np.sin(angle)]), 0]
        right = np.append(0, np.cumsum(1 - 2 * ordered)) + ordered.sum()
        best = max(best, right.max(), len(t) - right.min())
    return best / len(t)


@pytest.mark.parametrize(
    ("name", "trained", "best"),
    [
        ("linearly_separable", 1.0, 1.0),
        ("non_linearly_separable", 0.707, 0.817),
        ("circles", 0.530, 0.647),
    ],
)
def test_lines_are_as_good_as_the_readme_of_the_data_says(name: str, trained: float, best: float) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, t = datasets.two_d(name)
    assert share_of_the_best_line(X, t) == pytest.approx(best, abs=0.0006)
    model = linear_model.LogisticRegression(C=1e4).fit(X, t.ravel())
    assert model.score(X, t.ravel()) == pytest.approx(trained, abs=0.0006)
    row = next(line for line in (REPO / "data" / "README.md").read_text().splitlines() if f"`{name}.txt`" in line)
    assert (f"{100 * best:.3g} %" in row and f"{100 * trained:.1f} %" in row) or best == 1


def test_squares_of_the_coordinates_separate_the_circles() -> None:
    X, t = datasets.two_d("circles")
    radius = (X**2).sum(axis=1, keepdims=True)
    assert radius[t == 1].max() < 1.6**2 < radius[t == 0].min()


def test_an_unknown_two_d_set_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="linearly_separable, non_linearly_separable, circles"):
        datasets.two_d("spirals")


def test_the_digit_patterns_are_1_to_5() -> None:
    X, T = datasets.digit_patterns()
    assert X.shape == (5, 25) and np.array_equal(T, np.eye(5))
    assert X.sum(axis=1).tolist() == [8, 14, 13, 11, 15]
    assert X[3].reshape(5, 5)[3].tolist() == [1, 1, 1, 1, 1]


def test_digits_are_those_of_scikit_learn_divided_by_16() -> None:
    sklearn = pytest.importorskip("sklearn.datasets")
    X, labels = datasets.digits()
    assert X.dtype == np.float64 and labels.dtype == np.int64
    assert np.array_equal(X * 16, sklearn.load_digits().data)
    assert np.array_equal(labels, sklearn.load_digits().target)


def test_breast_cancer_is_that_of_scikit_learn_with_1_for_malignant() -> None:
    sklearn = pytest.importorskip("sklearn.datasets")
    X, t = datasets.breast_cancer()
    assert np.array_equal(X, sklearn.load_breast_cancer().data)
    assert np.array_equal(t, 1 - sklearn.load_breast_cancer().target[:, None]) and t.sum() == 212


def test_diabetes_is_that_of_scikit_learn_standardised_unless_raw() -> None:
    sklearn = pytest.importorskip("sklearn.datasets")
    X, y = datasets.diabetes()
    raw, same = datasets.diabetes(raw=True)
    np.testing.assert_allclose(raw, sklearn.load_diabetes(scaled=False).data, rtol=1e-14)
    assert np.array_equal(y, sklearn.load_diabetes().target[:, None]) and np.array_equal(y, same)
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X.std(axis=0), 1)


def test_a_caller_may_change_what_it_got() -> None:
    first, _ = datasets.two_d("circles")
    first[:] = 0
    assert datasets.two_d("circles")[0].any()


def test_shipped_files_have_the_registered_checksums_and_are_small() -> None:
    data = REPO / "data"
    assert set(REGISTRY["shipped"]) == {p.name for p in data.iterdir() if p.suffix in {".txt", ".csv", ".gz"}}
    for name, sums in REGISTRY["shipped"].items():
        content = (data / name).read_bytes()
        assert len(content) < 1_000_000
        assert hashlib.md5(content).hexdigest() == sums["md5"], name
        assert hashlib.sha256(content).hexdigest() == sums["sha256"], name


def test_the_script_makes_every_shipped_file_again() -> None:
    pytest.importorskip("sklearn")
    made = runpy.run_path(str(REPO / "data" / "make_data.py"))["files"]()
    assert set(made) == set(REGISTRY["shipped"])
    for name, content in made.items():
        kept = (REPO / "data" / name).read_bytes()
        if name.endswith(".gz"):  # another zlib may pack the same bytes differently
            kept, content = gzip.decompress(kept), gzip.decompress(content)
        assert content == kept, name


@pytest.mark.parametrize("damage", ["1 2\n", "no numbers\n", "nan 0 1\n" * 300, "0 0 2\n" * 300])
def test_a_damaged_shipped_file_is_named(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "circles.txt").write_text("Input_A Input_B Label\n" + damage)
    monkeypatch.setattr(datasets, "data_folder", lambda: tmp_path)
    with pytest.raises(DataCorrupted, match=r"circles\.txt"):
        datasets.two_d("circles")


def test_importing_the_module_loads_neither_pandas_nor_pooch() -> None:
    code = "import sys, byhand.datasets; print(*sorted({'pandas', 'pooch', 'requests', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# --- idx -------------------------------------------------------------------------------


def packed(content: bytes) -> bytes:
    """Compressed without the time of day, for every worker has to find the same tests."""
    return gzip.compress(content, mtime=0)


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    sizes = b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, kind, array.ndim]) + sizes + array.tobytes()


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def test_an_idx_file_is_read_with_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(IMAGES)))
    read = datasets.read_idx(path)
    assert read.dtype == np.uint8 and np.array_equal(read, IMAGES)
    read[:] = 0  # writable


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx(IMAGES), "not a complete gzip file"),
        (packed(idx(IMAGES))[:-9], "not a complete gzip file"),
        (packed(b""), "two zero bytes"),
        (packed(b"\0\0\10"), "two zero bytes"),
        (packed(b"\1" + idx(IMAGES)), "two zero bytes"),
        (packed(idx(IMAGES, kind=13)), "not type 13"),
        (packed(b"\0\0\10\0"), "claims 0 dimensions"),
        (packed(b"\0\0\10\4" + idx(IMAGES)), "claims 4 dimensions"),
        (packed(idx(IMAGES)[:9]), "ends within its header"),
        (packed(idx(IMAGES)[:-1]), "should hold 24 bytes .* only 23"),
        (packed(idx(IMAGES) + b"\0"), "should hold 24 bytes .* more"),
        (packed(b"\0\0\10\3" + b"\xff" * 12), "more than 1 GiB"),
    ],
)
def test_a_malformed_idx_file_is_refused_by_name(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(content)
    with pytest.raises(DataCorrupted, match=f"images.gz.*{message}"):
        datasets.read_idx(path)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((5, 28, 28), np.uint8), np.zeros(10_000, np.uint8), r"should hold \(10000, 28, 28\) pixels"),
        (np.zeros((10_000, 28, 28), np.uint8), np.zeros(9_999, np.uint8), r"should hold \(10000,\) labels"),
        (np.zeros((10_000, 28, 28), np.uint8), np.full(10_000, 10, np.uint8), "whole numbers from 0 to 9"),
    ],
)
def test_images_and_labels_have_to_fit(
    images: np.ndarray, labels: np.ndarray, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "fetch", lambda origin, name: tmp_path / name)
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images), 1))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels), 1))
    with pytest.raises(DataCorrupted, match=message):
        datasets.mnist("test")


def test_a_split_is_train_or_test() -> None:
    with pytest.raises(ValueError, match="'train' or 'test', not 'validation'"):
        datasets.mnist("validation")


def test_notmnist_is_read_from_the_users_folder_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "notmnist-10k"
    folder.mkdir()
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    pixels = np.random.default_rng(0).integers(0, 256, size=(10_000, 28, 28), dtype=np.uint8)
    given = (np.arange(10_000) % 10).astype(np.uint8)
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(pixels), 1))
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(given), 1))
    X, labels = datasets.notmnist()
    assert X.dtype == np.uint8 and np.array_equal(X, pixels)
    assert labels.dtype == np.int64 and np.array_equal(labels, given)
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(given + 1), 1))
    with pytest.raises(DataCorrupted, match=r"t10k-labels.*whole numbers from 0 to 9"):
        datasets.notmnist()


def cifar_records(labels: np.ndarray, images: np.ndarray) -> bytes:
    """As published: the label, then all red, all green, all blue bytes, row by row."""
    return b"".join(
        bytes([label]) + b"".join(image[:, :, colour].tobytes() for colour in range(3))
        for label, image in zip(labels.tolist(), images, strict=True)
    )


def test_cifar_records_are_a_label_and_three_planes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    labels, images = rng.integers(0, 10, 7), rng.integers(0, 256, size=(7, 32, 32, 3), dtype=np.uint8)
    path = tmp_path / "batch.bin"
    path.write_bytes(cifar_records(labels, images))
    X, read = datasets._read_cifar(path, 7)
    assert X.dtype == np.uint8 and X.flags.c_contiguous and np.array_equal(X, images)
    assert read.dtype == np.int64 and np.array_equal(read, labels)
    with pytest.raises(DataCorrupted, match=r"batch\.bin should hold 8 records"):
        datasets._read_cifar(path, 8)
    path.write_bytes(cifar_records(labels + 5, images))
    with pytest.raises(DataCorrupted, match=r"batch\.bin: expected whole numbers from 0 to 9"):
        datasets._read_cifar(path, 7)


def test_cifar10_puts_its_five_batches_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    monkeypatch.setattr(datasets, "_CIFAR_BATCH", 2)
    for k, name in enumerate([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]):
        images = np.full((2, 32, 32, 3), 10 * k, np.uint8)
        (folder / f"{name}.bin").write_bytes(cifar_records(np.array([k, 9 - k]), images))
    X, labels = datasets.cifar10("train")
    assert X.shape == (10, 32, 32, 3) and X[::2, 0, 0, 0].tolist() == [0, 10, 20, 30, 40]
    assert labels.tolist() == [0, 9, 1, 8, 2, 7, 3, 6, 4, 5]
    X, labels = datasets.cifar10("test")
    assert X.shape == (2, 32, 32, 3) and labels.tolist() == [5, 4]
    with pytest.raises(ValueError, match="'train' or 'test', not 'all'"):
        datasets.cifar10("all")


@pytest.mark.parametrize(
    ("load", "folder"),
    [(datasets.notmnist, "notmnist-10k"), (lambda: datasets.cifar10("test"), "cifar-10-batches-bin")],
    ids=["notMNIST", "CIFAR-10"],
)
def test_a_set_that_people_bring_says_what_to_download_and_where_to_put_it(
    load: Callable[[], object], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataUnavailable, match=f"download .* bring it to a folder {folder}/ and set BYHAND_DATA"):
        load()
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    with pytest.raises(DataUnavailable, match=f"bring it to {tmp_path / folder}"):
        load()


# --- fetching --------------------------------------------------------------------------


class Mirror(http.server.ThreadingHTTPServer):
    """A server on this machine: the first part of a path chooses what it answers."""

    asked: list[str]

    def __init__(self) -> None:
        self.asked = []
        super().__init__(("127.0.0.1", 0), Handler)

    def at(self, part: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{part}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        part = self.path.split("/")[1]
        self.server.asked.append(part)
        self.send_response(404 if part == "missing" else 200)
        content = RIGHT if part == "right" else b"a login page"
        self.send_header("Content-Length", str(len(content) + (5 if part == "cut" else 0)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def toy(mirror: Mirror) -> Callable[..., Source]:
    def make(*parts: str) -> Source:
        sums = {"md5": hashlib.md5(RIGHT).hexdigest(), "sha256": hashlib.sha256(RIGHT).hexdigest()}
        return Source("Toy", "toy", tuple(mirror.at(part) for part in parts), {NAME: sums})

    return make


def cached(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "toy" / NAME


def test_a_download_is_kept_and_not_repeated(toy: Callable[..., Source], mirror: Mirror, tmp_path: Path) -> None:
    path = datasets.fetch(toy("right"), NAME)
    assert path == cached(tmp_path) and path.read_bytes() == RIGHT
    assert datasets.fetch(toy("right"), NAME) == path
    assert mirror.asked == ["right"]


def test_after_a_wrong_checksum_the_next_mirror_is_asked(
    toy: Callable[..., Source], mirror: Mirror, tmp_path: Path
) -> None:
    assert datasets.fetch(toy("wrong", "right"), NAME).read_bytes() == RIGHT
    assert mirror.asked == ["wrong", "right"]
    assert [p.name for p in cached(tmp_path).parent.iterdir()] == [NAME]


def test_two_wrong_checksums_end_in_an_error_that_names_the_file_and_leave_nothing(
    toy: Callable[..., Source], mirror: Mirror, tmp_path: Path
) -> None:
    with pytest.raises(DataCorrupted, match=rf"{NAME} of Toy arrived with a wrong checksum"):
        datasets.fetch(toy("wrong", "wrong", "right"), NAME)
    assert mirror.asked == ["wrong", "wrong"]
    assert list(cached(tmp_path).parent.iterdir()) == []


@pytest.mark.parametrize("broken", ["missing", "cut"])
def test_a_mirror_that_fails_is_passed_over(
    broken: str, toy: Callable[..., Source], mirror: Mirror, tmp_path: Path
) -> None:
    assert datasets.fetch(toy(broken, broken, broken, "right"), NAME).read_bytes() == RIGHT
    assert mirror.asked == [broken] * 3 + ["right"]


def test_a_wrong_checksum_is_right_only_if_all_digests_agree(toy: Callable[..., Source]) -> None:
    origin = toy("right", "right")
    sums = {**origin.files[NAME], "sha256": hashlib.sha256(b"other").hexdigest()}
    with pytest.raises(DataCorrupted):
        datasets.fetch(Source(origin.title, origin.folder, origin.mirrors, {NAME: sums}), NAME)


def test_a_damaged_file_in_the_cache_is_replaced(toy: Callable[..., Source], mirror: Mirror, tmp_path: Path) -> None:
    cached(tmp_path).parent.mkdir(parents=True)
    cached(tmp_path).write_bytes(b"half of it")
    assert datasets.fetch(toy("right"), NAME).read_bytes() == RIGHT
    assert mirror.asked == ["right"]


def test_a_damaged_file_in_the_cache_is_deleted_even_without_a_network(
    toy: Callable[..., Source], tmp_path: Path
) -> None:
    cached(tmp_path).parent.mkdir(parents=True)
    cached(tmp_path).write_bytes(b"half of it")
    with pytest.raises(DataUnavailable):
        datasets.fetch(toy("missing"), NAME)
    assert not cached(tmp_path).exists()


def test_the_users_data_folder_comes_first(
    toy: Callable[..., Source], mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given" / "toy" / NAME
    given.parent.mkdir(parents=True)
    given.write_bytes(RIGHT)
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path / "given"))
    assert datasets.fetch(toy("right"), NAME) == given
    assert mirror.asked == []


def test_a_damaged_file_in_the_users_data_folder_is_named_and_never_deleted(
    toy: Callable[..., Source], mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given" / "toy" / NAME
    given.parent.mkdir(parents=True)
    given.write_bytes(b"half of it")
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path / "given"))
    with pytest.raises(DataCorrupted, match=str(given)):
        datasets.fetch(toy("right"), NAME)
    assert given.read_bytes() == b"half of it" and mirror.asked == []


def test_a_set_that_the_users_data_folder_lacks_is_downloaded(
    toy: Callable[..., Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path / "given"))
    assert datasets.fetch(toy("right"), NAME) == cached(tmp_path)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_without_a_network_one_sentence_says_what_to_do(toy: Callable[..., Source]) -> None:
    unreachable = (f"http://127.0.0.1:{closed_port()}/",)
    with pytest.raises(DataUnavailable) as caught:
        datasets.fetch(Source("Toy", "toy", unreachable, toy().files), NAME)
    assert str(caught.value) == (
        "Toy is not on this machine and could not be downloaded (no mirror answered): set BYHAND_DATA to a folder "
        f"that holds toy/{NAME}, or use datasets.digits(), which needs no download."
    )


def test_offline_nothing_is_downloaded(
    toy: Callable[..., Source], mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BYHAND_OFFLINE", "1")
    with pytest.raises(DataUnavailable, match="BYHAND_OFFLINE forbids"):
        datasets.fetch(toy("right"), NAME)
    assert mirror.asked == []


def test_without_a_place_to_keep_it_one_sentence_says_so(
    toy: Callable[..., Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("BYHAND_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataUnavailable, match="no place to keep it"):
        datasets.fetch(toy("right"), NAME)


def test_mnist_or_digits_falls_back_to_the_digits_and_says_so_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BYHAND_OFFLINE", "1")
    X_train, labels_train, X_test, labels_test = datasets.mnist_or_digits()
    assert X_train.shape == (1437, 64) and labels_train.shape == (1437,)
    assert X_test.shape == (360, 64) and labels_test.shape == (360,)
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "shipped digits" in out


def test_mnist_or_digits_hides_no_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "mnist" / "train-images-idx3-ubyte.gz"
    damaged.parent.mkdir()
    damaged.write_bytes(b"half of it")
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    with pytest.raises(DataCorrupted, match=str(damaged)):
        datasets.mnist_or_digits()


def test_the_registered_md5_are_the_published_ones() -> None:
    md5 = {name: [s["md5"] for s in entry["files"].values()] for name, entry in REGISTRY["download"].items()}
    assert md5 == {
        "mnist": [
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ],
        "fashion_mnist": [
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ],
    }
    for entry in REGISTRY["download"].values():
        assert len(entry["mirrors"]) >= 3 and all(m.endswith("/") for m in entry["mirrors"])


# --- the real ones, where they are at hand -----------------------------------------------

GIVEN = os.environ.get("BYHAND_DATA", "")


def needs(folder: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (GIVEN and (Path(GIVEN) / folder).is_dir()), reason=f"BYHAND_DATA has no {folder}/")


@needs("mnist")
def test_the_real_mnist_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYHAND_DATA", GIVEN)
    X, labels = datasets.mnist("train")
    assert X.shape == (60_000, 28, 28) and X.dtype == np.uint8 and X.mean() == pytest.approx(33.318, abs=0.001)
    assert labels[:6].tolist() == [5, 0, 4, 1, 9, 2] and labels.dtype == np.int64
    X, labels = datasets.mnist("test")
    assert X.shape == (10_000, 28, 28) and labels[:6].tolist() == [7, 2, 1, 0, 4, 1]


@needs("mnist")
def test_mnist_or_digits_gives_the_real_mnist_flat_between_0_and_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BYHAND_DATA", GIVEN)
    X_train, labels_train, X_test, labels_test = datasets.mnist_or_digits()
    assert X_train.shape == (60_000, 784) and X_test.shape == (10_000, 784)
    assert labels_train.shape == (60_000,) and labels_test.shape == (10_000,)
    assert X_test.min() == 0 and X_test.max() == 1
    assert capsys.readouterr().out == ""


@needs("fashion-mnist")
def test_the_real_fashion_mnist_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYHAND_DATA", GIVEN)
    X, labels = datasets.fashion_mnist("test")
    assert X.shape == (10_000, 28, 28)
    assert [datasets.FASHION_CLASSES[k] for k in labels[:3]] == ["ankle boot", "pullover", "trouser"]
    assert np.bincount(labels).tolist() == [1000] * 10
