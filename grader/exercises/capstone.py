"""``12_capstone``: a filter and its matrix, and a network of one's own, judged by digits it never saw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from byhand import datasets
from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception
from grader.reference import capstone

TRAINING_IMAGES = 1000


def _filter_cases(rng: np.random.Generator) -> list[Case]:
    """Images that are wide and that are high, so no two sizes can be mistaken; the last in whole steps of ink."""
    return [
        {
            "image": rng.integers(1, 17, size=shape) if whole else rng.normal(size=shape).round(2),
            "theta": rng.normal(size=(size, size)).round(2),
            "oblong": rng.normal(size=(size - 1, size + 1)).round(2),
        }
        for shape, size, whole in [((5, 8), 3, False), ((7, 4), 2, False), ((6, 9), 3, True)]
    ]


def _matrix_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "theta": rng.normal(size=(2, 2)).round(2),
            "oblong": rng.normal(size=oblong).round(2),
            "height": height,
            "width": width,
        }
        for (height, width), oblong in [((4, 5), (2, 3)), ((5, 3), (1, 2))]
    ]


def _ink() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All digits in whole steps of ink, 0 to 16, as they are stored in ``checks.json``."""
    X, labels = datasets.digits()
    return np.rint(16 * X).astype(np.uint8), labels


def _model_cases(rng: np.random.Generator) -> list[Case]:
    ink, labels = _ink()
    cases = []
    for count in (80, 60):
        chosen = rng.permutation(len(ink))[:count]
        cases.append({"ink": ink[chosen], "labels": labels[chosen], "seed": int(rng.integers(1000))})
    return cases


def _training_cases(rng: np.random.Generator) -> list[Case]:
    """One random split of all digits; the labels of its second part are private."""
    ink, labels = _ink()
    order = rng.permutation(len(ink))
    learnt, unseen = order[:TRAINING_IMAGES], order[TRAINING_IMAGES:]
    return [
        {
            "ink": ink[learnt],
            "labels": labels[learnt],
            "ink_test": ink[unseen],
            "labels_test": labels[unseen],
            "seed": int(rng.integers(1000)),
        }
    ]


