"""``09_batch_normalization``: columns rescaled, a batch normalized, the way back twice, the layer and its networks."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Exercise, Misconception
from grader.reference import normalization

Array = normalization.Array


def _columns(rng: np.random.Generator, n: int, d: int) -> Array:
    """Columns of different means and deviations, none near 0 and none near 1."""
    places = rng.uniform(2, 5, size=d) * rng.choice([-1, 1], size=d)
    X = rng.normal(size=(n, d))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    columns: Array = (places + X * rng.permutation(np.linspace(0.4, 2.5, d))).round(2)
    return columns


def _gammas(rng: np.random.Generator, d: int) -> Array:
    """Neither 0 nor 1, and of both signs."""
    return rng.uniform(1.3, 2.5, size=d).round(2) * np.where(np.arange(d) == rng.integers(d), -1, 1)


def _rescale_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "X": _columns(rng, n, d),
            "mean": round(float(rng.uniform(1.5, 4)), 2),
            "std": round(float(rng.uniform(2, 6)), 2),
        }
        for n, d in [(5, 3), (4, 6)]
    ]


def _normalize_cases(rng: np.random.Generator) -> list[Case]:
    """ε is large enough to be seen in two cases; in the second a column is constant."""
    cases: list[Case] = [
        {"x": _columns(rng, n, d), "eps": eps} for n, d, eps in [(5, 3, 0.1), (4, 6, 0.2), (7, 2, 1e-5)]
    ]
    cases[1]["x"][:, int(rng.integers(6))] = round(float(rng.uniform(2, 4)), 2)
    return cases


def _step_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "x": _columns(rng, n, d),
            "gamma": _gammas(rng, d),
            "eps": eps,
            "dout": rng.normal(0.5, 1, size=(n, d)).round(2),
        }
        for n, d, eps in [(4, 3, 0.1), (3, 5, 0.01)]
    ]


def _backward_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for case in _step_cases(rng):
        normalized, _, var = normalization.normalize(case["x"], case["eps"])
        std = np.sqrt(var + case["eps"])
        cases.append({"normalized": normalized, "std": std, "gamma": case["gamma"], "dout": case["dout"]})
    return cases


def _layer_cases(rng: np.random.Generator) -> list[Case]:
    """Three batches of different sizes; none of the shares 0.8 and 0.7 is its own counterpart."""
    return [
        {
            "x": _columns(rng, n, d),
            "x_next": _columns(rng, n + 1, d),
            "x_new": _columns(rng, n + 2, d),
            "gamma": _gammas(rng, d),
            "beta": rng.uniform(0.5, 2, size=d).round(2) * rng.choice([-1, 1], size=d),
            "momentum": momentum,
            "eps": eps,
            "dout": rng.normal(0.5, 1, size=(n, d)).round(2),
        }
        for n, d, momentum, eps in [(4, 3, 0.8, 0.1), (3, 5, 0.7, 0.2)]
    ]


def _mlp_cases(rng: np.random.Generator) -> list[Case]:
    """All sizes different; and hidden layers of one width, where a shared layer has no wrong shape."""
    return [
        {
            "sizes": np.array(sizes),
            "activation": activation,
            "scheme": scheme,
            "seed": int(rng.integers(10, 10_000)),
            "x": rng.normal(size=(n, sizes[0])).round(2),
            "dout": rng.normal(size=(n, sizes[-1])).round(2),
        }
        for n, sizes, activation, scheme in [(7, (3, 6, 5, 4), "tanh", "he"), (8, (4, 3, 3, 2), "sigmoid", "xavier")]
    ]


_RESCALED = "(X - X.mean(axis=0)) / X.std(axis=0) * std + mean"

RESCALE = Exercise(
    name="rescale",
    source="S2 §8.1",
    cases=_rescale_cases,
    reference={"rescale": normalization.rescale},
    misconceptions=(
        Misconception(
            "divided by the variance",
            "X.std(axis=0)",
            "X.var(axis=0)",
            "The means are right and the spread is not: each column's std is its own over what you divided by. "
            "In which unit does the variance of metres come?",
        ),
        Misconception(
            "stretched by the variance",
            "* std + mean",
            "* std**2 + mean",
            "The means are right; every column came out with std² where std was asked for. "
            "By how much does a factor of 5 change a standard deviation?",
        ),
        Misconception(
            "one mean and one std for all columns",
            _RESCALED,
            "(X - X.mean()) / X.std() * std + mean",
            "All entries together have the asked mean and std, but no column has. "
            "Each column is a quantity of its own: along which axis do its samples lie?",
        ),
        Misconception(
            "rows instead of columns",
            _RESCALED,
            "(X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True) * std + mean",
            "Each row has the asked mean and std, and the columns have not. Is a row one sample, or one quantity?",
        ),
        Misconception(
            "N - 1 for N",
            "X.std(axis=0)",
            "X.std(axis=0, ddof=1)",
            "Nearly right: each column's std falls short of the asked one by the factor √((N − 1)/N). "
            "By what does the course divide the sum of squares?",
        ),
        Misconception(
            "shifted, then stretched",
            _RESCALED,
            "((X - X.mean(axis=0)) / X.std(axis=0) + mean) * std",
            "The std is right, and every mean is std times too large. If the mean is put in first, "
            "what does the stretching do to it?",
        ),
        Misconception(
            "mean not taken off",
            "(X - X.mean(axis=0))",
            "X",
            "The std is right, but each column kept a mean of its own. Where does 0 have to lie before you stretch?",
        ),
        Misconception(
            "mean and std exchanged",
            "* std + mean",
            "* mean + std",
            "Your columns have the std as their mean and the mean as their std. Which of the two shifts?",
        ),
        Misconception(
            "own spread not removed",
            " / X.std(axis=0)",
            "",
            "The means are right; each std is the asked one times what the column had before. "
            "What has to become 1 before you multiply?",
        ),
        Misconception(
            "smallest and largest for mean and std",
            _RESCALED,
            "(X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0)) * std + mean",
            "Your columns run from mean to mean + std: the smallest entry went to 0 and the largest to 1 on the way. "
            "Which two numbers of a column does the table use?",
        ),
        Misconception(
            "own mean and std put back",
            _RESCALED,
            "(X - X.mean(axis=0)) / X.std(axis=0) * X.std(axis=0) + X.mean(axis=0)",
            "This is X again. Which mean and which std has each column at the end: "
            "those that were asked for, or its own?",
        ),
        Misconception(
            "bracket forgotten",
            "(X - X.mean(axis=0))",
            "X - X.mean(axis=0)",
            "Your columns are shifted, and each kept the spread it had. "
            "Which comes first when there is no bracket, a division or a difference?",
        ),
        Misconception(
            "stops at mean 0, std 1",
            " * std + mean",
            "",
            "Your columns have mean 0 and std 1. Two numbers were handed in: what are they for?",
        ),
    ),
    alternatives=(
        Alternative("standardize, then move", old=_RESCALED, new="standardize(X) * std + mean"),
        Alternative(
            "loop over columns",
            code="""
