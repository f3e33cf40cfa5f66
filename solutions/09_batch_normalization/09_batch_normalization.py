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
# # 09 Batch normalization
#
# 08 left two open cases. A ReLU network that had started well let its numbers drift apart as it learnt. And deep
# networks of sigmoids guessed, under all three schemes. Below, both cases are run again with the same weights,
# batches and learning rate, and with **one more kind of layer**. It has no idea of digits. It takes a mean off and
# divides by a root.

# %% setup=true
import functools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from byhand import check, datasets, experiment, plots, progress
from byhand.gradients import numerical_gradient, relative_error
from toolbox.arrays import accuracy, one_hot, standardize
from toolbox.initialization import initialized_mlp
from toolbox.layers import Affine, Layer, gradient_check
from toolbox.losses import SoftmaxCrossEntropy
from toolbox.network import Network, gradient_norms, mlp
from toolbox.optimizers import SGD, Adam
from toolbox.training import minibatches

# %% tags=["experiment"]
# Recorded from sections 6 and 8 of this notebook, where they are computed again.
drift = {"without": [1.58, 1.78, 1.86, 2.41, 2.70, 3.21, 3.70, 5.04], "with": [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.1]}
sigmoids = {"without": [61, 9, 10, 8, 8], "with": [94, 97, 97, 95, 88]}
LOOK = {
    "without": {"color": plots.COLORS[1], "marker": "s", "ls": "--", "label": "as in 08"},
    "with": {"color": plots.COLORS[0], "marker": "o", "label": "with the new layer"},
}
DEPTHS = [2, 4, 8, 16, 32]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.5))
for kind in LOOK:
    axes[0].plot(range(1, 9), drift[kind], **LOOK[kind])
    axes[1].semilogx(DEPTHS, sigmoids[kind], **LOOK[kind])
axes[0].set(ylim=(0, 5.5), xlabel="hidden layer", ylabel="std of z", title="Eight ReLU layers, after ten epochs")
axes[1].set(ylim=(0, 100), xlabel="hidden layers", ylabel="test digits right (%)", title="Sigmoids, after six epochs")
axes[1].set_xticks(DEPTHS, DEPTHS)
axes[1].minorticks_off()
axes[0].legend(loc="upper left")
plt.show()

# %% [markdown]
# *What to see: on the left, the std of z climbs to 5 without the layer and stays near 1 with it. On the right,
# sigmoids guess from four layers on without it; with it, thirty-two of them read nearly nine digits of ten.*
#
# How can a mean and a root do that? And why can the same layer spoil a trained network in **one** step, when a batch
# happens to be very short? Both answers stand in the gradient that you program here.
#
# - **You will build** the layer: forward, its gradient in six steps and then in one line, its two modes, and
#   networks of any depth that have it.
# - **You need** layers and `gradient_check` (05), `Network` with its modes (06), the starts of 08. All of them lie in
#   `toolbox/`. After a restart, run all cells above first. *Run All Above* stops at the first check that fails; from
#   there on, run the cells one by one.
# - **It takes** about four hours in two sittings, the second from section 5 on: five gaps of one to six lines, and one
#   of about twelve, in three methods.
#
# **Words.** z is what an affine layer puts out, before the bend. A *unit* is one column of z (N, D): N samples, D
# units. The *mean* of a unit is μ, its *variance* v, the mean squared distance from μ; the *std* is √v.


# %% [markdown]
# ## 1 Any mean, any spread
#
# You have standardised data since 00: each column gets mean 0 and std 1. From there every other mean and std is one
# multiplication and one addition away:
#
# | | formula | shapes |
# |---|---|---|
# | mean, std | $\mu = \frac1N\sum_n x_n,\quad \sigma = \sqrt{\frac1N\sum_n (x_n-\mu)^2}$ | (D,) and (D,) from (N, D) |
# | mean 0, std 1 | $\tilde x = (x - \mu)/\sigma$ | (N, D) = ((N, D) − (D,)) / (D,) |
# | mean m, std s | $s\,\tilde x + m$ | (N, D) |
#
# `X.mean(axis=0)` and `X.std(axis=0)` go down the columns; NumPy's std divides by N, as the formula does.
#
# **By hand.** The column (1, 3, 5, 7): μ = 4, v = (9 + 1 + 1 + 9)/4 = 5. To mean 2 and std 5: the first entry becomes
# 2 + 5 · (1 − 4)/√5 = **−4.71**.
#
# **Predict before you run.** 10,000 numbers, evenly spread from 0 to 1, are rescaled to mean 2 and std 5. Is the
# histogram still flat, or is it now a bell? And how many numbers lie beyond 2 + 2 · 5 = 12: none, 2 %, or 16 %?


# %% gap="rescale"
def rescale(X, mean, std):
    """X with each column shifted and stretched to this mean and this standard deviation.

    X (N, D), mean and std two numbers  ->  (N, D).   No column is constant; X is left as it was.

    The column (1, 3, 5, 7) with mean 2 and std 5 becomes (-4.71, -0.24, 4.24, 8.71).
    """
    ### BEGIN SOLUTION
    return (X - X.mean(axis=0)) / X.std(axis=0) * std + mean
    ### END SOLUTION


# %% check="rescale" points=2
check("rescale", rescale)

# %% [markdown]
# <details><summary>Hint 1: two moves</summary>
#
# First to mean 0 and std 1. What does a multiplication do to a mean of 0? What does an addition do to a std?
# </details>
# <details><summary>Hint 2: the axis</summary>
#
# Mean and std have one entry for each column, so they are taken along the axis of the samples.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# X minus the column means, over the column stds, times the std that is asked for, plus the mean that is asked for.
# </details>

# %% tags=["experiment"]
with experiment():
    even = np.random.default_rng(0).uniform(0, 1, size=(10_000, 1))
    stages = {"drawn from 0 to 1": even, "mean 0, std 1": rescale(even, 0, 1), "mean 2, std 5": rescale(even, 2, 5)}
    fig, axes = plt.subplots(1, 3, figsize=(9, 2.9), sharey=True)
    for ax, (title, values) in zip(axes, stages.items(), strict=True):
        percent = np.full(values.size, 100 / values.size)
        ax.hist(values.ravel(), bins=20, weights=percent, color=plots.COLORS[0])
        ax.set(title=title, xlabel="x")
        print(f"{title:18} from {values.min():6.2f} to {values.max():5.2f}   beyond 12: {np.mean(values > 12):.0%}")
    axes[0].set_ylabel("share of the numbers (%)")
    plt.show()

# %% [markdown]
# **Flat, and none.** If you said 2 %, or 16 %, you saw a bell. Rescaling moves the numbers and keeps the shape of
# their histogram: the largest is at 2 + 5√3 = 10.66, because the std of an even spread from 0 to 1 is 1/√12.
#
# *What to see: three times the same picture; only the numbers below the axis change.* "Normalized" means mean 0 and
# std 1 here. It does not mean *normally distributed*.


