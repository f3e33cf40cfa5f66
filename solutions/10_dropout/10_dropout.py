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
# # 10 Dropout
#
# Two hundred handwritten digits to learn from, and somebody has put **a wrong label on forty of them**. Two
# copies of one network learn them: the same first weights, the same batches, the same steps. One of the two is
# hindered. At every step half of its hidden units are switched off, others for each digit, drawn at random.


# %% setup=true
import functools
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from byhand import check, datasets, experiment, plots, progress
from byhand.gradients import numerical_gradient, relative_error
from byhand.sliders import slider
from toolbox.arrays import accuracy, one_hot
from toolbox.initialization import initialized_mlp
from toolbox.layers import Affine, Layer, ReLU, Sigmoid, gradient_check
from toolbox.losses import SoftmaxCrossEntropy
from toolbox.network import Network
from toolbox.optimizers import Adam
from toolbox.perceptron import sigmoid
from toolbox.training import minibatches
from toolbox.two_layer import relu, softmax

# %% tags=["experiment"]
# Recorded from an experiment of section 4, where they are computed again.
EPOCHS = [1, 2, 4, 6, 8, 10, 15, 20, 25, 30, 35, 40]
recorded = {
    "all units present": [42, 65, 82, 85, 84, 85, 83, 82, 81, 80, 80, 80],
    "half of them missing": [24, 34, 56, 66, 72, 76, 84, 85, 87, 87, 87, 87],
}
fig, ax = plt.subplots(figsize=(6.4, 3.4))
for (name, shares), color, marker in zip(recorded.items(), plots.COLORS, "os", strict=False):
    ax.plot(EPOCHS, shares, marker=marker, color=color, label=name)
ax.set(ylim=(20, 100), xlabel="epoch", ylabel="unseen digits right (%)", title="Who is hindered reads more")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# *What to see: the hindered network starts slowly, catches up near epoch 15 and ends at 87 %, the other one at 80 %,
# five points below its best.* Means over five such pairs.
#
# 09 ended with a network that had all its hundred digits by heart, and got more than one in five of the others wrong.
# Here the unhindered one has all its two hundred by heart in the end, the forty wrong ones too. How can a network get
# better by losing half of itself at every step? And which half is there when it is asked?
#
# - **You will build** an average over all networks that a mask can leave, the one pass that stands for it, two
#   layers that drop units, a mask with an exact number of zeros, and a way back through three masks.
# - **You need** `Layer` and its four promises (05), `Network` with its two modes `train()` and `eval()` (06), Adam
#   (07) and He's weights (08). They lie in `toolbox/`. After a restart, and where a name *is not defined*, run all
#   cells above first.
# - **It takes** about three and a half hours in two sittings, the second from section 4 on: six gaps of one to
#   eight lines.
#
# **Words.** To *drop* a unit is to set its output to 0 for one sample in one step. **p is the probability of
# dropping it**, here and everywhere in this course; some sources use it for keeping. A *mask* m has an entry for
# each unit, 0 for dropped and 1 for kept. ⊙ multiplies entry by entry.


# %% [markdown]
# ## 1 Every mask is another network
#
# Drop two of five hidden units, and what is left is a network of three: it has its own output for each x. It
# shares its weights with all the others. D units have $2^D$ masks, from the one that drops nothing to the one that
# drops everything, so one network holds $2^D$ *sub-networks*.
#
# They are not equally likely. Each unit falls by itself, with probability p:
#
# | | formula | shapes |
# |---|---|---|
# | one mask | $m \in \{0,1\}^D$ | (D,) |
# | its probability | $P(m) = p^{\,\text{number of zeros}}\,(1-p)^{\,\text{number of ones}}$ | one number |
# | average over all | $\bar f(x) = \sum_m P(m)\, f(x \odot m)$ | that of f(x): (N, K) from x (N, D) |
#
# f is whatever comes after the mask: a layer, or all the rest of the network.
#
# **By hand.** x = (2, 1), f(z) = max(0, z₁ + z₂ − 2), p = ½. Four masks:
#
# | m | x ⊙ m | f | P(m), p = ½ | P(m), p = ¼ |
# |---|---|---|---|---|
# | (0, 0) | (0, 0) | 0 | 1/4 | 1/16 |
# | (1, 0) | (2, 0) | 0 | 1/4 | 3/16 |
# | (0, 1) | (0, 1) | 0 | 1/4 | 3/16 |
# | (1, 1) | (2, 1) | 1 | 1/4 | 9/16 |
#
# The average is **1/4** for p = ½, and **9/16** for p = ¼. It is a committee in which each member speaks with the
# weight of its mask.
#
# `product([0, 1], repeat=D)` runs through all masks, as tuples of D numbers; `x * np.array(mask)` applies one
# to every row of x.
#
# **Predict before you run.** Ten units, p = 0.2, a mask of its own for each sample. For which share of the samples
# is the *whole* network there, no unit dropped: 80 %, 20 % or 11 %? Write it down.


# %% gap="average_over_masks"
def average_over_masks(f, x, p):
    """The mean of f(x ⊙ m) over all masks m of 0 and 1, each with its probability.

    f takes (N, D) and gives (N, K), x (N, D), p the probability of dropping  ->  (N, K)

    x = [[2, 1]], f(z) = max(0, z1 + z2 - 2), p = 0.25 give 0.5625. x is left as it was.
    """
    ### BEGIN SOLUTION
    D = x.shape[1]
    average = 0.0
    for mask in product([0, 1], repeat=D):
        kept = sum(mask)
        average = average + p ** (D - kept) * (1 - p) ** kept * f(x * mask)
    return average
    ### END SOLUTION


# %% check="average_over_masks" points=3
check("average_over_masks", average_over_masks)

