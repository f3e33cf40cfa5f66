"""``03_two_layer_network``: bends, softmax, three output heads, the network, its step and its penalty."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception, attempts
from grader.reference import two_layer
from grader.reference.two_layer import Array


def _kink_cases(rng: np.random.Generator) -> list[Case]:
    """Both signs, exact zeros, and the largest entry of each column above 0."""
    cases = []
    for shape in [(3, 4), (5, 2)]:
        x = rng.uniform(0.2, 3, size=shape).round(2)
        x.flat[:6] *= [1, -1, 1, -1, 0, 0]
        cases.append({"x": x.flat[rng.permutation(x.size)].reshape(shape)})
    return [*cases, {"x": np.array([[-1000.0, 1000.0], [0.0, -0.5], [20.0, -0.0]])}]


def _slope_cases(rng: np.random.Generator) -> list[Case]:
    return [{"A": case["x"]} for case in _kink_cases(rng)]


def _one_hot(rng: np.random.Generator, n: int, k: int) -> Array:
    """At least two different classes."""
    T: Array = np.eye(k)[rng.permutation(np.append([0, 1], rng.integers(0, k, size=n - 2)))]
    return T


def _heights(rng: np.random.Generator, k: int) -> Array:
    """Rows of very different height."""
    return np.array([[900.0], [0.0], [-900.0]]) + rng.normal(size=(3, k)).round(2)


def _score_cases(rng: np.random.Generator) -> list[Case]:
    """Moderate scores, as many rows as columns among them; scores of ±1000; rows of very different height.

    Where N = K a lost axis shows in the numbers, elsewhere as an error that others may raise, too.
    """
    cases = [{"scores": rng.normal(scale=2, size=shape).round(2)} for shape in [(4, 3), (3, 5), (3, 3)]]
    far = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 999.0, 1000.0], [1000.0, 1000.0, -1000.0], [0.0, -1000.0, 1.0]])
    return [*cases, {"scores": far}, {"scores": _heights(rng, 2)}]


def _probability_cases(rng: np.random.Generator) -> list[Case]:
    """Rows that add up to 1; in one case wrong classes have exactly 0, in another N = K (see `_score_cases`).

    In the last, a right class has less than 1e-12, where a clip would show.
    """
    cases = []
    for n, k in [(4, 3), (3, 5), (5, 4), (4, 4), (3, 2)]:
        T = _one_hot(rng, n, k)
        P = rng.integers(5, 100, size=(n, k)).astype(float)
        if n == 5:
            P[np.arange(n), (T.argmax(axis=1) + 1) % k] = 0.0
        P /= P.sum(axis=1, keepdims=True)
        if k == 2:
            rare = rng.uniform(2e-13, 6e-13)
            P[0] = np.where(T[0] == 1, rare, 1 - rare)
        cases.append({"P": P, "T": T})
    return cases


def _squared_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"scores": rng.normal(size=shape).round(2), "T": rng.normal(size=shape).round(2)}
        for shape in [(4, 3), (3, 2), (5, 1)]
    ]


def _binary_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n in (4, 5):
        T = rng.permutation(np.append([0.0, 1.0], rng.integers(0, 2, size=n - 2)))[:, None]
        cases.append({"scores": rng.uniform(-3, 3, size=(n, 1)).round(2), "T": T})
    far = np.array([[1000.0], [-1000.0], [1000.0], [-1000.0]])
    return [*cases, {"scores": far, "T": np.array([[1.0], [0.0], [0.0], [1.0]])}]


def _classes_cases(rng: np.random.Generator) -> list[Case]:
    """As `_score_cases`, with targets; one with N = K."""
    cases = [
        {"scores": rng.normal(scale=2, size=(n, k)).round(2), "T": _one_hot(rng, n, k)}
        for n, k in [(4, 3), (3, 5), (3, 3)]
    ]
    far = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 0.0], [1000.0, 999.0, 0.0], [0.0, 1000.0, -1000.0]])
    T = np.eye(3)[[1, 1, 0, 0]]
    return [*cases, {"scores": far, "T": T}, {"scores": _heights(rng, 2), "T": _one_hot(rng, 3, 2)}]


def _params(rng: np.random.Generator, d: int, h: int, k: int, prefix: str = "") -> dict[str, Array]:
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, k), "b2": (k,)}
    return {prefix + name: rng.uniform(0.2, 1.5, s).round(2) * rng.choice([-1, 1], s) for name, s in shapes.items()}


def _net_cases(rng: np.random.Generator) -> list[Case]:
    """Both activations; every hidden unit is on for one sample and off for another."""
    cases = []
    for (n, d, h, k), activation in [((6, 3, 4, 2), "relu"), ((5, 2, 3, 4), "sigmoid"), ((6, 4, 3, 2), "relu")]:
        for _ in attempts():
            params = _params(rng, d, h, k)
            X = rng.normal(size=(n, d)).round(2)
            on = X @ params["W1"] + params["b1"] > 0
            if (on.any(axis=0) & ~on.all(axis=0)).all():
                break
        T, other = rng.normal(size=(n, k)).round(2), (2 * rng.normal(size=(n, d))).round(2)
        cases.append({"X": X, "T": T, "X_other": other, **params, "activation": activation})
    return cases


def _step_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {**_params(rng, *sizes), **_params(rng, *sizes, prefix="d"), "lr": lr}
        for sizes, lr in [((3, 4, 2), round(rng.uniform(0.05, 0.3), 2)), ((2, 5, 3), 1.5)]
    ]


def _penalty_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "scores": rng.normal(size=(n, k)).round(2),
            "T": _one_hot(rng, n, k),
            "W1": rng.uniform(0.2, 1.5, size=(d, h)).round(2) * rng.choice([-1, 1], size=(d, h)),
            "W2": rng.uniform(0.2, 1.5, size=(h, k)).round(2) * rng.choice([-1, 1], size=(h, k)),
            "alpha": round(rng.uniform(0.1, 0.9), 2),
        }
        for n, d, h, k in [(5, 3, 4, 2), (4, 2, 5, 3)]
    ]


def _decay_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {**_params(rng, *sizes), **_params(rng, *sizes, prefix="d"), "alpha": round(rng.uniform(0.1, 0.9), 2)}
        for sizes in [(3, 4, 2), (2, 5, 3)]
    ]


def _rate_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"lr": 10.0 ** -int(rng.integers(3, 7)), "batch_size": int(rng.integers(60, 5000))},
        {"lr": round(rng.uniform(0.01, 0.2), 3), "batch_size": int(rng.integers(5, 60))},
    ]


RELU = Exercise(
    name="relu",
    source="S2 §4.1; S3 §1.1.1",
    cases=_kink_cases,
    reference={"relu": two_layer.relu},
    misconceptions=(
        Misconception(
            "maximum of a column",
            "np.maximum(0, x)",
            "np.max(x, 0)",
            "Your `y` has one number for each column: the largest entry that there is. "
            "Which NumPy function compares two things entry by entry, and which looks for the largest of one array?",
        ),
        Misconception(
            "x changed in place",
            "return np.maximum(0, x)",
            "x[x < 0] = 0\n    return x",
            "The numbers are right, but the x that you were handed has lost its negative entries. "
            "The way back will ask where they were: which array could take the zeros instead?",
        ),
        Misconception(
            "a step",
            "np.maximum(0, x)",
            "np.where(x > 0, 1.0, 0.0)",
            "Yours is 0 or 1: it says whether a unit is on, and not how strongly. "
            "What does the text's unit put out at x = 3?",
        ),
        Misconception(
            "absolute value",
            "np.maximum(0, x)",
            "np.abs(x)",
            "What was negative comes out positive, as large as before. On which side is the hinge flat?",
        ),
        Misconception(
            "minimum",
            "np.maximum(0, x)",
            "np.minimum(0, x)",
            "The negative side passes and the positive one is flat. Of x and 0, which one should survive at x = 3?",
        ),
        Misconception(
            "capped at 1",
            "np.maximum(0, x)",
            "np.clip(x, 0, 1)",
            "Right below 1, and everything above it comes out as 1. Does the hinge have an upper end?",
        ),
        Misconception(
            "positive entries only",
            "np.maximum(0, x)",
            "x[x > 0]",
            "The negative entries are gone, and with them the shape: H needs a number for every sample and unit. "
            "What should stand where an entry is below 0?",
        ),
    ),
    alternatives=(
        Alternative("chosen by a condition", old="np.maximum(0, x)", new="np.where(x > 0, x, 0.0)"),
        Alternative("product with the mask", old="np.maximum(0, x)", new="x * (x >= 0)"),
        Alternative("through the absolute value", old="np.maximum(0, x)", new="(x + np.abs(x)) / 2"),
        Alternative(
            "in place on a copy", old="return np.maximum(0, x)", new="y = x.copy()\n    y[y < 0] = 0\n    return y"
        ),
        Alternative(
            "loop",
            code="""
