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
# # 01 The limits of one neuron
#
# Below are three sets of 300 points, each with two classes. One artificial neuron, or *perceptron* as the
# first ones were called, gets 53 % of one of them right, where a coin gets 50 %; of another it gets seven in
# ten, and of the last every single point. Look at the figure: which is which? And why does more training not
# help with the 53 %?
#
# At the end you will have built the neuron, shown why it has to fail there, and got that set right to the
# last point *without changing the neuron*.

# %% setup=true
import matplotlib.pyplot as plt
import numpy as np

from byhand import check, datasets, experiment, plots, progress
from byhand.gradients import numerical_gradient
from byhand.sliders import slider

# %%
sets = {
    "two clouds": datasets.two_d("linearly_separable"),
    "a band between clouds": datasets.two_d("non_linearly_separable"),
    "a disc in a ring": datasets.two_d("circles"),
}


# A helper for the figures; there is no need to read it.
def share_legend(fig):
    """One legend under all panels, where it hides no point."""
    for ax in fig.axes:
        if ax.get_legend():
            handles, labels = ax.get_legend_handles_labels()
            ax.get_legend().remove()
    fig.legend(handles, labels, loc="outside lower center", ncols=2)


# %% tags=["experiment"]
with experiment():
    fig, axes = plt.subplots(1, 3, figsize=(12, 4.4))
    for ax, (title, (X, t)) in zip(axes, sets.items(), strict=True):
        ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$")
        plots.points_2d(ax, X, t)
    share_legend(fig)
    plt.show()

# %% [markdown]
# *What to see.* Two separate clouds; a bent band of one class with the other class on both sides of it; a
# disc of one class inside a ring of the other.
#
# - **You will build** a neuron, its loss, the gradient of the loss, its training, and a lift: eight functions
#   of one to six lines.
# - **You need** NumPy arrays and the matrix product, as in 00, and the chain rule, once.
# - **It takes** about three hours.
#
# Gaps, checks and marks work as in 00: a check that is not passed stops *Run all*, and the mark uses other
# inputs. Stuck? Above each gap are three hints, from the idea to the line in words; open one at a time.
# There are 22 points: 1, 2, 1, 2, 3, 3, 1 and 3 for the eight exercises in their order, and 2 for each of
# three questions at the end, which a person reads.
#
# **One convention.** Rows are samples: X is (N, D), labels are (N, 1) with 0 or 1. The labels are y in
# formulas and gaps; where an experiment takes them from a data set they are called t, for *target*. Shapes
# stand under every formula, and most mistakes in this course can be seen there.

# %% [markdown]
# ## 1 A score
#
# A neuron gives each feature a weight, adds everything up, and adds one number more, the *bias* b. For one
# sample with D features:
#
# $$z = b + x_1 w_1 + x_2 w_2 + \dots + x_D w_D \qquad \text{all of them single numbers}$$
#
# With two features, z = 0 is a straight line in the plane. The weights turn it; the bias moves it off the
# origin.
#
# The bias needs no special treatment if every sample gets one feature more, which is always 1. Then b is
# one weight among the others, the first, and the scores of all samples are one matrix product:
#
# $$\underset{(N,\,1)}{\mathbf z} \;=\; \underset{(N,\;D+1)}{[\,\mathbf 1 \;\; \mathbf X\,]}\;\;
# \underset{(D+1,\;1)}{\mathbf w},
# \qquad \mathbf w = (b,\, w_1, \dots, w_D)^{\mathsf T}$$
#
# **By hand**, with X = [[2, 3], [0, 1]] and w = (1, 4, −2): the rows of [1 X] are (1, 2, 3) and (1, 0, 1), so
# the scores are 1·1 + 2·4 + 3·(−2) = **3** and 1·1 + 0·4 + 1·(−2) = **−1**.
#
# **Predict before you run.** X holds one of our sets, (300, 2). Write down the shapes of [1 X], of w and of
# z. The cell under the check will tell.
#
# <details><summary>Hint 1: what it means</summary>
# Every sample keeps its features and gets one more in front. How many rows come out, and how many columns?
# </details>
# <details><summary>Hint 2: what to use</summary>
# A column of N ones is an array of shape (N, 1), which <code>np.ones</code> makes if you give it that shape.
# <code>np.hstack</code> puts two arrays with equally many rows side by side.
# </details>
# <details><summary>Hint 3: in words</summary>
# Make the ones, with as many rows as X; stack ones and X horizontally, ones first.
# </details>


# %% gap="prepend_bias"
def prepend_bias(X):
    """Put a column of ones before the features.

    X (N, D)  ->  (N, D + 1)

    [[2, 3], [0, 1]] becomes [[1, 2, 3], [1, 0, 1]].
    """
    ### BEGIN SOLUTION
    ones = np.ones((X.shape[0], 1))
    return np.hstack([ones, X])
    ### END SOLUTION


# %% check="prepend_bias" points=1
check("prepend_bias", prepend_bias)

# %% tags=["experiment"]
with experiment():
    X, t = sets["two clouds"]
    w = np.zeros((3, 1))
    print("X", X.shape, "  [1 X]", prepend_bias(X).shape, "  w", w.shape, "  z", (prepend_bias(X) @ w).shape)

# %% [markdown]
# If you wrote (300,) for z: an (N, D + 1) array times a (D + 1, 1) array keeps its second axis. That axis
# is worth guarding. The difference of an (N,) and an (N, 1) array is an (N, N) table, and nothing warns
# you: (5, 7) minus the column of 5 and 7 is [[0, 2], [−2, 0]].