def rescale(X, mean, std):
    out = np.empty(X.shape)
    for j in range(X.shape[1]):
        column = X[:, j]
        m = sum(column) / len(column)
        s = (sum((column - m) ** 2) / len(column)) ** 0.5
        out[:, j] = mean + std * (column - m) / s
    return out
""",
        ),
        Alternative(
            "slope and intercept",
            code="""
def rescale(X, mean, std):
    slope = std / np.sqrt(np.mean(X**2, axis=0) - np.mean(X, axis=0) ** 2)
    return X * slope + (mean - X.mean(axis=0) * slope)
""",
        ),
    ),
)

_MOMENTS = "mu, v = x.mean(axis=0), x.var(axis=0)"
_ROOT = "np.sqrt(v + eps)"

NORMALIZE = Exercise(
    name="normalize",
    source="S2 §8.2, forward propagation",
    cases=_normalize_cases,
    reference={"normalize": normalization.normalize},
    misconceptions=(
        Misconception(
            "N - 1 for N",
            "x.var(axis=0)",
            "x.var(axis=0, ddof=1)",
            "This variance is N/(N − 1) times what is expected. That is the estimate for the world the "
            "batch came from. The variance of these N numbers themselves: divided by what?",
        ),
        Misconception(
            "ε outside the root",
            _ROOT,
            "(np.sqrt(v) + eps)",
            "x̃ is as if ε had been added to the std. "
            "To which quantity does the formula add it, and is that before or after the root?",
        ),
        Misconception(
            "rows instead of columns",
            _MOMENTS,
            "mu, v = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)",
            "Your mean and variance have one entry for each sample, taken over its units. "
            "Batch norm compares one unit with itself: over what?",
        ),
        Misconception(
            "one mean and one variance for all",
            _MOMENTS,
            "mu, v = x.mean(), x.var()",
            "You have one mean and one variance for the whole array. Two units may live on different scales: "
            "how many of each are asked for?",
        ),
        Misconception(
            "ε left out",
            _ROOT,
            "np.sqrt(v)",
            "Your x̃ has a std of exactly 1, or is nan where a column is constant. What stands beside v under the root?",
        ),
        Misconception(
            "divided by the variance",
            _ROOT,
            "(v + eps)",
            "x̃ was divided by v + ε itself. What lies between a variance and a std?",
        ),
        Misconception(
            "ε in the variance that is returned",
            _MOMENTS + "\n    return (x - mu) / np.sqrt(v + eps), mu, v",
            "mu, v = x.mean(axis=0), x.var(axis=0) + eps\n    return (x - mu) / np.sqrt(v), mu, v",
            "`var` is too large by ε everywhere. Who adds ε once more later, if v has it already?",
        ),
        Misconception(
            "standard deviation for variance",
            "mu, v\n",
            "mu, np.sqrt(v)\n",
            "The third thing you return is the root of what is asked for. Which letter stands in the docstring?",
        ),
        Misconception(
            "the std goes under the root",
            "x.var(axis=0)",
            "x.std(axis=0)",
            "A standard deviation stands where a variance belongs, and under the root of x̃ the root is taken twice. "
            "What is already the root of a variance?",
        ),
        Misconception(
            "variance before the mean",
            "mu, v\n",
            "v, mu\n",
            "Here stands what belongs in another of the three places. In which order does the docstring name them?",
        ),
        Misconception(
            "x̃ last",
            "return (x - mu) / np.sqrt(v + eps), mu, v",
            "return mu, v, (x - mu) / np.sqrt(v + eps)",
            "Here stands what belongs in another of the three places. In which order does the docstring name them?",
        ),
        Misconception(
            "the root for the variance",
            "mu, v\n",
            "mu, np.sqrt(v + eps)\n",
            "The third thing you return is what x − μ was divided by. Which letter stands in the docstring?",
        ),
        Misconception(
            "ε fixed",
            _ROOT,
            "np.sqrt(v + 1e-5)",
            "x̃ comes out as if ε were always 10⁻⁵. Which ε was handed in?",
        ),
        Misconception(
            "mean not taken off",
            "(x - mu)",
            "x",
            "The columns of x̃ have means other than 0. Which of the two steps is missing?",
        ),
        Misconception(
            "squares without taking the mean off",
            "x.var(axis=0)",
            "np.mean(x**2, axis=0)",
            "The variance is too large by the square of the mean: it is the mean square, which 08 needed. "
            "Of what is the variance the mean square?",
        ),
        Misconception(
            "sum of squares",
            "x.var(axis=0)",
            "np.sum((x - x.mean(axis=0)) ** 2, axis=0)",
            "This variance grows with the size of the batch: it is N times what is expected. "
            "What turns a sum into a mean?",
        ),
    ),
    alternatives=(
        Alternative(
            "written out",
            code="""
