"""``06_deep_networks``: networks as lists of layers, and what can be read off them while they learn."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception
from grader.reference import network
from grader.reference.layers import Affine, Array, ReLU, Sigmoid


def _chain_cases(rng: np.random.Generator) -> list[Case]:
    """All sizes different; and all widths equal, where a wrong order of layers has no wrong shape."""
    return [
        {
            "x": rng.normal(size=(n, d)).round(2),
            "W1": rng.normal(size=(d, h)).round(2),
            "b1": rng.normal(size=h).round(2),
            "W2": rng.normal(size=(h, k)).round(2),
            "b2": rng.normal(size=k).round(2),
            "dout": rng.normal(size=(n, k)).round(2),
            "x_next": rng.normal(size=(n + 1, d)).round(2),
            "dout_next": rng.normal(size=(n + 1, k)).round(2),
        }
        for n, d, h, k in [(4, 3, 5, 2), (5, 3, 3, 3)]
    ]


def _network_cases(rng: np.random.Generator) -> list[Case]:
    """The layers' own modes are mixed, the first layer's is once the one and once the other."""
    return [
        {
            "x": rng.normal(size=(n, d)).round(2),
            "W": rng.normal(size=(d, k)).round(2),
            "b": rng.normal(size=k).round(2),
            "gains": rng.uniform(1.5, 3, size=2).round(2),
            "modes": np.array(modes),
        }
        for n, d, k, modes in [(4, 3, 2, [1, 0, 0]), (3, 2, 5, [0, 1, 1])]
    ]


def _mlp_cases(rng: np.random.Generator) -> list[Case]:
    """All sizes different, and hidden layers of one width, where a shared bend has no wrong shape."""
    return [
        {
            "sizes": np.array(sizes),
            "activation": activation,
            "scale": round(float(rng.uniform(0.2, 0.7)), 2),
            "seed": int(rng.integers(10, 10_000)),
            "x": rng.normal(size=(n, sizes[0])).round(2),
            "dout": rng.normal(size=(n, sizes[-1])).round(2),
        }
        for n, sizes, activation in [(5, (3, 6, 2, 4, 7), "tanh"), (6, (4, 3, 3, 3, 2), "leaky_relu")]
    ]


def _epoch_cases(rng: np.random.Generator) -> list[Case]:
    """Batches do not divide the samples evenly; the steps are small enough for every mistake to stay finite."""
    return [
        {
            "X": rng.normal(size=(n, d)).round(2),
            "T": rng.normal(size=(n, k)).round(2),
            "W1": rng.normal(scale=0.5, size=(d, h)).round(2),
            "b1": rng.normal(scale=0.5, size=h).round(2),
            "W2": rng.normal(scale=0.5, size=(h, k)).round(2),
            "b2": rng.normal(scale=0.5, size=k).round(2),
            "gain": round(float(rng.uniform(1.3, 1.7)), 2),
            "lr": round(float(rng.uniform(0.01, 0.03)), 3),
            "batch_size": size,
            "seed": int(rng.integers(10_000)),
        }
        for n, size, d, h, k in [(11, 4, 3, 5, 2), (17, 5, 2, 3, 4)]
    ]


def _norm_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            f"{kind}{k}": rng.normal(scale=scale, size=shape).round(3)
            for k, (n_in, n_out), scale in zip((1, 2, 3), shapes, (0.1, 0.5, 2.0), strict=True)
            for kind, shape in (("W", (n_in, n_out)), ("dW", (n_in, n_out)), ("db", (n_out,)))
        }
        for shapes in [((4, 3), (3, 5), (5, 2)), ((2, 6), (6, 3), (3, 4))]
    ]


def _units(n: int, kinds: Array, rng: np.random.Generator) -> Array:
    """What n rows put into units of these kinds, (n, units); the last row switches none on.

    Dead (0), barely on for one row that is not the first (1), on for the first row and one other (2),
    barely on for the first row alone (3).
    """
    A = -rng.uniform(0.3, 2, size=(n, len(kinds)))
    for j, kind in enumerate(kinds):
        other = int(rng.integers(1, n - 1))
        if kind == 2:
            A[[0, other], j] = rng.uniform(1.2, 2, size=2)
        elif kind > 0:
            A[other if kind == 1 else 0, j] = rng.uniform(0.1, 0.3)
    return A


def _dead_cases(rng: np.random.Generator) -> list[Case]:
    """Dead units beside such as are on for a single row, or barely; one is handed exactly 0 by all rows."""
    cases: list[Case] = []
    for n, d, h, m, p, k in [(5, 7, 6, 4, 8, 2), (6, 8, 7, 5, 4, 3)]:
        X, b1 = rng.normal(size=(n, d)).round(2), rng.normal(size=h).round(2)
        A = _units(n, rng.permutation([0, 1, 2, 3, *rng.integers(0, 2, size=h - 4)]), rng)
        W1 = (np.linalg.pinv(X) @ (A - b1)).round(3)  # X has more columns than rows, so any A can be had
        W2, b2, W3 = rng.normal(size=(h, m)).round(2), rng.normal(size=m).round(2), rng.normal(size=(m, p)).round(2)
        A = Sigmoid().forward(np.maximum(X @ W1 + b1, 0) @ W2 + b2) @ W3
        b3 = -(A.max(axis=0) + A.min(axis=0)) / 2  # on for some rows and off for others
        still, faint, *others = rng.permutation(p)
        dead = others[: int(rng.integers(1, p // 2))]
        b3[dead] = -A.max(axis=0)[dead] - 0.4
        b3 = b3.round(3)
        b3[faint] = 5e-7 - A.max(axis=0)[faint]  # on for one row, by a millionth
        W3[:, still], b3[still] = 0, 0  # handed exactly 0, which is off
        W4, b4 = rng.normal(size=(p, k)).round(2), rng.normal(size=k).round(2)
        cases.append({"X": X, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "W3": W3, "b3": b3, "W4": W4, "b4": b4})
    return cases


def _ratio_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for shapes in [((4, 3), (3,), (3, 5), (5,)), ((2, 5), (5,), (5, 3), (3,))]:
        case: Case = {}
        for name, shape in zip(("W1", "b1", "W2", "b2"), shapes, strict=True):
            case[name] = rng.uniform(0.3, 2, size=shape).round(2) * rng.choice([-1, 1], size=shape)
            case[f"{name}_after"] = (case[name] + rng.normal(scale=0.3, size=shape)).round(2)
        cases.append(case)
    return cases


_FORWARD = "x = layer.forward(x)\n        return x"
_BACKWARD = "for layer in reversed(self.layers):\n            dout = layer.backward(dout)\n        return dout"
_PARAMS = (
    "for k, layer in enumerate(self.owners, start=1):\n            for name in layer.params:\n"
    '                named[f"{name}{k}"] = layer.params[name]'
)
_GRADS = _PARAMS.replace("layer.params", "layer.grads")
_BETWEEN = (
    "\n        return named\n        ### END SOLUTION\n\n    @property\n    def grads(self):\n"
    '        """The gradients of the latest backward, under the names of their parameters."""\n'
    "        ### BEGIN SOLUTION\n        named = {}\n        "
)
_BOTH = _PARAMS + _BETWEEN + _GRADS

CHAIN = Exercise(
    name="chain",
    source="S2 §5.3: layer objects as lists, parameters in an ordered dictionary",
    cases=_chain_cases,
    reference={"Chain": network.Network},
    misconceptions=(
        Misconception(
            "backward in forward order",
            "reversed(self.layers)",
            "self.layers",
            "On the way back the first layer is asked first, but dout belongs to the output of the last. "
            "Which layer knows what to do with dE/dscores?",
        ),
        Misconception(
            "the list itself turned round",
            "for layer in reversed(self.layers):",
            "self.layers.reverse()\n        for layer in self.layers:",
            "The first way back is right. After it the list of layers stands upside down, and the second batch "
            "enters at the wrong end. Can you go through a list backwards and leave it as it was?",
        ),
        Misconception(
            "every layer is handed the input",
            _FORWARD,
            "y = layer.forward(x)\n        return y",
            "Your last layer was handed x, the input of the whole network. "
            "What does each layer get from the one before it?",
        ),
        Misconception(
            "every layer is handed the last dout",
            "dout = layer.backward(dout)\n        return dout",
            "dx = layer.backward(dout)\n        return dx",
            "`y` is right. On the way back every layer was handed the same dout, that of the scores. "
            "What does a layer's `backward` return, and who needs it next?",
        ),
        Misconception(
            "params copied",
            "= layer.params[name]",
            "= layer.params[name].copy()",
            "The names and values are right, but halving them left the network as it was. "
            "Whose arrays did the step change, the layers' or others that look like them?",
        ),
        Misconception(
            "grads collected once",
            f"named = {{}}\n        {_GRADS}\n        return named",
            'if not hasattr(self, "named"):\n            self.named = {}\n'
            "            for k, layer in enumerate(self.owners, start=1):\n"
            "                for name in layer.grads:\n"
            '                    self.named[f"{name}{k}"] = layer.grads[name]\n'
            "        return self.named",
            "After the second batch your `grads` still hold the first. A layer's `backward` puts new arrays in place "
            "of the old ones: when do you look?",
        ),
        Misconception(
            "grads are the params",
            _GRADS,
            _PARAMS,
            "What stands in your `grads` are the parameters themselves. Which dictionary of a layer holds dE/dW?",
        ),
        Misconception(
            "numbered by the place in the list",
            _BOTH,
            _BOTH.replace("self.owners", "self.layers"),
            "Your second matrix has the number 3, because the bend was counted. "
            "Which layers have parameters to be named?",
        ),
        Misconception(
            "numbered from 0",
            _BOTH,
            _BOTH.replace("start=1", "start=0"),
            "All is in order, but your first matrix has the number 0. What is its name in the table?",
        ),
        Misconception(
            "names without a number",
            _BOTH,
            _BOTH.replace("{name}{k}", "{name}"),
            "Two layers have a W, and your dictionary has room for one of them. "
            "What tells the first layer's W from the second's?",
        ),
        Misconception(
            "numbered from the output",
            _BOTH,
            _BOTH.replace("self.owners", "self.owners[::-1]"),
            "Your W1 belongs to the last layer. From which end does the network count?",
        ),
    ),
    alternatives=(
        Alternative(
            "comprehensions",
            code="""
