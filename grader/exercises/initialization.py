"""``08_initialization``: symmetry, how spread travels, three schemes, and networks that start with them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception, attempts
from grader.reference import initialization as reference

Array = NDArray[np.floating[Any]]


def _apart(columns: Array) -> bool:
    """Whether of any two different columns each is larger somewhere."""
    gaps = (columns[:, :, None] - columns[:, None, :]).transpose(1, 2, 0)
    return all(not gap.any() or gap.min() < 0 < gap.max() for gap in gaps.reshape(-1, len(columns)))


def _columns(rng: np.random.Generator, n_in: int, count: int) -> Array:
    """Columns (n_in, count) of whole hundredths from -0.99 to 1, no two of one size, 1 among them.

    No two sums agree, none is 0, no column is larger than another or than 0 all through. Divided by
    the largest entry they still have two decimals, so to whatever decimals someone rounds them, no
    rounding is a matter of luck.
    """
    for _ in attempts():
        sizes = rng.choice(np.arange(1, 100), size=(n_in, count), replace=False)
        sizes *= rng.choice([-1, 1], size=sizes.shape)
        sizes[0, 0] = 100
        with_zero = np.column_stack([sizes, np.zeros(n_in)])
        if len(set(with_zero.sum(axis=0))) == count + 1 and _apart(with_zero):
            break
    scaled: Array = sizes / 100
    return scaled


def _copied(rng: np.random.Generator, columns: Array, n_out: int, any_first: bool = True) -> Array:
    """The columns, each at least once, and copies of the first and others.

    One copy stands beside its original, but not at the beginning, the others do not. The first
    column comes first unless any may.
    """
    count = columns.shape[1]
    more = np.append(0, rng.permutation(count)[: n_out - count - 1])
    for _ in attempts():
        chosen = rng.permutation(np.append(np.arange(count), more))
        pairs = np.flatnonzero(np.diff(chosen) == 0)
        if len(pairs) == 1 and pairs[0] > 0 and (any_first or chosen[0] == 0):
            break
    return columns[:, chosen]


def _related(rng: np.random.Generator, n_in: int) -> Array:
    """A column, its copy, half and negatives, its entries in another order, and three that share an entry with it."""
    for _ in attempts():
        a, *sharing = (_columns(rng, n_in, 1)[:, 0] for _ in range(4))  # all begin with 1
        related = np.stack([a, a / 2, -a, np.roll(a, 2), a, -a / 2, -a, *sharing], axis=1)
        if _apart(related) and len(set(related.sum(axis=0).round(3))) == 7:
            break
    return np.roll(related, rng.integers(10), axis=1)


def _negative(rng: np.random.Generator, n_in: int, n_out: int) -> Array:
    """Three columns below 0, each below the one before all through, and copies of them; the highest comes first."""
    bands = [rng.choice(np.arange(low, low + 33), size=n_in, replace=False) for low in (1, 34, 67)]
    return _copied(rng, -np.stack(bands, axis=1) / 100, n_out, any_first=False)


def _gradient_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_in, n_out, count in [(4, 7, 3), (6, 8, 4)]:
        exact, rounded, tiny = (_copied(rng, _columns(rng, n_in, count), n_out) for _ in range(3))
        twins = np.flatnonzero(np.abs(rounded).max(axis=0) == 1)  # the column that has a copy for sure
        last_bits = np.zeros(rounded.shape, dtype=int)
        last_bits[:, twins[:2]] = [1, -1]
        turn = int(rng.integers(6))
        mixed = _columns(rng, n_in, 4)[:, [0, 2, 1, 3, 0, 1]]
        cases.append(
            {
                "exact": exact,
                "rounded": rounded,
                "last_bits": last_bits,
                "tiny": tiny,
                "beside": np.roll(mixed, turn, axis=1),
                "powers": np.roll([0, -40, 0, -40, 0, 0], turn),
                "negative": _negative(rng, n_in, 7),
                "related": _related(rng, n_in),
                "zeros": np.zeros((n_in, n_out - 1)),
            }
        )
    return cases


def _layer_cases(rng: np.random.Generator) -> list[Case]:
    """What comes out of a sigmoid, a ReLU and a tanh: mean ½, mean above 0, mean near 0."""
    z = [rng.normal(0.3, 1, size=shape) for shape in [(6, 4), (5, 8), (3, 7)]]
    return [
        {"H": H.round(2), "weight_variance": round(float(rng.uniform(0.02, 0.4)), 3)}
        for H in (1 / (1 + np.exp(-z[0])), np.maximum(z[1], 0), np.tanh(z[2]))
    ]


def _fan_cases(rng: np.random.Generator) -> list[Case]:
    """Narrow to wide, and wide to narrow."""
    return [
        {"n_in": int(rng.integers(5, 40)), "n_out": int(rng.integers(60, 300))},
        {"n_in": int(rng.integers(60, 300)), "n_out": int(rng.integers(5, 40))},
    ]


def _draw_cases(rng: np.random.Generator) -> list[Case]:
    sizes = rng.permutation([(800, 30), (40, 600), (300, 80)])
    return [
        {
            "n_in": int(n_in),
            "n_out": int(n_out),
            "scheme": scheme,
            "variance": reference.scheme_variance(int(n_in), int(n_out), scheme),
            "seed": int(rng.integers(10_000)),
        }
        for (n_in, n_out), scheme in zip(sizes, ("lecun", "xavier", "he"), strict=True)
    ]


def _stack_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "W1": rng.normal(size=(d, h)).round(2),
            "W2": rng.normal(size=(h, m)).round(2),
            "W3": rng.normal(size=(m, k)).round(2),
            "X": rng.normal(size=(n, d)).round(2),
            "activation": activation,
        }
        for n, d, h, m, k, activation in [(4, 3, 6, 5, 2, "relu"), (5, 4, 3, 6, 7, "tanh")]
    ]


def _mlp_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, activation, scheme in [((30, 400, 15, 90), "relu", "he"), ((45, 30, 500, 8), "tanh", "xavier")]:
        fans = list(itertools.pairwise(sizes))
        cases.append(
            {
                "sizes": np.array(sizes),
                "activation": activation,
                "scheme": scheme,
                "variances": np.array([reference.scheme_variance(n, m, scheme) for n, m in fans]),
                "X": rng.normal(size=(4, sizes[0])).round(2),
                "seed": int(rng.integers(10_000)),
            }
        )
    return cases


_LOOP = """kept = []
    for column in gradient.T:
        if all("""
_NEAR = "1e-9 * np.abs(gradient).max()"
_APART = "np.abs(column - other).max()"

DISTINCT_UNITS = Exercise(
    name="distinct_units",
    source="S1 initializations of weights; S4 parameter initialization (symmetry)",
    cases=_gradient_cases,
    reference={"distinct_units": reference.distinct_units},
    misconceptions=(
        Misconception(
            "rows instead of columns",
            "in gradient.T:",
            "in gradient:",
            "You count different rows. A row of W belongs to an input; "
            "where in (n_in, n_out) do the weights of one unit stand?",
        ),
        Misconception(
            "numbers instead of columns",
            "in gradient.T:",
            "in gradient.reshape(-1, 1):",
            "You count different numbers. Two units that share one weight are still two units: "
            "what has to agree before they are one?",
        ),
        Misconception(
            "equal to the last bit",
            _NEAR,
            "0.0",
            "All is right except where columns differ by no more than rounding does, in the twelfth or the sixteenth "
            "digit. Is that something two units can learn from? How large is it beside the gradient itself?",
        ),
        Misconception(
            "the same tolerance for every gradient",
            _NEAR,
            "1e-9",
            "Where the whole gradient is below 10⁻¹⁴ you see one unit, though its columns differ by half and more. "
            "Small compared with what?",
        ),
        Misconception(
            "near for each column",
            "> near",
            "> 1e-9 * np.abs(column).max()",
            "All is right except where columns are 10⁻¹² times as large as others of the same gradient. "
            "Against which entry is small measured: the largest of the column, or of the gradient?",
        ),
        Misconception(
            "largest without its size",
            _NEAR,
            "1e-9 * gradient.max()",
            "All is right except where every entry is negative: there even copies count as different. "
            "Which is the largest entry of (−1, −3) by its size, and which one does `max` find?",
        ),
        Misconception(
            "signed difference",
            _APART,
            "(column - other).max()",
            "All is right except where every entry is negative, and one column is below another all through: "
            "there the two count as one. How large is a difference of −1?",
        ),
        Misconception(
            "smallest difference",
            _APART,
            "np.abs(column - other).min()",
            "All is right except that two columns count as one if they share a single entry. "
            "How many of their entries have to agree?",
        ),
        Misconception(
            "sums compared",
            _APART,
            "np.abs((column - other).sum())",
            "Two columns with the same numbers in another order count as one with you. "
            "Do two units with equal sums of weights compute the same?",
        ),
        Misconception(
            "rank",
            "return len(kept)",
            "return np.linalg.matrix_rank(gradient)",
            "You count independent directions. A column and its half lie in one direction: "
            "do two units whose weights move by a and by a/2 stay equal?",
        ),
        Misconception(
            "length of a matrix",
            "return len(kept)",
            "return len(np.unique(gradient, axis=1))",
            "Your answer is the number of rows, whatever the columns are. "
            "What does `len` count in a matrix, and along which axis do the different columns lie?",
        ),
        Misconception(
            "sign ignored",
            _APART,
            "np.abs(np.abs(column) - np.abs(other)).max()",
            "A column and its negative count as one with you. "
            "One of these units is pushed up where the other is pushed down: are they the same afterwards?",
        ),
        Misconception(
            "neighbours compared",
            "for other in kept)",
            "for other in kept[-1:])",
            "You find copies that stand side by side, and miss those further apart. "
            "With which of the columns found so far has a new one to be compared?",
        ),
        Misconception(
            "compared with the first only",
            "in kept)",
            "in kept[:1])",
            "You count copies of the first column once, and copies of any other as often as they stand there. "
            "With which of the columns found so far has a new one to be compared?",
        ),
        Misconception(
            "any for all",
            "if all(",
            "if any(",
            "You find no unit at all, not even one where all columns are equal. "
            "What is the first column compared with, when none has been kept yet?",
        ),
        Misconception(
            "different from any one",
            _LOOP,
            _LOOP.replace("[]", "[gradient.T[0]]").replace("if all(", "if any("),
            "You drop copies of the first column only at the beginning. A column counts with you as soon as it "
            "differs from one of those found: from how many of them has it to differ?",
        ),
        Misconception(
            "one and no more",
            "\n    return len(kept)",
            "\n        return len(kept)",
            "Your answer is 1 for every gradient. Does your loop get past the first column?",
        ),
        Misconception(
            "copies counted",
            "return len(kept)",
            "return gradient.shape[1] - len(kept)",
            "You count the columns that are superfluous. How many are left when they are gone?",
        ),
    ),
    alternatives=(
        Alternative(
            "rounded after division",
            code="""
def distinct_units(gradient):
    largest = np.abs(gradient).max()
    scaled = gradient / largest if largest > 0 else gradient
    return np.unique(scaled.round(9), axis=1).shape[1]
""",
        ),
        Alternative(
            "allclose", old="np.abs(column - other).max() > near", new="not np.allclose(column, other, 0, near)"
        ),
        Alternative(
            "all pairs at once",
            code="""
def distinct_units(gradient):
    apart = np.abs(gradient[:, :, None] - gradient[:, None, :]).max(axis=0)
    same = apart <= 1e-8 * np.abs(gradient).max()
    return int(np.sum(same.argmax(axis=0) == np.arange(gradient.shape[1])))
""",
        ),
        Alternative(
            "a set of tuples",
            code="""
def distinct_units(gradient):
    largest = max(abs(g) for row in gradient for g in row) or 1.0
    return len({tuple(round(float(g / largest), 7) for g in column) for column in gradient.T})
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "constant: near = 1e-09 * np.abs(gradient).max() -> near = 2e-09 * np.abs(gradient).max()",
            "Any tolerance between rounding (1e-15) and a hundredth of the largest entry is right.",
        ),
    ),
)

