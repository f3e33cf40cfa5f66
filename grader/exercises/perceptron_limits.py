"""``01_perceptron_limits``: one sigmoid unit, its training, and what no line can do."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception
from grader.reference import perceptron


def _labels(rng: np.random.Generator, n: int) -> np.ndarray:
    """Labels (n, 1), both classes present."""
    y = (rng.random((n, 1)) < 0.5).astype(float)
    y[:2, 0] = [0.0, 1.0]
    return y


def _prepend_bias_cases(rng: np.random.Generator) -> list[Case]:
    return [{"X": rng.normal(size=shape).round(1)} for shape in [(2, 3), (4, 2), (3, 1)]]


def _sigmoid_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for shape in [(2, 3), (4, 1), (5,)]:
        z = rng.uniform(-3, 3, size=shape).round(2)
        z.flat[:3] = [-1.25, 0.0, 0.5]
        far = rng.integers(900, 1100, size=4) * np.array([-1.0, 1.0, -1.0, 1.0])
        cases.append({"z": z, "far": far})
    whole = np.append(rng.integers(1, 4, size=2) * np.array([-1, 1]), [0, 2]).reshape(2, 2)
    return [*cases, {"z": whole, "far": far}]


def _predict_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"X": rng.normal(size=(n, d)).round(2), "w": rng.normal(size=(d + 1, 1)).round(2)}
        for n, d in [(4, 2), (2, 3), (5, 1)]
    ]


def _bce_loss_cases(rng: np.random.Generator) -> list[Case]:
    cases = [{"y_hat": rng.uniform(0.05, 0.95, size=(n, 1)).round(2), "y": _labels(rng, n)} for n in (3, 5)]
    return [*cases, {"y_hat": rng.uniform(0.05, 0.95, size=(4, 1)).round(2), "y": np.zeros((4, 1))}]


def _bce_gradient_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "X": rng.normal(size=(n, d)).round(2),
            "y": _labels(rng, n),
            "w": rng.normal(size=(d + 1, 1)).round(2),
        }
        for n, d in [(5, 3), (4, 2), (7, 2)]
    ]


def _train_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"X": rng.normal(size=(n, d)).round(2), "y": _labels(rng, n), "lr": lr, "epochs": epochs}
        for n, d, lr, epochs in [(5, 3, 0.3, 4), (6, 2, 1.5, 3), (7, 2, 0.1, 6)]
    ]


def _lift_cases(rng: np.random.Generator) -> list[Case]:
    """A disc in a ring around the origin, half as large to half as large again as the set ``circles``."""
    cases = []
    for size in (rng.uniform(0.5, 0.7), rng.uniform(0.9, 1.1), rng.uniform(1.3, 1.5)):
        n = 80
        y = np.repeat([[1.0], [0.0]], n // 2, axis=0)
        disc, ring = 1.45 * np.sqrt(rng.uniform(size=(n, 1))), rng.uniform(1.75, 2.35, size=(n, 1))
        radius = np.where(y == 1, disc, ring)
        angle = rng.uniform(0, 2 * np.pi, size=(n, 1))
        for start, nearest in ((0, 1.44), (n // 2, 1.76)):  # eight points of each class near the boundary
            radius[start : start + 8], angle[start : start + 8, 0] = nearest, np.arange(8) * np.pi / 4
        X = size * radius * np.hstack([np.cos(angle), np.sin(angle)])
        cases.append({"X": X.round(2), "y": y, "order": rng.permutation(n)[: n // 4]})
    return cases


PREPEND_BIAS = Exercise(
    name="prepend_bias",
    source="S1, Minimize Mean Cross Entropy Using Gradient Descent",
    cases=_prepend_bias_cases,
    reference={"prepend_bias": perceptron.prepend_bias},
    misconceptions=(
        Misconception(
            "ones last",
            "[ones, X]",
            "[X, ones]",
            "Your ones stand in the last column. w[0] will be the bias: which column does it multiply?",
        ),
        Misconception(
            "a one for each feature",
            "np.ones((X.shape[0], 1))",
            "np.ones(X.shape)",
            "You put one column of ones for each feature. There is one bias: how many columns does it need?",
        ),
        Misconception(
            "ones as a row",
            "np.hstack([ones, X])",
            "np.vstack([np.ones((1, X.shape[1])), X])",
            "There is one row more than before. Rows are samples: did a new sample arrive, or a new feature?",
        ),
        Misconception(
            "zeros",
            "np.ones(",
            "np.zeros(",
            "The new column is 0, so whatever weight it meets, 0 comes out. Which constant lets b through unchanged?",
        ),
        Misconception(
            "flattened",
            "np.hstack([ones, X])",
            "np.insert(X, 0, 1)",
            "The rows are gone: all numbers stand in one long array with a single 1. Every sample wants a "
            "1 of its own; along which axis are you adding?",
        ),
        Misconception(
            "first feature overwritten",
            "np.hstack([ones, X])",
            "np.hstack([ones, X[:, 1:]])",
            "There are as many columns as before, and the first feature has become 1. The ones come in "
            "addition: how many columns should leave if D come in?",
        ),
    ),
    alternatives=(
        Alternative("insert", old="np.hstack([ones, X])", new="np.insert(X, 0, 1, axis=1)"),
        Alternative("column_stack", old="np.hstack([ones, X])", new="np.column_stack([np.ones(len(X)), X])"),
        Alternative(
            "filled in place",
            code="""
