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
# # 08 Initialization
#
# A network with eight hidden layers of 50 ReLUs learns to read digits. Data, batches, learning rate and number
# of epochs stay the same in this figure. **One number changes**: the standard deviation with which its first
# weights are drawn. Between a network that reads 96 % and one whose loss is no number any more lies a factor of 1.6.


# %% setup=true
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from byhand import check, datasets, experiment, plots, progress
from toolbox.arrays import accuracy, one_hot, standardize
from toolbox.losses import SoftmaxCrossEntropy
from toolbox.network import dead_units, gradient_norms, mlp
from toolbox.optimizers import SGD, Adam
from toolbox.perceptron import sigmoid
from toolbox.training import minibatches
from toolbox.two_layer import relu

BENDS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu}

# %% tags=["experiment"]
# Recorded from the last experiment of this notebook, where they are computed again.
SCALES = [0.02, 0.04, 0.07, 0.1, 0.14, 0.2, 0.32, 0.5, 1.0]
window = {"SGD": [8, 8, 8, 12, 85, 96, 11, 11, 11]}
fig, ax = plt.subplots(figsize=(6.4, 3.4))
ax.semilogx(SCALES[:6], window["SGD"][:6], "o-", color=plots.COLORS[0], label="after six epochs")
ax.plot(SCALES[6:], window["SGD"][6:], "x", color=plots.COLORS[0], markersize=9, label="loss is nan after one epoch")
ax.legend(loc="upper left")
ax.set(ylim=(0, 100), xlabel="standard deviation of the first weights", ylabel="test digits right (%)")
ax.set_xticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
ax.set_title("Eight layers, and a window")
plt.show()

# %% [markdown]
# *What to see: to the left the network guesses, to the right its loss becomes nan; in between it reads.* All this
# with SGD, learning rate 0.1, in six epochs.
#
# 07 ended with a few values of this number tried out. How wide the window is depends on the learning rate and on
# the time. But a place inside it can be computed from the 50 alone, by the end of section 3. And how far can the
# best optimizer of 07 make up for a start outside of it?
#
# - **You will build** a count of units that are different at all, a prediction of how far numbers spread from
#   layer to layer, three schemes that keep this spread, and networks that start with them.
# - **You need** the variance (00), `Network` and `mlp` (06) and the optimizers (07), which lie in `toolbox/`.
#   After a restart, run all cells above first: experiments use functions of earlier ones.
# - **It takes** about three hours and a quarter: six gaps of one to five lines.
#
# **Words.** A *draw* is what a generator returns. The *variance* v of numbers is their mean squared distance
# from their mean; the *standard deviation*, std, is its root, in the unit of the numbers. W has the shape
# (n_in, n_out): n_in is the *fan-in* of a unit, how many numbers it adds up; n_out is the *fan-out*.


# %% [markdown]
# ## 1 Why draw at all
#
# Why not start with all weights equal, say at 0.1? Then every hidden unit computes the same h from the same
# inputs. It goes into the scores with the same weight, so the same gradient, the same column of dout, comes
# back:
#
# | | formula | shapes |
# |---|---|---|
# | unit j forward | $h_j = \sigma(\sum_i x_i w_{ij})$ | (N,) for each j; equal $w_{ij}$: equal $h_j$ |
# | backward | $\partial E/\partial W = X^\top\,\mathrm{dout}$ | (n_in, n_out) = (n_in, N)(N, n_out) |
#
# Equal weights take equal steps, and stay equal for ever. This is *symmetry*. Column j of the gradient is all
# that unit j gets to learn from, so the number of *different* columns says how many units the network really
# has.
#
# **By hand.** The gradient $\begin{pmatrix}1&1&2\\3&3&4\end{pmatrix}$ has three columns and two different ones:
# its units 0 and 1 are one unit, paid for twice.
#
# Two columns that ought to be equal may differ in their sixteenth digit, because sums are rounded. This must
# not count. But a gradient may be small as a whole, 10⁻¹⁵ in a deep network: what is small is measured against
# its *largest entry*. `np.abs(a).max()` is that entry's size; `for column in gradient.T` goes through the
# columns.
#
# **Predict before you run.** 30 hidden units. All entries of W1 are 0.1, but W2 is drawn. How many different
# columns has the first gradient of W1: 1, 2 or 30?


# %% gap="distinct_units"
def distinct_units(gradient):
    """How many different columns a gradient (or a weight matrix) has.

    gradient (n_in, n_out), one column for each unit  ->  an int

    [[1, 1, 2], [3, 3, 4]] has 2. Columns that differ only by rounding, less than 1e-9 of the
    largest entry, count as equal. A gradient of zeros has 1. The gradient is left as it was.
    """
    ### BEGIN SOLUTION
    near = 1e-9 * np.abs(gradient).max()
    kept = []
    for column in gradient.T:
        if all(np.abs(column - other).max() > near for other in kept):
            kept.append(column)
    return len(kept)
    ### END SOLUTION


# %% check="distinct_units" points=3
check("distinct_units", distinct_units)

# %% [markdown]
# <details><summary>Hint 1: when two columns are one</summary>
#
# Take the difference of two columns. One number of it decides: if the largest of its sizes is tiny, they are
# one unit.
# </details>
# <details><summary>Hint 2: which pairs</summary>
#
# Keep a list of the columns that turned out different so far. A new column has to differ from every one of
# them. `all(… for other in kept)` is true if the condition holds for each, and for an empty list.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Near is 1e-9 times the largest size in the gradient. For each column: if for all kept ones the largest size of
# the difference is above near, keep it. Return how many were kept.
# </details>