# %% [markdown]
# ## 2 The same, inside a network
#
# 08 ended with z drifting. So rescale z as well: after every affine layer, at every step, with mean and variance of
# **the batch that is going through**. That is *batch normalization* (Ioffe and Szegedy, 2015). A layer calls what it
# is handed x; behind an affine layer, x is that layer's z.
#
# | | formula | shapes |
# |---|---|---|
# | mean of each unit | $\mu = \frac1N\sum_n x_n$ | (D,) from (N, D) |
# | variance of each unit | $v = \frac1N\sum_n (x_n - \mu)^2$ | (D,) |
# | normalized | $\tilde x = (x - \mu)/\sqrt{v + \varepsilon}$ | (N, D) |
# | rescaled | $y = \gamma\,\tilde x + \beta$ | (N, D) = (D,) ⊙ (N, D) + (D,) |
#
# ε is a small number that keeps the division finite where a unit says the same for all samples; there x̃ = 0. Note
# where it stands: with v, **below the root**. γ and β are parameters and are learnt. So the network may choose mean
# and std of every unit, and the layers below can no longer change them by accident.
#
# The sums are divided by N, not by N − 1. N − 1 estimates the variance of the world from which a sample came. Here
# the N numbers themselves shall have variance 1.
#
# **By hand.** x = (1, 3, 5, 7): μ = 4 and v = 5 as before. With ε = 4 the root is 3, and x̃ = **(−1, −⅓, ⅓, 1)**. ε =
# 4 is far too much in practice, where 10⁻⁵ is usual; it makes ε visible. So do the checks, with 0.1.
#
# **Predict before you run.** All weights and biases of an affine layer are multiplied by 100. By what is x̃ after it
# multiplied: 100, 10 or 1?


# %% gap="normalize"
def normalize(x, eps):
    """Each unit of a batch to mean 0 and (nearly) variance 1.

    x (N, D), eps a number  ->  three things: x̃ (N, D), the means μ (D,), the variances v (D,), without eps.

    The column (1, 3, 5, 7) with eps = 4 gives x̃ = (-1, -1/3, 1/3, 1), μ = 4, v = 5. x is left as it was.
    """
    ### BEGIN SOLUTION
    mu, v = x.mean(axis=0), x.var(axis=0)
    return (x - mu) / np.sqrt(v + eps), mu, v
    ### END SOLUTION


# %% check="normalize" points=3
check("normalize", normalize)

# %% [markdown]
# <details><summary>Hint 1: one number for each unit</summary>
#
# Each unit is compared with itself over the samples. Which axis counts the samples? `x.var(axis=…)` divides by N.
# </details>
# <details><summary>Hint 2: what goes under the root</summary>
#
# The sum of two things; the v that you return is only one of them.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Take mean and variance of each column. Return three things: x minus the mean, over the root of variance plus eps;
# the mean; the variance.
# </details>

# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(50, 64)), rng.normal(0, 0.2, size=(64, 3)), rng.normal(size=3)
    before, _, _ = normalize(x @ W + b, 1e-5)
    rows = []
    for factor, added in [("100", "0"), ("1", "7"), ("0.001", "0")]:
        after, _, _ = normalize(float(factor) * (x @ W + b) + float(added), 1e-5)
        rows.append((factor, added, after.std() / before.std(), np.abs(after - before).max()))
    table = pd.DataFrame(rows, columns=["z times", "z plus", "std of x̃ times", "largest change of x̃"])
    print(table.round(3).to_string(index=False))
    for n in (1, 2, 3):
        few, _, _ = normalize(rng.normal(size=(n, 4)), 1e-5)
        print(f"\na batch of {n}, four units:\n{(few + 0.0).round(2)}")

# %% [markdown]
# **1.** If you said 100: a hundred times larger z has a hundred times larger std, and is divided by it. The same holds
# for a shift: after batch norm nobody can see how large the weights are, or which bias was added.
#
# *What to see: a factor of 100 and a shift of 7 change nothing that three digits show. At 0.001 the variance of z
# is so small that ε = 10⁻⁵ is seen.* Below, a batch of one is all 0, whatever it was. A batch of two is −1 and 1:
# only the order is left of it. Keep this for section 7.


# %% [markdown]
# ## 3 Back through the graph
#
# Now E depends on y, and you need ∂E/∂x. That is harder than for any layer so far: when one x moves, the mean and
# the variance move, too, and with them all the other x̃ of that unit. The graph shows how many ways there are.

# %% tags=["experiment"]
places = {"x": (0, 1), "μ": (1.6, 0.25), "v": (2.7, 1.75), "x̃": (4.2, 1), "y": (5.8, 1), "γ": (5.0, 2), "β": (5.0, 0)}
arrows = ["xμ", "xv", ("x", "x̃"), "μv", ("μ", "x̃"), ("v", "x̃"), ("x̃", "y"), "γy", "βy"]
fig, ax = plt.subplots(figsize=(7.6, 2.9))
for start, end in arrows:
    grey = (start, end) == ("μ", "v")
    look = {"arrowstyle": "-|>", "color": "#bbbbbb" if grey else plots.COLORS[0], "ls": ":" if grey else "-", "lw": 1.8}
    ax.annotate("", places[end], places[start], arrowprops={**look, "shrinkA": 17, "shrinkB": 17})
for name, (across, up) in places.items():
    ax.plot(across, up, "o", ms=30, mfc="white", mec="#666666")
    ax.text(across, up, name, ha="center", va="center", fontsize=14)
ax.set(xlim=(-0.5, 6.3), ylim=(-0.5, 2.5))
ax.axis("off")
plt.show()

# %% [markdown]
# *What to see: three arrows leave x, so its gradient is a sum of three; x̃ and v receive one from μ.*
#
# Go from the right to the left. At each node, multiply by the slope of the arrow; where several arrows leave a
# node, or one parameter serves N samples, **add**. Write $r = \sqrt{v + \varepsilon}$, and a $d$ before a node's name
# for ∂E by that node:
#
# | node | gradient | shapes |
# |---|---|---|
# | β | $d\beta = \sum_n \mathrm{dout}_n$ | (D,) |
# | γ | $d\gamma = \sum_n \tilde x_n \odot \mathrm{dout}_n$ | (D,) |
# | x̃ | $d\tilde x = \gamma \odot \mathrm{dout}$ | (N, D) |
# | v | $dv = \sum_n d\tilde x_n \odot (x_n - \mu)\cdot\left(-\frac12\right) r^{-3}$ | (D,) |
# | μ | $d\mu = -\frac1r \sum_n d\tilde x_n\; +\; dv\cdot\frac1N\sum_n\big(-2(x_n-\mu)\big)$ | (D,) |
# | x | $dx = \frac1r\,d\tilde x\; +\; \frac{2(x-\mu)}{N}\,dv\; +\; \frac1N\,d\mu$ | (N, D) |
#
# The −½ r⁻³ is the derivative of $(v+\varepsilon)^{-1/2}$ by v. In dx stand the three arrows: the straight one, the
# one through v, the one through μ.
#
# **By hand**, with x = (1, 3, 5, 7), ε = 4, r = 3 as before, γ = 6 and dout = (1, 0, 0, 2):
#
# | dβ | dγ | dx̃ | dv | first term of dμ |
# |---|---|---|---|---|
# | 3 | −1 + 2 = 1 | (6, 0, 0, 12) | (−18 + 36) · (−½)/27 = −⅓ | −18/3 |
#
# **Predict before you run.** The dotted arrow runs from μ to v, and brings the second term of dμ. Here it is −⅓ times
# the mean of −2(x − μ). How much is that: 0, ⅔ or 8?


