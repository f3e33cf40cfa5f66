"""``10_dropout``: averages over masks, two scalings, masks with an exact count, and the way back through masks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception, attempts
from grader.reference import dropout as reference

Array = NDArray[np.floating[Any]]


def _rate(rng: np.random.Generator, low: bool) -> float:
    """A probability well away from 0, ½ and 1."""
    return round(float(rng.uniform(0.2, 0.4) if low else rng.uniform(0.6, 0.8)), 2)


def _average_cases(rng: np.random.Generator) -> list[Case]:
    """Some units fire even where all of x is dropped."""
    return [
        {
            "x": rng.normal(size=(n, d)).round(2),
            "W": rng.normal(size=(d, h)).round(2),
            "b": (rng.uniform(0.3, 1, size=h) * np.where(np.arange(h) % 2, -1, 1)).round(2),
            "V": rng.normal(size=(h, k)).round(2),
            "p": _rate(rng, low),
        }
        for n, d, h, k, low in [(3, 4, 5, 2, True), (4, 5, 3, 6, False)]
    ]


def _affine_cases(rng: np.random.Generator) -> list[Case]:
    return [{k: v for k, v in case.items() if k != "V"} for case in _average_cases(rng)]


def _layer_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "rows": int(rng.integers(40, 45)),
            "columns": int(rng.integers(46, 52)),
            "p": _rate(rng, low),
            "seed": int(rng.integers(100_000)),
        }
        for low in rng.permutation([True, True, False])
    ]


def _count_cases(rng: np.random.Generator) -> list[Case]:
    """Once a count that is rounded up, once one that is rounded down; row by row it would be another."""
    cases: list[Case] = []
    for up in (True, False):
        for _ in attempts():
            rows, columns = int(rng.integers(4, 8)), int(rng.integers(8, 11))
            ratio = round(float(rng.uniform(0.25, 0.4)), 2)
            exact = ratio * rows * columns
            count, by_rows = round(exact), rows * round(ratio * columns)
            if 0.15 < (count - exact if up else exact - count) < 0.4 and count != by_rows:
                break
        cases.append({"rows": rows, "columns": columns, "ratio": ratio, "seed": int(rng.integers(100_000))})
    return cases


def _backward_cases(rng: np.random.Generator) -> list[Case]:
    cases: list[Case] = []
    for sizes, n, p in [((4, 6, 5, 7, 3), 8, 0.25), ((5, 3, 7, 4, 6), 9, 0.4)]:
        case: Case = {"X": rng.normal(size=(n, sizes[0])).round(2)}
        case["T"] = np.eye(sizes[-1])[rng.integers(sizes[-1], size=n)]
        for k, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
            case[f"W{k}"] = rng.normal(size=(n_in, n_out)).round(2)
            case[f"b{k}"] = rng.normal(size=n_out).round(2)
        for k in (1, 2, 3):
            for _ in attempts():
                kept = rng.random((n, sizes[k])) >= p
                both_ways = [kept.any(axis=0), ~kept.all(axis=0), kept.any(axis=1)]
                if all(np.all(each) for each in both_ways):
                    break
            case[f"R{k}"] = kept / (1 - p)
        cases.append(case)
    return cases


_WEIGHT = "p ** (D - kept) * (1 - p) ** kept"
_ADDED = f"average = average + {_WEIGHT} * f(x * mask)"

AVERAGE_OVER_MASKS = Exercise(
    name="average_over_masks",
    source="S2 §9.2 (dropout as ensemble learning)",
    cases=_average_cases,
    reference={"average_over_masks": reference.average_over_masks},
    misconceptions=(
        Misconception(
            "all masks alike",
            _WEIGHT,
            "0.5**D",
            "You give every mask the same weight. With p = 0.1 most units are kept nearly always: "
            "is the mask that drops all of them as likely as the one that drops none?",
        ),
        Misconception(
            "dropping and keeping exchanged",
            _WEIGHT,
            "(1 - p) ** (D - kept) * p**kept",
            "Your average is the right one for 1 − p in place of p. "
            "Which of the two probabilities belongs to a 0 in the mask?",
        ),
        Misconception(
            "added up without weights",
            f"{_WEIGHT} * f(",
            "f(",
            "You add up all sub-networks, and the sum grows with their number. "
            "By what is each multiplied, so that the weights add up to 1?",
        ),
        Misconception(
            "the empty mask left out",
            _ADDED,
            f"if kept > 0:\n            {_ADDED}",
            "Your weights add up to a little less than 1: the mask that drops every unit is missing. "
            "What does f say of a row of zeros, and how likely is it?",
        ),
        Misconception(
            "the full mask left out",
            _ADDED,
            f"if kept < D:\n            {_ADDED}",
            "Your weights add up to less than 1: the mask that drops no unit is missing. "
            "Is the whole network not one of the 2ᴰ?",
        ),
        Misconception(
            "f of the average",
            "return average",
            "return f((1 - p) * x)",
            "Right for an affine f, and for no other. You average the inputs and then apply f once; "
            "asked for is the average of what f says. When are the two the same?",
        ),
        Misconception(
            "numbers of masks counted twice",
            _WEIGHT,
            f"__import__('math').comb(D, kept) * {_WEIGHT}",
            "Your weight is the probability that this *many* units are kept. The loop comes by each mask of that "
            "kind anyway: how likely is this one mask?",
        ),
        Misconception(
            "kept units scaled",
            "f(x * mask)",
            "f(x * mask / (1 - p))",
            "You enlarge the units that are kept. Later in this notebook that will have its place; "
            "what does f get here when a mask holds 0 and 1 only?",
        ),
        Misconception(
            "only the last mask counts",
            "average = average + p",
            "average = p",
            "Only the last mask of the loop is left in your result. What happens to what the others gave?",
        ),
        Misconception(
            "only the kept ones weigh",
            _WEIGHT,
            "(1 - p) ** kept",
            "Your weights add up to more than 1. A mask needs its kept units to be kept and the others to be dropped: "
            "which of these two has no factor with you?",
        ),
        Misconception(
            "divided by the number of masks",
            "return average",
            "return average / 2**D",
            "Your average is 1/2ᴰ of what it should be. The probabilities of all masks add up to 1: "
            "by what is there still to divide?",
        ),
        Misconception(
            "returned in the loop",
            "\n    return average",
            "\n        return average",
            "Your result holds one mask alone, the one that drops everything. "
            "After how many masks does your function come to its `return`?",
        ),
        Misconception(
            "a sum in place of powers",
            _WEIGHT,
            "(p * (D - kept) + (1 - p) * kept)",
            "You add up the probabilities of the single units. That a first unit is kept *and* a second one, "
            "each with probability 0.9: is that 1.8?",
        ),
    ),
    alternatives=(
        Alternative(
            "unit by unit",
            code="""