SLIDE_FILTER = Exercise(
    name="slide_filter",
    source="S4 Parameter Sharing",
    cases=_filter_cases,
    reference={"slide_filter": capstone.slide_filter},
    misconceptions=(
        Misconception(
            "theta turned over",
            "a[r, c] = np.sum(theta * image[r : r + h, c : c + w])",
            "a[r, c] = np.sum(theta[::-1, ::-1] * image[r : r + h, c : c + w])",
            "Your `a` is what a θ turned by half a turn would give. Mathematics calls that a convolution, and the "
            "formula above does not turn θ: which number of θ meets the upper left pixel of the patch?",
        ),
        Misconception(
            "one place short",
            "rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1",
            "rows, columns = image.shape[0] - h, image.shape[1] - w",
            "Your `a` lacks its last row and its last column. A filter 3 wide over a row of 3 pixels: "
            "in how many places does it fit?",
        ),
        Misconception(
            "frame of zeros",
            "    h, w = theta.shape",
            "    h, w = theta.shape\n    image = np.pad(image, ((h // 2, (h - 1) // 2), (w // 2, (w - 1) // 2)))",
            "Your `a` is as large as the image, as if there were ink-free pixels around it. "
            "Here θ only goes where it fits: how many rows are left then?",
        ),
        Misconception(
            "mean instead of sum",
            "np.sum(theta *",
            "np.mean(theta *",
            "Your `a` is smaller than it should be by the number of entries of θ, everywhere. "
            "Does the formula divide by anything?",
        ),
        Misconception(
            "jumps by its own size",
            "np.sum(theta * image[r : r + h, c : c + w])",
            "np.sum(theta * image[r * h : r * h + h, c * w : c * w + w]) if (r + 1) * h <= len(image) "
            "and (c + 1) * w <= image.shape[1] else 0.0",
            "Your patches lie side by side, so an edge between two of them is never seen. "
            "By how many pixels does θ move from one place to the next?",
        ),
        Misconception(
            "theta transposed",
            "np.sum(theta * image[r : r + h, c : c + w])",
            "np.sum(theta.T * image[r : r + w, c : c + h])",
            "Your `a` is what θ gives when its rows are taken for its columns. "
            "Which index of θ goes down, and which goes to the right?",
        ),
        Misconception(
            "matrix product",
            "np.sum(theta * image[r : r + h, c : c + w])",
            "np.sum(theta @ image[r : r + h, c : c + w])",
            "Each number of θ should meet one pixel of the patch. "
            "In your sum each of them meets a whole row: which product puts entry on entry?",
        ),
        Misconception(
            "only the first row of theta",
            "np.sum(theta * image[r : r + h, c : c + w])",
            "np.sum(theta[0] * image[r, c : c + w])",
            "Your `a` does not change when the second row of θ does. How many rows of the image does a patch have?",
        ),
        Misconception(
            "image overwritten",
            "    a = np.zeros((rows, columns))",
            "    a = image[:rows, :columns]",
            "`a` and the image share their memory, so each answer you write becomes a pixel for the next one. "
            "Where do fresh numbers find room?",
        ),
        Misconception(
            "whole numbers only",
            "np.zeros((rows, columns))",
            "np.zeros((rows, columns), dtype=image.dtype)",
            "Where the image holds whole numbers, your `a` does too, though θ has fractions. "
            "What kind of numbers is there room for in the array that you fill?",
        ),
        Misconception(
            "returns after the first place",
            "    return a",
            "            return a",
            "Your `a` has its upper left number, and none of the others. "
            "How many places had been visited when your function returned?",
        ),
        Misconception(
            "returns after the first row",
            "    return a",
            "        return a",
            "Your `a` has its first row, and none of the others. "
            "How many rows had been visited when your function returned?",
        ),
    ),
    alternatives=(
        Alternative(
            "loop over the entries of theta",
            code="""
def slide_filter(image, theta):
    (H, W), (h, w) = image.shape, theta.shape
    return sum(theta[i, j] * image[i : H - h + 1 + i, j : W - w + 1 + j] for i in range(h) for j in range(w))
""",
        ),
        Alternative(
            "sliding windows",
            code="""
def slide_filter(image, theta):
    windows = np.lib.stride_tricks.sliding_window_view(image, theta.shape)
    return np.einsum("rcij,ij->rc", windows, theta)
""",
        ),
        Alternative(
            "four loops and lists",
            code="""
def slide_filter(image, theta):
    h, w = theta.shape
    return np.array([
        [
            sum(theta[i][j] * image[r + i][c + j] for i in range(h) for j in range(w))
            for c in range(image.shape[1] - w + 1)
        ]
        for r in range(image.shape[0] - h + 1)
    ])
""",
        ),
    ),
)

FILTER_MATRIX = Exercise(
    name="filter_matrix",
    source="S4 Parameter Sharing; S0 on what is local",
    cases=_matrix_cases,
    reference={"filter_matrix": capstone.filter_matrix},
    misconceptions=(
        Misconception(
            "one row a place",
            "for pixel in pixels])",
            "for pixel in pixels]).T",
            "Your `M` has a row for each place of the filter. In x W, which of the two sides of W counts the inputs?",
        ),
        Misconception(
            "theta turned over",
            "slide_filter(pixel.reshape(shape), theta)",
            "slide_filter(pixel.reshape(shape), theta[::-1, ::-1])",
            "The pattern of zeros in `M` is right, and the numbers of θ stand in the opposite order. A lit pixel meets "
            "the numbers of θ last to first as θ passes over it: did something turn them once too often?",
        ),
        Misconception(
            "height for width",
            "pixel.reshape(shape)",
            "pixel.reshape(shape[::-1])",
            "Your image has H for W. In a flattened image, how many steps is it from a pixel to the one below it?",
        ),
        Misconception(
            "only where",
            "return np.array([slide_filter(pixel.reshape(shape), theta).ravel() for pixel in pixels])",
            "return np.array([slide_filter(pixel.reshape(shape), np.ones(theta.shape)).ravel() for pixel in pixels])",
            "Your `M` says which pixel belongs to which answer, with a 1. With what weight does it belong to it?",
        ),
        Misconception(
            "round the edge",
            "return np.array([slide_filter(pixel.reshape(shape), theta).ravel() for pixel in pixels])",
            "rows, columns = shape[0] - theta.shape[0] + 1, shape[1] - theta.shape[1] + 1\n"
            "    first = np.zeros(shape)\n"
            "    first[: theta.shape[0], : theta.shape[1]] = theta\n"
            "    return np.array([np.roll(first.ravel(), k) for k in range(rows * columns)]).T",
            "Your second column is the first moved on by one, and so on; at the end of a row of places that goes "
            "wrong. θ jumps from the end of one row to the start of the next: by how many pixels?",
        ),
        Misconception(
            "sums to one",
            "return np.array([slide_filter(pixel.reshape(shape), theta).ravel() for pixel in pixels])",
            "M = np.array([slide_filter(pixel.reshape(shape), theta).ravel() for pixel in pixels])\n"
            "    return M / M.sum(axis=0)",
            "Each column of your `M` adds up to 1. What do the numbers of θ add up to, and who asked to change that?",
        ),
    ),
    alternatives=(
        Alternative(
            "θ written to its places",
            code="""
def filter_matrix(theta, shape):
    (H, W), (h, w) = shape, theta.shape
    M = np.zeros((H, W, H - h + 1, W - w + 1))
    for r in range(H - h + 1):
        for c in range(W - w + 1):
            M[r : r + h, c : c + w, r, c] = theta
    return M.reshape(H * W, -1)
""",
        ),
        Alternative(
            "one pixel after the other",
            code="""
def filter_matrix(theta, shape):
    rows = []
    for k in range(shape[0] * shape[1]):
        image = np.zeros(shape)
        image[k // shape[1], k % shape[1]] = 1.0
        rows.append(np.ravel(slide_filter(image, theta)))
    return np.array(rows)
""",
        ),
    ),
)