class Chain:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        out = x
        for i in range(len(self.layers)):
            out = self.layers[i].forward(out)
        return out

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
        return dout

    def numbered(self):
        return enumerate((layer for layer in self.layers if len(layer.params) > 0), start=1)

    @property
    def params(self):
        return {f"{name}{k}": value for k, layer in self.numbered() for name, value in layer.params.items()}

    @property
    def grads(self):
        return {name + str(k): layer.grads[name] for k, layer in self.numbered() for name in layer.params}
""",
        ),
        Alternative("index from the end", old="reversed(self.layers)", new="self.layers[::-1]"),
        Alternative(
            "names taken apart",
            old=_BOTH,
            new='for k, layer in enumerate(self.owners):\n            named["W" + str(k + 1)] = layer.params["W"]\n'
            '            named["b" + str(k + 1)] = layer.params["b"]' + _BETWEEN + "for name in self.params:\n"
            "            named[name] = self.owners[int(name[1:]) - 1].grads[name[0]]",
        ),
    ),
)

_RESTORE = "for layer, mode in zip(self.layers, modes, strict=True):\n            layer.training = mode\n        "
_BETWEEN_MODES = (
    "\n        ### END SOLUTION\n\n    def eval(self):\n"
    '        """Put every layer into inference mode."""\n        ### BEGIN SOLUTION\n        '
)
_TRAIN = "for layer in self.layers:\n            layer.training = True"
_EVAL = "for layer in self.layers:\n            layer.training = False"

NETWORK = Exercise(
    name="network",
    source="S2 §5.3; syllabus 06: train(), eval(), predict",
    cases=_network_cases,
    reference={"Network": network.Network},
    misconceptions=(
        Misconception(
            "scores in the layers' own modes",
            "self.eval()\n        scores",
            "scores",
            "`forward` inside your `predict` ran in whatever mode each layer happened to be in. "
            "In which mode do scores have to be the same at every call?",
        ),
        Misconception(
            "mode not restored",
            _RESTORE,
            "",
            "The scores are right, but after `predict` all layers are in inference mode. Whoever was training goes on "
            "in the wrong mode and is not told. Which modes had they before, and do you still know?",
        ),
        Misconception(
            "always back to training",
            _RESTORE,
            "self.train()\n        ",
            "After `predict` all layers are in training mode, and some were not before. "
            "What if somebody had frozen a layer, or was not training at all?",
        ),
        Misconception(
            "one mode for all",
            "layer.training = mode\n        ",
            "layer.training = modes[0]\n        ",
            "After `predict` every layer has the mode that the first one had. Each layer has a flag of its own: "
            "which one belongs to which?",
        ),
        Misconception(
            "no layer's flag changed",
            _TRAIN + _BETWEEN_MODES + _EVAL,
            "self.training = True" + _BETWEEN_MODES + "self.training = False",
            "After the call the layers' flags are what they were before. Each layer reads its own `training`: "
            "does your line put a value there, or somewhere else, or does it put none at all?",
        ),
        Misconception(
            "eval sets True",
            "layer.training = False",
            "layer.training = True",
            "After your `eval` every layer is in training mode. Which value of the flag stands for inference?",
        ),
        Misconception(
            "train sets False",
            "layer.training = True",
            "layer.training = False",
            "After your `train` every layer is in inference mode. Which value of the flag stands for training?",
        ),
        Misconception(
            "scores in training mode",
            "self.eval()\n        scores",
            "self.train()\n        scores",
            "The two modes are set as they should be, but your scores are those of training mode. "
            "In which of the two is a network used?",
        ),
        Misconception(
            "exchanged",
            _TRAIN + _BETWEEN_MODES + _EVAL,
            _EVAL + _BETWEEN_MODES + _TRAIN,
            "Your `train` and `eval` do each other's work. Which of the two sets `training` to True?",
        ),
        Misconception(
            "only layers with parameters",
            _TRAIN + _BETWEEN_MODES + _EVAL,
            _TRAIN.replace("self.layers", "self.owners") + _BETWEEN_MODES + _EVAL.replace("self.layers", "self.owners"),
            "A layer without parameters kept its mode. Does a layer need parameters to behave in two ways?",
        ),
        Misconception(
            "classes instead of scores",
            "return scores",
            "return scores.argmax(axis=1)",
            "One whole number a row came back: the class. Its scores say more; who takes the largest later "
            "can still do so. What is asked for?",
        ),
        Misconception(
            "restored to the opposite",
            "layer.training = mode\n        ",
            "layer.training = not mode\n        ",
            "After `predict` every layer has the mode that it did not have. What did you write down about each?",
        ),
    ),
    alternatives=(
        Alternative(
            "try and finally",
            code="""