# %% [markdown]
# <details><summary>Hint 1: a sum of 2ᴰ terms</summary>
#
# Begin with 0. For each mask, add f of the masked x times the probability of that mask. No division at the end:
# the probabilities add up to 1.
# </details>
# <details><summary>Hint 2: how likely is one mask</summary>
#
# Count its ones: `sum(mask)`. Each of them was kept, with probability 1 − p; each of the D − sum others was
# dropped, with probability p. They fall independently, so the probabilities multiply.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each mask of `product`: kept is its sum; add p to the power of D minus kept, times 1 − p to the power of
# kept, times f of x times the mask. Return what has added up.
# </details>

# %% tags=["experiment"]
with experiment():
    ones = np.ones((1, 10))
    whole = average_over_masks(lambda z: z.prod(axis=1, keepdims=True), ones, 0.2)  # 1 if every unit is there, else 0
    print(f"no unit dropped: {whole.item():.3f}")
    left = average_over_masks(lambda z: z.sum(axis=1, keepdims=True), ones, 0.2)
    print(f"units there, on average: {left.item():.1f} of 10")
    print(f"sub-networks of 10 units: {2**10}, of 100 units: {2.0**100:.1e}")

# %% [markdown]
# **11 %**, 0.8¹⁰. If you said 80 %: that is the share of units that are there, eight of ten on average. All ten
# together is rare.
#
# A layer of 100 units has 10³⁰ sub-networks. No training meets more than a tiny part of them; but they share
# weights, so a step of one changes many others too.


# %% [markdown]
# ## 2 One pass for all of them
#
# When the network is asked, which sub-network should answer? The committee would be best, and 10³⁰ passes are too
# many. For the layer right behind the mask there is a way around. Averaging and multiplying by W may be exchanged,
# because both are sums:
#
# | | formula | shapes |
# |---|---|---|
# | one mask | $y = (x \odot m)\,W + b$ | (N, H) = (N, D)(D, H) + (H,) |
# | mean of one entry of m | $0\cdot p + 1\cdot(1-p) = 1-p$ | one number |
# | mean of y over all masks | $\bar y = (1-p)\,xW + b$ | (N, H) |
#
# One pass, exact. The bias is not multiplied by any mask, so nothing shrinks it.
#
# **By hand.** x = (2, 1), W = (3, 4)ᵀ, b = 5, p = ½: over the four masks y is 5, 11, 9, 15, the mean is 10. And
# ½ · (6 + 4) + 5 = **10**.
#
# **Predict before you run.** The layer gives 9 with all units present, of which b is 5. With p = ½, is the mean
# over all masks 4.5, 7 or 9?


# %% gap="expected_output"
def expected_output(x, W, b, p):
    """The mean of (x ⊙ m) W + b over all masks m, exactly.

    x (N, D), W (D, H), b (H,), p the probability of dropping an entry of x  ->  (N, H)

    x = [[2, 1]], W = [[3], [4]], b = [5], p = 0.5 give 10.
    """
    ### BEGIN SOLUTION
    return (1 - p) * (x @ W) + b
    ### END SOLUTION


# %% check="expected_output" points=2
check("expected_output", expected_output)

# %% [markdown]
# <details><summary>Hint 1: two ways to get it</summary>
#
# You have an average over all masks from section 1, and you have a formula in the table. Both are right here; one
# of them is also fast.
# </details>
# <details><summary>Hint 2: what shrinks</summary>
#
# Two terms are added in an affine layer. Which of them contains x?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# One minus p, times the matrix product of x and W; then plus b.
# </details>

# %% [markdown]
# Behind the affine layer there is a bend, and the bend of an average is not the average of the bends: in section 1 the
# committee said 1/4, but f of the mean input (1, ½) is max(0, −½) = 0. How far off is one pass, then? For tiny
# networks we can count. n units with values of 0 and above, p = ½, and behind them fifty sums with He's weights;
# 20 networks for each n.

