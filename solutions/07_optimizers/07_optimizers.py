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
# # 07 Optimizers
#
# 06 ended with networks that had every gradient right and learnt nothing. Below are such networks again: 30
# ReLUs in each hidden layer, one to eight hidden layers, ten epochs on 1,200 handwritten digits. The two
# curves share data, first weights and `backward`. **They differ in what is done with the gradient.**

# %% setup=true
import functools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from byhand import check, datasets, experiment, plots, progress
from byhand.sliders import slider
from toolbox.arrays import accuracy, one_hot
from toolbox.losses import SoftmaxCrossEntropy
from toolbox.network import dead_units, gradient_norms, mlp, update_ratios
from toolbox.training import minibatches


class Optimizer:
    """What all optimizers have in common: a learning rate, which may be changed between two updates."""

    def __init__(self, lr):
        self.lr = lr


# %% tags=["experiment"]
# Recorded from the experiment of section 5, where it is run again.
recorded = {"plain descent": [97, 95, 91, 77, 28, 8], "another rule": [97, 97, 95, 95, 91, 76]}
fig, ax = plt.subplots(figsize=(6.4, 3.4))
for (name, shares), color, look in zip(
    recorded.items(), (plots.COLORS[0], plots.COLORS[6]), ("o-", "P--"), strict=True
):
    ax.plot([1, 2, 3, 4, 5, 8], shares, look, color=color, label=name)
ax.set(ylim=(0, 105), xlabel="hidden layers", ylabel="unseen digits read (%)", title="Same network, same gradients")
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# *What to see: up to three hidden layers both rules read over 90 %; at eight, plain descent reads no more
# than guessing would, about one in ten, and the other rule reads three digits of four.*
#
# The other rule is eight lines long. It never looks at the network: it is given the parameters and their
# gradients, nothing else. Before you read on, write down one thing that it could do with a gradient of
# 0.000001 that plain descent does not.
#
# - **You will build** six optimizers, two schedules for the learning rate, and a conversion between two forms
#   of one rule that are often confused.
# - **You need** layers and networks (05, 06), mini-batches (04), and the dict of parameters that
#   `network.params` gives.
# - **It takes** about four hours in two sittings, the second from section 3 on: nine gaps of one to eight
#   lines.

# %% [markdown]
# ## 1 One step downhill
#
# All parameters of a network together are called θ. The gradient g = ∂E/∂θ points to where E grows fastest,
# so the step goes the other way. How far is said by the **learning rate** λ. With g from a random
# mini-batch this is **SGD**, stochastic gradient descent.
#
# | | formula | shapes |
# |---|---|---|
# | update | $\theta \leftarrow \theta - \lambda g$ | each θ and its g alike: W and dW (D, H), b and db (H,) |
#
# **By hand.** λ = 0.1, θ = (2, −1), g = (5, 10): θ becomes (2 − 0.5, −1 − 1) = (1.5, −2).
#
# That is `sgd_step` of 03. It has no memory, so it could be a function. From here on a rule for a step is an
# object with one method, `update(params, grads)`. Both are dicts of arrays under the same names, as
# `network.params` and `network.grads` give them. Two promises:
#
# 1. **In place.** The layers own their arrays, and `network.params` is a new dict at each call. Whoever puts a
#    new array into that dict has changed the dict, and no layer will know. `a -= b` and `a[...] = b` change the
#    array `a` itself; `a = a - b` makes another one.
# 2. **Only θ.** The gradients are left as they were.
#
# `for name, g in grads.items():` goes through a dict, with the name and the array of each entry.
#
# The setup cell made `Optimizer`, which keeps the rate in `self.lr`. Somebody may change it between two
# updates, and then the new one counts.
#
# The checks make seven updates of two parameters and say how far these have **moved**: `step_1` in the first
# update, `steps_2_3` in the next two, `new_rate` in two more after `lr` was changed, and `new_arrays` in the
# last two, for which the values lie in other arrays. Row 0 is a b, the rows below it are a W. `gradients`
# looks whether those that you were given are as before.
#
# **Predict before you run.** The valley $f = x^2 + 100y^2$, starting at (10, 1), gradient (2x, 200y).
# Across, along y, a step with λ = 0.0095 turns y into 1 − 1.9 = −0.9 of itself: it jumps from one slope to
# the other and nearly as far up. How much of x is left after 100 steps: 0 %, 15 % or 60 %?


# %% gap="sgd"
class SGD(Optimizer):
    """θ ← θ - λg for every parameter.

    params and grads are dicts of arrays with the same names; each g has the shape of its θ.
    The arrays in params are changed in place, those in grads are left as they were.

    λ = 0.1, θ = (2, -1) and g = (5, 10) give θ = (1.5, -2).
    """

    def update(self, params, grads):
        ### BEGIN SOLUTION
        for name, g in grads.items():
            params[name] -= self.lr * g
        ### END SOLUTION


# %% check="sgd" points=2
check("sgd", SGD)

# %% [markdown]
# <details><summary>Hint 1: where the rate is</summary>
#
# `self` is the optimizer, and `Optimizer` has put the learning rate on it. Under which name?
# </details>
# <details><summary>Hint 2: the array and the dict</summary>
#
# If the check says that nothing has moved, look at the left side of your assignment. Does your line change
# the array that lies in the dict, or does it put another into its place?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each name and gradient: take the rate times the gradient off the parameter of that name, in place.
# </details>


# %% tags=["experiment"]
def valley(p):
    """f and its gradient at p = (x, y), for f = x² + 100y²."""
    return p[0] ** 2 + 100 * p[1] ** 2, np.array([2 * p[0], 200 * p[1]])


def walk(optimizer, steps, start=(10.0, 1.0)):
    """The points (steps + 1, 2) at which an optimizer comes by."""
    p = np.array(start)
    path = [p.copy()]
    for _ in range(steps):
        optimizer.update({"p": p}, {"p": valley(p)[1]})
        path.append(p.copy())
    return np.array(path)