class Network(Chain):
    def train(self, mode=True):
        for layer in self.layers:
            layer.training = mode

    def eval(self):
        self.train(False)

    def predict(self, x):
        kept = {i: layer.training for i, layer in enumerate(self.layers)}
        try:
            self.eval()
            return self.forward(x)
        finally:
            for i, mode in kept.items():
                self.layers[i].training = mode
""",
        ),
        Alternative(
            "layer by layer",
            code="""
class Network(Chain):
    def train(self):
        for i in range(len(self.layers)):
            self.layers[i].training = 1

    def eval(self):
        for i in range(len(self.layers)):
            self.layers[i].training = 0

    def predict(self, x):
        for layer in self.layers:
            mode = layer.training
            layer.training = False
            x = layer.forward(x)
            layer.training = mode
        return x
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "constant: for layer, mode in zip(self.layers, modes, strict=True):"
            " -> for layer, mode in zip(self.layers, modes, strict=False):",
            "both lists have one entry for each layer",
        ),
    ),
)

_DRAW = "rng.normal(0.0, scale, size=(n_in, n_out))"
_PAIRS = "pairwise(sizes)"

MLP = Exercise(
    name="mlp",
    source="S1 three hidden layers; S2 §5.3",
    cases=_mlp_cases,
    reference={"mlp": network.mlp},
    misconceptions=(
        Misconception(
            "a bend after the last layer",
            "Network(layers[:-1])",
            "Network(layers)",
            "Your network ends in a bend. The loss is handed scores, which may be any numbers: "
            "what must the last layer be?",
        ),
        Misconception(
            "one bend for all",
            f"layers = []\n    for n_in, n_out in {_PAIRS}:\n        W = {_DRAW}\n"
            "        layers += [Affine(W, np.zeros(n_out)), ACTIVATIONS[activation]()]",
            "layers = []\n    bend = ACTIVATIONS[activation]()\n"
            f"    for n_in, n_out in {_PAIRS}:\n        W = {_DRAW}\n"
            "        layers += [Affine(W, np.zeros(n_out)), bend]",
            "The way forward is right and the way back is not. The same bend stands in several places, and it "
            "remembers one forward only. Whose slope does it hand to the layers further down?",
        ),
        Misconception(
            "rng seeded anew for each layer",
            f"W = {_DRAW}",
            "rng = np.random.default_rng(0)\n        W = rng.normal(0.0, scale, size=(n_in, n_out))",
            "All your matrices begin with the same numbers, whatever rng is handed in. "
            "Where should the numbers of the next matrix come from?",
        ),
        Misconception(
            "biases drawn",
            "np.zeros(n_out)",
            "rng.normal(0.0, scale, size=n_out)",
            "W1 is right and the biases are not: they were drawn, which also used up numbers that the next matrix "
            "was meant to get. What do biases start from?",
        ),
        Misconception(
            "scale taken for a variance",
            "rng.normal(0.0, scale, ",
            "rng.normal(0.0, np.sqrt(scale), ",
            "Your weights are too large by the root of the scale. "
            "Is the scale a standard deviation or a variance, and which of the two does NumPy want?",
        ),
        Misconception(
            "scale squared",
            "rng.normal(0.0, scale, ",
            "rng.normal(0.0, scale**2, ",
            "Your weights are too small by the factor scale. N(0, scale²) names the variance: "
            "which of the two does NumPy want?",
        ),
        Misconception(
            "scale forgotten",
            "rng.normal(0.0, scale, ",
            "rng.normal(0.0, 1.0, ",
            "Your weights have the standard deviation 1, whatever scale is. Where should it come in?",
        ),
        Misconception(
            "scale taken for the mean",
            "rng.normal(0.0, scale, size=(n_in, n_out))",
            "rng.normal(scale, size=(n_in, n_out))",
            "Your weights have the standard deviation 1 and lie around scale. "
            "Which of NumPy's arguments comes first, the mean or the deviation?",
        ),
        Misconception(
            "W for samples in columns",
            _DRAW,
            "rng.normal(0.0, scale, size=(n_out, n_in))",
            "In your matrices the size that comes later in `sizes` stands first. Here samples are rows, so y = xW: "
            "which of the two neighbours is the width of x?",
        ),
        Misconception(
            "drawn with the sizes exchanged, then turned",
            _DRAW,
            "rng.normal(0.0, scale, size=(n_out, n_in)).T",
            "Your matrices have the right shapes and hold the numbers asked for, in another order: they were drawn "
            "as other shapes. Which shape should rng be asked for?",
        ),
        Misconception(
            "always a sigmoid",
            "ACTIVATIONS[activation]()",
            "Sigmoid()",
            "Weights and shapes are right, but the bend is a sigmoid whichever was asked for. "
            "Which argument has not been used?",
        ),
        Misconception(
            "always a ReLU",
            "ACTIVATIONS[activation]()",
            "ReLU()",
            "Weights and shapes are right, but the bend is a ReLU whichever was asked for. "
            "Which argument has not been used?",
        ),
        Misconception(
            "no bend at all",
            "layers += [Affine(W, np.zeros(n_out)), ACTIVATIONS[activation]()]\n    return Network(layers[:-1])",
            "layers += [Affine(W, np.zeros(n_out))]\n    return Network(layers)",
            "Your affine layers touch, so together they are one affine layer. What stands between each two?",
        ),
        Misconception(
            "uniform between 0 and scale",
            _DRAW,
            "scale * rng.random((n_in, n_out))",
            "All your weights are positive. From which distribution are they to be drawn, and what is its mean?",
        ),
        Misconception(
            "uniform from -scale to scale",
            _DRAW,
            "rng.uniform(-scale, scale, (n_in, n_out))",
            "No weight of yours is larger than scale, and all sizes up to there are equally likely. "
            "From which distribution are they to be drawn?",
        ),
    ),
    alternatives=(
        Alternative("a standard normal, scaled", old=_DRAW, new="scale * rng.standard_normal((n_in, n_out))"),
        Alternative(
            "a bend before every layer but the first",
            code="""
def mlp(sizes, activation, rng, scale=0.1):
    layers = []
    for i in range(len(sizes) - 1):
        if i > 0:
            layers.append(ACTIVATIONS[activation]())
        layers.append(Affine(rng.normal(size=(sizes[i], sizes[i + 1])) * scale, np.zeros((sizes[i + 1],))))
    return Network(layers)
""",
        ),
        Alternative(
            "the last layer apart",
            code="""
def mlp(sizes, activation, rng, scale=0.1):
    layers = []
    for n_in, n_out in zip(sizes[:-2], sizes[1:-1]):
        layers.append(Affine(rng.normal(0, scale, (n_in, n_out)), 0.0 * np.ones(n_out)))
        layers.append(ACTIVATIONS[activation]())
    layers.append(Affine(rng.normal(0, scale, (sizes[-2], sizes[-1])), np.zeros(sizes[-1])))
    return Network(layers)
""",
        ),
    ),
)

