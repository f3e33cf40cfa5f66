"""``02_backpropagation``: the chain rule link by link, the derivative measured, an engine that differentiates."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception, attempts
from grader.reference import backpropagation, scalar
from grader.reference.backpropagation import Array

_NAMES = vars(backpropagation)


def _signed(rng: np.random.Generator, low: float, high: float, size: int | tuple[int, ...]) -> Array:
    """Numbers of both signs whose sizes lie between low and high, so none is near 0."""
    numbers: Array = rng.uniform(low, high, size=size) * rng.choice([-1.0, 1.0], size=size)
    numbers.flat[:2] = np.abs(numbers.flat[:2]) * rng.permutation([-1.0, 1.0])
    return numbers.round(2)


def _squares_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for m in (4, 3):
        a, x, gap = (_signed(rng, 0.3, 3, m) for _ in range(3))
        cases.append({"a": a, "x": x, "y": (a * x - gap).round(2)})
    return cases


def _sigmoid_cases(rng: np.random.Generator) -> list[Case]:
    """Moderate scores; labels of 0 and 1, and some in between, as the formula allows."""
    return [
        {
            "x": _signed(rng, 0.3, 3, m),
            "dz_du": _signed(rng, 0.5, 3, m),
            "t": np.append(rng.permutation([0.0, 1.0]), rng.uniform(0.1, 0.9, size=m - 2)).round(2),
            "u": rng.uniform(0.05, 0.95, size=m).round(2) + 0.003,
        }
        for m in (4, 3)
    ]


def _fork_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"x": _signed(rng, 0.3, 2, m), "dz_du": _signed(rng, 0.5, 3, m), "dz_dv": _signed(rng, 0.5, 3, m)}
        for m in (4, 3)
    ]


def _softmax_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for m in (4, 3):
        s, u = rng.uniform(0.1, 0.9, size=m).round(2), rng.uniform(0.05, 0.95, size=m).round(2) + 0.003
        cases.append(
            {
                "x": _signed(rng, 0.3, 2, m),
                "y": _signed(rng, 0.3, 2, m),
                "dz_du": _signed(rng, 0.5, 3, m),
                "dz_dv": _signed(rng, 3.5, 5, m),
                "s": s,
                "t": (1 - s).round(2),
                "u": u.round(3),
                "v": (1 - u).round(3),
            }
        )
    return cases


def _mix_cases(rng: np.random.Generator) -> list[Case]:
    return [{"W": _signed(rng, 0.3, 3, (2, 2)), "dz_dy": _signed(rng, 0.5, 3, 2)} for _ in range(3)]


def _matmul_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "X": rng.normal(size=(n, d)).round(2),
            "W": rng.normal(size=(d, k)).round(2),
            "dY": rng.normal(size=(n, k)).round(2),
        }
        for n, d, k in [(4, 3, 2), (3, 2, 5)]
    ]


def _bias_cases(rng: np.random.Generator) -> list[Case]:
    return [{"dY": rng.normal(size=shape).round(2)} for shape in [(4, 3), (3, 2), (5, 1)]]


def _one_row_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for d in (3, 4):
        s = float(rng.uniform(0.15, 0.85))
        cases.append(
            {
                "X": _signed(rng, 0.3, 1.5, (1, d)),
                "W": rng.normal(size=(d, 2)).round(2),
                "t": rng.normal(size=(1, 2)).round(2),
                "t_entropy": np.array([[s, 1 - s]]).round(2),
            }
        )
    return cases


def _comes_back(x: Array, e: float) -> bool:
    """Whether some way of putting x back by arithmetic happens to restore its last bits, too."""
    return any(np.array_equal(back, x) for back in (x + e - e, x - e + e, x + e - 2 * e + e))


def _measured_cases(rng: np.random.Generator) -> list[Case]:
    """Arrays of one, two and three axes, no entry of whose gradient is near 0.

    Two entries are small beside the large step, and so lose their last bits if it is added and taken off again.
    """
    cases: list[Case] = []
    for shape in [(5,), (2, 3), (3, 1, 4)]:
        for _ in attempts():
            x, far = rng.uniform(0.3, 2, size=shape).round(2), round(float(rng.uniform(0.1, 0.2)), 2)
            x.flat[rng.permutation(x.size)[:2]] = rng.uniform(0.02, 0.09, size=2).round(3)
            if not _comes_back(x, far):
                break
        c, k = rng.uniform(0.4, 1, size=shape).round(2), rng.uniform(0.5, 2, size=shape).round(2)
        cases.append({"x": x, "c": c, "k": k, "far": far})
    return cases


def _error_cases(rng: np.random.Generator) -> list[Case]:
    """The worst entry has a < b; another has the larger difference; one has opposite signs in no case but the last."""
    cases = []
    for shape in [(5,), (2, 3), (3, 2)]:
        b = _signed(rng, 5, 9, shape)
        a = (b * rng.uniform(0.9, 1.1, size=shape)).round(2)
        order = rng.permutation(b.size)
        b.flat[order[0]] = round(float(rng.uniform(0.5, 0.8)), 2)
        a.flat[order[0]] = round(float(rng.uniform(0.1, 0.3)), 2)
        b.flat[order[1]] = 9.0
        a.flat[order[1]] = 7.0 + round(float(rng.uniform(0, 0.5)), 2)
        a.flat[order[2]] = b.flat[order[2]] = 0.0
        tiny = np.array([[0.0, 3e-9, 2e-9], [0.0, 1e-9, 2e-9]]) * round(float(rng.uniform(0.6, 1.2)), 2)
        cases.append({"a": a, "b": b, "near_nothing": tiny})
    far = {"a": np.array([-2.0, 3.0, 4.0, 5.0]), "b": np.array([0.5, 3.1, 4.0, 5.0]), "near_nothing": tiny.copy()}
    far["a"][0] = round(float(rng.uniform(-3, -1)), 2)
    return [*cases, far]


def _sizes_cases(rng: np.random.Generator) -> list[Case]:
    first, second, third = (rng.permutation(np.arange(2, 10))[:n] for n in (4, 3, 2))
    return [{"sizes": np.append(first, 11)}, {"sizes": second}, {"sizes": third}]


def _scalar_cases(rng: np.random.Generator) -> list[Case]:
    """a is above 0, for its logarithm and roots, and not near 1; b has either sign."""
    powers = rng.permutation([-1.0, 0.5, 3.0])
    signs = rng.permutation([-1.0, 1.0, -1.0])
    return [
        {
            "a": round(float(rng.uniform(1.3, 2.5)), 2),
            "b": round(float(sign * rng.uniform(0.3, 1.8)), 2),
            "n": float(n),
        }
        for n, sign in zip(powers, signs, strict=True)
    ]


def _tangle(rng: np.random.Generator) -> Array:
    """Ten nodes, 0 to 2 inputs, the last the end. Nodes 3 and 4 are reached early from the end and have long ways, too.

    Node 5 uses node 4 twice and node 6 node 2, node 7 does not lead to the end. The parents of a node stand in
    random order.
    """
    parents = {3: [0, 1], 4: [3, 0], 5: [4, 4], 6: [5, 2, 2], 7: [1, 3], 8: [6, 3, 1], 9: [8, 4, 3]}
    return np.array([(p, node) for node, found in parents.items() for p in rng.permutation(found)])


def _order_cases(rng: np.random.Generator) -> list[Case]:
    return [{"arrows": _tangle(rng)} for _ in range(2)]


def _backward_cases(rng: np.random.Generator) -> list[Case]:
    """Slopes that are neither 0 nor 1 in size; in the long graphs such that a gradient of ordinary size comes out.

    The two arrows from node 2 to node 6 have one slope, as in x · x, those from 4 to 5 have two.
    """
    cases = []
    for _ in range(2):
        arrows = _tangle(rng)
        slopes = rng.uniform(0.4, 1.6, size=len(arrows)).round(2) + 0.003
        twice = (arrows == (2, 6)).all(axis=1)
        slopes[twice] = slopes[twice][0]
        cases.append(
            {
                "chain": _signed(rng, 1.2, 2, 3),
                "fork": rng.uniform(1.2, 2, size=4).round(2),
                "arrows": arrows,
                "slopes": slopes,
                "ladder": rng.uniform(0.66, 0.76, size=7).round(2),
                "long_chain": rng.permutation(
                    [0.5, 2.0, 0.8, 1.25, 1.6, 0.625, round(float(rng.uniform(0.97, 0.98)), 3)]
                ),
            }
        )
    return cases


SQUARED_DIFFERENCE_GRADIENTS = Exercise(
    name="squared_difference_gradients",
    source="S2 §3.4, z = (ax - y)²",
    cases=_squares_cases,
    reference={"squared_difference_gradients": _NAMES["squared_difference_gradients"]},
    misconceptions=(
        Misconception(
            "sign of y",
            "-dz_dd",
            "dz_dd",
            "`dz_dy` has the right size and the wrong sign. If the truth y moves up while ax stays, "
            "does the difference ax − y grow or shrink?",
        ),
        Misconception(
            "factor 2 lost",
            "2 * (a * x - y)",
            "(a * x - y)",
            "All three are half of what they should be. They pass the same last arrow, from d to z = d²: what is "
            "its slope?",
        ),
        Misconception(
            "inner slope lost",
            "dz_dd * x, dz_dd * a, -dz_dd",
            "dz_dd, dz_dd, -dz_dd",
            "`dz_da` and `dz_dx` are both what arrives at d. There is one more arrow before a and before x: "
            "which slope stands on it?",
        ),
        Misconception(
            "slope of the square at the wrong place",
            "2 * (a * x - y)",
            "2 * (a * x)",
            "The slope of the square is taken at ax, as if y were 0. What was it that has been squared?",
        ),
        Misconception(
            "the factor itself",
            "dz_dd * x, dz_dd * a,",
            "dz_dd * a, dz_dd * x,",
            "Here stands the slope towards the other factor. In the product ax, how much does a step of a count: "
            "a times as much, or x times?",
        ),
        Misconception(
            "the square kept",
            "2 * (a * x - y)",
            "2 * (a * x - y) ** 2",
            "All three are too large or too small by a factor that is the difference ax − y itself. "
            "When d² is differentiated, which power of d is left?",
        ),
        Misconception(
            "value instead of slope",
            "2 * (a * x - y)",
            "(a * x - y) ** 2",
            "The value of the square, d², is sent back where its slope should be. How fast does d² move when d does?",
        ),
        Misconception(
            "in another order",
            "dz_dd * x, dz_dd * a, -dz_dd",
            "-dz_dd, dz_dd * x, dz_dd * a",
            "What stands here belongs to another input. In which order does the docstring ask for the three?",
        ),
        Misconception(
            "truth minus prediction",
            "2 * (a * x - y)",
            "2 * (y - a * x)",
            "All three have the wrong sign. The square does not mind which way round the difference is taken; "
            "does its slope?",
        ),
    ),
    alternatives=(
        Alternative("multiplied out", old="2 * (a * x - y)", new="2 * a * x - 2 * y"),
        Alternative(
            "step by step through the graph",
            code="""