def relu(x):
    return np.array([[max(0.0, entry) for entry in row] for row in x])
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "swapped: return np.maximum(0, x) -> return np.maximum(x, 0)",
            "the larger of two numbers does not depend on their order",
        ),
    ),
)

SLOPES = Exercise(
    name="slopes",
    source="S2 §4.1 mask; S0 (>=); S1 back_sigmoid; syllabus, ReLU's derivative after the ReLU",
    cases=_slope_cases,
    reference={"relu_slope": two_layer.relu_slope, "sigmoid_slope": two_layer.sigmoid_slope},
    misconceptions=(
        Misconception(
            "slope 1 at zero",
            "np.where(A > 0, 1.0, 0.0)",
            "np.where(A >= 0, 1.0, 0.0)",
            "`relu_slope` differs only where A is exactly 0. The kink has no slope of its own, so one has to be agreed "
            "on: which did the text take?",
        ),
        Misconception(
            "looked at after the bend",
            "np.where(A > 0, 1.0, 0.0)",
            "np.where(H >= 0, 1.0, 0.0)",
            "Your `relu_slope` is 1 everywhere, also for units that are off. After the ReLU nothing is negative: "
            "what question can H still answer?",
        ),
        Misconception(
            "H instead of its slope",
            "np.where(A > 0, 1.0, 0.0)",
            "np.where(A > 0, A, 0.0)",
            "Your `relu_slope` is H itself. If A grows from 3 to 3.1, by how much does H grow, and for each unit of A?",
        ),
        Misconception(
            "sign",
            "np.where(A > 0, 1.0, 0.0)",
            "np.sign(A)",
            "On the negative side your `relu_slope` is −1, as if H rose again there. How does H move when A goes "
            "from −3 to −2?",
        ),
        Misconception(
            "sigmoid twice",
            "H * (1 - H)",
            "sigmoid(H) * (1 - sigmoid(H))",
            "Your `sigmoid_slope` lies between 0.19 and 0.25 everywhere, and at A = 1000 the curve is flat. "
            "H has been through σ once: does it have to go through it again?",
        ),
        Misconception(
            "sigmoid slope from A",
            "H * (1 - H)",
            "A * (1 - A)",
            "Your `sigmoid_slope` is negative for most A, yet a sigmoid never falls. In h (1 − h), which of the two "
            "arrays is meant?",
        ),
        Misconception(
            "slope of tanh",
            "H * (1 - H)",
            "1 - H**2",
            "At A = −1000 your `sigmoid_slope` is 1, and there the curve is flat. "
            "Which function of h is 0 at h = 0 and at h = 1?",
        ),
        Misconception(
            "slope by exponentials",
            "H * (1 - H)",
            "np.exp(-A) / (1 + np.exp(-A)) ** 2",
            "Right in between, and at A = −1000 infinity is divided by infinity, which is nan. "
            "The other array you are handed was made without overflow: can it say the same?",
        ),
        Misconception(
            "1 - h lost",
            "H * (1 - H)",
            "H",
            "At A = 1000 your `sigmoid_slope` is 1, and there the curve is flat. What is small when h is near 1?",
        ),
        Misconception(
            "A overwritten",
            "return np.where(A > 0, 1.0, 0.0)",
            "A[...] = A > 0\n    return A",
            "The numbers are right, but the A that you were handed now holds slopes. The next function that asks "
            "for A gets these: which array could take them instead?",
        ),
        Misconception(
            "H overwritten",
            "return H * (1 - H)",
            "H *= 1 - H\n    return H",
            "The numbers are right, but the H that you were handed now holds slopes, and the gradient of W2 will "
            "need H itself: which operator makes a new array?",
        ),
    ),
    alternatives=(
        Alternative("truth values", old="np.where(A > 0, 1.0, 0.0)", new="A > 0"),
        Alternative("from H, strictly", old="np.where(A > 0, 1.0, 0.0)", new="(H > 0).astype(float)"),
        Alternative("h - h²", old="H * (1 - H)", new="H - H**2"),
        Alternative("through σ of A", old="H * (1 - H)", new="sigmoid(A) * sigmoid(-A)"),
        Alternative(
            "loop",
            code="""
def relu_slope(A, H):
    slope = np.zeros_like(A)
    for place in np.ndindex(A.shape):
        if A[place] > 0:
            slope[place] = 1
    return slope


def sigmoid_slope(A, H):
    return np.array([[h * (1 - h) for h in row] for row in H])
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "swapped: return np.where(A > 0, 1.0, 0.0) -> return np.where(1.0, A > 0, 0.0)",
            "1.0 counts as true, so the truth values of A > 0 are returned, which are 1 and 0",
        ),
    ),
)

_EXPONENTIALS = "np.exp(scores - scores.max(axis=1, keepdims=True))"
_SHARES = "exponentials / exponentials.sum(axis=1, keepdims=True)"

SOFTMAX = Exercise(
    name="softmax",
    source="S2 §2.3; S0; S3 §1.1.2",
    cases=_score_cases,
    reference={"softmax": two_layer.softmax},
    misconceptions=(
        Misconception(
            "columns",
            f"{_EXPONENTIALS}\n    return {_SHARES}",
            "np.exp(scores - scores.max(axis=0))\n    return exponentials / exponentials.sum(axis=0)",
            "The columns of your `P` add up to 1, each class over all samples. "
            "Which numbers compete for one sample: those of its row, or those of a column?",
        ),
        Misconception(
            "total of a column",
            _SHARES,
            "exponentials / exponentials.sum(axis=0)",
            "Each row was scaled by itself, and then divided by the totals of the columns. "
            "Whose total turns the numbers of one sample into shares?",
        ),
        Misconception(
            "over everything",
            _SHARES,
            "exponentials / exponentials.sum()",
            "All entries of your `P` together add up to 1. One sample's probabilities should not depend on how many "
            "others there are: what has to add up to 1 for each sample?",
        ),
        Misconception(
            "unstable",
            _EXPONENTIALS,
            "np.exp(scores)",
            "Right for moderate scores. At 1000 the exponential overflows, and infinity over infinity is nan. "
            "What can be taken off a whole row without changing a single probability?",
        ),
        Misconception(
            "one maximum for all",
            "scores.max(axis=1, keepdims=True)",
            "scores.max()",
            "Right until the rows lie at very different heights. Then a low row becomes zeros only, and 0/0 is nan. "
            "Whose maximum should be taken off a row?",
        ),
        Misconception(
            "maximum taken off afterwards",
            _EXPONENTIALS,
            "np.exp(scores) - np.exp(scores).max(axis=1, keepdims=True)",
            "The best class of each row has probability 0 with you. The maximum was taken off what: the scores, "
            "or their exponentials?",
        ),
        Misconception(
            "shares of the scores",
            _EXPONENTIALS,
            "scores",
            "Your rows add up to 1, but some entries are negative. Which function makes a positive number of any "
            "score, before shares are taken?",
        ),
        Misconception(
            "scores changed in place",
            _EXPONENTIALS,
            "scores\n    exponentials -= scores.max(axis=1, keepdims=True)\n    np.exp(exponentials, out=exponentials)",
            "The numbers are right, but the scores that you were handed have been overwritten. "
            "Which array could take the exponentials instead?",
        ),
        Misconception(
            "axis not kept",
            "exponentials.sum(axis=1, keepdims=True)",
            "exponentials.sum(axis=1)",
            "Your sum has shape (N,), and NumPy lines that up with the columns, not with the rows; where there are as "
            "many of both, without a word. What shape must it have for row n to be divided by its own total?",
        ),
        Misconception(
            "maximum without its axis",
            "scores.max(axis=1, keepdims=True)",
            "scores.max(axis=1)",
            "Your maxima have shape (N,), and NumPy lines those up with the columns: an error, or, where there are "
            "as many rows as columns, the maxima of other rows. What shape must they have for each row to lose its "
            "own?",
        ),
        Misconception(
            "no axis kept",
            f"{_EXPONENTIALS}\n    return {_SHARES}",
            "np.exp(scores - scores.max(axis=1))\n    return exponentials / exponentials.sum(axis=1)",
            "Your maxima and your sums have shape (N,), and NumPy lines those up with the columns. What shape must "
            "both have for row n to meet its own?",
        ),
        Misconception(
            "as for one sample",
            f"{_EXPONENTIALS}\n    return {_SHARES}",
            "np.exp(scores - scores.max())\n    return exponentials / exponentials.sum()",
            "This is the softmax of a single list of scores: all entries of your `P` together add up to 1. Here "
            "each row is a sample of its own: what has to add up to 1, and along which axis?",
        ),
        Misconception(
            "as for one sample, unstable",
            f"{_EXPONENTIALS}\n    return {_SHARES}",
            "np.exp(scores)\n    return exponentials / exponentials.sum()",
            "This is the softmax of a single list of scores, as printed: all entries of your `P` together add up to "
            "1, and at 1000 the exponential overflows. What has to add up to 1 here, and what can be taken off a "
            "row beforehand?",
        ),
    ),
    alternatives=(
        Alternative(
            "through the logarithm",
            code="""
def softmax(scores):
    shifted = scores - np.max(scores, axis=1)[:, None]
    return np.exp(shifted - np.log(np.sum(np.exp(shifted), axis=1))[:, None])
""",
        ),
        Alternative(
            "loop",
            code="""
def softmax(scores):
    P = np.empty_like(scores)
    for n, row in enumerate(scores):
        e = np.exp(row - max(row))
        P[n] = e / e.sum()
    return P
""",
        ),
        Alternative(
            "differences of scores",
            code="""
def softmax(scores):
    with np.errstate(over="ignore"):
        return 1 / np.exp(scores[:, None, :] - scores[:, :, None]).sum(axis=2)
""",
        ),
        Alternative(
            "any number near the maximum",
            old="scores.max(axis=1, keepdims=True)",
            new="(scores.max(axis=1, keepdims=True) + 5)",
        ),
    ),
)

_RIGHT = "np.sum(P * T, axis=1)"
_MEAN_LOG = "-np.mean(np.log(right))"

AVERAGE_CROSS_ENTROPY = Exercise(
    name="average_cross_entropy",
    source="S2 §2.3; S3 §1.1.4; S0 (sign and 1/N lost)",
    cases=_probability_cases,
    reference={"average_cross_entropy": two_layer.average_cross_entropy},
    misconceptions=(
        Misconception(
            "sign lost",
            _MEAN_LOG,
            "np.mean(np.log(right))",
            "Your loss is negative, and gets lower the less likely the right class is. "
            "Descent makes a loss small: is that what you would want?",
        ),
        Misconception(
            "summed, not averaged",
            _MEAN_LOG,
            "-np.sum(np.log(right))",
            "Your loss is N times too large: it is that of the whole batch. "
            "What would it be for the same batch handed in twice?",
        ),
        Misconception(
            "as printed",
            _MEAN_LOG,
            "np.sum(np.log(right))",
            "Your loss is a sum, and negative. This is how the course notes that the text mentions print it: "
            "what do two batches of different size cost, and which of the two directions is better?",
        ),
        Misconception(
            "averaged over classes too",
            f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            "return -np.mean(T * np.log(np.where(T > 0, P, 1.0)))",
            "Your loss is too small by the number of classes. One sample has one right class: "
            "over how many things does the mean run?",
        ),
        Misconception(
            "0 times ln 0",
            f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            "return -np.mean(np.sum(T * np.log(P), axis=1))",
            "Right, until a wrong class has probability exactly 0: there 0 · ln 0 is computed, and NumPy's answer is "
            "nan. What is left if you pick the right class's probability first, and take the logarithm then?",
        ),
        Misconception(
            "of the likeliest class",
            _RIGHT,
            "P.max(axis=1)",
            "Your loss does not look at the targets: it is small whenever P is sure of something. "
            "Whose probability counts, that of the class that was predicted or of the one that came true?",
        ),
        Misconception(
            "P and T exchanged",
            f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            "return -np.mean(np.sum(P * np.log(np.maximum(T, 1e-12)), axis=1))",
            "You take the logarithm of the targets, which are 0 and 1. Which of the two arrays holds the "
            "probabilities?",
        ),
        Misconception(
            "one-hot taken for labels",
            _RIGHT,
            "P[np.arange(len(P)), T.astype(int)]",
            "T was used as if it held one class number for each sample. It holds a row of K numbers, one of them 1: "
            "what does the product of such a row with a row of P leave over?",
        ),
        Misconception(
            "logarithm of the mean",
            _MEAN_LOG,
            "-np.log(np.mean(right))",
            "You average the probabilities and take one logarithm of that. A single sure mistake then hardly counts: "
            "which comes first, the price of a sample or the mean?",
        ),
        Misconception(
            "base 10",
            "np.log(right)",
            "np.log10(right)",
            "Too small by the factor 2.303 everywhere. Of which base is the logarithm in a loss that is given in nats?",
        ),
        Misconception(
            "clipped",
            f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            "return -np.mean(np.sum(T * np.log(np.clip(P, 1e-12, 1)), axis=1))",
            "Right until the right class is rarer than the floor under your P: from there on the price rises no "
            "further, however wrong the network is. Only wrong classes can have exactly 0 here: does their "
            "logarithm have to be taken at all?",
        ),
        Misconception(
            "added inside the logarithm",
            f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            "return -np.mean(np.sum(T * np.log(P + 1e-12), axis=1))",
            "Right until the right class is rarer than the number that you add inside the logarithm: from there on "
            "the price hardly rises. Only wrong classes can have exactly 0 here: does their logarithm have to be "
            "taken at all?",
        ),
        Misconception(
            "mean over all entries, and 0 times ln 0",
            f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            "return -np.mean(T * np.log(P))",
            "Two things: the mean runs over all N · K entries, although a sample has one price; and where a wrong "
            "class has exactly 0, 0 · ln 0 is nan. What is left of a row if its right class is picked before the "
            "logarithm is taken?",
        ),
        Misconception(
            "all of it: sign, entries, 0 times ln 0",
            f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            "return np.mean(T * np.log(P))",
            "Three things: your loss is negative; its mean runs over all N · K entries, although a sample has one "
            "price; and 0 · ln 0 is nan. What is left of a row if its right class is picked first, and what does it "
            "cost?",
        ),
    ),
    alternatives=(
        Alternative("picked by position", old=_RIGHT, new="P[np.arange(len(P)), T.argmax(axis=1)]"),
        Alternative("picked by a mask", old=_RIGHT, new="P[T == 1]"),
        Alternative(
            "ones for the wrong classes",
            old=f"right = {_RIGHT}\n    return {_MEAN_LOG}",
            new="return -np.sum(np.log(np.where(T == 1, P, 1))) / len(P)",
        ),
        Alternative(
            "loop",
            code="""
def average_cross_entropy(P, T):
    total = 0.0
    for p, t in zip(P, T):
        total += -np.log(p[t == 1][0])
    return total / len(P)
""",
        ),
    ),
)

_SQUARED = "np.sum(error**2) / (2 * len(T)), error / len(T)"

SQUARED_ERROR_HEAD = Exercise(
    name="squared_error_head",
    source="S2 §2.1, §4.1",
    cases=_squared_cases,
    reference={"squared_error_head": two_layer.squared_error_head},
    misconceptions=(
        Misconception(
            "the half lost",
            "(2 * len(T))",
            "len(T)",
            "Your `loss` is twice what was agreed. In the gradient a 2 comes down from the square: "
            "which number stands in front of the sum to meet it?",
        ),
        Misconception(
            "the factor 2 kept",
            "error / len(T)",
            "2 * error / len(T)",
            "Your `gradient` is twice what was agreed. The square brings a 2 down; "
            "what stands in front of the sum to meet it?",
        ),
        Misconception(
            "mean over all entries",
            _SQUARED,
            "np.mean(error**2) / 2, error / error.size",
            "With one output you are right, with three you are three times too small. The loss is a mean over samples: "
            "how many samples are there, and how many entries?",
        ),
        Misconception(
            "gradient not averaged",
            "error / len(T)",
            "error",
            "Your `gradient` is N times too large. One sample among N: how much of its own error does "
            "it put into the mean?",
        ),
        Misconception(
            "gradient averaged over the batch",
            "error / len(T)",
            "error.mean(axis=0, keepdims=True)",
            "Your `gradient` has one row for the whole batch. Each sample has scores of its own, and errors of "
            "opposite sign cancel here: what shape do the scores have?",
        ),
        Misconception(
            "averaged twice",
            "error / len(T)",
            "error / len(T) ** 2",
            "Your `gradient` is 1/N of what it should be. How often does 1/N stand before the sum?",
        ),
        Misconception(
            "sign turned",
            "error = scores - T",
            "error = T - scores",
            "Your `gradient` points the other way. A score that is too large: does the loss grow or "
            "shrink when it grows further?",
        ),
        Misconception(
            "times N",
            "(2 * len(T))",
            "2 * len(T)",
            "Your `loss` grows with the square of the batch. Python works out / and * from left to right: "
            "by what is your sum divided, and by what is it multiplied?",
        ),
        Misconception(
            "sum, not mean",
            _SQUARED,
            "np.sum(error**2) / 2, error",
            "What you have is that of the sum over the batch, N times too large. "
            "What would it be for the same batch handed in twice, and what should it be?",
        ),
        Misconception(
            "squashed first",
            "error = scores - T",
            "error = sigmoid(scores) - T",
            "Your predictions cannot leave the interval from 0 to 1. A year or a blood value can: "
            "what stands between score and prediction in this head?",
        ),
        Misconception(
            "scores overwritten",
            "error = scores - T",
            "error = scores\n    error -= T",
            "The numbers are right, but the scores that you were handed now hold errors: `=` gives the same array a "
            "second name. Which operator makes a new one?",
        ),
    ),
    alternatives=(
        Alternative(
            "half the mean of the row sums",
            old="np.sum(error**2) / (2 * len(T))",
            new="np.mean(np.sum(error**2, axis=1)) / 2",
        ),
        Alternative(
            "squared norm",
            old="np.sum(error**2) / (2 * len(T))",
            new="np.linalg.norm(error) ** 2 / 2 / scores.shape[0]",
        ),
        Alternative(
            "loop",
            code="""
def squared_error_head(scores, T):
    loss, gradient = 0.0, np.zeros(scores.shape)
    for place in np.ndindex(scores.shape):
        error = scores[place] - T[place]
        loss += 0.5 * error * error / len(scores)
        gradient[place] = error / len(scores)
    return loss, gradient
""",
        ),
    ),
)

_BINARY_LOSSES = "np.logaddexp(0, scores) - scores * T"
_BINARY_LOSS = f"np.mean({_BINARY_LOSSES})"
_BINARY_GRADIENT = "(sigmoid(scores) - T) / len(T)"

SIGMOID_CROSS_ENTROPY_HEAD = Exercise(
    name="sigmoid_cross_entropy_head",
    source="S2 §2.2; S1",
    cases=_binary_cases,
    reference={"sigmoid_cross_entropy_head": two_layer.sigmoid_cross_entropy_head},
    misconceptions=(
        Misconception(
            "through the probability",
            _BINARY_LOSS,
            "-np.mean(T * np.log(sigmoid(scores)) + (1 - T) * np.log(1 - sigmoid(scores)))",
            "Right for moderate scores. At ±1000 the probability is exactly 0 or 1, and its logarithm is lost. "
            "Which form of the loss never forms a probability?",
        ),
        Misconception(
            "clipped",
            _BINARY_LOSS,
            "-np.mean(T * np.log(np.clip(sigmoid(scores), 1e-12, 1)) "
            "+ (1 - T) * np.log(np.clip(1 - sigmoid(scores), 1e-12, 1)))",
            "Finite, but a sure mistake at 1000 costs 27.6 with you, the logarithm of your clip (below stand means "
            "over the batch). What does it cost by the formula that starts from the score?",
        ),
        Misconception(
            "overflow",
            _BINARY_LOSSES,
            "np.log(1 + np.exp(scores)) - scores * T",
            "Right for moderate scores, and at 1000 the exponential overflows. ln(1 + eˢ) is nearly s there: "
            "which function adds two exponentials without forming them?",
        ),
        Misconception(
            "slope of the sigmoid kept",
            _BINARY_GRADIENT,
            "(sigmoid(scores) - T) * sigmoid(scores) * (1 - sigmoid(scores)) / len(T)",
            "Your `gradient` dies where the head is sure, also where it is sure and wrong. "
            "Differentiate ln(1 + eˢ) − ts once more: is there a factor p (1 − p) in it?",
        ),
        Misconception(
            "gradient from the score",
            _BINARY_GRADIENT,
            "(scores - T) / len(T)",
            "Your `gradient` compares scores with targets. A score of 1000 for a sure yes is no mistake of 999: "
            "what has to become of a score before it is compared?",
        ),
        Misconception(
            "gradient not averaged",
            _BINARY_GRADIENT,
            "sigmoid(scores) - T",
            "Your `gradient` is N times too large. One sample among N: how much of its own error does "
            "it put into the mean?",
        ),
        Misconception(
            "gradient averaged over the batch",
            _BINARY_GRADIENT,
            "np.mean(sigmoid(scores) - T, axis=0, keepdims=True)",
            "Your `gradient` has one row for the whole batch, and a yes that was too low cancels against a no that was "
            "too high. What shape do the scores have?",
        ),
        Misconception(
            "sign turned",
            _BINARY_GRADIENT,
            "(T - sigmoid(scores)) / len(T)",
            "`gradient` has the right size and points the other way. The true answer is no, and the score rises: "
            "does the loss rise or fall?",
        ),
        Misconception(
            "sigmoid twice",
            _BINARY_GRADIENT,
            "(sigmoid(sigmoid(scores)) - T) / len(T)",
            "The probabilities in your `gradient` lie between 0.5 and 0.73, whatever the score is. "
            "How often has σ been applied?",
        ),
        Misconception(
            "target's sign turned",
            _BINARY_LOSSES,
            "np.logaddexp(0, scores) + scores * T",
            "For a yes your `loss` rises with the score, although a higher score says yes more firmly. "
            "Work out ln(1 + eˢ) − ts at t = 1 for a large s: what is left?",
        ),
        Misconception(
            "a sum",
            _BINARY_LOSS,
            f"np.sum({_BINARY_LOSSES})",
            "Your `loss` is N times too large: it is the price of the whole batch. Was a sum agreed, or a mean?",
        ),
        Misconception(
            "sign of the loss",
            _BINARY_LOSS,
            f"-{_BINARY_LOSS}",
            "Your `loss` is negative, and gets lower the surer a mistake is. Descent makes a loss small: what would "
            "it do with this one?",
        ),
    ),
    alternatives=(
        Alternative(
            "maximum and log1p",
            old=_BINARY_LOSSES,
            new="np.maximum(scores, 0) - scores * T + np.log1p(np.exp(-np.abs(scores)))",
        ),
        Alternative("one sign for both answers", old=_BINARY_LOSSES, new="np.logaddexp(0, (1 - 2 * T) * scores)"),
        Alternative(
            "through tanh", old=_BINARY_GRADIENT, new="(0.5 + 0.5 * np.tanh(scores / 2) - T) / scores.shape[0]"
        ),
        Alternative(
            "loop",
            code="""
def sigmoid_cross_entropy_head(scores, T):
    loss, gradient = 0.0, np.zeros_like(scores)
    for n in range(len(scores)):
        z, t = scores[n, 0], T[n, 0]
        loss += (max(z, 0) - t * z + np.log1p(np.exp(-abs(z)))) / len(scores)
        gradient[n, 0] = (sigmoid(z) - t) / len(scores)
    return loss, gradient
""",
        ),
    ),
    equivalent=(
        Equivalent(
            f"swapped: loss = {_BINARY_LOSS} -> loss = np.mean(np.logaddexp(scores, 0) - scores * T)",
            "ln(e^a + e^b) does not depend on the order",
        ),
    ),
)

_SHIFTED = "scores - scores.max(axis=1, keepdims=True)"
_LOG_P = "shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
_CLASS_LOSS = "-np.sum(T * log_P) / len(T)"
_CLASS_GRADIENT = "(np.exp(log_P) - T) / len(T)"

SOFTMAX_CROSS_ENTROPY_HEAD = Exercise(
    name="softmax_cross_entropy_head",
    source="S2 §2.3; S3 §1.1.5 grad_ce; S0",
    cases=_classes_cases,
    reference={"softmax_cross_entropy_head": two_layer.softmax_cross_entropy_head},
    misconceptions=(
        Misconception(
            "through the probability",
            _LOG_P,
            "np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))",
            "Right for moderate scores. At ±1000 a probability is exactly 0, its logarithm is infinite, and 0 · ∞ is "
            "nan. Can ln p be had without forming p?",
        ),
        Misconception(
            "clipped",
            _CLASS_LOSS,
            "-np.sum(T * np.log(np.clip(np.exp(log_P), 1e-12, 1))) / len(T)",
            "Finite, but a sure mistake at 1000 costs 27.6 with you, the logarithm of your clip (below stand means "
            "over the batch). What does it cost if the logarithm is taken before anything can vanish?",
        ),
        Misconception(
            "overflow",
            _SHIFTED,
            "scores",
            "Right for moderate scores, and at 1000 the exponential overflows. "
            "What can be taken off a row without changing a single probability?",
        ),
        Misconception(
            "one maximum for all",
            _SHIFTED,
            "scores - scores.max()",
            "Right until the rows lie at very different heights: then a low row has only zeros under the logarithm. "
            "Whose maximum should be taken off a row?",
        ),
        Misconception(
            "gradient averaged over the batch",
            _CLASS_GRADIENT,
            "np.mean(np.exp(log_P) - T, axis=0, keepdims=True)",
            "Your `gradient` has one row for the whole batch, as in a published version: a class that is too likely "
            "for one sample cancels against another sample. What shape do the scores have?",
        ),
        Misconception(
            "gradient not averaged",
            _CLASS_GRADIENT,
            "np.exp(log_P) - T",
            "Your `gradient` is N times too large. One sample among N: how much of its own error does "
            "it put into the mean?",
        ),
        Misconception(
            "gradient over all entries",
            _CLASS_GRADIENT,
            "(np.exp(log_P) - T) / T.size",
            "`gradient` is too small by the number of classes. The loss is a mean over what?",
        ),
        Misconception(
            "loss over all entries",
            _CLASS_LOSS,
            "-np.mean(T * log_P)",
            "Your `loss` is too small by the number of classes. A sample has one right class: "
            "over how many things does the mean run?",
        ),
        Misconception(
            "right class only",
            _CLASS_GRADIENT,
            "(np.exp(log_P) - T) * T / len(T)",
            "Only the right class gets a gradient with you. Raise the score of a wrong one: "
            "what becomes of the probability of the right one?",
        ),
        Misconception(
            "softmax over columns",
            f"{_SHIFTED}\n    log_P = {_LOG_P}",
            "scores - scores.max(axis=0)\n    log_P = shifted - np.log(np.exp(shifted).sum(axis=0))",
            "Your probabilities add up to 1 down each column, over the samples. Which scores compete for one sample?",
        ),
        Misconception(
            "sign and 1/N lost",
            _CLASS_LOSS,
            "np.sum(T * log_P)",
            "Your `loss` is a sum, and negative, as some course notes print it. "
            "Which loss falls when the right class gets likelier?",
        ),
        Misconception(
            "labels taken from T",
            _CLASS_LOSS,
            "-np.sum(log_P[:, T.astype(int)]) / T.size",
            "T was used to look up columns, as if it held class numbers. It holds rows of K numbers, one of them 1: "
            "what does the product of such a row with a row of ln P leave over?",
        ),
        Misconception(
            "sign of the gradient",
            _CLASS_GRADIENT,
            "(T - np.exp(log_P)) / len(T)",
            "`gradient` has the right size and points the other way. The score of the right class rises: "
            "does the loss rise or fall?",
        ),
        Misconception(
            "sign of the loss",
            _CLASS_LOSS,
            "np.sum(T * log_P) / len(T)",
            "Your `loss` is negative: the logarithm of a probability is never above 0. What does the right class "
            "cost when it is likely, and what when it is rare?",
        ),
        Misconception(
            "maximum without its axis",
            _SHIFTED,
            "scores - scores.max(axis=1)",
            "Your maxima have shape (N,), and NumPy lines those up with the columns: an error, or, where there are "
            "as many rows as columns, the maxima of other rows. What shape must they have for each row to lose its "
            "own?",
        ),
        Misconception(
            "sum without its axis",
            _LOG_P,
            "shifted - np.log(np.exp(shifted).sum(axis=1))",
            "Your sums have shape (N,), and NumPy lines those up with the columns: an error, or, where there are as "
            "many rows as columns, the sums of other rows. What shape must they have for row n to meet its own?",
        ),
        Misconception(
            "no axis kept",
            f"{_SHIFTED}\n    log_P = {_LOG_P}",
            "scores - scores.max(axis=1)\n    log_P = shifted - np.log(np.exp(shifted).sum(axis=1))",
            "Your maxima and your sums have shape (N,), and NumPy lines those up with the columns. What shape must "
            "both have for row n to meet its own?",
        ),
    ),
    alternatives=(
        Alternative("picked by position", old=_CLASS_LOSS, new="-np.mean(log_P[np.arange(len(T)), T.argmax(axis=1)])"),
        Alternative("softmax for the gradient", old="np.exp(log_P) - T", new="softmax(scores) - T"),
        Alternative(
            "logaddexp over the classes",
            old=f"{_SHIFTED}\n    log_P = {_LOG_P}",
            new="scores\n    log_P = shifted - np.logaddexp.reduce(shifted, axis=1, keepdims=True)",
        ),
        Alternative(
            "loop",
            code="""
def softmax_cross_entropy_head(scores, T):
    loss, gradient = 0.0, np.zeros(scores.shape)
    for n, (z, t) in enumerate(zip(scores, T)):
        z = z - max(z)
        total = np.exp(z).sum()
        loss += np.log(total) - z @ t
        gradient[n] = np.exp(z) / total - t
    return loss / len(T), gradient / len(T)
""",
        ),
    ),
)

_DS = "self.head(self.forward(X), T)[1]"
_DA = 'dS @ self.params["W2"].T * self.slope(self.A, self.H)'
_GRADS = '{"W1": X.T @ dA, "b1": dA.sum(axis=0), "W2": self.H.T @ dS, "b2": dS.sum(axis=0)}'

# What stands in the gap between two lines that one misconception changes together.
_TO_SLOPE = """
        return self.H @ self.params["W2"] + self.params["b2"]
        ### END SOLUTION

    def loss(self, X, T):
        \"\"\"The loss of this batch, one number.\"\"\"
        ### BEGIN SOLUTION
        return self.head(self.forward(X), T)[0]
        ### END SOLUTION

    def gradients(self, X, T):
        \"\"\"The gradients of this batch's loss: a dict with the names of params, and their shapes.

        The example by hand gives "W1": [[12, 0]], "b1": [6, 0], "W2": [[4], [0]], "b2": [2].
        \"\"\"
        ### BEGIN SOLUTION
        dS = self.head(self.forward(X), T)[1]
        dA = dS @ self.params["W2"].T * """
_TO_DS = _TO_SLOPE.split("[0]", 1)[1].split("dS =", 1)[0]

TWO_LAYER_NET = Exercise(
    name="two_layer_net",
    source="S2 §4.1; S3 §1.2; S0; S1",
    cases=_net_cases,
    reference={"TwoLayerNet": two_layer.TwoLayerNet},
    misconceptions=(
        Misconception(
            "the bend skipped on the way back",
            _DA,
            'dS @ self.params["W2"].T',
            "The gradients of the first layer come through as if A and H were the same. Between them something "
            "happened on the way forward: which factor stands for it on the way back?",
        ),
        Misconception(
            "bend instead of slope",
            "self.slope(self.A, self.H)",
            "self.H",
            "`dW1` and `db1` are weighed with H itself. If A moves by a little, H moves by its slope times that: "
            "which of the two functions of the table gives it?",
        ),
        Misconception(
            "averaged a second time",
            f"return {_GRADS}",
            f"return {{k: g / len(X) for k, g in {_GRADS}.items()}}",
            "Your gradients are 1/N of what they should be. Whether to average is the head's business, "
            "and its gradient comes with the answer in it: what should the network add to that?",
        ),
        Misconception(
            "bias gradients averaged",
            _GRADS,
            _GRADS.replace("dA.sum", "dA.mean").replace("dS.sum", "dS.mean"),
            "Your bias gradients are 1/N of what they should be. All samples push on the same bias: "
            "do their pushes add up, or is a mean taken twice?",
        ),
        Misconception(
            "bias gradients keep the batch axis",
            _GRADS,
            _GRADS.replace("dA.sum(axis=0)", "dA").replace("dS.sum(axis=0)", "dS"),
            "Your `db1` and `db2` have one row for each sample. All samples share one b: "
            "what becomes of many pushes on one and the same number?",
        ),
        Misconception(
            "W2 meets A",
            "self.H.T @ dS",
            "self.A.T @ dS",
            "Your `dW2` is made of the wrong one of two arrays. Which was multiplied by W2 on the way "
            "forward, the one before the bend or the one after it?",
        ),
        Misconception(
            "scores bent too",
            'return self.H @ self.params["W2"] + self.params["b2"]',
            'return self.bend(self.H @ self.params["W2"] + self.params["b2"])',
            "Your scores have gone through the bend as well, and a ReLU leaves no negative score. "
            "What does a head expect: numbers of any sign, or bent ones?",
        ),
        Misconception(
            "no bend",
            "self.H = self.bend(self.A)",
            "self.H = self.A",
            "Your two affine maps touch, so together they are one. What stands between A and H?",
        ),
        Misconception(
            "yesterday's forward",
            _DS,
            'self.head(self.H @ self.params["W2"] + self.params["b2"], T)[1]',
            "Your gradients use the A and H of whatever batch was last put through "
            "`forward`. Which batch is `gradients` about?",
        ),
        Misconception(
            "first bias forgotten",
            ' + self.params["b1"]',
            "",
            "Your hidden units have no b1, so each of their kinks passes through the origin. What is A for X = 0?",
        ),
        Misconception(
            "A and H exchanged",
            "self.slope(self.A, self.H)",
            "self.slope(self.H, self.A)",
            "Right for ReLU, and with sigmoids `dW1` and `db1` are not. The two functions of slopes take two arrays: "
            "in which order did you hand them over?",
        ),
        Misconception(
            "always the slope of a ReLU",
            "self.slope(self.A, self.H)",
            "(self.A > 0)",
            "Right for ReLU, and with sigmoids `dW1` and `db1` are not. Where does the network find the slope that "
            "belongs to its bend?",
        ),
        Misconception(
            "second bias forgotten",
            ' + self.params["b2"]',
            "",
            "Your scores have no b2: with H = 0 every sample would score 0 in every class. What are the scores "
            "there by the table?",
        ),
        Misconception(
            "always a ReLU",
            "self.H = self.bend(self.A)",
            "self.H = relu(self.A)",
            "Right for ReLU, and with sigmoids not even the scores are. Where does the network find the bend that "
            "it was made with?",
        ),
        Misconception(
            "always a ReLU and its slope",
            f"self.H = self.bend(self.A){_TO_SLOPE}self.slope(self.A, self.H)",
            f"self.H = relu(self.A){_TO_SLOPE}relu_slope(self.A, self.H)",
            "Right for ReLU, and with sigmoids not even the scores are. Where does the network find the two "
            "functions of the bend that it was made with?",
        ),
        Misconception(
            "softmax in forward",
            'return self.H @ self.params["W2"] + self.params["b2"]',
            'return softmax(self.H @ self.params["W2"] + self.params["b2"])',
            "Your `forward` returns probabilities. The heads of section 3 start from scores, and two of the three "
            "questions have no softmax at all: whose business is it to turn scores into a prediction?",
        ),
        Misconception(
            "loss kept under the method's name",
            "return self.head(self.forward(X), T)[0]",
            "self.loss = self.head(self.forward(X), T)[0]\n        return self.loss",
            "Your `loss` works once: then `self.loss` is a number where the function was, and a second call fails. "
            "Does the number have to be kept at all, and if so, under which other name?",
        ),
        Misconception(
            "dS of an earlier loss",
            f"return self.head(self.forward(X), T)[0]{_TO_DS}dS = {_DS}",
            "value, self.dS = self.head(self.forward(X), T)\n        return value"
            f"{_TO_DS}self.forward(X)\n        dS = self.dS",
            "Your gradients start from the dS of whatever batch last went through `loss`. Between the two calls "
            "there may have been another batch: from whose scores does this dS have to come?",
        ),
    ),
    alternatives=(
        Alternative("einsum", old="X.T @ dA", new='np.einsum("nd,nh->dh", X, dA)'),
        Alternative("ones collect the biases", old="dA.sum(axis=0)", new="np.ones(len(X)) @ dA"),
        Alternative(
            "nothing remembered",
            code="""
ACTIVATIONS = {"relu": (relu, relu_slope), "sigmoid": (sigmoid, sigmoid_slope)}


class TwoLayerNet:
    def __init__(self, params, head, activation="relu"):
        self.params, self.head = params, head
        self.bend, self.slope = ACTIVATIONS[activation]

    def _pass(self, X):
        A = np.dot(X, self.params["W1"]) + self.params["b1"]
        H = self.bend(A)
        return A, H, np.dot(H, self.params["W2"]) + self.params["b2"]

    def forward(self, X):
        return self._pass(X)[2]

    def loss(self, X, T):
        loss, _ = self.head(self.forward(X), T)
        return loss

    def gradients(self, X, T):
        A, H, scores = self._pass(X)
        _, dS = self.head(scores, T)
        dA = np.dot(dS, self.params["W2"].T)
        dA = dA * self.slope(A, H)
        return dict(b2=dS.sum(0), W2=np.dot(H.T, dS), b1=dA.sum(0), W1=np.dot(X.T, dA))
""",
        ),
        Alternative(
            "sample by sample",
            code="""
ACTIVATIONS = {"relu": (relu, relu_slope), "sigmoid": (sigmoid, sigmoid_slope)}


class TwoLayerNet:
    def __init__(self, params, head, activation="relu"):
        self.params, self.head = params, head
        self.bend, self.slope = ACTIVATIONS[activation]

    def forward(self, X):
        self.A = np.array([x @ self.params["W1"] + self.params["b1"] for x in X])
        self.H = self.bend(self.A)
        return np.array([h @ self.params["W2"] + self.params["b2"] for h in self.H])

    def loss(self, X, T):
        return self.head(self.forward(X), T)[0]

    def gradients(self, X, T):
        dS = self.head(self.forward(X), T)[1]
        slopes = self.slope(self.A, self.H)
        grads = {name: np.zeros(p.shape) for name, p in self.params.items()}
        for x, h, ds, slope in zip(X, self.H, dS, slopes):
            da = (self.params["W2"] @ ds) * slope
            grads["W1"] += np.outer(x, da)
            grads["b1"] += da
            grads["W2"] += np.outer(h, ds)
            grads["b2"] += ds
        return grads
""",
        ),
    ),
)

_STEP = "params[name] -= lr * grads[name]"

SGD_STEP = Exercise(
    name="sgd_step",
    source="S2 §4.1 stochastic gradient descent; S0",
    cases=_step_cases,
    reference={"sgd_step": two_layer.sgd_step},
    misconceptions=(
        Misconception(
            "rebound instead of changed",
            _STEP,
            "params[name] = params[name] - lr * grads[name]",
            "The arrays that were put into params are what they were. If your line hangs a new array on an old name, "
            "whoever holds the old one never hears of it: read its operator once more, sign by sign. "
            "Does it change an array, or assign?",
        ),
        Misconception(
            "uphill",
            _STEP,
            "params[name] += lr * grads[name]",
            "Each parameter moved by the right amount, the wrong way. A gradient points to where the loss rises: "
            "which way do you want to go?",
        ),
        Misconception(
            "rate forgotten",
            _STEP,
            "params[name] -= grads[name]",
            "Your step does not depend on the learning rate. By which number is the gradient multiplied first?",
        ),
        Misconception(
            "weights only",
            _STEP,
            'if name.startswith("W"):\n            params[name] -= lr * grads[name]',
            "The biases stay where they are. They have gradients too: does the rule make a difference between names?",
        ),
        Misconception(
            "replaced by the step",
            _STEP,
            "params[name][...] = -lr * grads[name]",
            "Your parameters are now the step itself, and what had been learnt is gone. From where does a step start?",
        ),
        Misconception(
            "gradients spent",
            _STEP,
            "grads[name] *= lr\n        params[name] -= grads[name]",
            "The parameters are right, and the gradients that you were handed have been shrunk. "
            "Somebody may want to measure them: which expression leaves them as they are?",
        ),
        Misconception(
            "divided by the rate",
            _STEP,
            "params[name] -= grads[name] / lr",
            "A smaller learning rate gives you a larger step. What is the rate meant to do to the gradient?",
        ),
        Misconception(
            "shrunk with the parameter",
            _STEP,
            "params[name] *= 1 - lr * grads[name]",
            "Your step is multiplied by the parameter, so one that is 0 can never move. "
            "What is taken off the parameter, and what does it depend on?",
        ),
        Misconception(
            "only the first",
            f"        {_STEP}",
            f"        {_STEP}\n        return params",
            "The first array has moved, and the others are what they were. After which line is your loop left: at "
            "the end of the last turn, or of the first?",
        ),
        Misconception(
            "rate alone",
            _STEP,
            "params[name] -= lr",
            "Every number has moved by the same amount, the rate. The gradient says for each of them how far and "
            "which way: where does it come in?",
        ),
        Misconception(
            "gradient not asked",
            _STEP,
            "params[name] -= lr * params[name]",
            "Your parameters shrink by a share of themselves, whatever the loss says. Which of the two dicts holds "
            "what the rate is multiplied with?",
        ),
    ),
    alternatives=(
        Alternative("all entries assigned", old=_STEP, new="params[name][...] = params[name] - lr * grads[name]"),
        Alternative("subtract into", old=_STEP, new="np.subtract(params[name], lr * grads[name], out=params[name])"),
        Alternative(
            "pairs of arrays",
            code="""
def sgd_step(params, grads, lr):
    for name, array in params.items():
        array += -lr * grads[name]
""",
        ),
        Alternative(
            "loop over entries",
            code="""
def sgd_step(params, grads, lr):
    for name in grads:
        for place in np.ndindex(params[name].shape):
            params[name][place] -= lr * grads[name][place]
""",
        ),
    ),
)

_TERMS = "data, alpha * np.sum(W1**2), alpha * np.sum(W2**2)"
_DATA = "data = softmax_cross_entropy_head(scores, T)[0]"

REGULARIZED_LOSS = Exercise(
    name="regularized_loss",
    source="S0, loss with its printed sign; S4 (λ/2)",
    cases=_penalty_cases,
    reference={"regularized_loss": two_layer.regularized_loss},
    misconceptions=(
        Misconception(
            "sign lost",
            _DATA,
            "data = -softmax_cross_entropy_head(scores, T)[0]",
            "Your cross-entropy is negative. Descent would make the right class as unlikely as it can, and the "
            "penalties would still pull the other way: which sign has a price?",
        ),
        Misconception(
            "summed, not averaged",
            _DATA,
            "data = softmax_cross_entropy_head(scores, T)[0] * len(T)",
            "Your cross-entropy is that of the whole batch. With twice the batch, the same α would weigh half as much: "
            "what keeps the balance of the terms independent of N?",
        ),
        Misconception(
            "as printed",
            _DATA,
            "data = -softmax_cross_entropy_head(scores, T)[0] * len(T)",
            "Your cross-entropy is a sum with the wrong sign: the formula as the course notes print it. "
            "Their own code computes something else. What has to stand before the sum?",
        ),
        Misconception(
            "half a penalty",
            _TERMS,
            "data, alpha / 2 * np.sum(W1**2), alpha / 2 * np.sum(W2**2)",
            "Your penalties are half of what was agreed. Some books put ½ before the sum of squares: "
            "what stands there in the table?",
        ),
        Misconception(
            "norm not squared",
            _TERMS,
            "data, alpha * np.linalg.norm(W1), alpha * np.linalg.norm(W2)",
            "Your penalties are lengths. The formula has the sum of squares: which step of Pythagoras is one too many?",
        ),
        Misconception(
            "weights not squared",
            _TERMS,
            "data, alpha * np.sum(W1), alpha * np.sum(W2)",
            "In your penalty a weight of −2 is rewarded, and one of 2 is punished. What makes both equally costly?",
        ),
        Misconception(
            "mean of the squares",
            _TERMS,
            "data, alpha * np.mean(W1**2), alpha * np.mean(W2**2)",
            "Your penalty is divided by the number of weights. The mean in this loss runs over samples: "
            "does the penalty have samples?",
        ),
        Misconception(
            "penalty averaged over the batch",
            _TERMS,
            "data, alpha * np.sum(W1**2) / len(T), alpha * np.sum(W2**2) / len(T)",
            "Your penalties are 1/N of what they should be. Which of the three terms is a mean over samples?",
        ),
        Misconception(
            "alpha forgotten",
            _TERMS,
            "data, np.sum(W1**2), np.sum(W2**2)",
            "Your penalties do not depend on α. Who decides how much large weights should cost?",
        ),
        Misconception(
            "absolute values",
            _TERMS,
            "data, alpha * np.sum(np.abs(W1)), alpha * np.sum(np.abs(W2))",
            "With you a weight of 2 costs twice as much as one of 1. By the formula it is four times: what is done "
            "to each weight before the sum?",
        ),
        Misconception(
            "square of the sum",
            _TERMS,
            "data, alpha * np.sum(W1) ** 2, alpha * np.sum(W2) ** 2",
            "You add up first and square the sum, so a weight of 5 and one of −5 cost nothing together. Which comes "
            "first by the formula?",
        ),
        Misconception(
            "alpha squared",
            _TERMS,
            "data, np.sum((alpha * W1) ** 2), np.sum((alpha * W2) ** 2)",
            "Your penalties contain α². With twice the α they should cost twice as much: what exactly is squared?",
        ),
    ),
    alternatives=(
        Alternative(
            "an array, as in the source",
            old=f"return {_TERMS}",
            new="return np.array([data, alpha * np.sum(W1 * W1), alpha * np.sum(W2 * W2)])",
        ),
        Alternative("through softmax", old=_DATA, new="data = average_cross_entropy(softmax(scores), T)"),
        Alternative(
            "squared norms", old=_TERMS, new="data, alpha * np.linalg.norm(W1) ** 2, alpha * np.linalg.norm(W2) ** 2"
        ),
        Alternative(
            "loop",
            code="""
def regularized_loss(scores, T, W1, W2, alpha):
    terms = [softmax_cross_entropy_head(scores, T)[0], 0.0, 0.0]
    for k, W in ((1, W1), (2, W2)):
        for w in W.ravel():
            terms[k] += alpha * w * w
    return terms
""",
        ),
    ),
)

_DECAYED = "grads[name] + 2 * alpha * params[name]"
_WHERE = f'{_DECAYED} if name in ("W1", "W2") else grads[name]'

PENALIZED_GRADIENTS = Exercise(
    name="penalized_gradients",
    source="S0 (2 · reg · w); S2 §9.1 (factor dropped in print)",
    cases=_decay_cases,
    reference={"penalized_gradients": two_layer.penalized_gradients},
    misconceptions=(
        Misconception(
            "factor 2 lost",
            _DECAYED,
            "grads[name] + alpha * params[name]",
            "What you add to `dW1` and `dW2` is half of the penalty's slope, as in a printed formula. "
            "The penalty is α w²: by how much does it grow when w = 3 grows by a little?",
        ),
        Misconception(
            "biases penalised too",
            _WHERE,
            _DECAYED,
            "Your bias gradients have changed as well. Which arrays occur in the two penalties of the loss?",
        ),
        Misconception(
            "sign turned",
            _DECAYED,
            "grads[name] - 2 * alpha * params[name]",
            "Your penalty makes large weights larger. It grows with w², and a gradient points to where things grow: "
            "which sign has its slope at w > 0?",
        ),
        Misconception(
            "penalty instead of its slope",
            _DECAYED,
            "grads[name] + alpha * params[name] ** 2",
            "You add the penalty itself, which is never negative. A weight of −3 has to be pulled up, one of 3 down: "
            "what is the derivative of α w²?",
        ),
        Misconception(
            "loss's own gradient lost",
            _DECAYED,
            "2 * alpha * params[name]",
            "Your `dW1` and `dW2` are those of the penalty alone: descent would forget the data. "
            "The loss is a sum; what is the slope of a sum?",
        ),
        Misconception(
            "sum of the weights",
            _DECAYED,
            "grads[name] + 2 * alpha * np.sum(params[name])",
            "Every entry of your gradient is shifted by the same number. Of the sum of squares, how many terms contain "
            "the one weight that you are asking about?",
        ),
        Misconception(
            "gradients changed in place",
            f"return {{name: {_WHERE} for name in grads}}",
            'for name in ("W1", "W2"):\n        grads[name] += 2 * alpha * params[name]\n    return grads',
            "The numbers are right, but the arrays in the grads that you were handed now contain the penalty, and a "
            "second call would add it again. Which arrays could take the sums instead?",
        ),
        Misconception(
            "alpha forgotten",
            _DECAYED,
            "grads[name] + 2 * params[name]",
            "What you add does not depend on α. Who decides how much large weights should cost?",
        ),
        Misconception(
            "written into the caller's dict",
            f"return {{name: {_WHERE} for name in grads}}",
            'for name in ("W1", "W2"):\n        grads[name] = grads[name] + 2 * alpha * params[name]\n    return grads',
            "The numbers are right and the old arrays are whole, but the dict that you were handed now holds the "
            "new ones: who measures the cross-entropy's own gradient next finds the penalty in it. Which dict could "
            "take the sums instead?",
        ),
    ),
    alternatives=(
        Alternative(
            "by the first letter",
            old='name in ("W1", "W2")',
            new='name[0] == "W"',
        ),
        Alternative(
            "a copy, then two sums",
            old=f"return {{name: {_WHERE} for name in grads}}",
            new="result = dict(grads)\n    for name in ('W1', 'W2'):\n"
            "        result[name] = grads[name] + 2 * alpha * params[name]\n    return result",
        ),
        Alternative(
            "written out",
            code="""
def penalized_gradients(grads, params, alpha):
    return {
        "W1": 2 * alpha * params["W1"] + grads["W1"],
        "b1": grads["b1"].copy(),
        "W2": 2 * alpha * params["W2"] + grads["W2"],
        "b2": grads["b2"].copy(),
    }
""",
        ),
    ),
)

EQUIVALENT_LEARNING_RATE = Exercise(
    name="equivalent_learning_rate",
    source="S3 §1.3",
    cases=_rate_cases,
    reference={"equivalent_learning_rate": two_layer.equivalent_learning_rate},
    misconceptions=(
        Misconception(
            "divided",
            "lr * batch_size",
            "lr / batch_size",
            "You made the rate smaller. The gradient of the mean is the shorter of the two: "
            "what must the rate be for the same step?",
        ),
        Misconception(
            "unchanged",
            "lr * batch_size",
            "lr",
            "You kept the rate. Then the step shrinks with the gradient: by how much is the mean's gradient shorter "
            "than the sum's?",
        ),
        Misconception(
            "root of the batch",
            "lr * batch_size",
            "lr * np.sqrt(batch_size)",
            "You took the root of N, which belongs to the spread of a mean. Here nothing is random: "
            "what is the ratio of a sum to its mean?",
        ),
        Misconception(
            "one sample off",
            "lr * batch_size",
            "lr * (batch_size - 1)",
            "Nearly right: you are off by one sample. How many terms does the sum have?",
        ),
        Misconception(
            "the half of the squares",
            "lr * batch_size",
            "lr * batch_size / 2",
            "Half of what is expected. The ½ of a squared error stands in both losses: does it change their ratio?",
        ),
    ),
    alternatives=(
        Alternative("divided by one sample's share", old="lr * batch_size", new="lr / (1 / batch_size)"),
        Alternative("added up", old="return lr * batch_size", new="return sum(lr for _ in range(batch_size))"),
    ),
    rtol=1e-9,
    atol=1e-15,
)

EXERCISES = (
    RELU,
    SLOPES,
    SOFTMAX,
    AVERAGE_CROSS_ENTROPY,
    SQUARED_ERROR_HEAD,
    SIGMOID_CROSS_ENTROPY_HEAD,
    SOFTMAX_CROSS_ENTROPY_HEAD,
    TWO_LAYER_NET,
    SGD_STEP,
    REGULARIZED_LOSS,
    PENALIZED_GRADIENTS,
    EQUIVALENT_LEARNING_RATE,
)
