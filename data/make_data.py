"""Make the small data files of the course again: ``python data/make_data.py [folder]``.

The 2-D sets come from the generators below, the 5x5 patterns from their drawing, the
others from the copies that scikit-learn ships (``pip install scikit-learn``). The same
files come out on every machine; ``tests/test_datasets.py`` holds that.
"""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

PATTERNS = """
# 1
0 1 1 0 0
0 0 1 0 0
0 0 1 0 0
0 0 1 0 0
0 1 1 1 0
# 2
1 1 1 1 0
0 0 0 0 1
0 1 1 1 0
1 0 0 0 0
1 1 1 1 1
# 3
1 1 1 1 0
0 0 0 0 1
0 1 1 1 0
0 0 0 0 1
1 1 1 1 0
# 4
0 0 0 1 0
0 0 1 1 0
0 1 0 1 0
1 1 1 1 1
0 0 0 1 0
# 5
1 1 1 1 1
1 0 0 0 0
1 1 1 1 0
0 0 0 0 1
1 1 1 1 0
"""


def linearly_separable(rng: np.random.Generator) -> tuple[Points, Points]:
    """Two clouds of 150 points with a gap of at least 0.36 between them.

    Returns
    -------
    class_0, class_1 : ndarray, shape=(150, 2)
    """
    direction = np.array([1.0, 0.7]) / np.hypot(1.0, 0.7)
    clouds = []
    for side in (-1.0, 1.0):
        cloud = rng.normal(size=(1000, 2)) * [0.62, 0.85] + 1.25 * side * direction
        keep = (side * (cloud @ direction) > 0.18) & (np.abs(cloud).max(axis=1) < 3)
        clouds.append(cloud[keep][:150])
    return clouds[0], clouds[1]


def non_linearly_separable(rng: np.random.Generator) -> tuple[Points, Points]:
    """A bent band of 150 points between two clouds of 95 and 55.

    A line can cut off one cloud but not both.

    Returns
    -------
    class_0, class_1 : ndarray, shape=(150, 2)
    """

    def bend(u: Points) -> Points:
        return 0.45 * np.sin(1.1 * u)

    u = rng.uniform(-2.3, 2.3, size=150)
    band = np.column_stack([u, bend(u) + rng.uniform(-0.33, 0.33, size=150)])
    clouds = []
    for centre, spread, count in (((-0.5, 1.55), (0.85, 0.45), 95), ((0.6, -1.55), (0.8, 0.45), 55)):
        cloud = rng.normal(size=(1000, 2)) * spread + centre
        height = np.sign(centre[1]) * (cloud[:, 1] - bend(cloud[:, 0]))
        clouds.append(cloud[(height > 0.62) & (np.hypot(*cloud.T) < 2.9)][:count])
    cos, sin = np.cos(np.pi / 6), np.sin(np.pi / 6)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.vstack(clouds) @ turn, band @ turn


def circles(rng: np.random.Generator) -> tuple[Points, Points]:
    """A ring of 150 points (radius 1.75 to 2.35) around a disc of 150 (radius up to 1.45).

    Returns
    -------
    class_0, class_1 : ndarray, shape=(150, 2)
        The ring and the disc.
    """
    outer = np.sqrt(rng.uniform(1.75**2, 2.35**2, size=150))
    around = 2 * np.pi * (np.arange(150) + rng.uniform(size=150)) / 150
    inner = 1.45 * np.sqrt(rng.uniform(size=150))
    angle = rng.uniform(0, 2 * np.pi, size=150)
    return (
        np.column_stack([outer * np.cos(around), outer * np.sin(around)]),
        np.column_stack([inner * np.cos(angle), inner * np.sin(angle)]),
    )


def two_d_text(class_0: Points, class_1: Points, rng: np.random.Generator) -> bytes:
    """The rows of both classes, shuffled, as text with a header line."""
    rows = [(x, y, label) for label, points in enumerate((class_0, class_1)) for x, y in points]
    lines = [f"{'Input_A':>8} {'Input_B':>8} Label"]
    lines += [f"{rows[i][0]:8.4f} {rows[i][1]:8.4f} {rows[i][2]:5d}" for i in rng.permutation(len(rows))]
    return ("\n".join(lines) + "\n").encode()


def table(X: Points, target: NDArray[np.generic], columns: list[str]) -> bytes:
    """A CSV file: the columns of X, then the target, each number as short as it can be."""
    out = io.StringIO()
    print(",".join(columns), file=out)
    for row, last in zip(X, target, strict=True):
        print(",".join(f"{value:.15g}" for value in (*row, float(last))), file=out)
    return out.getvalue().encode()


def files() -> dict[str, bytes]:
    """Name and content of every shipped data file."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

    made: dict[str, bytes] = {}
    for seed, generator in enumerate((linearly_separable, non_linearly_separable, circles), start=4):
        rng = np.random.default_rng(seed)
        made[f"{generator.__name__}.txt"] = two_d_text(*generator(rng), rng)
    made["digit_patterns.txt"] = PATTERNS.lstrip().encode()

    digits = load_digits()
    columns = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    made["digits.csv.gz"] = gzip.compress(table(digits.data, digits.target, [*columns, "label"]), 9, mtime=0)

    cancer = load_breast_cancer()
    columns = [str(name).replace(" ", "_") for name in cancer.feature_names]
    made["breast_cancer.csv"] = table(cancer.data, 1 - cancer.target, [*columns, "malignant"])

    diabetes = load_diabetes(scaled=False)
    made["diabetes.csv"] = table(diabetes.data, diabetes.target, [*diabetes.feature_names, "progression"])
    return made


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