def normalize(x, eps):
    N = len(x)
    mu = np.sum(x, axis=0) / N
    centred = x - mu
    v = np.sum(centred * centred, axis=0) / N
    return centred * (v + eps) ** -0.5, mu, v
""",
        ),
        Alternative(
            "loop over units",
            code="""
def normalize(x, eps):
    out, means, variances = np.zeros(x.shape), [], []
    for k in range(x.shape[1]):
        m = x[:, k].mean()
        s = ((x[:, k] - m) ** 2).mean()
        out[:, k] = (x[:, k] - m) / (s + eps) ** 0.5
        means.append(m)
        variances.append(s)
    return out, np.array(means), np.array(variances)
""",
        ),
    ),
)

_D_GAMMA = 'd["gamma"] = np.sum(normalized * dout, axis=0)'
_D_N = 'd["normalized"] = gamma * dout'
_D_V = 'd["v"] = np.sum(d["normalized"] * (x - mu), axis=0) * -0.5 / root**3'
_D_MU = 'd["mu"] = -np.sum(d["normalized"], axis=0) / root'
_D_X = 'd["x"] = d["normalized"] / root + 2 * (x - mu) / N * d["v"] + d["mu"] / N'

STEPS = Exercise(
    name="batchnorm_backward_steps",
    source="S2 §8.2, back propagation through the computational graph",
    cases=_step_cases,
    reference={"batchnorm_backward_steps": normalization.batchnorm_backward_steps},
    misconceptions=(
        Misconception(
            "way through the mean forgotten",
            ' + d["mu"] / N',
            "",
            "What comes back through μ does not reach x. If one x moves, does μ stay where it is?",
        ),
        Misconception(
            "way through the variance forgotten",
            ' + 2 * (x - mu) / N * d["v"]',
            "",
            "What comes back through v does not reach x. If one x moves away from the others, "
            "what happens to the root below all of them?",
        ),
        Misconception(
            "mean and variance as constants",
            _D_X,
            'd["x"] = d["normalized"] / root',
            "Your `dx` takes the straight way alone, as if μ and v were constants. "
            "They were computed from x: how many arrows leave x in the graph?",
        ),
        Misconception(
            "dγ with x instead of x̃",
            _D_GAMMA,
            'd["gamma"] = np.sum(x * dout, axis=0)',
            "`dgamma` was made with x. What was γ multiplied by on the way forward?",
        ),
        Misconception(
            "dβ averaged",
            "dout.sum(axis=0)",
            "dout.mean(axis=0)",
            "`dbeta` is 1/N of what it should be. One β pushes on N outputs: do their gradients add up, or average?",
        ),
        Misconception(
            "dγ averaged",
            _D_GAMMA,
            'd["gamma"] = np.mean(normalized * dout, axis=0)',
            "`dgamma` is 1/N of what it should be. One γ serves N samples: "
            "what becomes of their gradients where the arrows meet?",
        ),
        Misconception(
            "γ forgotten",
            _D_N,
            'd["normalized"] = dout',
            "This is what comes out with dout where the gradient of x̃ belongs. "
            "y = γ x̃ + β: how far does y move when x̃ moves by 1?",
        ),
        Misconception(
            "slope of 1/√ not cubed",
            "root**3",
            "root",
            "What comes back through v has the right sign and another size. Write 1/√(v + ε) as a power, "
            "(v + ε) to the −½: which exponent has its derivative?",
        ),
        Misconception(
            "sign of the slope of 1/√",
            "* -0.5",
            "* 0.5",
            "What comes back through v has the wrong sign. When v grows, does x − μ over the root become larger in "
            "size, or smaller?",
        ),
        Misconception(
            "dv with x̃ for x − μ",
            "* (x - mu), axis=0)",
            "* normalized, axis=0)",
            "What comes back through v was made with x̃ where x − μ belongs, so it is divided by the root once "
            "too often. What was multiplied by 1/√(v + ε) on the way forward?",
        ),
        Misconception(
            "γ forgotten on the straight way",
            'd["x"] = d["normalized"] / root',
            'd["x"] = dout / root',
            "In `dx` the straight way is off, by γ. From which node does that arrow come?",
        ),
        Misconception(
            "½ forgotten in dv",
            "* -0.5",
            "* -1",
            "What comes back through v is twice what it should be. Which numbers come down from the exponents?",
        ),
        Misconception(
            "sign of dμ",
            "-np.sum",
            "np.sum",
            "What comes back through μ points the wrong way. x̃ is made of x − μ: when μ rises, does x̃?",
        ),
        Misconception(
            "only the dotted way to μ",
            _D_MU,
            'd["mu"] = d["v"] * np.mean(-2 * (x - mu), axis=0)',
            "`dmu` is 0, but for rounding. That is what comes over the dotted arrow: "
            "which other arrow leaves μ in the graph?",
        ),
        Misconception(
            "dμ not divided by the root",
            _D_MU,
            'd["mu"] = -np.sum(d["normalized"], axis=0)',
            "What comes back through μ is off by a factor of √(v + ε). How far does x̃ fall when μ rises by 1?",
        ),
        Misconception(
            "1/N forgotten behind the mean",
            '+ d["mu"] / N',
            '+ d["mu"]',
            "Too much of what comes back through μ reaches x. If one x of N moves by 1, how far does their mean move?",
        ),
        Misconception(
            "1/N forgotten behind the variance",
            "2 * (x - mu) / N * ",
            "2 * (x - mu) * ",
            "N times too much of what comes back through v reaches x. v is a mean of squares: "
            "what is its slope along a single x?",
        ),
        Misconception(
            "2 forgotten behind the variance",
            "2 * (x - mu)",
            "(x - mu)",
            "Half of what comes back through v reaches x. What is the slope of (x − μ)² along x?",
        ),
    ),
    alternatives=(
        Alternative(
            "second way to the mean written out",
            old=_D_MU,
            new='d["mu"] = -np.sum(d["normalized"] / root, axis=0) + d["v"] * np.mean(-2 * (x - mu), axis=0)',
        ),
        Alternative(
            "loop over units",
            code="""