def squared_difference_gradients(a, x, y):
    p = a * x
    d = p - y
    dd = 2 * d
    dp, dy = dd * 1, dd * -1
    return [dp * x, dp * a, dy]
""",
        ),
    ),
)

THROUGH_SIGMOID = Exercise(
    name="through_sigmoid",
    source="S2 §3.3 (1) and (2); S1 back_sigmoid",
    cases=_sigmoid_cases,
    reference={name: _NAMES[name] for name in ("sigmoid_backward", "cross_entropy_backward")},
    misconceptions=(
        Misconception(
            "sigmoid of the sigmoid",
            "u * (1 - u) * dz_du",
            "sigmoid(u) * (1 - sigmoid(u)) * dz_du",
            "Your slope lies between 0.19 and 0.25 wherever x is. u has been through σ once: "
            "is the slope written with u, or with σ of u?",
        ),
        Misconception(
            "slope at x",
            "u * (1 - u) * dz_du",
            "x * (1 - x) * dz_du",
            "In places your slope is negative, yet a sigmoid never falls. In u(1 − u), is u what goes in or what "
            "comes out?",
        ),
        Misconception(
            "what arrives is forgotten",
            "u * (1 - u) * dz_du",
            "u * (1 - u)",
            "`dz_dx` is the slope of this link alone. If z changed twice as fast with u, what would happen to dz/dx?",
        ),
        Misconception(
            "1 - u lost",
            "u * (1 - u) * dz_du",
            "u * dz_du",
            "Where x is large your slope is near 1, and the curve is flat there. What brings the slope down on "
            "that side?",
        ),
        Misconception(
            "added instead of multiplied",
            "u * (1 - u) * dz_du",
            "u * (1 - u) + dz_du",
            "Slope and what arrives are added. Along one way, what does the chain rule do with the slopes of two "
            "arrows?",
        ),
        Misconception(
            "square lost",
            "u * (1 - u) * dz_du",
            "(1 - u) * dz_du",
            "Your slope is 1 − u, which is near 1 where x is far below 0, and the curve is flat there. The "
            "quotient rule has a square below the line: which factor does it leave?",
        ),
        Misconception(
            "written into what arrives",
            "return u * (1 - u) * dz_du",
            "dz_du *= u * (1 - u)\n    return dz_du",
            "The gradient is right, but `dz_du` is no longer what you were handed. Another way back may start "
            "from it, too: does anything have to be written into it?",
        ),
        Misconception(
            "truth minus prediction",
            "return u - t",
            "return t - u",
            "`dz_dx_entropy` has the wrong sign. If u is below a label of 1, should z rise or fall when x grows?",
        ),
        Misconception(
            "stopped at u",
            "return u - t",
            "return -t / u + (1 - t) / (1 - u)",
            "`dz_dx_entropy` is dz/du. There is one more link between u and x: what does the first function of "
            "this gap do?",
        ),
        Misconception(
            "the second term lost",
            "return u - t",
            "return -t * (1 - u)",
            "`dz_dx_entropy` is right where t = 1 and 0 where t = 0. z has two terms: where has the one with 1 − "
            "t gone?",
        ),
        Misconception(
            "slope of the sigmoid once more",
            "return u - t",
            "return (u - t) * u * (1 - u)",
            "`dz_dx_entropy` is too small by the factor u(1 − u). When the formula was multiplied out, "
            "what happened to the slope of the sigmoid?",
        ),
    ),
    alternatives=(
        Alternative(
            "the quotient rule as it stands",
            old="u = sigmoid(x)\n    return u * (1 - u) * dz_du",
            new="return np.exp(-x) / (1 + np.exp(-x)) ** 2 * dz_du",
        ),
        Alternative(
            "not multiplied out",
            old="return u - t",
            new="return u * (1 - u) * ((1 - t) / (1 - u) - t / u)",
        ),
        Alternative("half multiplied out", old="return u - t", new="return -t * (1 - u) + (1 - t) * u"),
    ),
)

FORK_BACKWARD = Exercise(
    name="fork_backward",
    source="S2 §3.3 (3)",
    cases=_fork_cases,
    reference={"fork_backward": _NAMES["fork_backward"]},
    misconceptions=(
        Misconception(
            "inner sign lost",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "np.exp(x) * dz_du + np.exp(-x) * dz_dv",
            "The way over v enters with the wrong sign. When x grows, does e⁻ˣ grow or fall?",
        ),
        Misconception(
            "one way only",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "np.exp(x) * dz_du",
            "This is what arrives over u. x has a second way to z: which numbers of yours belong to it?",
        ),
        Misconception(
            "only the second way",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "-np.exp(-x) * dz_dv",
            "This is what arrives over v. Was there a first way, over u, that has been overwritten?",
        ),
        Misconception(
            "ways multiplied",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "-np.exp(x) * dz_du * np.exp(-x) * dz_dv",
            "The two ways are multiplied with each other. Slopes multiply along one way: what happens where two "
            "ways meet?",
        ),
        Misconception(
            "ways averaged",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "(np.exp(x) * dz_du - np.exp(-x) * dz_dv) / 2",
            "This is half of what it should be, the mean of the two ways. If both pushed the same way, "
            "would z move as much as with one of them, or twice as much?",
        ),
        Misconception(
            "value instead of slope",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "(1 + np.exp(x)) * dz_du - (1 + np.exp(-x)) * dz_dv",
            "What arrives is multiplied by u and v themselves. How fast does 1 + eˣ grow: does the 1 have a part "
            "in it?",
        ),
        Misconception(
            "one exponential for both",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "np.exp(x) * dz_du - np.exp(x) * dz_dv",
            "Both ways have the slope eˣ. What stands in the exponent of v?",
        ),
        Misconception(
            "ways exchanged",
            "np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "np.exp(x) * dz_dv - np.exp(-x) * dz_du",
            "Each slope is multiplied by what arrives over the other way. Which of the two arrives at u, and "
            "how fast does u grow with x?",
        ),
        Misconception(
            "written into what arrives",
            "return np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            "dz_du *= np.exp(x)\n    return dz_du - np.exp(-x) * dz_dv",
            "The gradient is right, but `dz_du` is no longer what you were handed. Another way back may start "
            "from it, too: does anything have to be written into it?",
        ),
    ),
    alternatives=(
        Alternative(
            "through u and v",
            old="return np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            new="u, v = 1 + np.exp(x), 1 + np.exp(-x)\n    return (u - 1) * dz_du + (1 - v) * dz_dv",
        ),
        Alternative(
            "one exponential",
            old="return np.exp(x) * dz_du - np.exp(-x) * dz_dv",
            new="e = np.exp(x)\n    return e * dz_du - dz_dv / e",
        ),
    ),
)

_PAIR = "u * v * (dz_du - dz_dv), u * v * (dz_dv - dz_du)"
_SHARES = "return u - s, v - t"

SOFTMAX_PAIR = Exercise(
    name="softmax_pair",
    source="S2 §3.3 (4) and (5)",
    cases=_softmax_cases,
    reference={name: _NAMES[name] for name in ("softmax_backward", "softmax_cross_entropy_backward")},
    misconceptions=(
        Misconception(
            "straight ways only",
            _PAIR,
            "u * v * dz_du, u * v * dz_dv",
            "Only the way straight across is there. When one score grows and its own share with it, "
            "what happens to the other share, and to z through it?",
        ),
        Misconception(
            "cross ways with the wrong sign",
            _PAIR,
            "u * v * (dz_du + dz_dv), u * v * (dz_dv + dz_du)",
            "Both ways are there, with one sign. u and v add up to 1: if one of them rises, what does the other do?",
        ),
        Misconception(
            "what arrives is not weighed",
            _PAIR,
            "dz_du - dz_dv, dz_dv - dz_du",
            "The differences are right. On all four arrows stands a slope of the same size: where is it?",
        ),
        Misconception(
            "x and y exchanged",
            _PAIR,
            "u * v * (dz_dv - dz_du), u * v * (dz_du - dz_dv)",
            "Here stands what belongs to the other score: the size is right, the sign is not. "
            "If z rises with u alone, should it rise or fall with x, and with y?",
        ),
        Misconception(
            "shares as slopes",
            _PAIR,
            "u * dz_du - v * dz_dv, v * dz_dv - u * dz_du",
            "The slopes on your arrows are u and v. A share near 1 can hardly grow any more: which product says so?",
        ),
        Misconception(
            "only what arrives at u",
            _PAIR,
            "u * v * dz_du, -u * v * dz_du",
            "Both come from what arrives at u, and what arrives at v has no part in them. When x grows, over "
            "which other share does z move as well?",
        ),
        Misconception(
            "what arrives is forgotten",
            _PAIR,
            "u * v, -u * v",
            "These are slopes of u, and what arrives has no part in them. If z did not depend on u and v at "
            "all, what should go on?",
        ),
        Misconception(
            "not shared out",
            "u = np.exp(x) / (np.exp(x) + np.exp(y))\n    v = 1 - u",
            "u, v = np.exp(x), np.exp(y)",
            "Your u and v are the exponentials themselves. To what should two shares add up, and what are they "
            "divided by?",
        ),
        Misconception(
            "shared among all",
            "(np.exp(x) + np.exp(y))",
            "(np.exp(x) + np.exp(y)).sum()",
            "All numbers you are handed are put into one sum, so the share of one pair depends on the others. "
            "Of which two exponentials is it a share?",
        ),
        Misconception(
            "written into what arrives",
            f"return {_PAIR}",
            "dz_du -= dz_dv\n    return u * v * dz_du, -u * v * dz_du",
            "The gradients are right, but `dz_du` is no longer what you were handed. Another way back may start "
            "from it, too: does anything have to be written into it?",
        ),
        Misconception(
            "truth minus share",
            _SHARES,
            "return s - u, t - v",
            "A sign of the cross-entropy is wrong. If a share is below its truth, should z rise or fall when "
            "the score of that share grows?",
        ),
        Misconception(
            "stopped at u and v",
            _SHARES,
            "return -s / u, -t / v",
            "What stands here for the cross-entropy is ∂z/∂u or ∂z/∂v. One link is left between them and x and y: "
            "which function takes it?",
        ),
        Misconception(
            "truths exchanged",
            _SHARES,
            "return u - t, v - s",
            "The shares are compared with each other's truth. z = −s ln u − t ln v: which of s and t belongs to u?",
        ),
        Misconception(
            "cross ways forgotten at the end",
            _SHARES,
            "return -s * v, -t * u",
            "The cross-entropy lacks the ways across: −s/u times uv is there, and what about −t/v?",
        ),
    ),
    alternatives=(
        Alternative(
            "through the sigmoid of the difference",
            old="u = np.exp(x) / (np.exp(x) + np.exp(y))\n    v = 1 - u",
            new="u = sigmoid(x - y)\n    v = sigmoid(y - x)",
        ),
        Alternative(
            "four arrows",
            old=f"return {_PAIR}",
            new="dx = u * (1 - u) * dz_du - u * v * dz_dv\n    dy = v * (1 - v) * dz_dv - u * v * dz_du\n"
            "    return dx, dy",
        ),
        Alternative("not simplified", old=_SHARES, new="return u * t - v * s, v * s - u * t"),
    ),
)

MIX_BACKWARD = Exercise(
    name="mix_backward",
    source="S2 §3.3 (6)",
    cases=_mix_cases,
    reference={"mix_backward": _NAMES["mix_backward"]},
    misconceptions=(
        Misconception(
            "the way forward again",
            "W @ dz_dy",
            "dz_dy @ W",
            "This is how y is made from x, applied once more. Which arrows *start* at x₀: those of a row of W, "
            "or those of a column?",
        ),
        Misconception(
            "straight ways only",
            "W @ dz_dy",
            "np.diag(W) * dz_dy",
            "x₀ gets its part over y₀ and x₁ its part over y₁. Each x has a second way: where does it lead?",
        ),
        Misconception(
            "not added up",
            "W @ dz_dy",
            "W * dz_dy",
            "Each of your four numbers is right for one arrow. What happens to the two ways that start at one x?",
        ),
        Misconception(
            "the mix undone",
            "W @ dz_dy",
            "np.linalg.solve(W.T, dz_dy)",
            "You solve for what was mixed. dz/dy is no mixture that was made from dz/dx: "
            "how fast does z move with x₀, over each of its two ways?",
        ),
        Misconception(
            "what arrives is forgotten",
            "W @ dz_dy",
            "W.sum(axis=1)",
            "The slopes of each x are added up, and what arrives has no part in it. "
            "If z did not depend on y₁ at all, what would its arrows count?",
        ),
        Misconception(
            "ways averaged",
            "W @ dz_dy",
            "W @ dz_dy / 2",
            "Half of what it should be: the mean of both ways. If both push the same way, does z move as with one?",
        ),
        Misconception(
            "each way with the total",
            "W @ dz_dy",
            "W.sum(axis=1) * dz_dy.sum()",
            "All weights of an x are multiplied by all that arrives, also by what arrives elsewhere. "
            "Does what arrives at y₁ pass over w₀₀?",
        ),
        Misconception(
            "ways that end in one y",
            "W @ dz_dy",
            "(W * dz_dy).sum(axis=0)",
            "Every number of W is multiplied by what arrives at its end, and then the arrows that *end* in one "
            "y are added up. Which arrows does an x need: those of a column, or those of a row?",
        ),
        Misconception(
            "written into W",
            "return W @ dz_dy",
            "W *= dz_dy\n    return W.sum(axis=1)",
            "The result is right, but `W` is no longer what you were handed: these are the weights of the "
            "network. Does anything have to be written into them?",
        ),
    ),
    alternatives=(
        Alternative("from the right", old="W @ dz_dy", new="dz_dy @ W.T"),
        Alternative(
            "written out",
            old="return W @ dz_dy",
            new="return np.array([W[0, 0] * dz_dy[0] + W[0, 1] * dz_dy[1], W[1, 0] * dz_dy[0] + W[1, 1] * dz_dy[1]])",
        ),
        Alternative("sum of a broadcast product", old="W @ dz_dy", new="(W * dz_dy).sum(axis=1)"),
    ),
)

_DX, _DW = "dY @ W.T", "X.T @ dY"

MATMUL_BACKWARD = Exercise(
    name="matmul_backward",
    source="S2 §3.5; S3 grad_ce",
    cases=_matmul_cases,
    reference={"matmul_backward": _NAMES["matmul_backward"]},
    misconceptions=(
        Misconception(
            "dW the wrong way round",
            _DW,
            "dY.T @ X",
            "The numbers of your `dW` are right, but it has shape (K, D), and W has (D, K). "
            "A gradient has the shape of what it belongs to: which factor stands first?",
        ),
        Misconception(
            "dX the wrong way round",
            _DX,
            "W @ dY.T",
            "Your `dX` has shape (D, N), one column a sample. Row n of dX comes from row n of dY: "
            "on which side does dY then stand?",
        ),
        Misconception(
            "averaged",
            _DW,
            "X.T @ dY / len(X)",
            "`dW` is 1/N of what it should be. The N samples are N ways from W to E; the 1/N of a mean stands at the "
            "end of the graph and is inside dY. What happens where ways meet?",
        ),
        Misconception(
            "results exchanged",
            f"{_DX}, {_DW}",
            f"{_DW}, {_DX}",
            "Both results are right and stand in each other's place. In which order are they asked for?",
        ),
        Misconception(
            "not turned over",
            _DX,
            "dY @ W",
            "Two factors are multiplied whose sizes do not fit. Write the shapes of dY, W and X beside each other: "
            "which has to be turned over for dX, which for dW, and is the product that of matrices?",
        ),
        Misconception(
            "what arrives is forgotten",
            _DW,
            "X.T @ np.ones_like(dY)",
            "`dW` has the right shape, and dY has no part in it. If E did not depend on the last column of Y, "
            "what would the last column of dW be?",
        ),
        Misconception(
            "first sample only",
            _DW,
            "np.outer(X[0], dY[0])",
            "`dW` is that of one sample, row 0. Every row of X passes through the same W: what becomes of the others?",
        ),
        Misconception(
            "last sample only",
            _DW,
            "np.outer(X[-1], dY[-1])",
            "`dW` is that of one sample, the last row. Every row of X passes through the same W: what becomes "
            "of those that came before?",
        ),
        Misconception(
            "dY overwritten",
            f"return {_DX}, {_DW}",
            f"dX, dW = {_DX}, {_DW}\n    dY *= 0\n    return dX, dW",
            "The gradients are right, but dY is no longer what you were handed. Others may still need it: "
            "does anything have to be written into it?",
        ),
    ),
    alternatives=(
        Alternative(
            "sample by sample",
            code="""
