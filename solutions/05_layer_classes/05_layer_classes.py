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
# # 05 Layers as classes
#
# Two copies of one network learn to read handwritten digits: the same first weights, the same batches, the
# same units dropped. They differ in the lines that carry the gradient back. **One of the two computes it
# wrongly**, for some units by more than a factor of twenty, and no message says so. Those lines were
# published, in teaching material. Below are the first eight epochs, as means over five such pairs.

# %% setup=true
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from byhand import check, datasets, experiment, plots, progress
from byhand.gradients import numerical_gradient, relative_error
from toolbox.perceptron import sigmoid


class Layer:
    """What all layers have in common: parameters, their gradients under the same names, a mode."""

    training = True

    def __init__(self):
        self.params = {}
        self.grads = {}


# %% tags=["experiment"]
# Recorded from the last experiment of this notebook, where they are computed again.
race = {
    "network A": [2.30, 2.28, 2.25, 2.17, 1.99, 1.76, 1.52, 1.32],
    "network B": [2.31, 2.28, 2.21, 2.02, 1.69, 1.36, 1.16, 1.03],
}
fig, ax = plt.subplots(figsize=(6.4, 3.4))
for name, losses in race.items():
    plots.loss_curve(ax, losses, name)
ax.set(ylim=(0, 2.5), ylabel="mean training loss (nats)", title="One of these gradients is wrong")
plt.show()

# %% [markdown]
# *What to see: both losses fall from 2.3 nats, and network B is ahead from the third epoch on.*
#
# Which of the two is wrong? Write down A or B, and what you would want to measure before you bet on it. The
# last section runs the race to the end.
#
# - **You will build** five layers and three losses, the test that any layer has to pass, and a network put
#   together from them; then you mend two published backward passes.
# - **You need** the chain rule and the numerical derivative (02), the two-layer network (03), and your
#   `sigmoid` from 01, which lies in `toolbox/`.
# - **New here** are classes that build on each other. As in 02 and 03, inside the functions of an object
#   `self` is that object: what one puts there, `self.x = x`, another finds there at a later call. `class
#   Affine(Layer)` has all that `Layer` has, and `super().__init__()` lets `Layer` set up its part first.
# - **It takes** about four and a half hours in two sittings, the second from section 4 on: twelve gaps of one
#   to eight lines.

# %% [markdown]
# ## 1 A layer keeps four promises
#
# In 03 you derived the gradients of one network. Another layer, and you would have to derive again. Cut the
# network into pieces instead. A piece needs to know nothing of its neighbours if it keeps four promises:
#
# 1. `forward(x)` returns y, and remembers what the way back will need.
# 2. `backward(dout)` is handed ∂E/∂y and returns ∂E/∂x. E is the one number in which the network ends; no
#    layer has to know how it is made.
# 3. Parameters stand in `params`. After `backward`, their gradients stand in `grads` under the same names.
# 4. What it is handed is not its own. x and dout come from other layers, which may still need them: it returns
#    new arrays, and leaves x, dout and the parameters as they were.
#
# The setup cell made `Layer`, which has both dictionaries, still empty (its flag `training` waits for 06).
#
# ### Affine: one W, one b, many samples
#
# Each row of x is mixed by W and shifted by b. All N rows share the same W and b.
#
# | | formula | shapes |
# |---|---|---|
# | forward | $y = xW + b$ | (N, H) = (N, D)(D, H) + (H,) |
# | backward | $\partial E/\partial W = x^\top\, \mathrm{dout}$ | (D, H) = (D, N)(N, H) |
# | | $\partial E/\partial b = \sum_n \mathrm{dout}_n$ | (H,) = sum of (N, H) over its rows |
# | | $\partial E/\partial x = \mathrm{dout}\; W^\top$ | (N, D) = (N, H)(H, D) |
#
# If you forget them, the shapes give them back: where N, D and H differ, no other product of these arrays has
# the shape of W.
#
# **By hand**, N = 2, D = 3, H = 2:
#
# $$x = \begin{pmatrix}1&0&2\\3&1&0\end{pmatrix}\quad
# W = \begin{pmatrix}1&0\\2&-1\\0&1\end{pmatrix}\quad b = (0.5,\,-1)\quad
# \mathrm{dout} = \begin{pmatrix}1&0\\2&-1\end{pmatrix}$$
#
# $$y = \begin{pmatrix}1.5&1\\5.5&-2\end{pmatrix}\quad
# \frac{\partial E}{\partial W} = \begin{pmatrix}7&-3\\2&-1\\2&0\end{pmatrix}\quad
# \frac{\partial E}{\partial b} = (3,\,-1)\quad
# \frac{\partial E}{\partial x} = \begin{pmatrix}1&2&0\\2&5&-1\end{pmatrix}$$
#
# **Predict before you run.** Two samples, one output, dout = (+3, −3). What is ∂E/∂b: (3, −3), 6 or 0? Write
# it down; the cell after the gap will tell.


# %% gap="affine"
class Affine(Layer):
    """y = x W + b.

    x (N, D), W (D, H), b (H,), y and dout (N, H), dx (N, D).
    After backward, grads holds "W" (D, H) and "b" (H,) of this batch alone.

    Affine([[1.], [2.]], [0.5]) maps the row (3, 4) to 3·1 + 4·2 + 0.5 = 11.5.
    """

    def __init__(self, W, b):
        super().__init__()
        self.params = {"W": W, "b": b}

    def forward(self, x):
        ### BEGIN SOLUTION
        self.x = x
        return x @ self.params["W"] + self.params["b"]
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        self.grads["W"] = self.x.T @ dout
        self.grads["b"] = dout.sum(axis=0)
        return dout @ self.params["W"].T
        ### END SOLUTION


# %% check="affine" points=2
check("affine", Affine)

# %% [markdown]
# <details><summary>Hint 1: what has to be remembered</summary>
#
# One of the three gradients contains x, and `backward` is not given x. When did the layer last see it?
# </details>
# <details><summary>Hint 2: which product</summary>
#
# Write the shape of each array on paper: x (N, D), W (D, H), dout (N, H). For ∂E/∂W you need (D, H): which
# two arrays, and which of them turned over, so that N disappears in the middle?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: keep x on `self`; return x times the parameter W plus the parameter b. Backward: put x turned over
# times dout under "W", the column sums of dout under "b", and return dout times W turned over.
# </details>

# %% tags=["experiment"]
with experiment():
    layer = Affine(np.array([[1.0]]), np.array([0.0]))
    layer.forward(np.array([[2.0], [5.0]]))
    layer.backward(np.array([[3.0], [-3.0]]))
    print("db =", layer.grads["b"])

# %% [markdown]
# **0.** If you said (3, −3): there is one b, and it cannot go two ways. Two samples that pull equally hard in
# opposite directions leave it where it is. W does move, because their x differ.
#
# **Does `backward` tell the truth?** Here E = Σ dout ⊙ y. Move one number by 0.01: `backward` predicts by how
# much E changes, and `forward` can measure it.

# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    layer = Affine(rng.normal(size=(3, 2)), rng.normal(size=2))
    E = np.sum(dout * layer.forward(x))
    dx = layer.backward(dout)
    rows = []
    for name, array, gradient, place in [
        ("W[0, 1]", layer.params["W"], layer.grads["W"], (0, 1)),
        ("W[2, 0]", layer.params["W"], layer.grads["W"], (2, 0)),
        ("b[1]", layer.params["b"], layer.grads["b"], (1,)),
        ("x[3, 2]", x, dx, (3, 2)),
    ]:
        array[place] += 0.01
        measured = np.sum(dout * layer.forward(x)) - E
        array[place] -= 0.01
        rows.append((name, 0.01 * gradient[place], measured))
    table = pd.DataFrame(rows, columns=["moved by 0.01", "change predicted", "change measured"])
    print(table.round(6).to_string(index=False))

# %% [markdown]
# *What to see: prediction and measurement agree in every digit shown.* Section 4 turns this table into a tool
# that tests all entries of any layer at once.

# %% [markdown]
# ## 2 Four bends
#
# Two affine layers in a row are one affine layer. What makes depth worth anything is a bend between them,
# applied to each number by itself. Such a layer has no parameters, and its `backward` multiplies: **dx = dout ⊙
# slope**, shapes (N, D) = (N, D) ⊙ (N, D). Only the slope differs.
#
# ### Sigmoid
#
# | | formula | shapes |
# |---|---|---|
# | forward | $y = \sigma(x) = 1/(1+e^{-x})$ | (N, D) |
# | backward | $\mathrm{d}x = \mathrm{dout} \odot y \odot (1-y)$ | (N, D) |
#
# The slope is written in terms of what came *out*. So y is what the layer keeps.
#
# **By hand.** x = ln 3 gives y = 3/4 and the slope 3/4 · 1/4 = 3/16; with dout = 16, dx = 3. At x = 0 the
# slope is 1/4, and nowhere is it larger.
#
# **Predict before you run.** Six sigmoids, every one of them at its steepest, x = 0 (an affine layer before
# each can see to that). A gradient of 1 is handed back through all six. Is what comes out nearer 0.25, 0.04
# or 0.0002?