def average_over_masks(f, x, p, unit=0):
    if unit == x.shape[1]:
        return f(x)
    without = x.copy()
    without[:, unit] = 0
    return p * average_over_masks(f, without, p, unit + 1) + (1 - p) * average_over_masks(f, x, p, unit + 1)
""",
        ),
        Alternative(
            "bits of a number",
            code="""
def average_over_masks(f, x, p):
    D = x.shape[1]
    masks = (np.arange(2**D)[:, None] >> np.arange(D)) & 1
    chances = np.where(masks == 1, 1 - p, p).prod(axis=1)
    return sum(c * f(x * m) for c, m in zip(chances, masks))
""",
        ),
        Alternative(
            "all at once",
            code="""
def average_over_masks(f, x, p):
    masks = np.array(list(product([False, True], repeat=x.shape[1])))
    chance = np.prod(np.where(masks, 1 - p, p), axis=1)
    return np.tensordot(chance, np.stack([f(np.where(m, x, 0.0)) for m in masks]), axes=1)
""",
        ),
    ),
)

_MEAN = "(1 - p) * (x @ W) + b"

EXPECTED_OUTPUT = Exercise(
    name="expected_output",
    source="S2 §9.2 (Y = X (1 - p) during prediction)",
    cases=_affine_cases,
    reference={"expected_output": reference.expected_output},
    misconceptions=(
        Misconception(
            "bias shrunk as well",
            _MEAN,
            "(1 - p) * (x @ W + b)",
            "You shrink b as well. Units of x are dropped; is b ever dropped?",
        ),
        Misconception(
            "p for 1 - p",
            _MEAN,
            "p * (x @ W) + b",
            "You multiply by the probability of dropping. With p = 0.1 a unit is there nine times in ten: "
            "which share of x W is left on average?",
        ),
        Misconception(
            "nothing shrunk",
            _MEAN,
            "x @ W + b",
            "This is what comes out when nothing is dropped. By which factor is a unit smaller on average "
            "when it is 0 in a share p of all cases?",
        ),
        Misconception(
            "divided",
            _MEAN,
            "(x @ W) / (1 - p) + b",
            "Your mean is further from b than with all units present. Can dropping units make their sum larger?",
        ),
        Misconception(
            "shrunk twice",
            _MEAN,
            "(1 - p) * x @ ((1 - p) * W) + b",
            "You shrink the inputs and the weights. A unit that is dropped takes part once: "
            "how often may 1 − p stand in front of one product x w?",
        ),
        Misconception(
            "half",
            _MEAN,
            "0.5 * (x @ W) + b",
            "Right for p = ½ only: you let every mask count alike. How likely is a unit to be kept?",
        ),
        Misconception(
            "bias forgotten",
            _MEAN,
            "(1 - p) * (x @ W)",
            "Your result lacks the same row in every row. Which term of the affine layer is the same for all samples?",
        ),
        Misconception(
            "outputs dropped",
            _MEAN,
            "x @ W + (1 - p) * b",
            "You shrink b and leave x W as it is. Which of the two is multiplied by a mask?",
        ),
        Misconception(
            "brackets forgotten",
            _MEAN,
            "1 - p * (x @ W) + b",
            "Your result is 1, less p times x W, plus b: a product goes before a difference. "
            "Which difference has to be there before anything is multiplied?",
        ),
    ),
    alternatives=(
        Alternative("weights shrunk", old=_MEAN, new="x @ (W * (1 - p)) + b"),
        Alternative("inputs shrunk", old=_MEAN, new="(x - p * x) @ W + b"),
        Alternative("counted", old=_MEAN, new="average_over_masks(lambda z: z @ W + b, x, p)"),
        Alternative(
            "loop",
            code="""