# %% [markdown]
# ## 2 From a score to a probability
#
# A score can be any number; a probability lies between 0 and 1. The *sigmoid* bends the one into the other,
# entry by entry:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} \qquad \text{any shape} \to \text{the same shape}$$
#
# **By hand**: σ(0) = 1/2. σ(2) = 1 / (1 + 0.135) = **0.881**, and σ(−2) = 1 / (1 + 7.389) = **0.119**. The two
# add up to 1.
#
# On paper that is all. In float64 the largest number is about 1.8 · 10³⁰⁸, which is e⁷⁰⁹·⁸, so at z = −1000
# the formula computes e¹⁰⁰⁰, overflows, and warns. The result happens to be right here. In other formulas the
# same overflow gives nan and ruins a network, so keep it out from the start: no warning at z = ±1000.
#
# **Predict before you run.** How far is σ(10) from 1: about a tenth, about a hundredth, or less than a
# ten-thousandth?
#
# <details><summary>Hint 1: what it means</summary>
# Only one direction is dangerous: e<sup>−z</sup> for very negative z. Multiply numerator and denominator of
# the fraction by e<sup>z</sup>. What does it look like now, and for which z is <i>this</i> form safe?
# </details>
# <details><summary>Hint 2: what to use</summary>
# e<sup>−|z|</sup> is never larger than 1. It is e<sup>−z</sup> on the positive side and e<sup>z</sup> on
# the negative one. Write both forms of the fraction with it, side by side.
# </details>
# <details><summary>Hint 3: in words</summary>
# The denominator is 1 + e<sup>−|z|</sup> both times. The numerator is 1 where z is positive or zero, and
# e<sup>−|z|</sup> where it is negative; <code>np.where</code> chooses entry by entry. (It is handed both
# choices, computed for every entry, so both have to be free of overflow.)
# </details>