_BATCHES = "minibatches(X, T, batch_size, rng)"
_STEP = "sgd_step(network.params, network.grads, lr)"
_FOR = f"for x, t in {_BATCHES}:"

TRAIN_EPOCH = Exercise(
    name="train_epoch",
    source="S2 §5.3; S1 batching",
    cases=_epoch_cases,
    reference={"train_epoch": network.train_epoch},
    misconceptions=(
        Misconception(
            "one step with everything",
            _BATCHES,
            "[(X, T)]",
            "The parameters moved once, by the gradient of all samples together. "
            "How many steps does an epoch of N samples in batches take?",
        ),
        Misconception(
            "mode left as it was",
            "network.train()\n    ",
            "",
            "Your batches went through a network whose layers were in inference mode. "
            "What puts them into training mode before the first batch, and are they still in it during the forward?",
        ),
        Misconception(
            "grads read before the loop",
            f"network.train()\n    for x, t in {_BATCHES}:\n        loss.forward(network.forward(x), t)\n"
            f"        network.backward(loss.backward())\n        {_STEP}",
            f"network.train()\n    grads = network.grads\n    for x, t in {_BATCHES}:\n"
            "        loss.forward(network.forward(x), t)\n"
            "        network.backward(loss.backward())\n        sgd_step(network.params, grads, lr)",
            "All your steps used one and the same gradient, from before the epoch. "
            "When do the layers put a new one in its place, and do you look after that?",
        ),
        Misconception(
            "step before backward",
            f"network.backward(loss.backward())\n        {_STEP}",
            f"{_STEP}\n        network.backward(loss.backward())",
            "Each of your steps uses the gradient of the batch before. In which order do the three things happen?",
        ),
        Misconception(
            "step after the loop",
            f"\n        {_STEP}",
            f"\n    {_STEP}",
            "Only the last batch of the epoch moved the parameters. Which lines belong to every batch?",
        ),
        Misconception(
            "short batch dropped",
            f"{_BATCHES}:\n",
            f"{_BATCHES}:\n        if len(x) < batch_size:\n            break\n",
            "The last batch, which is shorter, was left out. Do its samples not belong to the epoch?",
        ),
        Misconception(
            "not shuffled",
            _BATCHES,
            "((X[i : i + batch_size], T[i : i + batch_size]) for i in range(0, len(X), batch_size))",
            "Your batches are the rows in the order in which they came, the same in every epoch. "
            "What is rng handed in for?",
        ),
        Misconception(
            "steps on copies",
            _STEP,
            "params = {name: array.copy() for name, array in network.params.items()}\n"
            "        sgd_step(params, network.grads, lr)",
            "After an epoch every parameter is what it was. Was there a step, and if so, on which arrays?",
        ),
        Misconception(
            "step uphill",
            "network.grads, lr)",
            "network.grads, -lr)",
            "The parameters moved as far as they should, and in the opposite direction. "
            "The gradient says where E grows: which way is down? Or what is the loss's first argument?",
        ),
        Misconception(
            "return inside the loop",
            _STEP,
            f"{_STEP}\n        return",
            "Only the first batch of the epoch moved the parameters. What ends your loop after it?",
        ),
        Misconception(
            "rate divided by the number of samples",
            "network.grads, lr)",
            "network.grads, lr / len(X))",
            "Your steps are N times too short. The loss takes the mean over the batch already: what is left to divide?",
        ),
        Misconception(
            "rate divided by the batch size",
            "network.grads, lr)",
            "network.grads, lr / batch_size)",
            "Your steps are too short, by the batch size. The loss takes the mean over the batch already: "
            "what is left to divide?",
        ),
        Misconception(
            "rate divided by the rows of the batch",
            "network.grads, lr)",
            "network.grads, lr / len(x))",
            "Your steps are too short, each by the number of rows of its batch. "
            "The loss takes the mean over the batch already: what is left to divide?",
        ),
        Misconception(
            "all samples at every step",
            "loss.forward(network.forward(x), t)",
            "loss.forward(network.forward(X), T)",
            "There are as many steps as batches, but each used the gradient of all samples. What are x and t for?",
        ),
        Misconception(
            "two steps a batch",
            _STEP,
            f"{_STEP}\n        {_STEP}",
            "Each batch moved the parameters twice with one gradient. How many steps does it get?",
        ),
        Misconception(
            "gradient of all samples, computed once",
            f"{_FOR}\n        loss.forward(network.forward(x), t)\n        network.backward(loss.backward())\n        ",
            f"loss.forward(network.forward(X), T)\n    network.backward(loss.backward())\n    {_FOR}\n        ",
            "Every step of your epoch repeats the same one, by a gradient of all samples that was computed once. "
            "Which lines belong to every batch?",
        ),
        Misconception(
            "a generator of its own",
            _BATCHES,
            "minibatches(X, T, batch_size, np.random.default_rng(0))",
            "Your order does not come from the rng that was handed in, but from one that begins anew with the same "
            "number: then every epoch has the same order. What is the last argument for?",
        ),
        Misconception(
            "batches of one sample",
            _BATCHES,
            "minibatches(X, T, 1, rng)",
            "You took a step for every single sample. Which argument says how many belong to a batch?",
        ),
    ),
    alternatives=(
        Alternative(
            "step written out",
            old=_STEP,
            new="for name, theta in network.params.items():\n            theta -= lr * network.grads[name]",
        ),
        Alternative(
            "own order, layer by layer",
            code="""
def train_epoch(network, loss, X, T, lr, batch_size, rng):
    order = rng.permutation(len(X))
    for layer in network.layers:
        layer.training = True
    for i in range(0, len(X), batch_size):
        chosen = order[i : i + batch_size]
        scores = network.forward(X[chosen])
        loss.forward(scores, T[chosen])
        network.backward(loss.backward())
        for layer in network.layers:
            for name in layer.params:
                layer.params[name][...] = layer.params[name] - lr * layer.grads[name]
""",
        ),
    ),
)

