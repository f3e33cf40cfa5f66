# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 Deep networks
#
# Eighty networks learn to read handwritten digits, all from the same 1,400 and for twenty epochs. They differ in
# how many hidden layers of 30 units stand in a row, in the bend between them, and in the seed. Every one of their
# gradients is right. Below is how many of 397 other digits they read, as means over five seeds.

# %% setup=true
import functools
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from byhand import check, datasets, experiment, plots, progress
from toolbox.layers import Affine, Layer, LeakyReLU, ReLU, Sigmoid, Tanh, gradient_check
from toolbox.losses import SoftmaxCrossEntropy
from toolbox.training import minibatches
from toolbox.two_layer import sgd_step

ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU, "leaky_relu": LeakyReLU}
DEPTHS = range(1, 9)
RECORDED = {  # percent read, from section 5 of this notebook, where they are computed again
    "sigmoid": [98, 95, 10, 9, 9, 9, 9, 8],
    "relu": [97, 96, 90, 83, 40, 16, 8, 9],
}
LOOK = {
    "sigmoid": {"color": plots.COLORS[0], "marker": "o", "label": "sigmoid"},
    "relu": {"color": plots.COLORS[4], "marker": "s", "label": "ReLU"},
}

# %% tags=["experiment"]
fig, ax = plt.subplots(figsize=(6.4, 3.4))
for name, percents in RECORDED.items():
    ax.plot(DEPTHS, percents, **LOOK[name])
ax.axhline(10, color="gray", linestyle=":")
ax.annotate("guessing", (1, 10), xytext=(0, 5), textcoords="offset points", color="#666666")
ax.set(ylim=(0, 100), xlabel="hidden layers of 30 units", ylabel="digits read rightly (%)", title="One layer too many")
ax.legend(loc="upper right")
plt.show()

# %% [markdown]
# *What to see: with two hidden layers of sigmoids 95 % are read rightly, with three 10 %, which is guessing. ReLUs
# hold out longer and are at guessing with seven.*
#
# More layers can express more, so why do they learn less? Write down one suspicion, and what you would want to
# measure to confirm it. Sections 5 to 7 build the instruments.
#
# - **You will build** a network out of any list of layers, the function that makes one of any depth, one epoch
#   of training, and three gauges that you can hold to every network you ever train: gradient norms, dead units,
#   update ratios.
# - **You need** the layers and losses of 05, and from 04 and 03 the batches and the step. All of them lie in
#   `toolbox/`.
# - **It takes** about three hours, and after section 4 is a good place to stop for the day. Five of the seven gaps are
#   functions of five or six lines; the first two are classes, with four and three short methods.

# %% [markdown]
# ## 1 A list of layers
#
# In 05 you wrote down, layer by layer, who hands what to whom. The order is always the same, so a list can say
# it: forward through the list, backward through it from the end.
#
# | | forth and back of layer ℓ = 1 … L | shapes |
# |---|---|---|
# | forward | $h_0 = x,\quad h_\ell = \mathrm{forth}_\ell(h_{\ell-1})$ | (N, D) → (N, H₁) → … → (N, K) |
# | backward | $d_L = \mathrm{dout},\quad d_{\ell-1} = \mathrm{back}_\ell(d_\ell)$ | (N, K) → … → (N, H₁) → (N, D) |
#
# The parameters stay where they are, in the layers. But a step wants them all in one dict, so the network
# *shows* them under one name each: W1, b1, W2, b2, … The number counts the layers **that have parameters**. In
# the list Affine, ReLU, Affine the second matrix is W2, although its layer is the third.
#
# What is shown are the layers' own arrays, no copies: a step that changes `params["W1"]` in place
# changes the layer. And `grads` is made up afresh each time somebody asks, because every `backward` puts new
# arrays into the layers.
#
# **New here: `@property`.** Written above a function of a class, it lets you leave the brackets away:
# `network.params` calls the function and gives what it returns, at that moment.
#
# **By hand.** N = 1, all sizes 1: Affine(W = 3, b = 1), ReLU, Affine(W = −2, b = 0.5), and x = 2.
#
# | | Affine | ReLU | Affine |
# |---|---|---|---|
# | forward, 2 → | 7 | 7 | −13.5 |
# | backward, ← 1 | −6 | −2 | −2 |
# | gradients | dW1 = 2 · (−2) = −4, db1 = −2 | | dW2 = 7 · 1 = 7, db2 = 1 |
#
# **Predict before you run.** A chain of right layers: does its relative error grow with its depth? A chain of
# sixteen layers is tested against the numerical derivative. One layer has an error below 10⁻⁶. Is that of sixteen
# above it, because sixteen errors add up; far above it, because they multiply; or below 10⁻⁶ as well?


# %% gap="chain"
class Chain:
    """Layers, one after the other.

    x (N, D) -> y (N, K) forward, dout (N, K) -> dx (N, D) backward.
    params and grads: dicts with the names W1, b1, W2, b2, … in this order; they hold the layers' own arrays.

    Affine(W=3, b=1), ReLU, Affine(W=-2, b=0.5) maps 2 to -13.5; dout = 1 gives dx = -6, and
    grads {"W1": -4, "b1": -2, "W2": 7, "b2": 1}, each in its array.
    """

    def __init__(self, layers):
        self.layers = list(layers)
        self.owners = [layer for layer in self.layers if layer.params]  # those with parameters, in order

    def forward(self, x):
        ### BEGIN SOLUTION
        for layer in self.layers:
            x = layer.forward(x)
        return x
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout
        ### END SOLUTION

    @property
    def params(self):
        """The layers' own parameters, under one name each."""
        ### BEGIN SOLUTION
        named = {}
        for k, layer in enumerate(self.owners, start=1):
            for name in layer.params:
                named[f"{name}{k}"] = layer.params[name]
        return named
        ### END SOLUTION

    @property
    def grads(self):
        """The gradients of the latest backward, under the names of their parameters."""
        ### BEGIN SOLUTION
        named = {}
        for k, layer in enumerate(self.owners, start=1):
            for name in layer.grads:
                named[f"{name}{k}"] = layer.grads[name]
        return named
        ### END SOLUTION


# %% check="chain" points=3
check("chain", Chain)

