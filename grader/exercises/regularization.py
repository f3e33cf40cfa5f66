"""``11_regularization``: what a network may not do, when it has to stop, and what else there is to learn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception
from grader.reference import regularization

Array = NDArray[np.float64]


def _away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of both signs between 0.2 and 2, whose sum is far from 0."""
    signs = rng.choice([-1.0, 1.0], p=[0.3, 0.7], size=shape)
    signs.flat[:2] = [-1.0, 1.0]
    return (signs * rng.uniform(0.2, 2, size=shape)).round(2)


def _penalty_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "W1": _away_from_zero(rng, (d, h)),
            "W3": _away_from_zero(rng, (h, k)),
            "alpha": round(float(rng.uniform(low, low + 0.1)), 2),
        }
        for d, h, k, low in [(4, 3, 2, 0.1), (2, 5, 3, 0.3)]
    ]


def _sparse_cases(rng: np.random.Generator) -> list[Case]:
    """As for L2, and in each matrix one weight of exactly 0, as a threshold leaves behind."""
    cases = _penalty_cases(rng)
    for case in cases:
        case["W1"][1, 1] = case["W3"][1, 0] = 0.0
    return cases


def _decay_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "W": _away_from_zero(rng, shape),
            "gradient": _away_from_zero(rng, shape),
            "lr": round(float(rng.uniform(0.2, 0.45)), 2),
            "alpha": round(float(rng.uniform(0.1, 0.3)), 2),
        }
        for shape in [(3, 2), (2, 4)]
    ]


def _threshold_cases(rng: np.random.Generator) -> list[Case]:
    """Below, at and above the threshold, of both signs, and 0."""
    cases = []
    for d, h in [(3, 4), (5, 2)]:
        threshold = round(float(rng.uniform(0.3, 0.6)), 2)
        sizes = threshold * rng.permutation(np.append([0.0, 1.0, 1.0], rng.uniform(0.2, 3, size=d * h - 3)))
        W = sizes * rng.choice([-1.0, 1.0], size=d * h)
        W = np.concatenate([W, [-2 * threshold, 2.5 * threshold, -0.4 * threshold, 0.7 * threshold]])
        cases.append({"W": W.reshape(-1, 2).round(2), "threshold": threshold})
    return cases


_RUNS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (3, (9, 7, 8, 10, 4, 11, 5, 6, 2, 1)),
    (2, (6, 3, 3, 5, 4, 2, 1, 0)),
    (4, (10, 8, 9, 11, 6, 7, 5, 12, 3)),
    (1, (5, 4, 2, 3, 1, 0)),
)
"""Patience, and the ranks of the losses. They stop after 8 and 4 epochs, not at all, and after 4, whose loss is nan."""


def _stopping_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for (patience, ranks), (d, h) in zip(_RUNS, [(3, 2), (2, 4), (2, 3), (4, 3)], strict=True):
        levels = 0.1 + np.cumsum(rng.uniform(0.05, 0.2, size=13)).round(2)
        cases.append(
            {
                "patience": patience,
                "losses": levels[list(ranks)].round(2),
                "lost": 4 if patience == 1 else 0,
                "W": rng.normal(size=(d, h)).round(2),
                "b": rng.normal(size=h).round(2),
                "steps": rng.uniform(0.1, 1, size=len(ranks)).round(2),
            }
        )
    return cases


def _image_cases(rng: np.random.Generator) -> list[Case]:
    """Four directions, once along one axis only. No pixel is 0, and no image is square."""
    sizes = [(2, 4, 3), (3, 4, 5), (3, 5, 4), (2, 3, 5), (4, 5, 3)]
    moves = [(1, 2), (-1, -2), (2, -1), (0, 3), (-2, 0)]
    return [
        {"images": rng.uniform(0.1, 1, size=size).round(2), "down": down, "right": right}
        for size, (down, right) in zip(sizes, moves, strict=True)
    ]


def _label_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "T": np.eye(k)[np.append(rng.permutation(k), rng.integers(0, k, size=n - k))],
            "epsilon": round(float(rng.uniform(low, low + 0.1)), 2),
        }
        for n, k, low in [(5, 3, 0.1), (6, 4, 0.25)]
    ]


def _ensemble_cases(rng: np.random.Generator) -> list[Case]:
    """Moderate scores, and in the last case scores of up to a thousand and more."""
    return [
        {
            "X": _away_from_zero(rng, (n, d)),
            "W": (size * _away_from_zero(rng, (m, d, k))).round(2),
            "b": (size * rng.normal(size=(m, k))).round(2),
            "factor": round(float(rng.uniform(1.5, 2.5)), 2),
        }
        for m, n, d, k, size in [(3, 5, 2, 4, 0.7), (4, 3, 2, 5, 1.0), (3, 4, 2, 5, 400.0)]
    ]