# %% gap="sigmoid"
def sigmoid(z):
    """Turn scores into probabilities, without overflow for any z.

    z, an array of any shape  ->  the same shape

    [[0, 2, -2]] becomes [[0.5, 0.881, 0.119]], rounded.
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)
    ### END SOLUTION


# %% check="sigmoid" points=2
check("sigmoid", sigmoid)

# %% tags=["experiment"]
with experiment():
    scores = np.array([0.0, 1.0, 2.0, 5.0, 10.0])
    for z, p in zip(scores, sigmoid(scores), strict=True):
        print(f"z = {z:4.0f}   sigmoid {p:.5f}   short of 1 by {1 - p:.5f}")

# %% [markdown]
# 0.00005. If you said a hundredth: that is where z = 5 is. From there on every step of 1 in the score
# divides what is missing by e, about 2.7, so a score of 10 is already near certainty.
#
# Now put the two pieces together. The neuron's prediction is the probability of class 1:
#
# $$\underset{(N,\,1)}{\hat{\mathbf y}} \;=\; \sigma\bigl(\;\underset{(N,\;D+1)}{[\,\mathbf 1 \;\; \mathbf X\,]}\;\;
# \underset{(D+1,\;1)}{\mathbf w}\;\bigr)$$
#
# **By hand**, with the scores 3 and −1 from above: ŷ = (σ(3), σ(−1)) = (**0.953**, **0.269**).
#
# <details><summary>Hint 1: what it means</summary>
# Two steps, one after the other: a score for each row, then a probability for each score.
# </details>
# <details><summary>Hint 2: what to use</summary>
# You have written both already. X comes without its ones.
# </details>
# <details><summary>Hint 3: in words</summary>
# Prepend the bias column to X, multiply by w as matrices, and give the product to your sigmoid.
# </details>


# %% gap="predict"
def predict(X, w):
    """The probability of class 1 for each row of X.

    X (N, D), w (D + 1, 1) with the bias first  ->  (N, 1)

    X = [[2, 3], [0, 1]] with w = [[1], [4], [-2]] gives [[0.953], [0.269]], rounded.
    """
    ### BEGIN SOLUTION
    return sigmoid(prepend_bias(X) @ w)
    ### END SOLUTION


# %% check="predict" points=1
check("predict", predict)

# %% [markdown]
# **Predict before you run.** The line is where ŷ = 0.5. Multiply all three weights, the bias too, by 5.
# Does the line move? And if you multiply them by −1?


# %%
# Two helpers for the figures; there is no need to read them.
def above_and_below(fig, column, title, neuron, X, t):
    """The prediction of a neuron over the plane: as a colour, and under it as a height."""
    ax = fig.add_subplot(2, 3, column, title=title, xlabel="$x_1$", ylabel="$x_2$")
    plots.decision_surface(ax, neuron, X, t)
    as_height(fig.add_subplot(2, 3, column + 3, projection="3d"), neuron, X, t)


def as_height(ax, neuron, X, t):
    plots.surface_3d(neuron, X, t, ax)
    ax.collections[0].set(edgecolor="gray", linewidth=0.25)  # a mesh, or a level sheet of white is not seen
    ax.set(xlabel="$x_1$", ylabel="$x_2$", zlabel="probability")
    ax.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2], zticks=[0, 0.5, 1])
    ax.set_box_aspect((1, 1, 0.6), zoom=1.05)
    ax.view_init(elev=22, azim=-115)


# %% tags=["experiment"]
with experiment():
    X, t = sets["two clouds"]
    w = np.array([[0.3], [1.0], [0.7]])
    fig = plt.figure(figsize=(12, 7.6))
    for column, (title, factor) in enumerate([("w = (0.3, 1, 0.7)", 1), ("5 w", 5), ("−w", -1)], start=1):
        above_and_below(fig, column, title, lambda P, v=factor * w: predict(P, v), X, t)
    share_legend(fig)
    plt.show()

# %% [markdown]
# *What to see.* Above, the plane coloured by ŷ, from blue (sure of class 0) to orange (sure of class 1),
# with the black line at 0.5; below, the same ŷ as a height, and the points at the height of their label, 0
# or 1. Five times the weights give the same line and a cliff in place of a slope; minus the weights give the
# same line with the sides exchanged.
#
# If you said that the line moves: it is where b + x₁w₁ + x₂w₂ = 0, and five times nothing is nothing, and so
# is minus nothing. The *direction* of w says where the line is, its *length* how sure the neuron is.

# %% [markdown]
# ## 3 What a mistake costs
#
# To learn, the neuron needs one number that says how badly it does. Ask which probability it gave to what
# then happened: ŷ if the label was 1, and 1 − ŷ if it was 0. The cost of the sample is minus the logarithm
# of that. It is 0 for a sure and right prediction, and grows without end for a sure and wrong one. The mean
# over the samples is the *binary cross-entropy*:
#
# $$\underset{\text{one number}}{L} \;=\;
# -\frac1N \sum_{n=1}^{N} \Bigl(\, y_n \ln \hat y_n + (1-y_n) \ln (1-\hat y_n) \,\Bigr)
# \qquad \mathbf y,\ \hat{\mathbf y}:\ (N,\,1)$$
#
# Only one of the two terms counts for each sample, since y is 0 or 1. By hand, with y = (1, 0) and ŷ =
# (0.8, 0.4): −ln 0.8 = 0.223 and −ln 0.6 = 0.511, so L = **0.367**.
#
# A ŷ of exactly 0 or 1 needs care, and it does occur: σ(40) *is* 1 in float64. A wrong one costs −ln 0 = ∞,
# and even a right one brings 0 · ln 0, which NumPy calls nan. So keep ŷ a little away from both ends before
# taking logarithms, say 10⁻¹². Any distance between 10⁻¹⁵ and 10⁻⁷ is accepted.
#
# **Predict before you run.** You sow ten seeds from a packet, and nine of them sprout. Which chance printed
# on the packet has the smallest loss: 0.5, 0.9, 0.99, or 1?
#
# <details><summary>Hint 1: what it means</summary>
# One sample of label 1 costs −ln ŷ, one of label 0 costs −ln(1 − ŷ). Work out both for ŷ = 0.8, then look
# at how y and 1 − y choose between them.
# </details>
# <details><summary>Hint 2: what to use</summary>
# <code>np.clip(a, low, high)</code> returns a new array, with what is outside pushed into the interval.
# <code>np.log</code> is ln. <code>np.mean</code> gives one number.
# </details>
# <details><summary>Hint 3: in words</summary>
# Clip ŷ to the interval from ε to 1 − ε. Multiply its logarithm by y, the logarithm of its complement by 1
# − y, add the two, take the mean and change the sign.
# </details>


# %% gap="bce_loss"
def bce_loss(y_hat, y):
    """Mean binary cross-entropy, finite also for probabilities of exactly 0 and 1.

    y_hat (N, 1) probabilities of class 1, y (N, 1) labels 0 or 1  ->  one number

    y_hat = [[0.8], [0.4]] with y = [[1], [0]] gives 0.367, rounded.
    """
    ### BEGIN SOLUTION
    eps = 1e-12
    p = np.clip(y_hat, eps, 1 - eps)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    ### END SOLUTION


# %% check="bce_loss" points=2
check("bce_loss", bce_loss)

# %% tags=["experiment"]
with experiment():
    y = np.array([[1.0]] * 9 + [[0.0]])
    for chance in (0.5, 0.9, 0.99, 1.0):
        print(f"chance {chance:4}   loss {bce_loss(np.full((10, 1), chance), y):.3f}")
    chances = np.linspace(0.4, 0.995, 200)
    fig, ax = plt.subplots()
    ax.plot(chances, [bce_loss(np.full((10, 1), c), y) for c in chances])
    ax.axvline(0.9, color="gray", linestyle=":")
    ax.annotate("0.9", (0.9, 0.75), xytext=(-6, 0), textcoords="offset points", ha="right")
    ax.set(xlabel="chance printed on the packet", ylabel="mean loss of ten seeds", ylim=(0, 0.9))
    plt.show()

# %% [markdown]
# *What to see.* The loss falls to its lowest point at 0.9, which is the share that did sprout, and rises
# steeply after it.
#
# If you said 1, because that is right most often: the one seed that did not sprout then costs −ln 0 = ∞, and
# the mean with it. The 2.763 is what a clip at 10⁻¹² leaves of that. This loss is smallest for the neuron
# that knows how much it does not know. Note the first number too: a neuron that always says 0.5 pays ln 2 =
# **0.693**, whatever the labels.

# %% [markdown]
# ## 4 Which way is down
#
# Which way should w move so that the loss falls? For one sample the loss depends on ŷ, ŷ on z, and z on w.
# The chain rule multiplies three slopes:
#
# $$\underset{\text{a number}}{\frac{\partial L}{\partial \hat y}} = \frac{\hat y - y}{\hat y\,(1-\hat y)}, \qquad
# \underset{\text{a number}}{\frac{\partial \hat y}{\partial z}} = \hat y\,(1-\hat y), \qquad
# \underset{(D+1,\;1)}{\frac{\partial z}{\partial \mathbf w}} = [\,1 \;\; \mathbf x\,]^{\mathsf T}$$
#
# <details><summary>Where the first two come from</summary>
# With y = 1 the loss is −ln ŷ, with slope −1/ŷ; with y = 0 it is −ln(1 − ŷ), with slope 1/(1 − ŷ). Put y = 1,
# then y = 0, into the first formula: it gives just these. For the second, ŷ = 1/u with u = 1 +
# e<sup>−z</sup>, and the slope of u is −e<sup>−z</sup>. So the slope of ŷ is −1/u² · (−e<sup>−z</sup>) = 1/u
# · e<sup>−z</sup>/u, and e<sup>−z</sup>/u = (u − 1)/u = 1 − ŷ.
# </details>
#
# The denominator of the first is the second, so they cancel. The slope of the loss along the score is the
# error, nothing more: ∂L/∂z = ŷ − y. For one sample, then, the slopes along the weights are its row of [1 X],
# stood upright, times its error. The product below adds these columns up over all samples; 1/N makes the sum a
# mean:
#
# $$\underset{(D+1,\;1)}{\frac{\partial L}{\partial \mathbf w}} \;=\; \frac1N\;\;
# \underset{(D+1,\;N)}{[\,\mathbf 1 \;\; \mathbf X\,]^{\mathsf T}}\;\;
# \underset{(N,\,1)}{(\hat{\mathbf y} - \mathbf y)}$$
#
# **By hand**, with one feature, X = [[2], [−1]], y = (1, 0) and w = (0, 0): both ŷ are 0.5, the errors are
# (−0.5, 0.5). The slope for the bias is (−0.5 + 0.5) / 2 = **0**, for the weight (2·(−0.5) + (−1)·0.5) / 2
# = **−0.75**.
#
# **Predict before you run.** A sample of class 1 has the score z = −5, a sure mistake (ŷ = 0.0067). Which
# of two losses corrects it more strongly, this one or the squared error ½(ŷ − y)², and by how much: about 2
# times, about 10 times, or more than 100 times?
#
# <details><summary>Hint 1: what it means</summary>
# Each sample pulls at every weight with its error times the feature that this weight multiplies. The bias
# multiplies 1.
# </details>
# <details><summary>Hint 2: what to use</summary>
# You have ŷ from <code>predict</code> and [1 X] from <code>prepend_bias</code>. Write the shapes down: (D +
# 1, N) times (N, 1).
# </details>
# <details><summary>Hint 3: in words</summary>
# Error: prediction minus label. Transpose of [1 X] times the error, divided by the number of rows of X.
# </details>


# %% gap="bce_gradient"
def bce_gradient(X, y, w):
    """The slope of the mean loss along each weight.

    X (N, D), y (N, 1), w (D + 1, 1)  ->  (D + 1, 1)

    X = [[2], [-1]], y = [[1], [0]], w = [[0], [0]] gives [[0], [-0.75]].
    """
    ### BEGIN SOLUTION
    error = predict(X, w) - y
    return prepend_bias(X).T @ error / len(X)
    ### END SOLUTION


# %% check="bce_gradient" points=3
check("bce_gradient", bce_gradient)

# %% [markdown]
# Is a formula right? Ask the loss itself: move one weight by 0.00001 up and down and measure by how much
# the loss changes. That takes two losses for each weight, too slow to learn with and good enough to check
# with.

# %% tags=["experiment"]
with experiment():
    X, t = sets["a band between clouds"]
    w = np.array([[0.5], [-1.0], [2.0]])
    formula = bce_gradient(X, t, w)
    measured = numerical_gradient(lambda v: bce_loss(predict(X, v), t), w)
    for name, a, b in zip(("b ", "w1", "w2"), formula[:, 0], measured[:, 0], strict=True):
        print(f"{name}   formula {a:+.6f}   measured {b:+.6f}")

# %% [markdown]
# They agree in all six digits. Now to your prediction: both losses of a sample of class 1, and their slopes, for
# scores from a sure mistake on the left to a sure hit on the right.

# %% tags=["experiment"]
with experiment():
    z = np.linspace(-8, 8, 161)
    p = sigmoid(z)
    label, no_feature = np.ones((1, 1)), np.zeros((1, 1))
    losses = [bce_loss(np.array([[q]]), label) for q in p]
    slopes = [bce_gradient(no_feature, label, np.array([[b], [0.0]]))[0, 0] for b in z]
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4), sharex=True)
    left.plot(z, losses, label="cross-entropy")
    left.plot(z, (p - 1) ** 2 / 2, "--", label="squared error")
    left.set(xlabel="score z of a sample of class 1", ylabel="loss")
    left.legend()
    right.plot(z, slopes)
    right.plot(z, (p - 1) * p * (1 - p), "--")
    right.set(xlabel="score z of a sample of class 1", ylabel="slope of the loss along z")
    plt.show()
    p = sigmoid(np.array([-5.0]))[0]
    steep, flat = p - 1, (p - 1) * p * (1 - p)
    print(f"slope at z = -5   cross-entropy {steep:.4f}   squared error {flat:.4f}   ratio {steep / flat:.0f}")

# %% [markdown]
# *What to see.* Towards the left of each panel the mistake gets worse. There the cross-entropy keeps rising,
# with a slope of nearly −1, while the squared error levels off and its slope goes to 0.
#
# If you said 2 or 10 times: it is 150. The squared error keeps the factor ŷ(1 − ŷ), which is nearly 0 for
# every *sure* prediction, right or wrong. With the cross-entropy this factor has cancelled.

# %% [markdown]
# ## 5 Learning
#
# The gradient points to where the loss rises fastest. So go the other way, by λ times the gradient, and ask
# for the gradient again from where you are then. The number λ (lambda) is the *learning rate*:
#
# $$\underset{(D+1,\;1)}{\mathbf w} \;\leftarrow\; \underset{(D+1,\;1)}{\mathbf w} \;-\;
# \lambda\, \underset{(D+1,\;1)}{\frac{\partial L}{\partial \mathbf w}}$$
#
# One step with all the samples is one *epoch* here. Start at w = 0. In each epoch, first note the loss for
# the current w, then step. So the history has one entry for each epoch, the first one for w = 0.
#
# **By hand**, going on from section 4 with λ = 1: w = (0, 0) − 1·(0, −0.75) = (**0**, **0.75**), and the history
# is [**0.693**]. The new w₁ is positive, so ŷ now grows with x. Class 1 was on the right: that is the way.
#
# **Predict before you run.** Three neurons, one for each set, 300 epochs each. Where do the three loss
# curves begin? Which one hardly leaves its beginning?
#
# <details><summary>Hint 1: what it means</summary>
# Start once. Then, in every epoch, three things in this order: note the loss, find the slope, step against it.
# </details>
# <details><summary>Hint 2: what to use</summary>
# w has one entry more than X has columns, and two axes. <code>bce_loss</code> wants probabilities, which
# <code>predict</code> makes. <code>bce_gradient</code> gives the slope.
# </details>
# <details><summary>Hint 3: in words</summary>
# Zeros of shape (D + 1, 1); an empty list. For each epoch: append the loss of the predictions; replace w by
# w minus lr times the gradient at this w. Return w, then the list.
# </details>


# %% gap="train_perceptron"
def train_perceptron(X, y, lr, epochs):
    """Gradient descent from w = 0, every step with all samples.

    X (N, D), y (N, 1), lr a number, epochs a whole number
    ->  w (D + 1, 1), history: a list of `epochs` losses, each from before the step

    X = [[2], [-1]], y = [[1], [0]], lr = 1, epochs = 1 gives [[0], [0.75]] and [0.693], rounded.
    """
    ### BEGIN SOLUTION
    w = np.zeros((X.shape[1] + 1, 1))
    history = []
    for _ in range(epochs):
        history.append(bce_loss(predict(X, w), y))
        w = w - lr * bce_gradient(X, y, w)
    return w, history
    ### END SOLUTION


# %% check="train_perceptron" points=3
check("train_perceptron", train_perceptron)


# %%
def accuracy(y_hat, t):
    """The share of the samples that lie on the right side of 0.5."""
    return np.mean((y_hat > 0.5) == (t == 1))


# %% tags=["experiment"]
with experiment():
    fig, ax = plt.subplots(figsize=(7, 4))
    for title, (X, t) in sets.items():
        w, history = train_perceptron(X, t, lr=0.5, epochs=300)
        plots.loss_curve(ax, history, title)
        share = accuracy(predict(X, w), t)
        losses = f"loss {history[0]:.5f} -> {history[-1]:.5f}"
        print(f"{title:22} {losses}   right {share:.0%}   w {w.ravel().round(2) + 0.0}")
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.6))
    ax.set_ylim(0, 0.75)
    plt.show()

# %% [markdown]
# *What to see.* Three loss curves that begin at 0.693. The curve of the clouds falls towards 0 and is still
# falling at the end; that of the band stops at 0.677; that of the disc is a flat line.
#
# All three begin at ln 2, since w = 0 says 0.5 to everything. If you expected the disc's curve to fall, only
# later: after 300 epochs its loss is lower by 0.00003 and its weights are about 0.01.
#
# It will not fall later either. Along z the slope of each sample's loss is ŷ − y, which only grows with z, and
# z is a weighted sum. So on any straight way through the weights the loss can fall and then rise, never the
# other way round: it has a single valley, and this neuron sits at the bottom of it.

# %% tags=["experiment"]
with experiment():
    fig = plt.figure(figsize=(12, 7.6))
    for column, (title, (X, t)) in enumerate(sets.items(), start=1):
        w, history = train_perceptron(X, t, lr=0.5, epochs=300)
        share = accuracy(predict(X, w), t)
        above_and_below(fig, column, f"{title}: {share:.0%} right", lambda P, w=w: predict(P, w), X, t)
    share_legend(fig)
    plt.show()

# %% [markdown]
# *What to see.* A cliff between the two clouds; a gentle ramp across the band, whose line lets one of the
# clouds go; over the disc a level sheet at height 0.5, so that the line lies where chance put it.
#
# *Why.* A neuron's ŷ rises in one direction and falls in the opposite one. The disc wants it high in the
# middle and low all around: any ramp loses on one side what it gains on the other, and level costs least.
#
# That was a picture; here is a proof that no line parts a disc from its ring. The centre lies midway between
# two opposite points of the ring, so z there is the mean of their two. If both are below 0, as they should be,
# then so is the centre, which should be above.
#
# **Predict before you move.** Below is the neuron that was trained on the band. The slider moves its bias up or
# down from where training left it, and with it the line; w₁ and w₂ stay. Is there a bias with which more than
# 70 % of the points are right? Is there one with which the loss is lower? (Where a page has no sliders, some
# settings stand side by side.)

# %% tags=["experiment"]
with experiment():
    X, t = sets["a band between clouds"]
    w, _ = train_perceptron(X, t, lr=0.5, epochs=300)

    def moved_line(ax, shift, X=X, t=t, w=w):
        v = w + np.array([[shift], [0.0], [0.0]])
        ax.set(xlabel="$x_1$", ylabel="$x_2$")
        plots.decision_surface(ax, lambda P: predict(P, v), X, t)
        p = predict(X, v)
        ax.set_title(f"bias moved by {shift:g}\nloss {bce_loss(p, t):.3f}, {accuracy(p, t):.0%} right")

    shifts = [k / 20 for k in range(-10, 11)]
    slider(moved_line, "bias moved by", shifts, shown=[-0.25, 0, 0.15, 0.5], start=0, size=(5.2, 5.2))

# %% [markdown]
# *What to see.* With the bias raised by 0.15, 81 % of the points are right, and the loss has gone up, from 0.677
# to 0.680; lowered, both get worse.
#
# If you said that a better line would have a lower loss: the loss has its lowest point at 0, where training
# left the neuron, and 70 % is what it gets there. The best of all straight lines gets 82 % of the band, and 65 % of the
# disc. Training does not look for it; section 6 shows why.

# %% [markdown]
# ## 6 Four points that no line can sort
#
# Perhaps we did not train well. So leave training out of it, and take the smallest set with this trouble:
# the corners of a square, labelled by *exclusive or*, 1 where exactly one coordinate is 1.

# %%
xor_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
xor_t = np.array([[0.0], [1.0], [1.0], [0.0]])

# %% tags=["experiment"]
with experiment():
    fig, ax = plt.subplots(figsize=(4.2, 4.2))
    ax.set(title="exclusive or", xlabel="$x_1$", ylabel="$x_2$", xticks=[0, 1], yticks=[0, 1])
    ax.margins(0.3)
    plots.points_2d(ax, xor_X, xor_t)
    share_legend(fig)
    plt.show()

# %% [markdown]
# *What to see.* Class 0 at (0, 0) and (1, 1), class 1 at (0, 1) and (1, 0): the classes lie across from
# each other.
#
# Draw a line with a ruler, choose its class 1 side, count. Which share of the four points can the *best*
# line get right, of all lines there are? You need a line that reaches your answer, and an argument why none
# does better; the argument will be asked for below.
#
# Think of z = b + x₁w₁ + x₂w₂, at four corners:
#
# $$z(0,0) = b, \qquad z(0,1) = b + w_2, \qquad z(1,0) = b + w_1, \qquad z(1,1) = b + w_1 + w_2$$
#
# <details><summary>Hint 1: what it means</summary>
# To get a point of class 1 right, z has to be above 0 there; for one of class 0, below. Write the four
# inequalities down.
# </details>
# <details><summary>Hint 2: what to use</summary>
# Add the two equations of class 1. Add the two of class 0. Compare.
# </details>
# <details><summary>Hint 3: in words</summary>
# The two sums are equal, yet one should be positive and the other negative: not all four inequalities can
# hold. Now give up one of the four points and try to satisfy the rest.
# </details>


# %% gap="best_xor_accuracy"
def best_xor_accuracy():
    """The share of the four points of exclusive or, between 0 and 1, that the best line gets right.

    For comparison: for *or*, where only (0, 0) is of class 0, the answer is 1.
    """
    ### BEGIN SOLUTION
    return 3 / 4
    ### END SOLUTION


# %% check="best_xor_accuracy" points=1
check("best_xor_accuracy", best_xor_accuracy)

# %% [markdown]
# **Predict before you run.** 20,000 lines at random. Which number of right points comes up most often: 0,
# 1, 2, 3 or 4?

# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    counts = np.zeros(5)
    for _ in progress(range(20_000), "random lines"):
        counts[int(4 * accuracy(predict(xor_X, rng.normal(size=(3, 1))), xor_t))] += 1
    neuron_of_or = np.array([[-1.0], [2.0], [2.0]])
    hits = 4 * accuracy(predict(xor_X, neuron_of_or), xor_t)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
    left.set(title=f"the neuron of OR: {hits:.0f} of 4 right", xlabel="$x_1$", ylabel="$x_2$")
    plots.decision_surface(left, lambda P: predict(P, neuron_of_or), xor_X, xor_t)
    left.set(xticks=[0, 1], yticks=[0, 1])
    share_legend(fig)
    bars = right.bar(range(5), 100 * counts / counts.sum(), color=plots.COLORS[2])
    right.axvline(4 * best_xor_accuracy() + 0.5, color="gray", linestyle=":", label="your answer")
    right.legend(loc="upper left")
    right.set_xlim(-0.6, 4.8)
    right.bar_label(bars, fmt="%.1f")
    right.set(title="20,000 random lines", ylim=(0, 85))
    right.set(xlabel="points right, of four", ylabel="share of the lines (%)")
    right.grid(axis="x")
    plt.show()

# %% [markdown]
# *What to see.* On the left the neuron with w = (−1, 2, 2). It computes OR, that is, 1 unless both coordinates
# are 0; its line cuts off one corner and gets three points of exclusive or right. On the right the random
# lines: three in four get two points right, about one in eight three, about one in eight one, and none goes
# beyond your answer.
#
# If you expected some with no point right: exchange the sides of such a line, and it would get all four.
#
# **Predict before you run.** A neuron with three right exists. Train one on the four points for 1000
# epochs. How many will it get right, and what will its loss be?

# %% tags=["experiment"]
with experiment():
    w, history = train_perceptron(xor_X, xor_t, lr=1.0, epochs=1000)
    print(f"loss {history[0]:.4f} -> {history[-1]:.4f}   largest weight {np.abs(w).max():.4f}")
    print("trained neuron  ", predict(xor_X, w).ravel().round(3))
    print("neuron of OR    ", predict(xor_X, neuron_of_or).ravel().round(3))
    print(f"its loss         {bce_loss(predict(xor_X, neuron_of_or), xor_t):.4f}")
    hits = [4 * accuracy(predict(xor_X, v), xor_t) for v in (w, neuron_of_or)]
    print(f"right, of four   trained {hits[0]:.0f}   OR {hits[1]:.0f}")

# %% [markdown]
# Two right, and a loss of 0.693. The neuron does not move at all: at w = 0 the four errors cancel, the gradient
# is exactly 0, and every prediction stays at 0.5, which is not above 0.5 and so counts as class 0.
#
# If you said three right: the neuron of OR has them, but it is so sure of the fourth point that its loss is
# 0.997, more than the 0.693 of not knowing. Training lowers the loss; at the accuracy it does not look.

# %% [markdown]
# ## 7 A third feature
#
# A line cannot fence in a disc. But suppose the points did not lie in a plane: raise each by some height
# that you compute from its coordinates, so that the disc stays low and the ring goes up. Then a flat sheet
# fits in between; and z = 0, a line with two features, is a flat sheet with three, the height being the
# third. To add such features is called a *lift*. Z, with M columns, holds the features after it:
#
# $$\underset{(N,\,2)}{\mathbf X} \;\to\; \underset{(N,\,M)}{\mathbf Z}, \qquad M \le 10, \qquad
# \hat{\mathbf y} = \sigma([\,\mathbf 1 \;\; \mathbf Z\,]\,\mathbf w)$$
#
# You choose the features. Three rules: each row of Z comes from its own row of X alone (a new point comes
# without company); the labels are not used; and it has to work for a disc in a ring around the origin of
# *any* size between half and one and a half times ours, so leave deciding where to cut to the neuron.
#
# **By hand**: (0.3, −0.4) lies in the disc, (−1.2, 1.6) and (2, 0) in the ring. Which number, computed from the
# coordinates, is small for the first and large, even equally large, for the other two?
#
# **Predict before you run.** Would x₁ + x₂ do as a third feature? Would x₁ · x₂? If not, write down a point
# of the disc and one of the ring that it cannot tell apart.
#
# <details><summary>Hint 1: what it means</summary>
# Go around the ring with a finger. x₁ and x₂ change all the way; something else does not. Its value in the
# disc is another.
# </details>
# <details><summary>Hint 2: what to use</summary>
# Pythagoras. The root is not needed, for a square grows whenever its root does.
# </details>
# <details><summary>Hint 3: in words</summary>
# Square X entry by entry, add up along each row, keep the axis (<code>keepdims=True</code>) so that a column
# comes out, and put it beside X.
# </details>


# %% gap="lift"
def lift(X):
    """New features, computed row by row, in which one neuron can tell a disc from the ring around it.

    X (N, 2)  ->  (N, M), M at most 10

    Of [[0.3, -0.4], [-1.2, 1.6], [2, 0]] the last two should get the same new feature, the first another.
    """
    ### BEGIN SOLUTION
    return np.hstack([X, np.sum(X**2, axis=1, keepdims=True)])
    ### END SOLUTION


# %% check="lift" points=3
check("lift", lift)

# %% [markdown]
# Many lifts are right, so the next cells show one of them, the squared distance x₁² + x₂² as third feature,
# and yours beside it where they can differ.

# %% tags=["experiment"]
with experiment():

    def in_a_bowl(X):
        """x₁, x₂, and the squared distance from the origin."""
        return np.column_stack([X, np.hypot(*X.T) ** 2])

    X, t = sets["a disc in a ring"]
    print("X", X.shape, "  your lift", lift(X).shape, "  with x₁² + x₂²", in_a_bowl(X).shape)
    height = in_a_bowl(X)[:, 2]
    cut = (height[t[:, 0] == 0].min() + height[t[:, 0] == 1].max()) / 2
    fig = plt.figure(figsize=(12, 4.9))
    for column, (title, z) in enumerate([("two features", 0 * height), ("x₁² + x₂² as height", height)], start=1):
        ax = fig.add_subplot(1, 2, column, projection="3d", title=title)
        for k, marker in enumerate("o^"):
            of_class = t[:, 0] == k
            look = {"color": plots.CLASS_COLORS[k], "marker": marker, "label": f"class {k}"}
            ax.scatter(*X[of_class].T, z[of_class], depthshade=False, **look)
        ax.set(xlabel="$x_1$", ylabel="$x_2$", zlabel="height", zlim=(0, height.max()))
        ax.set_box_aspect((1, 1, 0.7), zoom=1.15)
        ax.view_init(elev=14, azim=-60)
    a, b = np.meshgrid([-2.4, 2.4], [-2.4, 2.4])
    ax.plot_surface(a, b, np.full_like(a, cut), color=plots.COLORS[2], alpha=0.35)
    fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    print(f"the sheet lies at height {cut:.2f}")
    plt.show()

# %% [markdown]
# *What to see.* Left, disc and ring flat in the plane; right, the same points raised by their squared
# distance from the origin: they lie in a bowl, the disc at its bottom, the ring on its wall, and a level
# green sheet passes between them.
#
# If you trusted x₁ + x₂: it is a weighted sum already, a neuron could always form it, and (1, −1) in the disc
# and (1.4, −1.4) in the ring both get 0. x₁ · x₂ is a new feature, but (0, 0) and (2, 0) both get 0.
#
# The neuron, its loss and its training stay as they are. Only what goes in is different:

# %% tags=["experiment"]
with experiment():
    X, t = sets["a disc in a ring"]
    fig = plt.figure(figsize=(12, 4.4))
    ax = fig.add_subplot(1, 3, 1, title="loss")
    for title, Z in (("two features", X), ("with x₁² + x₂²", in_a_bowl(X)), ("your lift", lift(X))):
        w, history = train_perceptron(Z, t, lr=0.5, epochs=300)
        print(f"{title:16} loss {history[0]:.3f} -> {history[-1]:.3f}   right {accuracy(predict(Z, w), t):.0%}")
        plots.loss_curve(ax, history, title)
    ax.set_ylim(0, 0.9)
    ax = fig.add_subplot(1, 3, 2, title="your lift", xlabel="$x_1$", ylabel="$x_2$")
    plots.decision_surface(ax, lambda P: predict(lift(P), w), X, t)
    ax.get_legend().remove()
    ax = fig.add_subplot(1, 3, 3, projection="3d")
    as_height(ax, lambda P: predict(lift(P), w), X, t)
    ax.set(title="the same as a height", zlabel="")
    plt.show()

# %% [markdown]
# *What to see.* With x₁² + x₂² the loss falls to 0.05 and every point is right. The boundary is flat in the
# three features and a circle in the two; as a height, ŷ is a hill with a flat top over the disc.
#
# If yours separates the classes and its loss ends much higher, look at the size of its numbers. A feature in
# the hundreds turns a learning rate of 0.5 into leaps across the valley; one between 0 and 1 has to wait for
# its weight to grow.

# %% [markdown]
# ## What one neuron can do
#
# So far every point was both learnt from and counted. Now learn from 200 points and count on the other 100,
# for 20 random divisions of each set: mean ± spread (standard deviation).
#
# **Predict before you run.** The band gets the third feature, too. Will x₁² + x₂² help it?

# %% tags=["experiment"]
with experiment():

    def on_unseen_points(X, t):
        """Mean and spread of the accuracy on 100 held-out points over 20 random divisions."""
        shares = []
        for seed in range(20):
            order = np.random.default_rng(seed).permutation(len(X))
            learn, count = order[:200], order[200:]
            w, _ = train_perceptron(X[learn], t[learn], lr=0.5, epochs=300)
            shares.append(accuracy(predict(X[count], w), t[count]))
        return f"{np.mean(shares):.0%} ± {np.std(shares):.0%}"

    rows = [
        f"{title:22}" + "".join(f"{on_unseen_points(Z, t):>16}" for Z in (X, in_a_bowl(X), lift(X)))
        for title, (X, t) in progress(sets.items(), "20 divisions")
    ]
    print(f"{'share right':22}{'two features':>16}{'with x₁² + x₂²':>16}{'your lift':>16}", *rows, sep="\n")

# %% [markdown]
# *What to see.* The clouds need no third feature. x₁² + x₂² takes the disc from 44 % to 100 %. For the band the
# mean hardly moves, from 63 % to 65 %, and the spread shrinks from 12 to 4. (63 % and not the 70 % of section
# 5: these points were not learnt from.)
#
# *Why 44 %, worse than a coin?* The whole set has 150 points of each class. If the 200 hold 104 of class 1, the
# other 100 hold only 46. The neuron has nothing else to go by, leans to class 1, and is wrong more often than
# right.
#
# If you expected one feature more to help everywhere: the distance from the origin says nearly everything
# about a disc and little about a band. Other features tell other stories: x₁², x₂² and x₁x₂, all three beside
# x₁ and x₂, take the band to 99 %; x₁² and x₂² *without* x₁ and x₂ lose the clouds, 47 %.

# %% [markdown]
# ## What you have
#
# - **Train** a neuron from nothing: prediction, loss, gradient, descent, each written and checked by you.
# - **Prove** that a problem is beyond one neuron, where others would go on training.
# - **Lift** a problem into features in which one neuron is enough.
#
# The number to remember is **0.693**, ln 2: the loss of not knowing, between two equally frequent classes. A
# neuron whose loss stays there has learnt nothing; one above it is worse than silence.

# %% [markdown]
# ## Three questions
#
# These are read by a person. Two or three sentences each are enough.
#
# **1.** Show, without trying lines, that no neuron gets all four points of exclusive or right. At which
# step does your proof break down if the neuron is also given x₁x₂ as a third feature?

# %% [markdown] why="perceptron-why-1" points=2
# Every w gives z(0,0) + z(1,1) = 2b + w₁ + w₂ = z(0,1) + z(1,0). With all four points right, the left sum
# would not be above 0, since both points are of class 0, while the right sum would be above 0: a
# contradiction. (1 point)
#
# A third feature x₁x₂ is 1 at (1, 1) only. Its weight w₃ enters the left sum and not the right one, so the
# two sums need not be equal any more; w = (−1, 2, 2, −4) gets all four right. (1 point)

# %% [markdown]
# **2.** A neuron with the squared error ½(ŷ − y)² starts at large weights that happen to be wrong, and its
# loss hardly moves. With the cross-entropy it learns from the same start. What makes the difference?

# %% [markdown] why="perceptron-why-2" points=2
# Large wrong weights give sure wrong predictions, ŷ near 0 or 1. The slope of the squared error along z is
# (ŷ − y)·ŷ(1 − ŷ), and the factor ŷ(1 − ŷ), the slope of the sigmoid, is nearly 0 there: the worse the
# mistake, the smaller the correction. (1 point)
#
# The logarithm in the cross-entropy has the slope (ŷ − y) / (ŷ(1 − ŷ)) along ŷ, whose denominator cancels
# that factor. What is left is the error ŷ − y, of size nearly 1 for a sure mistake. (1 point)

# %% [markdown]
# **3.** The neuron of OR gets three of the four points right, yet training on them ends with ŷ = 0.5
# everywhere. Would another start, a smaller learning rate or more epochs lead to it? What decides that?

# %% [markdown] why="perceptron-why-3" points=2
# No. The loss has a single valley, and on these four points its bottom is w = 0, where the gradient is
# exactly 0; from any other start the descent leads back there. (1 point)
#
# It is the loss that decides: it counts how sure each prediction is, not how many are right. The neuron of
# OR pays 0.997, most of it for being sure of (1, 1), and not knowing costs 0.693. Accuracy has no slope to
# descend, so it is not what is trained. (1 point)

# %% [markdown]
# ## Where the crack is
#
# The lift worked because you had seen the picture. The band wants another one, and an image of 64
# pixels is not a picture of points that one could look at. So let a first layer of neurons compute the
# features and a last neuron sort them, and let *training* find both.
#
# But then the rule of section 4 runs dry. The last neuron has a label to be compared with, so it has an
# error ŷ − y; for a neuron in the first layer nobody knows what it should have said. Its weights reach the
# loss only through everything that comes after, and so must the derivative. Taking it apart, step by step,
# is **02_backpropagation**.