def expected_output(x, W, b, p):
    y = np.zeros((len(x), W.shape[1]))
    for n in range(len(x)):
        for h in range(W.shape[1]):
            y[n, h] = b[h]
            for d in range(len(W)):
                y[n, h] += (1 - p) * x[n, d] * W[d, h]
    return y
""",
        ),
    ),
)

_DRAW = "self.rng.random(x.shape)"
_FRESH = f"self.mask = {_DRAW} >= self.p"
_BACK = "return dout * self.mask"
_BRANCH = "if not self.training:\n            return x * (1 - self.p)\n        "
_EXCHANGED = (
    "In training nothing is dropped, and `backward` finds no mask. "
    "In which of the two modes does your `forward` draw one, and what does `self.training` say there?"
)
_SAME_BOUND = "a number drawn by rng.random() equals p exactly with a probability of 2⁻⁵³"


def _drawing_mistakes(draw: str, fresh: str, positive: str) -> tuple[Misconception, ...]:
    """Mistakes about when, by whom and for whom masks are drawn, which both layers share."""
    return (
        Misconception(
            "drawn again on the way back",
            _BACK,
            _BACK.replace("self.mask", f"({fresh.removeprefix('self.mask = ')})").replace("x.shape", "dout.shape"),
            "On the way back you drop units too, but others than on the way forward: some that were kept get nothing, "
            "and some that were 0 get a gradient. Which mask stood in y = x ⊙ m?",
        ),
        Misconception(
            "no mask on the way back",
            _BACK,
            "return dout",
            "Units that were dropped get a gradient, though E does not depend on their x. "
            "What is ∂y/∂x where the mask holds a 0?",
        ),
        Misconception(
            "one mask for ever",
            fresh,
            f'if not hasattr(self, "mask"):\n            {fresh}',
            "Two forwards of one layer drop the same units: they never learn, and the others have nothing to fear. "
            "When should a mask be drawn?",
        ),
        Misconception(
            "one row for the whole batch",
            draw,
            "self.rng.random(x.shape[1])",
            "In each batch the same units are dropped for all samples. The mask should have an entry of its own for "
            "each entry of x: which shape is that?",
        ),
        Misconception(
            "whole samples dropped",
            draw,
            "self.rng.random((len(x), 1))",
            "A sample loses all of its units or none. Should units fall one by one or together? "
            "How many numbers does one row of the mask need?",
        ),
        Misconception(
            "not from rng",
            draw,
            "np.random.random(x.shape)",
            "The masks are as they should be, but a layer made with the same seed drops other units: nobody can repeat "
            "your run. Which generator was the layer given, and which one draws?",
        ),
        Misconception(
            "seeded anew at each forward",
            draw,
            "np.random.default_rng(0).random(x.shape)",
            "The same units are dropped at every forward, and with another seed as well. "
            "How often should a generator be made, and who has made one already?",
        ),
        Misconception(
            "x overwritten",
            "return x * self.mask",
            "x *= self.mask\n        return x",
            "y is right, and x is no longer what it was: the layer below may still need it on its own way back. "
            "Which line writes into x itself?",
        ),
        Misconception(
            "comparison forgotten",
            f"{draw} >= self.p",
            draw,
            "Your mask holds fractions: every unit comes through, each multiplied by another number. "
            "Which question to a number from `rng.random` has the answers kept and dropped?",
        ),
        Misconception(
            "a coin for each unit",
            f"{draw} >= self.p",
            "self.rng.integers(0, 2, x.shape)",
            "Half of your units fall, whatever p is. Where does p enter into your draw?",
        ),
        Misconception(
            "normal numbers",
            draw,
            "self.rng.normal(size=x.shape)",
            "Where p is small you drop far too many. Of the numbers that `rng.normal` draws, six in ten lie below 0.3: "
            "of which numbers does a share p lie below p?",
        ),
        Misconception(
            "the mask alone on the way back",
            _BACK,
            "return self.mask",
            "What comes back is the mask, whatever came in from above. Which two things does dx depend on?",
        ),
        Misconception(
            "kept means positive",
            "return x * self.mask",
            f"y = x * self.mask\n        self.mask = {positive}\n        return y",
            "On the way back some units that were kept get nothing: those with a negative x. "
            "By what is a unit that was dropped known?",
        ),
        Misconception(
            "backward still empty",
            _BACK,
            "raise NotImplementedError()",
            "`backward` still raises NotImplementedError, so nothing can be said of the way back. "
            "What does a unit that was dropped hand on?",
        ),
    )


def _layer_alternatives(name: str, scaled: str, predicting: str) -> tuple[Alternative, ...]:
    """Other ways of drawing; ``scaled`` is applied to a mask of 0 and 1."""

    def written(draw: str, back: str = "dout * self.m") -> str:
        return f"""