_WEIGHTS = 'if name.startswith("W")'
_OTHERS = (
    "Value and gradients take in every parameter, also biases, gamma and beta. A bias moves all samples alike and "
    "cannot bend anything: which names belong to what a penalty is meant for?"
)
_GAMMA = (
    "Biases and beta are left alone, but gamma is counted in. It scales a normalized unit and is no weight: is it "
    "enough to say which names are out, or which are in?"
)
_IN_PLACE = (
    "What you return is right, but the array that you were handed is no longer what it was. The caller may still need "
    "it: which operations make a new array, and which ones write into the old one?"
)
_LOST = (
    "What you return is right, but entries of the dict that you were handed are gone, and the network still needs "
    "them. How do you leave biases out of a sum without taking them away?"
)
_LAST_ONLY = "The value is that of the last weight matrix alone: what happens to the first one's share?"
_SQUARES = "sum(np.sum(W**2) for W in weights.values())"
_SIZES = "sum(np.sum(np.abs(W)) for W in weights.values())"

L2_PENALTY = Exercise(
    name="l2_penalty",
    source="S2 §9.1, S4 L2 regularization, S0",
    cases=_penalty_cases,
    reference={"l2_penalty": regularization.l2_penalty},
    misconceptions=(
        Misconception(
            "factor 2 dropped",
            "2 * alpha * W",
            "alpha * W",
            "Every gradient is half of what it should be. Move one w of 3 by 0.01: by how much does w² change?",
        ),
        Misconception(
            "half the penalty",
            f"alpha * {_SQUARES}\n    return value, {{name: 2 * alpha * W",
            f"alpha / 2 * {_SQUARES}\n    return value, {{name: alpha * W",
            "Value and gradients are both half of what is asked for, so they belong together: this is the penalty "
            "written with ½. Which α of the course has the same effect as a strength c with ½c in front?",
        ),
        Misconception("every parameter", _WEIGHTS, "if True", _OTHERS),
        Misconception("all but names with b", _WEIGHTS, 'if not name.startswith("b")', _GAMMA),
        Misconception(
            "strength missing in the gradient",
            "2 * alpha * W",
            "2 * W",
            "The gradients are those of ΣW², whatever α is. What is the gradient of the value that you return?",
        ),
        Misconception(
            "strength missing in the value",
            f"alpha * {_SQUARES}",
            _SQUARES,
            "The value is that of ΣW², whatever α is. How much dearer should the weights be when α is twice as large?",
        ),
        Misconception(
            "product with the transposed",
            "np.sum(W**2)",
            "np.sum(W @ W.T)",
            "The value is not a sum of squares: it also has products of different weights in it, which may be "
            "negative. Which entries of W Wᵀ would you have to add up to get ΣW²?",
        ),
        Misconception(
            "root of the sum",
            f"alpha * {_SQUARES}",
            f"alpha * np.sqrt({_SQUARES})",
            "The value is α times the length √ΣW². Which of the two has the gradient 2αW: the length, or its square?",
        ),
        Misconception(
            "mean instead of sum",
            "np.sum(W**2)",
            "np.mean(W**2)",
            "The value averages over the entries of each matrix. Should a weight cost less "
            "because it has more neighbours?",
        ),
        Misconception("only the last matrix", _SQUARES, "[np.sum(W**2) for W in weights.values()][-1]", _LAST_ONLY),
        Misconception(
            "only the first matrix",
            f"alpha * {_SQUARES}\n    return value, {{name: 2 * alpha * W for name, W in weights.items()}}",
            'alpha * np.sum(weights["W1"] ** 2)\n    return value, {"W1": 2 * alpha * weights["W1"]}',
            "Value and gradients know of the first weight matrix alone. If there is a loop: how often has it turned "
            "when the function returns?",
        ),
        Misconception(
            "lengths not squared",
            "np.sum(W**2)",
            "np.linalg.norm(W)",
            "The value is α times the sum of the lengths √ΣW² of the matrices. What has the gradient 2αW: a length, or "
            "its square?",
        ),
        Misconception(
            "strength squared as well",
            f"alpha * {_SQUARES}",
            "sum(np.sum((alpha * W) ** 2) for W in weights.values())",
            "The value grows with α². How much dearer should the weights be when α is twice as large?",
        ),
        Misconception(
            "biases taken out of the dict",
            "    weights = {",
            "    for name in [name for name in params if name[0] != 'W']:\n        del params[name]\n    weights = {",
            _LOST,
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            code="""
def l2_penalty(params, alpha):
    value, grads = 0.0, {}
    for name in params:
        if name[0] == "W":
            for w in params[name].ravel():
                value += alpha * w * w
            grads[name] = 2 * alpha * params[name]
    return value, grads
""",
        ),
        Alternative(
            "zeros for the others",
            code="""
def l2_penalty(params, alpha):
    strength = {name: alpha * name.startswith("W") for name in params}
    value = sum(strength[name] * np.vdot(array, array) for name, array in params.items())
    return value, {name: 2 * strength[name] * array for name, array in params.items()}
""",
        ),
        Alternative(
            "a list of two",
            old="return value, {name: 2 * alpha * W for name, W in weights.items()}",
            new="return [value, {name: 2 * alpha * W for name, W in weights.items()}]",
        ),
        Alternative("norms", old="np.sum(W**2)", new="np.linalg.norm(W) ** 2"),
    ),
)