# %% gap="batchnorm_backward_steps"
def batchnorm_backward_steps(x, gamma, eps, dout):
    """The gradient of every node of y = γ x̃ + β, as a dict, from the last node to the first.

    x and dout (N, D), gamma (D,)  ->  {"beta": (D,), "gamma": (D,), "normalized": (N, D), "v": (D,),
    "mu": (D,), "x": (N, D)}; "normalized" is that of x̃. What is handed in is left as it was.

    The column (1, 3, 5, 7) with gamma = 6, eps = 4, dout = (1, 0, 0, 2): "v" -1/3, "x" (1, -1.333, -1.667, 2).
    """
    N, d = len(x), {}
    normalized, mu, v = normalize(x, eps)
    root = np.sqrt(v + eps)
    ### BEGIN SOLUTION
    d["beta"] = dout.sum(axis=0)
    d["gamma"] = np.sum(normalized * dout, axis=0)
    d["normalized"] = gamma * dout
    d["v"] = np.sum(d["normalized"] * (x - mu), axis=0) * -0.5 / root**3
    d["mu"] = -np.sum(d["normalized"], axis=0) / root
    d["x"] = d["normalized"] / root + 2 * (x - mu) / N * d["v"] + d["mu"] / N
    ### END SOLUTION
    return d


# %% check="batchnorm_backward_steps" points=4
check("batchnorm_backward_steps", batchnorm_backward_steps)

# %% [markdown]
# <details><summary>Hint 1: the shapes tell where a sum is</summary>
#
# Four of the six have the shape (D,), and are made of arrays (N, D): over which axis is the sum?
# </details>
# <details><summary>Hint 2: line by line</summary>
#
# The table is in the order in which you need it. Each line uses dout, or what a line above it has put into d. `root` is
# r, and `root**3` its cube.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Beta: the column sums of dout. Gamma: those of x̃ times dout. Normalized: gamma times dout. v: the column sums of
# that times x minus μ, times minus a half, over the cube of the root. Mu: minus the column sums of d of x̃, over the
# root; its second term you may add, or leave out if you know what it is. x: d of x̃ over the root, plus two times x
# minus μ over N times d of v, plus d of mu over N.
# </details>


# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    x, dout = rng.normal(2, 3, size=(5, 4)), rng.normal(size=(5, 4))
    gamma, beta = rng.uniform(1.5, 3, size=4), rng.normal(size=4)
    d = batchnorm_backward_steps(x, gamma, 0.1, dout)

    def energy(_):
        return np.sum(dout * (gamma * normalize(x, 0.1)[0] + beta))

    for name, array in {"x": x, "gamma": gamma, "beta": beta}.items():
        right = relative_error(d[name], numerical_gradient(energy, array)) < 1e-6
        print(f"{name:6} relative error below 1e-6: {right}")
    mu = x.mean(axis=0)
    print("over the dotted arrow, nearest 1e-12:", np.abs(np.mean(-2 * (x - mu), axis=0) * d["v"]).max().round(12))
    r = np.sqrt(x.var(axis=0) + 0.1)
    ways = {
        "straight": d["normalized"] / r,
        "through v": 2 * (x - mu) / 5 * d["v"],
        "through μ": d["mu"] / 5 + 0 * x,
        "together": d["x"],
    }
    table = {name: [np.linalg.norm(way), np.abs(way.sum(axis=0)).max()] for name, way in ways.items()}
    print(pd.DataFrame(table, index=["length", "largest column sum"]).T.round(3) + 0.0)

# %% [markdown]
# **0.** If you said ⅔ or 8: distances from the mean add up to 0, always. So the dotted arrow carries nothing, and a
# `dmu` without its second term is right.
#
# *What to see: all three gradients agree with the numerical derivative. None of the three ways may be left out: the
# straight one alone has column sums far from 0, and together they have none.*


# %% [markdown]
# ## 4 The same in one line
#
# Six lines become one, if you put the upper ones into the last. Pull out γ/r. What is left of dv is a mean of x̃ ⊙
# dout, because (x − μ)/r is x̃; what is left of dμ is a mean of dout:
#
# | | formula | shapes |
# |---|---|---|
# | the part that all samples share | $c = \frac1N\sum_n \mathrm{dout}_n$ | (D,) |
# | the part along x̃ | $a = \frac1N\sum_n \tilde x_n \odot \mathrm{dout}_n$ | (D,) |
# | together | $dx = \frac{\gamma}{\sqrt{v+\varepsilon}}\,\big(\mathrm{dout} - c - \tilde x \odot a\big)$ | (N, D) |
#
# Read it. Batch norm takes the mean off on the way forward, so a push on all samples alike cannot do anything: c is
# taken off. It divides by the std, so stretching all samples cannot do anything either: the part along x̃ is taken
# off. **What the layer removes on the way forward, it removes on the way back.**
#
# **By hand**, as before: γ/r = 2, c = ¾, a = (−1 + 2)/4 = ¼. First entry: 2 · (1 − ¾ + ¼) = **1**. Last:
# 2 · (2 − ¾ − ¼) = **2**.
#
# **Predict before you run.** Somebody tests this line with dout = 1 everywhere, compares it with the numerical
# derivative, and finds no difference. Five wrong lines take the same test: one goes the straight way alone, one forgets
# γ, one divides by the variance, one has the wrong sign, and one says 0 always. How many of the five pass?


# %% gap="batchnorm_backward"
def batchnorm_backward(normalized, std, gamma, dout):
    """∂E/∂x of a batch norm, from what its forward has kept.

    normalized (x̃) and dout (N, D), std (which is √(v + ε)) and gamma (D,)  ->  dx (N, D)

    x̃ = (-1, -1/3, 1/3, 1), std 3, gamma 6, dout = (1, 0, 0, 2) gives dx = (1, -1.333, -1.667, 2).
    What is handed in is left as it was.
    """
    ### BEGIN SOLUTION
    c = dout.mean(axis=0)
    a = np.mean(normalized * dout, axis=0)
    return gamma / std * (dout - c - normalized * a)
    ### END SOLUTION


# %% check="batchnorm_backward" points=3
check("batchnorm_backward", batchnorm_backward)

# %% [markdown]
# <details><summary>Hint 1: two means first</summary>
#
# c and a have one entry for each unit. Which of the two knows x̃?
# </details>
# <details><summary>Hint 2: broadcasting does the rest</summary>
#
# (N, D) minus (D,) takes the same off each row. x̃ times a is (N, D) again: each sample its own share.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# c is the column means of dout, a those of x̃ times dout. Return gamma over std, times the bracket: dout minus c minus
# x̃ times a.
# </details>