def prepend_bias(X):
    X1 = np.empty((X.shape[0], X.shape[1] + 1))
    X1[:, 0] = 1
    X1[:, 1:] = X
    return X1
""",
        ),
        Alternative(
            "loop",
            code="""
def prepend_bias(X):
    return np.array([[1.0, *row] for row in X])
""",
        ),
    ),
)

SIGMOID = Exercise(
    name="sigmoid",
    source="S1, Derivative of the sigmoid function; Initializations of weights (overflow)",
    cases=_sigmoid_cases,
    reference={"sigmoid": perceptron.sigmoid},
    misconceptions=(
        Misconception(
            "overflow at -1000",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "return 1 / (1 + np.exp(-z))",
            "On the way to a probability near 0, e^1000 was computed, which no float64 can hold. For negative z, "
            "is there another way to write the same fraction, in which only e^-1000 occurs?",
        ),
        Misconception(
            "overflow at 1000",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "return np.exp(z) / (1 + np.exp(z))",
            "At z = 1000 you get nan: inf divided by inf. Can the fraction be written so that e^1000 never "
            "occurs in it?",
        ),
        Misconception(
            "both forms computed",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))",
            "Your result is right, and there were warnings on the way: np.where is given both forms for *every* "
            "entry and only then picks. Which power of e is safe on both sides of 0, so that both forms can use it?",
        ),
        Misconception(
            "divided by the sum",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "return np.exp(z) / np.sum(np.exp(z))",
            "Your values add up to 1 over the whole array. Here each score is a question of its own, yes or no: "
            "what stands in the denominator of the formula?",
        ),
        Misconception(
            "whole numbers kept",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "p = np.zeros_like(z)\n    p[...] = np.where(z >= 0, 1, small) / (1 + small)\n    return p",
            "Right for scores with decimals; for whole numbers, such as 0, 2 and -2, only zeros came out. Of "
            "which dtype is the array that you fill?",
        ),
        Misconception(
            "sign of z",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "return 1 / (1 + np.exp(z))",
            "Your curve falls: a large score gives a small probability. What is σ(2) in the text, and what is yours?",
        ),
        Misconception(
            "brackets",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "return 1 / 1 + np.exp(-z)",
            "A probability above 1 came out. At z = 0 the formula gives 1/2, yours gives 2: in which "
            "order does Python divide and add?",
        ),
        Misconception(
            "negative side mirrored",
            "np.where(z >= 0, 1, small)",
            "1",
            "No overflow, and right for z >= 0. But a score of -3 gets the probability of +3: the "
            "numerator has to know on which side of 0 it is.",
        ),
        Misconception(
            "tanh",
            "return np.where(z >= 0, 1, small) / (1 + small)",
            "return np.tanh(z)",
            "This curve runs from -1 to 1. It is the sigmoid's sister: which shift and stretch bring it "
            "between 0 and 1, and how steep is it in the middle?",
        ),
    ),
    alternatives=(
        Alternative(
            "tanh of half the logit",
            old="return np.where(z >= 0, 1, small) / (1 + small)",
            new="return 0.5 * (1 + np.tanh(z / 2))",
        ),
        Alternative(
            "two masks",
            code="""
