"""``05_layer_classes``: layers and losses as classes, the test they have to pass, two passes to mend."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception
from grader.reference.layers import (
    Affine,
    Array,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Tanh,
    gradient_check,
)
from grader.reference.losses import MeanSquaredError, SigmoidCrossEntropy, SoftmaxCrossEntropy


def two_layer_gradients(params: dict[str, Array], x: Array, T: Array) -> tuple[float, dict[str, Array]]:
    """E and its gradients, through a list of layers."""
    affine = [Affine(params["W1"], params["b1"]), Affine(params["W2"], params["b2"])]
    layers = [affine[0], Sigmoid(), affine[1]]
    loss = SoftmaxCrossEntropy()
    for layer in layers:
        x = layer.forward(x)
    E = loss.forward(x, T)
    dout = loss.backward()
    for layer in reversed(layers):
        dout = layer.backward(dout)
    return E, {f"{name}{k}": affine[k - 1].grads[name] for k in (1, 2) for name in ("W", "b")}


def fixed_relu_backward(dH: Array, A: Array, H: Array, R: Array) -> Array:
    """dA for H = relu(A) ⊙ R."""
    layer = ReLU()
    layer.forward(A)
    return layer.backward(dH * R)


def fixed_backward(cache: dict[str, Array], params: dict[str, Array], T: Array) -> dict[str, Array]:
    """The gradients of two hidden layers of sigmoids with dropout, through layers."""
    dout: Array = (cache["P"] - T) / len(T)
    grads: dict[str, Array] = {}
    for k, below in ((3, "H2"), (2, "H1"), (1, "X")):
        if k < 3:
            bend = Sigmoid()
            bend.forward(cache[f"A{k}"])
            dout = bend.backward(dout * cache[f"R{k}"])
        layer = Affine(params[f"W{k}"], params[f"b{k}"])
        layer.forward(cache[below])
        dout = layer.backward(dout)
        grads |= {f"W{k}": layer.grads["W"], f"b{k}": layer.grads["b"]}
    return grads


def _affine_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "x": rng.normal(size=(n, d)).round(2),
            "W": rng.normal(size=(d, h)).round(2),
            "b": rng.normal(size=h).round(2),
            "dout": rng.normal(size=(n, h)).round(2),
            "x_next": rng.normal(size=(n, d)).round(2),
        }
        for n, d, h in [(4, 3, 2), (3, 2, 5)]
    ]


def _elementwise_cases(rng: np.random.Generator) -> list[Case]:
    """Moderate numbers of both signs, and a case with 0 and ±1000."""
    cases = [
        {"x": rng.uniform(-3, 3, size=shape).round(2), "dout": rng.normal(size=shape).round(2)}
        for shape in [(3, 2), (2, 4)]
    ]
    for case in cases:
        case["x"].flat[:2] = [-1.5, 0.75]
    far = np.array([[-1000.0, 0.0, 1000.0], [-30.0, 0.5, 30.0]])
    return [*cases, {"x": far, "dout": rng.normal(size=far.shape).round(2)}]


def _kink_cases(rng: np.random.Generator) -> list[Case]:
    """Both signs of x and of dout in every combination, exact zeros among them."""
    cases = []
    for shape in [(3, 2), (2, 4)]:
        x, dout = (rng.uniform(0.2, 3, size=shape).round(2) for _ in range(2))
        x.flat[:6] *= [1, -1, 1, -1, 0, 0]
        dout.flat[:6] *= [1, 1, -1, -1, 1, -1]
        order = rng.permutation(x.size)
        cases.append({"x": x.flat[order].reshape(shape), "dout": dout.flat[order].reshape(shape)})
    return cases


def _leaky_cases(rng: np.random.Generator) -> list[Case]:
    slopes = rng.permutation([0.3, 0.02])
    return [{**case, "slope": float(s)} for case, s in zip(_kink_cases(rng), slopes, strict=True)]


def _squared_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"Y": rng.normal(size=shape).round(2), "T": rng.normal(size=shape).round(2)}
        for shape in [(4, 3), (3, 2), (5, 1)]
    ]


def _yes_or_no(rng: np.random.Generator, n: int) -> Array:
    """Targets (n, 1), both answers present."""
    return rng.permutation(np.append([0.0, 1.0], rng.integers(0, 2, size=n - 2)))[:, None]


def _binary_cases(rng: np.random.Generator) -> list[Case]:
    cases = [{"scores": rng.uniform(-3, 3, size=(n, 1)).round(2), "T": _yes_or_no(rng, n)} for n in (3, 5)]
    far = np.array([[1000.0], [-1000.0], [1000.0], [-1000.0]])
    return [*cases, {"scores": far, "T": np.array([[1.0], [0.0], [0.0], [1.0]])}]


def _one_hot(rng: np.random.Generator, n: int, k: int) -> Array:
    return np.eye(k)[rng.integers(0, k, size=n)]


def _classes_cases(rng: np.random.Generator) -> list[Case]:
    """Moderate scores; scores of ±1000; and rows of very different height."""
    cases = [
        {"scores": rng.normal(scale=2, size=(n, k)).round(2), "T": _one_hot(rng, n, k)} for n, k in [(4, 3), (2, 5)]
    ]
    far = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 0.0]])
    heights = np.array([[900.0], [0.0], [-900.0]]) + rng.normal(size=(3, 2)).round(2)
    return [
        *cases,
        {"scores": far, "T": np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])},
        {"scores": heights, "T": _one_hot(rng, 3, 2)},
    ]


def _specimen_cases(rng: np.random.Generator) -> list[Case]:
    """Layers in the order of ``byhand.contracts.layer_classes.LAYERS``, faults of random size."""
    cases = []
    for n, d in [(4, 3), (5, 2)]:
        amount = rng.uniform(0.3, 0.9, size=4).round(2)
        faults = np.zeros((10, 6))  # a row for each layer, a column for each kind of fault; 0 and 1: all right
        faults[[2, 6, 7, 8], [0, 3, 4, 3]] = amount * [-1, 1, -1, 1]
        faults[[3, 4, 5], [1, 2, 5]] = 1.0
        cases.append(
            {
                "x": (rng.permutation(np.linspace(0.4, 1.6, n * d)) + rng.uniform(0, 0.1)).reshape(n, d).round(2),
                "a": rng.uniform(1, 2, size=(n, d)).round(2),
                "c": rng.uniform(0.3, 0.8, size=(n, d)).round(2),
                "sizes": np.array([1.0, 1e3, *[1.0] * 6, 1e-5, 1.0]),
                "faults": faults,
                "seed": int(rng.integers(1000)),
            }
        )
    return cases


def _two_layer_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "W1": rng.normal(size=(d, h)).round(2),
            "b1": rng.normal(size=h).round(2),
            "W2": rng.normal(size=(h, k)).round(2),
            "b2": rng.normal(size=k).round(2),
            "x": rng.normal(size=(n, d)).round(2),
            "T": _one_hot(rng, n, k),
        }
        for n, d, h, k in [(5, 3, 4, 2), (3, 2, 5, 4)]
    ]


def _late_relu_cases(rng: np.random.Generator) -> list[Case]:
    """Units on, off and exactly at 0, each of them kept and dropped."""
    cases = []
    for shape, p in [((3, 4), 0.5), ((2, 6), 0.2)]:
        A = rng.uniform(0.2, 3, size=shape).round(2)
        R = np.full(shape, 1 / (1 - p))
        A.flat[:6] *= [1, -1, 0, 1, -1, 0]
        R.flat[3:6] = 0
        order = rng.permutation(A.size)
        cases.append(
            {
                "dH": rng.normal(size=shape).round(2),
                "A": A.flat[order].reshape(shape),
                "R": R.flat[order].reshape(shape),
            }
        )
    return cases


def _mask(rng: np.random.Generator, n: int, units: int, p: float) -> Array:
    """Entries 0 and 1 / (1 - p), both in every row."""
    R = (rng.random((n, units)) >= p) / (1 - p)
    R[:, 0], R[:, 1] = 0, 1 / (1 - p)
    return rng.permuted(R, axis=1)


def _published_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "X": rng.normal(size=(n, d)).round(2),
            "T": _one_hot(rng, n, k),
            "W1": rng.normal(size=(d, h)).round(2),
            "b1": rng.normal(size=h).round(2),
            "W2": rng.normal(size=(h, m)).round(2),
            "b2": rng.normal(size=m).round(2),
            "W3": rng.normal(size=(m, k)).round(2),
            "b3": rng.normal(size=k).round(2),
            "R1": _mask(rng, n, h, p),
            "R2": _mask(rng, n, m, p),
        }
        for n, d, h, m, k, p in [(4, 2, 5, 3, 2, 0.5), (3, 4, 3, 5, 2, 0.2)]
    ]


_THEN_BACK = "\n        ### END SOLUTION\n\n    def backward(self, dout):\n        ### BEGIN SOLUTION\n        "
"""What stands between the last line of a `forward` and the first of its `backward`."""

AFFINE = Exercise(
    name="affine",
    source="S2 §5.1 Affine layer",
    cases=_affine_cases,
    reference={"Affine": Affine},
    misconceptions=(
        Misconception(
            "db keeps the batch axis",
            "dout.sum(axis=0)",
            "dout",
            "Your `db` has one row for each sample, but b is shared by all of them. "
            "What becomes of many pushes on one and the same number?",
        ),
        Misconception(
            "db summed over the outputs",
            "dout.sum(axis=0)",
            "dout.sum(axis=1)",
            "Your `db` has one number for each sample; b has one for each output. "
            "Along which axis of dout do the samples lie?",
        ),
        Misconception(
            "dW the wrong way round",
            "self.x.T @ dout",
            "dout.T @ self.x",
            "The products in your `dW` are right, but it has shape (H, D) and W has (D, H). "
            "A gradient has the shape of what it belongs to: which factor has to stand first?",
        ),
        Misconception(
            "averaged a second time",
            'self.x.T @ dout\n        self.grads["b"] = dout.sum(axis=0)',
            'self.x.T @ dout / len(dout)\n        self.grads["b"] = dout.mean(axis=0)',
            "This gradient is 1/N of what it should be. The 1/N of the mean is paid where E is made, "
            "so it is already inside dout. What should a layer do with the samples it is given?",
        ),
        Misconception(
            "gradients pile up",
            'self.grads["W"] = self.x.T @ dout',
            'self.grads["W"] = self.grads.get("W", 0) + self.x.T @ dout',
            "`dW` is right for the first batch, and after the second it still contains the first. "
            "Which batch should the next step be about?",
        ),
        Misconception(
            "dx for samples in columns",
            'dout @ self.params["W"].T',
            'self.params["W"] @ dout.T',
            "Your `dx` has shape (D, N): one column a sample. Here samples are rows, so row n of dx "
            "has to come from row n of dout. On which side does dout then stand?",
        ),
        Misconception(
            "b forgotten",
            'x @ self.params["W"] + self.params["b"]',
            'x @ self.params["W"]',
            "Each column of your `y` is off by the same amount in every row. What does the layer return for x = 0?",
        ),
        Misconception(
            "backward takes the step",
            'return dout @ self.params["W"].T',
            'dx = dout @ self.params["W"].T\n        self.params["W"] -= 0.1 * self.grads["W"]\n        return dx',
            "After your `backward` the parameters are no longer what they were. It says how E would change; "
            "who decides later whether, and how far, to move?",
        ),
    ),
    alternatives=(
        Alternative(
            "loop over samples",
            code="""