_NORM = "np.sqrt(np.sum(gradient**2))"

GRADIENT_NORMS = Exercise(
    name="gradient_norms",
    source="Syllabus 06: per-layer gradient norm",
    cases=_norm_cases,
    reference={"gradient_norms": network.gradient_norms},
    misconceptions=(
        Misconception(
            "no root",
            _NORM,
            "np.sum(gradient**2)",
            "You have the squares of the norms: ten times the gradient would be a hundred times as long. "
            "What brings a sum of squares back to a length?",
        ),
        Misconception(
            "mean of the squares",
            _NORM,
            "np.sqrt(np.mean(gradient**2))",
            "You have the size of a typical entry. The norm is the length of all entries together: "
            "are their squares averaged for that, or added?",
        ),
        Misconception(
            "biases too",
            'if name.startswith("W"):\n            norms[name] = np.sqrt(np.sum(gradient**2))',
            "norms[name] = np.sqrt(np.sum(gradient**2))",
            "Each norm is right, but there are twice as many as asked for. Which names begin with W?",
        ),
        Misconception(
            "norms of the weights",
            "network.grads.items()",
            "network.params.items()",
            "These are the lengths of the matrices themselves. Where does the network keep their gradients?",
        ),
        Misconception(
            "sum of absolute values",
            _NORM,
            "np.sum(np.abs(gradient))",
            "You added the absolute values. That is a length too, though not the one in the formula. "
            "What is done to each entry there before it is added?",
        ),
        Misconception(
            "largest entry",
            _NORM,
            "np.max(np.abs(gradient))",
            "You have the largest entry alone. What about all the others?",
        ),
        Misconception(
            "spectral norm",
            _NORM,
            "np.linalg.norm(gradient, 2)",
            "For a matrix NumPy's norm of order 2 is not the root of the sum of squares, but the largest "
            "stretch of any vector. What does the same function give without an order?",
        ),
        Misconception(
            "signed sum",
            _NORM,
            "np.abs(np.sum(gradient))",
            "Positive and negative entries cancelled each other. Can a long gradient have entries that add up to 0?",
        ),
    ),
    alternatives=(
        Alternative("linalg", old=_NORM, new="np.linalg.norm(gradient)"),
        Alternative(
            "loop over the layers",
            code="""
def gradient_norms(network):
    owners = [layer for layer in network.layers if layer.params]
    return {"W" + str(k): float(sum(g * g for row in layer.grads["W"] for g in row) ** 0.5)
            for k, layer in enumerate(owners, start=1)}
""",
        ),
        Alternative(
            "by the owners",
            code="""
def gradient_norms(network):
    return {f"W{k}": np.linalg.norm(layer.grads["W"]) for k, layer in enumerate(network.owners, start=1)}
""",
        ),
        Alternative("over two axes", old=_NORM, new="np.sqrt((gradient**2).sum(axis=1).sum())"),
    ),
)