def sigmoid(z):
    p = np.empty(z.shape)
    positive = z >= 0
    p[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    p[~positive] = e / (1 + e)
    return p
""",
        ),
        Alternative(
            "clipped logits",
            code="""
def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))
""",
        ),
        Alternative(
            "loop",
            code="""
def sigmoid(z):
    p = np.empty(z.shape)
    for i in np.ndindex(z.shape):
        e = np.exp(-abs(z[i]))
        p[i] = 1 / (1 + e) if z[i] > 0 else e / (1 + e)
    return p
""",
        ),
        Alternative(
            "without comparison",
            old="np.where(z >= 0, 1, small)",
            new="np.exp(np.minimum(z, 0))",
        ),
    ),
    equivalent=(
        Equivalent(
            "comparison: return np.where(z >= 0, 1, small) / (1 + small) -> return np.where(z > 0, 1, "
            "small) / (1 + small)",
            "at z = 0 the numerators are both 1",
        ),
    ),
)

PREDICT = Exercise(
    name="predict",
    source="S1, Perceptron for Binary Classification",
    cases=_predict_cases,
    reference={"predict": perceptron.predict},
    misconceptions=(
        Misconception(
            "bias left out",
            "prepend_bias(X) @ w",
            "X @ w[1:]",
            "Your probabilities are those of a neuron whose bias is 0: its line always passes through the "
            "origin. Where did w[0] go?",
        ),
        Misconception(
            "bias last",
            "prepend_bias(X) @ w",
            "X @ w[:-1] + w[-1]",
            "You took the last weight for the bias. In which column did you put the ones?",
        ),
        Misconception(
            "logits returned",
            "sigmoid(prepend_bias(X) @ w)",
            "prepend_bias(X) @ w",
            "Some of your values lie outside 0 to 1. These are scores; what turns a score into a probability?",
        ),
        Misconception(
            "decisions returned",
            "sigmoid(prepend_bias(X) @ w)",
            "(prepend_bias(X) @ w > 0).astype(float)",
            "Only 0 and 1 come out: a decision. How sure the neuron is got lost, and the loss will need "
            "it. What stands between the score and the decision?",
        ),
        Misconception(
            "sigmoid before the sum",
            "sigmoid(prepend_bias(X) @ w)",
            "sigmoid(prepend_bias(X)) @ w",
            "The features are squashed and then added up, so the result can leave 0 to 1. Which comes "
            "first, the weighted sum or the σ?",
        ),
        Misconception(
            "column flattened",
            "sigmoid(prepend_bias(X) @ w)",
            "sigmoid(prepend_bias(X) @ w).ravel()",
            "The numbers are right, the shape is (N,) and should be (N, 1). Watch this axis: (N,) minus "
            "(N, 1) is an (N, N) table, and NumPy does not complain. What took it away?",
        ),
    ),
    alternatives=(
        Alternative("bias added by hand", old="prepend_bias(X) @ w", new="X @ w[1:] + w[0]"),
        Alternative(
            "loop over samples",
            code="""