# %% tags=["experiment"]
def digits_split():
    """1,400 standardised digits to learn from and 397 to test on, X (N, 64) and one-hot T (N, 10)."""
    X, labels = datasets.digits()
    order = np.random.default_rng(0).permutation(len(X))
    # Means and deviations of all 1,797 digits: starts are compared here, and no accuracy is promised.
    X, T = standardize(X)[order], one_hot(labels, 10)[order]
    return X[:1400], T[:1400], X[1400:], T[1400:]


def train(network, optimizer, epochs, rng, each=None):
    """Loss after each epoch, and the share of test digits read rightly. It ends early where the loss is no number."""
    X, T, X_test, T_test = digits_split()
    loss, history = SoftmaxCrossEntropy(), []
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            for x, t in minibatches(X, T, 50, rng):
                loss.forward(network.forward(x), t)
                network.backward(loss.backward())
                optimizer.update(network.params, network.grads)
                if each:
                    each(network)
            history.append(loss.forward(network.forward(X), T))
            if not np.isfinite(history[-1]):
                break
        return history, accuracy(network.forward(X_test), T_test)


def small_network(start, rng):
    """64 inputs, hidden units, 10 outputs, started in one of five ways."""
    net = mlp([64, 1 if start == "one unit, drawn" else 30, 10], "sigmoid", rng, scale=0.3)
    for name in {"all 0": ["W1", "W2"], "all 0.1": ["W1", "W2"], "W1 all 0.1, W2 drawn": ["W1"]}.get(start, []):
        net.params[name][...] = 0.0 if start == "all 0" else 0.1
    return net