def matmul_backward(X, W, dY):
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for n in range(len(X)):
        dX[n] = W @ dY[n]
        dW += np.outer(X[n], dY[n])
    return dX, dW
""",
        ),
        Alternative(
            "einsum",
            old=f"{_DX}, {_DW}",
            new='np.einsum("nk,dk->nd", dY, W), np.einsum("nd,nk->dk", X, dY)',
        ),
        Alternative("transposed twice", old=f"{_DX}, {_DW}", new="[(W @ dY.T).T, (dY.T @ X).T]"),
    ),
)

ADD_BIAS_BACKWARD = Exercise(
    name="add_bias_backward",
    source="S2 §3.6, 2; S3 grad_ce",
    cases=_bias_cases,
    reference={"add_bias_backward": _NAMES["add_bias_backward"]},
    misconceptions=(
        Misconception(
            "not summed",
            "dY, dY.sum(axis=0)",
            "dY, dY",
            "Your `db` has a row for each sample, but all of them share one b. What becomes of N ways that lead to it?",
        ),
        Misconception(
            "summed over the outputs",
            "dY.sum(axis=0)",
            "dY.sum(axis=1)",
            "Your `db` has one number for each sample; b has one for each column. Along which axis do the samples lie?",
        ),
        Misconception(
            "averaged",
            "dY.sum(axis=0)",
            "dY.mean(axis=0)",
            "`db` is 1/N of what it should be. The 1/N of a mean is inside dY already: "
            "what does a link do with the ways that meet in it?",
        ),
        Misconception(
            "averaged, as one row",
            "dY.sum(axis=0)",
            "dY.mean(axis=0, keepdims=True)",
            "`db` has shape (1, K) and is 1/N of what it should be. b is (K,), and each sample pushes with all it has: "
            "what is left to divide?",
        ),
        Misconception(
            "as one row",
            "dY.sum(axis=0)",
            "dY.sum(axis=0, keepdims=True)",
            "The numbers are right, but `db` has shape (1, K) and b has (K,). Which shape does a gradient have?",
        ),
        Misconception(
            "one number for all",
            "dY.sum(axis=0)",
            "dY.sum()",
            "`db` is one number. b has one for each column, and each column has its own: over which axis only may "
            "be summed?",
        ),
        Misconception(
            "samples counted",
            "dY.sum(axis=0)",
            "np.full(dY.shape[1], float(len(dY)))",
            "`db` is the number of samples. That is how fast the sum of each column of Y grows with b; "
            "where is how fast E grows with Y?",
        ),
        Misconception(
            "dX summed as well",
            "return dY, dY.sum(axis=0)",
            "return dY.sum(axis=0), dY.sum(axis=0)",
            "`db` is right, and `dX` is the same. X has a row of its own for each sample: how many ways lead to "
            "one entry?",
        ),
    ),
    alternatives=(
        Alternative("product with ones", old="dY, dY.sum(axis=0)", new="dY.copy(), np.ones(len(dY)) @ dY"),
        Alternative(
            "loop",
            code="""