L1_PENALTY = Exercise(
    name="l1_penalty",
    source="S2 §9.1",
    cases=_sparse_cases,
    reference={"l1_penalty": regularization.l1_penalty},
    misconceptions=(
        Misconception(
            "without the sizes",
            "np.sum(np.abs(W))",
            "np.sum(W)",
            "In your value a weight of −2 takes off what a weight of 2 adds. What does a weight of −2 cost?",
        ),
        Misconception(
            "size of the sum",
            "np.sum(np.abs(W))",
            "np.abs(np.sum(W))",
            "Your value adds the weights up first, so that those of different signs cancel: "
            "in which order do sum and size belong?",
        ),
        Misconception(
            "no sign",
            "alpha * np.sign(W)",
            "alpha * np.ones(W.shape)",
            "Your gradient is α for every weight, so a step makes all of them smaller, also those "
            "below 0. Which way is towards 0 for a weight of −2?",
        ),
        Misconception(
            "the weight instead of its sign",
            "alpha * np.sign(W)",
            "alpha * W",
            "Your gradient grows with the weight, as that of L2 does. By how much does |w| change "
            "when a w of 3 moves by 0.01, and when a w of 0.3 does?",
        ),
        Misconception(
            "size instead of sign",
            "alpha * np.sign(W)",
            "alpha * np.abs(W)",
            "Your gradient is never below 0: what is the slope of |w| on the left of 0?",
        ),
        Misconception(
            "zero counted as positive",
            "np.sign(W)",
            "np.where(W >= 0, 1.0, -1.0)",
            "Where a weight is exactly 0 you pull by α. A weight that has arrived at 0, which way should it be pulled?",
        ),
        Misconception(
            "zero counted as negative",
            "np.sign(W)",
            "np.where(W > 0, 1.0, -1.0)",
            "Where a weight is exactly 0 you pull by −α. A weight that is at 0 already, which way should it be pulled?",
        ),
        Misconception(
            "the gradient of L2",
            "alpha * np.sign(W)",
            "2 * alpha * W",
            "The gradient is still that of L2, and grows with the weight. By how much does |w| change "
            "when a w of 3 moves by 0.01, and when a w of 0.3 does?",
        ),
        Misconception(
            "largest column",
            "np.sum(np.abs(W))",
            "np.linalg.norm(W, 1)",
            "The value counts one column of each matrix, the one with the largest sum of sizes: that is what "
            "`np.linalg.norm(W, 1)` gives for a matrix. Which entries does the price ask for?",
        ),
        Misconception(
            "biases taken out of the dict",
            "    weights = {",
            "    for name in [name for name in params if name[0] != 'W']:\n        del params[name]\n    weights = {",
            _LOST,
        ),
        Misconception(
            "factor 2 of the square",
            "alpha * np.sign(W)",
            "2 * alpha * np.sign(W)",
            "Every gradient is twice as large as it should be. Where does the 2 of L2 come "
            "from, and is there a square here?",
        ),
        Misconception(
            "strength missing in the gradient",
            "alpha * np.sign(W)",
            "np.sign(W)",
            "Every weight is pulled by 1, whatever α is. What is the gradient of the value that you return?",
        ),
        Misconception("every parameter", _WEIGHTS, "if True", _OTHERS),
        Misconception("all but names with b", _WEIGHTS, 'if not name.startswith("b")', _GAMMA),
        Misconception(
            "squares",
            "np.sum(np.abs(W))",
            "np.sum(W**2)",
            "The value is that of L2. What does a weight of 3 cost here: 3α or 9α?",
        ),
        Misconception(
            "only the last matrix",
            _SIZES,
            "[np.sum(np.abs(W)) for W in weights.values()][-1]",
            _LAST_ONLY,
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            code="""
def l1_penalty(params, alpha):
    value, grads = 0.0, {}
    for name, W in params.items():
        if not name.startswith("W"):
            continue
        grads[name] = np.zeros_like(W)
        for place, w in np.ndenumerate(W):
            value += alpha * abs(w)
            grads[name][place] = alpha if w > 0 else -alpha if w < 0 else 0.0
    return value, grads
""",
        ),
        Alternative("two comparisons", old="np.sign(W)", new="((W > 0) * 1.0 - (W < 0) * 1.0)"),
        Alternative("sign times weight", old="np.sum(np.abs(W))", new="np.sum(W * np.sign(W))"),
    ),
)

_STEP = "(1 - 2 * alpha * lr) * W - lr * gradient"