with experiment():
    rows = []
    for start in ["all 0", "all 0.1", "one unit, drawn", "W1 all 0.1, W2 drawn", "all drawn"]:
        rng = np.random.default_rng(1)
        network, counts = small_network(start, rng), []

        def count(net, counts=counts):
            if len(counts) < 2:
                counts.append(distinct_units(net.grads["W1"]))

        _, right = train(network, SGD(0.5), 20, rng, count)
        rows.append((start, *counts, distinct_units(network.params["W1"]), f"{right:.0%}"))
    columns = ["start", "1st gradient", "2nd gradient", "W1 at the end", "right of 397"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **30.** If you said 1: equal weights alone do not make units equal. Each has its own weight into the scores,
# so a different gradient comes back to each. One of the two sides has to differ; if neither does, nothing ever
# will.
#
# *What to see: from all 0 or all 0.1, thirty units stay one unit to the end and read 32 and 33 %; a network
# that was built with one reads 18 %. With drawn weights there are thirty, and they read 98 % and more.*
#
# If thirty are one, why do they read nearly twice as much as one? Their thirty weights into a score act as one,
# their sum, and it moves thirty times as far with each step. One unit with longer steps would do as well.
#
# So weights are drawn to break the symmetry. Biases may all be 0: one thing that differs is enough.


# %% [markdown]
# ## 2 How far the numbers spread
#
# How *large* should drawn weights be? Follow one number through a layer. Before the bend, a unit adds up n_in
# terms:
#
# | | formula | shapes |
# |---|---|---|
# | sum | $z = \sum_{i=1}^{n_{in}} h_i w_i$ | one number, from h (n_in,) and w (n_in,) |
# | its variance over draws of w | $\mathrm{Var}[z] = n_{in}\cdot v\cdot \overline{h^2}$ | one number |
#
# The w are independent of each other, with mean 0 and variance v. Then each term $h_i w_i$ has mean 0 and
# variance $h_i^2 v$, and the variances of independent terms add up. $\overline{h^2}$ is the mean of $h^2$ over
# the inputs, and here over the samples of a batch H (N, n_in) as well.
#
# Note what does **not** stand there: the variance of h. A unit that is always at ½ has variance 0 and still
# passes on ½ w.
#
# **By hand.** h = (1, 3) and v = 0.5: the mean of h² is (1 + 9)/2 = 5, so Var[z] = 2 · 0.5 · 5 = **5**. With
# the variance of h, which is 1, it would be 1.
#
# **Predict before you run.** 100 sigmoids before this layer, every one of them at ½ for every sample, and v =
# 1/100. Is the variance of z 0.0025, 0.25 or 0.5?


# %% gap="predicted_variance"
def predicted_variance(H, weight_variance):
    """The variance of z = Σ h w over draws of the weights, on average over the samples.

    H (N, n_in), weight_variance a number  ->  a number

    H = [[1, 3]] with weight_variance 0.5 gives 5. H is left as it was.
    """
    ### BEGIN SOLUTION
    return H.shape[1] * np.mean(H**2) * weight_variance
    ### END SOLUTION


# %% check="predicted_variance" points=2
check("predicted_variance", predicted_variance)

# %% [markdown]
# <details><summary>Hint 1: three factors</summary>
#
# How many terms does one z add up? How much variance has one weight? How large is h² on the whole?
# </details>
# <details><summary>Hint 2: which size</summary>
#
# H (N, n_in) holds samples as rows. The number of terms is the number of its columns; `np.mean` of an array
# with two axes is the mean over all its entries.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# The number of columns of H, times the mean of its squares, times the weights' variance.
# </details>


# %% tags=["experiment"]
with experiment():
    print("100 sigmoids at 1/2:", predicted_variance(np.full((10, 100), 0.5), 1 / 100))
    rng = np.random.default_rng(0)
    rows = []
    for name, bend in BENDS.items():
        H = bend(rng.normal(size=(200, 400)))
        measured = (H @ rng.normal(0, np.sqrt(1 / 400), size=(400, 4000))).var(axis=1).mean()
        rows.append((name, H.var(), np.mean(H**2), predicted_variance(H, 1 / 400), measured))
    columns = ["bend", "variance of h", "mean of h²", "predicted Var[z]", "measured"]
    print(pd.DataFrame(rows, columns=columns).round(2).to_string(index=False))

# %% [markdown]
# **0.25.** If you said 0.0025, you forgot that a hundred terms add up. If you said 0.5, you took the mean of h
# and not of h².
#
# *What to see: for z of variance 1 before the bend and v = 1/n_in, what comes after the next layer's sum is the
# mean of h²: 0.29 behind a sigmoid, 0.39 behind tanh, 0.50 behind a ReLU.* The variance of h would be far off
# for two of the three: 0.04 and 0.34.
#
# A ReLU removes half of the numbers and leaves the others as they are, so exactly half of the mean square is
# left. Layer after layer: with v = 1/n_in the variance halves each time.


# %% [markdown]
# ## 3 Three variances
#
# Now choose v so that Var[z] stays what it is. That is one line for each bend:
#
# | scheme | v, the **variance** of a weight | keeps |
# |---|---|---|
# | LeCun (1998) | $1/n_{in}$ | Var[z] where h ≈ z, as with tanh near 0 |
# | Xavier (Glorot and Bengio, 2010) | $2/(n_{in}+n_{out})$ | about that, and about the variance of the gradient |
# | He (2015) | $2/n_{in}$ | Var[z] behind a ReLU: $n_{in}\cdot\frac{2}{n_{in}}\cdot\frac12 = 1$ times what it was |
#
# Why Xavier looks at n_out: going back, dx = dout Wᵀ adds up n_out terms, so the gradient wants $1/n_{out}$.
# One v cannot do both, and the mean of the two sizes is the compromise.
#
# **By hand.** n_in = 100, n_out = 300: LeCun 1/100 = **0.01**, Xavier 2/400 = **0.005**, He 2/100 = **0.02**.
# And the opening: 50 inputs to each ReLU but those of the first layer, which has 64. So v = 2/50 = 0.04 and std
# √0.04 = **0.2**. Look where 0.2 lies in the figure.
#
# Sources disagree in print. Xavier is given as N(0, √(2/(n_in + n_out))): right if the second entry of N stands
# for a standard deviation, wrong for a reader who expects a variance there. Others run Xavier and He together as
# one scheme. Here they are three, and all are variances.
#
# **Predict before you run.** z is normal with variance 1. Then $\overline{h^2}$ behind a ReLU is ½. Is the
# *variance* of h ½ as well, more, or less?


# %% gap="scheme_variance"
def scheme_variance(n_in, n_out, scheme):
    """The variance of a weight under the scheme "lecun", "xavier" or "he".

    n_in, n_out whole numbers  ->  a number

    n_in = 100 and n_out = 300 give 0.01, 0.005 and 0.02.
    """
    ### BEGIN SOLUTION
    return {"lecun": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}[scheme]
    ### END SOLUTION


# %% check="scheme_variance" points=2
check("scheme_variance", scheme_variance)

# %% [markdown]
# <details><summary>Hint 1: which size counts what</summary>
#
# A unit adds up n_in numbers on the way forward. On the way back, n_out gradients are added up.
# </details>
# <details><summary>Hint 2: choosing by a name</summary>
#
# A dict from names to numbers, `{"a": 1, "b": 2}[name]`, picks one; three `if` do as well.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# LeCun: one over n_in. Xavier: two over the sum of both sizes. He: two over n_in.
# </details>


# %% tags=["experiment"]
with experiment():
    h = relu(np.random.default_rng(0).normal(size=1_000_000))
    print(f"mean of h² {np.mean(h**2):.2f}   variance of h {h.var():.2f}   mean of h {h.mean():.2f}")
    for n_in, n_out in [(100, 300), (300, 100), (50, 50)]:
        variances = [scheme_variance(n_in, n_out, scheme) for scheme in ("lecun", "xavier", "he")]
        roots = "   ".join(f"{np.sqrt(v):.3f}" for v in variances)
        print(f"n_in {n_in:3}   n_out {n_out:3}   std under LeCun, Xavier, He:   {roots}")

# %% [markdown]
# **Less, 0.34.** The mean of h is 0.40, and 0.50 − 0.40² = 0.34. If you said ½, you forgot the mean. A scheme
# built on the variance of h would draw ReLU weights too large by a factor of √(0.50/0.34) = 1.2, and eight
# layers make more than 4 of that.


# %% [markdown]
# ## 4 Drawing them
#
# A variance is not yet a matrix. `rng.normal(mean, std, shape)` draws from a normal distribution, and wants the
# **standard deviation**. `rng.uniform(low, high, shape)` draws evenly between two ends. Both are in use; only
# the variance matters for what section 2 computed.
#
# | | formula | shapes |
# |---|---|---|
# | normal | $w \sim N(0, v)$, std $\sqrt v$ | (n_in, n_out) |
# | uniform from −r to r | variance $r^2/3$, so $r = \sqrt{3v}$ | (n_in, n_out) |
#
# The third comes from the integral: the mean of w² over −r…r is $\frac1{2r}\int_{-r}^{r} w^2\,dw = r^2/3$.
#
# **By hand.** He, n_in = 300: v = 2/300 = 0.00667 and √v = **0.0816**; uniform, r = √0.02 = **0.1414**.
#
# All randomness comes out of the generator that is handed in, so that one seed repeats a whole run. And it
# moves on with each draw: the next layer gets other numbers. A generator made anew inside the function would
# start over, and two layers of one size would be equal, number by number.
#
# The name of a scheme may end in "_uniform". `"he_uniform".endswith("_uniform")` is True, and
# `"he_uniform".removesuffix("_uniform")` is "he"; on "he" it is "he", too.
#
# **Predict before you run.** PyTorch's Linear layer starts, unless told otherwise, with weights uniform from
# −1/√n_in to 1/√n_in. Is their variance that of LeCun, a half of it, or a third?


# %% gap="initialize"
def initialize(n_in, n_out, scheme, rng):
    """Weights of mean 0 and the scheme's variance.

    n_in, n_out whole numbers; scheme "lecun", "xavier" or "he" (normal), or one of these
    and "_uniform"; rng draws  ->  (n_in, n_out)

    (300, 200, "he_uniform", rng) gives numbers between -0.1414 and 0.1414.
    """
    ### BEGIN SOLUTION
    v = scheme_variance(n_in, n_out, scheme.removesuffix("_uniform"))
    if scheme.endswith("_uniform"):
        reach = np.sqrt(3 * v)
        return rng.uniform(-reach, reach, (n_in, n_out))
    return rng.normal(0.0, np.sqrt(v), (n_in, n_out))
    ### END SOLUTION


# %% check="initialize" points=4
check("initialize", initialize)

# %% [markdown]
# <details><summary>Hint 1: from a scheme to v</summary>
#
# You have a function that knows the variance of "lecun", "xavier" and "he". What does the name have to lose
# before you ask it?
# </details>
# <details><summary>Hint 2: from v to a draw</summary>
#
# One of the two ways wants the root of v, the other the root of 3v with both signs. The shape is a pair, n_in
# first, since x (N, n_in) stands on the left of W.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# v is the variance of the scheme without its ending. If the name has the ending: uniform from minus to plus the
# root of 3v. Else: normal with mean 0 and the root of v. Both of shape (n_in, n_out), both from rng.
# </details>


# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    draws = {name: initialize(300, 200, name, rng) for name in ("he", "he_uniform")}
    r = 1 / np.sqrt(300)
    draws["uniform, ±1/√n_in"] = rng.uniform(-r, r, (300, 200))
    fig, ax = plt.subplots(figsize=(6.4, 3.4))
    for (name, W), dashes in zip(draws.items(), ("-", "--", ":"), strict=True):
        percent = np.full(W.size, 100 / W.size)
        ax.hist(W.ravel(), bins=30, range=(-0.3, 0.3), weights=percent, histtype="step", ls=dashes, lw=2, label=name)
    ax.set(xlabel="weight", ylabel="share of the weights (%)", title="Three ways to draw 300 × 200 weights")
    ax.legend(loc="upper right")
    plt.show()
    for name, W in draws.items():
        print(f"{name:18} n_in · variance {300 * W.var():.1f}   largest {np.abs(W).max():.2f}")

# %% [markdown]
# **A third**, 0.3 in the table. If you said LeCun's: r is where the draw ends, not its standard deviation.
#
# *What to see: he and he_uniform have quite different outlines and the same variance, 2.0/n_in; the third is
# narrower and higher.*


# %% [markdown]
# ## 5 Five layers, ten thousand samples
#
# Does it hold for a whole stack? Send a batch through layer after layer, without biases, and write down after
# each what the next layer gets to see:
#
# | | formula | shapes |
# |---|---|---|
# | layer k | $H \leftarrow \mathrm{bend}(H W_k)$, from H = X | (N, n_out) = bend((N, n_in)(n_in, n_out)) |
# | row k | k, mean and std of **all** entries of H | three numbers |
#
# `pd.DataFrame(rows, columns=[…])` makes a table of a list of rows.
#
# **By hand.** X = (1, −1), one input, W₁ = (2), W₂ = (0.5), ReLU: H = (2, 0) with mean 1 and std 1, then H =
# (1, 0) with mean 0.5 and std 0.5.
#
# **Predict before you run.** Ten ReLU layers with LeCun's variance, so half the variance each time. Which share
# of the first layer's std is left at the tenth: 0.5, 0.2 or 0.04?


# %% gap="activation_statistics"
def activation_statistics(weights, X, activation):
    """Mean and std after each layer H = activation(H W), over all its units and samples.

    weights: a list of matrices, from input to output; X (N, D); activation maps an array to one
    of the same shape  ->  a DataFrame with the columns layer (1, 2, …), mean and std

    std is NumPy's, which divides by the count. X and the weights are left as they were.

    X = [[1], [-1]], weights [[2]] and [[0.5]], relu: means 1 and 0.5, stds 1 and 0.5.
    """
    ### BEGIN SOLUTION
    H, rows = X, []
    for layer, W in enumerate(weights, start=1):
        H = activation(H @ W)
        rows.append((layer, H.mean(), H.std()))
    return pd.DataFrame(rows, columns=["layer", "mean", "std"])
    ### END SOLUTION


# %% check="activation_statistics" points=3
check("activation_statistics", activation_statistics)

# %% [markdown]
# <details><summary>Hint 1: what to carry along</summary>
#
# One array H, which becomes the next H in each round. In the end nothing else is needed of a layer but three
# numbers.
# </details>
# <details><summary>Hint 2: numbering</summary>
#
# `for number, W in enumerate(weights, start=1)` gives 1 with the first matrix, 2 with the second. A list `rows`
# takes one tuple each round.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Begin with H = X and no rows. For each W: H becomes the bend of H times W; add number, mean and std of H. Make
# the DataFrame of the rows, with its three column names.
# </details>


# %% tags=["experiment"]
with experiment():
    X = np.random.default_rng(0).normal(size=(2000, 200))
    tables = {}
    for scheme in ("lecun", "he"):
        rng = np.random.default_rng(1)
        stack = [initialize(200, 200, scheme, rng) for _ in range(10)]
        tables[f"std, {scheme}"] = activation_statistics(stack, X, relu).set_index("layer")["std"]
    print(pd.DataFrame(tables).loc[[1, 2, 4, 7, 10]].round(3))

# %% [markdown]
# **0.04**: nine halvings of the variance, (½)⁹, leave 0.044 of the first std, a little more or less by the luck
# of the draw. If you said 0.5: it halves at every layer, not once. With He nothing halves; only the luck of ten
# draws is left.
#
# **As histograms.** 10,000 normal samples go through five layers of 100 units. Four starts: std 0.01, std 1,
# LeCun, which is Xavier here, because n_in = n_out, and He. The first ten units of each layer go into the
# histograms; what lies outside an axis is counted at its end.


# %% tags=["experiment"]
STARTS = {"std 0.01": 0.01, "std 1": 1.0, "LeCun = Xavier": "lecun", "He": "he"}


def stack_of(start, rng, layers=5, width=100):
    """Square weight matrices, drawn with a std or by a scheme."""
    if isinstance(start, str):
        return [initialize(width, width, start, rng) for _ in range(layers)]
    return [rng.normal(0, start, (width, width)) for _ in range(layers)]


def show_layers(name, limits):
    """One panel for each start: how the numbers are spread after each of five layers."""
    X = np.random.default_rng(0).normal(size=(10_000, 100))
    fig, axes = plt.subplots(1, 4, figsize=(10.4, 2.9), sharey=True)
    rows = []
    for ax, (title, start) in zip(axes, STARTS.items(), strict=True):
        stack = stack_of(start, np.random.default_rng(1))
        H, layers = X, {}
        for k, W in enumerate(stack, start=1):
            H = BENDS[name](H @ W)
            layers[f"layer {k}"] = np.clip(H[:, :10], *limits).ravel()
        frame = pd.DataFrame(layers)
        share = np.full(frame.shape, 100 / len(frame))
        frame.plot.hist(ax=ax, bins=20, range=limits, weights=share, histtype="step", lw=1.6, log=True, legend=False)
        ax.set(title=title, xlabel="h", ylabel="share (%)", ylim=(0.05, 150))
        table = activation_statistics(stack, X, BENDS[name])
        rows.append((title, *table["std"].iloc[[0, 2, 4]].map("{:.2g}".format)))
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    fig.suptitle(name)
    plt.show()
    columns = ["start", "std, layer 1", "layer 3", "layer 5"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))