# %% tags=["experiment"]
WRONG = {
    "straight way alone": lambda n, std, gamma, dout: gamma / std * dout,
    "γ forgotten": lambda n, std, gamma, dout: batchnorm_backward(n, std, np.ones(4), dout),
    "variance for std": lambda n, std, gamma, dout: batchnorm_backward(n, std**2, gamma, dout),
    "wrong sign": lambda n, std, gamma, dout: -batchnorm_backward(n, std, gamma, dout),
    "always 0": lambda n, std, gamma, dout: np.zeros(dout.shape),
}

with experiment():
    rng = np.random.default_rng(1)
    x, drawn = rng.normal(2, 3, size=(6, 4)), rng.normal(size=(6, 4))
    gamma = rng.uniform(1.5, 3, size=4)
    normalized, _, v = normalize(x, 0.1)
    std = np.sqrt(v + 0.1)
    table = {}
    for title, up in {"dout = 1": np.ones((6, 4)), "dout drawn": drawn}.items():
        measured = numerical_gradient(lambda _, up=up: np.sum(up * gamma * normalize(x, 0.1)[0]), x)
        table[title] = {
            name: f"{round(np.abs(line(normalized, std, gamma, up) - measured).max(), 3) + 0:.3f}"
            for name, line in {"yours": batchnorm_backward, **WRONG}.items()
        }
    print("largest difference from the numerical derivative")
    print(pd.DataFrame(table).to_string())
    steps = batchnorm_backward_steps(x, gamma, 0.1, drawn)["x"]
    agree = np.abs(steps - batchnorm_backward(normalized, std, gamma, drawn)).max() < 1e-12
    print("\nsix steps and one line agree to 1e-12:", agree)

# %% [markdown]
# **Four of five.** If you said none: with dout = 1, E is the sum of all y of a unit, which is Nβ whatever x is. The
# true gradient is 0, and every line that takes the mean off passes, even one that always says 0.
#
# *What to see: with dout = 1 only the straight way alone is caught; with a dout that is drawn, all five are, and yours
# agrees.* A batch of one is no better: there y = β, and again all gradients by x are 0. **A test that wants to see
# something has to be able to fail**: a drawn dout, three samples or more, γ other than 1.
#
# *This is a good place to stop for the day.*


# %% [markdown]
# ## 5 A layer with a memory
#
# *If this is a new sitting: in the menu Run, **Run All Above Selected Cell** brings back what you have built. If it
# stops at a check that fails, run the cells below that one by one.*
#
# In use, a network gets one digit at a time. A batch of one has x̃ = 0 and y = β: whatever the digit, the answer is
# the same. And nobody wants an answer that depends on which other digits were asked about at the same time.
#
# So the layer keeps *running statistics*: while it trains, it averages the means and variances of its batches; in
# *inference*, when it is used, it takes those for μ and v. The flag `training` of 06 tells which of the two it is.
#
# | | training | inference | shapes |
# |---|---|---|---|
# | μ, v | of the batch | the running ones | (D,) |
# | running mean | m · running mean + (1 − m) · μ | left as it is | (D,) |
# | running variance | m · running variance + (1 − m) · v | left as it is | (D,) |
# | y | $\gamma\,(x-\mu)/\sqrt{v+\varepsilon} + \beta$ | the same formula | (N, D) |
#
# m is the *momentum* of the layer, **the share of the old value that is kept**, 0.9 unless told otherwise. The running
# mean starts at 0, the running variance at 1. v is the same variance over N in both uses. (The α of 07 is
# another share: of the last *step*, not of a mean.)
#
# **By hand.** A first batch with μ = 4 and v = 5, m = 0.9: the running mean becomes 0.1 · 4 = **0.4**, the running
# variance 0.9 · 1 + 0.1 · 5 = **1.4**.
#
# PyTorch's `BatchNorm1d` has two other conventions. Its `momentum` is the share of the *new* value: its 0.1 is our
# 0.9. And into its running variance goes v · N/(N − 1); with N = 4, 0.9 + 0.1 · 6.67 = 1.567. Forward and gradients
# are the same.
#
# **Predict before you run.** A network is trained, then asked about 450 digits it has not seen, with the statistics
# *of the group asked about* instead of the running ones. In groups of 150 it reads 97 %. In groups of three: 95 %,
# 70 % or 10 %?


# %% gap="batch_norm"
class BatchNorm(Layer):
    """y = γ x̃ + β.   x, y, dout and dx (N, D); gamma, beta, running_mean and running_var (D,).

    In training x̃ comes from the batch, in inference from the running statistics, which only training
    moves. `backward` is called after a forward in training mode, and leaves "gamma" and "beta" in grads.

    After one batch with mean 4 and variance 5: running_mean 0.4, running_var 1.4.
    """

    def __init__(self, width, momentum=0.9, eps=1e-5):
        super().__init__()
        self.params = {"gamma": np.ones(width), "beta": np.zeros(width)}
        self.running_mean, self.running_var = np.zeros(width), np.ones(width)
        self.momentum, self.eps = momentum, eps

    def update_running(self, mu, v):
        """Move both running statistics towards those of a batch."""
        ### BEGIN SOLUTION
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * v
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        if self.training:
            self.normalized, mu, v = normalize(x, self.eps)
            self.update_running(mu, v)
        else:
            v = self.running_var
            self.normalized = (x - self.running_mean) / np.sqrt(v + self.eps)
        self.std = np.sqrt(v + self.eps)
        return self.params["gamma"] * self.normalized + self.params["beta"]
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        self.grads["beta"] = dout.sum(axis=0)
        self.grads["gamma"] = np.sum(self.normalized * dout, axis=0)
        return batchnorm_backward(self.normalized, self.std, self.params["gamma"], dout)
        ### END SOLUTION


# %% check="batch_norm" points=5
check("batch_norm", BatchNorm)

# %% [markdown]
# <details><summary>Hint 1: what differs between the modes</summary>
#
# Only where μ and v come from, and whether they are remembered. The last line of forward is one line for both modes.
# </details>
# <details><summary>Hint 2: three tools of yours</summary>
#
# `normalize` gives x̃, μ and v of a batch. `update_running` is called with μ and v. `batchnorm_backward` wants x̃ and
# the std, √(v + ε): keep both on `self`.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Update: each running statistic becomes momentum times itself plus one minus momentum times the batch's. Forward: in
# training normalize, keep x̃, update; else subtract the running mean and divide by the root of running variance plus
# eps. Keep the root. Return gamma times x̃ plus beta. Backward: the column sums of dout under "beta", those of x̃ times
# dout under "gamma"; return batchnorm_backward of x̃, root, gamma and dout.
# </details>


# %% tags=["experiment"]
def digits_split(count=1400):
    """The first ``count`` of the shuffled, standardised digits to learn from, the others to test on."""
    X, labels = datasets.digits()
    order = np.random.default_rng(0).permutation(len(X))
    X, T = standardize(X)[order], one_hot(labels, 10)[order]
    return X[:count], T[:count], X[count:], T[count:]