DECAY_STEP = Exercise(
    name="decay_step",
    source="S4 update rule with L2 regularization",
    cases=_decay_cases,
    reference={"decay_step": regularization.decay_step},
    misconceptions=(
        Misconception(
            "factor 2 dropped",
            "(1 - 2 * alpha * lr)",
            "(1 - alpha * lr)",
            "You shrink by half of what is asked for; that belongs to a penalty with ½ in front. "
            "What is the gradient of α w²?",
        ),
        Misconception(
            "rate missing in the decay",
            "(1 - 2 * alpha * lr)",
            "(1 - 2 * alpha)",
            "You shrink by 2α however short the step is. The penalty's gradient is part of the gradient: "
            "what is a gradient multiplied by in a step?",
        ),
        Misconception(
            "shrunk after the step",
            _STEP,
            "(1 - 2 * alpha * lr) * (W - lr * gradient)",
            "You shrink the gradient's part of the step as well. Write −λ(g + 2αW) out: at which W was the penalty's "
            "gradient taken, the old one or the new one?",
        ),
        Misconception(
            "brackets missing",
            "(1 - 2 * alpha * lr) * W",
            "1 - 2 * alpha * lr * W",
            "Your result has a 1 in it that no weight multiplies. What does the factor 1 − 2αλ stand before?",
        ),
        Misconception(
            "shrunk twice",
            "(1 - 2 * alpha * lr)",
            "(1 - 4 * alpha * lr)",
            "You shrink by twice what is asked for. The factor before W is the penalty's whole part of the step: where "
            "else does it come in?",
        ),
        Misconception(
            "grows",
            "(1 - 2 * alpha * lr)",
            "(1 + 2 * alpha * lr)",
            "With gradient 0 your W gets larger from step to step. Which way does descent on α w² go?",
        ),
        Misconception(
            "uphill",
            "- lr * gradient",
            "+ lr * gradient",
            "The shrinking is right; then you go along the gradient. Where does it point: to where E grows, or falls?",
        ),
        Misconception(
            "rate missing at the gradient",
            "- lr * gradient",
            "- gradient",
            "The shrinking is right; from the gradient you take the whole, whatever the learning rate. "
            "How long is a step?",
        ),
        Misconception(
            "only the decay",
            _STEP,
            "(1 - 2 * alpha * lr) * W",
            "Your W shrinks, and the gradient of E has no say. What of the step is left when α = 0?",
        ),
        Misconception(
            "no decay",
            _STEP,
            "W - lr * gradient",
            "This is the step without a penalty: α does not occur. By which factor does W shrink when the gradient "
            "of E is 0?",
        ),
        Misconception(
            "in place",
            f"return {_STEP}",
            "W *= 1 - 2 * alpha * lr\n    W -= lr * gradient\n    return W",
            _IN_PLACE,
        ),
    ),
    alternatives=(
        Alternative("both gradients added first", old=_STEP, new="W - lr * (gradient + 2 * alpha * W)"),
        Alternative(
            "through the penalty",
            code="""
def decay_step(W, gradient, lr, alpha):
    pull = l2_penalty({"W": W}, alpha)[1]["W"]
    return W - lr * pull - lr * gradient
""",
        ),
        Alternative(
            "a copy, changed in place",
            code="""
def decay_step(W, gradient, lr, alpha):
    new = W.copy()
    new *= 1 - 2 * alpha * lr
    new -= lr * gradient
    return new
""",
        ),
    ),
)

_SHRUNK = "np.sign(W) * np.maximum(np.abs(W) - threshold, 0.0)"