with experiment():
    show_layers("tanh", (-1, 1))

# %% [markdown]
# *What to see: at std 0.01 the numbers shrink to a spike at 0, a factor of ten with each layer; at std 1 most
# of them are stuck at −1 and 1; under LeCun they shrink slowly and stay spread; under He they keep more.*


# %% tags=["experiment"]
with experiment():
    show_layers("relu", (0, 4))

# %% [markdown]
# *What to see: at std 0.01 the numbers shrink about fourteen times with each layer, at std 1 they grow seven
# times; LeCun keeps less than a quarter of the first layer's std at the fifth, and under He all five layers look
# much alike.* The column at 0 is the half that a ReLU switches off.


# %% tags=["experiment"]
with experiment():
    show_layers("sigmoid", (0, 1))

# %% [markdown]
# *What to see: at std 0.01 all numbers stand at ½; at std 1 they lie at 0 and 1. Under LeCun and He the deep
# layers fall apart into spikes: each is one unit that says nearly the same for all 10,000 samples.* The std
# over all entries, which is more than 0.1 there, does not show it.
#
# *Why.* A sigmoid is not centred. What comes out is ½ and a little more or less. The ½ is common to all
# samples, and so is the z that the next layer makes of it. What differs from sample to sample shrinks by the
# slope, at most ¼, with each layer. No v that keeps z moderate repairs this.
#
# **And the way back?** Xavier claims to look both ways. Take a funnel, 400 → 200 → 100 → 50 → 25, without
# bends. Send X of std 1 forward, and a dout of std 1 back.