PREDICTED_VARIANCE = Exercise(
    name="predicted_variance",
    source="S2 §7.2 Why is it good to take it this way?",
    cases=_layer_cases,
    reference={"predicted_variance": reference.predicted_variance},
    misconceptions=(
        Misconception(
            "variance of H",
            "np.mean(H**2)",
            "np.var(H)",
            "You took off the mean of H. A unit that is always at ½ has variance 0, and still passes ½ w on: "
            "which quantity of h stands in the formula?",
        ),
        Misconception(
            "samples instead of inputs",
            "H.shape[1]",
            "len(H)",
            "Your result grows with the number of samples. One z is a sum over what, and how many terms has it?",
        ),
        Misconception(
            "fan-in forgotten",
            "H.shape[1] * ",
            "",
            "This is the variance of one term h·w. How many of them does one z add up?",
        ),
        Misconception(
            "mean, then square",
            "np.mean(H**2)",
            "np.mean(H) ** 2",
            "You square the mean. With h = (−1, 1) the mean is 0, and z is not: which comes first, square or mean?",
        ),
        Misconception(
            "weight variance squared",
            "weight_variance\n",
            "weight_variance**2\n",
            "You squared what is a square already. Is what you are handed a standard deviation or a variance?",
        ),
        Misconception(
            "root of the weight variance",
            "weight_variance\n",
            "np.sqrt(weight_variance)\n",
            "You took the root of the weights' variance. z is in the unit of h times that of w: "
            "in which unit is the variance of z, and in which is yours?",
        ),
        Misconception(
            "standard deviation returned",
            "H.shape[1] * np.mean(H**2) * weight_variance",
            "np.sqrt(H.shape[1] * np.mean(H**2) * weight_variance)",
            "Your result is the square root of what is asked for. Which of the two adds up over independent terms?",
        ),
        Misconception(
            "sum over the batch",
            "H.shape[1] * np.mean(H**2)",
            "np.sum(H**2)",
            "Show the batch twice and your result doubles. The samples are separate: "
            "over which axis does z add up, and over which is a mean taken?",
        ),
        Misconception(
            "one for each sample",
            "H.shape[1] * np.mean(H**2)",
            "np.sum(H**2, axis=1)",
            "You have a variance for each sample, and they are right. What is asked for is one number for the layer: "
            "what makes one of them?",
        ),
    ),
    alternatives=(
        Alternative("mean of the sums", old="H.shape[1] * np.mean(H**2)", new="np.mean(np.sum(H**2, axis=1))"),
        Alternative("variance plus squared mean", old="np.mean(H**2)", new="(np.var(H) + np.mean(H) ** 2)"),
        Alternative(
            "loop",
            code="""
def predicted_variance(H, weight_variance):
    total = 0.0
    for row in H:
        for h in row:
            total += h * h * weight_variance
    return total / len(H)
""",
        ),
    ),
)