SOFT_THRESHOLD = Exercise(
    name="soft_threshold",
    source="S2 §9.1 sparsification effect",
    cases=_threshold_cases,
    reference={"soft_threshold": regularization.soft_threshold},
    misconceptions=(
        Misconception(
            "hard threshold",
            _SHRUNK,
            "np.where(np.abs(W) > threshold, W, 0.0)",
            "Small weights become 0, as they should; the others stay what they were. The pull is the same for all: "
            "what is left of a weight of 3 under a threshold of 1?",
        ),
        Misconception(
            "steps over zero",
            _SHRUNK,
            "W - threshold * np.sign(W)",
            "Large weights are right. Small ones come out on the other side of 0, and none of them is 0. "
            "How far may a weight of 0.3 be moved towards 0?",
        ),
        Misconception(
            "sign lost",
            _SHRUNK,
            "np.maximum(np.abs(W) - threshold, 0.0)",
            "The sizes are right, but no result is below 0. What should a weight of −3 become under a threshold of 1?",
        ),
        Misconception(
            "only downwards",
            _SHRUNK,
            "np.maximum(W - threshold, 0.0)",
            "Positive weights are right, all negative ones become 0. Which way is towards 0 from −3?",
        ),
        Misconception(
            "negative ones pushed away",
            _SHRUNK,
            "np.where(np.abs(W) > threshold, W - threshold, 0.0)",
            "Positive weights are right, and small ones. A large negative weight gets even larger: "
            "which way is towards 0 from −3?",
        ),
        Misconception(
            "clipped",
            _SHRUNK,
            "np.clip(W, -threshold, threshold)",
            "Your small weights stay and the large ones are cut off. You return what soft thresholding takes away: "
            "what of a weight of 3 is left under a threshold of 1?",
        ),
        Misconception(
            "larger ones kept at the threshold's distance",
            "np.maximum(np.abs(W) - threshold, 0.0)",
            "np.maximum(np.abs(W), threshold)",
            "No size of yours is below the threshold, except that of 0: small weights were made larger. "
            "Which of two is meant to be the larger one: the size and the threshold, or what is left and 0?",
        ),
        Misconception(
            "largest of a column",
            "np.maximum(np.abs(W) - threshold, 0.0)",
            "np.max(np.abs(W) - threshold, 0)",
            "All your results in a column have one size, that of its largest. `np.max(a, 0)` is the largest along axis "
            "0: is it the larger of two that you want, or the largest of many?",
        ),
        Misconception(
            "threshold taken before the size",
            "np.maximum(np.abs(W) - threshold, 0.0)",
            "np.abs(W - threshold)",
            "Your sizes are |w − threshold|, so −3 gets larger under a threshold of 1. Which comes first, the size "
            "or the threshold?",
        ),
        Misconception(
            "the weight instead of its sign",
            "np.sign(W)",
            "W",
            "What is left of the size is multiplied by the weight itself. By what has a size to be multiplied to point "
            "the right way and keep its length?",
        ),
        Misconception(
            "smaller instead of larger",
            "np.maximum(np.abs(W) - threshold, 0.0)",
            "np.minimum(np.abs(W) - threshold, 0.0)",
            "Large weights become 0, small ones come out on the other side of 0. When the size has fallen below 0, "
            "which of the two is meant to count: it or the 0?",
        ),
        Misconception(
            "a share instead of an amount",
            "np.maximum(np.abs(W) - threshold, 0.0)",
            "np.abs(W) * (1 - threshold)",
            "Every weight loses the same share, so none arrives at 0. Under L1 each loses the same amount: "
            "how much do 3 and 0.3 lose at a threshold of 1?",
        ),
        Misconception(
            "in place",
            f"return {_SHRUNK}",
            f"W[...] = {_SHRUNK}\n    return W",
            _IN_PLACE,
        ),
    ),
    alternatives=(
        Alternative("what is left after clipping", old=_SHRUNK, new="W - np.clip(W, -threshold, threshold)"),
        Alternative("two sides", old=_SHRUNK, new="np.maximum(W - threshold, 0.0) + np.minimum(W + threshold, 0.0)"),
        Alternative(
            "loop",
            code="""
def soft_threshold(W, threshold):
    shrunk = np.zeros(W.shape)
    for place, w in np.ndenumerate(W):
        if w > threshold:
            shrunk[place] = w - threshold
        elif w < -threshold:
            shrunk[place] = w + threshold
    return shrunk
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "swapped: return np.sign(W) * np.maximum(np.abs(W) - threshold, 0.0)"
            " -> return np.sign(W) * np.maximum(0.0, np.abs(W) - threshold)",
            "the larger of two numbers does not depend on their order",
        ),
    ),
)

_BETTER = "loss < self.best_loss"
_COPIES = "{name: array.copy() for name, array in params.items()}"
_RESET = "self.best_loss, self.waited = loss, 0"
_COUNT = "self.waited += 1"
_NEW_BEST = f"        if {_BETTER}:\n            {_RESET}\n            self.best_params = {_COPIES}\n        else:"

EARLY_STOPPING = Exercise(
    name="early_stopping",
    source="S2 §9 early stopping",
    cases=_stopping_cases,
    reference={"EarlyStopping": regularization.EarlyStopping},
    misconceptions=(
        Misconception(
            "no copies",
            _COPIES,
            "dict(params)",
            "The best parameters are not those of the best epoch: they went on changing after it, to the very end. "
            "What does the network do with its arrays in the next step, and what do you hold?",
        ),
        Misconception(
            "the last parameters",
            f"\n            self.best_params = {_COPIES}\n        else:",
            f"\n        else:\n            self.best_params = {_COPIES}",
            "What it kept is from a later epoch than the best one. Which epochs are worth a copy?",
        ),
        Misconception(
            "kept at every epoch",
            _NEW_BEST,
            f"        self.best_params = {_COPIES}\n        if {_BETTER}:\n            {_RESET}\n        else:",
            "The arrays that you kept are those of the last epoch trained. From which epoch should they be?",
        ),
        Misconception(
            "kept when stopping",
            f"{_NEW_BEST}\n            {_COUNT}\n",
            f"        if {_BETTER}:\n            {_RESET}\n        else:\n            {_COUNT}\n"
            f"        if self.waited >= self.patience:\n            self.best_params = {_COPIES}\n",
            "The arrays that you kept are those of the epoch in which you stop, and where you never stop there are "
            "none. From which epoch should they be?",
        ),
        Misconception(
            "count never reset",
            _RESET,
            "self.best_loss = loss",
            "It stops too early where the loss reached a new best in between. Epochs *in a row* without a best: "
            "what becomes of the object's own count when there is one?",
        ),
        Misconception(
            "best loss never kept",
            _RESET,
            "self.waited = 0",
            "`best_loss` is still infinity in the end, whatever losses came. The next call finds only what was written "
            "into the object, under `self.`: what should it find there after a new best?",
        ),
        Misconception(
            "counted from the first epoch",
            f"{_RESET}\n            self.best_params = {_COPIES}\n        else:\n            {_COUNT}",
            f"self.best_loss = loss\n            self.best_params = {_COPIES}\n        {_COUNT}",
            "You stop after as many epochs as the patience, counted from the very first. Which epochs does the "
            "patience count?",
        ),
        Misconception(
            "a best epoch counts as waiting",
            _RESET,
            "self.best_loss, self.waited = loss, 1",
            "You stop an epoch too early: with patience 1 after the very first, which is a best. How many epochs "
            "without a best have gone by at the moment of a best?",
        ),
        Misconception(
            "count stays at one",
            _COUNT,
            "self.waited = 1",
            "With patience 1 you stop in time, with more never: the count does not get beyond 1. What should it be "
            "after the second bad epoch in a row?",
        ),
        Misconception(
            "stops where it should go on",
            "self.waited >= self.patience",
            "self.waited < self.patience",
            "It says stop after the very first epoch, whatever the patience. True means that it is time: what has "
            "to be true of the count then?",
        ),
        Misconception(
            "best loss set before it is compared",
            f"if {_BETTER}:",
            f"self.best_loss = loss\n        if {_BETTER}:",
            "No epoch counts as a best, and `best_loss` is the loss of the last one. If the new loss is already in "
            "there when you compare, which of the two can be lower?",
        ),
        Misconception(
            "the smaller of both taken before the comparison",
            f"if {_BETTER}:",
            f"self.best_loss = min(self.best_loss, loss)\n        if {_BETTER}:",
            "`best_loss` is right, and yet no epoch counts as a best. If the new loss is already in there when you "
            "compare, which of the two can be lower?",
        ),
        Misconception(
            "equal is better",
            _BETTER,
            "loss <= self.best_loss",
            "Where the loss only comes back to the best, you count it as better and start waiting anew. "
            "Has anything improved?",
        ),
        Misconception(
            "one epoch more",
            "self.waited >= self.patience",
            "self.waited > self.patience",
            "You stop an epoch too late: with patience 1 the first epoch that is no better is the last. "
            "At which count is the patience used up?",
        ),
        Misconception(
            "better than the epoch before",
            f"if {_BETTER}:",
            "last, self.last = self.__dict__.get('last', np.inf), loss\n        if loss < last:",
            "A loss that is lower than the one before counts as a best with you, though an earlier one was lower "
            "still. Which loss has to be beaten?",
        ),
        Misconception(
            "no patience",
            "return self.waited >= self.patience",
            "return self.waited > 0",
            "You stop at the first epoch that is no better, whatever the patience. A single epoch can be bad luck: "
            "how many does the object wait for?",
        ),
        Misconception(
            "never stops",
            "return self.waited >= self.patience",
            "return False",
            "You go on to the last epoch: it never says that it is time to stop. Which two numbers tell?",
        ),
        Misconception(
            "higher is better",
            _BETTER,
            "loss > self.best_loss",
            "No loss is ever a new best with you: `best_loss` starts at infinity. Which losses are good ones, the high "
            "or the low?",
        ),
        Misconception(
            "nan counts as better",
            _BETTER,
            "not loss >= self.best_loss",
            "A loss of nan became the best with you, and nothing can beat it. Every comparison with nan is False: "
            "which way round has yours to be asked?",
        ),
    ),
    alternatives=(
        Alternative(
            "early return",
            code="""
class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.waited = patience, 0
        self.best_loss, self.best_params = np.inf, {}

    def update(self, loss, params):
        self.waited += 1
        if loss < self.best_loss:
            self.waited = 0
            self.best_loss = loss
            for name in params:
                self.best_params[name] = np.array(params[name])
        return self.waited == self.patience
""",
        ),
        Alternative(
            "all losses kept",
            code="""
class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.losses = patience, []
        self.best_loss, self.best_params = np.inf, {}

    def update(self, loss, params):
        self.losses.append(np.inf if np.isnan(loss) else loss)
        best = int(np.argmin(self.losses))
        if best == len(self.losses) - 1:
            self.best_loss = loss
            self.best_params = {name: 1 * array for name, array in params.items()}
        return len(self.losses) - 1 - best >= self.patience
""",
        ),
    ),
)

_PADDED = "np.pad(images, ((0, 0), (margin, margin), (margin, margin)))"
_CUT = "wide[:, margin - down : margin - down + height, margin - right : margin - right + width]"

SHIFT_IMAGES = Exercise(
    name="shift_images",
    source="S2 §9 dataset augmentation; S4 parameter sharing (an object may appear anywhere)",
    cases=_image_cases,
    reference={"shift_images": regularization.shift_images},
    misconceptions=(
        Misconception(
            "rolled",
            f"return {_CUT}",
            "return np.roll(images, (down, right), axis=(1, 2))",
            "What leaves on one side comes in again on the other. Where is the ink that has moved out of the frame?",
        ),
        Misconception(
            "the other way",
            _CUT,
            "wide[:, margin + down : margin + down + height, margin + right : margin + right + width]",
            "Your images move, but the other way: up where down is asked for, left instead of right. If you begin to "
            "cut further up, where does the picture come to lie in your cut?",
        ),
        Misconception(
            "up instead of down",
            "margin - down : margin - down + height",
            "margin + down : margin + down + height",
            "Right and left are right, but down is up with you. If you begin to cut further up, where does the picture "
            "come to lie in your cut?",
        ),
        Misconception(
            "left instead of right",
            "margin - right : margin - right + width",
            "margin + right : margin + right + width",
            "Up and down are right, but right is left with you. If you begin to cut further left, where does the "
            "picture come to lie in your cut?",
        ),
        Misconception(
            "down and right exchanged",
            _CUT,
            _CUT.replace("- down", "- @").replace("- right", "- down").replace("- @", "- right"),
            "You move to the right by what is asked for downwards, and the other way round. Which axis of "
            "(N, H, W) is down?",
        ),
        Misconception(
            "edge drawn out",
            _PADDED,
            _PADDED[:-1] + ', mode="edge")',
            "What enters the frame is a copy of its edge. Outside of a digit there is no ink: which number stands "
            "for that?",
        ),
        Misconception(
            "direction ignored",
            _CUT,
            _CUT.replace("- down", "- abs(down)").replace("- right", "- abs(right)"),
            "Right where both numbers are positive or 0. What is −1 down?",
        ),
        Misconception(
            "only down",
            _CUT,
            "wide[:, margin - down : margin - down + height, margin : margin + width]",
            "Your images move up and down and never sideways. Which of the three axes is left?",
        ),
        Misconception(
            "only to the right",
            _CUT,
            "wide[:, margin : margin + height, margin - right : margin - right + width]",
            "Your images move sideways and never up or down. Which of the three axes is left?",
        ),
        Misconception(
            "positive slices only",
            f"return {_CUT}",
            "shifted = np.zeros_like(images)\n"
            "    shifted[:, down:, right:] = images[:, : height - down, : width - right]\n"
            "    return shifted",
            "Right where both numbers are positive or 0; with a negative one there is a ValueError. As the bound of "
            "a slice a negative number counts from the end, and a margin cannot be less than 0: which rows go where, "
            "when a picture moves up?",
        ),
        Misconception(
            "in place",
            f"return {_CUT}",
            f"images[...] = {_CUT}\n    return images",
            _IN_PLACE,
        ),
    ),
    alternatives=(
        Alternative(
            "two slices",
            code="""
def shift_images(images, down, right):
    shifted = np.zeros_like(images)
    H, W = images.shape[1:]
    to = (slice(max(down, 0), H + min(down, 0)), slice(max(right, 0), W + min(right, 0)))
    source = (slice(max(-down, 0), H + min(-down, 0)), slice(max(-right, 0), W + min(-right, 0)))
    shifted[:, to[0], to[1]] = images[:, source[0], source[1]]
    return shifted
""",
        ),
        Alternative(
            "rolled and wiped",
            code="""
def shift_images(images, down, right):
    moved = np.roll(images, (down, right), axis=(1, 2))
    rows = slice(0, down) if down > 0 else slice(images.shape[1] + down, None)
    columns = slice(0, right) if right > 0 else slice(images.shape[2] + right, None)
    moved[:, rows] = 0
    moved[:, :, columns] = 0
    return moved
""",
        ),
        Alternative(
            "loop over pixels",
            code="""
def shift_images(images, down, right):
    shifted = np.zeros(images.shape)
    for n, i, j in np.ndindex(images.shape):
        if 0 <= i + down < images.shape[1] and 0 <= j + right < images.shape[2]:
            shifted[n, i + down, j + right] = images[n, i, j]
    return shifted
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "swapped: margin = max(abs(down), abs(right)) -> margin = max(abs(right), abs(down))",
            "the larger of two numbers does not depend on their order",
        ),
    ),
)