def predict(X, w):
    y_hat = np.empty((len(X), 1))
    for n, x in enumerate(prepend_bias(X)):
        y_hat[n] = sigmoid(np.array([np.dot(x, w[:, 0])]))
    return y_hat
""",
        ),
        Alternative("einsum", old="prepend_bias(X) @ w", new='np.einsum("nd,dk->nk", prepend_bias(X), w)'),
    ),
)

BCE_LOSS = Exercise(
    name="bce_loss",
    source="S1, Minimize Mean Cross Entropy Using Gradient Descent",
    cases=_bce_loss_cases,
    reference={"bce_loss": perceptron.bce_loss},
    atol=1e-5,
    misconceptions=(
        Misconception(
            "sign lost",
            "-np.mean(",
            "np.mean(",
            "Your loss is negative, and the better the prediction, the larger it gets. What is the sign "
            "of the logarithm of a number below 1?",
        ),
        Misconception(
            "sum instead of mean",
            "np.mean(",
            "np.sum(",
            "The loss grows with the number of samples. Should a set of 600 points cost twice as much as one of 300?",
        ),
        Misconception(
            "class 0 is free",
            "y * np.log(p) + (1 - y) * np.log(1 - p)",
            "y * np.log(p)",
            "Samples of class 0 cost nothing, whatever you predict for them. Which probability did the "
            "neuron give to what really happened there?",
        ),
        Misconception(
            "no clip",
            "np.clip(y_hat, eps, 1 - eps)",
            "y_hat",
            "Right for probabilities between 0 and 1; at exactly 0 or 1 the log of 0 is taken, and 0 times "
            "minus infinity is nan even where the prediction is right. How far from 0 and 1 must ŷ stay? If you "
            "clip: np.clip leaves its argument as it is; which array do your logarithms see?",
        ),
        Misconception(
            "nan painted over",
            "p = np.clip(y_hat, eps, 1 - eps)\n    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
            "return np.nan_to_num(-np.mean(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)))",
            "As soon as one probability is exactly 0 or 1, your loss is 0, whatever the other samples cost. nan was "
            "replaced at the end: what has to be kept away from the logarithm before it is taken?",
        ),
        Misconception(
            "input changed",
            "np.clip(y_hat, eps, 1 - eps)",
            "np.clip(y_hat, eps, 1 - eps, out=y_hat)",
            "Your numbers are right, and y_hat is no longer what it was: whoever called your function now holds "
            "other probabilities. Can you leave it alone and work on a new array?",
        ),
        Misconception(
            "prediction and label exchanged",
            "p = np.clip(y_hat, eps, 1 - eps)\n    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
            "p = np.clip(y, eps, 1 - eps)\n    return -np.mean(y_hat * np.log(p) + (1 - y_hat) * np.log(1 - p))",
            "You take the logarithm of the labels. Which of the two arguments comes first, and which one is a "
            "probability?",
        ),
        Misconception(
            "classes exchanged",
            "y * np.log(p) + (1 - y) * np.log(1 - p)",
            "(1 - y) * np.log(p) + y * np.log(1 - p)",
            "Your loss is small where the prediction is wrong. With y = 1, which of the two logarithms should remain?",
        ),
        Misconception(
            "clip at one end only",
            "1e-12",
            "1e-17",
            "A probability of 0 is kept away from the end, one of 1 is not. float64 has about 16 digits: "
            "is your 1 - ε below 1?",
        ),
        Misconception(
            "another base",
            "y * np.log(p) + (1 - y) * np.log(1 - p)",
            "y * np.log10(p) + (1 - y) * np.log10(1 - p)",
            "Every loss is 0.434 times what is expected, which is 1 / ln 10. To which base is the "
            "logarithm of the formula?",
        ),
        Misconception(
            "(N,) against (N, 1)",
            "y * np.log(p)",
            "y.ravel() * np.log(p)",
            "Somewhere an (N,) met an (N, 1): together they make an (N, N) table, every label with every "
            "prediction, and the mean hides it. Print the shape of each factor.",
        ),
        Misconception(
            "squared error",
            "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
            "np.mean((p - y) ** 2)",
            "This is a squared distance: a sure mistake costs 1 at most. What should it cost to have said "
            "*impossible* to what then happened?",
        ),
    ),
    alternatives=(
        Alternative("another clip", old="1e-12", new="1e-7"),
        Alternative(
            "probability of what happened",
            old="-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
            new="-np.log(np.where(y == 1, p, 1 - p)).mean()",
        ),
        Alternative(
            "added inside the logarithm",
            code="""
