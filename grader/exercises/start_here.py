"""``00_start_here``: arrays in place of loops, and why two affine layers are one."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception
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


def _dusty(rng: np.random.Generator, n: int) -> float:
    """A number whose mean over n copies is another number, so that the standard deviation is not 0."""
    while True:
        value = round(rng.uniform(0.1, 5), 2)
        if np.full((n, 2), value).std(axis=0)[0] > 0:
            return value


def _standardize_cases(rng: np.random.Generator) -> list[Case]:
    """Columns in different units, and constant ones with a computed deviation of 0 and of rounding.

    At most seven rows: so few are summed one after the other by any route, so the rounding
    is the same for all right answers.
    """
    cases = []
    for n, d in [(5, 3), (6, 4), (7, 2)]:
        units = rng.choice([0.5, 4.0, 30.0, 200.0], size=d, replace=False)
        X = (rng.normal(size=(n, d)) * units + rng.normal(size=d) * units).round(2)
        other = rng.normal(loc=2, size=(n, d + 2)).round(2)
        other[:, 1], other[:, d] = _dusty(rng, n), rng.integers(2, 9)
        cases.append({"X": X, "X_constant": other})
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
        right * 100,
        1 - right,
    ]


def _accuracy_cases(rng: np.random.Generator) -> list[Case]:
    """Drawn again until no two readings agree, so that no mistake is right by luck; no ties in any row."""
    cases = []
    for n, k in [(5, 3), (7, 4), (11, 6)]:
        while True:
            labels = rng.integers(k, size=n)
            T = np.eye(k)[labels]
            scores = (rng.normal(size=(n, k)) + 1.2 * T).round(2)
            scores[0, labels[0]] = scores.max() + 0.3
            found = np.array(_readings(scores, T)).round(6)
            if len(set(found)) == len(found) and len(np.unique(scores)) == scores.size and 0 < found[0] < 1:
                break
        cases.append({"scores": scores, "T": T})
    return cases


def _pairwise_cases(rng: np.random.Generator) -> list[Case]:
    """Some points lie near one another; in the last case there are as many rows in A as in B."""
    cases = []
    for n, m, d in [(3, 5, 2), (4, 2, 3), (4, 4, 3)]:
        A, B = rng.normal(size=(n, d)).round(2), rng.normal(size=(m, d)).round(2)
        B[-1] = A[0] + [0.25, -0.5, 0.25][:d]
        far = rng.uniform(900, 1100, size=3).round(2) + 1e-8 * rng.integers(-50, 50, size=(100, 3))
        cases.append({"A": A, "B": B.round(2), "far": far.round(8)})
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
            "too small a number below the line",
            _GUARD,
            "return (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-12)",
            "All is right but for one constant column, where rounding is left over: divided by so small a number "
            "it counts. How large is it? Or can such a column be told before you divide?",
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
            "The result is right, but the caller's own X has been changed into it. `X -= …` writes into the array "
            "that was handed in: how do you get a new one?",
        ),
    ),
    alternatives=(
        Alternative(
            "a threshold on the deviation",
            old=_GUARD,
            new="scale = X.std(axis=0)\n    scale[scale < 1e-12] = 1\n    return (X - X.mean(axis=0)) / scale",
        ),
        Alternative(
            "divided by infinity",
            old=_STD,
            new="np.where(constant, np.inf, X.std(axis=0))",
        ),
        Alternative(
            "a small number added below the line",
            old=_GUARD,
            new="return (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-8)",
        ),
        Alternative(
            "a copy changed in place",
            code="""
def standardize(X):
    Z = X.copy()
    Z -= Z.mean(axis=0)
    still = np.abs(Z).max(axis=0) < 1e-9
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
        if variance > 1e-20:
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
    atol=1e-6,  # so that a small number added below the line is accepted; all columns are of the size 1
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
            "argmax of the whole table",
            _ROWS,
            "scores.argmax() == T.argmax()",
            "1 comes out every time, although some samples are wrong. Without an axis, argmax gives one place in "
            "the whole table: how many places do you need for N samples?",
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
            "values for places",
            _ROWS,
            "scores.max(axis=1) == T.max(axis=1)",
            "0 comes out every time, although some samples are right. Print both sides of your comparison: are they "
            "places in a row, or values, which can hardly be equal?",
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

# The first two also serve any other line that fails where the sizes differ: the output beside it, right where
# they are equal, is all that is known of it. So their messages say no more than that.
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
            "Where all sizes are equal, W comes out right; where they differ, the line for b fails. "
            "Write the shapes of b1, W2 and b2 side by side: which of them fit together, and in which order?",
        ),
        Misconception(
            "W1 turned over",
            "W1 @ W2",
            "W2 @ W1.T",
            "Where all sizes are equal, b comes out right; where they differ, the line for W fails. "
            "Write the shapes of W1 and W2 side by side: which sizes have to meet in the middle?",
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
            "You add the two biases as they are. Between them stands the second layer: which shape has b1, "
            "and what happens to it on its way to the output?",
        ),
        Misconception(
            "both biases passed on",
            "b1 @ W2 + b2",
            "(b1 + b2) @ W2",
            "Here b2 goes through W2, but it is added after W2 has done its work. Which bias is inside the brackets of "
            "(XW₁ + b₁)W₂ + b₂?",
        ),
        Misconception(
            "wrong order",
            "W1 @ W2",
            "W2 @ W1",
            "The product is in the order in which a column would meet the layers. A row x meets W1 first: "
            "in xW₁W₂, which of them stands on the left?",
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
            "b is made in the right way, but the weights are added. Take one feature and one unit, tripled and then "
            "doubled: what has become of it?",
        ),
        Misconception(
            "entry by entry",
            "W1 @ W2",
            "W1 * W2",
            "b is made in the right way, but W1 and W2 are multiplied entry by entry. An output collects what came "
            "through every hidden unit: which product adds up over them?",
        ),
        Misconception(
            "b1 twice",
            "b1 @ W2 + b2",
            "b1 @ W1 @ W2 + b2",
            "W is right, but b1 is led through W1 as well. It is added after W1: which layers does it still meet?",
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