class {name}(Layer):
    def __init__(self, p, rng):
        super().__init__()
        self.p, self.rng = p, rng

    def forward(self, x):
        if self.training:
            self.m = {draw}{scaled}
            return x * self.m
        return {predicting}

    def backward(self, dout):
        return {back}
"""

    return (
        Alternative("binomial", code=written("self.rng.binomial(1, 1 - self.p, x.shape)")),
        Alternative("choice", code=written("self.rng.choice([0, 1], p=[self.p, 1 - self.p], size=x.shape)")),
        Alternative("32-bit mask", code=written("(self.rng.random(x.shape) > self.p).astype(np.float32)")),
        Alternative("32-bit draw", code=written("(self.rng.random(x.shape, dtype=np.float32) >= self.p)")),
        Alternative("the other end", code=written("(self.rng.random(x.shape) < 1 - self.p)")),
        Alternative(
            "row by row",
            code=written("np.array([[u >= self.p for u in self.rng.random(x.shape[1])] for row in x])"),
        ),
        Alternative("column by column", code=written("(self.rng.random(x.shape[::-1]).T >= self.p)")),
        Alternative(
            "uniform and where",
            code=written("np.where(self.rng.uniform(0, 1, x.shape) < self.p, 0.0, 1.0)", "np.multiply(self.m, dout)"),
        ),
    )


DROPOUT = Exercise(
    name="dropout",
    source="S2 §9.2",
    cases=_layer_cases,
    reference={"Dropout": reference.Dropout},
    rtol=1e-5,
    misconceptions=(
        Misconception(
            "p taken as the probability of keeping",
            f"{_DRAW} >= self.p",
            f"{_DRAW} < self.p",
            "You drop a share of 1 − p. In this course p is the probability of dropping: "
            "for which of the numbers that `rng.random` draws does a unit have to go?",
        ),
        Misconception(
            "scaled by p when predicting",
            "x * (1 - self.p)",
            "x * self.p",
            "When predicting you multiply by p. With p = 0.2 a unit was there four times in five: "
            "which share of it did the next layer see on average?",
        ),
        Misconception(
            "p taken as the probability of keeping, all through",
            f"return x * (1 - self.p)\n        {_FRESH}",
            f"return x * self.p\n        self.mask = {_DRAW} < self.p",
            "All fits together, with p as the probability of keeping, as some sources have it. "
            "Which of the two does the task say it is?",
        ),
        Misconception(
            "not scaled when predicting",
            "return x * (1 - self.p)",
            "return x",
            "When predicting, all units come at full size. While training the next layer saw a share 1 − p of them: "
            "what does it get now, compared with what it is used to?",
        ),
        Misconception(
            "enlarged when predicting",
            "x * (1 - self.p)",
            "x / (1 - self.p)",
            "When predicting, all units are there, and you enlarge them besides. "
            "Did the next layer see more or less of them on average while training?",
        ),
        Misconception(
            "enlarged on the way back",
            _BACK,
            f"{_BACK} / (1 - self.p)",
            "On the way back kept units get more than came in from above. On the way forward y = x there: "
            "what is the slope?",
        ),
        Misconception(
            "the other convention",
            f"return x * (1 - self.p)\n        {_FRESH}",
            f"return x\n        self.mask = ({_DRAW} >= self.p) / (1 - self.p)",
            "This is dropout, but with the scaling at the other time: kept units are enlarged while training. "
            "Section 4 asks for that one. Where does the table of this section put the 1 − p?",
        ),
        Misconception(
            "scaled at both times",
            _FRESH,
            f"self.mask = ({_DRAW} >= self.p) / (1 - self.p)",
            "You enlarge kept units while training, and shrink all when predicting. "
            "What is the mean of m with you, and is anything left to be made up for afterwards?",
        ),
        Misconception(
            "dropped when predicting too",
            _BRANCH,
            "",
            "When predicting, units are dropped as well, so the same x gives another answer each time. "
            "What does `self.training` say?",
        ),
        Misconception(
            "shrunk on the way back",
            _BACK,
            f"{_BACK} * (1 - self.p)",
            "On the way back kept units get a share 1 − p of their gradient. On the way forward y = x there: "
            "what is the slope?",
        ),
        Misconception(
            "modes exchanged",
            "if not self.training",
            "if self.training",
            _EXCHANGED,
        ),
        *_drawing_mistakes(_DRAW, _FRESH, "y > 0"),
    ),
    alternatives=_layer_alternatives("Dropout", "", "x - self.p * x"),
    equivalent=(
        Equivalent(
            "comparison: self.mask = self.rng.random(x.shape) >= self.p"
            " -> self.mask = self.rng.random(x.shape) > self.p",
            _SAME_BOUND,
        ),
    ),
)

_SCALED = f"self.mask = ({_DRAW} >= self.p) / (1 - self.p)"
_UNSCALED_BRANCH = "if not self.training:\n            return x\n        "

INVERTED_DROPOUT = Exercise(
    name="inverted_dropout",
    source="S1 Dropout (1 / (1 - ratio))",
    cases=_layer_cases,
    reference={"InvertedDropout": reference.InvertedDropout},
    rtol=1e-5,
    misconceptions=(
        Misconception(
            "p taken as the probability of keeping",
            f"{_DRAW} >= self.p",
            f"{_DRAW} < self.p",
            "You drop a share of 1 − p. In this course p is the probability of dropping: "
            "for which of the numbers that `rng.random` draws does a unit have to go?",
        ),
        Misconception(
            "p taken as the probability of keeping, all through",
            _SCALED,
            f"self.mask = ({_DRAW} < self.p) / self.p",
            "All fits together, with p as the probability of keeping, as some sources have it. "
            "Which of the two does the task say it is?",
        ),
        Misconception(
            "divided by p",
            "/ (1 - self.p)",
            "/ self.p",
            "Kept units are divided by p. With p = 0.2 that makes them five times as large, though four of five are "
            "kept: how much has to be made up for?",
        ),
        Misconception(
            "multiplied by 1 - p",
            "/ (1 - self.p)",
            "* (1 - self.p)",
            "You shrink the units that are kept. Others are missing beside them: "
            "do those that are left have to get smaller or larger for the sum to stay?",
        ),
        Misconception(
            "not scaled at all",
            _SCALED,
            f"self.mask = {_DRAW} >= self.p",
            "Kept units come through as they are, while training and when predicting. "
            "What is the mean of y while training, and what is y when predicting?",
        ),
        Misconception(
            "the other convention",
            f"return x\n        {_SCALED}",
            f"return x * (1 - self.p)\n        self.mask = {_DRAW} >= self.p",
            "This is the layer of section 3, which shrinks when predicting. "
            "At which time does the inverted one scale, and by what?",
        ),
        Misconception(
            "scaled at both times",
            "return x\n",
            "return x * (1 - self.p)\n",
            "You enlarge kept units while training, and shrink all when predicting. "
            "What is the mean of m, and is anything left to be made up for afterwards?",
        ),
        Misconception(
            "enlarged at both times",
            "return x\n",
            "return x / (1 - self.p)\n",
            "You enlarge what is kept while training, and everything when predicting. "
            "Where no unit is missing, what is there to make up for?",
        ),
        Misconception(
            "enlarged when predicting",
            f"return x\n        {_SCALED}",
            f"return x / (1 - self.p)\n        self.mask = {_DRAW} >= self.p",
            "The factor 1/(1 − p) comes when predicting, where no unit is missing. "
            "When is there something to make up for?",
        ),
        Misconception(
            "dropped when predicting too",
            _UNSCALED_BRANCH,
            "",
            "When predicting, units are dropped as well, so the same x gives another answer each time. "
            "What does `self.training` say?",
        ),
        Misconception(
            "the factor left out on the way back",
            _BACK,
            "return dout * (self.mask > 0)",
            "The right units get a gradient, and each too small a one. If x of a kept unit grows by 1, "
            "by how much does y grow?",
        ),
        Misconception(
            "the factor twice on the way back",
            _BACK,
            f"{_BACK} / (1 - self.p)",
            "Kept units get too large a gradient. The factor 1/(1 − p) is in your mask already: "
            "how often does it stand in ∂y/∂x?",
        ),
        *_drawing_mistakes(_DRAW, _SCALED, "(y > 0) / (1 - self.p)"),
        Misconception(
            "modes exchanged",
            "if not self.training",
            "if self.training",
            _EXCHANGED,
        ),
    ),
    alternatives=(
        *_layer_alternatives("InvertedDropout", " / (1 - self.p)", "x"),
        Alternative(
            "built on the other layer",
            code="""