# %% tags=["experiment"]
with experiment():
    mean = expected_output(np.array([[4.0]]), np.eye(1), np.array([5.0]), 0.5)
    print("the layer that gives 9, of which b is 5:", mean.item())

    def off(counted, one_pass):
        """The mean distance in percent of the mean size."""
        return 100 * np.mean(np.abs(counted - one_pass)) / np.mean(np.abs(counted))

    rows = []
    for n in range(3, 11):
        rng, distances = np.random.default_rng(n), []
        for _ in range(20):
            h, W, b = relu(rng.normal(size=(8, n))), rng.normal(0, np.sqrt(2 / n), (n, 50)), np.zeros(50)
            sums = expected_output(h, W, b, 0.5)
            counted = [average_over_masks(lambda z, g=g, W=W: g(z @ W), h, 0.5) for g in (np.array, relu, softmax)]
            distances.append([off(c, g(sums)) for c, g in zip(counted, (np.array, relu, softmax), strict=True)])
        rows.append((n, 2**n, *np.mean(distances, axis=0).round(1)))
    columns = ["n", "sub-networks", "sums: off by %", "behind a ReLU", "behind a softmax"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **7.** If you said 4.5, you shrank the bias as well.
#
# *What to see: the sums are exact. Behind a ReLU one pass is off by 10 % for three units and by 23 % for ten, more with
# each unit; behind a softmax by 6 to 9 % for all n.*
#
# *Why.* Where some masks make a sum positive and others negative, the ReLU passes on the first and puts 0 for the
# others. The mean of that lies above the ReLU of the mean. So behind a ReLU one pass is never too large, and
# often too small.
#
# So one pass with shrunk sums is exact for one affine layer, and a stand-in for the rest. How good it is for
# a network that reads digits, section 5 measures.


# %% [markdown]
# ## 3 A layer that drops
#
# Now the layer, as it was published (Srivastava and others, 2014). It sits behind a bend, has no parameters, and
# does different things in its two modes:
#
# | | formula | shapes |
# |---|---|---|
# | mask, drawn at each forward | m = 0 with probability p, else 1, **each entry by itself** | (N, D) |
# | training | $y = x \odot m$ | (N, D) |
# | predicting | $y = (1-p)\,x$ | (N, D) |
# | backward | $\mathrm{d}x = \mathrm{dout} \odot m$, **with the same m** | (N, D) |
#
# N samples, so N rows of the mask: in one step each sample trains a sub-network of its own. When predicting,
# $(1-p)\,x$ gives the layer behind the mean that it got while learning: your formula of section 2.
#
# Going back, y is x times a constant that happened to be 0 or 1. A dropped unit had no part in E, and gets no
# gradient. Another mask on the way back would punish units that were not there.
#
# **By hand.** x = (4, 8, −2, 6), p = ¼, and the draw gives m = (1, 0, 1, 1). Training: y = (4, 0, −2, 6); dout =
# (1, 1, 1, 1) comes back as (1, 0, 1, 1). Predicting: y = (3, 6, −1.5, 4.5), whatever m was.
#
# `rng.random(shape)` draws numbers evenly from 0 to 1; a share p of them lies below p. `self.training` is True or
# False, as 06 has it.
#
# **Predict before you run.** `gradient_check` of 05 is let loose on this layer, in training, and the layer is
# right. Will it report an error near 10⁻¹⁰, or near 1?


# %% gap="dropout"
class Dropout(Layer):
    """Training: y = x ⊙ m, each entry of m 0 with probability p, else 1.  Predicting: y = (1 - p) x.

    x, y, dout and dx all (N, D). A fresh mask is drawn from rng at each forward in training; none
    when predicting. backward uses the mask of the latest forward. x and dout are left as they were.

    With p = 0.25, x = (4, 8, -2, 6) gives (4, 0, -2, 6) under the mask (1, 0, 1, 1),
    and (3, 6, -1.5, 4.5) when predicting.
    """

    def __init__(self, p, rng):
        super().__init__()
        self.p, self.rng = p, rng

    def forward(self, x):
        ### BEGIN SOLUTION
        if not self.training:
            return x * (1 - self.p)
        self.mask = self.rng.random(x.shape) >= self.p
        return x * self.mask
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        return dout * self.mask
        ### END SOLUTION


# %% check="dropout" points=3
check("dropout", Dropout)

# %% [markdown]
# <details><summary>Hint 1: two modes</summary>
#
# Ask `self.training` first. When predicting there is nothing to draw and nothing to remember.
# </details>
# <details><summary>Hint 2: a mask out of random numbers</summary>
#
# Draw one number for each entry of x. Compare all of them with p: `a >= p` is an array of True and False, and in a
# product True counts as 1. Which of the two, `>=` or `<`, is true for a share 1 − p?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: if not training, return x times one minus p. Else put on `self` where fresh random numbers of x's shape
# are at least p, and return x times that. Backward: dout times what was put on `self`.
# </details>


# %% tags=["experiment"]
class SameMask(Dropout):
    """A Dropout whose generator is set back before each forward, so that every mask is the same."""

    def forward(self, x):
        self.rng = np.random.default_rng(7)
        return super().forward(x)


with experiment():
    rng = np.random.default_rng(0)
    x = np.array([[4.0, 8.0, -2.0, 6.0]])
    layer = Dropout(0.25, rng)
    forwards = np.concatenate([layer.forward(x) for _ in range(10_000)])
    print("mean of 10,000 forwards:", forwards.mean(axis=0).round(1) + 0.0)
    layer.training = False
    print("predicting:             ", layer.forward(x)[0])
    layer.training = True
    x = rng.normal(size=(6, 5))
    for name, tested in [("Dropout", layer), ("Dropout, the same mask each time", SameMask(0.25, rng))]:
        error = gradient_check(tested, x, np.random.default_rng(1))["x"]
        print(f"{name}: relative error {'below 1e-6' if error < 1e-6 else f'{error:.2f}'}")

# %% [markdown]
# **Near 1.** If you said 10⁻¹⁰: the check compares E before and after a small step, and between the two the layer
# has drawn another mask. It measures the draw and not the slope. With one mask held fast the same layer passes.
#
# *What to see: the mean of ten thousand forwards in training is, up to chance, what one pass of predicting gives.*

# %% [markdown]
# **A place to rest.** This is the middle. After a restart, run all cells above before you go on.


# %% [markdown]
# ## 4 The scaling moved to the other side
#
# `Dropout` needs to know p when it predicts. Whoever takes the trained weights and leaves the layer out gets
# sums that are too large. Most libraries therefore scale at the other time: what is kept is enlarged while
# training, and predicting does nothing.
#
# | | `Dropout` | `InvertedDropout` |
# |---|---|---|
# | training, m (N, D) | 0 or 1 | 0 or $1/(1-p)$ |
# | | $y = x \odot m$ | $y = x \odot m$ |
# | mean of m | $1-p$ | $(1-p)\cdot\frac{1}{1-p} = 1$ |
# | predicting | $y = (1-p)\,x$ | $y = x$ |
# | backward | $\mathrm{dout} \odot m$ | $\mathrm{dout} \odot m$, and m holds the factor |
#
# Either way the layer behind sees the same mean at both times. Scaling at both times, or at none, breaks that. p has
# to be below 1: where nothing is kept, nothing can be enlarged.
#
# **By hand.** p = 0.2: a kept unit is multiplied by 1/0.8 = **1.25**. x = (4, 8, −2, 6) and the same draw as before
# give y = (5, 0, −2.5, 7.5) in training, and dout = (1, 1, 1, 1) comes back as (1.25, 0, 1.25, 1.25). Predicting:
# y = (4, 8, −2, 6).
#
# **Predict before you run.** p = 0.9. By how much is a kept unit multiplied: 1.1, 1.9 or 10?


# %% gap="inverted_dropout"
class InvertedDropout(Layer):
    """Training: y = x ⊙ m, each entry of m 0 with probability p, else 1/(1 - p).  Predicting: y = x.

    x, y, dout and dx all (N, D). A fresh mask is drawn from rng at each forward in training; none
    when predicting. backward uses the mask of the latest forward. x and dout are left as they were.

    With p = 0.2, x = (4, 8, -2, 6) gives (5, 0, -2.5, 7.5) if the second unit falls.
    """

    def __init__(self, p, rng):
        super().__init__()
        self.p, self.rng = p, rng

    def forward(self, x):
        ### BEGIN SOLUTION
        if not self.training:
            return x
        self.mask = (self.rng.random(x.shape) >= self.p) / (1 - self.p)
        return x * self.mask
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        return dout * self.mask
        ### END SOLUTION


# %% check="inverted_dropout" points=3
check("inverted_dropout", InvertedDropout)

# %% [markdown]
# <details><summary>Hint 1: what is left of the other layer</summary>
#
# Modes, draw and way back are those of `Dropout`. Only the place of the factor differs.
# </details>
# <details><summary>Hint 2: where the factor goes</summary>
#
# Put it into the mask. Then forward and backward both have it, once.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: if not training, return x. Else the mask is where fresh random numbers are at least p, divided by one
# minus p; return x times the mask. Backward: dout times the mask.
# </details>

# %% tags=["experiment"]
with experiment():
    y = InvertedDropout(0.9, np.random.default_rng(0)).forward(np.ones((1000, 100)))
    print(f"p = 0.9: a 1 that is kept becomes {y.max():.0f}; the mean of 100,000 ones is {y.mean():.1f}")

# %% [markdown]
# **10.** If you said 1.1: one in ten is left, and has to stand for ten.
#
# **Does it help?** Two hundred digits to learn from, forty of them mislabelled, and 1,597 to test on, all
# with their right labels. Two hidden layers of 100 ReLUs, He's weights, Adam, 40 epochs in batches of 25. Your
# `InvertedDropout` stands behind each ReLU. Both networks of a pair have the same start and the same batches, and
# there are five pairs. Beside them the same without any wrong label.


# %% tags=["experiment"]
# Networks that were trained are kept by p and seed: after a change of your layer, run this cell again.
def small_set(seed, wrong):
    """200 digits with the labels they were given, of which the first `wrong` are wrong, and 1,597 to test on."""
    rng = np.random.default_rng(seed)
    X, labels = datasets.digits()
    order = rng.permutation(len(X))
    X, labels = 2 * X[order] - 1, labels[order]  # ink from -1 to 1
    given = labels[:200].copy()
    given[:wrong] = (given[:wrong] + rng.integers(1, 10, wrong)) % 10
    return X[:200], given, X[200:], labels[200:]


def with_dropout(p, seed):
    """64 - 100 - 100 - 10, with an InvertedDropout behind each ReLU unless p is 0."""
    plain = initialized_mlp([64, 100, 100, 10], "relu", "he", np.random.default_rng([seed, 0]))
    drops = np.random.default_rng([seed, 1])
    layers = []
    for layer in plain.layers:
        layers.append(layer)
        if p > 0 and isinstance(layer, ReLU):
            layers.append(InvertedDropout(p, drops))
    return Network(layers)


@functools.cache
def learn(p, seed, wrong=40, epochs=40, every=1):
    """A trained network, and after every so many epochs its shares right: of the given labels, of the test digits."""
    X, given, X_test, labels_test = small_set(seed, wrong)
    T, T_test = one_hot(given, 10), one_hot(labels_test, 10)
    network, optimizer, loss = with_dropout(p, seed), Adam(0.002), SoftmaxCrossEntropy()
    batches = np.random.default_rng([seed, 2])
    history = []
    for epoch in range(1, epochs + 1):
        network.train()
        for x, t in minibatches(X, T, 25, batches):
            loss.forward(network.forward(x), t)
            network.backward(loss.backward())
            optimizer.update(network.params, network.grads)
        if epoch % every == 0:
            history.append([accuracy(network.predict(X), T), accuracy(network.predict(X_test), T_test)])
    network.eval()
    return network, 100 * np.array(history)


with experiment():
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    final = {}
    for wrong in progress([0, 40], "learning 2 × 2 × 5 times"):
        for p in (0, 0.5):
            final[wrong, p] = np.array([learn(p, seed, wrong)[1] for seed in range(5)])  # (5, 40, 2)
    for ax, wrong in zip(axes, (0, 40), strict=True):
        for p, color in ((0, 0), (0.5, 1)):
            for part, dashes, what in ((0, ":", "given labels"), (1, "-", "unseen digits")):
                curves = final[wrong, p][:, :, part]
                look = {"color": plots.COLORS[color], "linestyle": dashes}
                ax.plot(range(1, 41), curves.mean(axis=0), label=f"p = {p}, {what}", **look)
                ax.fill_between(range(1, 41), curves.min(axis=0), curves.max(axis=0), color=look["color"], alpha=0.15)
        ax.set(xlabel="epoch", ylim=(50, 101), title=f"{wrong} of 200 labels wrong")
    axes[0].set_ylabel("right (%)")
    axes[0].legend(loc="lower right", fontsize=9)
    plt.show()

    rows = []
    for wrong in (0, 40):
        gain = final[wrong, 0.5][:, -1, 1] - final[wrong, 0][:, -1, 1]
        for p in (0, 0.5):
            given, unseen = final[wrong, p][:, -1].T
            pairs = f"{gain.mean():+.1f} ({gain.min():+.1f} to {gain.max():+.1f})" if p else ""
            rows.append((wrong, p, f"{given.mean():.0f}", f"{unseen.mean():.1f} ± {unseen.std():.1f}", pairs))
    columns = ["wrong labels", "p", "given labels, %", "unseen digits, %", "gain (five pairs)"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))
    for p in (0, 0.5):
        said = []
        for seed in range(5):
            X, given, _, _ = small_set(seed, 40)
            said.append(np.sum(learn(p, seed)[0].predict(X[:40]).argmax(axis=1) == given[:40]))
        best = final[40, p][:, :, 1].mean(axis=0)
        print(f"p = {p}: repeats {np.mean(said):.0f} of the 40 wrong labels; best of the mean curve {best.max():.0f} %")
    means = [final[40, p][:, [e - 1 for e in EPOCHS], 1].mean(axis=0) for p in (0, 0.5)]
    print("as in the opening:", np.allclose(means, list(recorded.values()), rtol=0, atol=3))