class Affine(Layer):
    def __init__(self, W, b):
        super().__init__()
        self.params = {"W": W, "b": b}

    def forward(self, x):
        self.x = x
        return np.array([row @ self.params["W"] + self.params["b"] for row in x])

    def backward(self, dout):
        W, b = self.params["W"], self.params["b"]
        self.grads = {"W": np.zeros_like(W), "b": np.zeros_like(b)}
        dx = np.zeros_like(self.x)
        for n in range(len(dout)):
            self.grads["W"] += np.outer(self.x[n], dout[n])
            self.grads["b"] += dout[n]
            dx[n] = W @ dout[n]
        return dx
""",
        ),
        Alternative(
            "einsum",
            old='self.x.T @ dout\n        self.grads["b"] = dout.sum(axis=0)',
            new='np.einsum("nd,nh->dh", self.x, dout)\n        self.grads["b"] = np.ones(len(dout)) @ dout',
        ),
        Alternative("a copy of x is kept", old="self.x = x", new="self.x = np.array(x)"),
    ),
)

SIGMOID_LAYER = Exercise(
    name="sigmoid_layer",
    source="S2 §5.1 Sigmoid layer; S1 back_sigmoid",
    cases=_elementwise_cases,
    reference={"Sigmoid": Sigmoid},
    misconceptions=(
        Misconception(
            "sigmoid of the sigmoid",
            "dout * self.y * (1 - self.y)",
            "dout * sigmoid(self.y) * (1 - sigmoid(self.y))",
            "Your slope lies between 0.19 and 0.25 wherever x is, and at x = 1000 the curve is flat. "
            "What you kept has been through σ once: does it have to go through it again?",
        ),
        Misconception(
            "slope from x",
            "self.y = sigmoid(x)\n        return self.y",
            "self.y = x\n        return sigmoid(x)",
            "At some places your slope is negative, yet a sigmoid never falls. "
            "In y (1 − y), is y what came in or what went out?",
        ),
        Misconception(
            "dout forgotten",
            "dout * self.y * (1 - self.y)",
            "self.y * (1 - self.y)",
            "Your `dx` is the slope of this layer alone. If the layers above pushed twice as hard, "
            "what would have to happen to dx?",
        ),
        Misconception(
            "1 - y lost",
            "dout * self.y * (1 - self.y)",
            "dout * self.y",
            "At x = 1000 your slope is 1, and there the curve is flat. "
            "What is small when y is near 1, and brings the slope down on that side too?",
        ),
        Misconception(
            "overflow",
            "self.y = sigmoid(x)",
            "self.y = np.exp(x) / (1 + np.exp(x))",
            "At x = 1000 you divide infinity by infinity, which is nan. Everywhere else you are right. "
            "Have you built a sigmoid before that is finite there?",
        ),
        Misconception(
            "y lost",
            "dout * self.y * (1 - self.y)",
            "dout * (1 - self.y)",
            "At x = −1000 your slope is 1, and there the curve is flat. "
            "What is small when y is near 0, and brings the slope down on that side too?",
        ),
        Misconception(
            "slope of tanh",
            "self.y * (1 - self.y)",
            "(1 - self.y**2)",
            "At x = −1000 your slope is 1, and there the curve is flat. 1 − y² fits a curve from −1 to 1: "
            "which function of y is 0 at 0 and at 1?",
        ),
        Misconception(
            "dout changed in place",
            "return dout * self.y * (1 - self.y)",
            "dout *= self.y * (1 - self.y)\n        return dout",
            "The numbers are right, but the dout that you were handed has been overwritten. Others may still need it: "
            "which array could take the product instead?",
        ),
    ),
    alternatives=(
        Alternative("through tanh", old="self.y = sigmoid(x)", new="self.y = 0.5 * (1 + np.tanh(0.5 * x))"),
        Alternative("y - y²", old="dout * self.y * (1 - self.y)", new="dout * (self.y - self.y**2)"),
        Alternative(
            "keeps x instead of y",
            old="self.y = sigmoid(x)\n        return self.y",
            new="self.y = sigmoid(np.array(x))\n        self.x = x\n        return sigmoid(self.x)",
        ),
        Alternative(
            "loop",
            code="""