def batchnorm_backward_steps(x, gamma, eps, dout):
    N, D = x.shape
    d = {name: np.zeros(D) for name in ("beta", "gamma", "v", "mu")}
    d["normalized"], d["x"] = np.zeros((N, D)), np.zeros((N, D))
    for k in range(D):
        c = x[:, k] - x[:, k].mean()
        r = np.sqrt(np.mean(c**2) + eps)
        g = dout[:, k]
        d["beta"][k], d["gamma"][k] = g.sum(), g @ c / r
        g = d["normalized"][:, k] = gamma[k] * g
        d["v"][k], d["mu"][k] = -(g @ c) / (2 * r**3), -g.sum() / r
        for n in range(N):
            d["x"][n, k] = g[n] / r + (2 * c[n] * d["v"][k] + d["mu"][k]) / N
    return d
""",
        ),
        Alternative("a power instead of a root", old="* -0.5 / root**3", new="* -0.5 * (v + eps) ** -1.5"),
    ),
)

_LINE = "gamma / std * (dout - c - normalized * a)"
_C = "c = dout.mean(axis=0)"
_A = "a = np.mean(normalized * dout, axis=0)"

BACKWARD = Exercise(
    name="batchnorm_backward",
    source="S2 §8.2, the formula for ∂E/∂X",
    cases=_backward_cases,
    reference={"batchnorm_backward": normalization.batchnorm_backward},
    misconceptions=(
        Misconception(
            "mean forgotten",
            _LINE,
            "gamma / std * (dout - normalized * a)",
            "Each column of your dx has a mean other than 0, so pushing all samples up together seems to pay. "
            "Batch norm takes that push off again: which term does it on the way back?",
        ),
        Misconception(
            "variance forgotten",
            _LINE,
            "gamma / std * (dout - c)",
            "The columns of your dx have mean 0, as they should, but stretching x still seems to pay. "
            "Which term takes off the part of dout that is along x̃?",
        ),
        Misconception(
            "mean and variance as constants",
            _LINE,
            "gamma / std * dout",
            "You took the straight way alone. Two of the three arrows that leave x are missing: which terms are they?",
        ),
        Misconception(
            "γ forgotten",
            _LINE,
            "(dout - c - normalized * a) / std",
            "Each column of dx is 1/γ of what it should be, and where γ is negative the sign is wrong. "
            "What was x̃ multiplied by after the division?",
        ),
        Misconception(
            "divided by the variance",
            "gamma / std",
            "gamma / std**2",
            "Each column of dx is off by a factor of its std. x̃ = (x − μ)/std: how far does x̃ move when x moves by 1?",
        ),
        Misconception(
            "std not divided by",
            "gamma / std",
            "gamma",
            "Each column of dx is off by a factor of its std. x̃ = (x − μ)/std: how far does x̃ move when x moves by 1?",
        ),
        Misconception(
            "sums for means",
            f"{_C}\n    {_A}",
            "c = dout.sum(axis=0)\n    a = np.sum(normalized * dout, axis=0)",
            "Both corrections are N times too large. If one x of N moves by 1, by how much does their mean move?",
        ),
        Misconception(
            "one mean for all units",
            f"{_C}\n    {_A}",
            "c = dout.mean()\n    a = np.mean(normalized * dout)",
            "Your c and a are single numbers, shared by all units. Did units have anything to do with each other "
            "on the way forward?",
        ),
        Misconception(
            "x̃ left out of the second term",
            "normalized * a)",
            "a)",
            "The same a is taken off every sample. A sample far from the mean bears more on the variance than one "
            "near it: what should a be multiplied by?",
        ),
        Misconception(
            "d without x̃",
            _A,
            "a = np.mean(dout, axis=0)",
            "Your a is c once more. It is meant to say how much of dout runs along x̃: which product is averaged?",
        ),
        Misconception(
            "terms added",
            _LINE,
            "gamma / std * (dout + c + normalized * a)",
            "Your dx is what it should be after the two parts are taken off, and they were put on. "
            "What does batch norm do with a push on all samples alike?",
        ),
        Misconception(
            "N - 1 for N",
            _A,
            "a = np.sum(normalized * dout, axis=0) / (len(dout) - 1)",
            "Nearly right: the second correction is a little too large, by N/(N − 1). By what was v divided?",
        ),
        Misconception(
            "sum for the mean in c",
            _C,
            "c = dout.sum(axis=0)",
            "The first correction, c, is N times too large. If one x of N moves by 1, "
            "by how much does their mean move?",
        ),
        Misconception(
            "sum for the mean in a",
            _A,
            "a = np.sum(normalized * dout, axis=0)",
            "The second correction, the one along x̃, is N times too large. v is a mean of N squares: "
            "what share of it belongs to one sample?",
        ),
        Misconception(
            "means along the rows",
            f"{_C}\n    {_A}",
            "c = dout.mean(axis=1, keepdims=True)\n    a = np.mean(normalized * dout, axis=1, keepdims=True)",
            "Your c and a belong to samples, averaged over their units. Whose mean and std were taken on the way "
            "forward: a sample's, or a unit's?",
        ),
        Misconception(
            "the factor in front left out",
            _LINE,
            "dout - c - normalized * a",
            "Each column of dx is off by a factor of its own. What happened to x̃ and to x − μ on the way forward, "
            "besides the mean being taken off?",
        ),
        Misconception(
            "the root taken twice",
            "gamma / std",
            "gamma / np.sqrt(std)",
            "Each column of dx is off by the root of its std. What was handed in as std: v + ε, or its root?",
        ),
    ),
    alternatives=(
        Alternative(
            "one line",
            code="""