# %% tags=["experiment"]
with experiment():
    sizes = [400, 200, 100, 50, 25]
    rows = []
    for title in ("1 / n_in (LeCun)", "1 / n_out", "Xavier"):
        forward, back = [], []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            H = rng.normal(size=(200, 400))
            dout = rng.normal(size=(200, 25))
            stack = []
            for k in range(4):
                n_in, n_out = sizes[k], sizes[k + 1]
                name = "xavier" if title == "Xavier" else "lecun"
                turned = title == "1 / n_out"
                stack.append(initialize(n_out, n_in, name, rng).T if turned else initialize(n_in, n_out, name, rng))
            for W in stack:
                H = H @ W
            for W in reversed(stack):
                dout = dout @ W.T
            forward.append(H.std())
            back.append(dout.std())
        rows.append((title, np.mean(forward), np.mean(back)))
    columns = ["variance of a weight", "std of H at the end", "std of dx at the start"]
    print(pd.DataFrame(rows, columns=columns).round(2).to_string(index=False))

# %% [markdown]
# *What to see: LeCun keeps what goes forward and quarters what comes back; 1/n_out keeps what comes back, and
# what goes forward grows fourfold; Xavier has a part of both errors, 1.8 forward and 0.45 back.* By hand, for
# Xavier: each of four layers multiplies the variance by n_in · 2/(n_in + n_out) = 4/3 forward and by 2/3 back,
# which makes stds of (4/3)² = 1.78 and (2/3)² = 0.44.


# %% [markdown]
# ## 6 Networks that start well
#
# `mlp(sizes, activation, rng)` from 06 draws every weight with std 0.1, whatever the sizes. Make it a function
# that takes a scheme. Keep the network and replace the numbers in its weights:
#
# | | | shapes |
# |---|---|---|
# | W1, W2, … | `initialize` with **this** layer's sizes | (n_in, n_out), as before |
# | b1, b2, … | stay 0 | (n_out,) |
#
# `network.params` makes a new dict each time it is asked for, but the arrays in it are the layers' own. To put
# other numbers into an array, rather than move its name to another array, write `array[...] = new`. `f(*pair,
# c)` hands over the entries of pair one by one, as `f(pair[0], pair[1], c)`.
#
# **By hand.** Sizes 64, 50, 10 with He: W1 has std √(2/64) = **0.177**, and W2 √(2/50) = **0.2**.
#
# **Predict before you run.** He's 2 was made for ReLUs. Five layers of tanh, started by LeCun, Xavier and He:
# which start has the lowest training loss after ten epochs?