class Sigmoid(Layer):
    def forward(self, x):
        self.y = np.array([[float(sigmoid(np.array(z))) for z in row] for row in x])
        return self.y

    def backward(self, dout):
        return np.array([[d * y * (1 - y) for d, y in zip(*pair)] for pair in zip(dout, self.y)])
""",
        ),
    ),
)

TANH_LAYER = Exercise(
    name="tanh_layer",
    source="S2 §5.2 (other layers)",
    cases=_elementwise_cases,
    reference={"Tanh": Tanh},
    misconceptions=(
        Misconception(
            "tanh of the tanh",
            "1 - self.y**2",
            "1 - np.tanh(self.y) ** 2",
            "Your slope never falls below 0.41, and at x = 1000 the curve is flat. "
            "What you kept is already tanh x: what is missing then, if anything?",
        ),
        Misconception(
            "square of the difference",
            "1 - self.y**2",
            "(1 - self.y) ** 2",
            "For negative x your slope grows up to 4, while tanh is steepest at 0, with slope 1. "
            "What is squared in the formula, y or 1 − y?",
        ),
        Misconception(
            "slope of the sigmoid",
            "(1 - self.y**2)",
            "self.y * (1 - self.y)",
            "Your slope is 0 at x = 0, where tanh is steepest. y (1 − y) fits a curve from 0 to 1: "
            "which function of y is 0 at −1 and at 1?",
        ),
        Misconception(
            "slope from x",
            "self.y = np.tanh(x)\n        return self.y",
            "self.y = x\n        return np.tanh(x)",
            "Your slope is far below 0 for large x, yet tanh never falls. "
            "In 1 − y², is y what came in or what went out?",
        ),
        Misconception(
            "dout forgotten",
            "dout * (1 - self.y**2)",
            "1 - self.y**2",
            "Your `dx` is the slope of this layer alone. If the layers above pushed twice as hard, "
            "what would have to happen to dx?",
        ),
        Misconception(
            "overflow",
            "np.tanh(x)",
            "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))",
            "At x = ±1000 you divide infinity by infinity, which is nan; elsewhere you are right. "
            "What can you divide numerator and denominator by, or who has done it for you?",
        ),
        Misconception(
            "y² taken off dout",
            "dout * (1 - self.y**2)",
            "dout * 1 - self.y**2",
            "The slope has to multiply dout, and with you y² is taken off it. "
            "Which is worked out first, the product or the difference?",
        ),
        Misconception(
            "sigmoid stretched one way only",
            "np.tanh(x)",
            "2 * sigmoid(x) - 1",
            "Your `y` runs from −1 to 1, but at 0 it rises half as steeply as tanh. "
            "2σ − 1 is right: at which multiple of x?",
        ),
        Misconception(
            "dout changed in place",
            "return dout * (1 - self.y**2)",
            "dout *= 1 - self.y**2\n        return dout",
            "The numbers are right, but the dout that you were handed has been overwritten. Others may still need it: "
            "which array could take the product instead?",
        ),
    ),
    alternatives=(
        Alternative("through the sigmoid", old="np.tanh(x)", new="2 * sigmoid(2 * x) - 1"),
        Alternative("two factors", old="(1 - self.y**2)", new="(1 - self.y) * (1 + self.y)"),
        Alternative(
            "slope kept on the way forward",
            code="""
class Tanh(Layer):
    def forward(self, x):
        y = np.tanh(x)
        self.slope = 1 - y * y
        return y

    def backward(self, dout):
        return dout * self.slope
""",
        ),
        Alternative(
            "loop",
            code="""
class Tanh(Layer):
    def forward(self, x):
        self.y = np.empty_like(x)
        for place in np.ndindex(x.shape):
            self.y[place] = np.tanh(x[place])
        return self.y

    def backward(self, dout):
        dx = dout.copy()
        for place in np.ndindex(dx.shape):
            dx[place] *= 1 - self.y[place] ** 2
        return dx
""",
        ),
    ),
)

RELU = Exercise(
    name="relu",
    source="S2 §5.1 ReLU layer; S0 (>=)",
    cases=_kink_cases,
    reference={"ReLU": ReLU},
    misconceptions=(
        Misconception(
            "slope 1 at zero",
            "x > 0",
            "x >= 0",
            "You differ only where x is exactly 0. The kink has no slope of its own, so one has to be agreed on: "
            "which did the text take?",
        ),
        Misconception(
            "gate looked at after the ReLU",
            "self.positive = x > 0\n        return np.where(self.positive, x, 0.0)",
            "y = np.maximum(x, 0)\n        self.positive = y >= 0\n        return y",
            "Your `dx` is dout everywhere, also where y is 0. Behind the gate nothing is negative any more: "
            "which array still knows what was?",
        ),
        Misconception(
            "x changed in place",
            "return np.where(self.positive, x, 0.0)",
            "x[~self.positive] = 0\n        return x",
            "The x that you were handed has lost its negative entries. It belongs to the layer below, "
            "which may need it on its way back: which array could take the zeros instead?",
        ),
        Misconception(
            "dout changed in place",
            "return np.where(self.positive, dout, 0.0)",
            "dout[~self.positive] = 0\n        return dout",
            "The dout that you were handed now has zeros in it. Another branch of the network may be waiting for it: "
            "which array could take the zeros instead?",
        ),
        Misconception(
            "gate from dout",
            "np.where(self.positive, dout, 0.0)",
            "np.maximum(dout, 0)",
            "Your `dx` is never negative. Whether a gate is open was settled on the way forward: "
            "by the sign of which array?",
        ),
        Misconception(
            "only positive dout passes",
            "np.where(self.positive, dout, 0.0)",
            "np.maximum(dout * self.positive, 0)",
            "Where x is above 0 the gate is open, and your `dx` has lost the negative dout there. "
            "Which sign opens a gate, that of x or that of dout?",
        ),
        Misconception(
            "dout forgotten",
            "np.where(self.positive, dout, 0.0)",
            "np.where(self.positive, 1.0, 0.0)",
            "Your `dx` holds only 0 and 1: it says which gates are open. What comes through an open one?",
        ),
        Misconception(
            "x and dout changed in place",
            f"return np.where(self.positive, x, 0.0){_THEN_BACK}return np.where(self.positive, dout, 0.0)",
            f"x[~self.positive] = 0\n        return x{_THEN_BACK}dout[~self.positive] = 0\n        return dout",
            "The x and the dout that you were handed now have zeros in them. They belong to other layers, "
            "which may still need them: which arrays could take the zeros instead?",
        ),
    ),
    alternatives=(
        Alternative("maximum", old="np.where(self.positive, x, 0.0)", new="np.maximum(x, 0)"),
        Alternative("product with the mask", old="np.where(self.positive, dout, 0.0)", new="dout * self.positive"),
        Alternative(
            "mask from the output, strictly",
            code="""