def batchnorm_backward(normalized, std, gamma, dout):
    return gamma / std * (dout - dout.mean(axis=0) - normalized * (normalized * dout).mean(axis=0))
""",
        ),
        Alternative(
            "as in the paper",
            code="""
def batchnorm_backward(normalized, std, gamma, dout):
    N = dout.shape[0]
    g = dout * gamma
    return (N * g - g.sum(axis=0) - normalized * np.sum(g * normalized, axis=0)) / (N * std)
""",
        ),
        Alternative(
            "loop over units",
            code="""
def batchnorm_backward(normalized, std, gamma, dout):
    N, D = dout.shape
    dx = np.empty((N, D))
    for k in range(D):
        P = np.eye(N) - 1 / N - np.outer(normalized[:, k], normalized[:, k]) / N
        dx[:, k] = gamma[k] / std[k] * (P @ dout[:, k])
    return dx
""",
        ),
    ),
)

_MOVE_MEAN = "self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu"
_MOVE_VAR = "self.running_var = self.momentum * self.running_var + (1 - self.momentum) * v"
_MOVE = f"{_MOVE_MEAN}\n        {_MOVE_VAR}"
_TRAINING = "self.normalized, mu, v = normalize(x, self.eps)\n            self.update_running(mu, v)"
_INFERENCE = "v = self.running_var\n            self.normalized = (x - self.running_mean) / np.sqrt(v + self.eps)"
_BRANCH = f"if self.training:\n            {_TRAINING}\n        else:\n            {_INFERENCE}"
_Y = 'self.params["gamma"] * self.normalized + self.params["beta"]'

BATCH_NORM = Exercise(
    name="batch_norm",
    source="S2 §8.2, §8.3: the difference between training and testing",
    cases=_layer_cases,
    reference={"BatchNorm": normalization.BatchNorm},
    misconceptions=(
        Misconception(
            "nothing is remembered",
            "\n            self.update_running(mu, v)",
            "",
            "After two batches in training mode, here still stands what the layer began with. "
            "Which batches are the running statistics to follow, and when?",
        ),
        Misconception(
            "only the running mean moves",
            _MOVE,
            _MOVE_MEAN,
            "`running_var` is still what the layer began with, after two batches in training mode. "
            "Does inference need a mean alone?",
        ),
        Misconception(
            "running statistics updated in inference",
            _INFERENCE,
            f"{_INFERENCE}\n            self.update_running(x.mean(axis=0), x.var(axis=0))",
            "The same digit in inference mode got one answer, and another when asked again: looking changes the layer. "
            "From which data may the running statistics learn?",
        ),
        Misconception(
            "running statistics updated before the answer",
            _BRANCH,
            f"self.update_running(x.mean(axis=0), x.var(axis=0))\n        {_BRANCH}".replace(
                "\n            self.update_running(mu, v)", ""
            ),
            "In inference mode the running statistics first move towards the data that is asked "
            "about, and then answer: ask twice and you get two answers. From which data may they learn?",
        ),
        Misconception(
            "ε outside the root in inference",
            "np.sqrt(v + self.eps)\n        self.std",
            "(np.sqrt(v) + self.eps)\n        self.std",
            "In inference you add ε to the std. Is the formula of inference another one, "
            "or the same with other μ and v?",
        ),
        Misconception(
            "batch statistics in inference",
            _INFERENCE,
            "self.normalized, mu, v = normalize(x, self.eps)",
            "In inference mode your layer takes off the mean of the batch that is asked about, and a sample alone is "
            "answered with β. What did the layer keep from training for this moment?",
        ),
        Misconception(
            "mean of the batch in inference",
            "(x - self.running_mean)",
            "(x - x.mean(axis=0))",
            "In inference mode your layer takes off the mean of the batch that is asked about, and a sample alone is "
            "answered with β. What did the layer keep from training for this moment?",
        ),
        Misconception(
            "momentum exchanged",
            _MOVE,
            _MOVE.replace("self.momentum *", "old *")
            .replace("(1 - self.momentum)", "self.momentum")
            .replace("old *", "(1 - self.momentum) *"),
            "What is remembered follows the latest batch as closely as it should follow the old value. "
            "Of which of the two is `momentum` the share?",
        ),
        Misconception(
            "only the latest batch",
            _MOVE,
            "self.running_mean, self.running_var = mu, v",
            "What is remembered is the latest batch: nothing is left of the batches before it. "
            "Which share of the old value stays?",
        ),
        Misconception(
            "running std for running variance",
            _MOVE_VAR,
            _MOVE_VAR.replace("* v", "* np.sqrt(v)"),
            "What is averaged as running variance are standard deviations. "
            "Which of the two does inference take the root of?",
        ),
        Misconception(
            "ε in the running variance",
            _MOVE_VAR,
            _MOVE_VAR.replace("* v", "* (v + self.eps)"),
            "The running variance has a part of ε in it. ε keeps a division finite: is it a property of the data?",
        ),
        Misconception(
            "N - 1 in the running variance",
            _MOVE_VAR,
            _MOVE_VAR.replace("* v", "* v * len(self.normalized) / (len(self.normalized) - 1)"),
            "The running variance averages variances that were divided by N − 1. PyTorch does so; which convention "
            "does the course keep, for both uses of v?",
        ),
        Misconception(
            "running statistics in training",
            _BRANCH,
            "if self.training:\n"
            "            self.update_running(x.mean(axis=0), x.var(axis=0))\n"
            f"        {_INFERENCE}".replace("            self.normalized", "        self.normalized"),
            "In training mode your y was made with the running statistics. They change too slowly to hold a layer in "
            "place: whose mean and variance does training use?",
        ),
        Misconception(
            "ε left out in inference",
            "np.sqrt(v + self.eps)\n        self.std",
            "np.sqrt(v)\n        self.std",
            "In inference the columns are stretched a little too far, as without ε. "
            "Is the formula of inference another one, or the same with other μ and v?",
        ),
        Misconception(
            "variance for std in inference",
            "np.sqrt(v + self.eps)\n        self.std",
            "(v + self.eps)\n        self.std",
            "In inference you divided by the running variance itself. What is it the square of?",
        ),
        Misconception(
            "dγ with x instead of x̃",
            "np.sum(self.normalized * dout, axis=0)",
            "np.sum((self.normalized * self.std) * dout, axis=0)",
            "`dgamma` is off by a factor of the std: it was made with x − μ, before the division. "
            "What exactly is γ multiplied by?",
        ),
        Misconception(
            "gradients of γ and β averaged",
            'self.grads["beta"] = dout.sum(axis=0)\n'
            '        self.grads["gamma"] = np.sum(self.normalized * dout, axis=0)',
            'self.grads["beta"] = dout.mean(axis=0)\n'
            '        self.grads["gamma"] = np.mean(self.normalized * dout, axis=0)',
            "This gradient is 1/N of what it should be. The loss has paid its 1/N already: "
            "what happens to the gradients of N samples that share one parameter?",
        ),
        Misconception(
            "γ and β left out",
            _Y,
            "self.normalized",
            "You return x̃ itself. Which two parameters has the layer, and what are they for?",
        ),
        Misconception(
            "std without ε on the way back",
            "self.std = np.sqrt(v + self.eps)",
            "self.std = np.sqrt(v)",
            "`dx` is a little too large in each column. Is what you divided by on the way forward what you kept?",
        ),
        Misconception(
            "gradients accumulated",
            'self.grads["beta"] = dout.sum(axis=0)\n'
            '        self.grads["gamma"] = np.sum(self.normalized * dout, axis=0)',
            'self.grads["beta"] = self.grads.get("beta", 0) + dout.sum(axis=0)\n'
            '        self.grads["gamma"] = self.grads.get("gamma", 0) + np.sum(self.normalized * dout, axis=0)',
            "After a second forward and backward with the same batch, this gradient is twice what one gives. "
            "Which batch's gradient does the next step want?",
        ),
        Misconception(
            "γ and β exchanged",
            _Y,
            'self.params["beta"] * self.normalized + self.params["gamma"]',
            "Your units have β as their std and γ as their mean. Which of the two multiplies x̃?",
        ),
        Misconception(
            "gradients of γ and β exchanged",
            'self.grads["beta"] = dout.sum(axis=0)\n'
            '        self.grads["gamma"] = np.sum(self.normalized * dout, axis=0)',
            'self.grads["gamma"] = dout.sum(axis=0)\n'
            '        self.grads["beta"] = np.sum(self.normalized * dout, axis=0)',
            "This is the gradient of the other parameter. Which of the two has x̃ as its factor on the way forward?",
        ),
        Misconception(
            "ε fixed in inference",
            "np.sqrt(v + self.eps)\n        self.std",
            "np.sqrt(v + 1e-5)\n        self.std",
            "In inference it comes out as if ε were always 10⁻⁵. Which ε was the layer made with?",
        ),
        Misconception(
            "momentum fixed",
            _MOVE,
            _MOVE.replace("1 - self.momentum", "0.1").replace("self.momentum", "0.9"),
            "It comes out as if the momentum were always 0.9. Which one was the layer made with?",
        ),
        Misconception(
            "x kept for x̃",
            f"return {_Y}",
            f"y = {_Y}\n        self.normalized = x\n        return y",
            "What comes back was made with x where x̃ belongs. What does backward need from the way forward?",
        ),
        Misconception(
            "the two modes exchanged",
            "if self.training",
            "if not self.training",
            "This is what the other mode gives. Which value has the flag in training, and whose μ and v belong to it?",
        ),
    ),
    alternatives=(
        Alternative(
            "all in one class",
            code="""