def train(network, optimizer, epochs, rng, data, batch_size=50, shortest=1):
    """Mini-batches of X and T; a batch with fewer than ``shortest`` digits is left out. Ends where E is no number."""
    loss = SoftmaxCrossEntropy()
    network.train()
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            for x, t in minibatches(*data, batch_size, rng):
                if len(x) >= shortest:
                    if not np.isfinite(loss.forward(network.forward(x), t)):
                        return
                    network.backward(loss.backward())
                    optimizer.update(network.params, network.grads)


with experiment():
    layer = BatchNorm(4)
    layer.params["gamma"][:], layer.params["beta"][:] = [2.0, -1.5, 0.5, 3.0], [1.0, -1.0, 0.5, 2.0]
    rng = np.random.default_rng(0)
    errors = gradient_check(layer, rng.normal(2, 3, size=(5, 4)), rng)
    print("gradient_check of 05, every error below 1e-6:", max(errors.values()) < 1e-6)
    X, T, X_test, T_test = digits_split(1347)
    rng = np.random.default_rng(0)
    plain = initialized_mlp([64, 50, 10], "relu", "he", rng)
    network = Network([plain.layers[0], BatchNorm(50), *plain.layers[1:]])
    train(network, SGD(0.1), 10, rng, (X, T), 50)
    shares = {"running": accuracy(network.predict(X_test), T_test)}
    layer = network.layers[1]
    layer.training, layer.momentum = True, 1.0  # so that what it remembers stays as it is
    for n in (150, 50, 10, 3, 2, 1):
        scores = [network.forward(X_test[k : k + n]) for k in range(0, len(X_test), n)]
        shares[str(n)] = accuracy(np.concatenate(scores), T_test)
    print("\nstatistics of    digits read")
    for name, share in shares.items():
        print(f"{name:>8}         {share:6.0%}")

# %% [markdown]
# **About 70 %.** If you said 95 %: mean and std of three numbers are a poor guess at those of all digits.
#
# *What to see: with the running statistics and in groups of 150 and 50 it reads about alike; groups of ten cost some
# eight points, smaller ones much more, and alone, with y = β, all digits get the same scores, which is guessing.*
#
# *Why.* In a group of three, each x̃ says only how the three compare with each other. A batch in training is such a
# group, and this will matter in section 7.


# %% [markdown]
# ## 6 Networks that hold their scale
#
# Where does the layer go? It shall hold what the bend is handed, so **between affine layer and bend**. After the last
# affine layer stands none: scores may be as large as the network is sure.
#
# | layers for the sizes 64, 50, 50, 10 | parameters |
# |---|---|
# | Affine (64 → 50), BatchNorm(50), bend | W1, b1, gamma2, beta2 |
# | Affine (50 → 50), BatchNorm(50), bend | W3, b3, gamma4, beta4 |
# | Affine (50 → 10) | W5, b5 |
#
# `initialized_mlp(sizes, activation, scheme, rng)` from 08 has all but the BatchNorms in its list `layers`.
# `isinstance(layer, Affine)` is True for an affine layer. The width of one is the length of its b. Each place needs
# a BatchNorm **of its own**, since it remembers what went through it. And `a_list[:-1]` is a list without its last
# entry.
#
# **By hand.** Parameters of the network in the table: 64 · 50 + 50 = 3,250 and 50 · 50 + 50 = 2,550 and 50 · 10 + 10 =
# 510, as before, and 2 · 50 + 2 · 50 = **200** new ones.
#
# **Predict before you run.** In a network trained with batch norm, 10 is added to every b1. In use, with `predict`, it
# read 96 % of the test digits before. And now: still about 96 %, about 70 %, or about one in ten?


# %% gap="batchnorm_mlp"
def batchnorm_mlp(sizes, activation, scheme, rng):
    """initialized_mlp(sizes, activation, scheme, rng) with a BatchNorm between each affine layer and its bend.

    None after the last affine layer; γ = 1 and β = 0 at the start  ->  a Network

    ([64, 50, 10], "relu", "he", rng): Affine, BatchNorm(50), ReLU, Affine.
    """
    ### BEGIN SOLUTION
    layers = []
    for layer in initialized_mlp(sizes, activation, scheme, rng).layers:
        layers.append(layer)
        if isinstance(layer, Affine):
            layers.append(BatchNorm(len(layer.params["b"])))
    return Network(layers[:-1])
    ### END SOLUTION


# %% check="batchnorm_mlp" points=3
check("batchnorm_mlp", batchnorm_mlp)

# %% [markdown]
# <details><summary>Hint 1: a second list</summary>
#
# Go through the layers of the plain network, and copy them into a list of your own, one by one. After which of them do
# you add something?
# </details>
# <details><summary>Hint 2: the last one</summary>
#
# The last layer of the plain network is an affine layer, so your list ends in a BatchNorm that nobody wants.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Start with an empty list. For each layer of the initialized mlp: append it; if it is an Affine, append a BatchNorm as
# wide as its b is long. Return the Network of all but the last.
# </details>


# %% tags=["experiment"]
def spreads(network, X):
    """The std of what stands before each bend, with all of X as one batch."""
    found = []
    network.train()
    for k, layer in enumerate(network.layers[:-1]):
        X = layer.forward(X)
        if not network.layers[k + 1].params:
            found.append(X.std())
    return np.array(found)


with experiment():
    *data, X_test, T_test = digits_split()
    after = {}
    for kind, build in {"with": batchnorm_mlp, "without": initialized_mlp}.items():
        rng = np.random.default_rng(0)
        network = build([64, *[50] * 8, 10], "relu", "he", rng)
        start = spreads(network, data[0])
        train(network, SGD(0.1), 10, rng, data)
        after[kind] = spreads(network, data[0])
        print(f"{LOOK[kind]['label']:18}  std of z in layers 1 and 8: at the start {start[[0, 7]].round(1)},", end=" ")
        print(f"after ten epochs {after[kind][[0, 7]].round(1)}")
        b1 = network.params["b1"]
        print(f"{'':18}  b1 has moved by {np.abs(b1).max():.3f}")
        if kind == "with":
            shares = [accuracy(network.predict(X_test), T_test)]
            b1 += 10
            shares.append(accuracy(network.predict(X_test), T_test))
            network.train()
            shares.append(accuracy(network.forward(X_test), T_test))
            print(f"{'':18}  digits read in use {shares[0]:.0%}, with b1 + 10 {shares[1]:.0%};", end=" ")
            print(f"with b1 + 10 in training mode {shares[2]:.0%}")
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    for kind in LOOK:
        ax.plot(range(1, 9), after[kind], **LOOK[kind])
    ax.set(xlabel="hidden layer", ylabel="std of z", ylim=(0, 5.5), title="After ten epochs")
    ax.legend(loc="upper left")
    plt.show()
    print("as shown in the opening:", all(np.allclose(after[kind], drift[kind], rtol=0, atol=0.4) for kind in LOOK))

# %% [markdown]
# **About one in ten.** If you said 96 %, you thought of training mode, where it is right: whatever b1 adds, the mean of
# the batch takes off again. That is also why b1 has not moved: c in your line of section 4 leaves it a gradient of 0,
# and β stands in for it. In use the *running* mean is taken off, and that one knows the old b1.
#
# *What to see: without batch norm the std of z grows in all layers, to several times as much in the last; with it,
# it starts at 1 and ends near 1.* It may end a little off 1, because γ is learnt. That is the difference: it
# changes where the loss wants it to, not by accident.
#
# **A bad start, rescued.** The window of 08: eight ReLU layers, and one number, the std of all first weights. Seven
# stds, six epochs of SGD with rate 0.1, without batch norm and with it.