# %% gap="initialized_mlp"
def initialized_mlp(sizes, activation, scheme, rng):
    """A network like that of mlp(sizes, activation, rng), its weights drawn anew by initialize.

    sizes a list of widths, input to output; scheme as for initialize  ->  a Network; biases stay 0

    sizes is left as it was.

    ([64, 50, 10], "relu", "he", rng): W1 (64, 50) with std 0.177, W2 (50, 10) with std 0.2.
    """
    ### BEGIN SOLUTION
    network = mlp(sizes, activation, rng)
    for name, array in network.params.items():
        if name.startswith("W"):
            array[...] = initialize(*array.shape, scheme, rng)
    return network
    ### END SOLUTION


# %% check="initialized_mlp" points=3
check("initialized_mlp", initialized_mlp)

# %% [markdown]
# <details><summary>Hint 1: what is there already</summary>
#
# `mlp` makes a network of the right sizes. Its parameters have names; those of the weights begin with W:
# `name.startswith("W")`.
# </details>
# <details><summary>Hint 2: where n_in and n_out stand</summary>
#
# The shape of each weight matrix is the pair you need.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Make the mlp. For each name and array of its params: if the name starts with W, fill the array with what
# initialize gives for its shape. Return the network.
# </details>


# %% [markdown]
# **Every start, trained.** Five layers of 50 units, SGD with learning rate 0.1, ten epochs. Classes are ten, so
# guessing costs ln 10 = 2.3 nats.


# %% tags=["experiment"]
def deep(start, depth, activation, seed, optimizer, epochs):
    """Train a network of ``depth`` hidden layers of 50: losses, and the share of test digits right."""
    rng = np.random.default_rng(seed)
    sizes = [64, *[50] * depth, 10]
    if isinstance(start, str):
        network = initialized_mlp(sizes, activation, start, rng)
    else:
        network = mlp(sizes, activation, rng, scale=start)
    return train(network, optimizer, epochs, rng)


LOOK = {  # lines that lie on each other are drawn from wide to thin
    "std 0.01": {"color": "#bbbbbb", "lw": 9},
    "LeCun": {"color": plots.COLORS[0], "lw": 6},
    "Xavier": {"color": plots.COLORS[2], "lw": 3.5},
    "He": {"color": plots.COLORS[1], "lw": 1.5},
    "std 1": {"color": plots.COLORS[3], "lw": 1.5, "ls": "--"},
}
TRIED = {"std 0.01": 0.01, "LeCun": "lecun", "Xavier": "xavier", "He": "he", "std 1": 1.0}

with experiment():
    fig, axes = plt.subplots(1, 3, figsize=(10.4, 3.4), sharey=True)
    for ax, activation in zip(axes, progress(["sigmoid", "tanh", "relu"], "training"), strict=True):
        for name, start in TRIED.items():
            history, _ = deep(start, 5, activation, 0, SGD(0.1), 10)
            ax.plot(range(1, len(history) + 1), history, label=name, **LOOK[name])
        ax.set(title=activation, xlabel="epoch", ylabel="mean training loss (nats)", ylim=(0, 4))
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    plt.show()
    X, T, _, _ = digits_split()
    rng = np.random.default_rng(0)
    large = mlp([64, *[50] * 5, 10], "relu", rng, scale=1.0)
    print(f"ReLU, std 1: loss before the first step {SoftmaxCrossEntropy().forward(large.forward(X), T):,.0f}")
    train(large, SGD(0.1), 1, rng)
    print("share of dead units in each layer after one epoch:", dead_units(large, X))

# %% [markdown]
# **He.** If you said LeCun or Xavier: near 0 tanh passes z on as it is, so it does not *need* the 2. But larger z
# come out smaller, for which a larger v makes up, and since |h| never exceeds 1, nothing can explode.
#
# *What to see: with tanh and ReLU all three schemes learn, He the fastest; std 0.01 stays at 2.3 under every
# bend, and std 1 under ReLU; with sigmoids all schemes lie on one line at 2.3 and, oddly, std 1 leaves it.*
#
# *Why.* With ReLU, std 1 starts at a loss of 35,343. The first steps are so long that they switch off every unit
# of a layer for every digit: dead, as in 06. Only the last bias learns on.
#
# A gradient that goes back through a sigmoid layer is multiplied by a slope of at most ¼ and by weights of std √v
# summed over n_out. Xavier makes the sum 1, and ¼ is left: (¼)⁵ is 0.001.
#
# A std four times LeCun's, 4/√n_in, makes up for the ¼. For the 30 units of 07 it is 0.73, and 0.8 was the best of
# those tried there. But it has a price: the ½ that all samples share spreads z by 4 · ½ = 2, and at z = ±2 the
# sigmoid is flatter, with a slope of 0.1. So such networks learn, but late.


# %% [markdown]
# **Depth, once more.** 06 and 07 left two patients: eight layers of sigmoids and eight of ReLUs, both with weights
# of std 0.1, both guessing. The same measurement, now 50 wide, with the old start and the new: the share of test
# digits that are read, and the gradient norm of each weight matrix at depth 8, before the first step.


# %% tags=["experiment"]
PAIRS = {
    "sigmoid, std 0.1": ("sigmoid", 0.1, plots.COLORS[5], ":"),
    "sigmoid, Xavier": ("sigmoid", "xavier", plots.COLORS[2], "-"),
    "ReLU, std 0.1": ("relu", 0.1, plots.COLORS[4], ":"),
    "ReLU, He": ("relu", "he", plots.COLORS[1], "-"),
}

