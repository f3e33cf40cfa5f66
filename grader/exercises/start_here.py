"""``00_start_here``: arrays in place of loops, and why two affine layers are one."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception, attempts
from grader.reference import arrays


def _affine_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "X": rng.normal(size=(n, d)).round(2),
            "W": rng.normal(size=(d, h)).round(2),
            "b": rng.normal(size=h).round(2),
        }
        for n, d, h in [(4, 3, 2), (3, 2, 5), (5, 4, 3)]
    ]


def _one_hot_cases(rng: np.random.Generator) -> list[Case]:
    """The first class occurs, one class occurs twice, and the last one never."""
    cases = []
    for n, k in [(4, 3), (7, 5), (5, 8)]:
        labels = rng.integers(1, k - 1, size=n)
        labels[rng.integers(n - 2)], labels[-2:] = 0, k - 2
        cases.append({"labels": labels, "num_classes": k})
    return cases


def _dusty(rng: np.random.Generator, n: int, low: float, high: float) -> float:
    """A number whose mean over n copies is another number, so that the standard deviation is not 0."""
    for _ in attempts():
        value = round(rng.uniform(low, high), 2)
        if np.full((n, 2), value).std(axis=0)[0] > 0:
            break
    return value


def _standardize_cases(rng: np.random.Generator) -> list[Case]:
    """Columns in different units, and constant ones with a computed deviation of 0 and of rounding.

    X holds a wavelength in metres, which no limit for σ may take for constant. In both tables
    a column that does change begins with two equal entries, and one ends as it began; further
    ones in X do both. A small and a large constant have a σ of rounding, which for the large
    one is some 1e-11. The last table of constants holds whole numbers. At most seven rows: so
    few are summed one after the other by any route, so the rounding is the same for all right
    answers.
    """
    cases = []
    for n, d in [(5, 4), (6, 5), (7, 3), (6, 4)]:
        units = rng.choice([0.5, 4.0, 30.0, 200.0], size=d - 1, replace=False)
        X = (rng.normal(size=(n, d - 1)) * units + rng.normal(size=d - 1) * units).round(2)
        X[1, 0], X[-1, 1] = X[0, 0], X[0, 1]
        X[1, 2:], X[-1, 2:] = X[0, 2:], X[0, 2:]
        X = np.column_stack([X, rng.normal(5.5e-7, 1e-7, size=n).round(9)])
        other = rng.normal(loc=2, size=(n, d + 2)).round(2)
        other[:, 1], other[:, d] = _dusty(rng, n, 0.1, 5), rng.integers(2, 9)
        other[:, d + 1] = _dusty(rng, n, 3e5, 5e5)
        other[[1, -1], 0], other[[1, -1], 2] = other[0, 0] + [0, 1], other[0, 2] + [1, 0]
        cases.append({"X": X[:, rng.permutation(d)], "X_constant": other})
    whole = rng.permutation(np.arange(-50, 50))[: n * (d + 2)].reshape(n, d + 2)
    whole[:, 1], whole[1, 0], whole[-1, 2] = 70_001, whole[0, 0], whole[0, 2]
    cases[-1]["X_constant"] = whole
    return cases


def _readings(scores: np.ndarray, T: np.ndarray) -> list[float]:
    """The share that is asked for, and after it what typical mistakes give instead."""
    best, labels = scores.argmax(axis=1), T.argmax(axis=1)
    right = float(np.mean(best == labels))
    return [
        right,
        float(np.mean(scores.argmax(axis=0) == T.argmax(axis=0))),
        float(scores.argmax() == T.argmax()),
        float(np.mean(best[:, None] == T)),
        float(np.mean((scores > 0.5) == T)),
        float(np.mean((scores == scores.max(axis=1, keepdims=True)) == T)),
        float(np.mean(np.sum(scores * T, axis=1))),
        float(np.mean(scores.max(axis=1) == T.max(axis=1))),
        float(np.mean(best[:, None] == labels)),
        right * len(T),
        right * len(T) / T.shape[1],
        float(np.mean((best == labels)[: T.shape[1]])),
        float(np.sum((best == labels)[: T.shape[1]]) / len(T)),
        right * 100,
        1 - right,
    ]


def _accuracy_cases(rng: np.random.Generator) -> list[Case]:
    """Drawn again until no two readings agree, so that no mistake is right by luck; no ties in any row."""
    cases = []
    for n, k in [(5, 3), (7, 4), (11, 6)]:
        for _ in attempts():
            labels = rng.integers(k, size=n)
            T = np.eye(k)[labels]
            scores = (rng.normal(size=(n, k)) + 1.2 * T).round(3)
            scores[0, labels[0]] = scores.max() + 0.3
            found = np.array(_readings(scores, T)).round(6)
            if len(set(found)) == len(found) and len(np.unique(scores)) == scores.size and 0 < found[0] < 1:
                break
        cases.append({"scores": scores, "T": T})
    return cases


def _pairwise_cases(rng: np.random.Generator) -> list[Case]:
    """Some points lie near one another, two very near; in the last case A and B have as many rows."""
    cases = []
    for n, m, d in [(3, 5, 2), (4, 2, 3), (4, 4, 3)]:
        A, B = rng.normal(size=(n, d)).round(2), rng.normal(size=(m, d)).round(2)
        B[-1], B[0] = A[0] + [0.25, -0.5, 0.25][:d], A[-1] + [0.003, -0.001, 0.002][:d]
        many = rng.uniform(900, 1100, size=3).round(2) + 1e-8 * rng.integers(-50, 50, size=(100, 3))
        two = rng.normal(size=3).round(2) + [[0, 0, 0], [0.03, -0.04, 0]]
        cases.append({"A": A, "B": B.round(3), "far": np.vstack([many, two]).round(8)})
    return cases


def _collapse_cases(rng: np.random.Generator) -> list[Case]:
    """All sizes different; D = K, where a product in the wrong order still has a shape; and all equal."""
    return [
        {
            "W1": rng.normal(size=(d, h)).round(2),
            "b1": rng.normal(size=h).round(2),
            "W2": rng.normal(size=(h, k)).round(2),
            "b2": rng.normal(size=k).round(2),
        }
        for d, h, k in [(2, 4, 3), (3, 5, 3), (3, 3, 3)]
    ]


AFFINE = Exercise(
    name="affine",
    source="S4, Vectorization; S0, batch processing",
    cases=_affine_cases,
    reference={"affine": arrays.affine},
    misconceptions=(
        Misconception(
            "b forgotten",
            "X @ W + b",
            "X @ W",
            "The product is right, and every row lacks the same thing. With X = 0, what should come out?",
        ),
        Misconception(
            "b subtracted",
            "X @ W + b",
            "X @ W - b",
            "Every row is off by twice b. A threshold is taken off, a bias is put on: which is it here?",
        ),
        Misconception(
            "samples in columns",
            "X @ W + b",
            "(W.T @ X.T + b[:, None])",
            "The numbers are right and stand with the samples in columns, as in books that write Wx + b. "
            "Here rows are samples: in which order do X and W then meet, and does either have to be turned over?",
        ),
        Misconception(
            "b inside the product",
            "X @ W + b",
            "X @ (W + b)",
            "Your b has been added to every row of W, so each sample gets it as many times as its features "
            "add up to. Is b weighed with the features?",
        ),
        Misconception(
            "only the last sample",
            "return X @ W + b",
            "for x in X:\n        y = x @ W + b\n    return y",
            "One row came back, that of the last sample. Your loop computes a row for every sample: "
            "where do the rows before the last go?",
        ),
        Misconception(
            "return inside the loop",
            "return X @ W + b",
            "Y = np.zeros((len(X), W.shape[1]))\n    for n in range(len(X)):\n        Y[n] = X[n] @ W + b\n"
            "        return Y",
            "The first row is right, and all others are 0, as if they had never been computed. "
            "How often does your loop go round before it meets `return`?",
        ),
        Misconception(
            "the first sample alone",
            "return X @ W + b",
            "for x in X:\n        return x @ W + b",
            "One row came back, that of the first sample. How often does a loop go round before it meets `return`, "
            "and where are the rows collected?",
        ),
        Misconception(
            "the first bias for all outputs",
            "X @ W + b",
            "X @ W + b[0]",
            "The first column is right, and in the others the bias of the first output was added. "
            "How many outputs are there, and how many numbers are in b?",
        ),
        Misconception(
            "one b for all outputs",
            "X @ W + b",
            "X @ W + b.sum()",
            "Every number is shifted by the same amount, the sum of b. How many outputs are there, and how many "
            "numbers are in b?",
        ),
        Misconception(
            "samples added up",
            "X @ W + b",
            "(X @ W + b).sum(axis=0)",
            "The samples have been added up into one row. Does one sample's output depend on the others?",
        ),
        Misconception(
            "b once for each feature",
            "X @ W + b",
            "sum(X[:, [i]] * W[i] + b for i in range(len(W)))",
            "The product is right, and b is in it once for every feature. How often does a sum over the "
            "features need its bias?",
        ),
    ),
    alternatives=(
        Alternative(
            "three loops",
            code="""