# %% tags=["experiment"]
STDS = [0.001, 0.02, 0.07, 0.2, 0.5, 1.0, 10.0]


def percent(network, X, T):
    """The share of digits read rightly, also where the scores are no numbers."""
    with np.errstate(all="ignore"):
        return 100 * accuracy(network.predict(X), T)


def reads(data, build, std, seed=0):
    """Test digits right (%) of eight ReLU layers that start with weights of this std."""
    X, T, X_test, T_test = data
    rng = np.random.default_rng(seed)
    network = build([64, *[50] * 8, 10], "relu", "he", rng)
    for name, W in network.params.items():
        if name.startswith("W"):
            W *= std / np.sqrt(2 / len(W))
    train(network, SGD(0.1), 6, rng, (X, T))
    return percent(network, X_test, T_test)


with experiment():
    data, builds = digits_split(), {"with": batchnorm_mlp, "without": initialized_mlp}
    window = {kind: [reads(data, builds[kind], std) for std in progress(STDS, kind)] for kind in builds}
    fig, ax = plt.subplots(figsize=(6.8, 3.5))
    for kind, look in LOOK.items():
        ax.semilogx(STDS, window[kind], **look)
    ax.axvline(0.2, color="#666666", ls=":")
    ax.text(0.21, 30, "He", color="#666666")
    ax.set(ylim=(0, 100), xlabel="standard deviation of the first weights", ylabel="test digits right (%)")
    ax.set_title("The window, after six epochs")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    plt.show()
    right = dict(zip(STDS, window["with"], strict=True))
    print("with batch norm, more than 80 % at 0.02, 0.07 and 0.2:", min(right[std] for std in (0.02, 0.07, 0.2)) > 80)
    print("at 0.001 less than 60 %, at 10 less than 20 %:", right[0.001] < 60 and right[10.0] < 20)
    print("without, less than 20 % at all but 0.2:", sorted(window["without"])[-2] < 20)

# %% [markdown]
# *What to see: without batch norm one std of seven is inside the window. With it, stds from 0.02 to 0.2 read more than
# 80 %, larger ones lose slowly. Less than half is read at 0.001, and at 10 it guesses.*
#
# *Why.* The size of W cannot be seen behind batch norm, so on the way forward every start is a good start. Two
# things are left. At 0.001, v is no longer large against ε. And at 10 the gradient is divided by the std of z,
# which is fifty times what it is at 0.2, while the weights are fifty times as large: a step of the same rate turns
# them 2,500 times less.


# %% [markdown]
# ## 7 Three digits in the last batch
#
# 1,347 digits in batches of 32 make 42 batches, and **three digits are left over**. 04 kept a short last batch: every
# sample is used once in each epoch, which seemed right. With batch norm and a learning rate of 1, which it bears well,
# we ask the network before its last step of each epoch, and after it.
#
# **Predict before you run.** One step of 43 is made with three digits. Before it, 97 % are read. After it: 97, 95, or
# less than 80 %?


# %% tags=["experiment"]
def batches(X, T, rng, policy):
    """Batches of 32; the short last one is kept, dropped, or merged with the one before it."""
    parts = list(minibatches(X, T, 32, rng))
    if policy == "dropped":
        return parts[:-1]
    if policy == "merged":
        return [*parts[:-2], tuple(np.concatenate(pair) for pair in zip(*parts[-2:], strict=True))]
    return parts


def norms_of(network):
    """The batch norms of a network."""
    return [layer for layer in network.layers if isinstance(layer, BatchNorm)]


def statistics(network):
    return [(layer.running_mean.copy(), layer.running_var.copy()) for layer in norms_of(network)]


def put(network, kept):
    for layer, (mean, var) in zip(norms_of(network), kept, strict=True):
        layer.running_mean, layer.running_var = mean.copy(), var.copy()


@functools.cache
def last_steps(policy, lr=1.0, momentum=0.9, seed=0, build=None):
    """Test digits right (%), ten epochs by four: before the last step, with only what it does to the
    running statistics, with only what it does to the parameters, and with both."""
    X, T, X_test, T_test = digits_split(1347)
    rng, loss, rows = np.random.default_rng(seed), SoftmaxCrossEntropy(), []
    network = (build or batchnorm_mlp)([64, 50, 50, 10], "relu", "he", rng)
    for layer in norms_of(network):
        layer.momentum = momentum

    def right():
        return 100 * accuracy(network.predict(X_test), T_test)

    for _ in range(10):
        parts = batches(X, T, rng, policy)
        for number, (x, t) in enumerate(parts, start=1):
            last = number == len(parts)
            if last:
                row, before = [right()], statistics(network)
            network.train()
            loss.forward(network.forward(x), t)
            network.backward(loss.backward())
            if last:
                row.append(right())
            for name, value in network.params.items():
                value -= lr * network.grads[name]
        row += [right(), right()]
        after = statistics(network)
        put(network, before)
        row[2] = right()
        put(network, after)
        rows.append(row)
    return np.array(rows)


with experiment():
    count = len(digits_split(1347)[0])
    print(f"{count} digits: {count // 32} batches of 32, and one of {count % 32}\n")
    fig, ax = plt.subplots(figsize=(7.2, 3.8))
    rows = []
    for policy, color, marker, size in [("kept", 1, "s", 6), ("dropped", 0, "o", 11), ("merged", 2, "^", 6)]:
        runs = np.stack([last_steps(policy, seed=seed) for seed in progress(range(3), policy)])
        before, after = runs[:, :, 0], runs[:, :, 3]
        look = {"marker": marker, "ms": size, "mfc": "none" if size > 6 else None, "color": plots.COLORS[color]}
        ax.plot(range(1, 11), after[0], **look, label=f"short batch {policy}")
        if policy == "kept":
            ax.plot(range(1, 11), before[0], ":", color="#222222", zorder=5, label="one step before")
        rows.append((policy, round(before.mean()), round(after.mean()), round(after.min())))
    ax.set(ylim=(0, 100), xlabel="epoch", ylabel="test digits right (%)", title="Asked after the last batch, one seed")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    plt.show()
    columns = ["short batch", "before the last step", "after it", "the worst of 30 epochs"]
    print("percent right, means over three seeds and ten epochs")
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **Less than 80 %**: on average about two thirds, and in the worst of the epochs a quarter. If you said 97 or 95, you
# saw how few three digits are.
#
# *What to see: with the short batch kept, the last step of an epoch mostly costs a lot, and sometimes nothing; the 42
# good batches that follow repair it. With it dropped or merged, the network stays above 90 %.* Somebody who looks at it
# after each epoch, as everyone does, sees one that cannot learn.
#
# Whose fault is it? The three digits move two things: the running statistics, and the parameters. Below, each is
# undone by itself, at the rates 1 and 0.1, and once with batch norms that keep only a tenth of the old statistics. The
# last two rows are networks without batch norm.