def bce_loss(y_hat, y):
    return -np.sum(y * np.log(y_hat + 1e-10) + (1 - y) * np.log(1 - y_hat + 1e-10)) / len(y)
""",
        ),
        Alternative(
            "loop",
            code="""
def bce_loss(y_hat, y):
    total = 0.0
    for p, t in zip(y_hat[:, 0], y[:, 0]):
        total -= np.log(max(p if t == 1 else 1 - p, 1e-15))
    return total / len(y)
""",
        ),
    ),
    equivalent=(
        Equivalent("constant: eps = 1e-12 -> eps = 2e-12", "any small clip is accepted"),
        Equivalent(
            "swapped: p = np.clip(y_hat, eps, 1 - eps) -> p = np.clip(eps, y_hat, 1 - eps)",
            "clip(a, low, high) is min(max(a, low), high), and max does not mind the order",
        ),
    ),
)

BCE_GRADIENT = Exercise(
    name="bce_gradient",
    source="S1, Minimize Mean Cross Entropy; Derivative of the Binary Cross-Entropy Loss",
    cases=_bce_gradient_cases,
    reference={"bce_gradient": perceptron.bce_gradient},
    misconceptions=(
        Misconception(
            "sum instead of mean",
            " / len(X)",
            "",
            "Your gradient belongs to the summed loss, N times too long. The loss is a mean: what happens "
            "to its slope?",
        ),
        Misconception(
            "sign",
            "predict(X, w) - y",
            "y - predict(X, w)",
            "Your gradient points downhill. A gradient shows where the loss rises; the minus comes later, "
            "when a step is taken. Should the error of a too large prediction be positive?",
        ),
        Misconception(
            "slope of the sigmoid kept",
            "predict(X, w) - y",
            "(predict(X, w) - y) * predict(X, w) * (1 - predict(X, w))",
            "Each error carries a factor ŷ(1 - ŷ), as for a squared error. Multiply the two slopes of the "
            "derivation once more: what stands in the denominator of the first?",
        ),
        Misconception(
            "error of the score",
            "predict(X, w) - y",
            "prepend_bias(X) @ w - y",
            "Your errors are scores minus labels. The error of the formula is ŷ - y: what lies between z and ŷ?",
        ),
        Misconception(
            "bias without a slope",
            "prepend_bias(X).T",
            "X.T",
            "There is a slope for each feature and none for the bias. Which matrix was multiplied by w, X or [1 X]?",
        ),
        Misconception(
            "error of the decision",
            "predict(X, w) - y",
            "np.round(predict(X, w)) - y",
            "Your errors are only -1, 0 and 1: those of the decision, not of the probability. Is a sample "
            "on the right side with ŷ = 0.51 already perfect?",
        ),
        Misconception(
            "(N,) against (N, 1)",
            "predict(X, w) - y",
            "predict(X, w) - y.ravel()",
            "The error has become an (N, N) table: every prediction minus every label. Which of the two "
            "lost its second axis?",
        ),
        Misconception(
            "divided by the features",
            " / len(X)",
            " / X.shape[1]",
            "The direction is right, the length is not: you divided by the number of features. Over what "
            "does the loss take its mean?",
        ),
        Misconception(
            "factor 2 of a square",
            " / len(X)",
            " * 2 / len(X)",
            "Twice what is expected. A 2 falls down from a square; is there a square in this loss?",
        ),
    ),
    alternatives=(
        Alternative(
            "mean of the samples' gradients",
            old="prepend_bias(X).T @ error / len(X)",
            new="np.mean(prepend_bias(X) * error, axis=0).reshape(-1, 1)",
        ),
        Alternative(
            "bias and weights apart",
            old="prepend_bias(X).T @ error / len(X)",
            new="np.vstack([[[error.mean()]], X.T @ error / X.shape[0]])",
        ),
        Alternative(
            "loop",
            code="""