# %% [markdown]
# *What to see: with forty wrong labels the network without dropout has learnt all given labels in the end, and reads
# 80 % of the unseen digits; with p = ½ it is 84 % of the given labels and 87 % of the unseen digits: 7 points more on
# average, and more than 2 in each of the five pairs.* (± is the standard deviation over the five.) Of the forty wrong
# labels the one repeats all, the other about nine.
#
# The setting (200 digits, 40 wrong labels, width, epochs) was picked from about nine combinations as one where the
# effect is large. On ten fresh seeds (10 to 19) it was +7.2 points (3.9 to 10.7), with right labels −0.7.
#
# *Why.* A wrong label can only be learnt by heart, by units that answer together to this one picture. With
# half of them missing at each step, such an arrangement rarely pays. What many digits share, many units carry, and
# it survives.
#
# **And where not.** With right labels, on the left, there is no gain. Dropout costs about half a point on average, and
# not in every pair. What is learnt by heart does little harm there: dropout has little to prevent, and is slower.
#
# On the right, too, look at epoch 7: the unhindered network was at 85 % before it had learnt many of the wrong labels.
# Who had stopped it there would be two points behind, and not seven. But one has to know when.


# %% [markdown]
# ## 5 When it is asked
#
# `network.predict` puts every layer into its other mode for one pass, as 06 built it. What if one forgets, and
# calls `network.forward` of a network that is still training?
#
# **Predict before you run.** The network with p = ½ of section 4 reads about 87 % of the unseen digits. Left
# in training mode, does it read about 86, 80 or 70 %?