# %% [markdown]
# <details><summary>Hint 1: who hands what to whom</summary>
#
# One variable is enough for each way. It holds x at first, and after each layer what that layer returned. On the
# way back it holds dout at first; which layer is asked first then?
# </details>
# <details><summary>Hint 2: three tools</summary>
#
# `reversed(a_list)` goes through a list from its end and leaves it as it is. `enumerate(a_list, start=1)` gives
# pairs of a number, from 1 on, and an entry. `f"{name}{k}"` writes a name and a number in one: with name = "W"
# and k = 2 it is "W2".
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: for each layer, put its forward of x in place of x; return x. Backward: the same with backward and
# dout, from the last layer to the first. Params: start with an empty dict; for each number and owner, for each
# name in its params, put the owner's array under name and number; return the dict. Grads: the same with grads.
# </details>

# %% [markdown]
# A chain keeps the four promises of a layer: forward, backward, params and grads under the same names, and
# nothing changed that is not its own. So your `gradient_check` from 05 takes it for one.

# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    rows = []
    for count in (1, 4, 16):
        stack = []
        for _ in range(count):
            stack += [Affine(rng.normal(0, 0.5, size=(4, 4)), rng.normal(0, 0.1, size=4)), Tanh()]
        x = rng.normal(size=(5, 4))
        chain = Chain(stack[:-1])
        errors = gradient_check(chain, x, np.random.default_rng(1))
        worst = max(errors.values())
        rows.append((count, len(chain.layers), len(errors), "yes" if worst < 1e-6 else f"no, {worst:.1g}"))
    columns = ["affine layers", "layers in all", "arrays tested", "every error below 1e-6"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **Below 10⁻⁶.** If you expected it to grow: the relative error compares each gradient with its own size, and each
# `backward` multiplies right numbers by right numbers. So whatever goes wrong in the opening figure, it is not
# that deep gradients are false.

# %% [markdown]
# ## 2 Two modes
#
# Some layers behave differently while a network learns: dropout (10) switches units off at random,
# batch normalisation (09) looks at the whole batch. When the network is *used*, they must not. Each layer has
# a flag for that, `training`, which is True at first. The network sets the flags of **all** layers, and
# `predict` gives scores in inference mode, whatever the flags were.
#
# | | flags of the layers | returns |
# |---|---|---|
# | `train()` | all True | |
# | `eval()` | all False | |
# | `predict(x)` | all False during the forward, afterwards **each as before** | scores (N, K) from x (N, D) |
#
# Why "each as before"? You will call `predict` in the middle of training, to see how far it is. If it left the
# network in inference mode, the rest of the training would go wrong without a word.
#
# **By hand.** Three layers with the flags True, False, True. `predict`: notes (True, False, True), sets (False,
# False, False), computes, puts (True, False, True) back.
#
# `class Network(Chain)` has all that `Chain` has, and adds the modes.
#
# **Predict before you run.** A layer adds random noise in training mode. Three calls in a row: `predict(x)`,
# `forward(x)`, `predict(x)`. Which of the three results are equal?


# %% gap="network"
class Network(Chain):
    """A Chain whose layers have two modes.

    predict: x (N, D) -> scores (N, K) in inference mode. Flags True, False, True are
    True, False, True again after it.
    """

    def train(self):
        """Put every layer into training mode."""
        ### BEGIN SOLUTION
        for layer in self.layers:
            layer.training = True
        ### END SOLUTION

    def eval(self):
        """Put every layer into inference mode."""
        ### BEGIN SOLUTION
        for layer in self.layers:
            layer.training = False
        ### END SOLUTION

    def predict(self, x):
        ### BEGIN SOLUTION
        modes = [layer.training for layer in self.layers]
        self.eval()
        scores = self.forward(x)
        for layer, mode in zip(self.layers, modes, strict=True):
            layer.training = mode
        return scores
        ### END SOLUTION


# %% check="network" points=2
check("network", Network)

# %% [markdown]
# <details><summary>Hint 1: whose flag</summary>
#
# The layers look at their own `training`, not at the network's. So there are as many flags as layers.
# </details>
# <details><summary>Hint 2: in which order</summary>
#
# `predict` does four things: note, set, compute, put back. What is noted after it has been set is lost.
# `zip(a, b)` goes through two lists side by side.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Train and eval: for each layer, set its flag to true, or to false. Predict: make a list of the layers' flags;
# call `self.eval()`; keep what forward returns; give each layer its flag from the list back; return what was
# kept.
# </details>


# %% tags=["experiment"]
class Noise(Layer):
    """Adds normal noise in training mode."""

    def __init__(self, rng):
        super().__init__()
        self.rng = rng

    def forward(self, x):
        return x + self.rng.normal(size=x.shape) if self.training else x


with experiment():
    noisy = Network([Noise(np.random.default_rng(2)), Affine(np.array([[2.0]]), np.array([1.0]))])
    at_three = np.array([[3.0]])
    for call in (noisy.predict, noisy.forward, noisy.predict, noisy.forward):
        print(f"{call.__name__:8} {call(at_three).item():6.3f}")

# %% [markdown]
# **The two of `predict` are equal**, 2 · 3 + 1 = 7, and `forward` gives another number each time. If you said
# that all after the first are equal: that is a `predict` that does not put the flags back.

# %% [markdown]
# ## 3 A network of any depth
#
# The commonest network is affine layers with a bend between each two. `sizes` says it all: (25, 20, 20, 20, 5)
# is 25 inputs, three hidden layers of 20 units, 5 scores. Such a network is called a *multilayer perceptron*, MLP.
#
# | | rule | shapes |
# |---|---|---|
# | weights | $W \sim \mathcal N(0, \mathrm{scale}^2)$, one call of rng a matrix, from the input on | (n_in, n_out) |
# | biases | 0 | (n_out,) |
# | bends | a fresh object each time, and **none after the last** affine layer | |
#
# $\mathcal N(0, s^2)$ is the normal distribution with mean 0 and *variance* s²; `rng.normal(mean, deviation, size)`
# wants the *standard deviation* s. The last layer puts out scores, which may be any numbers, so no bend may squeeze
# them. And a bend remembers what went through it, so two places need two objects.
#
# **By hand.** sizes = (3, 4, 4, 2): the list is Affine, bend, Affine, bend, Affine. The parameters count
# 3 · 4 + 4 = 16, 4 · 4 + 4 = 20, and 4 · 2 + 2 = 10.
#
# **Predict before you run.** The network (25, 20, 20, 20, 5) will learn five pictures of 25 pixels. Has it fewer
# parameters than they have pixels, about as many, or ten times as many?


# %% gap="mlp"
def mlp(sizes, activation, rng, scale=0.1):
    """A Network of affine layers with these sizes and a bend between each two.

    sizes: inputs, width of each hidden layer, outputs. activation: a name in ACTIVATIONS.
    W (n_in, n_out) from N(0, scale²), each with one call of rng, from the input on; b (n_out,) zeros.

    sizes (25, 20, 5) with "relu" gives Affine (25, 20), ReLU, Affine (20, 5).
    """
    ### BEGIN SOLUTION
    layers = []
    for n_in, n_out in pairwise(sizes):
        W = rng.normal(0.0, scale, size=(n_in, n_out))
        layers += [Affine(W, np.zeros(n_out)), ACTIVATIONS[activation]()]
    return Network(layers[:-1])
    ### END SOLUTION


# %% check="mlp" points=3
check("mlp", mlp)

# %% [markdown]
# <details><summary>Hint 1: pairs of neighbours</summary>
#
# Each affine layer needs two sizes that stand side by side. `pairwise((25, 20, 5))` gives (25, 20), then (20, 5).
# </details>
# <details><summary>Hint 2: a class and its objects</summary>
#
# `ACTIVATIONS["relu"]` is the class. What makes a new object of it? And where has this to happen, so that there
# is one for each place?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Start with an empty list. For each pair of neighbouring sizes: draw W; add an Affine of W and zeros, and a new
# bend. That is one bend too many: make the Network of all but the last entry.
# </details>

# %% tags=["experiment"]
with experiment():
    five = mlp((25, 20, 20, 20, 5), "relu", np.random.default_rng(0))
    print(" > ".join(type(layer).__name__ for layer in five.layers))
    print({name: array.shape for name, array in five.params.items()})
    print("parameters:", sum(array.size for array in five.params.values()), "  pixels:", 5 * 25)

# %% [markdown]
# **1,465 for 125 pixels**, more than ten times as many. If you expected the pixels to limit the network: nothing
# does. It can store these pictures many times over, and the next section shows what it does with that freedom.

# %% [markdown]
# ## 4 One epoch, and five digits
#
# Everything you need for training stands in the toolbox: `minibatches(X, T, batch_size, rng)` from 04 gives pairs
# x (B, D), t (B, K), every sample once, in a random order; `sgd_step(params, grads, lr)` from 03 changes every
# parameter in place. For each batch, in this order:
#
# | | what | shapes |
# |---|---|---|
# | forward | network, then `loss.forward(scores, t)` | (B, D) → (B, K) → scalar |
# | backward | `loss.backward()`, then network | (B, K) → (B, D), which nobody needs |
# | step | $\theta \leftarrow \theta - \lambda\,\partial E/\partial\theta$ | each θ and its gradient alike |
#
# λ is `lr`, the learning rate. Before the first batch the network has to be in training mode: who used it last may
# have left it in the other.
#
# **By hand.** 11 samples in batches of 4: batches of 4, 4 and 3, so three steps. One epoch at λ = 0.1 moves a
# bias whose gradient is 0.2, 0.1 and −0.1 in the three batches by −0.02 − 0.01 + 0.01 = −0.02.


# %% gap="train_epoch"
def train_epoch(network, loss, X, T, lr, batch_size, rng):
    """One pass over all samples, a step after every batch; changes the network in place.

    X (N, D), T (N, K). N = 11 and batch_size = 4 make three steps. Returns nothing.
    """
    ### BEGIN SOLUTION
    network.train()
    for x, t in minibatches(X, T, batch_size, rng):
        loss.forward(network.forward(x), t)
        network.backward(loss.backward())
        sgd_step(network.params, network.grads, lr)
    ### END SOLUTION


# %% check="train_epoch" points=2
check("train_epoch", train_epoch)

# %% [markdown]
# <details><summary>Hint 1: what happens how often</summary>
#
# The mode is set once an epoch. Forward, backward and step happen once a batch, and in this order: a step needs the
# gradient of its own batch.
# </details>
# <details><summary>Hint 2: two objects</summary>
#
# The loss remembers what its forward saw, and the network what its forward saw. What the loss's backward returns
# is the dout of the network.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Put the network into training mode. For each x and t among the minibatches: hand the network's forward of x,
# and t, to the loss; hand the loss's backward to the network's; take a step with the network's params and grads.
# </details>

# %% [markdown]
# **Five digits.** The pictures below have 5 × 5 pixels, 0 or 1. Three hidden layers of 20 ReLUs, λ = 0.5, all five
# in one batch, 200 epochs, five seeds.
#
# **Predict before you run.** All five patterns, all five networks, one pixel to the right: of 25 readings, how many
# are right? And if each pixel is flipped with a chance of 8 %, two of the 25 on average: is it worse than that, or
# better?


# %%
PATTERNS, PATTERN_T = datasets.digit_patterns()  # (5, 25) and (5, 5)


def share_right(net, X, T):
    """The share of rows of X (N, D) whose largest score is in the column of the target in T (N, K)."""
    return np.mean(net.predict(X).argmax(axis=1) == T.argmax(axis=1))


def shifted(X, down, right):
    """Pictures (N, 25) moved by whole pixels; what leaves the frame is lost, what enters is 0."""
    wide = np.pad(X.reshape(-1, 5, 5), ((0, 0), (2, 2), (2, 2)))
    return wide[:, 2 - down : 7 - down, 2 - right : 7 - right].reshape(-1, 25)


def flipped(X, chance, rng):
    """Pictures in which each pixel is the other one with this chance."""
    return np.where(rng.random(X.shape) < chance, 1 - X, X)


# %% tags=["experiment"]
@functools.cache
def five_digit_networks():
    """Five trained networks, and the epoch after which each of them first read all five patterns."""
    nets, epochs = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        net = mlp((25, 20, 20, 20, 5), "relu", rng)
        right = []
        for _ in range(200):
            train_epoch(net, SoftmaxCrossEntropy(), PATTERNS, PATTERN_T, 0.5, 5, rng)
            right.append(share_right(net, PATTERNS, PATTERN_T) == 1)
        nets.append(net)
        epochs.append(right.index(True) + 1 if True in right else "never")
    return nets, epochs


def show_picture(ax, picture, title):
    """A 5 by 5 picture, ink black."""
    ax.imshow(picture.reshape(5, 5), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10)
    ax.spines[:].set_visible(True)
    ax.grid(False)


with experiment():
    nets, epochs = five_digit_networks()
    loss = SoftmaxCrossEntropy()
    print("all five read for the first time after epoch", epochs)
    print("mean loss after 200:", [f"{loss.forward(net.predict(PATTERNS), PATTERN_T):.4f}" for net in nets])
    fig, axes = plt.subplots(2, 5, figsize=(7.6, 3.6))
    for k in range(5):
        for row, (where, X) in enumerate([("", PATTERNS), (", one pixel right", shifted(PATTERNS, 0, 1))]):
            Y = nets[0].predict(X)[k]
            show_picture(axes[row, k], X[k], f"{k + 1}{where},\nread as {Y.argmax() + 1}")
    plt.show()

# %% [markdown]
# *What to see: after 24 to 59 epochs every network reads all five patterns, 100 %, and after 200 epochs its loss is
# below 0.003. Above, the five patterns as they are; below, moved by one pixel, and what the first network says.*
# The next cell counts all shifts, and adds noise.

# %% tags=["experiment"]
with experiment():
    nets, _ = five_digit_networks()
    steps = range(-2, 3)
    grid = 100 * np.array(
        [
            [np.mean([share_right(net, shifted(PATTERNS, d, r), PATTERN_T) for net in nets]) for r in steps]
            for d in steps
        ]
    )
    rng = np.random.default_rng(7)
    chances = np.array([0, 0.02, 0.04, 0.08, 0.12, 0.16, 0.2, 0.3, 0.4, 0.5])
    many, many_T = np.tile(PATTERNS, (400, 1)), np.tile(PATTERN_T, (400, 1))
    curves, nearest = [], []
    for chance in chances:
        spoilt = flipped(many, chance, rng)
        curves.append([100 * share_right(net, spoilt, many_T) for net in nets])
        distance = np.abs(spoilt[:, None] - PATTERNS).sum(axis=2)  # (2000, 5): pixels that differ
        nearest.append(100 * np.mean(distance.argmin(axis=1) == many_T.argmax(axis=1)))
    curves = np.array(curves)

    fig, axes = plt.subplots(1, 2, figsize=(9, 3.9), width_ratios=(1, 1.25))
    axes[0].imshow(grid, vmin=0, vmax=100, extent=(-2.5, 2.5, 2.5, -2.5))
    for (i, j), percent in np.ndenumerate(grid):
        color = "white" if percent < 55 else "black"
        axes[0].text(j - 2, i - 2, f"{percent:.0f}", ha="center", va="center", color=color)
    axes[0].set(xlabel="pixels to the right", ylabel="pixels down", title="Shifted: read rightly (%)")
    axes[0].grid(False)
    axes[1].plot(100 * chances, curves.mean(axis=1), "-s", color=plots.COLORS[4], label="five networks, mean")
    axes[1].fill_between(100 * chances, curves.min(axis=1), curves.max(axis=1), color=plots.COLORS[4], alpha=0.2)
    axes[1].plot(100 * chances, nearest, "--", color=plots.COLORS[6], label="the nearest pattern")
    axes[1].axhline(20, color="gray", linestyle=":")
    axes[1].annotate("guessing", (0, 20), xytext=(0, 5), textcoords="offset points", color="#666666")
    axes[1].set(ylim=(0, 103), xlabel="pixels flipped (%)", ylabel="read rightly (%)", title="Noisy")
    axes[1].legend(loc="lower left", bbox_to_anchor=(0, 0.25))
    plt.show()

    others = [(d, r) for d in steps for r in steps if (d, r) != (0, 0)]
    moved = np.concatenate([shifted(PATTERNS, d, r) for d, r in others])
    distance = np.abs(moved[:, None] - PATTERNS).sum(axis=2)  # (120, 5)
    by_distance = 100 * np.mean(distance.argmin(axis=1) == np.tile(np.arange(5), len(others)))
    print(f"one pixel to the right: {grid[2, 3] / 4:.0f} of 25 readings right")
    print(f"all 24 shifts: the networks {(grid.sum() - 100) / 24:.1f} %, the nearest pattern {by_distance:.1f} %")
    print(f"8 % of the pixels flipped: the networks {curves[3].mean():.1f} %, the nearest pattern {nearest[3]:.1f} %")
    from_itself = np.abs(shifted(PATTERNS, 0, 1) - PATTERNS).sum(axis=1).astype(int)
    from_others = np.abs(PATTERNS[:, None] - PATTERNS).sum(axis=2) + 99 * np.eye(5)
    print("pixels in which a pattern differs from itself, one to the right:", from_itself)
    print("pixels in which it differs from the most similar other pattern: ", from_others.min(axis=1).astype(int))

# %% [markdown]
# **7 of 25**, where guessing gives 5. If you expected a small shift to do little: to you it is the same 3, to the
# network it is 25 other numbers.
#
# *What to see: left, the 24 shifts around the patterns themselves: the best of them is read with 32 %, and the mean is
# that of guessing. Right, noise takes its toll gradually: with 8 % of the pixels flipped the networks still read
# 95.7 %. The band is the range of the five.*
#
# *Why.* The first layer has one weight for each *pixel*. A stroke that moves by one pixel meets other weights, which
# have learnt something else. One pixel to the right, a pattern differs from itself in 8 to 11 pixels, while the 2 and
# the 3 differ in three. Noise of two pixels keeps a picture close to its pattern, so most of the reading survives.
#
# Whoever goes by the nearest pattern alone is at a loss with shifts too, so this is not a fault of training. Nothing
# in five pictures says that a moved 3 is a 3. With 1,465 numbers and five pictures the network learnt the
# pictures, not the digits. 11 will add moved copies, 12 will share weights between places.

# %% [markdown]
# ## 5 How long is the gradient?
#
# Now to the opening. A first suspicion: on its long way down the gradient gets lost. One number for each matrix
# tells: its length, with all entries in a row.
#
# | | formula | shapes |
# |---|---|---|
# | norm | $\Vert \partial E/\partial W\Vert = \sqrt{\sum_{i,j} (\partial E/\partial W_{ij})^2}$ | scalar from (D, H) |
#
# It is the length of Pythagoras, in as many dimensions as W has entries. The biases are left out: matrices of
# neighbouring layers are alike and can be compared.
#
# **By hand.** $\begin{pmatrix}3&0\\0&4\end{pmatrix}$ has the norm √(9 + 16) = 5.
#
# **What theory expects.** Back through one layer a gradient is multiplied by Wᵀ and by the slope. With 30 weights of
# standard deviation 0.1, Wᵀ multiplies the length of a random vector by about 0.1 · √30 = 0.55 (variances of
# independent terms add up). A sigmoid's slope is at most ¼, and next to it as long as all weights are small. So about
# **0.1 · √30 · ¼ = 0.137** of the length is left, a seventh. Of a ReLU layer about half the units are on, and half of
# the squares pass: 0.1 · √30 · √½ = 0.39.
#
# **Predict before you run.** Eight hidden layers of sigmoids, not yet trained. How many times longer is the gradient
# of the last matrix than that of the first: 8 times, 2,000 times, or some millions?


# %% gap="gradient_norms"
def gradient_norms(network):
    """√Σ(dE/dW)² for every weight matrix, as a dict W1, W2, …, after a backward.

    dW1 = ((3, 0), (0, 4)) gives {"W1": 5}.
    """
    ### BEGIN SOLUTION
    norms = {}
    for name, gradient in network.grads.items():
        if name.startswith("W"):
            norms[name] = np.sqrt(np.sum(gradient**2))
    return norms
    ### END SOLUTION


# %% check="gradient_norms" points=2
check("gradient_norms", gradient_norms)

# %% [markdown]
# <details><summary>Hint 1: where the gradients are</summary>
#
# After a backward, `network.grads` shows them all, under the names W1, b1, W2, … Which of them are asked for?
# </details>
# <details><summary>Hint 2: tools</summary>
#
# `a_dict.items()` gives pairs of a name and an array. `name.startswith("W")` is True for W1, and False for b1.
# `np.sum` adds over all axes if you name none.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Start with an empty dict. For each name and gradient of the network: if the name begins with W, put the root
# of the sum of the squared entries under the name. Return the dict.
# </details>
#
# Now the eighty networks: weights from N(0, 0.1²), batches of 50, λ = 1 for sigmoids and 0.1 for ReLUs. The norms
# are measured on all 1,400 digits before the first step. Their mean over the five seeds is geometric: that of the
# logarithms, because they differ by powers of ten.
# Both λ are one choice among several. Another λ moves the depth at which learning fails; sections 6 and 7 vary it.


# %%
@functools.cache
def digits_split():
    """1,400 digits to learn from and 397 to test on: X, T, X_test, T_test."""
    X, labels = datasets.digits()
    order = np.random.default_rng(0).permutation(len(X))
    X, T = X[order], np.eye(10)[labels[order]]
    return X[:1400], T[:1400], X[1400:], T[1400:]


# %% tags=["experiment"]
def digit_network(depth, activation, seed):
    """An untrained network with hidden layers of 30, and the generator that goes on with its batches."""
    rng = np.random.default_rng(seed)
    return mlp((64, *[30] * depth, 10), activation, rng), rng


def first_norms(net):
    """The gradient norms on all 1,400 digits."""
    X, T, _, _ = digits_split()
    loss = SoftmaxCrossEntropy()
    loss.forward(net.forward(X), T)
    net.backward(loss.backward())
    return list(gradient_norms(net).values())


def fit_digits(depth, activation, rate, seed, epochs=20):
    """A network trained with batches of 50."""
    X, T, _, _ = digits_split()
    net, rng = digit_network(depth, activation, seed)
    for _ in range(epochs):
        train_epoch(net, SoftmaxCrossEntropy(), X, T, rate, 50, rng)
    return net


def judged(net):
    """The mean loss on the 1,400 digits learnt from, and the share of the other 397 that is right."""
    X, T, X_test, T_test = digits_split()
    return SoftmaxCrossEntropy().forward(net.predict(X), T), share_right(net, X_test, T_test)


RATES = {"sigmoid": 1.0, "relu": 0.1}


@functools.cache
def run_depths():
    """For each activation and depth: norms at the start, then losses and shares at the end, over five seeds."""
    found = {}
    for depth in progress(DEPTHS, "training"):
        for activation, rate in RATES.items():
            norms = [first_norms(digit_network(depth, activation, seed)[0]) for seed in range(5)]
            ends = [judged(fit_digits(depth, activation, rate, seed)) for seed in range(5)]
            found[activation, depth] = np.exp(np.mean(np.log(norms), axis=0)), *np.array(ends).T
    return found


with experiment():
    rows = []
    for depth in DEPTHS:
        row = [depth]
        for activation in RATES:
            norms, losses, shares = run_depths()[activation, depth]
            row += [f"{norms[0]:.0e}", f"{losses.mean():.2f}", f"{shares.mean():.1%} ± {shares.std():.1%}"]
        rows.append(row)
    columns = ["hidden", "sigmoid: |dW1|", "E, end", "right of 397", "ReLU: |dW1|", "E, end", "right of 397"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))
    for activation in RATES:
        again = [round(100 * run_depths()[activation, depth][2].mean()) for depth in DEPTHS]
        print(f"{activation}, as shown in the opening: {again == RECORDED[activation]}")

    fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    for ax, activation in zip(axes, RATES, strict=True):
        for depth, dashes, shade in [(2, ":", 0.45), (4, "-.", 0.6), (6, "--", 0.8), (8, "-", 1.0)]:
            look = LOOK[activation] | {"label": f"{depth} hidden", "linestyle": dashes, "alpha": shade}
            ax.semilogy(range(1, depth + 2), run_depths()[activation, depth][0], **look)
        title = f"{LOOK[activation]['label']}, before the first step"
        ax.set(xticks=range(1, 10), xlabel="weight matrix, 1 = next to the pixels", title=title)
        ax.legend(loc="lower right")
    axes[0].set(ylabel="gradient norm")
    plt.show()
    for activation in RATES:
        norms = run_depths()[activation, 8][0]
        inner = (norms[1] / norms[7]) ** (1 / 6)
        print(
            f"{activation:8} 8 hidden: |dW1| = {norms[0]:.0e}, |dW9| = {norms[8]:.0e}; "
            f"from W8 down to W2 each is {inner:.2f} times the next; "
            f"at the ends {norms[0] / norms[1]:.2f} and {norms[7] / norms[8]:.2f}"
        )