def add_bias_backward(dY):
    db = np.zeros(dY.shape[1])
    for row in dY:
        db += row
    return dY, db
""",
        ),
    ),
)

_FIRST_ROW, _SECOND_ROW = "dY = X @ W - t", "dY = odds / odds.sum() - t"

ONE_ROW = Exercise(
    name="one_row",
    source="S2 §3.6, 1 (1) and (2)",
    cases=_one_row_cases,
    reference={name: _NAMES[name] for name in ("squared_error_gradients", "cross_entropy_gradients")},
    misconceptions=(
        Misconception(
            "truth minus prediction",
            _FIRST_ROW,
            "dY = t - X @ W",
            "`dX` and `dW` have the wrong sign. If Y is above t, should E rise or fall when Y grows further?",
        ),
        Misconception(
            "the 2 of the square",
            _FIRST_ROW,
            "dY = 2 * (X @ W - t)",
            "`dX` and `dW` are twice what they should be. What did the ½ in front of the sum do to the 2 of the "
            "square?",
        ),
        Misconception(
            "averaged over the outputs",
            _FIRST_ROW,
            "dY = (X @ W - t) / t.size",
            "`dX` and `dW` are half of what they should be. Does E here take the mean of the two squares, or half "
            "their sum?",
        ),
        Misconception(
            "truth minus share",
            _SECOND_ROW,
            "dY = t - odds / odds.sum()",
            "`dX_entropy` and `dW_entropy` have the wrong sign. If a share is below its truth, should E rise or fall "
            "when its score grows?",
        ),
        Misconception(
            "scores not made into shares",
            "odds = np.exp(X @ W)\n    dY = odds / odds.sum() - t",
            "dY = X @ W - t",
            "The truth is compared with the scores themselves. Between Y and the cross-entropy stands a softmax: "
            "what does it make of them?",
        ),
        Misconception(
            "softmax over the samples",
            "odds.sum()",
            "odds.sum(axis=0)",
            "Every share is 1. They should add up to 1 in the row, and here each is divided by a sum of one number: "
            "along which axis do the outputs lie?",
        ),
        Misconception(
            "stopped before the softmax",
            _SECOND_ROW,
            "dY = -t / (odds / odds.sum())",
            "You hand the matrix product ∂E/∂P. Y lies one link further left: what does the way back through a softmax "
            "make of it?",
        ),
        Misconception(
            "straight ways only",
            _SECOND_ROW,
            "dY = -t * (1 - odds / odds.sum())",
            "Your dY has the way of each score over its own share, and lacks the one over the other share. "
            "When one share rises, what does the other do?",
        ),
        Misconception(
            "exponentials not shared out",
            _SECOND_ROW,
            "dY = odds - t",
            "The truth is compared with the exponentials of Y. To what should shares add up?",
        ),
        Misconception(
            "slope of the softmax once more",
            _SECOND_ROW,
            "P = odds / odds.sum()\n    dY = (P - t) * P * (1 - P)",
            "In your dY the difference of share and truth is multiplied by P(1 − P). When the formula was "
            "multiplied out, what happened to the slopes of the softmax?",
        ),
        Misconception(
            "softmax twice",
            _SECOND_ROW,
            "P = np.exp(odds / odds.sum())\n    dY = P / P.sum() - t",
            "Your shares have been through the softmax twice: however sure the scores are, they stay between "
            "0.27 and 0.73. What does one softmax make of Y?",
        ),
        Misconception(
            "dW the wrong way round",
            f"{_FIRST_ROW}\n    return matmul_backward(X, W, dY)",
            f"{_FIRST_ROW}\n    return dY @ W.T, dY.T @ X",
            "`dW` has shape (2, D), and W has (D, 2). A gradient has the shape of what it belongs to; if it "
            "comes from your `matmul_backward`, has that passed its own check?",
        ),
        Misconception(
            "dW of the cross-entropy the wrong way round",
            f"{_SECOND_ROW}\n    return matmul_backward(X, W, dY)",
            f"{_SECOND_ROW}\n    return dY @ W.T, dY.T @ X",
            "`dW` has shape (2, D), and W has (D, 2). A gradient has the shape of what it belongs to; if it "
            "comes from your `matmul_backward`, has that passed its own check?",
        ),
    ),
    alternatives=(
        Alternative(
            "written out",
            code="""