# %% tags=["experiment"]
with experiment():
    rows = []
    for lr, momentum, build in [
        (1.0, 0.9, batchnorm_mlp),
        (0.1, 0.9, batchnorm_mlp),
        (0.1, 0.1, batchnorm_mlp),
        (1.0, "-", initialized_mlp),
        (0.1, "-", initialized_mlp),
    ]:
        runs = np.stack([last_steps("kept", lr, momentum, seed, build) for seed in range(3)])
        rows.append((lr, momentum, *runs.mean(axis=(0, 1)).round().astype(int), round(runs[..., 3].min())))
    columns = ["rate", "momentum", "before", "only statistics", "only parameters", "both", "worst of 30"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

    X, T, _, _ = digits_split(1347)
    loss, trained = SoftmaxCrossEntropy(), {}
    for kind, build in {"without": initialized_mlp, "with": batchnorm_mlp}.items():
        rng = np.random.default_rng(0)
        trained[kind] = build([64, 50, 50, 10], "relu", "he", rng)
        train(trained[kind], SGD(1.0 if kind == "with" else 0.1), 10, rng, (X, T), 32, shortest=32)
    rows = []
    for n in (3, 4, 8, 16, 32):
        row = [n]
        for network in trained.values():
            rng, found = np.random.default_rng(1), []
            network.train()
            for _ in range(100):
                few = rng.choice(len(X), n, replace=False)
                E = loss.forward(network.forward(X[few]), T[few])
                network.backward(loss.backward())
                found.append((E, np.sqrt(sum(np.sum(g**2) for g in network.grads.values()))))
            row += list(np.mean(found, axis=0))
        rows.append(row)
    columns = ["batch", "E without", "|gradient| without", "E with", "|gradient| with"]
    print("\ntrained without batch norm at rate 0.1, and with it at rate 1; 100 batches of training digits each")
    print(pd.DataFrame(rows, columns=columns).round(2).to_string(index=False))

# %% [markdown]
# *What to see: at rate 1 the statistics are innocent, the step alone does the damage. At rate 0.1 both do little,
# unless the momentum is 0.1: then it is the statistics that do nearly all of it. Without batch norm the short batch
# costs a point or so at rate 0.1, and a few at rate 1, which that network bears badly anyway.*
#
# In the second table, each network was trained at the rate that suits it. Without batch norm it has the same loss on
# three digits as on thirty-two, and about twice the gradient; with it, three digits that it knows cost more than 1
# nat, and the gradient is many times that of a usual batch.
#
# *Why.* Mean and std of three numbers are those of no one else. The units see digits they know as numbers they have
# never seen, so the network is wrong about them, and its gradient is large: it learns to be right about digits
# *measured against two others*. Where three values lie close, γ/√(v + ε) multiplies it further. At rate 1, one such
# step is a long way in a wrong direction.
#
# With momentum 0.1 nine tenths of the running statistics come from the last three digits. At rate 0.1 the step is
# small, and the statistics are what is left.
#
# **The remedy:** drop the short batch, another one next epoch because the order is drawn anew; or merge it into the
# one before it. For the same reason batch norm wants batches of some tens of samples.


# %% [markdown]
# ## 8 How deep can it go?
#
# Everything since 06 in one picture. Columns: the repairs, **each added to those before it**. Rows: hidden layers of
# 50 units. Six epochs in batches of 50; SGD with rate 0.1, Adam with 0.01. For sigmoids "+ start" is Xavier, for ReLUs
# He. One seed.
#
# **Predict before you run.** Thirty-two layers with everything on: do ReLUs read more digits, or sigmoids?


# %% tags=["experiment"]
STAGES = ["SGD", "+ start", "+ batch norm", "+ Adam"]


def stage_reads(data, stage, depth, activation):
    """Test digits right (%) after six epochs."""
    X, T, X_test, T_test = data
    rng, sizes = np.random.default_rng(0), [64, *[50] * depth, 10]
    scheme = "he" if activation == "relu" else "xavier"
    if stage == "SGD":
        network = mlp(sizes, activation, rng)
    else:
        build = initialized_mlp if stage == "+ start" else batchnorm_mlp
        network = build(sizes, activation, scheme, rng)
    train(network, Adam(0.01) if stage == "+ Adam" else SGD(0.1), 6, rng, (X, T))
    return percent(network, X_test, T_test)


with experiment():
    data = digits_split()
    cells = [(k, depth, stage) for k in (0, 1) for depth in DEPTHS for stage in reversed(STAGES)]
    grid = np.zeros((2, len(DEPTHS), len(STAGES)))
    for k, depth, stage in progress(cells, "how deep can it go"):
        grid[k, DEPTHS.index(depth), STAGES.index(stage)] = stage_reads(data, stage, depth, ["relu", "sigmoid"][k])
    fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
    for ax, values, title in zip(axes, grid, ["ReLU", "sigmoid"], strict=True):
        picture = ax.imshow(values, vmin=0, vmax=100, aspect="auto")
        for (i, j), value in np.ndenumerate(values):
            ax.text(j, i, f"{value:.0f}", ha="center", va="center", color="white" if value < 55 else "black")
        ax.set_xticks(range(4), STAGES, fontsize=10)
        ax.set_yticks(range(len(DEPTHS)), DEPTHS)
        ax.set(title=title, xlabel="from left to right, one thing more")
        ax.grid(False)
    axes[0].set_ylabel("hidden layers")
    fig.colorbar(picture, ax=axes, label="test digits right (%)")
    plt.show()
    relu_8, sigmoid_8 = grid[:, DEPTHS.index(8)].round()
    print("depth 8, ReLU:   ", dict(zip(STAGES, relu_8.astype(int).tolist(), strict=True)))
    print("depth 8, sigmoid:", dict(zip(STAGES, sigmoid_8.astype(int).tolist(), strict=True)))
    print("depth 32, everything on, sigmoids read more than ReLUs:", grid[1, -1, -1] > grid[0, -1, -1])
    same = [np.allclose(grid[1, :, j], sigmoids[kind], rtol=0, atol=6) for j, kind in ((1, "without"), (2, "with"))]
    print("sigmoids as shown in the opening:", all(same))

# %% [markdown]
# **Sigmoids.** If you said ReLUs: up to 16 layers there is little between the two, and ReLUs had the better start.
# At 32 their best column reads about half of the digits, and the best of the sigmoids nearly nine of ten.
#
# *What to see: at depth 8 the start does nearly all for ReLUs, and for sigmoids batch norm. At 32 only batch norm
# brings either of them away from guessing. Adam adds a little up to 8 layers, and takes something away from 32
# sigmoids.* Numbers below 90 can be ten or twenty others with another seed.
#
# Why should batch norm suit sigmoids better? Look at the gradient on its way back, before the first step. Each layer
# does three things to its mean square:
#
# 1. W multiplies it by 50 · var(W), its number of units times the variance of its weights.
# 2. The slopes of the bend multiply it by their mean square.
# 3. Batch norm divides it by the variance of z, which is 50 · var(W) times the variance of h behind the last bend.
#
# The 50 · var(W) cancels, whatever the start. What is left is a ratio that belongs to the bend:
#
# | | mean square of the slope | variance of h | ratio, its root |
# |---|---|---|---|
# | ReLU | 0.50 | 0.34 | 1.47, **1.21** a layer |
# | sigmoid | 0.0448 | 0.0434 | 1.03, **1.02** a layer |
#
# 0.34 is the number from section 3 of 08. Over 31 layers, 1.21³¹ is about 370. Below it is measured.


# %% tags=["experiment"]
with experiment():
    X, T, _, _ = digits_split()
    fig, ax = plt.subplots(figsize=(6.4, 3.4))
    for activation, scheme, color, name in [("relu", "he", 4, "ReLU"), ("sigmoid", "xavier", 0, "sigmoid")]:
        network, loss = (
            batchnorm_mlp([64, *[50] * 32, 10], activation, scheme, np.random.default_rng(0)),
            SoftmaxCrossEntropy(),
        )
        loss.forward(network.forward(X), T)
        network.backward(loss.backward())
        norms = list(gradient_norms(network).values())
        ax.semilogy(range(1, 34), norms, color=plots.COLORS[color], label=name)
        print(f"{name:8} a factor of {(norms[1] / norms[31]) ** (1 / 30):.2f} a layer")
    ax.set(
        xlabel="weight matrix, from the input on",
        ylabel="norm of ∂E/∂W",
        title="32 layers with batch norm, at the start",
    )
    ax.legend()
    plt.show()

# %% [markdown]
# *What to see: through ReLUs with batch norm the gradient grows from the last layer to the first, about 1.2 times with
# each; through sigmoids it hardly changes.* The table takes z for normal and layers for very wide; with 50 units and
# these digits the factor comes out a little off it.
#
# *Why.* Batch norm holds the scale on the way forward. It does not promise the way back. In 06 the gradient
# vanished; here it explodes, at 1.2 a layer, and it takes some thirty layers for that to hurt.


# %% [markdown]
# ## 9 What you have
#
# | question | your answer |
# |---|---|
# | By what does x̃ change if all weights before it are multiplied by 100? | not at all |
# | How many arrows leave x? | three: straight, through μ and through v |
# | What is the gradient for dout = 1? | 0, which tests nothing |
# | One first batch, μ = 4, v = 5: the running statistics? | 0.4 and 1.4 |
# | What does a last batch of three do at rate 1? | 97 % before it, about two thirds after it, on average |
# | Eight layers of sigmoids, without and with? | about 10 %, which is guessing, and 97 % |
# | Thirty-two layers of ReLUs with batch norm? | about half, where sigmoids read nearly nine of ten |
#
# **You can now**
#
# - *hold* mean and spread in every layer of a network, however it was started;
# - *follow* a gradient back through a graph in which one number moves all others;
# - *test* such a gradient so that the test can fail.
#
# **The number to remember: 3**, the digits in the last batch.


# %% [markdown]
# ### Why? 1
#
# By mistake, two BatchNorms stand one behind the other, γ₁ and β₁ in the first, γ₂ and β₂ in the second. In training
# mode, with ε too small to matter: what does the second make of the first one's y? Which of the four parameters can no
# longer change anything, and what gradients do they get? *(2 points)*

# %% [markdown] why="batch_normalization-why-1" points=2
# The first gives y = γ₁ x̃ + β₁, with mean β₁ and std |γ₁| in each unit. The second takes β₁ off and divides by
# |γ₁|: its x̃ is that of the first again, or minus it where γ₁ is negative. (1 point)
#
# So β₁ and the size of γ₁ change nothing, only the sign of γ₁ does, and both get a gradient of 0: what a layer removes
# on the way forward, it removes on the way back. γ₂ and β₂ work as those of a single layer. (1 point)


# %% [markdown]
# ### Why? 2
#
# Somebody trains with batches of two, ε tiny. Say what x̃ can be, for any two samples that differ, and use it to say
# what the layers *before* the batch norm learn. Then show from the one-line formula, with dout = (p, q), that it is so.
# *(2 points)*

# %% [markdown] why="batch_normalization-why-2" points=2
# Of two numbers, one is as far above their mean as the other is below, and that distance is the std: x̃ is (−1, 1)
# or (1, −1), whatever they are. A small change of x changes no x̃, so E does not depend on x, and the layers before
# it learn nothing. (1 point)
#
# With x̃ = (−1, 1): c = (p + q)/2 and a = (q − p)/2. First entry of the bracket: p − (p + q)/2 + (q − p)/2 = 0, second:
# q − (p + q)/2 − (q − p)/2 = 0. So dx = 0. (1 point)


# %% [markdown]
# ### Why? 3
#
# Eight ReLU layers with batch norm of momentum 0.99 are trained for one epoch of 20 batches, at rate 1. In training
# mode the network then reads 85 % of the test digits, and with `predict` 59 %. Which share of the first running
# statistics, 0 and 1, is still there? Why does training mode not suffer from it? Name two remedies. *(2 points)*

# %% [markdown] why="batch_normalization-why-3" points=2
# Each batch keeps 0.99 of the old: after 20 of them 0.99²⁰ = 0.82 is still the start. So `predict` normalizes with
# numbers that are mostly not mean and variance of z, and the units see what they have never seen. (1 point)
#
# Training mode takes the statistics of the batch; there the running ones are written and never read.
# Remedies, two of: a smaller momentum (0.9²⁰ = 0.12), more epochs, or some forward passes in training mode without
# steps. (1 point)


# %% [markdown]
# ## Where the crack is
#
# Deep networks train now. Eight layers learn what you give them, all of it. So give them little: 100 digits to learn
# from, and the same 397 to test on.


# %% tags=["experiment"]
with experiment():
    X, T, X_test, T_test = digits_split()
    rows = []
    for count in progress((100, 200, 1400), "fewer digits"):
        found = []
        for seed in range(2):
            rng = np.random.default_rng(seed)
            few = rng.permutation(len(X))[:count]
            network = batchnorm_mlp([64, *[50] * 8, 10], "relu", "he", rng)
            train(network, SGD(0.1), 40 if count < 1400 else 15, rng, (X[few], T[few]), 25)
            found.append([accuracy(network.predict(A), B) for A, B in ((X[few], T[few]), (X_test, T_test))])
        learnt, unseen = np.mean(found, axis=0)
        rows.append((count, f"{learnt:.0%}", f"{unseen:.0%}"))
    print(
        pd.DataFrame(rows, columns=["digits to learn from", "of these right", "of unseen ones right"]).to_string(
            index=False
        )
    )

# %% [markdown]
# *What to see: with 100 digits the network gets all of them right, and of the unseen ones more than one in five
# wrong.*
#
# It has not learnt what a seven looks like. It has learnt these sevens, by heart: it *overfits*. A scale that is
# held does not help against that, and neither does a better optimizer, which would learn them by heart faster. In
# 10 you make it hard for a network to learn by heart, and measure when that helps: at each step, half of its units
# are switched off. That is **dropout**.