_SCHEMES = '{"lecun": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}'

SCHEME_VARIANCE = Exercise(
    name="scheme_variance",
    source="S2 §7.2; S1 initializations of weights; S4 Xavier/He",
    cases=_fan_cases,
    reference={"scheme_variance": reference.scheme_variance},
    misconceptions=(
        Misconception(
            "standard deviation",
            f"{_SCHEMES}[scheme]",
            f"np.sqrt({_SCHEMES}[scheme])",
            "All three are the square roots of what is asked for. Which of the two do the schemes state, "
            "and which does a generator want to be given?",
        ),
        Misconception(
            "lecun as he",
            '"lecun": 1 / n_in',
            '"lecun": 2 / n_in',
            "Xavier and He are right, and your LeCun is He's. Which of the two was made for a bend that keeps z as it "
            "is? If you ask with `if` twice and then `else`: which of them does the `else` belong to?",
        ),
        Misconception(
            "fan-out for fan-in",
            _SCHEMES,
            '{"lecun": 1 / n_out, "xavier": 2 / (n_in + n_out), "he": 2 / n_out}',
            "Xavier is right, which cannot tell the two sizes apart. z adds up over the inputs of a unit: "
            "is their number the first or the second size of W?",
        ),
        Misconception(
            "xavier halved",
            "2 / (n_in + n_out)",
            "1 / (n_in + n_out)",
            "Your Xavier is half of what it should be. It lies between 1/n_in and 1/n_out: "
            "for n_in = n_out = 100, what has it to be?",
        ),
        Misconception(
            "two divided by the first only",
            "2 / (n_in + n_out)",
            "2 / n_in + n_out",
            "Your Xavier is larger than n_out, and a variance near 1/n is asked for. "
            "What is divided first when nothing holds the sum together?",
        ),
        Misconception(
            "xavier a standard deviation",
            "2 / (n_in + n_out)",
            "np.sqrt(2 / (n_in + n_out))",
            "LeCun and He are variances, and your Xavier is the square root of one. "
            "Where it is printed as N(0, √…), what is the second number?",
        ),
        Misconception(
            "he as lecun",
            '"he": 2 / n_in',
            '"he": 1 / n_in',
            "Your He is LeCun's. He made up for what a ReLU takes away: which share of E[h²] does it leave?",
        ),
        Misconception(
            "lecun and he exchanged",
            _SCHEMES,
            '{"lecun": 2 / n_in, "xavier": 2 / (n_in + n_out), "he": 1 / n_in}',
            "The values for LeCun and He stand under each other's names. "
            "Which of the two was made for a bend that switches half of the units off?",
        ),
        Misconception(
            "xavier and he one scheme",
            '"he": 2 / n_in',
            '"he": 2 / (n_in + n_out)',
            "Your He is Xavier's, as if they were one. Which way does He look: forward only, or both ways?",
        ),
        Misconception(
            "root of two for he",
            '"he": 2 / n_in',
            '"he": np.sqrt(2) / n_in',
            "Your He is √2/n_in. The standard deviation has to grow by √2; by how much does the variance?",
        ),
        Misconception(
            "bias counted as an input",
            '"lecun": 1 / n_in',
            '"lecun": 1 / (n_in + 1)',
            "Your LeCun is that of one input more, as where the bias is a row of W. "
            "In this course b stands apart and starts at 0: how many rows has W?",
        ),
    ),
    alternatives=(
        Alternative(
            "one if after the other",
            code="""
def scheme_variance(n_in, n_out, scheme):
    if scheme == "lecun":
        return 1 / n_in
    if scheme == "xavier":
        return 1 / ((n_in + n_out) / 2)
    return 2 / n_in
""",
        ),
        Alternative("he out of lecun", old='"he": 2 / n_in', new='"he": 2 * n_in**-1'),
        Alternative(
            "32-bit numbers",
            code="""
def scheme_variance(n_in, n_out, scheme):
    fans = {"lecun": n_in, "xavier": (n_in + n_out) / 2, "he": n_in / 2}
    return np.float32(1 / fans[scheme])
""",
        ),
    ),
)