# %% [markdown]
# **Some millions**: 0.3 against 5 · 10⁻⁸. If you said 8 times, you added up the layers; but a chain multiplies, and 7⁸
# is 5.8 million.
#
# *What to see in the table: where learning fails, E stays at 2.30 = ln 10 on the very digits that are learnt from (±
# is the standard deviation over five seeds).* So this is no overfitting: nothing is learnt at all.
#
# *What to see in the figure: with sigmoids, left, each matrix from W2 to W7 has 0.13 of the gradient of the next one,
# to its right, where theory expects 0.137 (W1 and W9 have other sizes: 0.25 and 0.16). With ReLUs, right, all matrices
# have gradients of about one length, and it falls with the depth of the whole network.*
#
# *Why.* A gradient of W is made of two things: what came up to the layer, and what came back to it. ReLUs shrink both,
# 0.39 for each layer on either way, so every matrix pays the same number of factors. A sigmoid puts out about ½
# whatever comes in, so its way up does not shrink, and only the way back counts.
#
# ## 6 Units that never speak again
#
# If the gradient is small, why not take longer steps? One answer is a danger that only ReLUs know. A long step
# can move a unit so far that x ≤ 0 for **every** sample. Then its y is 0 and its slope is 0 for all of them; its
# column of ∂E/∂W is 0, and no step moves these weights again. The unit is *dead*.
#
# | | formula | shapes |
# |---|---|---|
# | output of a ReLU layer | $H = \max(0, A)$ | (N, H) |
# | unit j is dead | $H_{nj} = 0$ for all n | (H,) from (N, H) |
# | share of dead units | number of dead units / H | scalar |
#
# Off for one sample is not dead: to be off for some and on for others is what a ReLU is for. So the question has to
# be put to many samples at once. Ask it of those the network learns from.
#
# **By hand.** Three samples, four units:
# $\begin{pmatrix}0&2&0&0\\0&0&0&1\\0&3&0&0\end{pmatrix}$ has two dead units, the first and the third, so the share is
# 0.5, although nine of twelve entries are 0.
#
# `isinstance(layer, ReLU)` is True if the layer is a ReLU. `np.all(array, axis=0)` is True for each column that is
# True from top to bottom.
#
# **Predict before you run.** Four hidden layers of 30 ReLUs, trained with λ = 1 instead of 0.1. What share of the
# units in the last hidden layer is dead after twenty epochs: about 10 %, about half, or nearly all?