def affine(X, W, b):
    Y = np.zeros((X.shape[0], W.shape[1]))
    for n in range(X.shape[0]):
        for h in range(W.shape[1]):
            total = b[h]
            for d in range(X.shape[1]):
                total += X[n, d] * W[d, h]
            Y[n, h] = total
    return Y
""",
        ),
        Alternative("a row at a time", old="X @ W + b", new="np.array([x @ W + b for x in X])"),
        Alternative(
            "b as one weight more",
            code="""
def affine(X, W, b):
    ones = np.ones((len(X), 1))
    return np.hstack([ones, X]) @ np.vstack([b, W])
""",
        ),
        Alternative("einsum", old="X @ W + b", new='np.einsum("nd,dh->nh", X, W) + b'),
        Alternative("samples in columns, and back", old="X @ W + b", new="(W.T @ X.T + b[:, None]).T"),
    ),
)

ONE_HOT = Exercise(
    name="one_hot",
    source="Syllabus, targets; S0, back_y",
    cases=_one_hot_cases,
    reference={"one_hot": arrays.one_hot},
    misconceptions=(
        Misconception(
            "classes in rows",
            "np.eye(num_classes)[labels]",
            "np.eye(num_classes)[:, labels]",
            "Each column belongs to a sample and each row to a class. Rows are samples: "
            "which index of the table do the labels choose from?",
        ),
        Misconception(
            "counted from 1",
            "np.eye(num_classes)[labels]",
            "np.eye(num_classes)[labels - 1]",
            "Every 1 stands one column too far to the left, and that of class 0 has come round into the last "
            "column. With which number does NumPy begin to count?",
        ),
        Misconception(
            "one column too far",
            "np.eye(num_classes)[labels]",
            "np.eye(num_classes)[labels + 1]",
            "Every 1 stands one column too far to the right, and the column of class 0 is empty. "
            "With which number does NumPy begin to count?",
        ),
        Misconception(
            "the label taken for a row",
            "return np.eye(num_classes)[labels]",
            "T = np.zeros((len(labels), num_classes))\n    T[labels] = 1\n    return T",
            "Whole rows are filled with ones, those whose number occurs among the labels. "
            "Does a label say in which row the 1 stands, or in which column?",
        ),
        Misconception(
            "only classes that occur",
            "np.eye(num_classes)[labels]",
            "np.eye(labels.max() + 1)[labels]",
            "The last class does not occur here, and you have no column for it. The next batch may "
            "hold it: who knows how many columns there are?",
        ),
        Misconception(
            "all rows at once",
            "return np.eye(num_classes)[labels]",
            "T = np.zeros((len(labels), num_classes))\n    T[:, labels] = 1\n    return T",
            "All rows are alike: each has a 1 for every class that occurs at all. `:` says all rows; "
            "which row does labels[n] belong to?",
        ),
        Misconception(
            "the label in place of 1",
            "np.eye(num_classes)[labels]",
            "np.eye(num_classes)[labels] * labels[:, None]",
            "The right places are filled, with the label itself in place of 1, so class 0 leaves no trace. "
            "Is class 4 four times class 1?",
        ),
        Misconception(
            "the label in every column",
            "np.eye(num_classes)[labels]",
            "labels[:, None] * np.ones((1, num_classes))",
            "Every column repeats the labels. A label says which column: what should stand there, and what "
            "in the others?",
        ),
        Misconception(
            "as many columns as samples",
            "np.eye(num_classes)[labels]",
            "(np.arange(len(labels)) == labels[:, None]).astype(float)",
            "The table has a column for each sample. The rows are samples already: what do the columns stand for?",
        ),
        Misconception(
            "the diagonal as it is",
            "np.eye(num_classes)[labels]",
            "np.eye(len(labels), num_classes)",
            "The shape is right and the ones run down the diagonal, whatever the labels are. "
            "Where do the labels come in?",
        ),
        Misconception(
            "zeros alone",
            "np.eye(num_classes)[labels]",
            "np.zeros((len(labels), num_classes))",
            "The table came back with 0 everywhere. What should each row add up to, and at which step is that written "
            "into it?",
        ),
        Misconception(
            "return inside the loop",
            "return np.eye(num_classes)[labels]",
            "T = np.zeros((len(labels), num_classes))\n    for n in range(len(labels)):\n"
            "        T[n, labels[n]] = 1\n        return T",
            "The first row is right, and all others are 0. How often does your loop go round before it meets `return`?",
        ),
        Misconception(
            "the columns up to the label",
            "np.eye(num_classes)[labels]",
            "np.tri(num_classes)[labels]",
            "All columns up to that of the label hold a 1, as on a thermometer. Hot is only one: which?",
        ),
        Misconception(
            "0 for the class",
            "np.eye(num_classes)[labels]",
            "1 - np.eye(num_classes)[labels]",
            "0 and 1 are exchanged: each row has its only 0 at its class. What should a row add up to?",
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            code="""
def one_hot(labels, num_classes):
    T = np.zeros((len(labels), num_classes))
    for n in range(len(labels)):
        T[n, labels[n]] = 1
    return T