_DEAD = "np.mean(np.all(X == 0, axis=0))"
_LOOK = f"X = layer.forward(X)\n        if isinstance(layer, ReLU):\n            shares.append({_DEAD})"

DEAD_UNITS = Exercise(
    name="dead_units",
    source="Syllabus 06; S1 ReLU",
    cases=_dead_cases,
    reference={
        "dead_units": network.dead_units,
        "Affine": Affine,
        "ReLU": ReLU,
        "Sigmoid": Sigmoid,
    },
    misconceptions=(
        Misconception(
            "all over the wrong axis",
            "axis=0",
            "axis=1",
            "You have the share of rows for which the whole layer is off. A unit is a column: "
            "along which axis do you have to look at one unit?",
        ),
        Misconception(
            "off once is dead",
            "np.all(X == 0",
            "np.any(X == 0",
            "You count units that are off for at least one row, and most of them are on for another. "
            "For how many rows is a dead unit off?",
        ),
        Misconception(
            "share of zeros",
            _DEAD,
            "np.mean(X == 0)",
            "You have the share of zeros among all outputs. That a unit is off now and then is what a ReLU is for: "
            "what distinguishes it from one that is dead?",
        ),
        Misconception(
            "judged on the mean",
            "np.all(X == 0, axis=0)",
            "X.mean(axis=0) < 0.1",
            "A unit that is on for a single row has a small mean, and yet it lives: that row still moves its weights. "
            "Is a small mean the same as no output at all?",
        ),
        Misconception(
            "nearly 0 counts as 0",
            "X == 0",
            "X < 1e-3",
            "A unit that puts out very little for one row is on there, and that row moves its weights. "
            "Is little the same as nothing?",
        ),
        Misconception(
            "below 0 before the ReLU",
            _LOOK,
            "if isinstance(layer, ReLU):\n            shares.append(np.mean(np.all(X < 0, axis=0)))\n"
            "        X = layer.forward(X)",
            "By your count a unit that is handed exactly 0 is on. What does it put out then, and what is its slope?",
        ),
        Misconception(
            "judged on the first row",
            "np.all(X == 0, axis=0)",
            "X[0] == 0",
            "You looked at one sample. A unit that is off there may be on for the next one: "
            "how many rows have to agree?",
        ),
        Misconception(
            "counted, not a share",
            "np.mean(np.all(X == 0, axis=0))",
            "np.sum(np.all(X == 0, axis=0))",
            "You have the number of dead units. What is it to be divided by?",
        ),
        Misconception(
            "the living",
            "np.all(X == 0, axis=0)",
            "np.any(X > 0, axis=0)",
            "Your share and the right one add up to 1: which units have you counted?",
        ),
        Misconception(
            "after every layer",
            _LOOK,
            f"X = layer.forward(X)\n        shares.append({_DEAD})",
            "There is a number for every layer of the network, the affine ones included. "
            "For which layers does the question make sense?",
        ),
        Misconception(
            "looked at before the ReLU",
            _LOOK,
            f"if isinstance(layer, ReLU):\n            shares.append({_DEAD})\n        X = layer.forward(X)",
            "You find next to no dead units. Do you look at what goes into the ReLU or at what comes out, "
            "and what does a unit put out when it is off?",
        ),
        Misconception(
            "below 0 after the ReLU",
            "X == 0",
            "X < 0",
            "By your count no unit is ever dead. Can a ReLU put out less than 0?",
        ),
    ),
    alternatives=(
        Alternative("not any", old="np.all(X == 0, axis=0)", new="~np.any(X > 0, axis=0)"),
        Alternative("largest output", old="np.all(X == 0, axis=0)", new="X.max(axis=0) <= 0"),
        Alternative(
            "loop over the units",
            code="""
def dead_units(network, X):
    shares, H = [], X
    for layer in network.layers:
        H = layer.forward(H)
        if type(layer) is ReLU:
            dead = 0
            for unit in range(H.shape[1]):
                if H[:, unit].sum() == 0:
                    dead += 1
            shares.append(dead / H.shape[1])
    return np.array(shares)
""",
        ),
    ),
)