class ReLU(Layer):
    def forward(self, x):
        self.y = (x + np.abs(x)) / 2
        return self.y

    def backward(self, dout):
        return dout * (self.y > 0)
""",
        ),
        Alternative(
            "in place on copies",
            code="""
class ReLU(Layer):
    def forward(self, x):
        self.off = x <= 0
        y = x.copy()
        y[self.off] = 0
        return y

    def backward(self, dout):
        dx = dout.copy()
        dx[self.off] = 0
        return dx
""",
        ),
        Alternative(
            "loop",
            code="""
class ReLU(Layer):
    def forward(self, x):
        self.x = x
        return np.array([[max(0.0, z) for z in row] for row in x])

    def backward(self, dout):
        return np.array([[d if z > 0 else 0.0 for d, z in zip(*pair)] for pair in zip(dout, self.x)])
""",
        ),
    ),
)

LEAKY_RELU = Exercise(
    name="leaky_relu",
    source="S2 §5.2 (other layers)",
    cases=_leaky_cases,
    reference={"LeakyReLU": LeakyReLU},
    misconceptions=(
        Misconception(
            "slope on the wrong side",
            "np.where(x > 0",
            "np.where(x < 0",
            "What is positive shrinks to a tenth, and what is negative passes untouched. "
            "On which side of 0 does a ReLU close its gate, and which gate was to be left ajar?",
        ),
        Misconception(
            "flat on the way back",
            "return dout * self.slopes",
            "return dout * (self.slopes > self.slope)",
            "Where x < 0 your `dx` is 0, though your `y` still moves with x there. "
            "By how much does y change when x changes by 1?",
        ),
        Misconception(
            "a constant instead of a slope",
            "return x * self.slopes",
            "return np.where(x > 0, x, self.slope)",
            "All your negative inputs, and 0 too, come out as one and the same positive number. "
            "Does a line with slope 0.1 lie level?",
        ),
        Misconception(
            "0.1 whatever was asked for",
            "1.0, self.slope",
            "1.0, 0.1",
            "Right for the slope 0.1, and a layer made with another slope does the same. "
            "Where does the layer find the slope it was made with?",
        ),
        Misconception(
            "slope 1 at zero",
            "np.where(x > 0",
            "np.where(x >= 0",
            "You differ only where x is exactly 0. The kink has no slope of its own: "
            "to which side does the text count it?",
        ),
        Misconception(
            "dout forgotten",
            "return dout * self.slopes",
            "return self.slopes",
            "Your `dx` is the slope of this layer alone, 1 or 0.1. If the layers above pushed twice as hard, "
            "what would have to happen to dx?",
        ),
        Misconception(
            "x and dout changed in place",
            f"return x * self.slopes{_THEN_BACK}return dout * self.slopes",
            f"x *= self.slopes\n        return x{_THEN_BACK}dout *= self.slopes\n        return dout",
            "The numbers are right, but the x and the dout that you were handed have been overwritten. Others may "
            "still need them: which arrays could take the products instead?",
        ),
        Misconception(
            "sign of the leak",
            "1.0, self.slope",
            "1.0, -self.slope",
            "Where x is negative your `y` is positive, as if the line turned back up at 0. "
            "In which direction does y go when a negative x falls further?",
        ),
        Misconception(
            "slope overwritten",
            "self.slopes = np.where",
            "self.slopes = self.slope = np.where",
            "The first batch is right, the second is not: the layer no longer knows the slope it was made with. "
            "Which name is used for two things?",
        ),
    ),
    alternatives=(
        Alternative(
            "the larger of two lines", old="return x * self.slopes", new="return np.maximum(x, self.slope * x)"
        ),
        Alternative(
            "two ReLUs",
            code="""
class LeakyReLU(ReLU):
    def __init__(self, slope=0.1):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        return (1 - self.slope) * super().forward(x) + self.slope * x

    def backward(self, dout):
        return (1 - self.slope) * super().backward(dout) + self.slope * dout
""",
        ),
        Alternative(
            "in place on copies",
            code="""
class LeakyReLU(Layer):
    def __init__(self, slope=0.1):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        self.leaks = x <= 0
        y = x.copy()
        y[self.leaks] *= self.slope
        return y

    def backward(self, dout):
        dx = dout.copy()
        dx[self.leaks] *= self.slope
        return dx
""",
        ),
    ),
)

MEAN_SQUARED_ERROR = Exercise(
    name="mean_squared_error",
    source="S2 §5.1 Regression error layer",
    cases=_squared_cases,
    reference={"MeanSquaredError": MeanSquaredError},
    misconceptions=(
        Misconception(
            "the half lost",
            "(2 * len(Y))",
            "len(Y)",
            "Your `E` is twice what was agreed. The ½ is there to meet the 2 that the square leaves "
            "in the gradient: where is it in yours?",
        ),
        Misconception(
            "mean over all entries",
            "(2 * len(Y))",
            "(2 * Y.size)",
            "Your `E` is divided by every number in the batch. A sample with three outputs has three errors, "
            "and they add up: how many samples are there?",
        ),
        Misconception(
            "gradient over all entries",
            "return self.error / len(self.error)",
            "return self.error / self.error.size",
            "`dY` is too small by the number of outputs. E divides by samples: what does its gradient divide by?",
        ),
        Misconception(
            "gradient not averaged",
            "return self.error / len(self.error)",
            "return self.error",
            "`dY` is N times too large. E is a mean over the batch: how much does one sample weigh in it?",
        ),
        Misconception(
            "sign turned",
            "self.error = Y - T",
            "self.error = T - Y",
            "`E` is right and `dY` points the other way. If an output is too large, does E grow or shrink "
            "when it gets larger still?",
        ),
        Misconception(
            "the 2 kept",
            "return self.error / len(self.error)",
            "return 2 * self.error / len(self.error)",
            "`dY` is twice too large. The square does leave a 2 behind: what in E was put there to meet it?",
        ),
        Misconception(
            "one loss for each sample",
            "np.sum(self.error**2)",
            "np.sum(self.error**2, axis=1)",
            "Your `E` has one number for each sample. A gradient can only belong to one number: "
            "which step from N losses to one is missing?",
        ),
        Misconception(
            "divided by 2 and multiplied by N",
            "(2 * len(Y))",
            "2 * len(Y)",
            "Your `E` is N² times too large: N multiplies it instead of dividing it. "
            "In which order are a division and a product worked out when nothing holds them together?",
        ),
        Misconception(
            "plain mean of the squares",
            "np.sum(self.error**2) / (2 * len(Y))",
            "np.mean(self.error**2)",
            "Your `E` is the mean of all squares: it lacks the ½, and it divides by every number in the batch. "
            "A sample with three outputs has three errors that add up: how many samples are there?",
        ),
        Misconception(
            "sum over the batch",
            "(2 * len(Y))",
            "2",
            "Your `E` grows with the number of samples: show it the batch twice and it doubles. "
            "What was E to be over the batch?",
        ),
        Misconception(
            "Y changed in place",
            "self.error = Y - T",
            "Y -= T\n        self.error = Y",
            "The numbers are right, but the Y that you were handed has been overwritten with the error. "
            "The layer below made it and may still need it: which array could hold the difference instead?",
        ),
    ),
    alternatives=(
        Alternative(
            "mean of row sums",
            old="np.sum(self.error**2) / (2 * len(Y))",
            new="np.mean(np.sum(self.error**2, axis=1)) / 2",
        ),
        Alternative(
            "as a norm",
            old="np.sum(self.error**2) / (2 * len(Y))",
            new="0.5 * np.linalg.norm(self.error) ** 2 / len(Y)",
        ),
        Alternative(
            "loop, gradient kept",
            code="""