_NORMAL = "rng.normal(0.0, np.sqrt(v), (n_in, n_out))"
_UNIFORM = "rng.uniform(-reach, reach, (n_in, n_out))"
_BOTH = f"return {_UNIFORM}\n    return {_NORMAL}"

INITIALIZE = Exercise(
    name="initialize",
    source="S2 §7.3; S1 initialize_weights",
    cases=_draw_cases,
    reference={"initialize": reference.initialize},
    rtol=0.05,
    misconceptions=(
        Misconception(
            "variance in place of the standard deviation",
            "rng.normal(0.0, np.sqrt(v)",
            "rng.normal(0.0, v",
            "Your normal weights are far too small: their standard deviation is what their variance should be. "
            "Which of the two does `rng.normal` take as its second argument?",
        ),
        Misconception(
            "uniform from minus to plus one standard deviation",
            "np.sqrt(3 * v)",
            "np.sqrt(v)",
            "The normal weights are right. Your uniform ones reach as far as one standard deviation, "
            "so they are nearer to 0 than that on the whole: what is the variance of a uniform draw from −r to r?",
        ),
        Misconception(
            "uniform from minus to plus the variance",
            "np.sqrt(3 * v)",
            "v",
            "The normal weights are right. Your uniform ones reach from −v to v, and v is a variance: "
            "what is the variance of a uniform draw from −r to r?",
        ),
        Misconception(
            "root over the three alone",
            "np.sqrt(3 * v)",
            "np.sqrt(3) * v",
            "The normal weights are right, and your uniform ones have v as their standard deviation. "
            "Solve r²/3 = v for r once more: what does the root stand over?",
        ),
        Misconception(
            "twelve for three",
            "np.sqrt(3 * v)",
            "np.sqrt(12 * v)",
            "Your uniform weights are spread twice as far as they should be. "
            "The twelve belongs to the whole width of the interval: how wide is it from −r to r?",
        ),
        Misconception(
            "root forgotten",
            "np.sqrt(3 * v)",
            "3 * v",
            "The normal weights are right. Your uniform ones reach from −3v to 3v. "
            "Solve r²/3 = v for r once more: what is r², and what is r?",
        ),
        Misconception(
            "three outside the root",
            "np.sqrt(3 * v)",
            "3 * np.sqrt(v)",
            "The normal weights are right. Your uniform ones reach √3 times as far as they should: "
            "solve r²/3 = v for r once more. Does the root stand over the three as well?",
        ),
        Misconception(
            "uniform from 0",
            "-reach, reach",
            "0, reach",
            "None of your uniform weights is negative: mean and spread are both off. Where does the interval begin?",
        ),
        Misconception(
            "uniform up to 1",
            "rng.uniform(-reach, reach, (n_in, n_out))",
            "rng.uniform(-reach, size=(n_in, n_out))",
            "Your uniform weights reach from −r to 1. What does `rng.uniform` take for its end if it is not told?",
        ),
        Misconception(
            "never uniform",
            'scheme.endswith("_uniform")',
            'scheme == "uniform"',
            "All your weights are normal, also where a uniform distribution is asked for. "
            "The scheme is then called lecun_uniform, xavier_uniform or he_uniform: does your question catch that?",
        ),
        Misconception(
            "transposed",
            _BOTH,
            _BOTH.replace("(n_in, n_out)", "(n_out, n_in)"),
            "The numbers are as they should be, and the matrix lies on its side. "
            "In XW, X (N, n_in): which size of W has to come first?",
        ),
        Misconception(
            "not from rng",
            _BOTH,
            _BOTH.replace("rng.", "np.random."),
            "The spread is right, but the same seed gives other weights each time: nobody can repeat your run. "
            "Which generator were you handed, and which one draws?",
        ),
        Misconception(
            "seeded anew at each call",
            "    v = scheme_variance",
            "    rng = np.random.default_rng(0)\n    v = scheme_variance",
            "Two layers of one size get the same weights, number by number: a generator with a fixed seed starts "
            "over at each call. Who has made a generator already, and where does it stand after the first layer?",
        ),
        Misconception(
            "sizes exchanged",
            "scheme_variance(n_in, n_out,",
            "scheme_variance(n_out, n_in,",
            "The shape is right. Xavier's spread is, too, which cannot tell the two sizes apart; LeCun's and He's are "
            "those of the other size. Which of the two does `scheme_variance` take first?",
        ),
        Misconception(
            "absolute values",
            _NORMAL,
            f"np.abs({_NORMAL})",
            "None of your normal weights is negative: mean and spread are both off. "
            "What is the mean of weights that were drawn around 0?",
        ),
        Misconception(
            "a factor of root two",
            "v = scheme_variance(",
            "v = 2 * scheme_variance(",
            "All your weights are spread by √2 too far, uniform ones as well. "
            "He's 2 is already in what `scheme_variance` returns: where does it come in once more?",
        ),
        Misconception(
            "not scaled",
            "rng.normal(0.0, np.sqrt(v)",
            "rng.normal(0.0, 1.0",
            "Your normal weights have the variance 1 whatever the sizes. Where does v come in?",
        ),
    ),
    alternatives=(
        Alternative("standard normal, scaled", old=_NORMAL, new="np.sqrt(v) * rng.standard_normal((n_in, n_out))"),
        Alternative("random, stretched", old=_UNIFORM, new="reach * (2 * rng.random((n_in, n_out)) - 1)"),
        Alternative(
            "one weight after the other",
            code="""
def initialize(n_in, n_out, scheme, rng):
    name, _, kind = scheme.partition("_")
    std = scheme_variance(n_in, n_out, name) ** 0.5
    if kind == "uniform":
        return np.array([[rng.uniform(-(3**0.5), 3**0.5) * std for _ in range(n_out)] for _ in range(n_in)])
    return np.array([[rng.normal(scale=std) for _ in range(n_out)] for _ in range(n_in)])
""",
        ),
        Alternative("drawn transposed, then turned", old=_NORMAL, new="rng.normal(0.0, np.sqrt(v), (n_out, n_in)).T"),
        Alternative(
            "32-bit numbers",
            old=_NORMAL,
            new="rng.standard_normal((n_in, n_out), dtype=np.float32) * np.float32(np.sqrt(v))",
        ),
    ),
)