# %% gap="sigmoid_layer"
class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)), elementwise.   x, y, dout and dx all (N, D).

    At x = ln 3: y = 0.75, and dout = 16 gives dx = 3. Finite for any x.
    """

    def forward(self, x):
        ### BEGIN SOLUTION
        self.y = sigmoid(x)
        return self.y
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        return dout * self.y * (1 - self.y)
        ### END SOLUTION


# %% check="sigmoid_layer" points=2
check("sigmoid_layer", Sigmoid)

# %% [markdown]
# <details><summary>Hint 1: what has to be remembered</summary>
#
# `backward` gets dout and nothing else. Look at the formula for dx: which array in it comes from `forward`?
# </details>
# <details><summary>Hint 2: a tool you have</summary>
#
# `sigmoid` from the toolbox is finite at ±1000. Use it once, on the way forward, and never on the way back.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: the sigmoid of x goes on `self`, and is returned. Backward: dout times what was kept times one
# minus what was kept.
# </details>

# %% tags=["experiment"]
with experiment():
    gradient = np.array([[1.0]])
    for _ in range(6):
        steepest = Sigmoid()
        steepest.forward(np.array([[0.0]]))
        gradient = steepest.backward(gradient)
    print(f"{gradient.item():.6f}")

# %% [markdown]
# **0.000244.** If you said 0.04, you divided by 4 · 6; but a chain multiplies, and $(1/4)^6 = 1/4096$. That
# is the best case.
#
# ### Tanh
#
# The same curve, stretched to run from −1 to 1: $\tanh x = 2\sigma(2x) - 1$. It passes through the origin,
# and there its slope is 1.
#
# | | formula | shapes |
# |---|---|---|
# | forward | $y = \tanh x$ | (N, D) |
# | backward | $\mathrm{d}x = \mathrm{dout} \odot (1 - y^2)$ | (N, D) |
#
# **By hand.** x = ln 2 gives $y = (2 - \tfrac12)/(2 + \tfrac12) = 0.6$ and the slope 1 − 0.36 = 0.64; with
# dout = 50, dx = 32.


# %% gap="tanh_layer"
class Tanh(Layer):
    """y = tanh x, elementwise.   x, y, dout and dx all (N, D).

    At x = ln 2: y = 0.6, and dout = 50 gives dx = 32. Finite for any x.
    """

    def forward(self, x):
        ### BEGIN SOLUTION
        self.y = np.tanh(x)
        return self.y
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        return dout * (1 - self.y**2)
        ### END SOLUTION


# %% check="tanh_layer" points=2
check("tanh_layer", Tanh)

# %% [markdown]
# <details><summary>Hint 1: the pattern</summary>
#
# It is the Sigmoid layer once more, with another curve and another slope. What did that one keep?
# </details>
# <details><summary>Hint 2: large x</summary>
#
# NumPy has a tanh that is finite at ±1000. Built from two exponentials by hand it is not.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: the hyperbolic tangent of x goes on `self`, and is returned. Backward: dout times one minus the
# square of what was kept.
# </details>

# %% [markdown]
# ### ReLU
#
# A gate: what is positive passes, everything else becomes 0. On the way back the same gates are open, so the
# layer has to remember which they were. At x = 0 there is a kink and no slope; the course takes 0.
#
# | | formula | shapes |
# |---|---|---|
# | forward | $y = \max(0, x)$ | (N, D) |
# | backward | $\mathrm{d}x = \mathrm{dout}$ where $x > 0$, else 0 | (N, D) |
#
# **By hand.** x = (−2, 0, 3), dout = (5, −5, 7): y = (0, 0, 3) and dx = (0, 0, 7). The sign of dout does not
# matter for the gate.
#
# Mind the fourth promise. `x` is the output of the layer below, which may need it on its own way back.


# %% gap="relu"
class ReLU(Layer):
    """y = max(0, x), elementwise; slope 0 at x = 0.   x, y, dout and dx all (N, D).

    x = (-2, 0, 3) gives y = (0, 0, 3), and dout = (5, -5, 7) gives dx = (0, 0, 7).
    Neither x nor dout is changed.
    """

    def forward(self, x):
        ### BEGIN SOLUTION
        self.positive = x > 0
        return np.where(self.positive, x, 0.0)
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        return np.where(self.positive, dout, 0.0)
        ### END SOLUTION


# %% check="relu" points=2
check("relu", ReLU)

# %% [markdown]
# <details><summary>Hint 1: what has to be remembered</summary>
#
# Not a number: a yes or no for each entry of x. An array of truth values will do.
# </details>
# <details><summary>Hint 2: choosing without changing</summary>
#
# `np.where(condition, a, b)` makes a new array: a where the condition holds, b elsewhere.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: keep where x is above 0; return x there and zero elsewhere. Backward: dout at the places that were
# kept, and zero elsewhere.
# </details>

# %% [markdown]
# ### LeakyReLU
#
# A unit whose x is negative for every sample gets no gradient through a ReLU, and its weights stop learning.
# Leave the gate ajar: on the negative side the slope is not 0 but 0.1.
#
# | | formula | shapes |
# |---|---|---|
# | forward | $y = x$ where $x > 0$, else $0.1\,x$ | (N, D) |
# | backward | $\mathrm{d}x = \mathrm{dout}$ where $x > 0$, else $0.1\,\mathrm{dout}$ | (N, D) |
#
# **By hand.** x = (−2, 0, 3), dout = (5, −5, 7): y = (−0.2, 0, 3) and dx = (0.5, −0.5, 7).


# %% gap="leaky_relu"
class LeakyReLU(Layer):
    """y = x where x > 0, slope · x elsewhere, 0 included.   x, y, dout and dx all (N, D).

    With the slope 0.1, x = (-2, 0, 3) gives y = (-0.2, 0, 3), and dout = (5, -5, 7) gives
    dx = (0.5, -0.5, 7). Neither x nor dout is changed.
    """

    def __init__(self, slope=0.1):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        ### BEGIN SOLUTION
        self.slopes = np.where(x > 0, 1.0, self.slope)
        return x * self.slopes
        ### END SOLUTION

    def backward(self, dout):
        ### BEGIN SOLUTION
        return dout * self.slopes
        ### END SOLUTION


# %% check="leaky_relu" points=2
check("leaky_relu", LeakyReLU)

# %% [markdown]
# <details><summary>Hint 1: one array serves both ways</summary>
#
# On either side of 0 the curve is a straight line through the origin. Then y is x times a slope, and dx is
# dout times the same slope.
# </details>
# <details><summary>Hint 2: in words</summary>
#
# Forward: make the array of slopes, one where x is above 0 and the layer's own slope elsewhere; keep it;
# return x times it. Backward: dout times what was kept.
# </details>

# %% [markdown]
# **What did you build?** The next cell draws the four curves with your own `forward`, and their slopes with
# your own `backward` and dout = 1.

# %% tags=["experiment"]
BENDS = {"Sigmoid": Sigmoid, "Tanh": Tanh, "ReLU": ReLU, "LeakyReLU": LeakyReLU}
LOOK = {
    "Sigmoid": {"color": plots.COLORS[0], "linestyle": "-"},
    "Tanh": {"color": plots.COLORS[2], "linestyle": "--"},
    "ReLU": {"color": plots.COLORS[4], "linestyle": "-"},
    "LeakyReLU": {"color": plots.COLORS[3], "linestyle": "--"},
}

with experiment():
    x = np.linspace(-4, 4, 801)[:, None]
    fig, axes = plt.subplots(1, 2, figsize=(9.6, 3.6), sharex=True)
    for name, kind in BENDS.items():
        bend = kind()
        axes[0].plot(x, bend.forward(x), **LOOK[name], label=name)
        axes[1].plot(x, bend.backward(np.ones_like(x)), **LOOK[name])
    axes[0].set(ylim=(-1.3, 2.5), xlabel="x", ylabel="y", title="forward")
    axes[1].set(ylim=(-0.05, 1.1), xlabel="x", ylabel="dx for dout = 1", title="backward")
    axes[0].legend(loc="upper left")
    plt.show()

# %% [markdown]
# *What to see: the slope of the sigmoid never rises above 0.25 and that of tanh touches 1 at one point, while
# a ReLU passes all or nothing and a LeakyReLU all or a tenth.*
#
# **How much of a gradient survives?** 1,000 normal numbers go forward through one, two, … ten bends of a
# kind, then a gradient of 1 comes back to each of them.

# %% tags=["experiment"]
with experiment():
    x = np.random.default_rng(1).normal(size=(1000, 1))
    survival = {}
    for name, kind in BENDS.items():
        chain = [kind() for _ in range(10)]
        y, left = x, [1.0]
        for depth, bend in enumerate(chain, start=1):
            y = bend.forward(y)
            gradient = np.ones_like(x)
            for earlier in reversed(chain[:depth]):
                gradient = earlier.backward(gradient)
            left.append(gradient.mean())
        survival[name] = left
    fig, ax = plt.subplots(figsize=(6.4, 3.8))
    for name, left in survival.items():
        ax.semilogy(range(11), left, **LOOK[name], label=name)
    ax.set(xlabel="bends in a row", ylabel="mean gradient left", title="What comes back of a gradient of 1")
    ax.legend(loc="lower left")
    plt.show()
    print(pd.DataFrame(survival).loc[[1, 2, 5, 10]].rename_axis("bends").map("{:.2g}".format))

# %% [markdown]
# *What to see: after ten sigmoids three ten-millionths of the gradient are left, after ten ReLUs still one
# half.*
#
# *Why.* The sigmoid multiplies by at most 1/4 each time, and by less here, where nothing brings its x back to
# 0. Each tanh draws its numbers closer to 0, where the slope is 1. A ReLU multiplies by 0 or 1, and a number
# that has passed one passes all others; LeakyReLU differs only in the other half, so the two curves nearly
# coincide.

# %% [markdown]
# ## 3 Where E begins: three losses
#
# The last layer turns N rows of scores into one number E, the **mean over the batch**. It has no dout: dE/dE
# = 1. So `forward(scores, T)` returns a float, and `backward()` takes nothing and returns ∂E/∂scores.
#
# All three losses end in the same gradient with respect to what they are handed, $(Y - T)/N$: what the network
# says minus what is true. The 1/N of the mean is paid here, once, for the whole way back.
#
# ### Mean squared error
#
# For regression, where the scores are themselves the prediction Y.
#
# | | formula | shapes |
# |---|---|---|
# | forward | $E = \frac{1}{2N}\sum_{n,k}(y_{nk}-t_{nk})^2$ | scalar from (N, K) and (N, K) |
# | backward | $\partial E/\partial Y = (Y - T)/N$ | (N, K) |
#
# N counts samples, not numbers: with two outputs each, the errors of both add up. The ½ cancels the 2 of the
# square.
#
# **By hand**, N = 2, K = 2: $Y - T = \begin{pmatrix}0&2\\3&4\end{pmatrix}$ gives E = (0 + 4 + 9 + 16) / 4 =
# 7.25 and $\partial E/\partial Y = \begin{pmatrix}0&1\\1.5&2\end{pmatrix}$.


# %% gap="mean_squared_error"
class MeanSquaredError:
    """E = 1/(2N) Σ (Y - T)², one float.   Y, T and dE/dY all (N, K).

    With Y - T = ((0, 2), (3, 4)): E = 7.25 and dE/dY = ((0, 1), (1.5, 2)).
    """

    def forward(self, Y, T):
        ### BEGIN SOLUTION
        self.error = Y - T
        return np.sum(self.error**2) / (2 * len(Y))
        ### END SOLUTION

    def backward(self):
        ### BEGIN SOLUTION
        return self.error / len(self.error)
        ### END SOLUTION


# %% check="mean_squared_error" points=2
check("mean_squared_error", MeanSquaredError)

# %% [markdown]
# <details><summary>Hint 1: what has to be remembered</summary>
#
# `backward` gets nothing at all. Which one array is enough to write its formula?
# </details>
# <details><summary>Hint 2: what to divide by</summary>
#
# `np.mean` divides by the count of all entries, N · K. How do you get the number of rows alone?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: keep Y minus T; return the sum of its squares over twice the number of rows. Backward: what was
# kept, over the number of its rows.
# </details>

# %% [markdown]
# **Two pieces already learn.** `Affine` under `MeanSquaredError` is linear regression. 442 diabetes patients,
# ten measurements each, and the progress of the disease a year later, all in units of their standard
# deviation: does gradient descent find what least squares computes?

# %% tags=["experiment"]
with experiment():
    X, t = datasets.diabetes()
    X, t = (X - X.mean(axis=0)) / X.std(axis=0), (t - t.mean()) / t.std()
    layer, loss = Affine(np.zeros((10, 1)), np.zeros(1)), MeanSquaredError()
    rows = []
    for step in range(3001):
        E = loss.forward(layer.forward(X), t)
        layer.backward(loss.backward())
        for name, value in layer.params.items():
            value -= 0.3 * layer.grads[name]
        if step in (0, 10, 100, 1000, 3000):
            rows.append((step, E))
    best = loss.forward(X @ np.linalg.lstsq(X, t)[0], t)
    table = pd.DataFrame([*rows, ("least squares", best)], columns=["step", "E"])
    print(table.round(5).to_string(index=False))

# %% [markdown]
# *What to see: E starts at ½, which is half the variance of t, and step 3,000 has every digit of least
# squares.*
#
# ### Sigmoid and cross-entropy
#
# For yes or no. The score z is a logit, Y = σ(z) the probability of yes, and t is 0 or 1. The bend and the
# loss are one piece here, because $\ln\sigma(z) = z - \ln(1+e^z)$ and $\ln(1-\sigma(z)) = -\ln(1+e^z)$, so that
#
# $$-\,t\ln\sigma(z) - (1-t)\ln(1-\sigma(z)) \;=\; \ln(1 + e^{z}) - t z .$$
#
# The right-hand side can be computed for any z at all, and its slope is $e^z/(1+e^z) - t = Y - T$.
#
# | | formula | shapes |
# |---|---|---|
# | forward | $E = \frac1N\sum_n \big(\ln(1+e^{z_n}) - t_n z_n\big)$ | scalar from (N, 1) and (N, 1) |
# | backward | $\partial E/\partial z = (\sigma(z) - T)/N$ | (N, 1) |
#
# No logarithm of a probability is left, so none can be ln 0. What can still overflow is $e^z$; `np.logaddexp(a,
# b)` is $\ln(e^a + e^b)$ without computing either exponential.
#
# **By hand.** z = ln 3 and t = 1, N = 1: ln(1 + 3) − ln 3 = ln(4/3) = 0.288, and the gradient is 0.75 − 1 =
# −0.25.


# %% gap="sigmoid_cross_entropy"
class SigmoidCrossEntropy:
    """E = mean of -T ln Y - (1 - T) ln(1 - Y) with Y = σ(scores), one float.

    scores, T and dE/dscores all (N, 1); T is 0 or 1. Finite for scores of ±1000.

    One sample with score ln 3 and T = 1: E = 0.288 and dE/dscores = -0.25.
    """

    def forward(self, scores, T):
        ### BEGIN SOLUTION
        self.error = Sigmoid().forward(scores) - T
        return np.mean(np.logaddexp(0.0, scores) - scores * T)
        ### END SOLUTION

    def backward(self):
        ### BEGIN SOLUTION
        return self.error / len(self.error)
        ### END SOLUTION


# %% check="sigmoid_cross_entropy" points=2
check("sigmoid_cross_entropy", SigmoidCrossEntropy)

# %% [markdown]
# <details><summary>Hint 1: two things from one forward</summary>
#
# E needs the scores, its gradient needs Y. Y you can have from the `Sigmoid` that you built.
# </details>
# <details><summary>Hint 2: 1 is an exponential too</summary>
#
# $\ln(1 + e^z) = \ln(e^0 + e^z)$. Now it has the form of the function named above the gap.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: keep the sigmoid of the scores minus T. Take logaddexp of zero and the scores, take off scores times
# T, and return the mean of the result. Backward: as in the loss before.
# </details>

# %% [markdown]
# ### Softmax and cross-entropy
#
# For one class out of K. Each **row** of scores becomes probabilities that add up to 1. Again the logarithm
# is taken before anything can vanish, and the largest score m of the row is taken off first, which changes no
# probability:
#
# | | formula | shapes |
# |---|---|---|
# | forward | $\ln y_{nk} = (z_{nk} - m_n) - \ln\sum_j e^{z_{nj} - m_n}$ | (N, K) = (N, K) − (N, 1) |
# | | $E = -\frac1N\sum_{n,k} t_{nk}\ln y_{nk}$ | scalar |
# | backward | $\partial E/\partial z = (Y - T)/N$ | (N, K) |
#
# The t of a row add up to 1, so its loss is $\ln\sum_j e^{z_j} - \sum_j t_j z_j$, with the slope
# $e^{z_k}/\sum_j e^{z_j} - t_k = y_k - t_k$.
#
# **By hand.** Scores (0, ln 2, ln 5) give Y = (1, 2, 5)/8. If the second class is right, E = −ln(2/8) = ln 4
# = 1.386, and the gradient is (0.125, −0.75, 0.625). It adds up to 0: what one class gains, the others lose.
#
# **Predict before you run.** Two classes, scores (1000, 0), and the second was right. Is E nearer 1, 28,
# 1000, or is it infinite?


# %% gap="softmax_cross_entropy"
class SoftmaxCrossEntropy:
    """E = -1/N Σ T ln Y with Y = softmax(scores) along each row, one float.

    scores, T and dE/dscores all (N, K); T is one-hot. Finite for scores of ±1000.

    One sample with scores (0, ln 2, ln 5), the second class right: E = 1.386 and
    dE/dscores = (0.125, -0.75, 0.625).
    """

    def forward(self, scores, T):
        ### BEGIN SOLUTION
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_Y = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.error = np.exp(log_Y) - T
        return -np.sum(T * log_Y) / len(T)
        ### END SOLUTION

    def backward(self):
        ### BEGIN SOLUTION
        return self.error / len(self.error)
        ### END SOLUTION


# %% check="softmax_cross_entropy" points=2
check("softmax_cross_entropy", SoftmaxCrossEntropy)

# %% [markdown]
# <details><summary>Hint 1: each row by itself</summary>
#
# m and the sum both have one value for each row, shape (N, 1). Which argument of `max` and `sum` keeps that
# second axis, so that the subtraction broadcasts along the row?
# </details>
# <details><summary>Hint 2: from the logarithm to Y</summary>
#
# You need ln Y for E and Y for the gradient. Compute ln Y as in the first line of the table, and take its
# exponential; the other way round meets ln 0.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward: scores minus their row maxima; from that, minus the log of the row sums of its exponentials; keep
# the exponential of the result minus T; return minus the sum of T times the result, over the number of rows.
# Backward: as in the losses before.
# </details>

# %% tags=["experiment"]
with experiment():
    rows = []
    for z in (1.0, 10.0, 100.0, 1000.0):
        scores, T = np.array([[z, 0.0]]), np.array([[0.0, 1.0]])
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            Y = np.exp(scores) / np.exp(scores).sum()
            as_printed = -np.log(Y[0, 1])
        clipped = -np.log(np.clip(Y[0, 1], 1e-12, 1))
        rows.append((f"({z:g}, 0)", as_printed, clipped, SoftmaxCrossEntropy().forward(scores, T)))
    table = pd.DataFrame(rows, columns=["scores", "-ln softmax", "clipped at 1e-12", "yours"])
    print(table.round(4).to_string(index=False))

# %% [markdown]
# **1000.** If you said infinite, or 28: that is the formula as it is printed, and the usual patch for it.
#
# *What to see: the formula as printed gives inf at (1000, 0), the patch stops at 27.6 = −ln 10⁻¹², yours
# stays right.*
#
# *Why.* $e^{-1000}$ is too small for a float and becomes 0. The score itself was never too small or too
# large: only the detour through Y was.

# %% [markdown]
# ## 4 A test that can fail
#
# *If this is a new sitting: in the menu Run, **Run All Above Selected Cell** brings back what you have built.*
#
# Who tells you that a `backward` is right when nobody has the answer? The definition of the derivative does. It
# needs one number E, and y is an array, in any entry of which a fault may hide. One random array helps: draw
# dout once, call $E = \sum \mathrm{dout} \odot y$ the end of the network, and compare for x and for each
# parameter
#
# | | | shapes |
# |---|---|---|
# | claimed | what `backward(dout)` returns, and leaves in `grads` | those of x, W, b, … |
# | measured | `numerical_gradient` of E, each entry moved by ±10⁻⁵ | the same |
# | relative error | $\max \vert c - m\vert \,/\, (\vert c\vert + \vert m\vert)$ | one number for each array, 0 to 1 |
#
# As a rule a right gradient comes out below 10⁻⁶, a wrong one above 10⁻² (02 has the exceptions). Between
# lies a gap of four powers of ten, and that is what makes this a test. The error is 1 where the signs differ,
# and also where one of the two is 0 and the other is not.
#
# **By hand.** y = x² at x = 3 with dout = 2. Then E = 2x², and measured is 12. Somebody forgot dout and
# claims 2x = 6: the relative error is (12 − 6)/(12 + 6) = 1/3.
#
# **Predict before you run.** A broken `Affine` mixes up its samples: its `backward` reads the rows of dout
# from the last to the first. You test it with dout = 1 everywhere. Is the relative error of dx 0, ⅓ or 1?
#
# You built both tools in 02: `numerical_gradient(f, array)` moves the entries of `array` one by one, in
# place, calls `f(array)` each time, and puts them back; `f` may ignore its argument. `relative_error(a, b)`
# is the formula above, with 10⁻⁸ below the line where c and m are smaller than that.
#
# The check hands your tool ten small layers with the parameters a and c, both of the shape of x. Entry by
# entry y = ax + cx²; in one layer y (N, 1) is the sum of each such row. Three layers are right, seven are
# broken at x, at a or at c. A relative error above 10⁻³ blames: blame the broken part of each, and no other.


# %% gap="gradient_check"
def gradient_check(layer, x, rng):
    """Relative error of a layer's backward, as a dict: "x", and each name in layer.params.

    x is a float array (N, D). dout has the shape of y, which need not be that of x, and is
    drawn from rng. The layer's parameters and x are left as they were.

    For y = x² at x = 3, a backward that forgets dout = 2 gives {"x": 0.333}.
    """
    ### BEGIN SOLUTION
    dout = rng.normal(size=layer.forward(x).shape)
    claimed = {"x": layer.backward(dout), **layer.grads}
    arrays = {"x": x, **layer.params}
    measured = {k: numerical_gradient(lambda _: np.sum(dout * layer.forward(x)), arrays[k]) for k in arrays}
    return {k: relative_error(claimed[k], measured[k]) for k in arrays}
    ### END SOLUTION


# %% check="gradient_check" points=2
check("gradient_check", gradient_check)

# %% [markdown]
# <details><summary>Hint 1: one E for both sides</summary>
#
# Both sides differentiate the same E. So there is one dout, drawn once; it goes into `backward` and stands in
# E.
# </details>
# <details><summary>Hint 2: what f must do</summary>
#
# When the entry of W has been moved, only a new `forward(x)` sees it. f computes y afresh and returns the sum
# of dout times y. The arrays to move are x itself and those in `params`, not copies of them.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Call forward to learn the shape of y, draw dout, call backward. Collect the claims: what came back under
# "x", and the layer's gradients. For x and each parameter: measure the gradient of that f, and put the
# relative error of claim and measurement under its name.
# </details>
#
# The next cell breaks four layers on purpose and tests them. How it breaks them you need not read.


# %% tags=["experiment"]
class Ones:
    """A generator that draws 1, and again 1."""

    def __getattr__(self, name):
        return lambda *args, size=None: np.ones(args[-1] if size is None else size)


def broken(kind, spoil):
    """A layer class whose backward is handed a spoilt dout."""
    return type("Broken", (kind,), {"backward": lambda self, dout: kind.backward(self, spoil(dout))})


def patients(W, b):
    """Four broken layers, each with what is broken about it."""
    return {
        "Tanh, dout forgotten": broken(Tanh, np.ones_like)(),
        "Affine, rows reversed": broken(Affine, lambda dout: dout[::-1])(W, b),
        "Affine, dout averaged": broken(Affine, lambda dout: 0 * dout + dout.mean(axis=0))(W, b),
        "Sigmoid, twice as large": broken(Sigmoid, lambda dout: 2 * dout)(),
    }


def shown(error):
    """A relative error with two digits, and none where they would be rounding noise."""
    return "" if np.isnan(error) else "< 1e-6" if error < 1e-6 else f"{error:.2g}"


with experiment():
    rng = np.random.default_rng(2)
    x, W, b = rng.normal(size=(6, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    rows = []
    for name, layer in patients(W, b).items():
        with_ones = max(gradient_check(layer, x, Ones()).values())
        with_random = max(gradient_check(layer, x, np.random.default_rng(3)).values())
        rows.append((name, shown(with_ones), shown(with_random)))
    print(pd.DataFrame(rows, columns=["broken layer", "dout all ones", "dout random"]).to_string(index=False))

# %% [markdown]
# **0**, shown as < 1e-6: it passes. If you said 1: when all rows of dout are the same, it does not matter in
# which order they are read.
#
# *What to see: dout all ones finds one of the four faults, a random dout finds all of them.*
#
# *Why.* A test has to ask different things of different entries. Batch normalisation (09) is the extreme: the
# columns of its y always add up to the same, so with dout all ones the right answer is 0, and so is that of a
# `backward` that was never written.
#
# **Now your own eight.** The losses are wrapped so that they look like layers. The four broken ones are shown
# beside them.


# %% tags=["experiment"]
class WithTargets(Layer):
    """A loss with its targets fixed, so that it looks like a layer: scores (N, K) -> E (1, 1)."""

    def __init__(self, loss, T):
        super().__init__()
        self.loss, self.T = loss, T

    def forward(self, scores):
        return np.array([[self.loss.forward(scores, self.T)]])

    def backward(self, dout):
        return dout * self.loss.backward()


with experiment():
    rng = np.random.default_rng(4)
    x, W, b = rng.normal(size=(6, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    yes = (rng.random((6, 1)) < 0.5).astype(float)
    classes = np.eye(4)[rng.integers(0, 4, size=6)]
    yours = {
        "Affine": Affine(W, b),
        "Sigmoid": Sigmoid(),
        "Tanh": Tanh(),
        "ReLU": ReLU(),
        "LeakyReLU": LeakyReLU(),
        "MeanSquaredError": WithTargets(MeanSquaredError(), rng.normal(size=(6, 4))),
        "SigmoidCrossEntropy": WithTargets(SigmoidCrossEntropy(), yes),
        "SoftmaxCrossEntropy": WithTargets(SoftmaxCrossEntropy(), classes),
    }
    errors = {}
    for name, layer in (yours | patients(W, b)).items():
        at = x[:, :1].copy() if name == "SigmoidCrossEntropy" else x
        errors[name] = gradient_check(layer, at, np.random.default_rng(5))
    table = pd.DataFrame({name: errors[name] for name in yours}).T.reindex(columns=["x", "W", "b"])
    print(table.map(shown))

    fig, ax = plt.subplots(figsize=(8.4, 4.8))
    for row, (name, found) in enumerate(errors.items()):
        marker, color = ("o", plots.COLORS[0]) if name in yours else ("X", plots.COLORS[1])
        ax.semilogx(list(found.values()), [row] * len(found), marker, color=color, markersize=8)
    ax.set_yticks(range(len(errors)), errors)
    ax.invert_yaxis()
    ax.axvspan(1e-6, 1e-2, color="#EEEEEE", zorder=0)
    ax.text(1e-4, 5.5, "no gradient\nlies here", ha="center", va="center", color="#666666")
    ax.set(xlim=(1e-13, 3), xlabel="relative error", title="Right and wrong are powers of ten apart")
    plt.show()

# %% [markdown]
# *What to see: all parts of your eight lie left of 10⁻⁶, each broken layer has parts right of 10⁻², and
# nothing lies between. Crosses on the left are parts of a broken layer that its fault does not touch.*

# %% [markdown]
# ## 5 A network that nobody has to derive
#
# Now put pieces together. Forward, each layer takes what the one below returns. Backward, each takes what the
# one above returns, so the order turns round; and the loss starts it.
#
# | | piece | shapes |
# |---|---|---|
# | forward | Affine(W1, b1) | (N, D) → (N, H) |
# | | Sigmoid | (N, H) → (N, H) |
# | | Affine(W2, b2) | (N, H) → (N, K) |
# | | SoftmaxCrossEntropy with T (N, K) | (N, K) → scalar E |
# | backward | the same four pieces, from the loss up | (N, K) → (N, H) → (N, H) → (N, D) |
#
# **By hand.** With all weights and biases 0, all scores are 0, each of K classes gets 1/K, and E = ln K,
# whatever x is.
#
# **Predict before you run.** How many passes forward would it take to *measure* the gradient of a network
# (64, 50, 10), two for each parameter as in 02: about 100, 7,500 or 75,000?


# %% gap="two_layer_gradients"
def two_layer_gradients(params, x, T):
    """E and its gradients for Affine, Sigmoid, Affine, SoftmaxCrossEntropy.

    params: "W1" (D, H), "b1" (H,), "W2" (H, K), "b2" (K,). x (N, D), T (N, K) one-hot.
    Returns E and a dict with the same four names, each gradient with the shape of its parameter.

    With all parameters 0 and K = 2, E = ln 2 = 0.693.
    """
    ### BEGIN SOLUTION
    first, squash, second = Affine(params["W1"], params["b1"]), Sigmoid(), Affine(params["W2"], params["b2"])
    loss = SoftmaxCrossEntropy()
    E = loss.forward(second.forward(squash.forward(first.forward(x))), T)
    first.backward(squash.backward(second.backward(loss.backward())))
    g1, g2 = first.grads, second.grads
    return E, {"W1": g1["W"], "b1": g1["b"], "W2": g2["W"], "b2": g2["b"]}
    ### END SOLUTION


# %% check="two_layer_gradients" points=2
check("two_layer_gradients", two_layer_gradients)

# %% [markdown]
# <details><summary>Hint 1: four objects</summary>
#
# Make one object for each line of the forward table. Two of them are of the same class, with other
# parameters.
# </details>
# <details><summary>Hint 2: the way back</summary>
#
# The loss's `backward()` needs no argument. What it returns is the dout of the layer just below it. What the
# last call returns is ∂E/∂x, and nobody asks for it here: the gradients you want have been left on the way.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Forward through first affine, sigmoid, second affine, and with T into the loss: that is E. Backward through
# the loss, second affine, sigmoid, first affine. Return E, and a dict that takes W and b out of the gradients
# of both affine layers.
# </details>

# %% [markdown]
# Now train it: 1,400 digits of 8 × 8 pixels in batches of 50, 50 hidden units, learning rate 1, and 397
# digits that it never learns from. Nothing below is derived for this network.


# %% tags=["experiment"]
def digits_split():
    """1,400 digits to learn from and 397 to test on, with their labels."""
    X, labels = datasets.digits()
    order = np.random.default_rng(0).permutation(len(X))
    return X[order[:1400]], labels[order[:1400]], X[order[1400:]], labels[order[1400:]]


def predict(params, x):
    """Probabilities of the two-layer network, (N, D) -> (N, K)."""
    scores = sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


with experiment():
    X, labels, X_test, labels_test = digits_split()
    T = np.eye(10)[labels]
    rng = np.random.default_rng(6)
    params = {
        "W1": rng.normal(0, 0.3, size=(64, 50)),
        "b1": np.zeros(50),
        "W2": rng.normal(0, 0.01, size=(50, 10)),
        "b2": np.zeros(10),
    }
    rows = []
    for epoch in progress(range(31), "training"):
        if epoch in (0, 1, 2, 5, 10, 20, 30):
            accuracy = np.mean(predict(params, X_test).argmax(axis=1) == labels_test)
            rows.append((epoch, two_layer_gradients(params, X, T)[0], f"{accuracy:.1%}"))
        for batch in np.split(rng.permutation(len(X)), len(X) // 50):
            _, grads = two_layer_gradients(params, X[batch], T[batch])
            for name in params:
                params[name] -= 1.0 * grads[name]
    table = pd.DataFrame(rows, columns=["epoch", "E on 1,400", "right of 397"])
    print(table.round({"E on 1,400": 3}).to_string(index=False))

# %% [markdown]
# **About 7,500**, two for each of 3,760 parameters; `backward` is one pass. Before training, E is 2.301, next
# to ln 10 as in 03. (The nearest neighbour of 00 reads 99.0 % of the same 397 digits.)
#
# *What to see: E starts at ln 10, and after thirty epochs the network reads 98.2 % of the digits it has not
# seen.*
#
# **What it would have cost to ask.** Networks (64, H, 10) have 75H + 10 parameters. Both ways to *all* of
# their gradients, on 400 digits, in seconds of processor time. When H doubles, by what factor does each of
# the two times grow: 1, 2 or 4?

# %% tags=["experiment"]
import time


def both_ways(params, X, T):
    """Processor time for all gradients, measured and by the way back, and their largest difference."""

    def mean_loss(_):
        return -np.sum(T * np.log(predict(params, X))) / len(X)

    start = time.thread_time()
    asked = {name: numerical_gradient(mean_loss, array) for name, array in params.items()}
    measuring = time.thread_time() - start
    passes = []
    for _ in range(20):
        start = time.thread_time()
        _, told = two_layer_gradients(params, X, T)
        passes.append(time.thread_time() - start)
    return measuring, min(passes), max(np.abs(told[name] - asked[name]).max() for name in params)


with experiment():
    X, labels, _, _ = digits_split()
    X, T = X[:400], np.eye(10)[labels[:400]]
    hidden = np.array([2, 4, 8, 16, 32, 64])
    rows = []
    for H in progress(hidden, "timing"):
        rng = np.random.default_rng(7)
        tried = {"W1": rng.normal(0, 0.1, (64, H)), "W2": rng.normal(0, 0.1, (H, 10))}
        rows.append(both_ways(tried | {"b1": np.zeros(H), "b2": np.zeros(10)}, X, T))
    measured, derived, apart = np.array(rows).T
    print("both ways agree to 1e-8:", apart.max() < 1e-8)
    count = 75 * hidden + 10
    fig, ax = plt.subplots(figsize=(6.8, 4.2))
    ax.loglog(count, measured, "^-", color=plots.COLORS[1], label="measured, entry by entry")
    ax.loglog(count, derived, "o-", color=plots.COLORS[0], label="backpropagation")
    for exponent, times in ((2, measured), (1, derived)):
        power = times[-1] * (count / count[-1]) ** exponent
        ax.loglog(count, power, ":", color="gray", zorder=0)
        ax.text(count[0], power[0], f"slope {exponent} ", ha="right", va="center", color="gray")
    ax.set(xlim=(60, 7000), xlabel="number of parameters", ylabel="processor time for all gradients (s)")
    ax.set_title("Asking for a gradient, or deriving it")
    ax.legend(loc="center right")
    plt.show()

# %% [markdown]
# **Between 2 and 4 the one, between 1 and 2 the other.** If you said 2 for the measurement, you counted its
# passes, and forgot that each of them gets longer, too.
#
# *What to see: both axes are logarithmic, so a power is a straight line, with its exponent as the slope. The
# measurement starts with slope 1 and bends towards 2; backpropagation hardly rises at first, and bends towards
# 1. With 4,810 parameters the measurement takes several thousand times as long.*
#
# *Why.* A pass costs at least the calls of NumPy, however small the arrays; only in a wider network does its
# arithmetic, which grows with the number of parameters, count for more. Backpropagation is one pass there and
# one back. The measurement is two passes for *each* parameter.
#
# **An answer nobody asked for.** The first layer, too, returns a dx: how E would change with each *pixel*.
# For one sample, ∂E/∂b1 is the dout of the first layer, so `Affine.backward` has it in one call. Move every
# pixel by at most 0.15 in the direction that makes E grow: what does the network read then?

# %% tags=["experiment"]
with experiment():
    chosen = [0, 1, 2]
    fig, axes = plt.subplots(len(chosen), 3, figsize=(7.2, 8.0), layout="constrained")
    for row, n in zip(axes, chosen, strict=True):
        x, t = X_test[n : n + 1], np.eye(10)[labels_test[n : n + 1]]
        first = Affine(params["W1"], params["b1"])
        first.forward(x)
        dx = first.backward(two_layer_gradients(params, x, t)[1]["b1"][None])
        nudged = np.clip(x + 0.15 * np.sign(dx), 0, 1)
        titles = []
        for picture in (x, nudged):
            Y = predict(params, picture)[0]
            titles.append(f"read as {Y.argmax()} ({Y.max():.0%})")
        largest = np.abs(dx).max()
        row[0].imshow(x.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        row[1].imshow(dx.reshape(8, 8), cmap=plots.SURFACE, vmin=-largest, vmax=largest)
        row[2].imshow(nudged.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        for ax, title in zip(row, ("as it is, " + titles[0], "∂E/∂pixel", "nudged, " + titles[1]), strict=True):
            ax.set(xticks=[], yticks=[])
            ax.set_title(title, fontsize=10)
            ax.spines[:].set_visible(True)
            ax.grid(False)
    plt.show()

# %% [markdown]
# *What to see: three test digits that the network read rightly and was 98 to 100 % sure of; where more ink
# would raise E (orange) or lower it (blue); and the same digits after the nudge, now a 3, a 7 and a 3 to the
# network.*
#
# No pixel moved by more than 0.15, and the strokes stand where they stood. The network has learnt what lowers
# one number; dx shows where that parts from what you go by.

# %% [markdown]
# ## 6 Two published backward passes
#
# You have a test now. Turn it on code by others. Both specimens contain **dropout**, which 10 will build; all
# you need here is that each unit's output is multiplied by an entry of a **mask** R, which is 0 where the unit
# is dropped, and $1/(1-p)$ where it is kept, to make up for the missing ones. R is drawn afresh for each
# batch and is a constant for the gradient.
#
# ### Specimen 1: a ReLU looked at too late
#
# From a much-read tutorial, in the notation of this course. Forward:
#
# | | formula | shapes |
# |---|---|---|
# | bend | $S = \max(0, A)$ | (N, H) |
# | dropout, p = ½ | $H = S \odot R$, with R = 0 or 2 | (N, H) |
#
# Backward, as published, from dH = ∂E/∂H to dA = ∂E/∂A:


# %%
def published_relu_backward(dH, A, H, R):
    """dA as published. All arrays (N, H)."""
    slope = H >= 0
    kept = R > 0
    return dH * slope * kept


# %% [markdown]
# **Find two mistakes**, of which 03 has named one, before you open the fold or read the numbers.
#
# <details><summary>Where they are</summary>
#
# One is in `slope`: what values can H have at all? The other is in what happens to the 2.
# </details>
#
# **By hand**, one sample, four units:
#
# | | unit 0 | unit 1 | unit 2 | unit 3 |
# |---|---|---|---|---|
# | A | 3 | −1 | 3 | −1 |
# | R | 2 | 2 | 0 | 0 |
# | H | 6 | 0 | 0 | 0 |
# | dH | 5 | 5 | 5 | 5 |
# | dA, published | 5 | 5 | 0 | 0 |
# | dA, right | 10 | 0 | 0 | 0 |
#
# Move A of unit 0 by a little: H moves twice as much. Move that of unit 1: H stays 0.


# %% gap="fixed_relu_backward"
def fixed_relu_backward(dH, A, H, R):
    """dE/dA for H = max(0, A) ⊙ R, given dH = dE/dH.   All arrays (N, H); slope 0 at A = 0.

    A = (3, -1, 3, -1), R = (2, 2, 0, 0) and dH = (5, 5, 5, 5) give dA = (10, 0, 0, 0).
    """
    ### BEGIN SOLUTION
    return dH * R * (A > 0)
    ### END SOLUTION


# %% check="fixed_relu_backward" points=2
check("fixed_relu_backward", fixed_relu_backward)

# %% [markdown]
# <details><summary>Hint 1: the slope</summary>
#
# After a ReLU nothing is negative, so a test against 0 that includes 0 is always passed. Which of the four
# arrays still knows the sign?
# </details>
# <details><summary>Hint 2: the factor</summary>
#
# H is S times R, so dH/dS is R itself: 0 or 2, not 0 or 1.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# What comes in from above, times R, at the places where A is above 0.
# </details>

# %% [markdown]
# ### Specimen 2: network A or B
#
# From the slides of a university course, again in our notation: two hidden layers of sigmoids, each with
# dropout. This is one of the two networks of the opening. Forward, with everything it keeps:


# %%
def forward_with_dropout(params, X, R1, R2):
    """The cache of a forward pass: X (N, D), A1, H1, R1 (N, H), A2, H2, R2 (N, M), P (N, K)."""
    A1 = X @ params["W1"] + params["b1"]
    H1 = sigmoid(A1) * R1
    A2 = H1 @ params["W2"] + params["b2"]
    H2 = sigmoid(A2) * R2
    odds = np.exp(H2 @ params["W3"] + params["b3"])
    P = odds / odds.sum(axis=1, keepdims=True)
    return {"X": X, "A1": A1, "H1": H1, "R1": R1, "A2": A2, "H2": H2, "R2": R2, "P": P}


# %% [markdown]
# Backward, as published. E is the mean cross-entropy of P against T:


# %%
def published_backward(cache, params, T):
    """The gradients as published, under the names of the parameters."""
    X, H1, H2, P = (cache[name] for name in ("X", "H1", "H2", "P"))
    dscores = (P - T) / len(X)  # (N, K)
    dA2 = (dscores @ params["W3"].T) * sigmoid(H2) * (1 - sigmoid(H2))  # (N, M)
    dA1 = (dA2 @ params["W2"].T) * sigmoid(H1) * (1 - sigmoid(H1))  # (N, H)
    pairs = {"3": (H2, dscores), "2": (H1, dA2), "1": (X, dA1)}
    grads = {"W" + k: below.T @ d for k, (below, d) in pairs.items()}
    return grads | {"b" + k: d.sum(axis=0) for k, (below, d) in pairs.items()}


# %% [markdown]
# **Find two mistakes**, of which 03 has named one, before you read on. Where would your `gradient_check`
# raise the alarm: at W3, at W2, at W1? Both mistakes sit in the lines for dA2 and dA1, and each is there
# twice.
#
# <details><summary>By hand, which gives the first one away</summary>
#
# One unit was kept, R = 2, and σ(a) = 0.99, so h = 1.98. Its slope is 2 · 0.99 · 0.01 = 0.0198. The published
# line computes σ(1.98) = 0.879 and from it 0.879 · 0.121 = 0.107: more than five times as much.
# </details>


# %% gap="fixed_backward"
def fixed_backward(cache, params, T):
    """The right gradients: a dict with "W1", "b1", "W2", "b2", "W3", "b3".

    cache is what forward_with_dropout returns, T (N, K) one-hot, E the mean cross-entropy of
    cache["P"]. Each gradient has the shape of its parameter.

    A unit with a = ln 99, so σ(a) = 0.99, and R = 2 hands back 0.0198 of what it gets.
    """
    ### BEGIN SOLUTION
    d3 = (cache["P"] - T) / len(T)
    Y2, Y1 = sigmoid(cache["A2"]), sigmoid(cache["A1"])
    d2 = d3 @ params["W3"].T * cache["R2"] * Y2 * (1 - Y2)
    d1 = d2 @ params["W2"].T * cache["R1"] * Y1 * (1 - Y1)
    grads = {"W3": cache["H2"].T @ d3, "W2": cache["H1"].T @ d2, "W1": cache["X"].T @ d1}
    return grads | {"b3": d3.sum(axis=0), "b2": d2.sum(axis=0), "b1": d1.sum(axis=0)}
    ### END SOLUTION


# %% check="fixed_backward" points=2
check("fixed_backward", fixed_backward)

# %% [markdown]
# <details><summary>Hint 1: what does σ′ want to be given?</summary>
#
# The slope σ(a)(1 − σ(a)) belongs to a, the number *before* the bend. Which entry of the cache is that, and
# which one has σ been applied to already?
# </details>
# <details><summary>Hint 2: the missing factor</summary>
#
# H2 = σ(A2) ⊙ R2 is a product of two. Its derivative with respect to A2 has two factors as well; the
# published line has one.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Keep the published pass and change only dA2 and dA1: what comes from above, times the R of that layer, times
# σ of that layer's A, times one minus σ of it. Or set it together from your `Sigmoid` and `Affine`.
# </details>

# %% [markdown]
# **How wrong is it?** First the slope alone, for a unit that was kept with R = 2, as in the race to come.

# %% tags=["experiment"]
y = np.linspace(0, 1, 401)[1:-1]
right_slope, published_slope = 2 * y * (1 - y), sigmoid(2 * y) * (1 - sigmoid(2 * y))
fig, ax = plt.subplots(figsize=(6.4, 3.8))
ax.plot(y, right_slope, color=plots.COLORS[0], label="2 y (1 − y), the slope of h")
ax.plot(y, published_slope, "--", color=plots.COLORS[1], label="σ(h) (1 − σ(h)), as published")
ax.set(ylim=(0, 0.7), xlabel="y = σ(a), before the mask made h = 2y of it", ylabel="slope")
ax.set_title("A slope that hardly asks where it is")
ax.legend(loc="upper center")
plt.show()

rows = []
for value in (0.5, 0.9, 0.99, 0.999):
    one, other = 2 * value * (1 - value), sigmoid(2 * value) * (1 - sigmoid(2 * value))
    rows.append((value, round(one, 4), round(other, 4), round(other / one, 1)))
print(pd.DataFrame(rows, columns=["y", "right", "published", "ratio"]).to_string(index=False))

# %% [markdown]
# *What to see: the right slope rises to 0.5 and falls to 0 at both ends, the published one goes from 0.25 down
# to 0.105 and no further: too small in the middle, 5.4 times too large at y = 0.99, 52.6 times at 0.999.* A
# dropped unit has the slope 0, and is given 0.25.
#
# Now the whole pass, all six arrays against the numerical derivative, on twelve digits.


# %% tags=["experiment"]
def new_params(rng, sizes=(64, 50, 50, 10)):
    """Weights with variance 1/n_in, biases 0."""
    params = {}
    for k in (1, 2, 3):
        n_in, n_out = sizes[k - 1], sizes[k]
        params[f"W{k}"] = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        params[f"b{k}"] = np.zeros(n_out)
    return params


def draw_masks(rng, n, units=50, p=0.5):
    """Two fresh arrays R (n, units): 0 with probability p, else 1 / (1 - p)."""
    return [(rng.random((n, units)) >= p) / (1 - p) for _ in range(2)]


with experiment():
    X, labels, X_test, labels_test = digits_split()
    rng = np.random.default_rng(8)
    small = new_params(rng, (64, 5, 4, 10))
    few, few_T = X[:12], np.eye(10)[labels[:12]]
    R1, R2 = draw_masks(rng, 12, 5)[0], draw_masks(rng, 12, 4)[1]

    def energy(_):
        P = forward_with_dropout(small, few, R1, R2)["P"]
        return -np.sum(few_T * np.log(P)) / len(P)

    cache = forward_with_dropout(small, few, R1, R2)
    order = ["W3", "b3", "W2", "b2", "W1", "b1"]
    measured = {name: numerical_gradient(energy, small[name]) for name in order}
    table = {}
    for who, backward in {"mended": fixed_backward, "published": published_backward}.items():
        claimed = backward(cache, small, few_T)
        table[who] = [shown(relative_error(claimed[name], measured[name])) for name in order]
    print(pd.DataFrame(table, index=order).T)

# %% [markdown]
# *What to see: of the published pass only the last layer is right; the 1 under W2 and W1 says that some
# entries there have the wrong sign, or are not 0 where they should be.*
#
# That is how such code survives: the last layer is right, and it learns from whatever the others send it.

# %% [markdown]
# **The race to its end.** Thirty epochs, five seeds, learning rate 1, half of the units dropped. Besides the
# two networks of the opening we run two that are half mended: they get your `fixed_backward`, but a cache in
# which one thing has been spoilt again. Is half mended half as wrong?

# %% tags=["experiment"]
import functools


def only_masks_mended(cache, params, T):
    """Mended masks, but σ′ of the activation again."""
    return fixed_backward(cache | {"A1": cache["H1"], "A2": cache["H2"]}, params, T)


def only_slopes_mended(cache, params, T):
    """Mended slopes, but the masks forgotten again."""
    ones = {"R1": np.ones_like(cache["R1"]), "R2": np.ones_like(cache["R2"])}
    return fixed_backward(cache | ones, params, T)


PASSES = {
    "mended": fixed_backward,
    "slopes mended": only_slopes_mended,
    "masks mended": only_masks_mended,
    "published": published_backward,
}


def train(backward, seed, epochs=30, lr=1.0):
    """Training loss after each epoch, the first hidden layer's h at the end, the share of test digits read rightly."""
    X, labels, X_test, labels_test = digits_split()
    T, nothing_dropped = np.eye(10)[labels], np.ones((1, 50))
    rng = np.random.default_rng(seed)
    params = new_params(rng)
    history = []
    for _ in range(epochs):
        for batch in np.split(rng.permutation(len(X)), len(X) // 50):
            state = forward_with_dropout(params, X[batch], *draw_masks(rng, len(batch)))
            for name, gradient in backward(state, params, T[batch]).items():
                params[name] -= lr * gradient
        state = forward_with_dropout(params, X, nothing_dropped, nothing_dropped)
        history.append(-np.mean(np.log(state["P"][T == 1])))
    P_test = forward_with_dropout(params, X_test, nothing_dropped, nothing_dropped)["P"]
    return history, state["H1"], np.mean(P_test.argmax(axis=1) == labels_test)


@functools.cache
def run_race():
    """For each backward pass: losses (5, 30), h (5, 1400, 50), shares (5,). Computed once, then kept."""
    runs = {who: [] for who in PASSES}
    for seed in progress(range(5), "racing"):
        for who, backward in PASSES.items():
            runs[who].append(train(backward, seed))
    return {who: [np.array(column) for column in zip(*results, strict=True)] for who, results in runs.items()}


with experiment():
    rows = []
    for who, (losses, h, right) in run_race().items():
        stuck = np.mean((h < 0.01) | (h > 0.99))
        after_8, after_30 = losses.mean(axis=0)[[7, 29]].round(2)
        rows.append((who, after_8, after_30, f"{right.mean():.1%} ± {right.std():.1%}", f"{stuck:.0%}"))
    columns = ["backward pass", "E, epoch 8", "E, epoch 30", "right of 397", "h < 0.01 or > 0.99"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# *What to see: after eight epochs the published pass is in front, after thirty it reads 82 % and the mended
# one 95 % (± is the standard deviation over the five seeds). The slopes mended alone bring 87 %, the masks
# alone 53 %, which is worse than no mending at all.*

# %% tags=["experiment"]
with experiment():
    fig, axes = plt.subplots(1, 2, figsize=(10.4, 3.9))
    epochs = np.arange(1, 31)
    for who, name, color, dashes in [("mended", "A", 0, "-"), ("published", "B", 1, "--")]:
        losses, h, _ = run_race()[who]
        look = {"color": plots.COLORS[color], "linestyle": dashes}
        axes[0].plot(epochs, losses.mean(axis=0), **look, label=f"network {name}: {who}")
        axes[0].fill_between(epochs, losses.min(axis=0), losses.max(axis=0), color=look["color"], alpha=0.15)
        percent = np.full(h.size, 100 / h.size)
        axes[1].hist(h.ravel(), bins=40, range=(0, 1), weights=percent, histtype="step", linewidth=2, **look)
        opening = race[f"network {name}"]
        agrees = np.allclose(losses.mean(axis=0)[:8], opening, rtol=0, atol=0.006)
        print(f"network {name}, epochs 1 to 8, as shown in the opening to two decimals: {agrees}")
    axes[0].axvspan(1, 8, color="#EEEEEE", zorder=0)
    axes[0].text(4.5, 0.1, "the opening", ha="center", color="#666666")
    axes[0].set(ylim=(0, 2.5), xlabel="epoch", ylabel="mean training loss (nats)", title="The race to its end")
    axes[0].legend()
    axes[1].set(xlabel="h = σ(a), first hidden layer", ylabel="share of values (%)", title="Where the units end up")
    plt.show()

# %% [markdown]
# *What to see: network B, the published one, leads from epoch 3 to 14 and then stays near 0.57 while A goes
# on to 0.26 (bands: all five seeds); on the right, nearly all of B's hidden units sit at 0 or 1, while many
# of A's lie in between.*
#
# *Why.* A right slope fades as a unit becomes sure, and the unit comes to rest. The published slope never
# falls below 0.105 and keeps pushing, which looks like speed, until 91 % of the values are stuck at one end,
# where their input hardly matters. Mended masks alone double what a kept unit gets, and then it is 98 %: one
# mistake had been holding back the other.
#
# **How far off is a step?** A gradient is a direction in the space of all parameters. Along the published
# run, on every batch, we measure the angle between its step and the right one: below 90° a step still leads
# downhill, if it is small. Beside it, for the first layer: how long its gradient is, and how large the slopes
# are that the units are given.


# %% tags=["experiment"]
def angle(a, b):
    """The angle in degrees between two gradients, each a dict of arrays."""
    u, v = (np.concatenate([grads[name].ravel() for name in sorted(grads)]) for grads in (a, b))
    return np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))