def squared_error_gradients(X, W, t):
    dY = np.zeros((1, 2))
    for k in range(2):
        dY[0, k] = sum(X[0, d] * W[d, k] for d in range(len(W))) - t[0, k]
    return dY @ W.T, X.T @ dY


def cross_entropy_gradients(X, W, t):
    Y = X @ W
    Y = Y - Y.max()
    P = np.exp(Y) / np.exp(Y).sum(axis=1, keepdims=True)
    return (P - t) @ W.T, X.T @ (P - t)
""",
        ),
        Alternative(
            "with the links of section 2",
            old=_SECOND_ROW,
            new="u, v = odds[0] / odds.sum()\n"
            "    dY = np.array([softmax_cross_entropy_backward(t[0, 0], t[0, 1], u, v)])",
        ),
    ),
)

_ASK = "above = f(x)\n        x[index] = kept - eps\n        gradient[index] = (above - f(x)) / (2 * eps)"
_LOOP = f"""    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        {_ASK}
        x[index] = kept
"""

NUMERICAL_GRADIENT = Exercise(
    name="numerical_gradient",
    source="S2 §5.2, Remarks on numerical differentiation",
    cases=_measured_cases,
    reference={"numerical_gradient": _NAMES["numerical_gradient"]},
    misconceptions=(
        Misconception(
            "one-sided",
            _ASK,
            "above = f(x)\n        x[index] = kept\n        gradient[index] = (above - f(x)) / eps",
            "Nearly right, and further off the larger the step: f was asked at x and on one side of it. "
            "What is gained by asking on both sides?",
        ),
        Misconception(
            "one-sided, backward",
            _ASK,
            "x[index] = kept - eps\n        below = f(x)\n        x[index] = kept\n"
            "        gradient[index] = (f(x) - below) / eps",
            "Nearly right, and further off the larger the step: f was asked at x and below it, never above. "
            "What is gained by asking on both sides?",
        ),
        Misconception(
            "divided by one step",
            "/ (2 * eps)",
            "/ eps",
            "Twice what it should be. How far apart are the two places at which you asked f?",
        ),
        Misconception(
            "below minus above",
            "(above - f(x)) / (2 * eps)",
            "(f(x) - above) / (2 * eps)",
            "The wrong sign everywhere. If f is larger above than below, is its slope positive or negative?",
        ),
        Misconception(
            "x not restored",
            "        x[index] = kept\n",
            "",
            "The first entry is right, and those after it are a little off: when the second is moved, "
            "the first is still where it was moved to. Compare x before and after.",
        ),
        Misconception(
            "put back by arithmetic",
            "        x[index] = kept\n",
            "        x[index] += eps\n",
            "The gradient is right, but x is not what it was, in its last bits: 0.01 − 0.1 + 0.1 is not 0.01. "
            "Do you still have the number that stood there?",
        ),
        Misconception(
            "all entries at once",
            _LOOP,
            "    for index in np.ndindex(x.shape):\n        gradient[index] = (f(x + eps) - f(x - eps)) / (2 * eps)\n",
            "Every entry of your gradient is the same number: all of x was moved together. "
            "What should stand still while one entry is moved?",
        ),
        Misconception(
            "row by row",
            "np.ndindex(x.shape)",
            "range(len(x))",
            "For x with more than one axis, `x[index]` is a whole row here, and it is moved at once. "
            "What would name one single number of it?",
        ),
        Misconception(
            "step forgotten",
            "/ (2 * eps)",
            "/ 2e-5",
            "Right for ε = 10⁻⁵, and not when another step is asked for. Which name holds the step?",
        ),
        Misconception(
            "down as far as up",
            "x[index] = kept - eps",
            "x[index] -= eps",
            "Near half of what it should be: a step up, and then one of the same size down, leads back to where "
            "you began. How far below x is the second place?",
        ),
        Misconception(
            "another name for x",
            _LOOP,
            "    for index in np.ndindex(x.shape):\n        above, below = x, x\n"
            "        above[index] += eps\n        below[index] -= eps\n"
            "        gradient[index] = (f(above) - f(below)) / (2 * eps)\n",
            "Your gradient is 0: `a = x` makes no second array but a second name for the same one, so both "
            "steps were taken in it before f was asked. Where does x stand when f is asked?",
        ),
        Misconception(
            "returned too early",
            "        x[index] = kept\n",
            "        x[index] = kept\n        return gradient\n",
            "The first entry is right, and the others are still 0. When does your function return?",
        ),
    ),
    alternatives=(
        Alternative(
            "copies are moved",
            old=_LOOP,
            new="    for index in np.ndindex(x.shape):\n"
            "        above, below = x.copy(), x.copy()\n"
            "        above[index] += eps\n"
            "        below[index] -= eps\n"
            "        gradient[index] = (f(above) - f(below)) / (2 * eps)\n",
        ),
        Alternative(
            "flat, restored at the end",
            code="""