_SMOOTHED = "(1 - epsilon) * T + epsilon / T.shape[1]"

SMOOTH_LABELS = Exercise(
    name="smooth_labels",
    source="S2 §9 noise injection for output values",
    cases=_label_cases,
    reference={"smooth_labels": regularization.smooth_labels},
    misconceptions=(
        Misconception(
            "shared among the wrong classes only",
            _SMOOTHED,
            "(1 - epsilon) * T + (1 - T) * epsilon / (T.shape[1] - 1)",
            "Rows add up to 1, and the right class gets 1 − ε. Here ε is shared among all K classes: "
            "does the right one get a part of it, too?",
        ),
        Misconception(
            "nothing taken away",
            _SMOOTHED,
            "T + epsilon / T.shape[1]",
            "Your rows add up to 1 + ε. If every class is given ε/K, from whom was it taken?",
        ),
        Misconception(
            "not divided among the classes",
            _SMOOTHED,
            "(1 - epsilon) * T + epsilon",
            "Every class gets all of ε, so a row adds up to more than 1. Among how many is ε shared?",
        ),
        Misconception(
            "divided by the samples",
            "T.shape[1]",
            "len(T)",
            "You share ε among the rows: a row no longer adds up to 1. Which axis of (N, K) are the classes?",
        ),
        Misconception(
            "ten classes",
            "T.shape[1]",
            "10",
            "You share ε among ten. How many columns has this T?",
        ),
        Misconception(
            "divided by all entries",
            "T.shape[1]",
            "T.size",
            "You share ε among all entries of T: a row no longer adds up to 1. Which axis of (N, K) are the classes?",
        ),
        Misconception(
            "clipped",
            _SMOOTHED,
            "np.clip(T, epsilon / T.shape[1], 1 - epsilon)",
            "The wrong classes are right, the right one has 1 − ε: rows add up to less than 1. What is missing?",
        ),
        Misconception(
            "clipped at both ends",
            _SMOOTHED,
            "np.clip(T, epsilon, 1 - epsilon)",
            "Every wrong class has all of ε, the right one 1 − ε. What do they add up to?",
        ),
        Misconception(
            "exchanged",
            _SMOOTHED,
            "epsilon * T + (1 - epsilon) / T.shape[1]",
            "With ε = 0, your targets are all 1/K, and with ε = 1 they are those you were given. Which share is meant "
            "to be small?",
        ),
        Misconception(
            "right class only",
            _SMOOTHED,
            "(1 - epsilon) * T",
            "The right class has given away ε, and nobody has got it. What do your rows add up to?",
        ),
        Misconception(
            "in place",
            f"return {_SMOOTHED}",
            "T *= 1 - epsilon\n    T += epsilon / T.shape[1]\n    return T",
            _IN_PLACE,
        ),
    ),
    alternatives=(
        Alternative(
            "where",
            old=_SMOOTHED,
            new="np.where(T == 1, 1 - epsilon + epsilon / T.shape[1], epsilon / T.shape[1])",
        ),
        Alternative("mean of two targets", old=_SMOOTHED, new="T + epsilon * (np.full(T.shape, 1 / T.shape[1]) - T)"),
        Alternative(
            "loop",
            code="""
def smooth_labels(T, epsilon):
    smoothed = np.empty(T.shape)
    for n, row in enumerate(T):
        for k, t in enumerate(row):
            smoothed[n, k] = (1 - epsilon) * t + epsilon / len(row)
    return smoothed
""",
        ),
    ),
)