_RATIO = "np.linalg.norm(after[name] - W) / np.linalg.norm(W)"

UPDATE_RATIOS = Exercise(
    name="update_ratios",
    source="Syllabus 07: update-to-weight ratio",
    cases=_ratio_cases,
    reference={"update_ratios": network.update_ratios},
    misconceptions=(
        Misconception(
            "difference of the lengths",
            _RATIO,
            "abs(np.linalg.norm(after[name]) - np.linalg.norm(W)) / np.linalg.norm(W)",
            "You compare two lengths. A matrix that only turned has the length it had before, and yet has moved: "
            "from what is the length to be taken?",
        ),
        Misconception(
            "signed difference of the lengths",
            _RATIO,
            "(np.linalg.norm(after[name]) - np.linalg.norm(W)) / np.linalg.norm(W)",
            "You say by how much a matrix got longer, or shorter. A matrix that only turned has the length it had "
            "before, and yet has moved: from what is the length to be taken?",
        ),
        Misconception(
            "upside down",
            _RATIO,
            "np.linalg.norm(W) / np.linalg.norm(after[name] - W)",
            "Your ratio grows when the step gets shorter. What is divided by what?",
        ),
        Misconception(
            "length of the ratios",
            _RATIO,
            "np.linalg.norm((after[name] - W) / W)",
            "You divided entry by entry, so that one weight near 0 can outweigh all the others. "
            "How many lengths stand in the formula?",
        ),
        Misconception(
            "spectral norm",
            _RATIO,
            "np.linalg.norm(after[name] - W, 2) / np.linalg.norm(W, 2)",
            "For a matrix NumPy's norm of order 2 is not the root of the sum of squares, but the largest "
            "stretch of any vector. What does the same function give without an order?",
        ),
        Misconception(
            "difference taken in place",
            f"ratios[name] = {_RATIO}",
            "step = after[name]\n            step -= W\n"
            "            ratios[name] = np.linalg.norm(step) / np.linalg.norm(W)",
            "The ratios are right, and your function has changed the arrays it was handed. `after` holds the "
            "network's own weights: what is left of the network?",
        ),
        Misconception(
            "measured against the new weights",
            "/ np.linalg.norm(W)",
            "/ np.linalg.norm(after[name])",
            "Your steps are right, and they are divided by the length of the weights they led to. "
            "Which of the two matrices were the steps taken from?",
        ),
        Misconception(
            "mean of the ratios",
            _RATIO,
            "np.mean(np.abs((after[name] - W) / W))",
            "You divided entry by entry and averaged, so that one weight near 0 can outweigh all the others. "
            "What is divided by what in the formula?",
        ),
        Misconception(
            "no root",
            _RATIO,
            "np.sum((after[name] - W) ** 2) / np.sum(W**2)",
            "You have the square of the ratio: half the step would count a quarter. "
            "What brings a sum of squares back to a length?",
        ),
        Misconception(
            "biases too",
            f'if name.startswith("W"):\n            ratios[name] = {_RATIO}',
            f"ratios[name] = {_RATIO}",
            "Each ratio of a matrix is right, but the biases are in as well. They start from 0: "
            "what would you divide by at the first step?",
        ),
        Misconception(
            "length after by length before",
            _RATIO,
            "np.linalg.norm(after[name]) / np.linalg.norm(W)",
            "For a step of length 0 your ratio is 1. What should it be then?",
        ),
        Misconception(
            "not divided",
            _RATIO,
            "np.linalg.norm(after[name] - W)",
            "You have the length of the step alone. Is a step of 0.1 a long one for weights of length 0.2? And of 200?",
        ),
    ),
    alternatives=(
        Alternative("written out", old=_RATIO, new="np.sqrt(np.sum((W - after[name]) ** 2) / np.sum(W**2))"),
        Alternative(
            "flattened",
            code="""
def update_ratios(before, after):
    length = lambda A: float(np.dot(A.ravel(), A.ravel())) ** 0.5
    return {k: length(after[k] - before[k]) / length(before[k]) for k in before if k[0] == "W"}
""",
        ),
    ),
)

EXERCISES = (
    CHAIN,
    NETWORK,
    MLP,
    TRAIN_EPOCH,
    GRADIENT_NORMS,
    DEAD_UNITS,
    UPDATE_RATIOS,
)