def bce_gradient(X, y, w):
    dw = np.zeros_like(w)
    for x, p, t in zip(prepend_bias(X), predict(X, w), y):
        dw += (p - t) * x.reshape(-1, 1)
    return dw / X.shape[0]
""",
        ),
    ),
)

TRAIN_PERCEPTRON = Exercise(
    name="train_perceptron",
    source="S1, Minimize Mean Cross Entropy Using Gradient Descent; 1_perceptron_classifier",
    cases=_train_cases,
    reference={"train_perceptron": perceptron.train_perceptron},
    misconceptions=(
        Misconception(
            "uphill",
            "w - lr *",
            "w + lr *",
            "Your loss rises from one step to the next. The gradient points uphill: which way do you want to go?",
        ),
        Misconception(
            "not from zeros",
            "np.zeros(",
            "np.ones(",
            "Your first loss is not ln 2 = 0.693. At which weights does a neuron say 0.5 to everything?",
        ),
        Misconception(
            "loss after the step",
            """        history.append(bce_loss(predict(X, w), y))
        w = w - lr * bce_gradient(X, y, w)
""",
            """        w = w - lr * bce_gradient(X, y, w)
        history.append(bce_loss(predict(X, w), y))
""",
            "Your weights are right; your history lacks the loss at w = 0 and runs one step ahead. What "
            "does the first entry say about the untrained neuron?",
        ),
        Misconception(
            "gradient computed once",
            """    for _ in range(epochs):
        history.append(bce_loss(predict(X, w), y))
        w = w - lr * bce_gradient(X, y, w)
""",
            """    step = lr * bce_gradient(X, y, w)
    for _ in range(epochs):
        history.append(bce_loss(predict(X, w), y))
        w = w - step
""",
            "Every step is the same as the first, although the slope changes under your feet. Where "
            "should the gradient be asked for anew?",
        ),
        Misconception(
            "mean taken twice",
            "bce_gradient(X, y, w)",
            "bce_gradient(X, y, w) / len(X)",
            "Your steps are N times too short. The gradient is a mean already; how often does one divide by N?",
        ),
        Misconception(
            "learning rate forgotten",
            "lr * bce_gradient",
            "bce_gradient",
            "Your steps do not depend on the learning rate. By how much of the gradient should w move?",
        ),
        Misconception(
            "learning rate fixed",
            "lr * bce_gradient",
            "0.5 * bce_gradient",
            "Your steps are always half the gradient, whatever the learning rate. Which argument says how far to go?",
        ),
        Misconception(
            "one step for each sample",
            "w = w - lr * bce_gradient(X, y, w)",
            "for n in range(len(X)):\n            w = w - lr * bce_gradient(X[n : n + 1], y[n : n + 1], w)",
            "You step once for each sample, so N times in every epoch. Here all samples decide together about one "
            "step: what does the gradient take its mean over?",
        ),
        Misconception(
            "returned after one epoch",
            "    return w, history",
            "        return w, history",
            "One epoch and one loss, whatever `epochs` is. Does the return stand inside the loop or after it?",
        ),
        Misconception(
            "arguments of the loss exchanged",
            "bce_loss(predict(X, w), y)",
            "bce_loss(y, predict(X, w))",
            "Your weights are right, but your first loss is 13.8 in place of 0.693. In which order does bce_loss take "
            "predictions and labels?",
        ),
        Misconception(
            "one loss too many",
            "    return w, history",
            "    return w, [*history, bce_loss(predict(X, w), y)]",
            "Your history has epochs + 1 entries: it also holds the loss after the last step. How many "
            "losses *before* a step are there?",
        ),
        Misconception(
            "only the last loss",
            "return w, history",
            "return w, history[-1]",
            "One number came back instead of the whole history. What would you plot as a loss curve?",
        ),
        Misconception(
            "results swapped",
            "return w, history",
            "return history, w",
            "Weights and history came back in the other order: which one does the docstring name first?",
        ),
    ),
    alternatives=(
        Alternative(
            "in place",
            old="w = w - lr * bce_gradient(X, y, w)",
            new="w -= lr * bce_gradient(X, y, w)",
        ),
        Alternative(
            "history as an array",
            code="""