BUILD_MODEL = Exercise(
    name="build_model",
    source="S1 homework 10-2; S2 2-10; S0",
    cases=_model_cases,
    reference={"build_model": capstone.build_model},
    misconceptions=(
        Misconception(
            "no bend",
            "        ReLU(),\n",
            "",
            "Halfway between two images your scores are halfway between theirs: on these images the network is one "
            "affine map, however many layers it has. Is there a bend between them, and does any unit ever get "
            "numbers of both signs?",
        ),
        Misconception(
            "last weights of size 1",
            'initialize(100, 10, "lecun", rng)',
            "rng.normal(size=(100, 10))",
            "Before it has seen anything, your network is sure of itself and wrong: its first loss is far from ln 10. "
            "A score is a sum over how many units, and how large is such a sum?",
        ),
        Misconception(
            "first weights 0",
            'initialize(64, 100, "he", rng)',
            "np.zeros((64, 100))",
            "Not every weight matrix gets a gradient from the first batch, and where none arrives nothing moves. "
            "What do ReLUs pass on, forth and back, when all that comes in is 0?",
        ),
        Misconception(
            "last weights 0",
            'initialize(100, 10, "lecun", rng)',
            "np.zeros((100, 10))",
            "All scores are 0. That is a good guess, and from the second step on such a network learns; but on the "
            "first batch nothing arrives in front of the last layer, and nothing else can be seen here. "
            "By what is the gradient multiplied on its way back through that layer?",
        ),
        Misconception(
            "bend after the scores",
            'Affine(initialize(100, 10, "lecun", rng), np.zeros(10)),',
            'Affine(initialize(100, 10, "lecun", rng), np.zeros(10)),\n        ReLU(),',
            "Your scores have one sign only. A score may be any number, and the softmax of the loss makes a "
            "probability of it: which layer has to be the last?",
        ),
        Misconception(
            "a seed of its own",
            "    layers = [",
            "    rng = np.random.default_rng(0)\n    layers = [",
            "Whatever generator it is handed, your function builds the same network. "
            "From which generator are the weights drawn?",
        ),
        Misconception(
            "another generator draws",
            'initialize(64, 100, "he", rng)',
            'initialize(64, 100, "he", np.random.default_rng())',
            "Two calls with the same seed give two networks. Which of your numbers come from another generator "
            "than the one that was handed in?",
        ),
        Misconception(
            "one matrix of a seed of its own",
            'initialize(64, 100, "he", rng)',
            'initialize(64, 100, "he", np.random.default_rng(1))',
            "Some of your weights are the same for every seed, and others are not. "
            "Which matrix does not come from the generator that was handed in?",
        ),
        Misconception(
            "dropout with a generator of its own",
            "InvertedDropout(0.2, rng)",
            "InvertedDropout(0.2, np.random.default_rng())",
            "Two networks from one seed have the same weights, and give different scores in training. "
            "What else is drawn in your network, and from which generator?",
        ),
        Misconception(
            "predicts as in training",
            "    return Network(layers)",
            "    network = Network(layers)\n    network.predict = network.forward\n    return network",
            "Asked twice about the same images, your network gives two answers. "
            "Which layer behaves otherwise in training, and who tells it that training is over?",
        ),
    ),
    alternatives=(
        Alternative(
            "two hidden layers, no dropout",
            code="""
def build_model(rng):
    layers = []
    for n_in, n_out in [(64, 80), (80, 50)]:
        layers.append(Affine(initialize(n_in, n_out, "he", rng), np.zeros(n_out)))
        layers.append(BatchNorm(n_out))
        layers.append(ReLU())
    layers.append(Affine(initialize(50, 10, "he", rng), np.zeros(10)))
    return Network(layers)
""",
        ),
        Alternative(
            "He alone",
            code="""
def build_model(rng):
    return initialized_mlp([64, 200, 10], "relu", "he", rng)
""",
        ),
        Alternative(
            "tanh with Xavier",
            code="""
def build_model(rng):
    return initialized_mlp([64, 120, 60, 10], "tanh", "xavier", rng)
""",
        ),
        Alternative("more units dropped", old="InvertedDropout(0.2, rng)", new="InvertedDropout(0.5, rng)"),
    ),
    equivalent=(
        Equivalent(
            "constant: layers = [Affine(initialize(64, 100, 'he', rng), np.zeros(100)), BatchNorm(100), ReLU(), "
            "InvertedDropout(0.2, rng), Affine(initialize(100, 10, 'lecun', rng), np.zeros(10))] -> layers = "
            "[Affine(initialize(64, 100, 'he', rng), np.zeros(100)), BatchNorm(100), ReLU(), "
            "InvertedDropout(0.4, rng), Affine(initialize(100, 10, 'lecun', rng), np.zeros(10))]",
            "how many units are dropped is the learner's own choice",
        ),
    ),
)