class InvertedDropout(Dropout):
    def forward(self, x):
        return super().forward(x) / (1 - self.p)

    def backward(self, dout):
        return super().backward(dout) / (1 - self.p)
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "comparison: self.mask = (self.rng.random(x.shape) >= self.p) / (1 - self.p)"
            " -> self.mask = (self.rng.random(x.shape) > self.p) / (1 - self.p)",
            _SAME_BOUND,
        ),
    ),
)

_CHOSEN = "mask[rng.choice(size, round(ratio * size), replace=False)] = 0.0"

EXACT_COUNT_MASK = Exercise(
    name="exact_count_mask",
    source="S1 Dropout(h, ratio)",
    cases=_count_cases,
    reference={"exact_count_mask": reference.exact_count_mask},
    misconceptions=(
        Misconception(
            "ratio taken as the share to keep",
            "round(ratio * size)",
            "round((1 - ratio) * size)",
            "You drop as many as should be kept. What does ratio count, and how many zeros are asked for?",
        ),
        Misconception(
            "with replacement",
            "replace=False",
            "replace=True",
            "The number of zeros is too small and changes from mask to mask: some entries were chosen twice. "
            "What happens to a ball after it was drawn?",
        ),
        Misconception(
            "rounded down",
            "round(ratio * size)",
            "int(ratio * size)",
            "Where ratio · size is 8.8 you drop 8. What does `int` do with the digits after the point?",
        ),
        Misconception(
            "rounded up",
            "round(ratio * size)",
            "int(np.ceil(ratio * size))",
            "Where ratio · size is 8.2 you drop 9. Which whole number is nearest?",
        ),
        Misconception(
            "counted row by row",
            f"{_CHOSEN}\n    return mask.reshape(shape)",
            "mask = mask.reshape(shape)\n    for row in mask:\n"
            "        row[rng.choice(shape[1], round(ratio * shape[1]), replace=False)] = 0.0\n    return mask",
            "Each of your rows loses the same number of entries, and these do not add up to what is asked for. "
            "Over which entries is the count meant: those of a row, or of the whole mask?",
        ),
        Misconception(
            "drawn entry by entry",
            _CHOSEN,
            "mask[rng.random(size) < ratio] = 0.0",
            "The number of zeros changes from mask to mask, as in the layers before. "
            "Here it is fixed: how do you choose so many of the entries and no more?",
        ),
        Misconception(
            "always the first entries",
            _CHOSEN,
            "mask[: round(ratio * size)] = 0.0",
            "The number is right, and it is always the same entries. Who decides which ones?",
        ),
        Misconception(
            "only rows shuffled",
            f"{_CHOSEN}\n    return mask.reshape(shape)",
            "mask[: round(ratio * size)] = 0.0\n    return rng.permutation(mask.reshape(shape))",
            "Your zeros stand together in rows. Of an array with two axes `rng.permutation` mixes the rows and leaves "
            "each as it is: at which moment is the mask still one long row?",
        ),
        Misconception(
            "not scaled",
            "np.full(size, 1 / (1 - ratio))",
            "np.full(size, 1.0)",
            "The zeros are right, and all others are 1. What is the mean of your mask, and what should it be near?",
        ),
        Misconception(
            "divided by ratio",
            "np.full(size, 1 / (1 - ratio))",
            "np.full(size, 1 / ratio)",
            "The entries that are kept are 1/ratio. The share that is left is 1 − ratio: which factor makes up for it?",
        ),
        Misconception(
            "shrunk",
            "np.full(size, 1 / (1 - ratio))",
            "np.full(size, 1 - ratio)",
            "The entries that are kept are below 1. Others are missing beside them: "
            "do those that are left have to get smaller or larger?",
        ),
        Misconception(
            "scaled by the share that is left",
            "np.full(size, 1 / (1 - ratio))",
            "np.full(size, size / (size - round(ratio * size)))",
            "The mean of your mask is exactly 1, which is a sound idea and not what is asked for: "
            "in the table of this section the factor comes from ratio alone. Which one is that?",
        ),
        Misconception(
            "not from rng",
            "rng.choice",
            "np.random.choice",
            "The masks are as they should be, but the same seed gives others each time. "
            "Which generator were you handed, and which one draws?",
        ),
        Misconception(
            "seeded anew at each call",
            "rng.choice",
            "np.random.default_rng(0).choice",
            "Every call gives the same mask. How often should a generator be made, and who has made one already?",
        ),
        Misconception(
            "1 where an entry falls",
            "return mask.reshape(shape)",
            "return (mask == 0).reshape(shape)",
            "As many entries are 0 as should be kept, and all others are 1. Is your mask true where an entry stays or "
            "where it falls, and what does a kept entry have to be?",
        ),
    ),
    alternatives=(
        Alternative(
            "permutation of all places", old=_CHOSEN, new="mask[rng.permutation(size)[: round(ratio * size)]] = 0.0"
        ),
        Alternative(
            "as in the source: the kept ones are chosen",
            code="""
def exact_count_mask(shape, ratio, rng):
    mask = np.zeros(shape[0] * shape[1])
    number = round(mask.size * (1 - ratio))
    mask[rng.choice(mask.size, number, replace=False)] = 1.0 / (1.0 - ratio)
    return np.reshape(mask, shape)
""",
        ),
        Alternative(
            "shuffled in place",
            code="""
def exact_count_mask(shape, ratio, rng):
    size = shape[0] * shape[1]
    flat = np.array([0.0] * round(ratio * size) + [1 / (1 - ratio)] * (size - round(ratio * size)))
    rng.shuffle(flat)
    return flat.reshape(shape)
""",
        ),
        Alternative(
            "the smallest of random numbers",
            code="""
def exact_count_mask(shape, ratio, rng):
    order = rng.random(shape).ravel().argsort().argsort().reshape(shape)
    return np.where(order < round(ratio * order.size), 0.0, 1.0) / (1 - ratio)
""",
        ),
    ),
)