with experiment():
    rows = []
    for rate in (0.001, 0.0095, 0.0101):
        path = walk(SGD(rate), 100)
        rows.append((rate, *path[[1, 10, 100], 0].round(2), *path[[1, 10, 100], 1].round(2)))
    columns = ["λ", "x, step 1", "x, step 10", "x, step 100", "y, step 1", "y, step 10", "y, step 100"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **15 %.** If you said 0 %: each step takes 2λ = 1.9 % of x away, and $0.981^{100} = 0.147$.
#
# *What to see: with λ = 0.0095, x has come from 10 to 1.47; a rate 6 % higher makes y grow, to 7.24 after
# 100 steps.*
#
# **Predict before you move.** A step turns y into (1 − 200λ) y. With which λ does the path begin to jump from
# slope to slope, and from which one on does it never settle? And with which is f smallest after 40 steps: one
# below these two, one between them, or one above?


# %% tags=["experiment"]
def map_of_the_valley(ax):
    """Its contours, and a star at the minimum."""
    a, b = np.meshgrid(np.linspace(-7, 11, 200), np.linspace(-1.6, 1.6, 200))
    ax.contour(a, b, valley((a, b))[0], levels=[1, 10, 50, 150], colors="#BBBBBB", linewidths=0.8)
    ax.plot(0, 0, "*", color="black", markersize=12, zorder=3)
    ax.set(xlabel="x", ylabel="y")
    ax.grid(False)


with experiment():

    def descent(ax, rate):
        path = walk(SGD(rate), 40)
        map_of_the_valley(ax)
        ax.plot(*path.T, "o-", color=plots.COLORS[0], markersize=3.5, linewidth=1.2)
        ax.set(xlim=(-2, 11), ylim=(-1.6, 1.6))
        ax.set_title(f"λ = {rate:g}\nf = {valley(path[-1])[0]:,.1f} after 40 steps")

    rates = [k / 5000 for k in range(1, 54)]
    slider(descent, "learning rate λ", rates, shown=[0.003, 0.007, 0.0096, 0.0102], start=0.001)

# %% [markdown]
# *What to see: above 0.005 the factor is negative, and the path jumps; from 0.01 = 2/200 on it never settles. f is
# smallest with 0.0096, 21.3, just short of the edge.* If you said below the two: y settles there as well, but it is x
# that has a long way to go.
#
# *Why.* One rate has to serve both directions. The steep one allows no more than 0.01, and the flat one
# would like 0.5. In a network with thousands of weights some direction is always the steepest.

# %% [markdown]
# ## 2 A ball with friction
#
# Think of a heavy ball instead of a walker without a memory. It has a velocity v, the slope pushes it, and
# friction takes some of v away in each step. What stays is αv, with α between 0 and 1. Across the valley
# the pushes alternate in sign, and in v they cancel. Along the valley they all point one way and add up.
# Polyak (1964) called it the heavy-ball method; the name in use is **momentum**.
#
# | | formula | shapes |
# |---|---|---|
# | velocity | $v \leftarrow \alpha v - \lambda g$ | v, g and θ alike; v = 0 at the start |
# | update | $\theta \leftarrow \theta + v$ | alike |
#
# λ stands in the way *into* v. If λ is lowered, what was gathered at the old rate keeps its size.
#
# **By hand.** E = θ², so g = 2θ. λ = 0.1, α = 0.5, θ = 10. First g = 20: v = −2, θ = 8. Then g = 16: v = −1
# − 1.6 = −2.6, θ = 5.4.
#
# Each parameter needs its own v, and the optimizer has to find it again at the next update. What of a
# parameter stays the same? Its array may not: a network loaded from a file has other ones. Its **name**
# does. `self.v` is a dict, empty at first. `self.v.get(name, 0.0)` is what lies in it under that name, or
# 0.0 if there is nothing yet.
#
# `super().__init__(lr)` calls the `__init__` of `Optimizer`, which puts the rate on `self`.
#
# **Predict before you run.** On an even slope the gradient is 1 in every step. λ = 0.01, α = 0.9. How long
# is the 100th step: 0.01, 0.1 or 1?


# %% gap="momentum"
class Momentum(Optimizer):
    """v ← αv - λg, θ ← θ + v for every parameter, with a v of its own under its name.

    params and grads as in SGD. v has the shape of its θ and is 0 before the first update.

    λ = 0.1, α = 0.5, θ = 10 and the gradients 20, then 16, give θ = 8, then 5.4.
    """

    def __init__(self, lr, alpha=0.9):
        super().__init__(lr)
        self.alpha = alpha
        self.v = {}

    def update(self, params, grads):
        ### BEGIN SOLUTION
        for name, g in grads.items():
            self.v[name] = self.alpha * self.v.get(name, 0.0) - self.lr * g
            params[name] += self.v[name]
        ### END SOLUTION


# %% check="momentum" points=2
check("momentum", Momentum)

# %% [markdown]
# <details><summary>Hint 1: what has to survive the update</summary>
#
# A variable inside `update` is gone when `update` returns. What is on `self` stays. Which of the two is v?
# </details>
# <details><summary>Hint 2: old and new</summary>
#
# The formula is carried out from top to bottom: on the right of the first arrow stands the old v, in the
# second line the new one.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each name and gradient: put under that name α times the v that was there, or zero, less the rate times
# the gradient. Then add what is there now to the parameter, in place.
# </details>

# %% tags=["experiment"]
with experiment():
    slope = {"θ": np.array([0.0])}
    optimizer, lengths = Momentum(0.01, 0.9), []
    for _ in range(100):
        before = slope["θ"].copy()
        optimizer.update(slope, {"θ": np.array([1.0])})
        lengths.append(before.item() - slope["θ"].item())
    shown_at = [1, 2, 5, 10, 20, 100]
    table = pd.DataFrame({"step": shown_at, "length": [lengths[k - 1] for k in shown_at]})
    print(table.round(4).to_string(index=False))

# %% [markdown]
# **0.1.** If you said 1: friction grows with v. The ball stops speeding up when what it loses, (1 − α)v, is
# what the push adds, λg. So on an even slope a step becomes $\lambda g / (1-\alpha)$ long, ten times λg for
# α = 0.9.
#
# ### The equation of motion
#
# The name is more than a picture. Write the two lines as changes from one step to the next:
#
# $$\theta_{t+1} - \theta_t = v_{t+1}, \qquad v_{t+1} - v_t = -(1-\alpha)\,v_t - \lambda g_t .$$
#
# Call one step one unit of time. If little changes in a step, the differences are derivatives by time, which
# are written as dots: $\dot\theta = v$ and $\dot v = -(1-\alpha) v - \lambda g$. That is Newton's law
# $\ddot\theta = \text{force} - \gamma\dot\theta$ for mass 1, the force $-\lambda g$, and friction
# $\gamma = 1 - \alpha$.
#
# Along x in our valley, g = 2x, and the law is that of a spring in honey. It has a closed solution.
# Released at $x_0$ without a push, with $\omega^2 = 2\lambda - \gamma^2/4$:
#
# $$x(t) = x_0\, e^{-\gamma t/2}\left(\cos\omega t + \frac{\gamma}{2\omega}\sin\omega t\right).$$
#
# Where ω² is negative, the friction is too strong for an oscillation, and the ball creeps. The formula holds
# there, too, if NumPy is told to calculate with complex numbers, as the cell does.
#
# **Predict before you run.** λ = 0.003. Which α brings the ball to rest soonest: 0.5, 0.85 or 0.98?


# %% tags=["experiment"]
def spring(t, lr, alpha, start=10.0):
    """x(t) of the closed solution for g = 2x."""
    friction = 1 - alpha
    omega = np.sqrt(complex(2 * lr - friction**2 / 4))
    return (start * np.exp(-friction * t / 2) * (np.cos(omega * t) + friction / 2 / omega * np.sin(omega * t))).real


with experiment():
    time = np.linspace(0, 150, 601)
    fig, ax = plt.subplots(figsize=(7.2, 3.3))
    worst = 0.0
    for alpha, color in [(0.98, plots.COLORS[1]), (0.85, plots.COLORS[2]), (0.5, plots.COLORS[0])]:
        path = walk(Momentum(0.003, alpha), 150, start=(10.0, 0.0))[:, 0]
        ax.plot(time, spring(time, 0.003, alpha), color=color, linewidth=1.5, label=f"α = {alpha}")
        ax.plot(range(0, 151, 3), path[::3], "o", color=color, markersize=4)
        worst = max(worst, np.abs(path - spring(np.arange(151), 0.003, alpha)).max())
    ax.set(xlabel="time (steps)", ylabel="x", title="Lines: the equation of motion. Dots: your Momentum")
    ax.legend()
    plt.show()
    print(f"largest distance between dots and lines: {worst:.2f}")

# %% [markdown]
# *What to see: your dots lie on the lines of the closed solution, nowhere further off than 0.4 in 10; α =
# 0.98 swings and α = 0.5 creeps.*
#
# **0.85.** If you said 0.98: little friction is fast down and fast up the other side. The border between
# swinging and creeping is ω = 0, which is $\alpha = 1 - 2\sqrt{2\lambda} = 0.845$ here. A flatter direction
# has its border at a larger α, and 0.9 to 0.99 is what networks are trained with.

# %% [markdown]
# ### The same rule in another coat
#
# Many texts write momentum as an *average* of gradients, an "exponential moving average" (ema), in which old
# gradients count less and less. Their letters differ: **their α is the learning rate**, their β is our α.
#
# | | formula | shapes |
# |---|---|---|
# | average | $v \leftarrow \beta v + (1-\beta) g$ | v, g and W alike |
# | update | $W \leftarrow W - \alpha v$ | alike |
#
# Their v points uphill and is subtracted, and the rate does not come in before the second line. While it
# stays as it is, the paths of both forms are the same, if the numbers are converted. They write "α = 0.5,
# β = 0.8": with which two numbers is our `Momentum` to be made?
#
# **By hand.** The first step, v = 0: theirs is −0.5 · 0.2 g = −0.1 g, ours −λg. So our λ is 0.1. Then the
# gradient becomes 0: theirs takes 0.8 of the step before, ours the share that our α says. So our α is 0.8.


# %% gap="ema_to_classic"
def ema_to_classic(alpha, beta):
    """(λ, α) of our Momentum, for v ← βv + (1 - β)g and W ← W - αv.   Four numbers.

    alpha = 0.5 and beta = 0.8 give (0.1, 0.8).
    """
    ### BEGIN SOLUTION
    return alpha * (1 - beta), beta
    ### END SOLUTION


# %% check="ema_to_classic" points=1
check("ema_to_classic", ema_to_classic)

# %% [markdown]
# <details><summary>Hint 1: compare what moves</summary>
#
# Call the step of W by a name: u = −αv, in their letters. What does their first line say about u?
# </details>
# <details><summary>Hint 2: multiply the line</summary>
#
# Multiply their first line by −α, and put u for −αv on both sides. Now it has the form of ours. Compare
# what stands before g and before u.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# In their line for u, what stands before g, without its minus, is our λ. What stands before the old u is our α.
# Return both, λ first.
# </details>

# %% tags=["experiment"]
with experiment():
    optimizer = Momentum(*ema_to_classic(0.03, 0.9))
    ours = walk(optimizer, 60)
    W, average = np.array([10.0, 1.0]), np.zeros(2)
    for _ in range(60):
        average = 0.9 * average + 0.1 * valley(W)[1]
        W = W - 0.03 * average
    print("their rate 0.03, β = 0.9 is our rate", round(optimizer.lr, 4), "and α", round(optimizer.alpha, 4))
    print("after 60 steps in the valley: theirs", W.round(4), "ours", ours[-1].round(4))

# %% [markdown]
# *What to see: both end at the same place.* A rate of 0.03 that works in their form would be ten times too
# large in ours. Before a rate is copied from a paper, look which coat its momentum wears.

# %% [markdown]
# ### Looking where one is going
#
# The ball will glide on by αv in any case. So why ask for the slope here, and not there, where it will be
# in a moment? Ask one glide ahead, and the answer comes in time to brake. That is **Nesterov's** momentum
# (1983).
#
# A network computes its gradient at its parameters, so we let θ *be* the point ahead: the ball's place plus
# its glide αv. To the next point ahead it takes three moves: take back the old glide, $-\alpha v_{old}$; make
# the step, $+v$; add the new glide, $+\alpha v$. As $v = \alpha v_{old} - \lambda g$, the first two together
# are $-\lambda g$. So:
#
# | | formula | shapes |
# |---|---|---|
# | velocity | $v \leftarrow \alpha v - \lambda g$ | v, g and θ alike; v = 0 at the start |
# | update | $\theta \leftarrow \theta + \alpha v - \lambda g$ | alike, with the new v |
#
# **By hand.** E = θ² again, λ = 0.1, α = 0.5, θ = 10. First g = 20: v = −2, θ = 10 − 1 − 2 = 7. Then g =
# 14: v = −1 − 1.4 = −2.4, θ = 7 − 1.2 − 1.4 = 4.4.


# %% gap="nesterov"
class Nesterov(Optimizer):
    """v ← αv - λg, θ ← θ + αv - λg with the new v, for every parameter.

    params and grads as in SGD. v has the shape of its θ and is 0 before the first update.

    λ = 0.1, α = 0.5, θ = 10 and the gradients 20, then 14, give θ = 7, then 4.4.
    """

    def __init__(self, lr, alpha=0.9):
        super().__init__(lr)
        self.alpha = alpha
        self.v = {}

    def update(self, params, grads):
        ### BEGIN SOLUTION
        for name, g in grads.items():
            self.v[name] = self.alpha * self.v.get(name, 0.0) - self.lr * g
            params[name] += self.alpha * self.v[name] - self.lr * g
        ### END SOLUTION


# %% check="nesterov" points=2
check("nesterov", Nesterov)

# %% [markdown]
# <details><summary>Hint 1: what differs from Momentum</summary>
#
# The line for v is the same. In the second line the step is no longer v alone.
# </details>
# <details><summary>Hint 2: which v</summary>
#
# The v in the second line is the one that the first line has just made. With the old v the second line
# would be plain momentum.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each name and gradient: make the new v as in Momentum. Add to the parameter, in place, α times the new
# v, less the rate times the gradient.
# </details>

# %% [markdown]
# The three rules in the valley, 60 steps each: SGD at nearly the largest rate that it can stand, the other
# two at a third of it.


# %% tags=["experiment"]
LOOK = {
    "SGD": {"color": plots.COLORS[0], "linestyle": "-", "marker": "o"},
    "Momentum": {"color": plots.COLORS[1], "linestyle": "--", "marker": "^"},
    "Nesterov": {"color": plots.COLORS[2], "linestyle": "-.", "marker": "s"},
    "AdaGrad": {"color": plots.COLORS[3], "linestyle": "-", "marker": "D"},
    "RMSProp": {"color": plots.COLORS[4], "linestyle": "--", "marker": "v"},
    "Adam": {"color": plots.COLORS[6], "linestyle": "-.", "marker": "P"},
}


def draw_paths(ax, optimizers, steps):
    """Paths in the valley over its contours, and a line of text for each."""
    map_of_the_valley(ax)
    for name, optimizer in optimizers.items():
        path = walk(optimizer, steps)
        ax.plot(*path.T, **LOOK[name], markersize=3.5, linewidth=1.2, label=name)
    ax.set(xlim=(-7, 11), ylim=(-1.3, 1.3))
    ax.legend(loc="upper left", ncols=3, frameon=True, framealpha=0.9, edgecolor="none")


with experiment():
    fig, ax = plt.subplots(figsize=(7.4, 3.5))
    draw_paths(ax, {"SGD": SGD(0.0095), "Momentum": Momentum(0.003), "Nesterov": Nesterov(0.003)}, 60)
    ax.set_title("The valley x² + 100y², 60 steps from (10, 1)")
    plt.show()
    rows = []
    for name, make in {
        "SGD, λ = 0.0095": lambda: SGD(0.0095),
        "Momentum, λ = 0.003": lambda: Momentum(0.003),
        "Nesterov, λ = 0.003": lambda: Nesterov(0.003),
    }.items():
        heights = [valley(p)[0] for p in walk(make(), 200)]
        below = max(k for k, height in enumerate(heights) if height >= 1) + 1
        rows.append((name, f"{heights[20]:.2g}", f"{heights[60]:.2g}", f"{heights[200]:.1e}", below))
    columns = ["rule", "f, step 20", "f, step 60", "f, step 200", "f < 1 from step"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# *What to see: SGD (blue) jumps from slope to slope and creeps along; Momentum (vermilion) winds its way
# down; Nesterov (green) brakes earlier across the valley, and is on the axis after ten steps. Both run a
# little past the minimum. SGD needs 121 steps until f stays below 1, Momentum 47, Nesterov 32.*

# %% [markdown]
# ## 3 A rate for every number
#
# *If this is a new sitting: **Run All Above Selected Cell** in the menu Run brings back what you have built.*
#
# Momentum still has one λ for all. But the gradient itself tells how steep each direction is: along y it
# was 200 at the start, along x 20. Divide each entry of g by how large that entry usually is, and steep and
# flat directions get steps of one size. Three rules differ in what they take for "usually".
#
# ### AdaGrad: everything that ever was
#
# h adds up the squares of all gradients so far, entry by entry (Duchi, Hazan and Singer 2011); ⊙ is the
# product of entries, in NumPy `*`. Its root has the size of a gradient. ε is a tiny number that keeps 0/0
# from happening.
#
# | | formula | shapes |
# |---|---|---|
# | memory | $h \leftarrow h + g \odot g$ | h, g and θ alike; h = 0 at the start |
# | update | $\theta \leftarrow \theta - \lambda\, g / (\sqrt h + \varepsilon)$ | alike, entry by entry |
#
# **By hand.** λ = 0.1, ε = 0, θ = 1. First g = 3: h = 9, the step is 0.1 · 3/3 = 0.1, θ = 0.9. Then g = 4:
# h = 25, the step is 0.1 · 4/5 = 0.08, θ = 0.82.
#
# ε stands *outside* the root. Some texts print $\sqrt{h + \varepsilon}$. For ε = 10⁻⁸ the two hardly
# differ, which is why the mistake lives on. Checks here use ε = 0.1 as well, where they do.
#
# **Predict before you run.** λ = 0.1, and the gradient of a weight is 1000 in every step. How long is the
# 100th step of AdaGrad: 0.1, 0.01 or 0.001? And that of a weight whose gradient is 0.001 in every step?


# %% gap="adagrad"
class AdaGrad(Optimizer):
    """h ← h + g², θ ← θ - λ g / (√h + ε) for every parameter, with an h of its own under its name.

    params and grads as in SGD. h has the shape of its θ and is 0 before the first update.

    λ = 0.1, ε = 0, θ = 1 and the gradients 3, then 4, give θ = 0.9, then 0.82.
    """

    def __init__(self, lr, eps=1e-8):
        super().__init__(lr)
        self.eps = eps
        self.h = {}

    def update(self, params, grads):
        ### BEGIN SOLUTION
        for name, g in grads.items():
            self.h[name] = self.h.get(name, 0.0) + g**2
            params[name] -= self.lr * g / (np.sqrt(self.h[name]) + self.eps)
        ### END SOLUTION


# %% check="adagrad" points=2
check("adagrad", AdaGrad)

# %% [markdown]
# <details><summary>Hint 1: what is kept</summary>
#
# The pattern is that of Momentum: a dict on `self`, an entry for each name, read with a 0.0 for the first
# time. What is kept is another quantity.
# </details>
# <details><summary>Hint 2: the order</summary>
#
# The square of this gradient is in h when the step is taken. At the first update, then, g/√h is +1 or −1 at
# every place where g is not 0.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each name and gradient: add the square of the gradient to what is kept, or to zero. Take off the
# parameter, in place, the rate times the gradient, divided by the sum of the root of what is kept and ε.
# </details>

# %% tags=["experiment"]
with experiment():
    pair = {"θ": np.array([0.0, 0.0])}
    optimizer, rows, before = AdaGrad(0.1), [], np.zeros(2)
    for k in range(1, 101):
        optimizer.update(pair, {"θ": np.array([0.001, 1000.0])})
        if k in (1, 2, 10, 100):
            rows.append((k, *(before - pair["θ"]), *-pair["θ"]))
        before = pair["θ"].copy()
    columns = ["step", "length, g = 0.001", "length, g = 1000", "way, g = 0.001", "way, g = 1000"]
    print(pd.DataFrame(rows, columns=columns).round(4).to_string(index=False))

# %% [markdown]
# **0.01, for both.** If you said 0.001: h has become 100 g², but its root is 10 g.
#
# *What to see: both go equally far, though one gradient is a million times the other.* Multiplying a loss by
# 1000 changes nothing in AdaGrad's path. But h only grows: for a constant gradient the t-th step is
# $\lambda/\sqrt t$, and a long training ends by standing still.
#
# ### RMSProp: what has been lately
#
# Replace the sum by a mean over the recent past (Tieleman and Hinton 2012). Each update keeps a share ρ of
# the old mean and takes in a share 1 − ρ of the new square, so for a constant gradient h settles at g².
# With ρ = 0.9 the past ten or so gradients count.
#
# | | formula | shapes |
# |---|---|---|
# | memory | $h \leftarrow \rho h + (1-\rho)\, g \odot g$ | h, g and θ alike; h = 0 at the start |
# | update | $\theta \leftarrow \theta - \lambda\, g / (\sqrt h + \varepsilon)$ | alike, entry by entry |
#
# **By hand.** λ = 0.1, ρ = 0.75, ε = 0, θ = 1. First g = 2: h = 0.25 · 4 = 1, the step is 0.1 · 2/1 = 0.2,
# θ = 0.8. Then g = 1: h = 0.75 + 0.25 = 1, the step is 0.1, θ = 0.7.
#
# **Predict before you run.** For a thousand steps the gradient is 1, then it drops to 0.01 for two hundred
# steps. In units of λ, how long is RMSProp's first step after the drop, and how long its last: 0.0003, 0.01
# or 1?


# %% gap="rmsprop"
class RMSProp(Optimizer):
    """h ← ρh + (1 - ρ)g², θ ← θ - λ g / (√h + ε) for every parameter, with an h of its own under its name.

    params and grads as in SGD. h has the shape of its θ and is 0 before the first update.

    λ = 0.1, ρ = 0.75, ε = 0, θ = 1 and the gradients 2, then 1, give θ = 0.8, then 0.7.
    """

    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr)
        self.rho, self.eps = rho, eps
        self.h = {}

    def update(self, params, grads):
        ### BEGIN SOLUTION
        for name, g in grads.items():
            self.h[name] = self.rho * self.h.get(name, 0.0) + (1 - self.rho) * g**2
            params[name] -= self.lr * g / (np.sqrt(self.h[name]) + self.eps)
        ### END SOLUTION


# %% check="rmsprop" points=2
check("rmsprop", RMSProp)

# %% [markdown]
# <details><summary>Hint 1: one line changes</summary>
#
# The step is that of AdaGrad. Only the line for h is new.
# </details>
# <details><summary>Hint 2: which share is which</summary>
#
# ρ near 1 is a long memory: it belongs to the old h. What is left of 1 belongs to the new square.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each name and gradient: keep ρ times what was kept, or zero, plus one minus ρ times the square of the
# gradient. Then the step of AdaGrad.
# </details>

# %% tags=["experiment"]
with experiment():
    gradients = [1.0] * 1000 + [0.01] * 200
    rows = []
    for name, optimizer in {"AdaGrad": AdaGrad(1.0), "RMSProp": RMSProp(1.0)}.items():
        place, lengths = {"θ": np.array([0.0])}, []
        for g in gradients:
            before = place["θ"].copy()
            optimizer.update(place, {"θ": np.array([g])})
            lengths.append(before.item() - place["θ"].item())
        rows.append((name, *(f"{lengths[k - 1]:.3g}" for k in (1, 1000, 1001, 1200))))
    print(pd.DataFrame(rows, columns=["rule", "step 1", "step 1000", "step 1001", "step 1200"]).to_string(index=False))

# %% [markdown]
# **0.01, then 1.** If you said 1 for both: at step 1001 √h is still 0.95, and with ρ = 0.9 it takes about a
# hundred updates until the large gradients are forgotten.
#
# *What to see: AdaGrad never forgets them; two hundred steps later it still goes 0.0003. And look at step 1:
# RMSProp begins with a step of 3.16, three times as long as it is meant to be.*
#
# *Why.* After one update h is only a tenth of g², because it began at 0, and $1/\sqrt{0.1} = 3.16$. The
# next rule makes up for that.

# %% [markdown]
# ### Adam: both, and made up for the start
#
# Take the mean of the gradients (momentum, in its averaged coat) and divide by the root of the mean of
# their squares (RMSProp): **Adam** (Kingma and Ba 2015). Both means begin at 0. After t updates with a
# constant gradient, m has reached the share 1 − β₁ᵗ of it. So divide by that share: this is the **bias
# correction**, and t counts the updates, from 1.
#
# | | formula | shapes |
# |---|---|---|
# | mean | $m \leftarrow \beta_1 m + (1-\beta_1)\, g$ | m, g and θ alike; m = 0 at the start |
# | mean square | $h \leftarrow \beta_2 h + (1-\beta_2)\, g \odot g$ | alike; h = 0 at the start |
# | corrected | $\hat m = m/(1-\beta_1^t), \quad \hat h = h/(1-\beta_2^t)$ | alike |
# | update | $\theta \leftarrow \theta - \lambda\, \hat m / (\sqrt{\hat h} + \varepsilon)$ | alike, entry by entry |
#
# The paper has β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, and writes v for our h. ε comes last: after the correction,
# outside the root.
#
# **By hand.** λ = 0.1, β₁ = 0.5, β₂ = 0.75, ε = 0, θ = 1:
#
# | t | g | m | h | corrected m | corrected h | step | θ |
# |---|---|---|---|---|---|---|---|
# | 1 | 2 | 1 | 1 | 1/0.5 = 2 | 1/0.25 = 4 | 0.1 · 2/2 = 0.1 | 0.9 |
# | 2 | −2 | 0.5 − 1 = −0.5 | 0.75 + 1 = 1.75 | −0.5/0.75 = −⅔ | 1.75/0.4375 = 4 | 0.1 · (−⅔)/2 = −0.033 | 0.933 |
#
# One and the same t serves all parameters: it belongs to the update, not to the array.


# %% gap="adam"
class Adam(Optimizer):
    """m ← β₁m + (1 - β₁)g, h ← β₂h + (1 - β₂)g², θ ← θ - λ m̂ / (√ĥ + ε) for every parameter.

    m̂ = m / (1 - β₁ᵗ) and ĥ = h / (1 - β₂ᵗ), where t counts the updates from 1. params and
    grads as in SGD. m and h have the shape of their θ and are 0 before the first update.

    λ = 0.1, β₁ = 0.5, β₂ = 0.75, ε = 0, θ = 1 and the gradients 2, then -2, give θ = 0.9, then 0.933.
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.t = 0
        self.m, self.h = {}, {}

    def update(self, params, grads):
        ### BEGIN SOLUTION
        self.t += 1
        for name, g in grads.items():
            self.m[name] = self.beta1 * self.m.get(name, 0.0) + (1 - self.beta1) * g
            self.h[name] = self.beta2 * self.h.get(name, 0.0) + (1 - self.beta2) * g**2
            m_hat = self.m[name] / (1 - self.beta1**self.t)
            h_hat = self.h[name] / (1 - self.beta2**self.t)
            params[name] -= self.lr * m_hat / (np.sqrt(h_hat) + self.eps)
        ### END SOLUTION


# %% check="adam" points=3
check("adam", Adam)

# %% [markdown]
# <details><summary>Hint 1: two memories</summary>
#
# Two dicts on `self`, both read with a 0.0 for the first time. m remembers g, h remembers its square, each
# with its own β.
# </details>
# <details><summary>Hint 2: what is corrected, and what is kept</summary>
#
# The corrected values serve this one step. What the next update starts from are m and h as they were before
# the correction. And before the first step, t is already 1.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Count the update. For each name and gradient: renew m and h under that name. Divide m by one minus β₁ to
# the power of t, and h by one minus β₂ to the power of t, into two new variables. Take off the parameter,
# in place, the rate times the first, divided by the sum of the root of the second and ε.
# </details>

# %% [markdown]
# **A printed shortcut.** One course offers Adam in a form that is "easier to implement": the correction
# goes into the rate, and the step becomes λ m/√(h + ε), after
#
# $$\lambda \leftarrow \lambda\, \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t} .$$
#
# Read the arrow as it stands: in each update λ is replaced by the product.
#
# **Predict before you run.** The paper's settings. Which share of λ is left after ten updates: all of it, 1
# %, or less than a millionth?

# %% tags=["experiment"]
share, rows = 1.0, []
for t in range(1, 101):
    once = np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    share *= once
    if t in (1, 2, 5, 10, 100):
        rows.append((t, f"{once:.3f}", f"{share:.1e}"))
print(pd.DataFrame(rows, columns=["update", "factor as meant", "share of λ left as printed"]).to_string(index=False))

# %% [markdown]
# **Less than a millionth**: 4.7 · 10⁻⁸ of λ is left after ten updates. If you said all of it, you read what
# was meant: the factor of this one update, in a variable of its own, while `self.lr` stays what it was. A
# rate is the caller's; an optimizer uses it and leaves it alone.
#
# **Where ε stands** is the other difference. For ε = 0.1, here is the first step in units of λ: yours; with ε
# under the root of the corrected h; and as printed, where it is under the root of an h that is not corrected.

# %% tags=["experiment"]
with experiment():
    rows = []
    for g in (0.001, 0.01, 0.1, 1.0):
        place = {"θ": np.array([0.0])}
        Adam(1.0, eps=0.1).update(place, {"θ": np.array([g])})
        m, h = 0.1 * g, 0.001 * g**2
        m_hat, h_hat = m / 0.1, h / 0.001
        inside = m_hat / np.sqrt(h_hat + 0.1)
        printed = np.sqrt(0.001) / 0.1 * m / np.sqrt(h + 0.1)
        rows.append((g, -place["θ"].item(), inside, printed))
    columns = ["gradient", "yours", "under the root", "as printed"]
    print(pd.DataFrame(rows, columns=columns).round(4).to_string(index=False))

# %% [markdown]
# *What to see: yours is half of λ where the gradient is as large as ε; with ε under the root it is 0.30
# there, and as printed 0.01.* So ε has a meaning: gradients far below it count as small. It is 10⁻⁸ so that
# almost none does.
#
# All three in the valley, 60 steps.

# %% tags=["experiment"]
with experiment():
    fig, ax = plt.subplots(figsize=(7.4, 3.5))
    draw_paths(ax, {"AdaGrad": AdaGrad(0.5), "RMSProp": RMSProp(0.2), "Adam": Adam(0.3)}, 60)
    ax.set_title("The valley x² + 100y², 60 steps from (10, 1)")
    plt.show()
    rows = []
    for name, make in {
        "AdaGrad, λ = 0.5": lambda: AdaGrad(0.5),
        "RMSProp, λ = 0.2": lambda: RMSProp(0.2),
        "Adam, λ = 0.3": lambda: Adam(0.3),
    }.items():
        heights = [valley(p)[0] for p in walk(make(), 200)]
        rows.append((name, *(f"{heights[k]:.2g}" for k in (20, 60, 100, 200))))
    columns = ["rule", "f, step 20", "f, step 60", "f, step 100", "f, step 200"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# *What to see: AdaGrad (pink) and RMSProp (orange) begin with a step as long along x as along y, though the
# slope along y is ten times as steep; Adam (black) has a velocity, and swings. RMSProp does not come to rest: f
# is 0.11 at step 60 and 1.5 at step 100.*
#
# *Why.* Near the minimum g is small, and √h is small with it: their ratio stays near 1, and RMSProp goes on
# taking steps of about λ. AdaGrad's steps shorten because its h grows, and in Adam's m pushes of alternating
# sign cancel. Where signs come by chance they do not cancel wholly: about a fifth of their size is left in m.

# %% [markdown]
# ## 4 How large a rate?
#
# Now a network: digits of 8 × 8 pixels, two hidden layers of 30 ReLUs, batches of 50, ten epochs, first
# weights with the standard deviation 0.1 as in 06. 1,200 digits to learn from, 200 to choose the rate on,
# and 397 on which no choice rests. Each rule with seven rates from 0.001 to 1, two networks each.


# %% tags=["experiment"]
with experiment():
    OPTIMIZERS = {
        "SGD": SGD,
        "Momentum": Momentum,
        "Nesterov": Nesterov,
        "AdaGrad": AdaGrad,
        "RMSProp": RMSProp,
        "Adam": Adam,
    }
FAMILIES = [["SGD", "Momentum", "Nesterov"], ["AdaGrad", "RMSProp", "Adam"]]


@functools.cache  # computed at the first call, and kept for the next ones
def digits():
    """X and one-hot T of 1,200 digits to train on, 200 to choose by, and 397 to test on."""
    X, labels = datasets.digits()
    order = np.random.default_rng(0).permutation(len(X))
    X, T = X[order], one_hot(labels[order], 10)
    return (X[:1200], T[:1200]), (X[1200:1400], T[1200:1400]), (X[1400:], T[1400:])


def mean_loss(network, part):
    """The mean cross-entropy on (X, T)."""
    return SoftmaxCrossEntropy().forward(network.predict(part[0]), part[1])


def epoch_of(network, optimizer, rng):
    """One pass over the training digits in batches of 50."""
    loss = SoftmaxCrossEntropy()
    for x, t in minibatches(*digits()[0], 50, rng):
        loss.forward(network.forward(x), t)
        network.backward(loss.backward())
        optimizer.update(network.params, network.grads)


def trained(depth, activation, optimizer, epochs, seed, scale=0.1):
    """A network with `depth` hidden layers of 30, after training."""
    rng = np.random.default_rng(seed)
    network = mlp([64, *[30] * depth, 10], activation, rng, scale)
    for _ in range(epochs):
        epoch_of(network, optimizer, rng)
    return network


with experiment():
    rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
    sweep = {}
    for name in progress(OPTIMIZERS, "trying rates"):
        sweep[name] = []
        for rate in rates:
            with np.errstate(all="ignore"):  # the largest rates may overflow
                networks = [trained(2, "relu", OPTIMIZERS[name](rate), 10, seed) for seed in (0, 1)]
                sweep[name].append(np.mean([mean_loss(network, digits()[1]) for network in networks]))
    fig, axes = plt.subplots(1, 2, figsize=(8.4, 3.2), sharey=True)
    for ax, family in zip(axes, FAMILIES, strict=True):
        for name in family:
            ax.loglog(rates, sweep[name], **LOOK[name], label=name)
        ax.set(ylim=(0.1, 6), xlabel="learning rate λ")
        ax.set_yticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
        ax.set_yticks([], minor=True)
        ax.legend(loc="upper center", ncols=3, fontsize=10)
    axes[0].set_ylabel("loss on 200 digits (nats)")
    plt.show()
    best = {name: rates[int(np.argmin(losses))] for name, losses in sweep.items()}
    print(pd.Series(best, name="best rate").to_string())

# %% [markdown]
# *What to see: every rule has a best rate of its own; ten times below it learning is slow, and above it the
# loss rises, to more than 1 for every rule at λ = 1, while to know nothing costs ln 10 = 2.30. SGD wants 0.3,
# Momentum, Nesterov and AdaGrad a third of it, RMSProp and Adam a thirtieth.*
#
# *Why.* In SGD λ multiplies a gradient, however small that is. In RMSProp and Adam λ is about the length of
# the step itself, and 0.01 beside weights of size 0.1 is a long step. So no rate can be carried over from
# one rule to another.
#
# With these rates the rules are compared from here on. They were chosen for two hidden layers and for first
# weights of 0.1, on digits that no test below contains.
#
# **How far does a step go, compared with the weight?** The loss does not tell whether a rate is far off until
# it is too late. The **update-to-weight ratio**, the update ratio of 06, does: |ΔW| / |W|, with |A| the root
# of the sum of the squares. `update_ratios` from 06 computes it. It lies between 0.001 and 0.1 where a
# network learns.


# %% tags=["experiment"]
RATES = {"SGD": 0.3, "Momentum": 0.1, "Nesterov": 0.1, "AdaGrad": 0.1, "RMSProp": 0.01, "Adam": 0.01}


def logged(name, epochs=15, seed=0):
    """Training loss after each epoch, and the mean ratio of the first layer's steps in it."""
    rng = np.random.default_rng(seed)
    network, optimizer, loss = mlp([64, 30, 30, 10], "relu", rng), OPTIMIZERS[name](RATES[name]), SoftmaxCrossEntropy()
    losses, ratios = [], []
    for _ in range(epochs):
        seen = []
        for x, t in minibatches(*digits()[0], 50, rng):
            before = {key: value.copy() for key, value in network.params.items()}
            loss.forward(network.forward(x), t)
            network.backward(loss.backward())
            optimizer.update(network.params, network.grads)
            seen.append(update_ratios(before, network.params)["W1"])
        losses.append(mean_loss(network, digits()[0]))
        ratios.append(np.mean(seen))
    return losses, ratios


with experiment():
    fig, axes = plt.subplots(2, 2, figsize=(7.8, 4.5), sharex=True, sharey="row")
    for column, family in zip(axes.T, FAMILIES, strict=True):
        for name in family:
            losses, ratios = logged(name)
            for ax, values in zip(column, (losses, ratios), strict=True):
                ax.semilogy(range(1, 16), values, **(LOOK[name] | {"marker": None}), label=name)
        column[1].set(xlabel="epoch", xticks=[1, 5, 10, 15])
        column[0].legend(loc="upper right", fontsize=10)
        column[1].axhspan(0.001, 0.1, color="#EEEEEE", zorder=0)
    axes[0, 0].set_ylabel("training loss (nats)")
    axes[1, 0].set_ylabel("|ΔW| / |W|, first layer")
    plt.show()

# %% [markdown]
# *What to see: Momentum and Nesterov come to a loss in about half as many epochs as SGD; their steps are longer
# than SGD's in the first two epochs and shorter afterwards. SGD's loss jumps, here even in the last epoch, from
# 0.09 to 0.31.*
#
# *On the right AdaGrad begins with steps of 17 % of the weights, above the grey band in which networks
# usually learn, and RMSProp with 10 %, at its edge. From the second epoch on all six are within it; RMSProp's steps
# stay at 2 to 5 %, and Adam's are the shortest of the three from the start.*

# %% [markdown]
# ### Large steps first, small ones later
#
# A large rate is fast and then jumps about the minimum; a small one is slow and then settles. A
# **schedule** takes the large one first: a function of the epoch that says what `optimizer.lr` is to be.
# Epochs are counted from 0.
#
# **In steps**: after every so many epochs the rate is multiplied by a factor.
#
# | | formula | shapes |
# |---|---|---|
# | step decay | $\lambda_e = \lambda \cdot \text{factor}^{\lfloor e / \text{every} \rfloor}$ | all numbers |
#
# ⌊ ⌋ rounds down to a whole number: how many whole periods are over. In Python `7 // 3` is 2.
#
# **By hand.** λ = 0.8, factor 0.5, every 3 epochs: epochs 0, 1, 2 have 0.8, epochs 3, 4, 5 have 0.4, epoch
# 6 has 0.2.


# %% gap="step_decay"
def step_decay(lr, epoch, factor=0.1, every=10):
    """The learning rate of an epoch: lr, times factor for each `every` epochs that are over.   All numbers.

    Epochs are counted from 0. step_decay(0.8, 5, 0.5, 3) is 0.4, and step_decay(0.8, 6, 0.5, 3) is 0.2.
    """
    ### BEGIN SOLUTION
    return lr * factor ** (epoch // every)
    ### END SOLUTION


# %% check="step_decay" points=1
check("step_decay", step_decay)

# %% [markdown]
# <details><summary>Hint 1: count periods</summary>
#
# How many whole periods lie behind epoch 5 if each has 3 epochs? Which division gives that number?
# </details>
# <details><summary>Hint 2: again and again</summary>
#
# After two periods the rate was multiplied twice. Which operation says "times the factor, k times over"?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Say the worked number aloud for epoch 6: 0.8, times 0.5, times 0.5. The power counts the halvings; put the
# division of hint 1 where the count stands.
# </details>

# %% [markdown]
# **Along a cosine**: flat at first, steepest halfway, flat again at the end (Loshchilov and Hutter 2017).
# The half wave of a cosine from 1 to −1, lifted and halved so that it runs from 1 to 0:
#
# | | formula | shapes |
# |---|---|---|
# | cosine | $\lambda_e = \tfrac12\lambda\,(1 + \cos(\pi e / \text{epochs}))$ | all numbers; the angle in radians |
#
# **By hand.** λ = 0.8, 12 epochs: epoch 0 has 0.8; epoch 4 has the angle π/3 with cosine ½, so 0.4 · 1.5 =
# 0.6; epoch 6 has 0.4; and epoch 12, which is no longer trained, would have 0.


# %% gap="cosine"
def cosine(lr, epoch, epochs):
    """The learning rate of an epoch on a half cosine wave: lr at epoch 0, 0 at epoch = epochs.   All numbers.

    cosine(0.8, 4, 12) is 0.6.
    """
    ### BEGIN SOLUTION
    return lr * (1 + np.cos(np.pi * epoch / epochs)) / 2
    ### END SOLUTION


# %% check="cosine" points=1
check("cosine", cosine)

# %% [markdown]
# <details><summary>Hint 1: the angle</summary>
#
# It runs from 0 at epoch 0 to half a turn at the end. Half a turn in radians is `np.pi`.
# </details>
# <details><summary>Hint 2: from 1 and −1 to 1 and 0</summary>
#
# Lift the cosine by one, and it runs from 2 to 0. What brings the 2 back to 1?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Three things in turn: the angle, which is half a turn times the share of the epochs that is over; the lifted
# cosine; and what brings its 2 to λ.
# </details>

# %% [markdown]
# Does Adam need this? It has a rate for every number already. Thirty epochs, five networks each. λ = 0.01
# was the best constant rate of the sweep; the schedules begin at three times that.
#
# **Predict before you run.** A cosine from 0.03 brings Adam's training loss to less than a tenth of what a
# constant 0.03 ends with. What becomes of the errors on unseen digits: a tenth, a third, or two thirds of them?


# %% tags=["experiment"]
SCHEDULES = {
    "constant 0.03": lambda epoch: 0.03,
    "constant 0.01": lambda epoch: 0.01,
    "steps from 0.03": lambda epoch: step_decay(0.03, epoch),
    "cosine from 0.03": lambda epoch: cosine(0.03, epoch, 30),
}
SCHEDULE_LOOK = {
    "constant 0.03": {"color": "#999999", "linestyle": "-"},
    "constant 0.01": {"color": plots.COLORS[6], "linestyle": "-"},
    "steps from 0.03": {"color": plots.COLORS[5], "linestyle": "-"},
    "cosine from 0.03": {"color": plots.COLORS[5], "linestyle": "--"},
}


def scheduled(schedule, seed, X, T, epochs=30):
    """Training loss after each epoch, and the share of the digits X read in the end."""
    rng = np.random.default_rng(seed)
    network, optimizer, losses = mlp([64, 30, 30, 10], "relu", rng), Adam(), []
    for epoch in range(epochs):
        optimizer.lr = schedule(epoch)
        epoch_of(network, optimizer, rng)
        losses.append(mean_loss(network, digits()[0]))
    return losses, accuracy(network.predict(X), T)


with experiment():
    X_test, T_test = digits()[2]
    fig, axes = plt.subplots(1, 2, figsize=(8.4, 3.2))
    rows = []
    for name, schedule in progress(SCHEDULES.items(), "schedules"):
        losses, shares = zip(*(scheduled(schedule, seed, X_test, T_test) for seed in range(5)), strict=True)
        look = SCHEDULE_LOOK[name] | {"label": name}
        jumps = "steps-post" if name.startswith("steps") else "default"
        axes[0].plot(range(30), [schedule(epoch) for epoch in range(30)], **look, drawstyle=jumps)
        axes[1].semilogy(range(1, 31), np.mean(losses, axis=0), **look)
        end = np.mean(losses, axis=0)[-5:].mean()
        rows.append((name, f"{end:.1e}", f"{np.mean(shares):.1%} ± {np.std(shares):.1%}"))
    axes[0].set(xlabel="epoch", ylabel="learning rate λ", title="what is set")
    axes[1].set(xlabel="epoch", ylabel="training loss (nats)", title="what comes of it")
    axes[1].legend(loc="upper right")
    plt.show()
    print(pd.DataFrame(rows, columns=["schedule", "loss, last 5 epochs", "right of 397"]).to_string(index=False))

# %% [markdown]
# **Two thirds**: 3.3 % wrong became 2.1 %. If you said a tenth: a lower training loss is not yet a better
# reader. The table has the mean training loss of the last five epochs, and the share read with its spread.
#
# *What to see: at a constant 0.03 the loss falls fast and then jumps about, at 0.030 in the end; the schedules
# share its first epochs and then settle, each when its rate gets small, the cosine at 0.0025. On unseen digits
# the last three rows differ by less than their spread.*
#
# *Why.* Near a minimum gradients get small, but Adam divides by their size, as RMSProp did in the valley.
# That the steps get shorter is left to λ.

# %% [markdown]
# ## 5 What of the deep networks is repaired
#
# Now back to the opening. One to eight hidden layers of 30, ReLU and sigmoid, each rule with its rate, ten
# epochs, two networks each. Nothing else is changed.
#
# **Predict before you run.** The rule of the opening was Adam. With ReLU it read 90 % up to five hidden
# layers. Up to how many will it be with sigmoids: five, two or one?


# %% tags=["experiment"]
DEPTHS = [1, 2, 3, 4, 5, 8]


def depths(activation, X, T):
    """The mean share of the digits X read, (6 optimizers, 6 depths)."""
    rows = []
    for name in progress(OPTIMIZERS, activation):
        runs = [
            [trained(depth, activation, OPTIMIZERS[name](RATES[name]), 10, seed) for seed in (0, 1)] for depth in DEPTHS
        ]
        rows.append([np.mean([accuracy(network.predict(X), T) for network in run]) for run in runs])
    return np.array(rows)


with experiment():
    X_test, T_test = digits()[2]
    fig, axes = plt.subplots(1, 2, figsize=(8.8, 3.3))
    for ax, activation, title in zip(axes, ("relu", "sigmoid"), ("ReLU", "sigmoid"), strict=True):
        table = 100 * depths(activation, X_test, T_test)
        ax.imshow(table, vmin=0, vmax=100, aspect="auto")
        for (row, column), value in np.ndenumerate(table):
            color = "black" if value > 60 else "white"
            ax.text(column, row, f"{value:.0f}", ha="center", va="center", color=color, fontsize=11)
        ax.set_xticks(range(len(DEPTHS)), DEPTHS)
        ax.set_yticks(range(6), OPTIMIZERS if activation == "relu" else [""] * 6)
        ax.set(xlabel="hidden layers", title=f"{title}: unseen digits read (%)")
        ax.grid(False)
    plt.show()

# %% [markdown]
# **Two.** If you said five: a sigmoid hands back a quarter of what it gets at best, and something else
# happens too, as you will see.
#
# *What to see: with ReLU, SGD reads nine digits of ten up to three hidden layers, Momentum, Nesterov and
# AdaGrad up to four, RMSProp and Adam up to five. With sigmoids SGD, Momentum and Nesterov hold at one hidden
# layer, RMSProp and Adam at two, AdaGrad at three.*
#
# *At eight layers the three rules without h are at chance in both panels. RMSProp reads about half with ReLU,
# Adam three quarters, and with sigmoids nobody reads a third.*
#
# The rates were chosen with ReLUs. In 06 the sigmoids had λ = 1 and twice as many epochs, and plain descent
# read 95 % with two layers; with three it was guessing there, too.
#
# Why do some networks come back and others not? Look at the layers one by one, in the networks of eight:
# the gradient of each, and how far the steps of the first epoch go.


# %% tags=["experiment"]
def layer_by_layer(activation, name, X, T):
    """Of a network of eight: gradient norms before and after ten epochs, mean update-to-weight ratios of the first
    epoch, and the dead share of the last hidden layer before training, after an update, an epoch and ten epochs."""
    rng = np.random.default_rng(0)
    network = mlp([64, *[30] * 8, 10], activation, rng)
    optimizer, loss = OPTIMIZERS[name](RATES[name]), SoftmaxCrossEntropy()

    def norms():
        loss.forward(network.forward(X), T)
        network.backward(loss.backward())
        return list(gradient_norms(network).values())

    def dead():
        return dead_units(network, X)[-1] if activation == "relu" else 0.0

    first, seen, shares = norms(), [], [dead()]
    for x, t in minibatches(X, T, 50, rng):
        before = {key: value.copy() for key, value in network.params.items()}
        loss.forward(network.forward(x), t)
        network.backward(loss.backward())
        optimizer.update(network.params, network.grads)
        seen.append(list(update_ratios(before, network.params).values()))
        if len(seen) in (1, 24):
            shares.append(dead())
    for _ in range(9):
        epoch_of(network, optimizer, rng)
    return first, norms(), np.mean(seen, axis=0), [*shares, dead()]


with experiment():
    X_train, T_train = digits()[0]
    fig, axes = plt.subplots(2, 2, figsize=(8.0, 4.6), sharex=True, sharey="row")
    rows = []
    for column, activation, title in zip(axes.T, ("relu", "sigmoid"), ("ReLU", "sigmoid"), strict=True):
        for name in ("SGD", "Momentum", "RMSProp", "Adam"):
            first, last, ratios, shares = layer_by_layer(activation, name, X_train, T_train)
            if name == "SGD":
                column[0].semilogy(range(1, 10), first, ":", color="#666666", label="before training")
            column[0].semilogy(range(1, 10), last, **LOOK[name], label=name)
            column[1].semilogy(range(1, 10), ratios, **LOOK[name], label=name)
            if activation == "relu":
                rows.append((name, *(f"{share:.0%}" for share in shares)))
        column[0].set(title=f"8 hidden layers, {title}")
        column[1].set(xlabel="layer, 1 is next to the pixels")
    axes[0, 0].set_ylabel("|∂E/∂W|")
    axes[1, 0].set_ylabel("|ΔW| / |W|, first epoch")
    axes[0, 1].legend(fontsize=10, loc="center left", bbox_to_anchor=(1.0, 0.5))
    plt.show()
    columns = ["dead, last ReLU layer", "at first", "update 1", "epoch 1", "epoch 10"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# *What to see: with ReLU, all gradients before training are near 10⁻⁴; SGD's steps are 1 to 2 · 10⁻⁵ of the
# weights in every layer but the last two, Adam's 2 to 4 % in every layer. With sigmoid the gradient loses a
# factor of five to eight in each layer, to 4 · 10⁻⁸ next to the pixels, and SGD's steps with it; Adam's lie
# between 0.7 % and 4 %, RMSProp's between 1 and 11 %.*
#
# In the upper left panel SGD and Momentum have no curve after training: their gradient is exactly 0, because
# all 30 units of the last hidden layer are dead. A fifth were so at first, and after one update four or five
# of ten with every rule. With RMSProp and Adam it stays at about that.
#
# *Why.* What comes into that layer differs from digit to digit by 10⁻⁴. The gradient of W contains it and is as
# small; that of b does not, and SGD's first step of b is 10⁻³. So W stands still, b decides alone, and
# where it falls below 0 the unit is closed for every digit, and gets no gradient any more.
#
# Dividing by √h takes the size out of the gradient. W then moves as fast as b, in all layers, and after a dozen
# updates of Adam what comes in is larger than b. This was the illness of the ReLU networks; compare it with what you
# wrote down at the start. The deep sigmoids get such steps, too, and still read nothing: they have another one.

# %% [markdown]
# ## 6 What you have
#
# | question | your answer |
# |---|---|
# | How long does a step of Momentum become on an even slope? | λg/(1 − α), ten times λg for α = 0.9 |
# | How many steps until f stays below 1 in the valley? | SGD 121, Momentum 47, Nesterov 32 |
# | Which rate is that, if a paper averages with 0.03 and β = 0.9? | λ = 0.003, α = 0.9 |
# | What does the easier form of Adam leave of λ after ten updates? | 4.7 · 10⁻⁸ |
# | Which rate suits two hidden layers best? | SGD 0.3, Adam 0.01 |
# | What does a cosine from 0.03 do for Adam? | training loss 0.0025 instead of 0.030 |
# | Eight hidden layers of ReLU: how many digits are read? | SGD 8 %, Adam about three quarters |
# | Eight hidden layers of sigmoids? | below a third, with any rule |
#
# **You can now**
#
# - *build* any rule that turns gradients into steps, with a memory for each parameter;
# - *choose* a learning rate by a sweep, *lower* it by a schedule, and *watch* it by the update-to-weight ratio;
# - *tell* a gradient that is small from one that is of no use.
#
# **The number to remember: 10**, which is 1/(1 − 0.9): how many times as long momentum makes a step where
# the gradient does not change.

# %% [markdown]
# ### Why? 1
#
# A friend leaves both bias corrections out of Adam: "m and h both begin at 0, so the two errors cancel in
# the quotient." With β₁ = 0.9 and β₂ = 0.999, how long is the friend's first step in units of λ? Which of
# the two errors lasts longer, and how long? *(2 points)*

# %% [markdown] why="optimizers-why-1" points=2
# After one update m = 0.1 g and √h = √0.001 |g| = 0.0316 |g|. The step is 0.1/0.0316 = 3.16 λ instead of λ:
# the errors do not cancel, because one stands under a root and the two β differ. (1 point)
#
# m has forgotten its start after some 10 updates, 1/(1 − β₁); h needs some 1,000, 1/(1 − β₂). In between
# the divisor is too small and the steps too long: after ten updates with a constant gradient,
# 0.651/√0.00996 = 6.5 λ. (1 point)

# %% [markdown]
# ### Why? 2
#
# Somebody sums the loss over a batch of 100 where we take the mean. Which of the six rules need another λ
# to do the same as before, and which one? What about ε? *(2 points)*

# %% [markdown] why="optimizers-why-2" points=2
# Every gradient is 100 times as large. SGD, Momentum and Nesterov multiply it by λ, so they need λ/100. (1
# point)
#
# AdaGrad, RMSProp and Adam divide it by a root that is 100 times as large as well, so their λ stays. Only ε
# does not grow along: beside the larger root it weighs a hundredth of what it did, and to be exact it has
# to be 100 times as large. (1 point)

# %% [markdown]
# ### Why? 3
#
# A gradient that is 10⁻⁷ in every step and one that is 0.1 in every step give Adam steps of the same
# length. When is that what one wants? Now let the sign of the 10⁻⁷ depend on which digits happen to be in
# the batch: what do Adam and SGD make of it? *(2 points)*

# %% [markdown] why="optimizers-why-3" points=2
# It is what one wants where a gradient is small because many layers have shrunk it, and its direction is
# right in every batch, as in the deep ReLU networks: the size says nothing about how far it is to go. (1
# point)
#
# If the sign comes from the batch, it is noise. SGD hardly moves, by λ · 10⁻⁷. Adam divides by the size of
# the noise and takes steps of a good part of λ to and fro; m averages only some ten gradients, so it does
# not cancel all of it. The weight wanders, and a smaller λ is all that stops it. (1 point)

# %% [markdown]
# ## Where the crack is
#
# What do the layers of a network of eight pass on, before any training? For each hidden layer: by how much
# its values differ from digit to digit, as a standard deviation over the 1,200 digits, in the mean over its
# units.


# %% tags=["experiment"]
def spread(activation, H):
    """How much the values of each hidden layer differ between the digits H, before training."""
    network, result = mlp([64, *[30] * 8, 10], activation, np.random.default_rng(0)), []
    for number, layer in enumerate(network.layers[:-1]):
        H = layer.forward(H)
        if number % 2 == 1:
            result.append(H.std(axis=0).mean())
    return result


with experiment():
    X_train = digits()[0][0]
    columns = {"hidden layer": range(1, 9), "ReLU": spread("relu", X_train), "sigmoid": spread("sigmoid", X_train)}
    print(pd.DataFrame(columns).iloc[[0, 1, 3, 7]].to_string(index=False, float_format="{:.1e}".format))

# %% [markdown]
# *What to see: with sigmoids the digits differ by 5 hundredths after one layer and by 3 · 10⁻⁸ after eight;
# with ReLU by 6 · 10⁻⁵.* What reaches the output is nearly the same for every digit. A gradient computed
# from that hardly knows which digit is which, and no rule for the step can put it back.
#
# The weights are multiplied in again and again, so look at their size. The same networks of eight, ten
# epochs, but the first weights are drawn with other standard deviations than the 0.1 that you have used so
# far. Where larger weights pass more on, gradients are larger too, so SGD runs with 0.1 beside its 0.3.

# %% tags=["experiment"]
with experiment():
    scales = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]
    settings = {
        "ReLU, SGD 0.3": ("relu", lambda: SGD(0.3), {"color": plots.COLORS[0], "linestyle": ":", "marker": "o"}),
        "ReLU, SGD 0.1": ("relu", lambda: SGD(0.1), {"color": plots.COLORS[0], "linestyle": "-", "marker": "o"}),
        "ReLU, Adam 0.01": ("relu", lambda: Adam(0.01), {"color": plots.COLORS[6], "linestyle": "-.", "marker": "P"}),
        "sigmoid, Adam 0.01": (
            "sigmoid",
            lambda: Adam(0.01),
            {"color": plots.COLORS[5], "linestyle": "--", "marker": "v"},
        ),
    }
    X_test, T_test = digits()[2]
    fig, ax = plt.subplots(figsize=(7.6, 3.2))
    for name, (activation, make, look) in progress(settings.items(), "scales"):
        with np.errstate(all="ignore"):  # some of these overflow, and that is a result too
            shares = [
                accuracy(trained(8, activation, make(), 10, 0, scale).predict(X_test), T_test) for scale in scales
            ]
        ax.semilogx(scales, 100 * np.array(shares), **look, label=name)
    ax.axvline(0.1, color="#999999", linewidth=1, linestyle=":")
    ax.set_xticks(scales, scales)
    ax.set_xticks([], minor=True)
    ax.set(ylim=(0, 105), xlabel="standard deviation of the first weights", ylabel="unseen digits read (%)")
    ax.set_title("Eight hidden layers, ten epochs, one network each")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    plt.show()

# %% [markdown]
# *What to see: at 0.2 the ReLUs learn by plain descent, if its rate is 0.1, and hardly with 0.3; Adam reads
# most there, too. At 0.8 the sigmoids read nine digits of ten, and the ReLUs fail.* The dotted line is where all
# of this notebook began. Each point is one network: two other seeds of SGD 0.1 read 85 and 87 % at 0.2, where
# this one reads 70.
#
# The size of the first weights does for the sigmoids what none of the six optimizers did with their rates, and
# with a rate that goes with it, it lets plain descent train the ReLUs. 0.2 is good for one and 0.8 for the
# other, and both depend on the width. In 08 you compute where to begin instead of trying it out.