class MeanSquaredError:
    def forward(self, Y, T):
        total, self.dY = 0.0, np.zeros_like(Y)
        for n in range(len(Y)):
            for k in range(Y.shape[1]):
                total += 0.5 * (Y[n, k] - T[n, k]) ** 2
                self.dY[n, k] = (Y[n, k] - T[n, k]) / len(Y)
        return total / len(Y)

    def backward(self):
        return self.dY
""",
        ),
    ),
)

_BINARY = "np.mean(np.logaddexp(0.0, scores) - scores * T)"

SIGMOID_CROSS_ENTROPY = Exercise(
    name="sigmoid_cross_entropy",
    source="S2 §5.1 Sigmoid and cross-entropy error layer; S0 (sign)",
    cases=_binary_cases,
    reference={"SigmoidCrossEntropy": SigmoidCrossEntropy},
    misconceptions=(
        Misconception(
            "logarithm of a vanished probability",
            "return " + _BINARY,
            "Y = self.error + T\n        return -np.mean(T * np.log(Y) + (1 - T) * np.log(1 - Y))",
            "Right for moderate scores, and nan at ±1000: there σ is exactly 0 or 1 in floating point, "
            "and a logarithm meets the 0. Can E be had from the score, without passing through Y?",
        ),
        Misconception(
            "clipped",
            "return " + _BINARY,
            "Y = np.clip(self.error + T, 1e-12, 1 - 1e-12)\n"
            "        return -np.mean(T * np.log(Y) + (1 - T) * np.log(1 - Y))",
            "A sure mistake at a score of 1000 costs 1000; with you no mistake costs more than 27.6. "
            "Where does that ceiling come from, and does E need Y at all?",
        ),
        Misconception(
            "slope of the sigmoid once more",
            "self.error = Sigmoid().forward(scores) - T",
            "Y = Sigmoid().forward(scores)\n        self.error = (Y - T) * Y * (1 - Y)",
            "Your gradient dies where the network is sure, even where it is sure and wrong. "
            "The slope of σ meets the slope of the logarithm: what is left when they cancel?",
        ),
        Misconception(
            "only the yes half",
            _BINARY,
            "np.mean(T * np.logaddexp(0.0, -scores))",
            "Samples with T = 0 cost nothing with you, whatever the network says about them. "
            "Which term of the loss speaks for them?",
        ),
        Misconception(
            "gradient not averaged",
            "return self.error / len(self.error)",
            "return self.error",
            "`dscores` is N times too large. E is a mean over the batch: how much does one sample weigh in it?",
        ),
        Misconception(
            "score taken for a probability",
            "Sigmoid().forward(scores) - T",
            "scores - T",
            "Your gradient grows with the score without end, as if the score were the prediction. "
            "What lies between a score and the probability it stands for?",
        ),
        Misconception(
            "sign lost",
            _BINARY,
            "np.mean(scores * T - np.logaddexp(0.0, scores))",
            "Your `E` is negative and gets larger as the network gets better. "
            "ln of a probability is never positive: what turns it into a cost?",
        ),
        Misconception(
            "one loss for each sample",
            _BINARY,
            "np.logaddexp(0.0, scores) - scores * T",
            "Your `E` has one number for each sample. A gradient can only belong to one number: "
            "what was E to be over the batch?",
        ),
        Misconception(
            "sum over the batch",
            _BINARY,
            "np.sum(np.logaddexp(0.0, scores) - scores * T)",
            "Your `E` grows with the number of samples: show it the batch twice and it doubles. "
            "What was E to be over the batch?",
        ),
        Misconception(
            "mean of one term only",
            _BINARY,
            "np.mean(np.logaddexp(0.0, scores)) - scores * T",
            "Your `E` has one number for each sample: only its first term was averaged. "
            "Of what is the mean to be taken?",
        ),
    ),
    alternatives=(
        Alternative(
            "through the larger of 0 and z",
            old=_BINARY,
            new="np.mean(np.maximum(scores, 0) - scores * T + np.log1p(np.exp(-np.abs(scores))))",
        ),
        Alternative("with a sign for each target", old=_BINARY, new="np.mean(np.logaddexp(0.0, (1 - 2 * T) * scores))"),
        Alternative("sigmoid from the toolbox", old="Sigmoid().forward(scores) - T", new="sigmoid(scores) - T"),
        Alternative(
            "loop",
            code="""
class SigmoidCrossEntropy:
    def forward(self, scores, T):
        self.scores, self.T = scores, T
        total = 0.0
        for z, t in zip(scores[:, 0], T[:, 0]):
            wrong = -z if t == 1 else z
            total += np.log1p(np.exp(wrong)) if wrong < 0 else wrong + np.log1p(np.exp(-wrong))
        return total / len(scores)

    def backward(self):
        return np.array([[(sigmoid(z) - t) / len(self.T)] for z, t in zip(self.scores[:, 0], self.T[:, 0])])
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "swapped: return np.mean(np.logaddexp(0.0, scores) - scores * T)"
            " -> return np.mean(np.logaddexp(scores, 0.0) - scores * T)",
            "logaddexp is symmetric in its arguments",
        ),
    ),
)

_ROW_SUMS = "np.exp(shifted).sum(axis=1, keepdims=True)"