# %% tags=["experiment"]
with experiment():
    rows, spread = [], []
    for seed in range(5):
        network = learn(0.5, seed)[0]
        _, _, X_test, labels_test = small_set(seed, 40)
        T_test = one_hot(labels_test, 10)
        network.train()
        passes = [softmax(network.forward(X_test)) for _ in range(100)]
        network.eval()
        committees = [accuracy(np.mean(passes[:K], axis=0), T_test) for K in (1, 3, 10, 30, 100)]
        rows.append([100 * share for share in (*committees, accuracy(network.predict(X_test), T_test))])
        answers = np.array([P.argmax(axis=1) for P in passes[:10]])
        spread.append(np.mean(np.any(answers != answers[0], axis=0)))
    means, stds = np.mean(rows, axis=0), np.std(rows, axis=0)
    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    ax.errorbar(
        [1, 3, 10, 30, 100],
        means[:-1],
        stds[:-1],
        fmt="o-",
        capsize=4,
        color=plots.COLORS[1],
        label="committee of K masks",
    )
    ax.axhline(means[-1], color="black", ls="--", label="one pass of `predict`, all units there")
    ax.set_xscale("log")
    ax.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    ax.set(xlabel="K, passes in training mode that are averaged", ylabel="unseen digits right (%)")
    ax.set_title("One forgotten line, and a committee")
    ax.legend(loc="lower right")
    plt.show()
    print("K = 1, 3, 10, 30, 100:", means[:-1].round(1), " predict:", means[-1].round(1))
    print(f"digits that are read in more than one way in ten passes: {100 * np.mean(spread):.0f} %")

# %% [markdown]
# **70.** If you said 86: each sub-network has learnt, but none of them well. It is the committee that reads.
#
# *What to see: a single pass in training mode is 17 points worse than `predict`, and in ten passes four digits of
# five are read in more than one way. Committees grow better with K and end where one pass of `predict` is, at 87 %.*
# (Bars: ± one standard deviation over the five networks.)
#
# So the stand-in of section 2 is good enough here, though it is exact for no layer but the first behind a mask.
# A committee of a hundred costs a hundred times as much, and reads no better.
#
# **How many should fall?** p is a setting like the learning rate. Choosing it on the test digits would be
# cheating, as 04 has it; here we only look at what it does.
#
# **Predict before you move.** With p = 0 the network ends with 100 % of the given labels and 80 % of the unseen
# digits. Is there a p with which it gets *more* of the unseen digits right than of the labels it learns from?

# %% tags=["experiment"]
with experiment():
    rates = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8]
    runs = {p: np.array([learn(p, seed)[1] for seed in range(5)]) for p in progress(rates, "seven rates")}  # (5, 40, 2)

    def learning(ax, p, runs=runs):
        for part, name, dashes, color in ((0, "given labels", ":", 3), (1, "unseen digits", "-", 6)):
            curves, color = runs[p][:, :, part], plots.COLORS[color]
            ax.plot(range(1, 41), curves.mean(axis=0), dashes, color=color, label=name)
            ax.fill_between(range(1, 41), curves.min(axis=0), curves.max(axis=0), color=color, alpha=0.15)
        ax.axhline(80, color="#666666", linewidth=1, linestyle="--", label="share of given labels that are right")
        ax.set(ylim=(0, 103), xlabel="epoch", ylabel="right (%)")
        given, unseen = runs[p][:, -1].mean(axis=0)
        ax.set_title(f"p = {p:g}\ngiven {given:.0f} %, unseen {unseen:.0f} %")

    slider(learning, "p, the probability of dropping", rates, shown=[0, 0.5, 0.7, 0.8])
    table = pd.DataFrame(
        [(p, *(f"{v.mean():.1f} ± {v.std():.1f}" for v in runs[p][:, -1].T)) for p in rates],
        columns=["p", "given labels, %", "unseen digits, %"],
    )
    print(table.to_string(index=False))