class BatchNorm(Layer):
    def __init__(self, width, momentum=0.9, eps=1e-5):
        super().__init__()
        self.params = {"gamma": np.ones(width), "beta": np.zeros(width)}
        self.running_mean, self.running_var = np.zeros(width), np.ones(width)
        self.momentum, self.eps = momentum, eps

    def forward(self, x):
        if not self.training:
            scale = self.params["gamma"] / np.sqrt(self.running_var + self.eps)
            return x * scale + (self.params["beta"] - self.running_mean * scale)
        mu = x.mean(axis=0)
        self.c = x - mu
        v = np.mean(self.c**2, axis=0)
        self.running_mean += (1 - self.momentum) * (mu - self.running_mean)
        self.running_var += (1 - self.momentum) * (v - self.running_var)
        self.r = 1 / np.sqrt(v + self.eps)
        return self.params["gamma"] * self.c * self.r + self.params["beta"]

    def backward(self, dout):
        self.grads = {"gamma": np.sum(self.c * self.r * dout, axis=0), "beta": np.sum(dout, axis=0)}
        g = self.params["gamma"] * dout
        dv = -0.5 * np.sum(g * self.c, axis=0) * self.r**3
        dmu = -np.sum(g, axis=0) * self.r
        return g * self.r + (2 * self.c * dv + dmu) / len(dout)