_MEAN = "np.mean([softmax(network.predict(X)) for network in networks], axis=0)"

ENSEMBLE_PREDICT = Exercise(
    name="ensemble_predict",
    source="S2 §9 ensemble learning",
    cases=_ensemble_cases,
    reference={"ensemble_predict": regularization.ensemble_predict},
    misconceptions=(
        Misconception(
            "scores averaged",
            _MEAN,
            "softmax(np.mean([network.predict(X) for network in networks], axis=0))",
            "Your rows add up to 1, but a network with large scores drowns out the others. What is it that should "
            "count equally: a network's scores, or its probabilities?",
        ),
        Misconception(
            "no softmax",
            _MEAN,
            "np.mean([network.predict(X) for network in networks], axis=0)",
            "Your numbers are mean scores, and some lie below 0 or above 1. What turns scores into probabilities?",
        ),
        Misconception(
            "sum instead of mean",
            "np.mean([",
            "np.sum([",
            "Your rows add up to the number of networks. What does the mean divide by?",
        ),
        Misconception(
            "one vote each",
            _MEAN,
            "np.mean([np.eye(p.shape[1])[p.argmax(axis=1)] for p in map(softmax, [n.predict(X) for n in networks])], "
            "axis=0)",
            "You count votes: each network says 1 for its first choice and 0 for all others. What becomes of a network "
            "that is only 51 % sure?",
        ),
        Misconception(
            "training mode",
            "softmax(network.predict(X))",
            "softmax(network.forward(X))",
            "Your networks answer in training mode, as if units were still being dropped. Which method puts a "
            "network into inference mode first?",
        ),
        Misconception(
            "only one network",
            _MEAN,
            "softmax(networks[-1].predict(X))",
            "These are the probabilities of the last network alone. Where do the others come in?",
        ),
        Misconception(
            "only the first network",
            _MEAN,
            "softmax(networks[0].predict(X))",
            "These are the probabilities of the first network alone. If there is a loop: how often has it turned when "
            "the function returns?",
        ),
        Misconception(
            "divided by the samples",
            _MEAN,
            "np.sum([softmax(network.predict(X)) for network in networks], axis=0) / len(X)",
            "The sum over the networks is right; you divide it by the number of samples. How many answers were "
            "added up?",
        ),
        Misconception(
            "softmax along the samples",
            _MEAN,
            "np.mean(softmax(np.array([network.predict(X) for network in networks])), axis=0)",
            "Your rows do not add up to 1: the softmax of the toolbox works along axis 1. In an array (M, N, K), what "
            "lies along axis 1?",
        ),
        Misconception(
            "left in inference mode",
            "softmax(network.predict(X)) for network",
            "(network.eval(), softmax(network.forward(X)))[1] for network",
            "The probabilities are right, but afterwards the networks are in inference mode, and training would go on "
            "without dropout. Which method puts a network back as it was?",
        ),
        Misconception(
            "averaged over the samples",
            "for network in networks], axis=0)",
            "for network in networks], axis=1)",
            "Your result has a row for each network: the mean went over the samples. A list of M arrays (N, K) "
            "becomes (M, N, K): along which axis lie the networks?",
        ),
        Misconception(
            "largest instead of mean",
            "np.mean([",
            "np.max([",
            "You take the largest probability that any network gives, so a row adds up to more than 1. "
            "What should two networks that disagree say together?",
        ),
        Misconception(
            "softmax of the mean probabilities",
            _MEAN,
            f"softmax({_MEAN})",
            "The means were probabilities already, and you take their softmax once more, which flattens them. "
            "What does a mean of rows that add up to 1 add up to?",
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            code="""
def ensemble_predict(networks, X):
    total = 0.0
    for network in networks:
        total = total + softmax(network.predict(X))
    return total / len(networks)
""",
        ),
        Alternative(
            "modes by hand",
            code="""
def ensemble_predict(networks, X):
    found = []
    for network in networks:
        network.eval()
        scores = network.forward(X)
        network.train()
        found.append(softmax(scores))
    return np.stack(found).mean(axis=0)
""",
        ),
        Alternative(
            "own softmax",
            code="""
def ensemble_predict(networks, X):
    S = np.stack([network.predict(X) for network in networks])
    E = np.exp(S - S.max(axis=2, keepdims=True))
    return (E / E.sum(axis=2, keepdims=True)).sum(axis=0) / len(S)
""",
        ),
    ),
)

EXERCISES = (
    L2_PENALTY,
    DECAY_STEP,
    L1_PENALTY,
    SOFT_THRESHOLD,
    EARLY_STOPPING,
    SHIFT_IMAGES,
    SMOOTH_LABELS,
    ENSEMBLE_PREDICT,
)