""",
        ),
        Alternative(
            "filled by pairs of indices",
            code="""
def one_hot(labels, num_classes):
    T = np.zeros((len(labels), num_classes))
    T[np.arange(len(labels)), labels] = 1.0
    return T
""",
        ),
        Alternative(
            "a comparison, as truth values",
            old="np.eye(num_classes)[labels]",
            new="labels[:, None] == np.arange(num_classes)",
        ),
        Alternative("whole numbers", old="np.eye(num_classes)", new="np.eye(num_classes, dtype=int)"),
    ),
)

_STD = "np.where(constant, 1.0, X.std(axis=0))"
_LAST = f"scale = {_STD}\n    return (X - X.mean(axis=0)) / scale"
_GUARD = f"constant = X.max(axis=0) == X.min(axis=0)\n    {_LAST}"

STANDARDIZE = Exercise(
    name="standardize",
    source="Syllabus 00; S1, standardised pixels",
    cases=_standardize_cases,
    reference={"standardize": arrays.standardize},
    misconceptions=(
        Misconception(
            "nan in a constant column",
            _GUARD,
            "return (X - X.mean(axis=0)) / X.std(axis=0)",
            "Where a column is the same for every sample, you divide 0 by 0, or rounding by rounding. "
            "How can such a column be told, and what should it be divided by?",
        ),
        Misconception(
            "only an exact 0 is caught",
            _GUARD,
            "scale = X.std(axis=0)\n    return (X - X.mean(axis=0)) / np.where(scale == 0, 1.0, scale)",
            "One constant column is 0 now, another came out as 1 or −1 throughout. Print its standard deviation: "
            "is it exactly 0, or only what rounding left of 0?",
        ),
        Misconception(
            "too small a limit",
            _GUARD,
            "scale = X.std(axis=0)\n    return (X - X.mean(axis=0)) / np.where(scale < 1e-12, 1.0, scale)",
            "The constant columns of small numbers are 0 now; one of large numbers came out as 1 or −1 throughout. "
            "Rounding is as large as the numbers are: print that column's standard deviation. What else tells a "
            "column that never changes?",
        ),
        Misconception(
            "too large a limit",
            _GUARD,
            "scale = X.std(axis=0)\n    return (X - X.mean(axis=0)) / np.where(scale < 1e-3, 1.0, scale)",
            "The constant columns are 0, but one column that does change came out all but 0: its numbers are small, "
            "like a wavelength in metres. In another unit they would be large: what tells a constant column in any "
            "unit?",
        ),
        *(
            Misconception(
                f"{epsilon} added below the line",
                _GUARD,
                f"return (X - X.mean(axis=0)) / (X.std(axis=0) + {epsilon})",
                "The constant columns are 0, but a column of small numbers, like a wavelength in metres, came out too "
                "narrow: beside its σ, what you add below the line is not small. How else can a constant column be "
                "told?",
            )
            for epsilon in ("1e-6", "1e-8")
        ),
        *(
            Misconception(
                f"{epsilon} added below the line",
                _GUARD,
                f"return (X - X.mean(axis=0)) / (X.std(axis=0) + {epsilon})",
                "Where a column is constant, rounding is left over: divided by so small a number it counts. A larger "
                "one spoils a column whose σ is small. Can a constant column be told before you divide?",
            )
            for epsilon in ("1e-10", "1e-12")
        ),
        Misconception(
            "told by the first two entries",
            "X.max(axis=0) == X.min(axis=0)",
            "X[0] == X[1]",
            "A column came out undivided that begins with two equal entries and changes after them. "
            "How many entries have to be equal for a column to be constant?",
        ),
        Misconception(
            "told by the first and the last entry",
            "X.max(axis=0) == X.min(axis=0)",
            "X[0] == X[-1]",
            "A column came out undivided whose first and last entries are equal, and which changes between them. "
            "How many entries have to be equal for a column to be constant?",
        ),
        Misconception(
            "told by three entries",
            "X.max(axis=0) == X.min(axis=0)",
            "(X[0] == X[1]) & (X[0] == X[-1])",
            "A column came out undivided whose first two and last entries are equal, and which changes between them. "
            "How many entries have to be equal for a column to be constant?",
        ),
        Misconception(
            "the brackets forgotten",
            "(X - X.mean(axis=0)) / scale",
            "X - X.mean(axis=0) / scale",
            "Every column has kept its spread, and is only shifted. Which is done first in X − μ / σ, "
            "the difference or the quotient?",
        ),
        Misconception(
            "where, the wrong way round",
            "np.where(constant, 1.0, X.std(axis=0))",
            "np.where(constant, X.std(axis=0), 1.0)",
            "The columns that change are not divided, and the constant ones are: just the wrong way round. "
            "Which comes first in `np.where`, the value where the condition holds, or the other?",
        ),
        Misconception(
            "a constant column becomes 1",
            _LAST,
            f"scale = {_STD}\n    return np.where(constant, 1.0, (X - X.mean(axis=0)) / scale)",
            "Constant columns have come out as 1. What is their mean then, and what should the mean of each column be?",
        ),
        Misconception(
            "cut off to whole numbers",
            _GUARD,
            "Z = np.zeros_like(X)\n    for d in range(X.shape[1]):\n        column = X[:, d]\n"
            "        if column.max() > column.min():\n            Z[:, d] = (column - column.mean()) / column.std()\n"
            "    return Z",
            "In one case the table holds whole numbers, and so does the one you write into: it is of the same kind as "
            "X, and cuts the fractions off. Which table of zeros holds fractions whatever X holds?",
        ),
        Misconception(
            "a copy that holds whole numbers",
            "return (X - X.mean(axis=0)) / scale",
            "Z = X.copy()\n    Z -= X.mean(axis=0)\n    Z /= scale\n    return Z",
            "In one case X holds whole numbers, and so does a copy of it: fractions cannot be written into it by "
            "`-=` or `/=`. What does X − μ without the `=` make?",
        ),
        Misconception(
            "N − 1",
            "X.std(axis=0)",
            "X.std(axis=0, ddof=1)",
            "All columns are a little too narrow, by the factor √((N − 1)/N): you divide by N − 1 inside the "
            "standard deviation. The variance is to be 1 over these N rows: which count makes it so?",
        ),
        Misconception(
            "over all entries",
            _GUARD,
            "return (X - X.mean()) / X.std()",
            "One mean and one deviation were taken for the whole table. The columns are in different units: "
            "how many means does a table with D columns have?",
        ),
        Misconception(
            "over rows",
            _GUARD,
            "return (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)",
            "Each row has mean 0, so the features of one sample were averaged with each other. "
            "What would the mean of a height and a weight be? Along which axis do the samples lie?",
        ),
        Misconception(
            "not centred",
            "(X - X.mean(axis=0)) / scale",
            "X / scale",
            "The spread of every column is 1, but its mean is not 0. What comes before the division?",
        ),
        Misconception(
            "divided by the variance",
            "X.std(axis=0)",
            "X.var(axis=0)",
            "The columns are centred, and their spread is 1/σ where it should be 1. In which unit is a variance, if "
            "the column is in metres?",
        ),
        Misconception(
            "centred only",
            "(X - X.mean(axis=0)) / scale",
            "X - X.mean(axis=0)",
            "Every mean is 0 and every column still has its own unit. Which step makes metres and millimetres equal?",
        ),
        Misconception(
            "squeezed between 0 and 1",
            _LAST,
            "scale = np.where(constant, 1.0, X.max(axis=0) - X.min(axis=0))\n    return (X - X.min(axis=0)) / scale",
            "Every column runs from 0 to 1: you used its smallest and its largest entry. That is another way to "
            "scale. Which two numbers of a column are asked for here?",
        ),
        Misconception(
            "a constant column is kept",
            _LAST,
            f"scale = {_STD}\n    return np.where(constant, X, (X - X.mean(axis=0)) / scale)",
            "Constant columns have come out as they went in. Their mean is to be 0 as well: how much is left of them?",
        ),
        Misconception(
            "in place",
            "return (X - X.mean(axis=0)) / scale",
            "X -= X.mean(axis=0)\n    X /= scale\n    return X",
            "The numbers are right, but they were written into the caller's own X, which has changed (and where "
            "it holds whole numbers, cannot take them). `X -= …` writes into the array that was handed in: how do you "
            "get a new one?",
        ),
    ),
    alternatives=(
        Alternative(
            "a limit relative to the size of the column",
            old=_GUARD,
            new="scale = X.std(axis=0)\n    scale[scale <= 1e-9 * np.abs(X).max(axis=0)] = 1\n"
            "    return (X - X.mean(axis=0)) / scale",
        ),
        Alternative(
            "a limit relative to the mean",
            old=_GUARD,
            new="mean, scale = X.mean(axis=0), X.std(axis=0)\n"
            "    return (X - mean) / np.where(scale <= 1e-10 * np.abs(mean), 1, scale)",
        ),
        Alternative(
            "σ near 0 for NumPy",  # its absolute limit, 1e-8, lies below a real σ here and above that of rounding
            old="X.max(axis=0) == X.min(axis=0)",
            new="np.isclose(X.std(axis=0), 0)",
        ),
        Alternative(
            "all entries equal the first",
            old="X.max(axis=0) == X.min(axis=0)",
            new="(X == X[0]).all(axis=0)",
        ),
        Alternative(
            "divided by infinity",
            old=_STD,
            new="np.where(constant, np.inf, X.std(axis=0))",
        ),
        Alternative(
            "a copy changed in place",
            code="""