def train_perceptron(X, y, lr, epochs):
    w = np.zeros((X.shape[1] + 1, 1))
    history = np.empty(epochs)
    for epoch in range(epochs):
        history[epoch] = bce_loss(predict(X, w), y)
        w = w - lr * bce_gradient(X, y, w)
    return w, history
""",
        ),
        Alternative(
            "the bias column put in once",
            code="""
def train_perceptron(X, y, lr, epochs):
    X1 = prepend_bias(X)
    w = np.zeros((X1.shape[1], 1))
    history = []
    for _ in range(epochs):
        y_hat = sigmoid(X1 @ w)
        history.append(bce_loss(y_hat, y))
        w = w - lr / len(X) * (X1.T @ (y_hat - y))
    return w, history
""",
        ),
    ),
)

BEST_XOR_ACCURACY = Exercise(
    name="best_xor_accuracy",
    source="S1, Limitations of the Single Layer",
    cases=lambda rng: [{}],
    reference={"best_xor_accuracy": perceptron.best_xor_accuracy},
    misconceptions=(
        Misconception(
            "a coin",
            "3 / 4",
            "0.5",
            "A line can do better than that. Draw the four corners and cut off only one of them: how many are right?",
        ),
        Misconception(
            "all four",
            "3 / 4",
            "1.0",
            "Then some z would be above 0 on (0, 1) and (1, 0) and below 0 on (0, 0) and (1, 1). Add z up "
            "over each pair: what do you find?",
        ),
        Misconception(
            "worst instead of best",
            "3 / 4",
            "0.25",
            "A line that gets one point of four right can be turned around, so that 0 becomes 1. How many "
            "are right then?",
        ),
        Misconception(
            "count instead of share",
            "3 / 4",
            "3",
            "You counted points. How large a share of the four is that, between 0 and 1?",
        ),
        Misconception(
            "percent instead of share",
            "3 / 4",
            "75",
            "You gave a percentage. Which share between 0 and 1 is that?",
        ),
    ),
    alternatives=(
        Alternative("written as a decimal", old="3 / 4", new="0.75"),
        Alternative(
            "searched for among random lines",
            code="""
def best_xor_accuracy():
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([[0], [1], [1], [0]])
    rng = np.random.default_rng(3)
    accuracies = [np.mean((predict(X, rng.normal(size=(3, 1))) > 0.5) == y) for _ in range(500)]
    return max(accuracies)
""",
        ),
        Alternative(
            "the neuron of OR",
            code="""
def best_xor_accuracy():
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    says_one = X.sum(axis=1) > 0.5
    return np.mean(says_one == [False, True, True, False])