SOFTMAX_CROSS_ENTROPY = Exercise(
    name="softmax_cross_entropy",
    source="S2 §5.1 Softmax and cross-entropy error layer, §5.2; S3 grad_ce; S0 (sign and 1/N)",
    cases=_classes_cases,
    reference={"SoftmaxCrossEntropy": SoftmaxCrossEntropy},
    misconceptions=(
        Misconception(
            "softmax down the columns",
            _ROW_SUMS,
            "np.exp(shifted).sum(axis=0, keepdims=True)",
            "Your probabilities do not add up to 1 in a row: here samples compete with one another. "
            "Along which axis do the classes of one sample lie?",
        ),
        Misconception(
            "nothing taken off",
            "scores - scores.max(axis=1, keepdims=True)",
            "scores * 1.0",
            "Right for moderate scores, and at 1000 an exponential overflows. "
            "Which number may be taken off a row of scores without changing one probability?",
        ),
        Misconception(
            "one maximum for the batch",
            "scores.max(axis=1, keepdims=True)",
            "scores.max()",
            "A row whose scores all lie far below the largest of the batch has no probabilities left: "
            "all its exponentials are 0. Whose maximum does each row need?",
        ),
        Misconception(
            "logarithm of a vanished probability",
            f"shifted - np.log({_ROW_SUMS})",
            f"np.log(np.exp(shifted) / {_ROW_SUMS})",
            "`dscores` is right, and `E` is nan or inf at ±1000: there a probability is exactly 0, and then its "
            "logarithm is taken. ln(a/b) is a difference: which of its two terms was there before the exponential?",
        ),
        Misconception(
            "clipped",
            f"shifted - np.log({_ROW_SUMS})",
            f"np.log(np.exp(shifted) / {_ROW_SUMS} + 1e-12)",
            "A sure mistake at a score of 1000 costs as much as the gap between the scores; with you no mistake "
            "costs more than 27.6. Where does that ceiling come from, and does E need Y at all?",
        ),
        Misconception(
            "mean over all entries",
            "return -np.sum(T * log_Y) / len(T)",
            "return -np.mean(T * log_Y)",
            "Your `E` is too small by the number of classes. Each sample has one right class and so one loss: "
            "over how many losses is the mean?",
        ),
        Misconception(
            "sum over the batch",
            "return -np.sum(T * log_Y) / len(T)",
            "return -np.sum(T * log_Y)",
            "Your `E` grows with the number of samples: show it the batch twice and it doubles. "
            "What was E to be over the batch?",
        ),
        Misconception(
            "gradient not averaged",
            "return self.error / len(self.error)",
            "return self.error",
            "`dscores` is N times too large. E is a mean over the batch: how much does one sample weigh in it?",
        ),
        Misconception(
            "one gradient for the whole batch",
            "return self.error / len(self.error)",
            "return self.error.mean(axis=0, keepdims=True)",
            "Your `dscores` is a single row, the mean over the samples. The layer below has N rows to correct, each by "
            "its own amount: what shape do the scores have?",
        ),
        Misconception(
            "sign lost",
            "return -np.sum(T * log_Y) / len(T)",
            "return np.sum(T * log_Y) / len(T)",
            "Your `E` is negative and gets larger as the network gets better. "
            "ln of a probability is never positive: what turns it into a cost?",
        ),
        Misconception(
            "all down the columns",
            f"scores.max(axis=1, keepdims=True)\n        log_Y = shifted - np.log({_ROW_SUMS})",
            "scores.max(axis=0, keepdims=True)\n"
            "        log_Y = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))",
            "Your probabilities add up to 1 down each column: here samples compete with one another. "
            "Along which axis do the classes of one sample lie?",
        ),
        Misconception(
            "one sum for the batch",
            _ROW_SUMS,
            "np.exp(shifted).sum()",
            "Your probabilities add up to 1 over the whole batch, so every sample makes the others less likely. "
            "How many samples share one sum?",
        ),
        Misconception(
            "ln Y in the gradient",
            "np.exp(log_Y) - T",
            "log_Y - T",
            "No entry of your `dscores` is above 0, so every class is pushed the same way. "
            "In Y − T, is Y the probability or its logarithm?",
        ),
        Misconception(
            "scores changed in place",
            "shifted = scores - scores.max(axis=1, keepdims=True)",
            "scores -= scores.max(axis=1, keepdims=True)\n        shifted = scores",
            "The numbers are right, but the scores that you were handed have lost their maxima. The layer below made "
            "them and may still need them: which array could hold the difference instead?",
        ),
    ),
    alternatives=(
        Alternative(
            "log-sum-exp of NumPy",
            old=f"shifted - np.log({_ROW_SUMS})",
            new="scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)",
        ),
        Alternative(
            "picks the right class",
            old="return -np.sum(T * log_Y) / len(T)",
            new="return -np.mean(log_Y[np.arange(len(T)), T.argmax(axis=1)])",
        ),
        Alternative(
            "softmax for the gradient only",
            code="""
def softmax(scores):
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


class SoftmaxCrossEntropy:
    def forward(self, scores, T):
        self.Y, self.T = softmax(scores), T
        top = scores.max(axis=1)
        total = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
        return np.mean(total - (T * scores).sum(axis=1))

    def backward(self):
        return (self.Y - self.T) / len(self.T)
""",
        ),
        Alternative(
            "loop",
            code="""
class SoftmaxCrossEntropy:
    def forward(self, scores, T):
        self.rows, total = [], 0.0
        for z, t in zip(scores, T):
            log_y = z - z.max()
            log_y = log_y - np.log(np.exp(log_y).sum())
            self.rows.append((np.exp(log_y) - t) / len(T))
            total -= (t * log_y).sum() / len(T)
        return total

    def backward(self):
        return np.array(self.rows)
""",
        ),
    ),
)

_MEASURED = "numerical_gradient(lambda _: np.sum(dout * layer.forward(x)), arrays[k])"