with experiment():
    rng = np.random.default_rng(0)
    X, labels, _, _ = digits_split()
    wanderer, T = new_params(rng), np.eye(10)[labels]
    rows = []
    for epoch in range(1, 31):
        angles, lengths, smallest, steep = [], [], [], []
        for batch in np.split(rng.permutation(len(X)), len(X) // 50):
            cache = forward_with_dropout(wanderer, X[batch], *draw_masks(rng, len(batch)))
            step = published_backward(cache, wanderer, T[batch])
            right = fixed_backward(cache, wanderer, T[batch])
            angles.append(angle(step, right))
            lengths.append(np.linalg.norm(step["W1"]) / np.linalg.norm(right["W1"]))
            y, h, kept = sigmoid(cache["A1"]), sigmoid(cache["H1"]), cache["R1"] > 0
            smallest.append(np.min(h * (1 - h)))
            steep.append(np.mean((h * (1 - h) > 20 * cache["R1"] * y * (1 - y))[kept]))
            for name in wanderer:
                wanderer[name] -= step[name]
        if epoch in (1, 3, 5, 8, 14, 30):
            longer, least, share = np.mean(lengths), np.min(smallest), np.mean(steep)
            rows.append((epoch, f"{np.mean(angles):.0f}°", f"{longer:.2g}", f"{least:.3f}", f"{share:.0%}"))
    columns = ["epoch", "angle", "length of dW1, published / right", "least slope", "kept units > 20 times"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# *What to see: 13° in the first epoch, 47° in the eighth, 81° in the last; the slope never falls below 0.105,
# and in the eighth epoch 8 % of the kept units get more than twenty times what they should.* A wrong gradient
# can be a good one to begin with. It does not stay one.

# %% [markdown]
# ## 7 What you have
#
# | question | your answer |
# |---|---|
# | What does a gradient of 1 come to after ten sigmoids? | 0.0000003 |
# | What does a sure mistake at a score of 1000 cost? | 1000 nats |
# | How far off is a right gradient, and how far a wrong one? | as a rule below 10⁻⁶, above 10⁻² |
# | What does a network for ten classes cost that knows nothing? | ln 10 = 2.30 nats |
# | How many unseen digits does your two-layer network read? | 98.2 % |
# | How many does the published backward pass reach, and how many the mended one? | 82.1 ± 3.4 %, 94.8 ± 1.4 % |
#
# **You can now**
#
# - *build* any layer from two functions, and a network from layers, without deriving it as a whole;
# - *test* a gradient whose right answer nobody has given you;
# - *mend* a backward pass that looks right, runs, and even learns.
#
# **The number to remember: ¼**, the largest slope a sigmoid has.

# %% [markdown]
# ### Why? 1
#
# A friend checks a `ReLU` that is right, at x = (−2, 0, 3), and is told a relative error of 1. Where does it
# come from, and what should the friend change: the layer, the test or the x? *(2 points)*

# %% [markdown] why="layer_classes-why-1" points=2
# At x = 0 the ReLU has a kink. The central difference steps to both sides and measures (ε − 0)/2ε = ½ of
# dout; the layer claims 0, as agreed. |0 − ½| / (0 + ½) = 1. (1 point)
#
# Neither the layer nor the test is at fault: at a kink there is no derivative to compare with. Change the x,
# so that every entry is further from 0 than the step of 10⁻⁵. (1 point)

# %% [markdown]
# ### Why? 2
#
# Network B had the wrong gradient, and the lower loss from the third epoch to the fourteenth. How can a wrong
# gradient lower the loss at all, and why is a falling loss no test of a gradient? *(2 points)*

# %% [markdown] why="layer_classes-why-2" points=2
# Any direction that has an angle of less than 90° with the true descent direction lowers the loss for a small
# enough step, and in the first epoch the angle was 13°. The published slopes are positive where the true ones
# are, and the last layer's gradient is right, so most of the step still points downhill; from the third epoch
# on it is longer as well. (1 point)
#
# A falling loss therefore says only that the angle was below 90°. It does not say whether the size and the
# direction are right, and it does not show what comes later. The comparison with a numerical derivative does.
# (1 point)

# %% [markdown]
# ### Why? 3
#
# For one sample, N = 1, a sigmoid unit says y = 0.99, and the truth is t = 0. Compare ∂E/∂z, z being its score,
# for the cross-entropy and for ½(y − t)². Which of the two losses would you train with, and how much of y − t
# can the squared error hand back at best? *(2 points)*

# %% [markdown] why="layer_classes-why-3" points=2
# Cross-entropy: y − t = 0.99. Squared error: (y − t) · y(1 − y) = 0.99 · 0.0099 = 0.0098, a hundred times
# less, though the mistake is the same. (1 point)
#
# With cross-entropy the slope of σ cancels against that of the logarithm, so the unit learns most where it is
# most wrong. With squared error the slope stays in, which is ¼ at best and almost 0 where the unit is sure,
# also where it is sure and wrong. (1 point)

# %% [markdown]
# ## Where the crack is
#
# Every layer of yours passes the test. Now put eight sigmoids in a row: each hands back at most ¼ of what it
# gets, and (¼)⁸ is 0.000015. All of these gradients are **right**, and the first layers learn next to
# nothing. A gradient can be right and still be too small to use.
#
# In 06 you keep layers in a list, stack as many as you like, and watch learning fail as the network deepens.