# %% [markdown]
# *What to see: the larger p, the fewer given labels are learnt. The unseen digits rise to 87 % at p = ½, where they are
# above the given labels, and fall again; with p = 0.8 not even half of the given labels are learnt in 40 epochs.*
# (Bands: from the lowest to the highest of the five networks.)
#
# **Yes**, from ½ to 0.7. If you said that nobody is better at what was not learnt from: a fifth of the given labels is
# wrong, so whoever reads every digit gets 80 % of them. To get more, some wrong ones have to be learnt by heart.
#
# Is 0.8 too much, or are 40 epochs too few? The last section comes back to that.


# %% [markdown]
# ## 6 An exact number of zeros
#
# Masks can be made another way: compute how many entries have to fall, and draw *which*. The number is no longer left
# to chance.
#
# | | formula | shapes |
# |---|---|---|
# | zeros | round(ratio · size), size = rows · columns | one whole number |
# | all other entries | $1/(1 - \text{ratio})$ | |
# | the mask | any set of so many entries is as likely as any other | (rows, columns) |
#
# **By hand**, shape (2, 3), ratio 0.2: 0.2 · 6 = 1.2, rounded **1** zero; the five others
# are 1/0.8 = **1.25**. Their mean is 5 · 1.25 / 6 = 1.04 and not 1: what was rounded away is missing in the factor.
# With larger masks it fades.
#
# `rng.choice(n, k, replace=False)` draws k different numbers from 0 to n − 1; without the last word it may draw
# one twice. `np.full(n, v)` is a row of n times v. `reshape` folds a row into rows and columns.
#
# **Predict before you run.** 10 rows of 10, ratio ½. Does *each row* lose five entries?


# %% gap="exact_count_mask"
def exact_count_mask(shape, ratio, rng):
    """A mask with exactly round(ratio · size) zeros; all other entries are 1 / (1 - ratio).

    shape (rows, columns), ratio the share to drop, rng draws which  ->  (rows, columns)

    ((2, 3), 0.2, rng) gives one 0 and five times 1.25.
    """
    ### BEGIN SOLUTION
    size = shape[0] * shape[1]
    mask = np.full(size, 1 / (1 - ratio))
    mask[rng.choice(size, round(ratio * size), replace=False)] = 0.0
    return mask.reshape(shape)
    ### END SOLUTION


# %% check="exact_count_mask" points=2
check("exact_count_mask", exact_count_mask)

# %% [markdown]
# <details><summary>Hint 1: one long row first</summary>
#
# Draw places in one row of all entries, and fold it afterwards. Then rows and columns do not matter to the draw.
# </details>
# <details><summary>Hint 2: setting many places at once</summary>
#
# `places` may be an array of several whole numbers: `mask[places] = 0.0` then writes a 0 at each of these places.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Size is rows times columns. Fill a row of that size with one over one minus ratio. Choose round(ratio · size) of
# its places, no place twice, and set them to 0. Return it in the given shape.
# </details>

# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    exact = np.array([exact_count_mask((10, 10), 0.5, rng) == 0 for _ in range(2000)])
    alone = np.array([rng.random((10, 10)) < 0.5 for _ in range(2000)])
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    ends, look = (np.arange(25, 77) - 0.5, np.arange(12) - 0.5), {"histtype": "step", "linewidth": 2}
    for ax, axis, edges, where in zip(axes, ((1, 2), 2), ends, ("the mask of 100", "a row of 10"), strict=True):
        for masks, name, color in ((exact, "exact number", 1), (alone, "each entry by itself", 0)):
            counts = masks.sum(axis=axis).ravel()
            weights = np.full(counts.size, 100 / counts.size)
            ax.hist(counts, edges, weights=weights, color=plots.COLORS[color], label=name, **look)
        ax.set(xlabel=f"zeros in {where}", ylim=(0, 35))
    axes[0].text(51.5, 30, "exact: 100 %\nat 50 zeros", color=plots.COLORS[1], fontsize=10)
    axes[0].set_ylabel("share of masks, or of rows (%)")
    axes[0].legend(loc="upper left", fontsize=10)
    plt.show()
    for name, masks in (("each entry by itself", alone), ("exact number", exact)):
        whole, row = masks.sum(axis=(1, 2)).std(), masks.sum(axis=2).std()
        print(f"{name}: std of zeros in a mask {whole:.1f}, in a row {row:.1f}")
    print("mean of the mask by hand:", exact_count_mask((2, 3), 0.2, rng).mean().round(4))

# %% [markdown]
# **No.** If you said yes: the count is kept over the whole mask, and a row may lose two or eight.
#
# *What to see: an exact mask of 100 always has its 50 zeros, where independent entries give between 35 and 65. In a
# single row of 10 the two can hardly be told apart.* For each sample it is nearly the same dropout.


# %% [markdown]
# ## 7 The way back through three masks
#
# In 05 you mended a published backward pass with two hidden layers and masks. With three it was published too, with the
# same two mistakes in each: σ applied to what has been through σ, and the masks forgotten. Now that you have built
# masks, write the whole pass once, as a loop. Going forward, with H₀ = X and k = 1, 2, 3:
#
# | | formula | shapes |
# |---|---|---|
# | sum | $A_k = H_{k-1} W_k + b_k$ | (N, D_k) = (N, D_{k−1})(D_{k−1}, D_k) + (D_k,) |
# | bend and mask | $H_k = \sigma(A_k) \odot R_k$, R = 0 or $1/(1-p)$ | (N, D_k) |
# | output | $P = \mathrm{softmax}(H_3 W_4 + b_4)$ | (N, K) |
#
# Going back, d is what arrives at the sum of layer k; it begins with $(P - T)/N$ at k = 4:
#
# | | formula | shapes |
# |---|---|---|
# | weights | $\partial E/\partial W_k = H_{k-1}^\top\, d$ | (D_{k−1}, D_k) = (D_{k−1}, N)(N, D_k) |
# | bias | $\partial E/\partial b_k$ = sum of d over the samples | (D_k,) |
# | one layer down | $d \leftarrow d\, W_k^\top \odot R_{k-1} \odot Y(1-Y)$, $Y = \sigma(A_{k-1})$ | (N, D_{k−1}) |
#
# **By hand**, one unit with a = ln 3, so σ(a) = ¾, and p = ½. Kept: R = 2, h = 1.5, and what comes from above is
# multiplied by 2 · ¾ · ¼ = **0.375**. Dropped: **0**. As published: σ(1.5)(1 − σ(1.5)) = 0.149 for the kept unit, and
# σ(0)(1 − σ(0)) = 0.25 for the one that was not there.
#
# The published pass, in the notation of this course, and the forward pass that fills its cache:


# %%
def masked_forward(params, X, masks):
    """The cache of a pass: H0, A1, R1, H1, …, A3, R3, H3, P.   masks: R1, R2, R3."""
    cache = {"H0": X}
    for k, R in enumerate(masks, start=1):
        A = cache[f"H{k - 1}"] @ params[f"W{k}"] + params[f"b{k}"]
        cache |= {f"A{k}": A, f"R{k}": R, f"H{k}": sigmoid(A) * R}
    cache["P"] = softmax(cache["H3"] @ params["W4"] + params["b4"])
    return cache


def published_backward(cache, params, T):
    """The gradients as published."""
    grads, d = {}, (cache["P"] - T) / len(T)
    for k in range(4, 0, -1):
        H = cache[f"H{k - 1}"]
        grads |= {f"W{k}": H.T @ d, f"b{k}": d.sum(axis=0)}
        if k > 1:
            d = (d @ params[f"W{k}"].T) * sigmoid(H) * (1 - sigmoid(H))
    return grads


# %% [markdown]
# **Predict before you run.** This published pass is compared with the numerical derivative. For which of W1, W2, W3
# and W4 is it right?


# %% gap="masked_backward"
def masked_backward(cache, params, T):
    """The right gradients of the mean cross-entropy: a dict with "W1", "b1", …, "W4", "b4".

    cache has "H0" (N, D), "A1", "R1", "H1", "A2", "R2", "H2", "A3", "R3", "H3" and "P" (N, K), as
    masked_forward makes them; T (N, K) one-hot. Each gradient has the shape of its parameter.

    A unit with a = ln 3 and R = 2 hands on 0.375 of what it gets.
    """
    ### BEGIN SOLUTION
    grads, dout = {}, (cache["P"] - T) / len(T)
    for k in (4, 3, 2, 1):
        grads[f"W{k}"] = cache[f"H{k - 1}"].T @ dout
        grads[f"b{k}"] = dout.sum(axis=0)
        if k > 1:
            Y = sigmoid(cache[f"A{k - 1}"])
            dout = dout @ params[f"W{k}"].T * cache[f"R{k - 1}"] * Y * (1 - Y)
    return grads
    ### END SOLUTION


# %% check="masked_backward" points=3
check("masked_backward", masked_backward)

# %% [markdown]
# <details><summary>Hint 1: what is already right</summary>
#
# The published pass has the loop, the weights and the biases right. Only its last line is wrong, twice.
# </details>
# <details><summary>Hint 2: two factors</summary>
#
# H is a product: σ(A) times R. Its derivative with respect to A is the slope of σ *at A*, times R. The cache has both
# under the number k − 1.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Keep the published loop. In its last step take Y, the sigmoid of A with the number k − 1; d is then d times W
# transposed, times R with the number k − 1, times Y, times one minus Y. Or put `Affine` and `Sigmoid` of 05 together.
# </details>

# %% tags=["experiment"]
with experiment():
    rng, sizes, p = np.random.default_rng(3), [6, 5, 4, 3, 7], 0.5
    params = {}
    for k in (1, 2, 3, 4):
        params[f"W{k}"] = rng.normal(size=(sizes[k - 1], sizes[k]))
        params[f"b{k}"] = rng.normal(size=sizes[k])
    X, T = rng.normal(size=(12, 6)), np.eye(7)[rng.integers(7, size=12)]
    masks = [(rng.random((12, width)) >= p) / (1 - p) for width in sizes[1:4]]
    cache = masked_forward(params, X, masks)

    def energy(_):
        return -np.mean(np.log(masked_forward(params, X, masks)["P"][T == 1]))

    rows = []
    for k in reversed(range(1, 5)):
        truth = numerical_gradient(energy, params[f"W{k}"])
        row = [f"W{k}"]
        for backward in (published_backward, masked_backward):
            error = relative_error(backward(cache, params, T)[f"W{k}"], truth)
            row.append("below 1e-5" if error < 1e-5 else f"{error:.2f}")
        rows.append(row)
    print(pd.DataFrame(rows, columns=["relative error of", "published", "yours"]).to_string(index=False))

    # The same network out of layers. Each mask is read off what its layer did.
    layers = []
    for k in (1, 2, 3):
        layers += [Affine(params[f"W{k}"], params[f"b{k}"]), Sigmoid(), InvertedDropout(p, rng)]
    network, loss = Network([*layers, Affine(params["W4"], params["b4"])]), SoftmaxCrossEntropy()
    H, drawn = X, []
    for layer in network.layers:
        H_before, H = H, layer.forward(H)
        if isinstance(layer, InvertedDropout):
            drawn.append(H / H_before)
    loss.forward(H, T)
    network.backward(loss.backward())
    by_hand = masked_backward(masked_forward(params, X, drawn), params, T)
    same = all(np.allclose(network.grads[name], by_hand[name]) for name in params)
    print("a Network of Affine, Sigmoid and InvertedDropout gives the same:", same)

# %% [markdown]
# **W4 alone.** If you said none: the mistakes sit in the step *down*, and W4 needs none.
#
# *What to see: yours is right for all four; the published pass is wrong, by a relative error of 1, from W3 down.*
# The relative error of a and b is the largest |a − b| / (|a| + |b|) of all entries: 1 where one has the wrong sign, or
# is not 0 where it should be.
#
# The last line is what layers are for. Nobody derived this network: each layer keeps its own mask and its own
# promise, and the way back is right because each step of it is.