GRADIENT_CHECK = Exercise(
    name="gradient_check",
    source="S2 §5.2, Remarks on numerical differentiation",
    cases=_specimen_cases,
    reference={"gradient_check": gradient_check},
    misconceptions=(
        Misconception(
            "upstream all ones",
            "rng.normal(size=layer.forward(x).shape)",
            "np.ones(layer.forward(x).shape)",
            "Some broken layers pass: those that mix up the rows of dout. If all rows are the same, "
            "who could tell? What would dout have to look like so that no two of its entries can be exchanged?",
        ),
        Misconception(
            "parameters forgotten",
            'arrays = {"x": x, **layer.params}',
            'arrays = {"x": x}',
            "Layers pass whose fault lies in a parameter's gradient: your answer speaks only of x. "
            "What else does `backward` claim, and where does it leave that?",
        ),
        Misconception(
            "x forgotten",
            'arrays = {"x": x, **layer.params}',
            "arrays = {**layer.params}",
            "Layers pass whose fault lies in dx: your answer speaks only of the parameters. "
            "What does `backward` return, and is anyone checking it?",
        ),
        Misconception(
            "absolute error",
            "relative_error(claimed[k], measured[k])",
            "np.max(np.abs(claimed[k] - measured[k]))",
            "A broken layer passes whose gradients are all tiny. An error of 10⁻⁵ is nothing beside 1 and all "
            "beside 10⁻⁵: compared with what should it be small?",
        ),
        Misconception(
            "the two sides measure different things",
            "lambda _: np.sum(dout * layer.forward(x))",
            "lambda _: np.sum(layer.forward(x))",
            "Every part of every layer is called wrong, of the right ones too: claim and measurement are not about the "
            "same E. Is yours the sum of dout ⊙ y, with the dout that `backward` was given, and does it see each move?",
        ),
        Misconception(
            "a copy of x is moved",
            'arrays = {"x": x, **layer.params}',
            'arrays = {"x": x.copy(), **layer.params}',
            "x is called wrong in every layer, of the right ones too; the parameters are judged rightly. "
            "Is the array that is moved the one that goes into `forward`?",
        ),
        Misconception(
            "not put back",
            f"measured = {{k: {_MEASURED} for k in arrays}}",
            "measured = {k: np.zeros_like(arrays[k]) for k in arrays}\n"
            "    for k in arrays:\n"
            "        for place in np.ndindex(arrays[k].shape):\n"
            "            before = np.sum(dout * layer.forward(x))\n"
            "            arrays[k][place] += 1e-6\n"
            "            measured[k][place] = (np.sum(dout * layer.forward(x)) - before) / 1e-6",
            "The right parts are blamed, but x and the parameters are not what they were before: "
            "every entry has moved a little. Who puts an entry back before the next one is moved?",
        ),
        Misconception(
            "not put back, E computed once",
            f"measured = {{k: {_MEASURED} for k in arrays}}",
            "measured = {k: np.zeros_like(arrays[k]) for k in arrays}\n"
            "    for k in arrays:\n"
            "        before = np.sum(dout * layer.forward(x))\n"
            "        for place in np.ndindex(arrays[k].shape):\n"
            "            arrays[k][place] += 1e-6\n"
            "            measured[k][place] = (np.sum(dout * layer.forward(x)) - before) / 1e-6",
            "Every part of every layer is called wrong, and afterwards x and the parameters are not what they were: "
            "each move is measured on top of all earlier ones. Who puts an entry back before the next one is moved?",
        ),
        Misconception(
            "f takes what is moved for x",
            "lambda _: np.sum(dout * layer.forward(x))",
            "lambda z: np.sum(dout * layer.forward(z))",
            "x is judged rightly, and the parameters are called wrong in every layer, of the right ones too. While an "
            "entry of a parameter moves: is it the layer's own array that moves, and is `forward` still given x?",
        ),
        Misconception(
            "dout with the shape of x",
            "rng.normal(size=layer.forward(x).shape)",
            "rng.normal(size=layer.forward(x).shape[:1] + x.shape[1:])",
            "A right layer is blamed: the one whose y has another shape than its x. "
            "dout is ∂E/∂y: which array's shape does it have?",
        ),
        Misconception(
            "not drawn from rng",
            "rng.normal(size=",
            "np.random.normal(size=",
            "The verdicts are right, but nothing was drawn from the rng that you were handed. "
            "Whoever repeats your test with the same rng wants the same numbers: where do yours come from?",
        ),
    ),
    alternatives=(
        Alternative("uniform upstream gradient", old="rng.normal(size=", new="rng.uniform(0.5, 1.5, size="),
        Alternative(
            "own differences and norms",
            code="""
def gradient_check(layer, x, rng):
    y = layer.forward(x)
    dout = rng.standard_normal(y.shape)
    dx = layer.backward(dout)
    result = {}
    for name, array, claim in [("x", x, dx)] + [(k, v, layer.grads[k]) for k, v in layer.params.items()]:
        slope = np.zeros(array.shape)
        for i in range(array.size):
            kept = array.flat[i]
            array.flat[i] = kept + 1e-4
            up = (layer.forward(x) * dout).sum()
            array.flat[i] = kept - 1e-4
            down = (layer.forward(x) * dout).sum()
            array.flat[i] = kept
            slope.flat[i] = (up - down) / 2e-4
        result[name] = np.linalg.norm(claim - slope) / (np.linalg.norm(claim) + np.linalg.norm(slope))
    return result
""",
        ),
        Alternative(
            "moves copies that are handed in",
            code="""
def gradient_check(layer, x, rng):
    dout = rng.normal(size=layer.forward(x).shape)
    errors = {"x": relative_error(
        layer.backward(dout), numerical_gradient(lambda z: np.sum(dout * layer.forward(z)), x.copy())
    )}
    for name, value in layer.params.items():
        claimed = layer.grads[name].copy()

        def energy(moved, name=name, value=value):
            layer.params[name] = moved
            E = np.sum(dout * layer.forward(x))
            layer.params[name] = value
            return E

        errors[name] = relative_error(claimed, numerical_gradient(energy, value.copy()))
    return errors
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "swapped: return {k: relative_error(claimed[k], measured[k]) for k in arrays}"
            " -> return {k: relative_error(measured[k], claimed[k]) for k in arrays}",
            "the relative error is symmetric in claim and measurement",
        ),
    ),
)

_CHAIN = "second.forward(squash.forward(first.forward(x)))"

TWO_LAYER_GRADIENTS = Exercise(
    name="two_layer_gradients",
    source="S2 §5.1, §4",
    cases=_two_layer_cases,
    reference={"two_layer_gradients": two_layer_gradients},
    misconceptions=(
        Misconception(
            "bend skipped on the way back",
            "first.backward(squash.backward(second.backward(loss.backward())))",
            "first.backward(second.backward(loss.backward()))",
            "E and the second layer are right, `dW1` and `db1` are too large. "
            "Between the two affine layers something was passed on the way forward: is it passed on the way back?",
        ),
        Misconception(
            "bend after the scores",
            f"E = loss.forward({_CHAIN}, T)\n    first.backward(squash.backward(second.backward(loss.backward())))",
            f"last = Sigmoid()\n    E = loss.forward(last.forward({_CHAIN}), T)\n"
            "    first.backward(squash.backward(second.backward(last.backward(loss.backward()))))",
            "The loss is handed numbers between 0 and 1. It expects scores, which may be anything, and has its own "
            "way of making probabilities of them: what stands between the second Affine and the loss?",
        ),
        Misconception(
            "no bend",
            f"E = loss.forward({_CHAIN}, T)\n    first.backward(squash.backward(second.backward(loss.backward())))",
            "E = loss.forward(second.forward(first.forward(x)), T)\n"
            "    first.backward(second.backward(loss.backward()))",
            "Your two affine layers touch, so together they are one affine layer. What stands between them?",
        ),
        Misconception(
            "averaged a second time",
            "second.backward(loss.backward())",
            "second.backward(loss.backward() / len(x))",
            "E is right and all gradients are 1/N of what they should be. "
            "Who has already divided by N by the time the loss hands its gradient down?",
        ),
        Misconception(
            "names exchanged",
            "g1, g2 = first.grads, second.grads",
            "g2, g1 = first.grads, second.grads",
            "E is right, and the gradients of each affine layer stand under the names of the other. "
            "What shape has W1, and which of your two layers was made with it?",
        ),
        Misconception(
            "weighed with E",
            "second.backward(loss.backward())",
            "second.backward(E * loss.backward())",
            "All gradients are too large or too small by the factor E. The chain begins with dE/dE: how much is that?",
        ),
        Misconception(
            "ReLU instead of sigmoid",
            "Sigmoid()",
            "ReLU()",
            "Everything is consistent, but it is another network: between your affine layers stands a ReLU. "
            "Which bend does the table of this section name?",
        ),
    ),
    alternatives=(
        Alternative(
            "a list of layers",
            code="""
def two_layer_gradients(params, x, T):
    layers = [Affine(params["W1"], params["b1"]), Sigmoid(), Affine(params["W2"], params["b2"])]
    loss = SoftmaxCrossEntropy()
    for layer in layers:
        x = layer.forward(x)
    E, dout = loss.forward(x, T), loss.backward()
    for layer in layers[::-1]:
        dout = layer.backward(dout)
    grads = {}
    for number, layer in (("1", layers[0]), ("2", layers[2])):
        for name in layer.grads:
            grads[name + number] = layer.grads[name]
    return E, grads
""",
        ),
        Alternative(
            "derived for this network",
            code="""
def two_layer_gradients(params, x, T):
    H = sigmoid(x @ params["W1"] + params["b1"])
    scores = H @ params["W2"] + params["b2"]
    log_Y = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    d2 = (np.exp(log_Y) - T) / len(x)
    d1 = d2 @ params["W2"].T * H * (1 - H)
    E = -np.sum(T * log_Y) / len(x)
    return E, {"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": H.T @ d2, "b2": d2.sum(axis=0)}
""",
        ),
    ),
)

_SLOPE = "dH * R * (A > 0)"

FIXED_RELU_BACKWARD = Exercise(
    name="fixed_relu_backward",
    source="Syllabus, mistakes in the sources: ReLU derivative after the ReLU with >=, factor of the mask omitted",
    cases=_late_relu_cases,
    reference={"fixed_relu_backward": fixed_relu_backward},
    misconceptions=(
        Misconception(
            "as published",
            _SLOPE,
            "dH * (H >= 0) * (R > 0)",
            "This is what was published: every kept unit passes, and nothing is doubled. Look at units 0 and 1 in the "
            "table: if A moves by a little, by how much does H?",
        ),
        Misconception(
            "the factor left out",
            _SLOPE,
            "dH * (R > 0) * (A > 0)",
            "The right units pass, and each passes too little. A kept unit was multiplied by 1/(1 − p) on the way "
            "forward: what does that do to its slope?",
        ),
        Misconception(
            "still looked at after the ReLU",
            _SLOPE,
            "dH * R * (H >= 0)",
            "The factor is right, but units that were off pass as well. Can H ever be negative? "
            "Which array still knows which units were off?",
        ),
        Misconception(
            "slope 1 at zero",
            _SLOPE,
            "dH * R * (A >= 0)",
            "You differ only where A is exactly 0. Which slope has the course agreed on there?",
        ),
        Misconception(
            "dropped units pass",
            _SLOPE,
            "dH * (A > 0)",
            "Units that were dropped pass a gradient, and kept ones are not doubled: R does not occur. "
            "H is a product of two things; what is its derivative with respect to the first?",
        ),
        Misconception(
            "always 2",
            _SLOPE,
            "dH * 2 * (R > 0) * (A > 0)",
            "Right for p = ½ and for no other p: a kept unit is multiplied by 1/(1 − p), which is not always 2. "
            "Which of the four arrays knows by how much?",
        ),
    ),
    alternatives=(
        Alternative(
            "layer by layer",
            code="""
def fixed_relu_backward(dH, A, H, R):
    gate = ReLU()
    gate.forward(A)
    return gate.backward(dH * R)
""",
        ),
        Alternative("strictly after the ReLU", old=_SLOPE, new="np.where(H > 0, dH * R, 0)"),
        Alternative(
            "loop",
            code="""
def fixed_relu_backward(dH, A, H, R):
    dA = np.zeros_like(dH)
    for place in np.ndindex(dH.shape):
        if A[place] > 0:
            dA[place] = dH[place] * R[place]
    return dA
""",
        ),
    ),
)

_BACK_2 = 'd2 = d3 @ params["W3"].T * cache["R2"] * Y2 * (1 - Y2)'
_BACK_1 = 'd1 = d2 @ params["W2"].T * cache["R1"] * Y1 * (1 - Y1)'
_BOTH = f"{_BACK_2}\n    {_BACK_1}"
_SIGMOIDS = 'sigmoid(cache["A2"]), sigmoid(cache["A1"])'
_AFTERWARDS = 'sigmoid(cache["H2"]), sigmoid(cache["H1"])'

FIXED_BACKWARD = Exercise(
    name="fixed_backward",
    source="S1 back_sigmoid, forward_dropout",
    cases=_published_cases,
    reference={"fixed_backward": fixed_backward},
    misconceptions=(
        Misconception(
            "as published",
            f"Y2, Y1 = {_SIGMOIDS}\n    {_BOTH}",
            f"Y2, Y1 = {_AFTERWARDS}\n    " + _BOTH.replace('cache["R2"] * ', "").replace('cache["R1"] * ', ""),
            "This is the pass as it was published: the last layer is right and all below it is wrong. "
            "Take one unit that was dropped: what does H do when its A moves, and what does your slope say?",
        ),
        Misconception(
            "sigmoid of the activation",
            _SIGMOIDS,
            _AFTERWARDS,
            "The masks are in, but the slope is still taken at the wrong place: with R = 2 it "
            "lies between 0.10 and 0.25 even where a unit is sure. Has σ been applied already to what you apply it to?",
        ),
        Misconception(
            "masks forgotten",
            _BOTH,
            _BOTH.replace('cache["R2"] * ', "").replace('cache["R1"] * ', ""),
            "The slopes are right, but units that were dropped still receive a gradient. "
            "H is σ(A) times R: which of the two factors of its derivative is missing?",
        ),
        Misconception(
            "slope of the masked output",
            _SIGMOIDS,
            'cache["H2"], cache["H1"]',
            "h (1 − h) is the slope if h is what σ returned. Here a kept unit's h has been multiplied by 1/(1 − p) "
            "since, and may lie above 1. From what can σ(a) itself be had?",
        ),
        Misconception(
            "the factor left out",
            _BOTH,
            _BOTH.replace('cache["R2"]', '(cache["R2"] > 0)').replace('cache["R1"]', '(cache["R1"] > 0)'),
            "Dropped units get nothing, as they should, but kept ones get too little. "
            "On the way forward a kept unit was multiplied by 1/(1 − p): what does that do to its slope?",
        ),
        Misconception(
            "mask of one layer only",
            _BACK_1,
            _BACK_1.replace('cache["R1"] * ', ""),
            "The second hidden layer is right now, and the slope of the first as well. Units were dropped in both: "
            "what does the line for dA1 lack?",
        ),
        Misconception(
            "averaged a second time",
            'cache["H2"].T @ d3, "W2": cache["H1"].T @ d2, "W1": cache["X"].T @ d1}',
            'cache["H2"].T @ d3 / len(T), "W2": cache["H1"].T @ d2 / len(T), "W1": cache["X"].T @ d1 / len(T)}',
            "The biases are right and all weights' gradients are 1/N of what they should be. "
            "Where was the 1/N of the mean paid already?",
        ),
        Misconception(
            "first layer as published",
            _BACK_1,
            'Y1 = sigmoid(cache["H1"])\n    d1 = d2 @ params["W2"].T * Y1 * (1 - Y1)',
            "All is right down to W2 and b2, and then it is as published. Both mistakes stand there twice: "
            "which of the two lines has not been mended?",
        ),
        Misconception(
            "slope of the masked output, no mask",
            f"{_SIGMOIDS}\n    {_BOTH}",
            'cache["H2"], cache["H1"]\n    ' + _BOTH.replace('cache["R2"] * ', "").replace('cache["R1"] * ', ""),
            "h (1 − h) is the slope if h is what σ returned. Here a kept unit's h has been multiplied by 1/(1 − p) "
            "since: from what can σ(a) itself be had, and where does that factor belong on the way back?",
        ),
        Misconception(
            "no sigmoid at all",
            _SIGMOIDS,
            'cache["A2"], cache["A1"]',
            "Your slope is a (1 − a), which is below 0 for half of the units, yet a sigmoid never falls. "
            "What has to be done to a before y (1 − y) is a slope?",
        ),
    ),
    alternatives=(
        Alternative(
            "out of layers",
            code="""
def fixed_backward(cache, params, T):
    dout, grads = (cache["P"] - T) / len(T), {}
    for k, below in (("3", "H2"), ("2", "H1"), ("1", "X")):
        if k != "3":
            bend = Sigmoid()
            bend.forward(cache["A" + k])
            dout = bend.backward(dout * cache["R" + k])
        layer = Affine(params["W" + k], params["b" + k])
        layer.forward(cache[below])
        dout = layer.backward(dout)
        grads["W" + k], grads["b" + k] = layer.grads["W"], layer.grads["b"]
    return grads
""",
        ),
        Alternative(
            "slope through exponentials",
            old=_BOTH,
            new='d2 = d3 @ params["W3"].T * cache["R2"] / (2 + np.exp(cache["A2"]) + np.exp(-cache["A2"]))\n'
            '    d1 = d2 @ params["W2"].T * cache["R1"] / (2 + np.exp(cache["A1"]) + np.exp(-cache["A1"]))',
        ),
        Alternative(
            "masked output times the rest",
            old=_BOTH,
            new='d2 = d3 @ params["W3"].T * cache["H2"] * (1 - Y2)\n'
            '    d1 = d2 @ params["W2"].T * cache["H1"] * (1 - Y1)',
        ),
    ),
)

EXERCISES = (
    AFFINE,
    SIGMOID_LAYER,
    TANH_LAYER,
    RELU,
    LEAKY_RELU,
    MEAN_SQUARED_ERROR,
    SIGMOID_CROSS_ENTROPY,
    SOFTMAX_CROSS_ENTROPY,
    GRADIENT_CHECK,
    TWO_LAYER_GRADIENTS,
    FIXED_RELU_BACKWARD,
    FIXED_BACKWARD,
)