_Y = 'sigmoid(cache[f"A{k - 1}"])'
_DOUT = 'dout = dout @ params[f"W{k}"].T * cache[f"R{k - 1}"] * Y * (1 - Y)'
_R = 'cache[f"R{k - 1}"]'

MASKED_BACKWARD = Exercise(
    name="masked_backward",
    source="S1 back_sigmoid, forward_dropout",
    cases=_backward_cases,
    reference={"masked_backward": reference.masked_backward},
    misconceptions=(
        Misconception(
            "as published",
            f"Y = {_Y}\n            {_DOUT}",
            f'Y = sigmoid(cache[f"H{{k - 1}}"])\n            {_DOUT.replace(_R + " * ", "")}',
            "This is the pass as it was published: the last layer is right and all below it is wrong. "
            "What does H of a dropped unit do when its A moves? And has σ been applied to your H already?",
        ),
        Misconception(
            "sigmoid of the activation",
            _Y,
            'sigmoid(cache[f"H{k - 1}"])',
            "The masks are in, and the slope is taken at the wrong place: you apply σ to something that σ has "
            "made already. Which entry of the cache comes before the bend?",
        ),
        Misconception(
            "masks forgotten",
            _R + " * ",
            "",
            "The slopes are right, but units that were dropped receive a gradient. "
            "H is σ(A) times R: which of the two factors of its derivative is missing?",
        ),
        Misconception(
            "slope of the masked output",
            _Y,
            'cache[f"H{k - 1}"]',
            "h (1 − h) is the slope if h is what σ returned. Here a kept unit's h has been multiplied by 1/(1 − p). "
            "From what can σ(a) itself be had?",
        ),
        Misconception(
            "slope of the masked output, no mask",
            f"Y = {_Y}\n            {_DOUT}",
            f'Y = cache[f"H{{k - 1}}"]\n            {_DOUT.replace(_R + " * ", "")}',
            "It is true that h (1 − h) is 0 for a dropped unit. But for a kept one h has been multiplied by 1/(1 − p), "
            "and may lie above 1: what is the slope then?",
        ),
        Misconception(
            "the factor left out",
            _R,
            f"({_R} > 0)",
            "Dropped units get nothing, as they should, and kept ones get too little. "
            "On the way forward a kept unit was multiplied by 1/(1 − p): what does that do to its slope?",
        ),
        Misconception(
            "the mask twice",
            _R,
            f"{_R} ** 2",
            "Dropped units get nothing, as they should, and kept ones get too much. "
            "How often does R stand in H = σ(A) ⊙ R?",
        ),
        Misconception(
            "weights' gradient without masks",
            '"W{k}"] = cache[f"H{k - 1}"].T @ dout',
            '"W{k}"] = (sigmoid(cache[f"A{k - 1}"]) if k > 1 else cache["H0"]).T @ dout',
            "The biases are right, and so is W1. A weight's gradient is what came in through it times dout: "
            "what did a dropped unit send?",
        ),
        Misconception(
            "no slope at all",
            " * Y * (1 - Y)",
            "",
            "The masks are there, and the bend is not: going back you pass σ as if it were not there. "
            "What is its slope, in terms of what it returns?",
        ),
        Misconception(
            "not averaged",
            'cache["P"] - T) / len(T)',
            'cache["P"] - T)',
            "All gradients are N times what they should be. E is a mean over the batch: where does its 1/N come in?",
        ),
        Misconception(
            "averaged a second time",
            "dout.sum(axis=0)",
            "dout.mean(axis=0)",
            "The weights are right, and the biases' gradients are 1/N of what they should be. "
            "Where was the 1/N of the mean paid already?",
        ),
        Misconception(
            "wrong sign",
            'cache["P"] - T)',
            'T - cache["P"])',
            "All gradients have the right size and the wrong sign. What is ∂E/∂score for a class with t = 0: "
            "does E grow or fall when its score grows?",
        ),
        Misconception(
            "half of the slope",
            " * Y * (1 - Y)",
            " * Y",
            "The slope of σ goes to 0 at both ends, where Y is near 0 and where Y is near 1. "
            "At which end is your factor not 0?",
        ),
        Misconception(
            "slope of the sum",
            _Y,
            'cache[f"A{k - 1}"]',
            "You compute a(1 − a) with the sum a itself. What has to be done to a before y(1 − y) is the slope of σ?",
        ),
    ),
    alternatives=(
        Alternative(
            "out of layers",
            code="""
def masked_backward(cache, params, T):
    dout, grads = (cache["P"] - T) / len(T), {}
    for k in (4, 3, 2, 1):
        layer = Affine(params[f"W{k}"], params[f"b{k}"])
        layer.forward(cache[f"H{k - 1}"])
        dout = layer.backward(dout)
        grads[f"W{k}"], grads[f"b{k}"] = layer.grads["W"], layer.grads["b"]
        if k > 1:
            bend = Sigmoid()
            bend.forward(cache[f"A{k - 1}"])
            dout = bend.backward(dout * cache[f"R{k - 1}"])
    return grads
""",
        ),
        Alternative(
            "written out",
            code="""
def masked_backward(cache, params, T):
    c, w = cache, params
    d4 = (c["P"] - T) / T.shape[0]
    d3 = (d4 @ w["W4"].T) * c["R3"] * sigmoid(c["A3"]) * sigmoid(-c["A3"])
    d2 = (d3 @ w["W3"].T) * c["R2"] * sigmoid(c["A2"]) * sigmoid(-c["A2"])
    d1 = (d2 @ w["W2"].T) * c["R1"] * sigmoid(c["A1"]) * sigmoid(-c["A1"])
    return {
        "W1": c["H0"].T @ d1, "b1": d1.sum(0), "W2": c["H1"].T @ d2, "b2": d2.sum(0),
        "W3": c["H2"].T @ d3, "b3": d3.sum(0), "W4": c["H3"].T @ d4, "b4": d4.sum(0),
    }
""",
        ),
        Alternative(
            "masked output times the rest",
            old=_DOUT,
            new='dout = dout @ params[f"W{k}"].T * cache[f"H{k - 1}"] * (1 - Y)',
        ),
    ),
)

EXERCISES = (
    AVERAGE_OVER_MASKS,
    EXPECTED_OUTPUT,
    DROPOUT,
    INVERTED_DROPOUT,
    EXACT_COUNT_MASK,
    MASKED_BACKWARD,
)