# %% [markdown]
# ## 8 What you have
#
# | question | your answer |
# |---|---|
# | How often is the whole network there, with ten units and p = 0.2? | for 11 % of the samples |
# | Where is one shrunk pass exact? | for the affine layer right behind the mask |
# | How far off is it behind a ReLU, for ten units and p = ½? | about 23 % |
# | What does half of the units missing gain on 200 digits, 40 of them mislabelled? | 7 points, 80 to 87 % |
# | And with all labels right? | nothing; it costs about half a point |
# | What does one forgotten `eval()` cost? | 17 points |
#
# **You can now**
#
# - *count* what a network says on average over all of its sub-networks, and say when one pass gives the same;
# - *build* a layer that drops units, in either convention, and tell which one a piece of code uses;
# - *measure* whether it helps, in pairs and with the spread beside the mean.
#
# **The number to remember: 1 − p**, the share of a unit that the next layer is used to.


# %% [markdown]
# ### Why? 1
#
# A friend trains with `InvertedDropout`, p = ½, and predicts with a layer of the other kind, which multiplies by
# 1 − p. What do the sums of the next layer look like, and why does a network of ReLUs without biases still name the
# same classes? *(2 points)*


# %% [markdown] why="dropout-why-1" points=2
# While training, kept units were doubled, so the next layer is used to x on average. When predicting it gets ½ x: the
# products x W are half of what they should be, and the biases stay. With two such layers the signal is a quarter.
# (1 point)
#
# Without biases, halving the input of a ReLU halves its output, and so on up to the scores: all of them shrink by
# the same factor, and the largest stays the largest. The class is the same; the probabilities are less sure than
# they should be. (1 point)


# %% [markdown]
# ### Why? 2
#
# Somebody puts a batch norm layer (09) right behind your `InvertedDropout`. The mean that it sees is the same in
# training and when predicting. What of the variance? And what comes out of the batch norm when predicting, where it
# divides by the √v that it remembers from training? *(2 points)*


# %% [markdown] why="dropout-why-2" points=2
# The mean of m is 1, but that of m² is (1 − p) · 1/(1 − p)² = 1/(1 − p): with p = ½ the mean square of what passes is
# doubled. The mean stays, so the variance is larger in training: some values are 0, the others are enlarged.
# When predicting all pass as they are. (1 point)
#
# The batch norm remembers the larger v. When predicting it divides a smaller spread by the larger √v: its outputs are
# spread less than those that the next layer is used to, although nobody forgot `eval()`. Dropout *behind* the
# batch norm does not touch its v. (1 point)


# %% [markdown]
# ### Why? 3
#
# A friend has only the 200 digits with their 40 wrong labels, and has to choose p. He trains once for each p of
# section 5 and takes the one with the most given labels right. Which one is it, and why does that not depend on luck?
# Then he keeps 50 of the 200 back, about ten of them mislabelled, and takes the p with the most of *these* right. Is
# that better, and what is weak about it? *(2 points)*


# %% [markdown] why="dropout-why-3" points=2
# p = 0. The given labels are what is being learnt, and dropping units is a hindrance to learning them: the share
# falls with every larger p. The wrong labels count there like the right ones, so it rewards learning by heart.
# (1 point)
#
# It is better: a label kept back cannot be learnt by heart. Nobody can guess the ten wrong ones, so they cost every p
# about the same, and on the other forty whoever reads better wins. But fifty digits are few: one is 2 %, and the luck
# of the draw is about as large as the 7 points that are at stake. And 150 are left to learn from. (1 point)


# %% [markdown]
# ## Where the crack is
#
# All of this was after 40 epochs. Three of the pairs again, for 120 epochs, and p = 0.7 beside them.

# %% tags=["experiment"]
with experiment():
    fig, ax = plt.subplots(figsize=(6.4, 3.8))
    rows = []
    for p, color in progress([(0, 0), (0.5, 1), (0.7, 2)], "120 epochs"):
        runs = [learn(p, seed, epochs=120, every=10) for seed in range(3)]
        given, unseen = np.mean([history for _, history in runs], axis=0).T
        for curve, dashes, name in ((given, ":", ""), (unseen, "-", f"unseen, p = {p}")):
            ax.plot(range(10, 121, 10), curve, "o" + dashes, ms=4, color=plots.COLORS[color], label=name or None)
        grown = []
        for seed, (network, _) in enumerate(runs):
            start, end = with_dropout(p, seed).params, network.params
            now, then = (sum(np.sum(each[f"W{k}"] ** 2) for k in (1, 2, 3)) for each in (end, start))
            grown.append(now / then)
        rows.append((p, *(f"{v:.0f}" for v in (unseen[3], unseen[-1], given[-1])), f"{np.mean(grown):.2f}"))
    ax.axvline(40, color="#666666", lw=1)
    ax.text(41, 64, "end of the runs above", color="#666666", fontsize=10)
    ax.set(ylim=(60, 101), xlabel="epoch", ylabel="right (%)", title="Forty wrong labels, three times as long")
    ax.plot([], [], "o:", ms=4, color="#666666", label="given labels")
    ax.legend(loc="lower right")
    plt.show()
    columns = ["p", "unseen, epoch 40", "unseen, 120", "given, 120", "ΣW², end / start"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# *What to see: with p = ½ the network does learn the wrong labels by heart in the end, and comes down to about 84 %.
# With p = 0.7 it needs the longer time to get near where the other had been.* ΣW² grows in all three, less with larger
# p: dropout does not pull the weights towards 0.
#
# Dropout puts off learning by heart, and takes longer to learn anything; it does not keep the weights small, and says
# nothing about when to stop. It is one means of several. In 11 you build the others, from penalties on large weights
# to stopping in time, and put them side by side: **regularization**.