_STEP = "H = activation(H @ W)"
_ROW = "rows.append((layer, H.mean(), H.std()))"

ACTIVATION_STATISTICS = Exercise(
    name="activation_statistics",
    source="S2 §7.1, §7.3 (histograms with pandas, how data is propagated)",
    cases=_stack_cases,
    reference={"activation_statistics": reference.activation_statistics},
    misconceptions=(
        Misconception(
            "taken before the bend",
            f"{_STEP}\n        {_ROW}",
            "Z = H @ W\n        rows.append((layer, Z.mean(), Z.std()))\n        H = activation(Z)",
            "These are the statistics of HW, before the bend. What does the next layer get to see?",
        ),
        Misconception(
            "no bend",
            _STEP,
            "H = H @ W",
            "From the first layer on your numbers are those of a network without bends. "
            "What happens to HW before it becomes the next H?",
        ),
        Misconception(
            "bend before the weights",
            _STEP,
            "H = activation(H) @ W",
            "You bend what comes in and then mix it. In which order does a layer do the two?",
        ),
        Misconception(
            "one layer late",
            f"{_STEP}\n        {_ROW}",
            f"{_ROW}\n        {_STEP}",
            "Your first row describes X itself, and the last layer is missing. "
            "At which moment does layer 1 have something to show?",
        ),
        Misconception(
            "one row and no more",
            "\n    return pd.DataFrame",
            "\n        return pd.DataFrame",
            "Your table ends after the first layer, however many weights there are. "
            "Does your loop get past the first of them?",
        ),
        Misconception(
            "counted from 0",
            "start=1",
            "start=0",
            "Mean and std are right; your layers are numbered from 0. What is the first layer called here?",
        ),
        Misconception(
            "variance under the name of std",
            "H.std()",
            "H.var()",
            "What stands in your column std is its square. In which unit is a standard deviation?",
        ),
        Misconception(
            "pandas' standard deviation",
            "H.std()",
            "H.std(ddof=1)",
            "Your std is a little too large, the more so the fewer numbers there are: it divides by one less than "
            "their count. NumPy and pandas disagree on this; which of them does the docstring name?",
        ),
        Misconception(
            "mean and std exchanged",
            "H.mean(), H.std()",
            "H.std(), H.mean()",
            "Your column mean holds the standard deviations, and std the means. "
            "In which order do the numbers of a row stand, and in which the names of the columns?",
        ),
        Misconception(
            "always ReLU",
            "activation(H @ W)",
            "np.maximum(H @ W, 0)",
            "Where tanh is handed in, your numbers are still those of a ReLU. Which argument has no effect in yours?",
        ),
        Misconception(
            "mean of the units' own spreads",
            "H.std()",
            "H.std(axis=0).mean()",
            "You take the spread of each unit by itself, and then their mean. Over which numbers is one std asked for?",
        ),
        Misconception(
            "mean of the absolute values",
            "H.mean()",
            "np.abs(H).mean()",
            "Your mean is never negative, also where tanh gives numbers of both signs. "
            "What should −1 and 1 have as their mean?",
        ),
    ),
    alternatives=(
        Alternative(
            "columns first",
            code="""
def activation_statistics(weights, X, activation):
    table = {"std": [], "mean": [], "layer": []}
    for W in weights:
        X = activation(X @ W)
        table["layer"].append(len(table["layer"]) + 1)
        table["mean"].append(np.mean(X))
        table["std"].append(np.sqrt(np.mean((X - np.mean(X)) ** 2)))
    return pd.DataFrame(table)
""",
        ),
        Alternative(
            "a dict for each row",
            code="""
def activation_statistics(weights, X, activation):
    rows, H = [], X.copy()
    for number in range(len(weights)):
        H = activation(np.dot(H, weights[number]))
        flat = pd.Series(H.ravel())
        rows.append({"layer": number + 1, "mean": flat.mean(), "std": flat.std(ddof=0)})
    return pd.DataFrame(rows)
""",
        ),
        Alternative(
            "from the beginning for each layer",
            code="""
def activation_statistics(weights, X, activation):
    rows = []
    for layer in range(1, len(weights) + 1):
        H = X
        for W in weights[:layer]:
            H = activation(H @ W)
        rows.append([layer, float(H.mean()), float(H.std())])
    return pd.DataFrame(rows, columns=["layer", "mean", "std"])
""",
        ),
    ),
)