""",
        ),
    ),
)

LIFT = Exercise(
    name="lift",
    source="S1, Limitations of the Single Layer: circles",
    cases=_lift_cases,
    reference={"lift": perceptron.lift},
    misconceptions=(
        Misconception(
            "a linear feature",
            "X**2",
            "X",
            "All your features are weighted sums of x₁ and x₂, so a plane over them is still a line in the picture. "
            "Which number tells disc and ring apart and is *not* such a sum?",
        ),
        Misconception(
            "the product",
            "np.sum(X**2, axis=1, keepdims=True)",
            "np.prod(X, axis=1, keepdims=True)",
            "x₁x₂ tells two quadrants from the other two; it would solve XOR. Disc and ring both lie in "
            "all four: in what do they differ?",
        ),
        Misconception(
            "one axis only",
            "np.hstack([X, np.sum(X**2, axis=1, keepdims=True)])",
            "np.sum(X**2, axis=1)",
            "One number for each point, in an array of one axis. Rows are samples here: which axis was summed away "
            "that has to stay?",
        ),
        Misconception(
            "summed over the batch",
            "np.sum(X**2, axis=1, keepdims=True)",
            "np.full((len(X), 1), np.sum(X**2))",
            "All rows got the same new number, the sum over the whole set. Each point has a distance of "
            "its own: along which axis lie its coordinates?",
        ),
        Misconception(
            "one coordinate only",
            "X**2",
            "X[:, :1] ** 2",
            "Half of the distance is missing: a point at the top of the ring has the same x₁ as the "
            "centre. What does Pythagoras add?",
        ),
        Misconception(
            "threshold from the picture",
            "np.sum(X**2, axis=1, keepdims=True)",
            "(np.sum(X**2, axis=1, keepdims=True) > 2.6)",
            "You have decided inside the lift, with a radius that fits one disc; the check brings smaller "
            "and larger ones. Give the neuron the number itself: it will learn where to cut.",
        ),
        Misconception(
            "measured from the mean of the batch",
            "X**2",
            "(X - X.mean(axis=0)) ** 2",
            "A plane separates this, but the row of a point depends on which other points stand in X. A "
            "new point comes alone: what is its distance measured from?",
        ),
        Misconception(
            "city blocks",
            "np.sum(X**2, axis=1, keepdims=True)",
            "np.sum(np.abs(X), axis=1, keepdims=True)",
            "Nearly: |x₁| + |x₂| is how far a taxi drives, and its rings are squares standing on a "
            "corner. Which distance has round rings?",
        ),
        Misconception(
            "length divided away",
            "np.hstack([X, np.sum(X**2, axis=1, keepdims=True)])",
            "X / np.sqrt(np.sum(X**2, axis=1, keepdims=True))",
            "Every point now lies at distance 1, disc and ring on one circle: you divided by the very "
            "number that tells them apart. Why not keep it?",
        ),
    ),
    alternatives=(
        Alternative(
            "radius alone",
            old="np.hstack([X, np.sum(X**2, axis=1, keepdims=True)])",
            new="np.sqrt(np.sum(X**2, axis=1, keepdims=True))",
        ),
        Alternative(
            "both squares",
            old="np.hstack([X, np.sum(X**2, axis=1, keepdims=True)])",
            new="X**2",
        ),
        Alternative(
            "a bump at the origin",
            old="np.sum(X**2, axis=1, keepdims=True)",
            new="np.exp(-np.sum(X**2, axis=1, keepdims=True))",
        ),
        Alternative(
            "polynomials up to degree 2",
            code="""
def lift(X):
    a, b = X[:, 0], X[:, 1]
    return np.stack([a, b, a * a, a * b, b * b], axis=1)
""",
        ),
        Alternative(
            "loop",
            code="""
def lift(X):
    return np.array([[x, y, np.hypot(x, y)] for x, y in X])
""",
        ),
    ),
)

EXERCISES = (
    PREPEND_BIAS,
    SIGMOID,
    PREDICT,
    BCE_LOSS,
    BCE_GRADIENT,
    TRAIN_PERCEPTRON,
    BEST_XOR_ACCURACY,
    LIFT,
)