_MADE = "network, loss, optimizer = (build_model(rng), SoftmaxCrossEntropy(), Adam({}))"
_SLOWER = "optimizer.lr = cosine({}, epoch, {})"
_BATCHES = "for x, t in minibatches(X, T, {}, rng):"

TRAIN_MODEL = Exercise(
    name="train_model",
    source="S1 homework 10-2; S2 2-10; S3",
    cases=_training_cases,
    reference={"train_model": capstone.train_model},
    shared=True,
    draws=6,
    misconceptions=(
        Misconception(
            "another network comes back",
            "return network",
            "return build_model(rng)",
            "The network that came back guesses, even at the images it was trained on. "
            "Is it the one that went through your loop?",
        ),
        Misconception(
            "targets mixed by themselves",
            "minibatches(X, T, 50, rng)",
            "minibatches(X, rng.permutation(T), 50, rng)",
            "The network that came back guesses, even at the images it was trained on. "
            "Did each image keep its own target on the way into the loss?",
        ),
        Misconception(
            "stops after the first batch",
            "    return network",
            "            return network",
            "The network that came back does little better than guess. How many steps did it make before your "
            "function returned?",
        ),
        Misconception(
            "a new network every epoch",
            "        optimizer.lr =",
            "        network = build_model(rng)\n        optimizer.lr =",
            "The network that came back guesses, even at the images it was trained on. "
            "How many of your epochs has it been through?",
        ),
        Misconception(
            "steps a thousand times too long",
            "cosine(0.01, epoch, 20)",
            "cosine(10.0, epoch, 20)",
            "The network has not learnt even its training images. In 07 Adam moved every weight by about λ in a step: "
            "how large are your weights, and how large is λ?",
        ),
        Misconception(
            "steps a hundred times too short",
            "cosine(0.01, epoch, 20)",
            "cosine(0.0001, epoch, 20)",
            "The network reads part of its training images, and has not finished learning. Adam moves a weight by "
            "about λ in a step, at most: how far can a weight come in all of your steps together?",
        ),
        Misconception(
            "uphill",
            "network.backward(loss.backward())",
            "network.backward(-loss.backward())",
            "The network reads no more digits than one that guesses, and it is sure of what it says. "
            "Does a step make the loss smaller or larger?",
        ),
        Misconception(
            "predicts as in training",
            "    return network",
            "    network.predict = network.forward\n    return network",
            "What your network says of an image is not the same from call to call, and it reads badly one image at a "
            "time. Which of its layers behave otherwise in training, and who tells them that it is over?",
        ),
        Misconception(
            "one seed for everything",
            "    network, loss, optimizer",
            "    rng = np.random.default_rng(0)\n    network, loss, optimizer",
            "Whatever generator it is handed, your function makes the same network, so nobody can tell a good recipe "
            "from a lucky seed. From which generator do you draw?",
        ),
        Misconception(
            "standardised outside the network",
            "    network, loss, optimizer",
            "    X = (X - X.mean()) / X.std()\n    network, loss, optimizer",
            "In training your layers saw other numbers than `predict` is handed, even for the same images. "
            "Whatever is done to X here, who does it to a new image?",
        ),
        Misconception(
            "standardised in place",
            "    network, loss, optimizer",
            "    X -= X.mean()\n    X /= X.std()\n    network, loss, optimizer",
            "X is no longer what was handed in, and a new image does not go through what X went through. "
            "Where would this step have to stand, so that it travels with the network?",
        ),
        Misconception(
            "scaled outside the network",
            "minibatches(X, T, 50, rng)",
            "minibatches(16 * X, T, 50, rng)",
            "Your network is sure of itself and misreads even its training images. Are the pixels that it learnt from "
            "as large as those that `predict` is handed?",
        ),
        Misconception(
            "another generator draws",
            "minibatches(X, T, 50, rng)",
            "minibatches(X, T, 50, np.random.default_rng())",
            "Two calls with the same seed give two networks, so nobody can repeat your result. "
            "Which draw does not come from the rng that was handed in?",
        ),
    ),
    alternatives=(
        Alternative(
            "early stopping on a validation part",
            code="""
def train_model(X, T, rng):
    train, validation = split(X, T, (0.9, 0.1), rng)
    network, loss, optimizer, stopping = build_model(rng), SoftmaxCrossEntropy(), Adam(0.005), EarlyStopping(10)
    for _ in range(40):
        network.train()
        for x, t in minibatches(*train, 32, rng):
            loss.forward(network.forward(x), t)
            network.backward(loss.backward())
            optimizer.update(network.params, network.grads)
        if stopping.update(loss.forward(network.predict(validation[0]), validation[1]), network.params):
            break
    return network
""",
        ),
        Alternative(
            "momentum and smoothed labels",
            code="""
def train_model(X, T, rng):
    network, loss, optimizer = build_model(rng), SoftmaxCrossEntropy(), Momentum(0.1)
    for epoch in range(20):
        optimizer.lr = cosine(0.1, epoch, 20)
        for x, t in minibatches(X, smooth_labels(T, 0.05), 50, rng):
            loss.forward(network.forward(x), t)
            network.backward(loss.backward())
            optimizer.update(network.params, network.grads)
    network.eval()
    return network
""",
        ),
        Alternative(
            "the mean inside the first layer",
            code="""
def train_model(X, T, rng):
    mean, std = X.mean(), X.std()
    network, loss, optimizer = build_model(rng), SoftmaxCrossEntropy(), Adam()
    for epoch in range(20):
        optimizer.lr = cosine(0.01, epoch, 20)
        order = rng.permutation(len(X))
        for part in np.array_split(order, len(X) // 50):
            loss.forward(network.forward((X[part] - mean) / std), T[part])
            network.backward(loss.backward())
            optimizer.update(network.params, network.grads)
    W, b = network.params["W1"], network.params["b1"]
    b -= mean / std * W.sum(axis=0)
    W /= std
    return network
""",
        ),
    ),
    equivalent=tuple(
        Equivalent(f"{kind}: {before} -> {after}", "another recipe that reads as well: rate, length and batch are free")
        for kind, before, after in (
            ("constant", _MADE.format("0.01"), _MADE.format("1.01")),  # the schedule sets the rate anew
            ("constant", _MADE.format("0.01"), _MADE.format("0.02")),
            ("constant", "for epoch in range(20):", "for epoch in range(21):"),
            ("dropped", _SLOWER.format("0.01", "20"), "pass"),
            ("constant", _SLOWER.format("0.01", "20"), _SLOWER.format("0.02", "20")),
            ("constant", _SLOWER.format("0.01", "20"), _SLOWER.format("0.01", "21")),
            ("constant", _BATCHES.format("50"), _BATCHES.format("51")),
        )
    ),
)

EXERCISES = (SLIDE_FILTER, FILTER_MATRIX, BUILD_MODEL, TRAIN_MODEL)