_FILL = "array[...] = initialize(*array.shape, scheme, rng)"

INITIALIZED_MLP = Exercise(
    name="initialized_mlp",
    source="S2 §7.3 (implement He's initial values into the classes)",
    cases=_mlp_cases,
    reference={"initialized_mlp": reference.initialized_mlp},
    rtol=0.2,
    misconceptions=(
        Misconception(
            "the name moved, not the numbers",
            "array[...] = ",
            "array = ",
            "Your network still has the weights that `mlp` gave it, with standard deviation 0.1. `network.params` is "
            "made anew each time it is asked for: does your line change the layer's own array, or only what a name "
            "or an entry of that dict points to?",
        ),
        Misconception(
            "fan-in and fan-out exchanged",
            _FILL,
            "array[...] = initialize(*array.shape[::-1], scheme, rng).T",
            "The spread of some layers is that of a layer turned round. Xavier does not mind, the others do: "
            "which size of W is the number of inputs?",
        ),
        Misconception(
            "the first layer's spread for all",
            "initialize(*array.shape, scheme, rng)",
            "rng.normal(0.0, np.sqrt(scheme_variance(sizes[0], sizes[1], scheme)), array.shape)",
            "W1 is right, and the others have its spread. Each layer has a fan-in of its own: which?",
        ),
        Misconception(
            "only the first layer",
            'name.startswith("W")',
            'name == "W1"',
            "W1 is right, and W2, W3, … still have the weights that `mlp` gave them. "
            "Does your loop get past the first of them?",
        ),
        Misconception(
            "all but the last layer",
            'name.startswith("W")',
            'name.startswith("W") and name != f"W{len(sizes) - 1}"',
            "All weights are right but W3, the last, which still has those that `mlp` gave it. "
            "How many weight matrices lie between four sizes?",
        ),
        Misconception(
            "always He",
            "shape, scheme, rng)",
            'shape, "he", rng)',
            "Where Xavier is asked for, your weights have He's spread. Which argument has no effect in yours?",
        ),
        Misconception(
            "on top of the old weights",
            "array[...] = ",
            "array += ",
            "Your weights have too large a spread: those of `mlp` are still in them. What should become of the old?",
        ),
        Misconception(
            "times the old weights",
            "array[...] = ",
            "array *= ",
            "Your weights are ten times too small: each is the product of an old one and a new one. "
            "What should become of the old?",
        ),
        Misconception(
            "biases drawn as well",
            f'if name.startswith("W"):\n            {_FILL}',
            "array[...] = initialize(len(array), array.size // len(array), scheme, rng).reshape(array.shape)",
            "The weights are right, and your biases are not 0. What was the reason for drawing at all, "
            "and do the biases still have to supply it?",
        ),
        Misconception(
            "always ReLU",
            "= mlp(sizes, activation, rng)",
            '= mlp(sizes, "relu", rng)',
            "The weights are right, but where tanh is asked for the scores are those of another network. "
            "Which argument has no effect in yours?",
        ),
        Misconception(
            "a new generator for each layer",
            "shape, scheme, rng)",
            "shape, scheme, np.random.default_rng(0))",
            "Each matrix by itself looks right. But two layers of one size get the same weights: "
            "a generator with a fixed seed starts over. Who has made a generator already?",
        ),
        Misconception(
            "not from rng",
            "shape, scheme, rng)",
            "shape, scheme, np.random.default_rng())",
            "The spread is right, but the same seed gives another network each time. "
            "Which generator were you handed, and which one draws?",
        ),
    ),
    alternatives=(
        Alternative(
            "layer by layer",
            code="""
def initialized_mlp(sizes, activation, scheme, rng):
    network = mlp(sizes, activation, rng)
    for layer in network.layers:
        if layer.params:
            n_in, n_out = layer.params["W"].shape
            layer.params["W"] = initialize(n_in, n_out, scheme, rng)
    return network
""",
        ),
        Alternative(
            "scaled to size",
            code="""
def initialized_mlp(sizes, activation, scheme, rng):
    network = mlp(sizes, activation, rng, scale=1.0)
    params = network.params
    for k in range(1, len(sizes)):
        params[f"W{k}"] *= scheme_variance(sizes[k - 1], sizes[k], scheme) ** 0.5
    return network
""",
        ),
        Alternative(
            "uniform weights of the same variance",
            old="shape, scheme, rng)",
            new='shape, scheme + "_uniform", rng)',
        ),
    ),
)

EXERCISES = (
    DISTINCT_UNITS,
    PREDICTED_VARIANCE,
    SCHEME_VARIANCE,
    INITIALIZE,
    ACTIVATION_STATISTICS,
    INITIALIZED_MLP,
)