def standardize(X):
    Z = X.astype(float)
    still = Z.max(axis=0) - Z.min(axis=0) == 0
    Z -= Z.mean(axis=0)
    Z[:, still] = 0
    Z[:, ~still] /= np.sqrt(np.mean(Z[:, ~still] ** 2, axis=0))
    return Z
""",
        ),
        Alternative(
            "loop over columns",
            code="""
def standardize(X):
    Z = np.zeros(X.shape)
    for j in range(X.shape[1]):
        column = X[:, j]
        mean = sum(column) / len(column)
        variance = sum((x - mean) ** 2 for x in column) / len(column)
        if variance**0.5 > 1e-9 * max(abs(column)):
            Z[:, j] = (column - mean) / variance**0.5
    return Z
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "constant: scale = np.where(constant, 1.0, X.std(axis=0))"
            " -> scale = np.where(constant, 2.0, X.std(axis=0))",
            "a constant column is 0 after its mean is taken off, whatever it is divided by",
        ),
    ),
    atol=1e-6,  # so that the rounding left of a constant column counts as 0; all others are of the size 1
)

_ROWS = "scores.argmax(axis=1) == T.argmax(axis=1)"

ACCURACY = Exercise(
    name="accuracy",
    source="S1, performance measures; syllabus 00",
    cases=_accuracy_cases,
    reference={"accuracy": arrays.accuracy},
    misconceptions=(
        Misconception(
            "argmax down the columns",
            _ROWS,
            "scores.argmax(axis=0) == T.argmax(axis=0)",
            "For each class you look for the sample with the largest score. The question goes the other way "
            "round: what is chosen for each sample, and along which axis do the choices lie?",
        ),
        Misconception(
            "1 every time",
            _ROWS,
            "scores.argmax() == T.argmax()",
            "1 comes out every time, although some samples are wrong. Print what you compare: is it one place for "
            "each of N samples, or one for the whole table? And is every one of N answers in what you return?",
        ),
        Misconception(
            "labels against one-hot",
            _ROWS,
            "scores.argmax(axis=1, keepdims=True) == T",
            "You compare the numbers of classes, 0, 1, 2, …, with entries of T, which are 0 or 1. "
            "What has to be made of T, so that both sides are class numbers?",
        ),
        Misconception(
            "above one half",
            _ROWS,
            "(scores > 0.5) == T",
            "You count scores above 0.5. Scores need not be probabilities, and a row may have several above "
            "0.5, or none. What decides for a class?",
        ),
        Misconception(
            "entry by entry",
            _ROWS,
            "(scores == scores.max(axis=1, keepdims=True)) == T",
            "You count entries, N·K of them: a wrongly read sample still has most of its entries right, "
            "all those in which both sides say no. What is one vote, an entry or a row?",
        ),
        Misconception(
            "mean score of the right class",
            f"np.mean({_ROWS})",
            "np.mean(np.sum(scores * T, axis=1))",
            "This is the mean score of the right classes. Is a sample read rightly because its score is large, or "
            "because it is larger than the others in its row?",
        ),
        Misconception(
            "0 every time",
            _ROWS,
            "scores.max(axis=1) == T.max(axis=1)",
            "0 comes out every time, although some samples are right. Print the two sides that you compare, then the "
            "comparison, then what you make of it: at which of these steps do the right samples get lost?",
        ),
        Misconception(
            "a column against a row",
            _ROWS,
            "scores.argmax(axis=1, keepdims=True) == T.argmax(axis=1)",
            "Print the shape of your comparison: it is (N, N), every answer against every label. "
            "Which of the two arrays has an axis too many?",
        ),
        Misconception(
            "counted, not shared",
            "np.mean(",
            "np.sum(",
            "This is how many samples are right. Which share of all samples is it?",
        ),
        Misconception(
            "divided by the classes",
            f"np.mean({_ROWS})",
            f"np.sum({_ROWS}) / T.shape[1]",
            "The right samples are counted well, and divided by the number of classes. "
            "A share of what is asked for: how many samples are there?",
        ),
        Misconception(
            "as many rows as classes",
            f"np.mean({_ROWS})",
            f"np.mean(({_ROWS})[: T.shape[1]])",
            "Only the first K rows are looked at. Over which of the two sizes, N or K, has the question to be asked?",
        ),
        Misconception(
            "as many rows as classes, over N",
            f"np.mean({_ROWS})",
            f"np.sum(({_ROWS})[: T.shape[1]]) / len(T)",
            "You divide by N, and only the first K rows are counted. How often does your loop have to go round?",
        ),
        Misconception(
            "in per cent",
            "np.mean(",
            "100 * np.mean(",
            "A hundred times too much: this is in per cent. Between which two numbers does a share lie?",
        ),
        Misconception(
            "the share that is wrong",
            f"np.mean({_ROWS})",
            f"1 - np.mean({_ROWS})",
            "What you return and what is asked for add up to 1. Which of the two is the share that is right?",
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            code="""
def accuracy(scores, T):
    right = 0
    for row, target in zip(scores, T):
        if np.argmax(row) == np.argmax(target):
            right += 1
    return right / len(T)
""",
        ),
        Alternative(
            "the right score is the largest",
            old=_ROWS,
            new="np.sum(scores * T, axis=1) >= scores.max(axis=1)",
        ),
        Alternative(
            "picked out of T",
            old=_ROWS,
            new="T[np.arange(len(T)), scores.argmax(axis=1)]",
        ),
        Alternative(
            "through one_hot",
            old=f"np.mean({_ROWS})",
            new="np.sum(one_hot(scores.argmax(axis=1), T.shape[1]) * T) / len(T)",
        ),
    ),
)