with experiment():
    X, T, _, _ = digits_split()
    fig, axes = plt.subplots(1, 2, figsize=(10.4, 3.7))
    table = {}
    for name in progress(PAIRS, "deepening"):
        activation, start, color, dashes = PAIRS[name]
        shares = [
            100 * np.mean([deep(start, depth, activation, seed, SGD(0.1), 6)[1] for seed in range(2)])
            for depth in range(1, 9)
        ]
        axes[0].plot(range(1, 9), shares, dashes, marker="o", color=color, label=name)
        table[name] = {str(depth): f"{shares[depth - 1]:.0f} %" for depth in (1, 2, 3, 4, 6, 8)}
        rng, sizes = np.random.default_rng(0), [64, *[50] * 8, 10]
        fresh = mlp(sizes, activation, rng) if start == 0.1 else initialized_mlp(sizes, activation, start, rng)
        loss = SoftmaxCrossEntropy()
        loss.forward(fresh.forward(X), T)
        fresh.backward(loss.backward())
        norms = list(gradient_norms(fresh).values())
        axes[1].semilogy(range(1, 10), norms, dashes, marker="o", color=color)
        table[name] |= {"norm, W1": f"{norms[0]:.0e}", "norm, W9": f"{norms[-1]:.0e}"}
    axes[0].set(xlabel="hidden layers", ylabel="test digits right (%)", ylim=(0, 100), title="After six epochs")
    axes[1].set(xlabel="weight matrix, from the input on", ylabel="norm of ∂E/∂W", title="Depth 8, before training")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    plt.show()
    print(pd.DataFrame(table).rename_axis("depth").T.to_string())

# %% [markdown]
# *What to see: He carries the ReLU network through all eight depths. Its gradient norms are of one size from the
# first matrix to the last; so they are at std 0.1, but a hundred times smaller and more. With sigmoids Xavier
# gains at depths 2 and 3, and nothing from depth 4 on; at depth 8 the first norm is more than ten thousand times
# smaller than the last.*
#
# One patient is cured. Xavier was derived for bends with slope 1 at 0, and the sigmoid's slope is ¼: **sigmoids
# stay broken** under all three schemes.


# %% [markdown]
# **The window, computed.** Now the opening: eight hidden ReLU layers, nine stds, two seeds, six epochs. Beside
# SGD stands Adam from 07, which gives each parameter a step of its own size. Does it need a good start at all? And
# where do the edges go with more time, or with shorter steps?


# %% tags=["experiment"]
def reads(start, rule, epochs):
    """Eight ReLU layers, mean of two seeds: the test digits read (%), and the training loss at the end."""
    runs = [deep(start, 8, "relu", seed, rule(), epochs) for seed in (0, 1)]
    return round(100 * np.mean([right for _, right in runs])), np.mean([history[-1] for history, _ in runs])


RULES = {"SGD 0.1": lambda: SGD(0.1), "SGD 0.01": lambda: SGD(0.01), "Adam 0.001": Adam}

with experiment():
    found, lost = {}, {}
    for name in progress(("SGD 0.1", "Adam 0.001"), "looking for the window"):
        found[name], losses = zip(*[reads(std, RULES[name], 6) for std in SCALES], strict=True)
        lost[name] = ~np.isfinite(losses)
    he, _ = reads("he", RULES["SGD 0.1"], 6)
    fig, ax = plt.subplots(figsize=(6.8, 3.8))
    for k, (name, shares) in enumerate(found.items()):
        kept = np.where(lost[name], np.nan, shares)
        ax.semilogx(SCALES, kept, ["o-", "s--"][k], color=plots.COLORS[[0, 6][k]], label=f"{name}, std for all layers")
    broken = lost["SGD 0.1"]
    nowhere = {"color": plots.COLORS[0], "markersize": 9, "label": "SGD 0.1, loss is nan after one epoch"}
    ax.plot(np.array(SCALES)[broken], np.array(found["SGD 0.1"])[broken], "x", **nowhere)
    ax.axvline(np.sqrt(scheme_variance(50, 50, "he")), color="#666666", ls=":")
    ax.text(0.19, 12, "He,\n√(2/50)", color="#666666", ha="right")
    ax.set(ylim=(0, 100), xlabel="standard deviation of the first weights", ylabel="test digits right (%)")
    ax.set_xticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    ax.set_title("Where the window is, after six epochs")
    fig.legend(loc="outside lower center", ncols=2)
    plt.show()
    print(pd.DataFrame(found, index=pd.Index(SCALES, name="std")).T.to_string())
    print("SGD as shown in the opening:", np.allclose(found["SGD 0.1"], window["SGD"], rtol=0, atol=3))
    print("SGD after He reads more than 80 %:", bool(he > 80))

# %% [markdown]
# *What to see: SGD reads 85 and 96 % at 0.14 and 0.2; at 0.1 it guesses, from 0.32 on its loss is nan. He's 0.2,
# computed from the width alone, is the top of this window. Adam reads 93 % and more from 0.1 to 0.2, and falls
# off on both sides.*


# %% tags=["experiment"]
with experiment():
    rows = []
    runs = [("SGD 0.1", 0.1, 30), ("SGD 0.01", 0.32, 6), ("Adam 0.001", 0.02, 30), ("Adam 0.001", 0.32, 30)]
    for name, std, epochs in progress(runs, "moving the edges"):
        right, last = reads(std, RULES[name], epochs)
        rows.append((name, std, epochs, f"{right} %", f"{last:.2f}"))
    print(pd.DataFrame(rows, columns=["rule", "std", "epochs", "right", "training loss"]).to_string(index=False))
    X, _, _, _ = digits_split()
    rng = np.random.default_rng(0)
    small = mlp([64, *[50] * 8, 10], "relu", rng, scale=0.02)
    for when in ("before training", "Adam, one epoch"):
        H = X
        for layer in small.layers[:-1]:
            H = layer.forward(H)
        print(f"std 0.02, {when}: h in layer 8 is {H.mean():.0e}, and differs by {H.std(axis=0).mean():.0e}")
        train(small, Adam(), 1, rng)