# %% gap="dead_units"
def dead_units(network, X):
    """For each ReLU layer, in order, the share of its units that are 0 for every row of X (N, D). A list.

    Two ReLU layers of 4 and 5 units, of which 1 and 2 are never on: [0.25, 0.4].
    """
    ### BEGIN SOLUTION
    shares = []
    for layer in network.layers:
        X = layer.forward(X)
        if isinstance(layer, ReLU):
            shares.append(np.mean(np.all(X == 0, axis=0)))
    return shares
    ### END SOLUTION


# %% check="dead_units" points=2
check("dead_units", dead_units, Affine, ReLU, Sigmoid)

# %% [markdown]
# <details><summary>Hint 1: on the way</summary>
#
# You need what comes out of each layer, so call them one by one, as your `forward` does, and look on the way.
# </details>
# <details><summary>Hint 2: from an array to a share</summary>
#
# Three steps: which entries are 0, (N, H); which columns are 0 throughout, (H,); what share of these is True. The mean
# of truth values is the share of True.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Start with an empty list. For each layer: put its forward of X in place of X; if it is a ReLU, append the mean,
# over the columns, of whether all rows of X are zero. Return the list.
# </details>


# %% tags=["experiment"]
@functools.cache
def run_rates():
    """For each rate, over three seeds: E, share right, dead shares (4,); the last two again 20 kinder epochs later."""
    X, T, _, _ = digits_split()
    found = {}
    for rate in progress((0.0, 0.03, 0.1, 0.3, 1.0, 3.0), "training"):
        runs = []
        for seed in range(3):
            net = fit_digits(4, "relu", rate, seed)
            E, share = judged(net)
            dead = dead_units(net, X)
            for _ in range(20):
                train_epoch(net, SoftmaxCrossEntropy(), X, T, 0.1, 50, np.random.default_rng(seed))
            runs.append((E, share, *dead, judged(net)[1], *dead_units(net, X)))
        found[rate] = np.mean(runs, axis=0)
    return found