_A2, _B2 = "np.sum(A**2, axis=1, keepdims=True)", "np.sum(B**2, axis=1)"
_FORMULA = "a2 + b2 - 2 * A @ B.T"
_BODY = f"a2 = {_A2}\n    b2 = {_B2}\n    return np.maximum({_FORMULA}, 0)"

PAIRWISE_SQ_DIST = Exercise(
    name="pairwise_sq_dist",
    source="S4, vectorisation over examples; syllabus 00",
    cases=_pairwise_cases,
    reference={"pairwise_sq_dist": arrays.pairwise_sq_dist},
    misconceptions=(
        Misconception(
            "below 0 by rounding",
            f"np.maximum({_FORMULA}, 0)",
            _FORMULA,
            "The formula is right, and yet some squared distances come out below 0: large numbers nearly cancel and "
            "rounding is left. What is the smallest value that a squared distance may have?",
        ),
        Misconception(
            "all 0 if one is below",
            f"return np.maximum({_FORMULA}, 0)",
            f"result = {_FORMULA}\n    return result * (result.min() >= 0)",
            "As soon as one distance is below 0, others that were right become 0 with it. "
            "To how many of them should a guard do anything?",
        ),
        Misconception(
            "small distances lost",
            f"return np.maximum({_FORMULA}, 0)",
            f"result = {_FORMULA}\n    return np.where(result < 0.01, 0, result)",
            "Points that lie near one another have come out at the distance 0. A small distance is a distance: "
            "which numbers cannot be one?",
        ),
        Misconception(
            "all lifted together",
            f"return np.maximum({_FORMULA}, 0)",
            f"result = {_FORMULA}\n    return result - min(result.min(), 0)",
            "No distance is below 0 now, but others were raised as well that were right. "
            "What is the smallest value that a squared distance may have, and which are below it?",
        ),
        Misconception(
            "the largest for the larger",
            f"np.maximum({_FORMULA}, 0)",
            f"np.max({_FORMULA}, 0)",
            "One number for each point of B came back, the largest distance to it. `np.max(…, 0)` takes the 0 for an "
            "axis: which function compares two things entry by entry?",
        ),
        Misconception(
            "difference of the squared lengths",
            f"np.maximum({_FORMULA}, 0)",
            "a2 - b2",
            "This is |a|² − |b|². Two points as far from the origin as each other would lie at "
            "distance 0 by it: which term tells in what direction they lie?",
        ),
        Misconception(
            "difference of the squared lengths, clipped",
            _FORMULA,
            "a2 - b2",
            "This is |a|² − |b|², with 0 where that is negative. Two points as far from the origin as each other "
            "would lie at distance 0 by it: which term tells in what direction they lie?",
        ),
        Misconception(
            "one length for all points",
            _BODY,
            "return np.maximum(np.sum(A**2) + np.sum(B**2) - 2 * A @ B.T, 0)",
            "The product is right, but the squares of all points have been added up into one number. "
            "How many squared lengths have N points?",
        ),
        Misconception(
            "square of the difference of lengths",
            _FORMULA,
            "(np.sqrt(a2) - np.sqrt(b2)) ** 2",
            "This is (|a| − |b|)², which is 0 for any two points on one circle. "
            "Subtract the vectors first: what does the square of a − b consist of?",
        ),
        Misconception(
            "the product once",
            _FORMULA,
            "a2 + b2 - A @ B.T",
            "The squares are right and too little is taken off. Write (a − b)(a − b) out: how often does ab occur?",
        ),
        Misconception(
            "the product added",
            _FORMULA,
            "a2 + b2 + 2 * A @ B.T",
            "This is |a + b|². Put a = b into it: how far should a point be from itself?",
        ),
        Misconception(
            "root taken",
            f"np.maximum({_FORMULA}, 0)",
            f"np.sqrt(np.maximum({_FORMULA}, 0))",
            "These are the distances, and their squares are asked for. Which step is one too many?",
        ),
        Misconception(
            "B against A",
            _BODY,
            "a2 = np.sum(A**2, axis=1)\n    b2 = np.sum(B**2, axis=1, keepdims=True)\n"
            "    return np.maximum(a2 + b2 - 2 * B @ A.T, 0)",
            "All distances are there, with a row for each point of B. Which of the two sets belongs to the rows?",
        ),
        Misconception(
            "averaged over the features",
            f"np.maximum({_FORMULA}, 0)",
            f"np.maximum({_FORMULA}, 0) / A.shape[1]",
            "All distances are divided by the number of features: you take a mean. What does Pythagoras do instead?",
        ),
        Misconception(
            "city blocks",
            _BODY,
            "return np.abs(A[:, None] - B).sum(axis=2)",
            "This adds up |a − b| feature by feature, the way of a taxi through a grid of streets. "
            "What becomes of each difference before it is added?",
        ),
        Misconception(
            "summed over the points",
            _BODY,
            "return ((A[:, None] - B) ** 2).sum(axis=1)",
            "The differences are right, (N, M, D), and then the points of B were added up and the features kept. "
            "Which of the three axes has to go?",
        ),
        Misconception(
            "partner by partner",
            _BODY,
            "return np.sum((A - B) ** 2, axis=1)",
            "A − B pairs the first row with the first, the second with the second, which needs as many rows in A as "
            "in B and gives N distances. How many pairs are there of N and M points?",
        ),
    ),
    alternatives=(
        Alternative(
            "two loops",
            code="""
def pairwise_sq_dist(A, B):
    result = np.zeros((len(A), len(B)))
    for n in range(len(A)):
        for m in range(len(B)):
            result[n, m] = np.sum((A[n] - B[m]) ** 2)
    return result
""",
        ),
        Alternative("one loop", old=_BODY, new="return np.array([((a - B) ** 2).sum(axis=1) for a in A])"),
        Alternative("all differences at once", old=_BODY, new="return ((A[:, None, :] - B) ** 2).sum(axis=2)"),
        Alternative(
            "a mean taken off first",
            old=_BODY,
            new="A, B = A - B.mean(axis=0), B - B.mean(axis=0)\n"
            "    squares = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1)\n    return np.abs(squares - 2 * A @ B.T)",
        ),
        Alternative("sign taken off", old=f"np.maximum({_FORMULA}, 0)", new=f"np.abs({_FORMULA})"),
        Alternative(
            "clipped in place",
            old=f"return np.maximum({_FORMULA}, 0)",
            new=f"result = {_FORMULA}\n    result[result < 0] = 0\n    return result",
        ),
    ),
    equivalent=(
        Equivalent(
            f"swapped: return np.maximum({_FORMULA}, 0) -> return np.maximum(0, {_FORMULA})",
            "the larger of two numbers does not depend on their order",
        ),
    ),
)