def numerical_gradient(f, x, eps=1e-5):
    before = x.copy()
    gradient = []
    for i in range(x.size):
        x.flat[i] += eps
        above = f(x)
        x[...] = before
        x.flat[i] -= eps
        gradient.append((above - f(x)) / eps / 2)
        x[...] = before
    return np.array(gradient).reshape(x.shape)
""",
        ),
        Alternative(
            "steps as an array",
            code="""
def numerical_gradient(f, x, eps=1e-5):
    steps = eps * np.eye(x.size).reshape((x.size,) + x.shape)
    return np.array([f(x + e) - f(x - e) for e in steps]).reshape(x.shape) / (2 * eps)
""",
        ),
    ),
)

_SIZE = "np.maximum(np.abs(a) + np.abs(b), 1e-8)"

RELATIVE_ERROR = Exercise(
    name="relative_error",
    source="S2 §5.2, Remarks on numerical differentiation",
    cases=_error_cases,
    reference={"relative_error": _NAMES["relative_error"]},
    misconceptions=(
        Misconception(
            "absolute error",
            "np.abs(a - b) / size",
            "np.abs(a - b)",
            "This is the largest difference as it stands. An error of 1 beside 0.5 and one beside 500: should "
            "they count "
            "the same?",
        ),
        Misconception(
            "mean entry",
            "np.max(np.abs",
            "np.mean(np.abs",
            "You report the mean entry. One wrong gradient among a thousand right ones: would you see it?",
        ),
        Misconception(
            "signs may cancel",
            "np.abs(a - b) / size",
            "(a - b) / size",
            "An entry where a is below b counts as less than none. Is an error in that direction better?",
        ),
        Misconception(
            "size of one of them",
            _SIZE,
            "np.maximum(np.abs(a), 1e-8)",
            "The difference is compared with a alone. What comes out if a is 0 and b is not, and what if they "
            "change places?",
        ),
        Misconception(
            "0/0",
            _SIZE,
            "np.abs(a) + np.abs(b)",
            "Where both entries are 0 you divide 0 by 0. Two that are equal should have which error, "
            "and which part of the formula sees to it?",
        ),
        Misconception(
            "size of the sum",
            _SIZE,
            "np.maximum(np.abs(a + b), 1e-8)",
            "Where a and b have opposite signs your error is above 1. Is |a + b| the size of both numbers together "
            "if they cancel?",
        ),
        Misconception(
            "added to the size",
            _SIZE,
            "np.abs(a) + np.abs(b) + 1e-8",
            "Where both are next to nothing you are off: 10⁻⁸ is added to the size. The formula has the larger of "
            "the two: "
            "which of them is it there?",
        ),
        Misconception(
            "largest difference over largest size",
            "np.max(np.abs(a - b) / size)",
            "np.max(np.abs(a - b)) / np.max(size)",
            "The largest difference is divided by the largest size, and they belong to different entries. "
            "Whose size should each difference be compared with?",
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            code="""
def relative_error(a, b):
    worst = 0.0
    for p, q in zip(a.ravel(), b.ravel()):
        worst = max(worst, abs(p - q) / max(abs(p) + abs(q), 1e-8))
    return worst
""",
        ),
        Alternative("clip", old=_SIZE, new="np.clip(np.abs(a) + np.abs(b), 1e-8, None)"),
    ),
    equivalent=(
        Equivalent(
            "swapped: size = np.maximum(np.abs(a) + np.abs(b), 1e-08)"
            " -> size = np.maximum(1e-08, np.abs(a) + np.abs(b))",
            "the larger of two does not depend on their order",
        ),
    ),
)

COUNT_PARAMETERS = Exercise(
    name="count_parameters",
    source="S4, 3n + 14 parameters",
    cases=_sizes_cases,
    reference={"count_parameters": _NAMES["count_parameters"]},
    misconceptions=(
        Misconception(
            "biases forgotten",
            "sizes[i - 1] * sizes[i] + sizes[i]",
            "sizes[i - 1] * sizes[i]",
            "You counted the weights. What else does each neuron have, besides one weight for each input?",
        ),
        Misconception(
            "a bias for each input",
            "sizes[i - 1] * sizes[i] + sizes[i]",
            "sizes[i - 1] * sizes[i] + sizes[i - 1]",
            "Each layer has as many biases as inputs in your count. A bias is added to a neuron's sum: "
            "how many sums does a layer compute?",
        ),
        Misconception(
            "one bias for a layer",
            "sizes[i - 1] * sizes[i] + sizes[i]",
            "sizes[i - 1] * sizes[i] + 1",
            "Each layer has one bias in your count. Do all its neurons share it?",
        ),
        Misconception(
            "sizes added",
            "sizes[i - 1] * sizes[i] + sizes[i]",
            "sizes[i - 1] + sizes[i]",
            "You added sizes. Every neuron of one layer is connected to every one of the next: how many arrows "
            "is that?",
        ),
        Misconception(
            "last layer only",
            "total += sizes",
            "total = sizes",
            "This is the count of the last layer. What became of those before it?",
        ),
        Misconception(
            "neurons counted",
            "return total",
            "return sum(sizes)",
            "This is the number of neurons, inputs among them. There is a weight for each arrow between two of "
            "them: how many arrows are there?",
        ),
        Misconception(
            "last layer left out",
            "range(1, len(sizes))",
            "range(1, len(sizes) - 1)",
            "The last layer is missing. How many layers have one before them, and at which number does `range` stop?",
        ),
        Misconception(
            "input layer has biases",
            "return total",
            "return total + sizes[0]",
            "You have n₀ too many, a bias for each input. Does the input layer compute anything?",
        ),
        Misconception(
            "once around",
            "range(1, len(sizes))",
            "range(len(sizes))",
            "You count one layer too many, whose inputs are the last layer and whose outputs are the first. "
            "Which layer comes before number 0, and what does `sizes[-1]` mean?",
        ),
        Misconception(
            "returned too early",
            "    return total",
            "        return total",
            "This is the count of the first layer. When does your function return?",
        ),
    ),
    alternatives=(
        Alternative(
            "one line",
            old="total = 0\n    for i in range(1, len(sizes)):\n        total += sizes[i - 1] * sizes[i] + sizes[i]\n"
            "    return total",
            new="return sum((n_in + 1) * n_out for n_in, n_out in zip(sizes, sizes[1:]))",
        ),
        Alternative(
            "weights, then biases",
            code="""
def count_parameters(sizes):
    weights = sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))
    return weights + sum(sizes[1:])