# %% [markdown]
# *What to see: the edges move. With 30 epochs SGD reads from 0.1, with a tenth of the rate it reads something from
# 0.32. With 30 epochs Adam reads four digits of five from 0.02. From 0.32 its training loss comes down to 0.03, but
# it reads 64 %: it has learnt the training digits by heart.*
#
# *Why.* Adam makes small gradients large and large ones small, so it walks where SGD stands still or is thrown
# out. But at 0.02 it starts slowly: layer 8 differs by 5 · 10⁻⁹ from digit to digit. Adam moves every bias by
# about 0.001 a step, and after one epoch h is 0.002, the same for all digits to six places. The gradient hardly
# knows which digit is which, until the weights have grown.
#
# **Adam can make up for a start that is too small, and pays with time. A good start costs nothing.**


# %% [markdown]
# ## 7 What you have
#
# | question | your answer |
# |---|---|
# | How many units has a layer whose weights are all equal? | 1 |
# | By what does a layer multiply the mean square? | n_in · v, and then what the bend leaves of it: ½ for ReLU |
# | What std does He give a unit with 50 inputs? | 0.2 |
# | How far does a uniform draw of variance v reach? | √(3v) |
# | What is left of the std after ten ReLU layers with LeCun? | 0.04 of the first |
# | Who reads digits at depth 8, after six epochs? | ReLU with He; sigmoids do not, with Xavier |
#
# **You can now**
#
# - *predict* how far the numbers in a layer will spread, before anything runs;
# - *draw* weights, normal or uniform, so that this spread is kept;
# - *find* the layer at which a network has lost its data, and say why.
#
# **The number to remember: 2/n_in**, the variance of a weight in front of a ReLU.


# %% [markdown]
# ### Why? 1
#
# A friend starts all weights at 0 because "the network will find out". With ReLUs, what happens in the first
# step, and in the hundredth? With sigmoids? (At 0 our ReLU has the slope 0, as in 06.) *(2 points)*


# %% [markdown] why="initialization-why-1" points=2
# With ReLUs, h = 0 in every hidden unit, and the slope at 0 is 0. The gradient of W2, hᵀ dout, is 0, and that
# of W1 as well: no weight moves, in the first step or in the hundredth; only the last bias does. (1 point)
#
# With sigmoids, h = ½. W2 gets a gradient, equal for all hidden units; from the second step on W1 gets one too,
# with equal columns. The network learns, but as if it had one hidden unit, for ever. (1 point)


# %% [markdown]
# ### Why? 2
#
# Why does He's variance have a 2 in it? Why does tanh not need it, and why does the 2 do no harm there, though it
# would in a deep network without bends? *(2 points)*


# %% [markdown] why="initialization-why-2" points=2
# A ReLU sets half of the numbers to 0 and leaves the others, so the mean square of h is half of that of z. The
# 2 makes up for this: n_in · 2/n_in · ½ = 1. (1 point)
#
# Near 0, tanh passes z on as it is: nothing is lost, and 1/n_in keeps the variance. Without bends, the 2 would
# double it with each layer, without end. tanh itself stops this: the larger z, the more it takes away, and h stays
# within ±1. So the spread settles at a larger value, and tanh with He learnt as well. (1 point)


# %% [markdown]
# ### Why? 3
#
# Adam divides each gradient by its own size, so a small gradient moves its weight as fast as a large one. Why
# does a network of eight layers with std 0.02 still guess after six epochs, and read most digits after thirty? *(2
# points)*


# %% [markdown] why="initialization-why-3" points=2
# The size of the gradient was only half of the damage. On the way forward the differences between digits shrink
# about ten times in each layer, to 5 · 10⁻⁹ in the last. The biases, which Adam moves by 0.001 a step, soon are a
# million times as large: the scores hardly depend on x, and the gradient's direction says little. (1 point)
#
# Nothing is lost for good. The weights grow by up to 0.001 a step, from 0.02 towards 0.2, and with them what
# arrives at the end. From then on the network learns: Adam has repaired the start by itself, and paid with time.
# (1 point)


# %% [markdown]
# ## Where the crack is
#
# All of this is a statement about the start. The variance was right because the weights were drawn,
# independent of each other and of the data. After one step they are neither. Below, a network that starts
# with He is trained, and the std of what stands before each bend is measured again.


# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    network = initialized_mlp([64, *[50] * 8, 10], "relu", "he", rng)
    X, _, _, _ = digits_split()

    def spreads():
        """The std of z in each hidden layer."""
        H, found = X, []
        for layer in network.layers[:-1]:
            Z, H = H, layer.forward(H)
            if not layer.params:
                found.append(Z.std())
        return found

    before = spreads()
    train(network, SGD(0.1), 10, rng)
    after = spreads()
    fig, ax = plt.subplots(figsize=(6.4, 3.4))
    ax.plot(range(1, 9), before, "o-", color=plots.COLORS[0], label="drawn by He")
    ax.plot(range(1, 9), after, "s--", color=plots.COLORS[1], label="after ten epochs")
    ax.set(xlabel="hidden layer", ylabel="std of z", ylim=(0, None), title="Right at the start, and then?")
    ax.legend()
    plt.show()

# %% [markdown]
# *What to see: drawn by He, the std of z starts at 1.4 and comes to lie near 1, by the luck of eight draws. After
# ten epochs it has grown in all layers, the more the deeper, to several times as much in the last.* It starts at
# √2 because He's 2 expects a ReLU before the layer, and the pixels came through none.
#
# The scale is right only at the start, and nothing holds it there. In 09 you build a layer that sets mean and
# std of every unit anew, for every batch: **batch normalization** keeps right what initialization only gets
# right once.