with experiment():
    rows = []
    for rate, (E, *shares) in run_rates().items():
        right, *dead, right_later, d1, d2, d3, d4 = (f"{share:4.0%}" for share in shares)
        rows.append((rate, f"{E:.2f}", right, " ".join(dead), right_later, " ".join((d1, d2, d3, d4))))
    columns = ["λ", "E", "right", "dead in layers 1 to 4", "later: right", "later: dead in layers 1 to 4"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **Nearly all: 99 %.** If you said half: so it is in the first layer, 52 %. Further up it gets worse, because a unit
# whose inputs are all dead is handed its bias and nothing else.
#
# *What to see: between λ = 0.3, the best of the six, and λ = 1, where nothing works, lies a factor of three (means over
# three seeds). λ = 0 is the untrained network: a few units are dead from the start. "Later" is after twenty more epochs
# at the kind rate 0.1. The living networks get better by them; at λ = 1 and 3 not one of the dead comes back.*
#
# *Why.* No gradient reaches the weights of a dead unit. In the first layer that is for good, since the digits stay what
# they are. Further up it holds as long as nothing below changes: the inputs of a unit are outputs of others, and where
# these go on learning it can wake. After λ = 0.1 the third layer has 7 % dead, and later 4 %.
#
# ## 7 How far does a step go?
#
# Too short learns nothing, too long destroys. But short compared with what? With the matrix it moves. A step of 0.1 is
# a lot for a matrix of length 0.5, and nothing for one of length 500.
#
# | | formula | shapes |
# |---|---|---|
# | update ratio | $\Vert W' - W\Vert \,/\, \Vert W\Vert$, W before, W′ after the step | scalar from two (D, H) |
#
# The length is that of section 5; `np.linalg.norm(A)` computes it for a whole array. Biases are left out again: they
# start from 0, and nothing can be divided by their length.
#
# `before` must hold **copies**. `network.params` shows the layers' own arrays, and a step changes these in place:
# whoever keeps them instead of copies compares the new weights with themselves.
#
# **By hand.** W = (3, 4) becomes (3, 4.5). The step is (0, 0.5), of length 0.5; W has length 5; the ratio is 0.1. The
# lengths themselves, 5 and 5.41, differ by less: a step need not go outwards.
#
# **Predict before you run.** Five hidden layers of sigmoids at λ = 1. The ratios of W1 and of W6, the last matrix:
# within a factor of ten of each other, of a hundred, or further apart?


# %% gap="update_ratios"
def update_ratios(before, after):
    """|after - before| / |before| for every weight matrix, as a dict W1, W2, …

    before, after: dicts of parameters around a step; before holds copies. Both are left as they are.
    W1 = ((3, 4),) before and ((3, 4.5),) after gives {"W1": 0.1}.
    """
    ### BEGIN SOLUTION
    ratios = {}
    for name, W in before.items():
        if name.startswith("W"):
            ratios[name] = np.linalg.norm(after[name] - W) / np.linalg.norm(W)
    return ratios
    ### END SOLUTION


# %% check="update_ratios" points=2
check("update_ratios", update_ratios)

# %% [markdown]
# <details><summary>Hint 1: what is long</summary>
#
# The length of the difference, not the difference of the lengths. A matrix that only turns keeps its length.
# </details>
# <details><summary>Hint 2: going through a dict</summary>
#
# `before.items()` gives each name with its old array; the new one is `after[name]`. Only names that begin with W
# are asked for.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Start with an empty dict. For each name and old matrix: if the name begins with W, put the norm of new minus old,
# divided by the norm of old, under the name. Return the dict.
# </details>


# %% tags=["experiment"]
def ratios_in_epoch(depth, activation, seed, epochs=10):
    """Train for ten epochs; the median ratio of each matrix over the steps of the last one."""
    X, T, _, _ = digits_split()
    net, rng = digit_network(depth, activation, seed)
    loss, rate = SoftmaxCrossEntropy(), RATES[activation]
    for _ in range(epochs - 1):
        train_epoch(net, loss, X, T, rate, 50, rng)
    seen = []
    for x, t in minibatches(X, T, 50, rng):
        before = {name: array.copy() for name, array in net.params.items()}
        train_epoch(net, loss, x, t, rate, 50, rng)  # one batch, so one step
        seen.append(list(update_ratios(before, net.params).values()))
    return np.median(seen, axis=0)


with experiment():
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    for ax, activation in zip(axes, RATES, strict=True):
        for depth, dashes, shade in [(2, ":", 0.5), (3, "--", 0.75), (5, "-", 1.0)]:
            logs = [np.log(ratios_in_epoch(depth, activation, seed)) for seed in range(3)]
            ratios = np.exp(np.mean(logs, axis=0))
            share = run_depths()[activation, depth][2].mean()
            look = LOOK[activation] | {"linestyle": dashes, "alpha": shade}
            ax.semilogy(range(1, depth + 2), ratios, **look | {"label": f"{depth} hidden, reads {share:.0%}"})
            print(f"{activation:8} {depth} hidden:", "  ".join(f"{ratio:.0e}" for ratio in ratios))
        ax.axhspan(1e-3, 1e-1, color="#EEEEEE", zorder=0)
        ax.set(xticks=range(1, 7), xlabel="weight matrix, 1 = next to the pixels", ylim=(1e-6, 1))
        ax.set_title(f"{LOOK[activation]['label']}, λ = {RATES[activation]:g}")
        ax.legend(loc="lower right")
    axes[0].set(ylabel="update ratio of a step, epoch 10")
    plt.show()

# %% [markdown]
# **Further apart**: 5 · 10⁻⁶ and 7 · 10⁻², a factor of more than ten thousand, in one network and with one λ. If you
# said a factor of ten: the rate is the same for both, but the gradients are not. W1 would need 200,000 such steps,
# all in one direction, to move by its own length.
#
# *What to see: in the three networks whose legend says 90 % or more, every matrix moves by one to three hundredths of
# its length a step, in the middle of the grey band from a thousandth to a tenth. In the others some or all matrices
# move less than a thousandth. Curves: geometric means over three seeds, in epoch 10. Legends: the shares of section 5,
# after epoch 20.*
#
# **So turn up the rate?** For W1 of the deep network to reach a thousandth, λ would have to be 200 times as large,
# and W6 would then move by many times its own length. The next cell tries it out, with three hidden layers of
# sigmoids, where the opening says 10 %. First with one λ for all, from 0.3 to 30. Then each matrix (with its bias)
# gets the λ that moves it by a fixed ratio, by your own gauges: λ = ratio · |W| / |∂E/∂W|.


# %% tags=["experiment"]
def fit_own_rates(depth, ratio, seed, epochs=20):
    """A sigmoid network in which each matrix has, at each step, the rate that moves it by this ratio."""
    X, T, _, _ = digits_split()
    net, rng = digit_network(depth, "sigmoid", seed)
    loss = SoftmaxCrossEntropy()
    for _ in range(epochs):
        for x, t in minibatches(X, T, 50, rng):
            loss.forward(net.forward(x), t)
            net.backward(loss.backward())
            for k, norm in enumerate(gradient_norms(net).values(), start=1):
                rate = ratio * np.linalg.norm(net.params[f"W{k}"]) / norm
                sgd_step(
                    {"W": net.params[f"W{k}"], "b": net.params[f"b{k}"]},
                    {"W": net.grads[f"W{k}"], "b": net.grads[f"b{k}"]},
                    rate,
                )
    return net


with experiment():
    one, own = (0.3, 1, 3, 5, 10, 30), (0.005, 0.01, 0.02, 0.03, 0.1)
    shares = {}
    for value in progress(one, "one rate"):
        shares["one", value] = [100 * judged(fit_digits(3, "sigmoid", value, seed))[1] for seed in range(3)]
    for value in progress(own, "own rates"):
        shares["own", value] = [100 * judged(fit_own_rates(3, value, seed))[1] for seed in range(3)]
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for ax, kind, values, color in [(axes[0], "one", one, 0), (axes[1], "own", own, 2)]:
        table = np.array([shares[kind, value] for value in values])
        ax.semilogx(values, table.mean(axis=1), "-o", color=plots.COLORS[color])
        ax.fill_between(values, table.min(axis=1), table.max(axis=1), color=plots.COLORS[color], alpha=0.2)
        ax.axhline(10, color="gray", linestyle=":")
        ax.annotate("guessing", (values[1], 10), xytext=(0, -14), textcoords="offset points", color="#666666")
        told = len(values) - (kind == "own")  # at 0.1 the last digits of the rounding decide on the guesses
        print(kind, {value: round(percent) for value, percent in zip(values[:told], table.mean(axis=1), strict=False)})
        best = table.mean(axis=1).argmax()
        print(f"{kind:3}: best at {values[best]:g}, {table[best].mean():.1f} ± {table[best].std():.1f} % of 397")
    axes[0].set(xlabel="λ, the same for all matrices", ylabel="read rightly (%)", ylim=(0, 100), title="One rate")
    axes[1].set(xlabel="update ratio, the same for all matrices", title="A rate for each matrix")
    plt.show()
    deeper = [100 * judged(fit_own_rates(4, 0.03, seed))[1] for seed in range(3)]
    print(f"own, with four hidden layers, at 0.03: {np.mean(deeper):.0f} % of 397")

# %% [markdown]
# *What to see: three hidden layers of sigmoids, 20 epochs, bands for the range of three seeds. With one λ for all, 5 is
# the best of six and brings 58 %; 3 brings 36 % and 10 brings 13 %. With a λ for each matrix the same network, from
# the same weights, reads 91 %. Both are the best of a sweep, picked on the very digits they are reported for, so both
# are a little flattered (04); the gap between them is far larger than that.*
#
# *Why.* The gradients are computed as before, only how far each is followed has changed. At a ratio of 0.1 the network
# is back at guessing: steps can be too long for every matrix, too. And the cure weakens with depth: at the same
# ratio four hidden layers read 62 %. 08 and 09 have others.

# %% [markdown]
# ## 8 What you have
#
# | question | your answer |
# |---|---|
# | Are the gradients of a chain of sixteen layers right? | every error below 10⁻⁶ |
# | What does a network with 1,465 parameters make of five pictures? | 100 % of them, 18.8 % of their shifts |
# | How many digits does it read with two, and with three hidden layers of sigmoids? | 94.8 ± 1.5 %, 9.6 ± 1.5 % |
# | What is left of a gradient per layer of 30 sigmoids, scale 0.1? | 0.13 measured, 0.137 expected |
# | What does a rate three times too large do to ReLUs? | 99 % of the last hidden layer dead, and still so later |
# | How far does a step move W1 and W6, with five hidden layers of sigmoids? | 5 · 10⁻⁶ and 7 · 10⁻² of their length |
#
# **You can now**
#
# - *build* a network of any depth from a list, and train it;
# - *measure* three things in any network that does not learn: gradient norms, dead units, update ratios;
# - *tell* a network that overfits from one that does not learn at all.
#
# **The number to remember: a seventh**, what one layer of 30 sigmoids with weights of 0.1 leaves of a gradient.

# %% [markdown]
# ### Why? 1
#
# A network with four hidden layers of ReLUs stays at E = 2.30. Either its gradients have shrunk on the way, or all
# units of its last hidden layer have died. Which of your gauges tells the two apart, and what does it read in each
# case? In which of the two can a larger λ help? *(2 points)*

# %% [markdown] why="deep_networks-why-1" points=2
# `dead_units` does. If the gradients have shrunk, it gives a few per cent, as before training. If the units have died,
# it gives 1 for the last hidden layer. (`gradient_norms` does too: small in the one case, exactly 0 for W1 to W5 in
# the other, since W5 is handed nothing but zeros.) (1 point)
#
# In the first: a small gradient still has a direction, and a larger λ follows it further. In the second every step of
# every weight matrix is λ · 0 = 0, whatever λ is; one has to begin again, with a smaller λ. (1 point)

# %% [markdown]
# ### Why? 2
#
# The weights of the networks with eight hidden layers are drawn twice as large, with standard deviation 0.2. Before the
# first step |∂E/∂W1| is then about 250 times as large, with ReLUs and with sigmoids. |∂E/∂W9| is 265 times as large
# with ReLUs, and only twice with sigmoids. Where does the first number come from, and why do the last two differ?
# *(2 points)*

# %% [markdown] why="deep_networks-why-2" points=2
# What comes back to W1 has been multiplied by W9, W8, …, W2: eight matrices, each twice as large, so 2⁸ = 256. What
# goes in at W1 are the pixels, which have not changed. (1 point)
#
# To W9 the gradient comes straight from the loss, through no matrix. What counts is what came up to it. Through ReLUs
# it has been multiplied by W1, …, W8, so 2⁸ again. Sigmoids put out about ½ whatever comes in, so little has
# changed there. (1 point)

# %% [markdown]
# ### Why? 3
#
# Somebody writes `before = network.params`, takes a step, and calls `update_ratios(before, network.params)`. What
# comes out, and why? What has to be different, and why must `network.params` itself nevertheless not give copies?
# *(2 points)*

# %% [markdown] why="deep_networks-why-3" points=2
# All ratios are 0. `network.params` shows the layers' own arrays, and the step changes them in place; `before` and the
# new dict hold the same arrays, which are compared with themselves. `before` has to hold copies. (1 point)
#
# If `params` gave copies, the step would change the copies and the layers would stay as they are: the network would
# never learn. Sharing is what lets the step reach the weights. (1 point)

# %% [markdown]
# ## Where the crack is
#
# Gradient descent follows the gradient with **one rate for all directions**, and the directions differ by powers of
# ten. What is too short for the first matrix is too long for the last. Giving each matrix a rate of its own helped.
# But why stop at matrices: within one matrix, too, some weights lie in steep valleys and others on plains. And why
# forget, at each step, which way the last ones went?
#
# In 07 you rebuild the step itself: with a memory, and with a rate for every single weight.