# A line that fails takes the other result with it, since both are returned at once, and the messages say so. The
# first two also serve any other line that fails where the sizes differ: the output beside it, right where they are
# equal, is all that is known of it. So their messages say no more than that.
COLLAPSE = Exercise(
    name="collapse",
    source="S4, why not the identity for g(z)",
    cases=_collapse_cases,
    reference={"collapse": arrays.collapse},
    misconceptions=(
        Misconception(
            "b1 on the wrong side",
            "b1 @ W2 + b2",
            "W2 @ b1 + b2",
            "Where D, H and K are equal, your W is right. Where they differ, what you write for b fails, and W goes "
            "with it, as both are returned at once. Write the shapes of b1, W2 and b2 side by side: which of them fit "
            "together, and in which order?",
        ),
        Misconception(
            "W1 turned over",
            "W1 @ W2",
            "W2 @ W1.T",
            "Where D, H and K are equal, your b is right. Where they differ, what you write for W fails, and b goes "
            "with it, as both are returned at once. Write the shapes of W1 and W2 side by side: which sizes have to "
            "meet in the middle?",
        ),
        Misconception(
            "b1 lost",
            "b1 @ W2 + b2",
            "b2",
            "W is right, and b is the b2 of the second layer alone. Put X = 0 through both layers: what does the "
            "second one make of b1?",
        ),
        Misconception(
            "b2 lost",
            "b1 @ W2 + b2",
            "b1 @ W2",
            "W is right, and b holds only what the second layer makes of b1. Put X = 0 through both layers "
            "to the end: what is added last?",
        ),
        Misconception(
            "b1 not passed on",
            "b1 @ W2 + b2",
            "b1 + b2",
            "You add the two biases as they are, which fails where H and K differ, and your W, which is right, goes "
            "with it. Between the two stands the second layer: what happens to b1 on its way to the output?",
        ),
        Misconception(
            "both biases passed on",
            "b1 @ W2 + b2",
            "(b1 + b2) @ W2",
            "You send b2 through W2 as well, which fails where H and K differ, and your W, which is right, goes with "
            "it. Which bias is inside the brackets of (XW₁ + b₁)W₂ + b₂?",
        ),
        Misconception(
            "wrong order",
            "W1 @ W2",
            "W2 @ W1",
            "The product is in the order in which a column would meet the layers; it fails where D and K differ, and "
            "your b, which is right, goes with it. A row x meets W1 first: in xW₁W₂, which of them stands on the left?",
        ),
        Misconception(
            "samples in columns",
            "W1 @ W2",
            "W2.T @ W1.T",
            "b is right, and W is transposed, as in books that keep samples in columns and write W₂W₁x. "
            "What is the shape of a W that takes D features to K outputs here?",
        ),
        Misconception(
            "weights added",
            "W1 @ W2",
            "W1 + W2",
            "The weights are added, which fails where the sizes differ, and your b, which is right, goes with it. "
            "Take one number, tripled and then doubled: what has become of it?",
        ),
        Misconception(
            "entry by entry",
            "W1 @ W2",
            "W1 * W2",
            "W1 and W2 are multiplied entry by entry, which fails where the sizes differ, and your b, which is right, "
            "goes with it. An output collects what came through all H of the middle: which product adds up over them?",
        ),
        Misconception(
            "b2 in the weights as well",
            "return W1 @ W2,",
            "return W1 @ W2 + b2,",
            "b is right, and your W has b2 in every row: there it would be multiplied with the features. "
            "Which of the three terms contain X?",
        ),
        Misconception(
            "b2 taken off",
            "b1 @ W2 + b2",
            "b1 @ W2 - b2",
            "W is right, and b is off by twice b2. Put X = 0 through both layers: what happens to b2 at the end?",
        ),
        Misconception(
            "b1 twice",
            "b1 @ W2 + b2",
            "b1 @ W1 @ W2 + b2",
            "b1 is led through W1 as well, which fails where H and D differ, and your W, which is right, goes with it. "
            "b1 is added after W1: which layers does it still meet?",
        ),
    ),
    alternatives=(
        Alternative("through affine", old="b1 @ W2 + b2", new="affine(b1[None], W2, b2)[0]"),
        Alternative(
            "asking the two layers",
            code="""
def collapse(W1, b1, W2, b2):
    def both(X):
        return affine(affine(X, W1, b1), W2, b2)

    b = both(np.zeros((1, len(W1))))[0]
    return both(np.eye(len(W1))) - b, b
""",
        ),
        Alternative(
            "b as one row more",
            code="""
def collapse(W1, b1, W2, b2):
    stacked = np.vstack([W1, b1]) @ W2
    return stacked[:-1], stacked[-1] + b2
""",
        ),
        Alternative(
            "loops",
            code="""
def collapse(W1, b1, W2, b2):
    W, b = np.zeros((W1.shape[0], W2.shape[1])), b2.copy()
    for k in range(W2.shape[1]):
        for h in range(W2.shape[0]):
            b[k] += b1[h] * W2[h, k]
            for d in range(W1.shape[0]):
                W[d, k] += W1[d, h] * W2[h, k]
    return [W, b]
""",
        ),
    ),
)

EXERCISES = (AFFINE, ONE_HOT, STANDARDIZE, ACCURACY, PAIRWISE_SQ_DIST, COLLAPSE)