""",
        ),
    ),
)

SCALAR = Exercise(
    name="scalar",
    source="S2 §3.4; S1 The Chain Rule on a Simple Network",
    cases=_scalar_cases,
    reference={"Scalar": scalar.Scalar},
    misconceptions=(
        Misconception(
            "slopes of a product exchanged",
            "(other.value, self.value)",
            "(self.value, other.value)",
            "The slopes of your product stand in each other's place. In p = ax, how fast does p move with a: "
            "a times as fast, or x times?",
        ),
        Misconception(
            "slopes of a product like those of a sum",
            "(other.value, self.value)",
            "(1.0, 1.0)",
            "Your product has the slopes of a sum. If x is 100, how much does a · x move when a moves by 1?",
        ),
        Misconception(
            "slopes of a sum like those of a product",
            "(self, other), (1.0, 1.0)",
            "(self, other), (other.value, self.value)",
            "Your sum has the slopes of a product. If x moves by 0.01, by how much does x + y move, whatever y is?",
        ),
        Misconception(
            "values as slopes of a sum",
            "(self, other), (1.0, 1.0)",
            "(self, other), (self.value, other.value)",
            "The slopes of your sum are the two numbers themselves. If x moves by 0.01, by how much does x + y "
            "move, however large x is?",
        ),
        Misconception(
            "power not lowered",
            "n * self.value ** (n - 1)",
            "n * self.value**n",
            "The slope of your power still has the exponent n. What does differentiating do to the exponent?",
        ),
        Misconception(
            "factor of the power lost",
            "n * self.value ** (n - 1)",
            "self.value ** (n - 1)",
            "The exponent of your power's slope is right. What comes down in front of it?",
        ),
        Misconception(
            "one taken off the power",
            "n * self.value ** (n - 1)",
            "n * self.value**n - 1",
            "In the slope of your power, 1 is taken off the result. Off what should it be taken?",
        ),
        Misconception(
            "slope of exp at the wrong place",
            "Scalar(e, (self,), (e,)",
            "Scalar(e, (self,), (np.exp(e),)",
            "The exponential is applied once more, to the result. The slope of eˣ belongs to x: at which place is "
            "it taken?",
        ),
        Misconception(
            "exp as a power",
            "Scalar(e, (self,), (e,)",
            "Scalar(e, (self,), (self.value * np.exp(self.value - 1),)",
            "You differentiated eˣ as if it were a power of x. Which function is its own slope?",
        ),
        Misconception(
            "slope of exp is 1",
            "Scalar(e, (self,), (e,)",
            "Scalar(e, (self,), (1.0,)",
            "The slope of your exponential is 1 everywhere. eˣ grows faster and faster: which function is its "
            "own slope?",
        ),
        Misconception(
            "slope of exp is x",
            "Scalar(e, (self,), (e,)",
            "Scalar(e, (self,), (self.value,)",
            "The slope of your exponential is x, as if e were multiplied by it. Which function is its own slope?",
        ),
        Misconception(
            "slope of ln at the wrong place",
            "(1 / self.value,)",
            "(1 / np.log(self.value),)",
            "The slope of your logarithm is one over its *result*. One over what should it be?",
        ),
        Misconception(
            "slope of ln is its value",
            "(1 / self.value,)",
            "(np.log(self.value),)",
            "The slope of your logarithm is the logarithm itself. Its curve gets flatter and flatter as x "
            "grows: what has the slope to do?",
        ),
        Misconception(
            "slope of ln is 1",
            "(1 / self.value,)",
            "(1.0,)",
            "The slope of your logarithm is 1 everywhere. Its curve gets flatter and flatter as x grows: what "
            "has the slope to do?",
        ),
        Misconception(
            "slope of ln is x",
            "(1 / self.value,)",
            "(self.value,)",
            "The slope of your logarithm grows with x. Its curve gets flatter and flatter: what has the slope to do?",
        ),
        Misconception(
            "logarithm to the base 10",
            "np.log(self.value)",
            "np.log10(self.value)",
            "Your logarithm counts powers of 10. Which number does the natural one count powers of?",
        ),
        Misconception(
            "second operand not remembered",
            'return Scalar(self.value * other.value, (self, other), (other.value, self.value), "×")',
            'return Scalar(self.value * other.value, (self,), (other.value,), "×")',
            "Your product remembers one of its factors. Will the other ever hear of a gradient?",
        ),
    ),
    alternatives=(
        Alternative("math instead of NumPy", old="e = np.exp(self.value)", new="e = 2.718281828459045**self.value"),
        Alternative(
            "parents in the other order",
            old="(self, other), (other.value, self.value)",
            new="[other, self], [self.value, other.value]",
        ),
        Alternative(
            "slope of a power through its value",
            old='return Scalar(self.value**n, (self,), (n * self.value ** (n - 1),), f"^{n:g}")',
            new='p = self.value**n\n        return Scalar(p, (self,), (n * p / self.value,), "power")',
        ),
    ),
)

_VISIT = """        seen.add(current)
        for parent in current.parents:
            if parent not in seen:
                visit(parent)
        order.append(current)
"""
_ORDER = f"""    order, seen = [], set()

    def visit(current):
{_VISIT}
    visit(node)
    return order
"""

TOPOLOGICAL_ORDER = Exercise(
    name="topological_order",
    source="S2 §3.4; S1 Walk the graph back",
    cases=_order_cases,
    reference={"topological_order": scalar.topological_order},
    misconceptions=(
        Misconception(
            "before its parents",
            _VISIT,
            "        seen.add(current)\n        order.append(current)\n        for parent in current.parents:\n"
            "            if parent not in seen:\n                visit(parent)\n",
            "A node is put into the list before its parents are visited. Who has to be in the list when its turn "
            "comes?",
        ),
        Misconception(
            "level by level",
            _ORDER,
            "    order = [node]\n    for current in order:\n"
            "        order += [p for p in dict.fromkeys(current.parents) if p not in order]\n    return order[::-1]\n",
            "Right for chains and forks, wrong for the tangle: you go level by level from the end. A node one "
            "arrow from "
            "the end may also be five arrows from it: which of these decides when it may hand on?",
        ),
        Misconception(
            "who was seen is forgotten",
            "            if parent not in seen:\n                visit(parent)",
            "            visit(parent)",
            "Where two ways lead to the same node, it is in your list twice, and so is all before it. "
            "How could the second visitor know that the first has been there?",
        ),
        Misconception(
            "from the end to the start",
            "return order",
            "return order[::-1]",
            "The right order, backwards: every node stands before its parents. Which end of the list should the "
            "inputs be at?",
        ),
        Misconception(
            "the end is missing",
            "    visit(node)\n",
            "    for parent in node.parents:\n        if parent not in seen:\n            visit(parent)\n",
            "All nodes are there but the one that was asked for. Does it belong to its own graph?",
        ),
        Misconception(
            "first parent only",
            "in current.parents:",
            "in current.parents[:1]:",
            "Nodes are missing: of each node, one parent is followed. Which loop should go through all of them?",
        ),
        Misconception(
            "parents, and not theirs",
            "                visit(parent)\n",
            "                order.append(parent)\n",
            "The parents of the last node are there, and nobody further back. Who visits the parents of the parents?",
        ),
        Misconception(
            "itself first, then turned round",
            _ORDER,
            "    order, seen = [], set()\n\n    def visit(current):\n        seen.add(current)\n"
            "        order.append(current)\n        for parent in current.parents:\n"
            "            if parent not in seen:\n                visit(parent)\n\n    visit(node)\n"
            "    return order[::-1]\n",
            "Right for chains: a node goes into the list first, then its parents, and at the end the list is "
            "turned round. Where two ways meet, is the parent that both lead to visited after the second way as "
            "well?",
        ),
        Misconception(
            "one list for all calls",
            "order, seen = [], set()",
            'order, seen = topological_order.__dict__.setdefault("kept", ([], set()))',
            "What is listed belongs to a graph that you were asked about before. When is your list made: once, "
            "or anew at each call?",
        ),
        Misconception(
            "no first visit",
            "    visit(node)\n",
            "",
            "Your list is empty. Inside your function another one is defined: who calls it for the first time?",
        ),
    ),
    alternatives=(
        Alternative(
            "a stack instead of calls",
            code="""
def topological_order(node):
    order, seen, stack = [], set(), [(node, False)]
    while stack:
        current, done = stack.pop()
        if done:
            order.append(current)
        elif current not in seen:
            seen.add(current)
            stack.append((current, True))
            stack += [(parent, False) for parent in current.parents]
    return order
""",
        ),
        Alternative(
            "the list says who was seen",
            code="""
def topological_order(node):
    order = []

    def put(n):
        if n not in order:
            for p in n.parents:
                put(p)
            order.append(n)

    put(node)
    return order