""",
        ),
        Alternative(
            "running statistics in place",
            old=_MOVE,
            new="self.running_mean *= self.momentum\n        self.running_mean += (1 - self.momentum) * mu\n"
            "        self.running_var *= self.momentum\n        self.running_var += (1 - self.momentum) * v",
        ),
        Alternative(
            "back through the steps",
            code="""
class BatchNorm(Layer):
    def __init__(self, width, momentum=0.9, eps=1e-5):
        super().__init__()
        self.params = {"gamma": np.ones(width), "beta": np.zeros(width)}
        self.running_mean, self.running_var = np.zeros(width), np.ones(width)
        self.momentum, self.eps = momentum, eps

    def forward(self, x):
        self.x = x
        mu, v = self.running_mean, self.running_var
        if self.training:
            mu, v = x.mean(axis=0), x.var(axis=0)
            self.running_mean = (1 - self.momentum) * mu + self.momentum * self.running_mean
            self.running_var = (1 - self.momentum) * v + self.momentum * self.running_var
        return (x - mu) / np.sqrt(v + self.eps) * self.params["gamma"] + self.params["beta"]

    def backward(self, dout):
        d = batchnorm_backward_steps(self.x, self.params["gamma"], self.eps, dout)
        for name in self.params:
            self.grads[name] = d[name]
        return d["x"]