""",
        ),
        Alternative(
            "counting children",
            code="""
def topological_order(node):
    waiting, found = {node: 0}, [node]
    for current in found:
        for parent in current.parents:
            if parent not in waiting:
                waiting[parent] = 0
                found.append(parent)
            waiting[parent] += 1
    ready, order = [node], []
    while ready:
        current = ready.pop()
        order.append(current)
        for parent in current.parents:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return order[::-1]
""",
        ),
    ),
)

_PASS = """    node.grad = 1.0
    for child in reversed(topological_order(node)):
        for parent, slope in zip(child.parents, child.slopes, strict=True):
            parent.grad += slope * child.grad
"""

BACKWARD = Exercise(
    name="backward",
    source="S2 §3.4, computational graph; S1 Back-propagation",
    cases=_backward_cases,
    reference={"backward": scalar.backward},
    misconceptions=(
        Misconception(
            "assigned instead of accumulated",
            "parent.grad += slope",
            "parent.grad = slope",
            "Chains are right, and wherever two ways meet only one of them counts. What happens to what had "
            "arrived before?",
        ),
        Misconception(
            "level by level",
            "    for child in reversed(topological_order(node)):\n",
            "    level = [node]\n    for child in level:\n"
            "        level += [p for p in dict.fromkeys(child.parents) if p not in level]\n",
            "Chains and forks are right, the tangle is not: some node handed on before everything had arrived. "
            "In which order do nodes come to stand behind all that were computed from them?",
        ),
        Misconception(
            "from the start to the end",
            "reversed(topological_order(node))",
            "topological_order(node)",
            "Only the parents of the last node have a gradient; the others were asked when nothing had arrived yet. "
            "At which end does the way back begin?",
        ),
        Misconception(
            "no start",
            "    node.grad = 1.0\n",
            "",
            "All gradients are 0. Before anything can be handed on, one has to be there: how fast does E change "
            "with E?",
        ),
        Misconception(
            "starts with the value",
            "node.grad = 1.0",
            "node.grad = node.value",
            "All gradients are too large or too small by the same factor, which is the value of the last node. "
            "How fast does E change with E?",
        ),
        Misconception(
            "slopes forgotten",
            "slope * child.grad",
            "child.grad",
            "The slopes have no part in it: a parent gets what its child has. If the child moves three times as fast, "
            "what should arrive?",
        ),
        Misconception(
            "only the last slope",
            "slope * child.grad",
            "slope",
            "Each gradient is made of the slopes next to it. What has come from further right has no part in it: "
            "what does the chain rule do with slopes along a way?",
        ),
        Misconception(
            "averaged over the parents",
            "slope * child.grad",
            "slope * child.grad / len(child.parents)",
            "Nodes with two parents hand on half to each. A step of one parent moves the child as much as if the "
            "other did not exist: is there anything to share out?",
        ),
        Misconception(
            "sign",
            "parent.grad += slope",
            "parent.grad -= slope",
            "Sizes are right along a chain, and the sign turns with every arrow. This is how E changes, not a step "
            "downhill: who takes the step, and when?",
        ),
        Misconception(
            "the parent's own gradient",
            "slope * child.grad",
            "slope * parent.grad",
            "Only the last node has a gradient: nothing has been handed on from it. When its turn comes, "
            "does it have its 1 already, and whose grad is it that is multiplied by the slope?",
        ),
        Misconception(
            "every node starts with 1",
            "        for parent, slope",
            "        child.grad = 1.0\n        for parent, slope",
            "Every gradient is 1: what had arrived at a node is replaced when its turn comes. Of which node "
            "alone is it known from the start that its gradient is 1?",
        ),
        Misconception(
            "added instead of multiplied",
            "slope * child.grad",
            "slope + child.grad",
            "Slope and gradient are added. Along one way, what does the chain rule do with the slopes of two arrows?",
        ),
        Misconception(
            "value for gradient",
            "slope * child.grad",
            "slope * child.value",
            "The slope is multiplied by the child's value. How fast the end moves with the child stands "
            "elsewhere: where?",
        ),
        Misconception(
            "first slope for all",
            "slope * child.grad",
            "child.slopes[0] * child.grad",
            "Chains are right. Where a node has two parents, both are handed the same: which slope belongs to "
            "the second?",
        ),
        Misconception(
            "slope looked up by its parent",
            "for parent, slope in zip(child.parents, child.slopes, strict=True):",
            "for parent in child.parents:\n            slope = child.slopes[child.parents.index(parent)]",
            "Nearly all is right. Where a node uses the same parent twice, the slope of the first arrow counts "
            "for both: which of two equal things does `index` find?",
        ),
        Misconception(
            "equal arrows once",
            "zip(child.parents, child.slopes, strict=True)",
            "set(zip(child.parents, child.slopes))",
            "Nearly all is right. Where a node uses the same parent twice with the same slope, as in x · x, "
            "only one of the two arrows counts: does a set hold a thing twice?",
        ),
        Misconception(
            "each parent once",
            "zip(child.parents, child.slopes, strict=True)",
            "dict(zip(child.parents, child.slopes)).items()",
            "Nearly all is right. Where a node uses the same parent twice, as in x · x, only the last of the "
            "two arrows counts: does a dictionary hold a key twice?",
        ),
        Misconception(
            "way by way",
            _PASS,
            "    def follow(n, g):\n        n.grad += g\n        for p, k in zip(n.parents, n.slopes):\n"
            "            follow(p, g * k)\n\n    follow(node, 1.0)\n",
            "Thirty forks in a row have 2³⁰ ways, and here they are followed one by one. "
            "What if each node waited until all had arrived, and handed on once?",
        ),
    ),
    alternatives=(
        Alternative(
            "everything set to 0 first",
            old="    node.grad = 1.0\n    for child in reversed(topological_order(node)):\n",
            new="    order = topological_order(node)\n    for n in order:\n        n.grad = 0.0\n    node.grad = 1.0\n"
            "    for child in order[::-1]:\n",
        ),
        Alternative(
            "gradients in a dict",
            code="""
def backward(node):
    order = topological_order(node)
    arrived = {n: 0.0 for n in order}
    arrived[node] = 1.0
    while order:
        n = order.pop()
        n.grad = arrived[n]
        for i, parent in enumerate(n.parents):
            arrived[parent] = arrived[parent] + n.slopes[i] * arrived[n]
""",
        ),
        Alternative(
            "each node looks for its children",
            code="""
def backward(node):
    order = topological_order(node)
    for n in order[::-1]:
        n.grad = 1.0 if n is node else 0.0
        for child in order:
            for parent, slope in zip(child.parents, child.slopes):
                if parent is n:
                    n.grad += slope * child.grad
""",
        ),
        Alternative(
            "each node collects from its children",
            code="""
def backward(node):
    children = {}
    for n in topological_order(node):
        for parent, slope in zip(n.parents, n.slopes):
            children.setdefault(parent, []).append((n, slope))
    for n in reversed(topological_order(node)):
        n.grad = sum(slope * child.grad for child, slope in children.get(n, [])) if n is not node else 1.0
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "constant: for parent, slope in zip(child.parents, child.slopes, strict=True):"
            " -> for parent, slope in zip(child.parents, child.slopes, strict=False):",
            "every node has as many slopes as parents, which `scalar` sees to",
        ),
    ),
)


EXERCISES = (
    SQUARED_DIFFERENCE_GRADIENTS,
    THROUGH_SIGMOID,
    FORK_BACKWARD,
    SOFTMAX_PAIR,
    MIX_BACKWARD,
    MATMUL_BACKWARD,
    ADD_BIAS_BACKWARD,
    ONE_ROW,
    NUMERICAL_GRADIENT,
    RELATIVE_ERROR,
    COUNT_PARAMETERS,
    SCALAR,
    TOPOLOGICAL_ORDER,
    BACKWARD,
)