""",
        ),
    ),
)

_PLAIN = "initialized_mlp(sizes, activation, scheme, rng).layers"
_FOR = f"for layer in {_PLAIN}:"
_INSERT = (
    "layers.append(layer)\n        if isinstance(layer, Affine):\n"
    '            layers.append(BatchNorm(len(layer.params["b"])))'
)

_FOR_ALL = f"layers = []\n    {_FOR}\n        {_INSERT}\n    return Network(layers[:-1])"

BATCHNORM_MLP = Exercise(
    name="batchnorm_mlp",
    source="S2 §8.3: batch normalization is one of the layers; §8.4",
    cases=_mlp_cases,
    reference={"batchnorm_mlp": normalization.batchnorm_mlp},
    misconceptions=(
        Misconception(
            "no batch norm",
            _FOR_ALL,
            f"return Network({_PLAIN})",
            "This is the network of 08, without a single BatchNorm. What is to stand between its layers, and where?",
        ),
        Misconception(
            "only the first",
            "if isinstance(layer, Affine)",
            "if len(layers) == 1",
            "There is one BatchNorm, behind the first affine layer. Which other bends are handed numbers that drift?",
        ),
        Misconception(
            "as wide as what comes in",
            'layer.params["b"]',
            'layer.params["W"]',
            "A BatchNorm is as wide here as what goes into its affine layer. What is it handed: x, or z?",
        ),
        Misconception(
            "γ starts small",
            "return Network(layers[:-1])",
            "for layer in layers:\n        if isinstance(layer, BatchNorm):\n"
            '            layer.params["gamma"] *= 0.1\n    return Network(layers[:-1])',
            "The weights are drawn as they should be, but γ is not 1 in a new network. Who changed it?",
        ),
        Misconception(
            "behind the activation",
            f"{_INSERT}\n    return Network(layers[:-1])",
            'layers.append(layer)\n        if isinstance(layer, Affine):\n            width = len(layer.params["b"])\n'
            "        else:\n            layers.append(BatchNorm(width))\n    return Network(layers)",
            "Your batch norm stands behind the bend. It is to hold what the bend is handed: "
            "on which side of it does that lie?",
        ),
        Misconception(
            "behind the last affine layer as well",
            "layers[:-1]",
            "layers",
            "The scores are normalized, too. A sure network has large scores and an unsure one small ones: "
            "what would be left of that?",
        ),
        Misconception(
            "before the affine layer",
            f"{_INSERT}\n    return Network(layers[:-1])",
            'if isinstance(layer, Affine):\n            layers.append(BatchNorm(len(layer.params["W"])))\n'
            "        layers.append(layer)\n    return Network(layers)",
            "Your batch norm stands before the affine layers, so what comes out of them is as it was. "
            "Which array is the bend handed?",
        ),
        Misconception(
            "one object for all places",
            f"layers = []\n    {_FOR}\n        {_INSERT}\n",
            f"layers, made = [], {{}}\n    {_FOR}\n        layers.append(layer)\n"
            "        if isinstance(layer, Affine):\n"
            '            width = len(layer.params["b"])\n'
            "            layers.append(made.setdefault(width, BatchNorm(width)))\n",
            "Where two layers have one width, they share one BatchNorm object. It remembers one x̃: "
            "whose is it when the way back begins?",
        ),
        Misconception(
            "activations left out",
            "layers.append(layer)\n        if isinstance(layer, Affine):\n",
            "if isinstance(layer, Affine):\n            layers.append(layer)\n",
            "Between your affine layers stands batch norm and no bend. What does a network of affine layers amount to?",
        ),
        Misconception(
            "always He",
            _PLAIN,
            _PLAIN.replace("scheme", '"he"'),
            "In one of the cases the weights are too large by one and the same factor in each matrix. "
            "Which of the four arguments did not reach them?",
        ),
        Misconception(
            "always ReLU",
            _PLAIN,
            _PLAIN.replace("activation", '"relu"'),
            "The bend is a ReLU in all cases. Which bend was asked for?",
        ),
        Misconception(
            "rng made anew",
            _PLAIN,
            _PLAIN.replace("rng", "np.random.default_rng(0)"),
            "The weights are not drawn from the rng that was handed in. Who repeats the run with its seed wants the "
            "same weights: where do yours come from?",
        ),
        Misconception(
            "drawn without a scheme",
            _PLAIN,
            "mlp(sizes, activation, rng).layers",
            "The weights have std 0.1 in each matrix. Which function of 08 draws by a scheme?",
        ),
    ),
    alternatives=(
        Alternative(
            "insert from the end",
            code="""
def batchnorm_mlp(sizes, activation, scheme, rng):
    layers = list(initialized_mlp(sizes, activation, scheme, rng).layers)
    for place in range(len(layers) - 2, 0, -2):
        layers.insert(place, BatchNorm(layers[place - 1].params["W"].shape[1]))
    return Network(layers)
""",
        ),
        Alternative(
            "put together from the sizes",
            code="""
def batchnorm_mlp(sizes, activation, scheme, rng):
    plain = initialized_mlp(sizes, activation, scheme, rng)
    layers = []
    for k, width in enumerate(sizes[1:-1]):
        layers += [plain.layers[2 * k], BatchNorm(width), plain.layers[2 * k + 1]]
    return Network([*layers, plain.layers[-1]])
""",
        ),
    ),
)

EXERCISES = (RESCALE, NORMALIZE, STEPS, BACKWARD, BATCH_NORM, BATCHNORM_MLP)
