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
# # 02 Backpropagation
#
# Below is a whole network at work on one sample: two neurons feed a third, and E = −ln of its answer says how
# wrong that is, where 1 would be right. Every circle is one step of arithmetic, with its result in blue; σ is the
# sigmoid of 01. Turn up the weight marked **?** by 0.01: does E rise or fall, and by how much? There are eight
# more such questions in this picture, one for each weight and bias. On paper they cost an evening.

# %% setup=true
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from byhand import check, datasets, experiment, graph, plots, progress
from toolbox.perceptron import bce_gradient, sigmoid


# %% tags=["experiment"]
# How the picture is put together you need not read.
def neuron_in_pieces(inputs, weights, bias):
    """The nodes of one neuron, written down by hand."""
    products = tuple(
        graph.Node(value=h.value * w.value, op="×", parents=(h, w)) for h, w in zip(inputs, weights, strict=True)
    )
    total = graph.Node(value=sum(p.value for p in (*products, bias)), op="+", parents=(*products, bias))
    return graph.Node(value=float(sigmoid(np.array(total.value))), op="σ", parents=(total,))


inputs = [graph.Node("x₁", 2.0), graph.Node("x₂", -1.0)]
layer_1 = [[graph.Node("w₁₁", 0.5), graph.Node("w₂₁", 1.0)], [graph.Node("w₁₂", -1.0), graph.Node("w₂₂", 0.5)]]
hidden = [neuron_in_pieces(inputs, w, graph.Node(f"b{k}", 0.1)) for k, w in zip("₁₂", layer_1, strict=True)]
y_hat = neuron_in_pieces(hidden, [graph.Node("v₁", 2.0), graph.Node("v₂", -1.5)], graph.Node("c", -0.5))
E = graph.Node("E", -np.log(y_hat.value), op="−ln", parents=(y_hat,))
fig, ax = plt.subplots(figsize=(9, 4.6))
places = graph.draw(ax, E)
question = {"color": graph.GRAD_COLOR, "fontsize": 16, "fontweight": "bold", "ha": "center", "va": "top"}
ax.annotate("?", places[layer_1[0][0]], xytext=(0, -14), textcoords="offset points", **question)
plt.show()

# %% [markdown]
# *What to see: inputs and weights are grey, everything computed from them is white; the arrows run from left to
# right and end in E, at the far right.*
#
# At the end of 01 the last neuron knew its error and those before it did not. Here is the way out: follow the
# arrows back. At the end you will have built a machine of some forty lines that answers all nine questions, and
# those of any other calculation, in one pass.
#
# - **You will build** the derivative of every piece that a network is made of, a tool that tests derivatives,
#   and an engine that finds them.
# - **You need** the derivatives of x², 1/x, eˣ, ln x and of a quotient, matrix products (00), and your `sigmoid`
#   from 01.
# - **It takes** about six hours in three sittings: sections 1 and 2 (1½ hours), 3 to 5 (2), 6 to 8 (2¼). There
#   are fourteen gaps, with 21 functions and methods of one to eight lines in all.

# %% [markdown]
# ## 1 One calculation, taken apart
#
# Take $z = (ax - y)^2$, the error of a prediction ax against a truth y. A computer finds z in three steps, each
# of which is easy to differentiate:
#
# $$p = a\,x \qquad d = p - y \qquad z = d^2 \qquad \text{all single numbers}$$
#
# Draw a circle for each number and an arrow from each number to all that are computed from it: a
# **computational graph**. On each arrow write its **slope**, the derivative of the number it points to by the
# one it comes from: how fast the head moves when the tail does.
#
# | arrow | a → p | x → p | p → d | y → d | d → z |
# |---|---|---|---|---|---|
# | slope | x | a | 1 | −1 | 2d |
#
# The **chain rule**: along a way, slopes multiply. The product of all slopes from a to z is ∂z/∂a, how fast z
# moves when a alone is moved. (∂ instead of d says that there are other inputs, which are held still.) All of
# these numbers together, one for each input, are the **gradient** of z.
#
# **By hand**, with a = 4, x = 2, y = 5. Forward: p = 8, d = 3, z = 9. Backward, starting from dz/dz = 1:
#
# $$\frac{\partial z}{\partial d} = 2d = 6 \qquad \frac{\partial z}{\partial p} = 6\cdot 1 = 6 \qquad
# \frac{\partial z}{\partial y} = 6\cdot(-1) = -6 \qquad
# \frac{\partial z}{\partial a} = 6\cdot 1\cdot x = 12$$
#
# **Predict before you run.** One is left: ∂z/∂x. a is 4 and x is 2. Is it larger than ∂z/∂a, smaller or equal?


# %% gap="squared_difference_gradients"
def squared_difference_gradients(a, x, y):
    """dz/da, dz/dx and dz/dy, in this order, for z = (a x - y)².

    a, x and y are numbers, or arrays of one shape: then everything is entry by entry.

    a = 4, x = 2, y = 5 gives 12 first and -6 last.
    """
    ### BEGIN SOLUTION
    dz_dd = 2 * (a * x - y)
    return dz_dd * x, dz_dd * a, -dz_dd
    ### END SOLUTION


# %% check="squared_difference_gradients" points=1
check("squared_difference_gradients", squared_difference_gradients)

# %% [markdown]
# <details><summary>Hint 1: what all three share</summary>
#
# Every way from an input to z passes through d. Its last arrow is the same: which slope stands on it?
# </details>
# <details><summary>Hint 2: what they do not share</summary>
#
# The arrow from a to p has the slope x, the arrow from x to p has the slope a. The one from y has a sign.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Twice the difference ax − y is what arrives at d. Times x for a, times a for x, with the other sign for y.
# </details>

# %% tags=["experiment"]
with experiment():
    da, dx, dy = squared_difference_gradients(4.0, 2.0, 5.0)
    a, x, y = graph.Node("a", 4.0, da), graph.Node("x", 2.0, dx), graph.Node("y", 5.0, dy)
    p = graph.Node("p", 8.0, 6.0, "×", (a, x), (2.0, 4.0))
    d = graph.Node("d", 3.0, 6.0, "−", (p, y), (1.0, -1.0))
    z = graph.Node("z", 9.0, 1.0, "^2", (d,), (6.0,))
    fig, ax = plt.subplots(figsize=(7.5, 3.2))
    graph.draw(ax, z, slopes=True)
    plt.show()
    rows = []
    for name, moved, slope in [("a", (4.01, 2, 5), da), ("x", (4, 2.01, 5), dx), ("y", (4, 2, 5.01), dy)]:
        rows.append((name, slope, 0.01 * slope, (moved[0] * moved[1] - moved[2]) ** 2 - 9))
    columns = ["moved by 0.01", "gradient", "change predicted", "change of z"]
    print(pd.DataFrame(rows, columns=columns).round(4).to_string(index=False))

# %% [markdown]
# **Larger: 24.** If you said smaller: the slope of a product towards one factor is the *other* factor. x is
# small, and it is multiplied by the larger a. If you said equal: what arrives at p is the same for both, and the
# last slope is not.
#
# *What to see: above each circle its value (blue), below it its gradient (vermilion), on each arrow its slope;
# a gradient is what the circle to the right has, times the slope in between. The table moves one input at a
# time: the prediction is right to within one part in a hundred, and the rest is the curve of the square.*

# %% [markdown]
# ## 2 Four links of a chain
#
# A network is long, but it is made of few kinds of links. Each of the next functions is one link. It is handed
# what arrives from the right, such as dz/du, and returns what goes on to the left. What happens further to the
# right it need not know: z may be any function of u. And it writes into nothing that it was handed, since others
# may need that too: for `handed_back`, the check compares your arguments with what they were.
#
# ### Through a sigmoid
#
# | | formula | |
# |---|---|---|
# | forward | $u = \sigma(x) = 1/(1+e^{-x})$ | number → number |
# | slope | $\dfrac{du}{dx} = \dfrac{e^{-x}}{(1+e^{-x})^2} = u\,(1-u)$ | |
# | backward | $\dfrac{dz}{dx} = u\,(1-u)\,\dfrac{dz}{du}$ | number → number |
#
# The middle one is the quotient rule, and then a look at both factors: $1/(1+e^{-x})$ is u, and
# $e^{-x}/(1+e^{-x})$ is 1 − u.
#
# In 01 the end was the cross-entropy, $z = -t\ln u - (1-t)\ln(1-u)$ with the label t. Then dz/du can be had,
# too:
#
# $$\frac{dz}{du} = -\frac{t}{u} + \frac{1-t}{1-u} \qquad\text{and so}\qquad
# \frac{dz}{dx} = u(1-u)\Bigl(-\frac tu + \frac{1-t}{1-u}\Bigr)$$
#
# Multiply the right-hand formula out for any t and u; two of four terms cancel, and what is left is short enough
# to remember for the rest of the course. (The check calls the two results `dz_dx` and `dz_dx_entropy`.)
#
# **By hand.** x = ln 4 gives u = 0.8 and the slope 0.16. If dz/du = 10 arrives, 1.6 goes on. With t = 1, dz/du =
# −1/0.8 = −1.25 arrives, and −0.2 goes on; with t = 0, 1/0.2 = 5 arrives, and 0.8 goes on.
#
# **Predict before you run.** A neuron is sure and wrong: u = 0.01 and t = 1. dz/du is −100. Is dz/dx nearer
# −100, −1 or −0.01?


# %% gap="through_sigmoid"
def sigmoid_backward(x, dz_du):
    """dz/dx for u = σ(x), given dz/du.   x and dz_du: arrays of one shape, entry by entry.

    x = ln 4 and dz_du = 10 give 1.6.
    """
    ### BEGIN SOLUTION
    u = sigmoid(x)
    return u * (1 - u) * dz_du
    ### END SOLUTION


def cross_entropy_backward(t, u):
    """dz/dx for z = -t ln u - (1 - t) ln(1 - u) and u = σ(x), in terms of t and u.

    t and u: arrays of one shape, entry by entry. u = 0.8 gives -0.2 with t = 1 and 0.8 with t = 0.
    """
    ### BEGIN SOLUTION
    return u - t
    ### END SOLUTION


# %% check="through_sigmoid" points=2
check("through_sigmoid", sigmoid_backward, cross_entropy_backward)

# %% [markdown]
# <details><summary>Hint 1: two factors</summary>
#
# What goes on is what arrives times the slope of the link. The slope is written with u, and you are given x:
# how do you get from one to the other?
# </details>
# <details><summary>Hint 2: the second function</summary>
#
# u(1 − u) times t/u: one factor cancels. u(1 − u) times (1 − t)/(1 − u): the other does. Multiply out what is
# left and look for two terms that are equal but for their sign.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# First: the sigmoid of x, times one minus it, times what arrives. Second: the prediction minus the label.
# </details>

# %% tags=["experiment"]
with experiment():
    print(f"u = 0.01, t = 1:   dz/dx = {cross_entropy_backward(1.0, 0.01):.2f}")
    x = np.linspace(-8, 8, 321)
    said = sigmoid(x)
    fig, ax = plt.subplots(figsize=(6.8, 3.6))
    ax.plot(x, cross_entropy_backward(np.ones_like(x), said), color=plots.COLORS[0], label="cross-entropy")
    ax.plot(x, sigmoid_backward(x, said - 1), "--", color=plots.COLORS[1], label="squared error ½(u − 1)²")
    ax.set(xlabel="score x of a sample with label t = 1", ylabel="dz/dx", title="How hard a mistake pulls")
    ax.legend(loc="lower right")
    plt.show()

# %% [markdown]
# **−0.99.** If you said −100: the slope of the sigmoid is 0.01 · 0.99 there, and takes the hundred back. If you
# said −0.01, you counted that slope and forgot the hundred.
#
# *What to see: on the far left, where the neuron is sure and wrong, cross-entropy pulls with −1 and the squared
# error hardly at all; on the right, where it is right, both let go.*

# %% [markdown]
# ### A fork: two ways to the same end
#
# x is used twice, by u and by v, and both are used by z. When x moves, z is moved over both ways, so the two
# products **add up**:
#
# $$u = 1 + e^{x} \qquad v = 1 + e^{-x} \qquad z = z(u, v) \qquad \text{one number, then two, then one}$$
#
# $$\frac{dz}{dx} = \frac{\partial z}{\partial u}\,\frac{du}{dx} + \frac{\partial z}{\partial v}\,\frac{dv}{dx}
# \qquad \text{two numbers arrive, one goes on}$$
#
# **By hand**, x = ln 4 and z = uv. Then u = 5, v = 1.25, ∂z/∂u = v = 1.25 and ∂z/∂v = u = 5. The slope of u is
# 4, that of v is −¼. Together 1.25 · 4 + 5 · (−¼) = **3.75**. Multiplied out, uv = 2 + eˣ + e⁻ˣ, and its slope
# at ln 4 is 4 − ¼ = 3.75 as well.
#
# **Predict before you run.** Again z = uv, now at x = 0: u = v = 2. Over each way alone a push of size 2
# arrives. Is dz/dx 4, 2 or 0?


# %% gap="fork_backward"
def fork_backward(x, dz_du, dz_dv):
    """dz/dx for u = 1 + e^x and v = 1 + e^(-x), given dz/du and dz/dv.

    x, dz_du and dz_dv: arrays of one shape, entry by entry.

    x = ln 4, dz_du = 1.25 and dz_dv = 5 give 3.75.
    """
    ### BEGIN SOLUTION
    return np.exp(x) * dz_du - np.exp(-x) * dz_dv
    ### END SOLUTION


# %% check="fork_backward" points=1
check("fork_backward", fork_backward)

# %% [markdown]
# <details><summary>Hint 1: two slopes</summary>
#
# What is the derivative of 1 + eˣ? And of 1 + e⁻ˣ: what does the inner minus do?
# </details>
# <details><summary>Hint 2: in words</summary>
#
# The exponential of x times what arrives over u, minus the exponential of minus x times what arrives over v.
# </details>

# %% tags=["experiment"]
with experiment():
    x = np.linspace(-1.5, 1.5, 121)
    u, v, nothing = 1 + np.exp(x), 1 + np.exp(-x), np.zeros_like(x)
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.4))
    axes[0].plot(x, u * v, color="black")
    axes[0].set(xlabel="x", ylabel="z = uv", title="the function")
    axes[1].plot(x, fork_backward(x, v, nothing), "--", color=plots.COLORS[2], label="over u")
    axes[1].plot(x, fork_backward(x, nothing, u), ":", color=plots.COLORS[3], label="over v")
    axes[1].plot(x, fork_backward(x, v, u), color=graph.GRAD_COLOR, label="both")
    axes[1].set(xlabel="x", ylabel="dz/dx", title="its slope, way by way")
    axes[1].legend(loc="upper left")
    plt.show()
    at_0 = [fork_backward(0.0, 2.0, 0.0), fork_backward(0.0, 0.0, 2.0), fork_backward(0.0, 2.0, 2.0)]
    print("x = 0:   over u {:+.0f}   over v {:+.0f}   both {:.0f}".format(*at_0))

# %% [markdown]
# **0.** If you said 4, you added the sizes and not the signs; if you said 2, you took one way and left the
# other.
#
# *What to see: the two ways pull in opposite directions everywhere; their sum is 0 exactly where z is lowest.*

# %% [markdown]
# ### A softmax of two
#
# Two scores x and y become two shares that add up to 1. Now every input reaches every output, which makes four
# arrows:
#
# $$u = \frac{e^x}{e^x + e^y} \qquad v = \frac{e^y}{e^x + e^y} \qquad\qquad
# \frac{\partial u}{\partial x} = \frac{\partial v}{\partial y} = uv \qquad
# \frac{\partial u}{\partial y} = \frac{\partial v}{\partial x} = -uv$$
#
# If the end is the cross-entropy of two classes, $z = -s\ln u - t\ln v$ with s + t = 1, then $\partial
# z/\partial u = -s/u$ and $\partial z/\partial v = -t/v$. Use u + v = 1 as well, and the result is as short as
# that of the sigmoid. (Its two are `dz_dx_entropy` and `dz_dy_entropy` in the check.)
#
# **By hand.** x = ln 3 and y = 0 give u = ¾, v = ¼, uv = 3/16. If 16 arrives at u and 0 at v, then 3 goes on to
# x and −3 to y. With s = 1 and t = 0, −4/3 arrives at u and 0 at v: −¼ goes on to x and ¼ to y.
#
# **Predict before you run.** The same x and y, and z rises with u and with v, equally fast: 7 arrives at both.
# What goes on to x?


# %% gap="softmax_pair"
def softmax_backward(x, y, dz_du, dz_dv):
    """dz/dx and dz/dy for (u, v) = softmax(x, y), given dz/du and dz/dv.

    All four: arrays of one shape, entry by entry.
    x = ln 3, y = 0, dz_du = 16 and dz_dv = 0 give 3 and -3.
    """
    ### BEGIN SOLUTION
    u = np.exp(x) / (np.exp(x) + np.exp(y))
    v = 1 - u
    return u * v * (dz_du - dz_dv), u * v * (dz_dv - dz_du)
    ### END SOLUTION


def softmax_cross_entropy_backward(s, t, u, v):
    """dz/dx and dz/dy for z = -s ln u - t ln v, with s + t = 1 and (u, v) = softmax(x, y).

    All four: arrays of one shape, entry by entry.
    s = 1, t = 0, u = 0.75 and v = 0.25 give -0.25 and 0.25.
    """
    ### BEGIN SOLUTION
    return u - s, v - t
    ### END SOLUTION


# %% check="softmax_pair" points=2
check("softmax_pair", softmax_backward, softmax_cross_entropy_backward)

# %% [markdown]
# <details><summary>Hint 1: count the ways</summary>
#
# From x to z there are two ways, one over u and one over v. Which slopes stand on their first arrows?
# </details>
# <details><summary>Hint 2: the second function</summary>
#
# Put −s/u and −t/v into your first result: uv cancels to v in one term and to u in the other, and −vs + ut is
# left. Now write 1 − u for v, and 1 − s for t.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# First: the product of both shares, times what arrives at u minus what arrives at v; for y the other way round.
# Second: each share minus its truth.
# </details>

# %% tags=["experiment"]
with experiment():
    dx, dy = softmax_backward(np.log(3.0), 0.0, 7.0, 7.0)
    print(f"7 and 7 arrive:   dz/dx = {abs(dx):.0f}   dz/dy = {abs(dy):.0f}")

# %% [markdown]
# **0.** If you said 7 · 3/16: that is the way over u alone. u and v cannot both grow, since they add up to 1;
# only the difference of what arrives counts.

# %% [markdown]
# ### A mix of two
#
# The last link is the affine one: each y is a sum of the x, weighted, and b shifts it.
#
# | | formula | shapes |
# |---|---|---|
# | forward | $y_0 = x_0w_{00} + x_1w_{10} + b_0$ | x (2,), W (2, 2), b (2,) → y (2,) |
# | | $y_1 = x_0w_{01} + x_1w_{11} + b_1$ | |
# | backward | $\partial z/\partial x_i$ = sum over both ways that leave $x_i$ | (2,) → (2,) |
#
# The weight $w_{ij}$ stands on the arrow **from** $x_i$ **to** $y_j$. Forward, all arrows that *end* in one y
# are summed: a column of W. Backward, all that *start* at one x.
#
# **By hand.** $W = \begin{pmatrix}1&2\\3&4\end{pmatrix}$, and 10 arrives at y₀, −1 at y₁. For x₀: 10 · 1 + (−1)
# · 2 = **8**.
#
# **Now you**, on paper: what goes on to x₁, 26 or 16? The cell after the check will tell.


# %% gap="mix_backward"
def mix_backward(W, dz_dy):
    """dz/dx for y = x W + b, given dz/dy.   W (2, 2), dz_dy (2,)  ->  (2,).

    W = np.array([[1.0, 2.0], [3.0, 4.0]]) and dz_dy = np.array([10.0, -1.0]) give 8 first.
    """
    ### BEGIN SOLUTION
    return W @ dz_dy
    ### END SOLUTION


# %% check="mix_backward" points=1
check("mix_backward", mix_backward)

# %% [markdown]
# <details><summary>Hint 1: which arrows</summary>
#
# Two arrows start at x₀. Their weights are w₀₀ and w₀₁: is that a row of W or a column?
# </details>
# <details><summary>Hint 2: in words</summary>
#
# For each x: the entries of its row of W, times what arrives, added up. A matrix product with a vector does
# this for all rows.
# </details>

# %% tags=["experiment"]
with experiment():
    dx = mix_backward(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, -1.0]))
    print(f"x₀: {dx[0]:.0f}   x₁: {dx[1]:.0f}")

# %% [markdown]
# **26** = 10 · 3 − 4. If you said 16 = 10 · 2 − 4, you took the column of W that ends in y₁: right on the way
# forward, and not on the way back.

# %% [markdown]
# ## 3 Whole arrays
#
# *A second sitting begins here: run all cells above first.* Numbers one by one are slow to write. Put N samples
# into the rows of X, and let one node of the graph be a whole array. E stays a single number, so ∂E/∂Y is an
# array with the shape of Y; for short, it is called dY.
#
# ### A matrix product
#
# | | formula | shapes |
# |---|---|---|
# | forward | $Y = XW$ | (N, K) = (N, D)(D, K) |
# | backward | $\partial E/\partial X = \mathrm{dY}\; W^\top$ | (N, D) = (N, K)(K, D) |
# | | $\partial E/\partial W = X^\top\, \mathrm{dY}$ | (D, K) = (D, N)(N, K) |
#
# The first line of the way back is the mix of two, for every row. The second has the same reason: the slope of
# $y_{nk}$ towards $w_{dk}$ is $x_{nd}$, and one w has **N ways** to E, one through each sample, which add up.
#
# Forgotten them? A gradient has the shape of what it belongs to. From X, W and dY, with N, D and K all
# different, only one product has the shape of W.
#
# **By hand**, N = 3, D = 2, K = 1:
#
# $$X = \begin{pmatrix}1&2\\0&3\\-1&1\end{pmatrix}\quad W = \begin{pmatrix}4\\-2\end{pmatrix}\quad
# \mathrm{dY} = \begin{pmatrix}1\\-1\\2\end{pmatrix}\quad
# \frac{\partial E}{\partial X} = \begin{pmatrix}4&-2\\-4&2\\8&-4\end{pmatrix}\quad
# \frac{\partial E}{\partial W} = \begin{pmatrix}-1\\1\end{pmatrix}$$


# %% gap="matmul_backward"
def matmul_backward(X, W, dY):
    """dE/dX and dE/dW for Y = X W, given dY = dE/dY.

    X (N, D), W (D, K), dY (N, K)  ->  dX (N, D), dW (D, K).

    X = np.array([[1, 2], [0, 3], [-1, 1]]), W = np.array([[4], [-2]]) and
    dY = np.array([[1], [-1], [2]]) give dW = [[-1], [1]].
    """
    ### BEGIN SOLUTION
    return dY @ W.T, X.T @ dY
    ### END SOLUTION


# %% check="matmul_backward" points=2
check("matmul_backward", matmul_backward)

# %% [markdown]
# <details><summary>Hint 1: the shapes decide</summary>
#
# Write (N, D), (D, K) and (N, K) on paper. For (D, K) out of (N, D) and (N, K): N has to disappear in the
# middle, so which array is turned over, and which stands first?
# </details>
# <details><summary>Hint 2: in words</summary>
#
# First dY times W turned over, then X turned over times dY; both as matrix products.
# </details>

# %% [markdown]
# ### Adding a bias
#
# | | formula | shapes |
# |---|---|---|
# | forward | $Y = X + b$, the same b for every row | (N, K) = (N, K) + (K,) |
# | backward | $\partial E/\partial X = \mathrm{dY}$ | (N, K) |
# | | $\partial E/\partial b = \sum_n \mathrm{dY}_n$ | (K,) = sum of (N, K) over its rows |
#
# Broadcasting copied b to N rows, so b has N ways to E. **What is shared on the way forward is summed on the
# way back**, here as with W.
#
# **By hand.** $\mathrm{dY} = \begin{pmatrix}1&0\\0&-1\\1&1\end{pmatrix}$ gives ∂E/∂b = (2, 0), and ∂E/∂X is dY.
#
# **Predict before you run.** E is the mean over 1,000 samples, each of which alone would pull at b with 1. What
# is ∂E/∂b: 1000, 1 or 0.001?


# %% gap="add_bias_backward"
def add_bias_backward(dY):
    """dE/dX and dE/db for Y = X + b, b added to every row, given dY = dE/dY.

    dY (N, K)  ->  dX (N, K), db (K,).

    dY = np.array([[1, 0], [0, -1], [1, 1]]) gives db = (2, 0).
    """
    ### BEGIN SOLUTION
    return dY, dY.sum(axis=0)
    ### END SOLUTION


# %% check="add_bias_backward" points=1
check("add_bias_backward", add_bias_backward)

# %% [markdown]
# <details><summary>Hint 1: which axis</summary>
#
# db has one number for each column of dY. Over which axis has to be summed so that the rows disappear?
# </details>
# <details><summary>Hint 2: in words</summary>
#
# Return dY as it is, and its sum over the rows, which lie along axis 0.
# </details>

# %% tags=["experiment"]
with experiment():
    one_each = np.full((1000, 1), 1.0)
    print("db =", add_bias_backward(one_each / 1000)[1].round(6))

# %% [markdown]
# **1.** If you said 1000, you forgot the 1/N of the mean; if you said 0.001, you divided by N twice. The 1/N
# stands at the very end of the graph, so it is inside dY before it gets here: a link **sums**, and never
# averages.
#
# **Three links make a gradient.** In 01 you derived that of one neuron, for all weights and samples at once.
# Now chain `cross_entropy_backward`, `add_bias_backward` and `matmul_backward`: 569 tumours, 30 measurements
# each.

# %% tags=["experiment"]
with experiment():
    X, t = datasets.breast_cancer()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    w, b = np.random.default_rng(0).normal(size=(30, 1)), np.array([0.5])
    u = sigmoid(X @ w + b)
    dY = cross_entropy_backward(t, u) / len(X)
    through, db = add_bias_backward(dY)
    _, dw = matmul_backward(X, w, through)
    in_01 = bce_gradient(X, t, np.vstack([b[None], w]))
    print("X", X.shape, "  dY", dY.shape, "  db", np.shape(db), "  dw", np.shape(dw))
    if (np.shape(db), np.shape(dw)) == (b.shape, w.shape):
        same = np.allclose(np.vstack([db[None], dw]), in_01, rtol=0, atol=1e-12)
        print("the gradient of 01, to twelve digits:", same)
    else:
        print("db or dw has not the shape of what it belongs to, b", b.shape, "and w", w.shape)

# %% [markdown]
# *What to see: the same 31 numbers, without having derived anything about this neuron.*

# %% [markdown]
# ### On paper
#
# Now link two of your pieces yourself. One sample, two outputs, two ways to measure the error:
#
# | | formula | shapes |
# |---|---|---|
# | forward | $Y = XW$ | (1, 2) = (1, D)(D, 2) |
# | squares | $E = \tfrac12\sum_k (Y_k - t_k)^2$, so $\mathrm{dY} = Y - t$ | scalar; (1, 2) |
# | cross-entropy | $E = -\sum_k t_k \ln P_k$ with $P_k = e^{Y_k}/\sum_j e^{Y_j}$, the softmax | scalar; (1, 2) |
#
# For the second, dY is your softmax of two with its cross-entropy, where $t_0 + t_1 = 1$. The ½ cancels the 2
# of the square.
#
# **By hand**, and this time the hand is yours. Take pencil and paper for all four arrays, before you write the
# code; the cell after the check has the answers.
#
# $$X = \begin{pmatrix}2&-1&1\end{pmatrix} \quad W = \begin{pmatrix}2&0\\1&1\\0&4\end{pmatrix} \quad
# t = \begin{pmatrix}1&2\end{pmatrix}\text{ for the squares,}\quad
# t = \begin{pmatrix}1&0\end{pmatrix}\text{ for the cross-entropy}$$


# %% gap="one_row"
def squared_error_gradients(X, W, t):
    """dE/dX and dE/dW for Y = X W and E = ½ Σ (Y - t)².

    X (1, D), W (D, 2), t (1, 2)  ->  dX (1, D), dW (D, 2).
    X = np.array([[1, 1]]), W = np.array([[1, 0], [3, 2]]) and t = np.array([[1, 1]]) give dX = [[3, 11]].
    """
    ### BEGIN SOLUTION
    dY = X @ W - t
    return matmul_backward(X, W, dY)
    ### END SOLUTION


def cross_entropy_gradients(X, W, t):
    """dE/dX and dE/dW for Y = X W and E = -Σ t ln softmax(Y).

    X (1, D), W (D, 2), t (1, 2) with sum 1  ->  dX (1, D), dW (D, 2).
    X = np.array([[1, 1]]), W = np.array([[1, 0], [3, 4]]) and t = np.array([[1, 0]]) give dX = [[-0.5, 0.5]].
    """
    ### BEGIN SOLUTION
    odds = np.exp(X @ W)
    dY = odds / odds.sum() - t
    return matmul_backward(X, W, dY)
    ### END SOLUTION


# %% check="one_row" points=2
check("one_row", squared_error_gradients, cross_entropy_gradients)

# %% [markdown]
# <details><summary>Hint 1: two links</summary>
#
# From the right: first the error, which turns Y and t into dY; then the product, which turns dY into dX and dW.
# The second link is a function that you have.
# </details>
# <details><summary>Hint 2: the softmax</summary>
#
# The shares P are the exponentials of Y over their sum. Once you have them, `softmax_cross_entropy_backward`
# says what dY is, for both entries.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Squares: dY is X times W minus t; hand it to the matrix product's way back. Cross-entropy: the exponentials of
# X times W, over their sum, minus t; hand that on.
# </details>

# %% tags=["experiment"]
with experiment():
    X, W = np.array([[2.0, -1.0, 1.0]]), np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 4.0]])
    for name, (dX, dW) in {
        "squares": squared_error_gradients(X, W, np.array([[1.0, 2.0]])),
        "cross-entropy": cross_entropy_gradients(X, W, np.array([[1.0, 0.0]])),
    }.items():
        print(f"{name:14} dX = {dX.tolist()}   dW = {dW.tolist()}")

# %% [markdown]
# If your dX of the cross-entropy was not 0 in the middle: Y = (3, 3) makes P = (½, ½), so dY = (−½, ½), and the
# middle row of W is (1, 1).

# %% [markdown]
# ## 4 Ask the function itself
#
# So far, a check said whether a derivative was right. Outside a course nobody does. But the definition of the
# derivative is a measurement that anyone can make: move x a little to both sides and look how far f goes.
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + \varepsilon e_i) - f(x - \varepsilon e_i)}{2\varepsilon}
# \qquad \text{scalar; } x \pm \varepsilon e_i \text{ is x with entry i moved, the shape of x}$$
#
# This is the **central difference**. Do so for each entry in turn, and the results fill an array with the shape
# of x: the **numerical gradient**.
#
# **By hand**, f = x³ at x = 2 with ε = 0.1. Central: (9.261 − 6.859)/0.2 = 12.01. To one side only: (9.261 −
# 8)/0.1 = 12.61. Right is 12.
#
# Two things are new. `np.ndindex(x.shape)` runs through all places of an array of any shape; at such a place,
# `x[index]` is one number. And an array is not copied when it is handed to a function: what you write into
# `x[index]`, the caller sees. So **x has to be left exactly as it was**, to the last bit. 0.01 + 0.1 − 0.1 is
# 0.009999999999999995. (The check asks with a large ε as well, for `gradient_far`, and then looks at x.)


# %% gap="numerical_gradient"
def numerical_gradient(f, x, eps=1e-5):
    """The gradient of f at x by central differences, each entry of x moved by ±eps in its turn.

    x: array of float64 of any shape (whole numbers take no small step). f(x): one number.
    ->  array of the shape of x. Afterwards x holds exactly what it held before.

    f = lambda x: (x**3).sum() at x = np.array([2.0]) with eps = 0.1 gives [12.01].
    """
    gradient = np.zeros_like(x)
    ### BEGIN SOLUTION
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        above = f(x)
        x[index] = kept - eps
        gradient[index] = (above - f(x)) / (2 * eps)
        x[index] = kept
    ### END SOLUTION
    return gradient


# %% check="numerical_gradient" points=2
check("numerical_gradient", numerical_gradient)

# %% [markdown]
# <details><summary>Hint 1: one entry</summary>
#
# What has to be remembered before an entry is moved, so that it can be put back without arithmetic?
# </details>
# <details><summary>Hint 2: how far apart</summary>
#
# The two places at which f is asked are not ε apart. How far are they?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each place: remember the entry. Set it ε higher, ask f; set it ε lower, ask f. The difference of the
# answers over 2ε goes into the gradient. Put the remembered entry back.
# </details>

# %% [markdown]
# **Predict before you run.** The smaller ε, the nearer to the definition. So is ε = 10⁻¹⁰ better than 10⁻⁵?

# %% tags=["experiment"]
with experiment():
    x = np.random.default_rng(0).uniform(0.5, 1.5, size=200)

    def f(x):
        return (x * x * x * x).sum()

    true = 4 * x * x * x
    steps = 10.0 ** np.arange(-13, 0)
    errors = {"central": [], "one-sided": []}
    for eps in steps:
        central = np.array([numerical_gradient(f, np.array([p]), eps)[0] for p in x])
        one_sided = np.array([(f(np.array([p + eps])) - f(np.array([p]))) / eps for p in x])
        errors["central"].append(np.median(np.abs(central - true) / true))
        errors["one-sided"].append(np.median(np.abs(one_sided - true) / true))
    fig, ax = plt.subplots(figsize=(6.8, 3.8))
    ax.loglog(steps, errors["central"], "o-", color=plots.COLORS[0], label="central")
    ax.loglog(steps, errors["one-sided"], "^--", color=plots.COLORS[1], label="one-sided")
    ax.axvline(1e-5, color="gray", linestyle=":")
    ax.set(xlabel="step ε", ylabel="relative error", title="Too large a step, too small a step")
    ax.legend(loc="lower right")
    plt.show()

# %% [markdown]
# **No: about a thousand times worse.** If you said better, you counted as if numbers had endlessly many digits.
# A float64 has sixteen: f(x + ε) and f(x − ε) agree in most of them, and what is left of their difference is
# the last few, which are rounding.
#
# *What to see: two V. On the right of each, the error of the formula, which falls with ε (one-sided) or with ε²
# (central); on the left, that of rounding, which grows with 1/ε. At ε = 10⁻⁵, the dotted line, the central
# difference is near its best and a hundred thousand times better than the one-sided.*
#
# ### How near is near enough?
#
# A difference of 10⁻⁴ is nothing beside 1000 and everything beside 10⁻⁵. So compare it with the size of both
# numbers, and report the worst entry:
#
# $$\text{relative error} = \max_i \frac{|a_i - b_i|}{\max(|a_i| + |b_i|,\; 10^{-8})}
# \qquad \text{scalar from two arrays of one shape}$$
#
# It lies between 0 (equal) and 1 (opposite signs, or one of them 0). The 10⁻⁸ only matters where both are next
# to nothing: there it keeps 0/0 away (`error_near_nothing` in the check).
#
# **By hand.** a = (3, 0, 0.0010), b = (1, 0, 0.0011): the entries give 2/4 = 0.5, 0, and 0.0001/0.0021 = 0.048,
# so the relative error is **0.5**.


# %% gap="relative_error"
def relative_error(a, b):
    """The largest |a - b| / max(|a| + |b|, 1e-8) over all entries.

    a, b: arrays of one shape, left as they are  ->  one number.

    a = np.array([3, 0, 0.0010]) and b = np.array([1, 0, 0.0011]) give 0.5.
    """
    ### BEGIN SOLUTION
    size = np.maximum(np.abs(a) + np.abs(b), 1e-8)
    return np.max(np.abs(a - b) / size)
    ### END SOLUTION


# %% check="relative_error" points=1
check("relative_error", relative_error)

# %% [markdown]
# <details><summary>Hint 1: two kinds of maximum</summary>
#
# `np.max(a)` is the largest entry of one array. `np.maximum(a, b)` compares two, entry by entry. Which of the
# two stands where in the formula?
# </details>
# <details><summary>Hint 2: in words</summary>
#
# Below the line: the absolute values of a and of b, added, and at least 10⁻⁸. Above it: the absolute value of
# the difference. The largest of these quotients.
# </details>

# %% [markdown]
# **Now test your own links.** Each is handed random numbers from the right, and is compared with the
# measurement. The last two rows are broken on purpose.

# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(1)
    x, y, c, d = rng.normal(size=(4, 6))
    X, W, dY, t = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=(5, 2)), np.array([[0.3, 0.7]])

    def share(x, y):
        return np.exp(x) / (np.exp(x) + np.exp(y))

    def entropy(V):
        return -np.sum(t * np.log(np.exp(X[:1] @ V) / np.exp(X[:1] @ V).sum()))

    def product(V):
        return np.sum(dY * (X @ V))

    def fork(x):
        return np.sum(c * np.exp(x) + d * np.exp(-x))

    dX, dW = matmul_backward(X, W, dY)
    claims = {
        "sigmoid_backward": (sigmoid_backward(x, c), lambda x: np.sum(c * sigmoid(x)), x),
        "fork_backward": (fork_backward(x, c, d), fork, x),
        "softmax_backward": (softmax_backward(x, y, c, d)[0], lambda x: np.sum(c * share(x, y) + d * share(y, x)), x),
        "matmul_backward, dX": (dX, lambda X: np.sum(dY * (X @ W)), X),
        "matmul_backward, dW": (dW, product, W),
        "cross_entropy_gradients": (cross_entropy_gradients(X[:1], W, t)[1], entropy, W),
        "dW averaged over 5 samples": (dW / 5, product, W),
        "fork, one sign wrong": (fork_backward(x, c, -d), fork, x),
    }
    for name, (claim, function, at) in claims.items():
        if np.shape(claim) != at.shape:
            print(f"{name:28} has shape {np.shape(claim)}, and what it belongs to has {at.shape}")
            continue
        error = relative_error(claim, numerical_gradient(function, at))
        print(f"{name:28} {'below 1e-6' if error < 1e-6 else format(error, '.1e')}")

# %% [markdown]
# *What to see: here, what is right lies below 10⁻⁶ and what is wrong above 10⁻¹.* An average over five gives (1
# − ⅕)/(1 + ⅕) = 0.67, everywhere. The gap is not always so wide: the measurement itself is off by about 10⁻¹¹
# times f, so a right entry near 0 may show 10⁻⁴, and a small term left out no more than that. Look at the worst
# entry: is it near 0, or are others off as well?

# %% [markdown]
# ## 5 What it costs
#
# If the function can be asked, why derive anything? Because it has to be asked twice for each number that can
# be turned. Those are the **parameters** of a network: its weights and biases. In a fully connected network
# with the layer sizes (n₀, n₁, …), every neuron has one weight for each neuron of the layer before (for each
# input, in the first), and one bias.
#
# **By hand**, sizes (n, 3, 2, 1): the first layer has 3n + 3, the second 3 · 2 + 2, the third 2 · 1 + 1,
# together **3n + 14**. The network at the top of this page is (2, 2, 1) and has 9.
#
# **Predict before you run.** Pictures of 28 × 28 pixels, 100 hidden neurons, ten classes: is the number of
# parameters nearer 900, 8,000 or 80,000?


# %% gap="count_parameters"
def count_parameters(sizes):
    """The number of weights and biases of a fully connected network.

    sizes: a sequence of layer sizes, the input first  ->  int.

    (2, 2, 1) gives 9, and (n, 3, 2, 1) gives 3n + 14.
    """
    ### BEGIN SOLUTION
    total = 0
    for i in range(1, len(sizes)):
        total += sizes[i - 1] * sizes[i] + sizes[i]
    return total
    ### END SOLUTION


# %% check="count_parameters" points=1
check("count_parameters", count_parameters)

# %% [markdown]
# <details><summary>Hint 1: one layer</summary>
#
# A layer has two sizes, what comes in and what goes out. How many arrows run between them, and how many biases
# are there?
# </details>
# <details><summary>Hint 2: neighbours</summary>
#
# If a layer's size is `sizes[i]`, where is that of the layer before? And at which i does the first one begin
# that has a layer before it?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# For each pair of neighbours, add the product of both and once more the second.
# </details>

# %% tags=["experiment"]
with experiment():
    rows = []
    for what, sizes in {
        "the network above": (2, 2, 1),
        "digits of 8 × 8": (64, 50, 10),
        "photographs of 64 × 64 × 3": (12288, 3, 2, 1),
        "digits of 28 × 28": (784, 100, 10),
    }.items():
        count = count_parameters(sizes)
        rows.append((what, str(sizes), f"{count:,}", f"{2 * count:,}"))
    columns = ["network for", "sizes", "parameters", "times E is asked"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **79,510.** If you said 900, you counted the neurons: there is an arrow for every *pair*. If you said 8,000, you
# joined each pixel to each class, and left out the layer in between.
#
# *What to see: one measured gradient of the last network takes 159,020 passes through it, and a step downhill
# needs one gradient.* And the way back?

# %% tags=["experiment"]
import time


def seconds(call, repeats):
    """The shortest of three timings."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        found.append((time.perf_counter() - start) / repeats)
    return min(found)


def time_both(rng, D):
    """Seconds for dW of (50, D) times (D, 10): measured, and by the way back."""
    X, W, dY = rng.normal(size=(50, D)), rng.normal(size=(D, 10)), rng.normal(size=(50, 10))
    measuring = seconds(lambda: numerical_gradient(lambda V: np.sum(dY * (X @ V)), W), 1)
    return measuring, seconds(lambda: matmul_backward(X, W, dY), 50)


with experiment():
    rng = np.random.default_rng(0)
    widths = [4, 8, 16, 32, 64, 128]
    measured, derived = [], []
    for D in progress(widths, "timing"):
        one, other = time_both(rng, D)
        measured.append(one)
        derived.append(other)
    weights = 10 * np.array(widths)
    fig, ax = plt.subplots(figsize=(6.8, 3.6))
    ax.loglog(weights, 1000 * np.array(measured), "^--", color=plots.COLORS[1], label="measured")
    ax.loglog(weights, 1000 * np.array(derived), "o-", color=plots.COLORS[0], label="backward")
    ax.set(xlabel="number of weights", ylabel="time for dW (ms)", title="Asking, and following the arrows")
    ax.legend(loc="center right")
    plt.show()

# %% [markdown]
# *What to see: from 40 weights to 1,280, which is 32 times as many, the time of the measurement grows fifty- to a
# hundredfold (more passes, and each of them longer), that of the way back a few times: what stays the same is the
# number of its passes, one. In the end one or two thousand times lie between them, depending on your machine.*
#
# So measure to test, and derive to train. What remains is the deriving, an evening for each new network. Can
# that be left to a machine?

# %% [markdown]
# ## 6 A graph that remembers
#
# *A third sitting begins here: run all cells above first.* Every step of a calculation knows its own slopes at
# the moment it is made. A product 3 · 2 knows that they are 2 and 3. So let the numbers remember: instead of a
# bare 6, return an object that holds
#
# | | for p = a · x with a = 3, x = 2 |
# |---|---|
# | `value` | 6.0 |
# | `parents`, what it was computed from | (a, x) |
# | `slopes`, one for each parent | (2.0, 3.0) |
# | `grad`, for later | 0.0 |
#
# A **class** describes such objects: `Scalar(3.0)` makes one. Its functions are called methods, and in them
# `self` is the object itself. Python calls the method `__mul__` for `a * x`, with a as `self` and x as `other`;
# `__add__` for `+`, `__pow__` for `**`. Two are given below to show the pattern.
#
# | method | value | slope towards self | towards other |
# |---|---|---|---|
# | `self - other` (given) | self − other | 1 | −1 |
# | `self + other` | self + other | ? | ? |
# | `self * other` | self · other | ? | ? |
# | `self ** n`, n a plain number | selfⁿ | ? | |
# | `self.exp()` | e to the self | ? | |
# | `self.log()` | ln self | ? | |
#
# **By hand.** Scalar(2.0) ** 3 has the value 8 and the slope 3 · 2² = 12.
#
# **Predict before you run.** `x * x` with x = 5: which parents, and which slopes?


# %% gap="scalar"
class Scalar:
    """One number in a computational graph, with what it was computed from.

    value, grad: numbers. parents: a tuple of Scalars. slopes: for each parent, the
    derivative of value by that parent's value. op and label are for pictures.

    Scalar(3.0) * Scalar(2.0) has the value 6 and the slopes (2, 3).
    """

    def __init__(self, value, parents=(), slopes=(), op="", label=""):
        self.value, self.grad = float(value), 0.0
        self.parents, self.slopes = parents, slopes
        self.op, self.label = op, label

    def __neg__(self):
        return Scalar(-self.value, (self,), (-1.0,), "−")

    def __sub__(self, other):
        return Scalar(self.value - other.value, (self, other), (1.0, -1.0), "−")

    def __add__(self, other):
        ### BEGIN SOLUTION
        return Scalar(self.value + other.value, (self, other), (1.0, 1.0), "+")
        ### END SOLUTION

    def __mul__(self, other):
        ### BEGIN SOLUTION
        return Scalar(self.value * other.value, (self, other), (other.value, self.value), "×")
        ### END SOLUTION

    def __pow__(self, n):
        ### BEGIN SOLUTION
        return Scalar(self.value**n, (self,), (n * self.value ** (n - 1),), f"^{n:g}")
        ### END SOLUTION

    def exp(self):
        ### BEGIN SOLUTION
        e = np.exp(self.value)
        return Scalar(e, (self,), (e,), "exp")
        ### END SOLUTION

    def log(self):
        ### BEGIN SOLUTION
        return Scalar(np.log(self.value), (self,), (1 / self.value,), "ln")
        ### END SOLUTION

    def backward(self):
        """Fill in the grad of every node that led here: the last gap of this notebook."""
        backward(self)


# %% check="scalar" points=3
check("scalar", Scalar)

# %% [markdown]
# <details><summary>Hint 1: what a method returns</summary>
#
# A new `Scalar`, with four things: its value, its parents, one slope for each of them in the same order, and
# the sign for the picture. One parent alone is written `(self,)`, with its comma.
# </details>
# <details><summary>Hint 2: numbers, not objects</summary>
#
# Slopes are plain numbers. Of `other` you need `other.value`. The n of a power is a plain number already.
# </details>
# <details><summary>Hint 3: the slopes in words</summary>
#
# Sum: one and one. Product: the other's value, then your own. Power: n times the value to the power of one
# less. Exponential: the result itself. Logarithm: one over the value.
# </details>

# %% tags=["experiment"]
with experiment():
    x = Scalar(5.0, label="x")
    square = x * x
    print("value", square.value, "  both parents are x:", all(p is x for p in square.parents))
    print("the slopes towards x add up to", sum(square.slopes))

# %% [markdown]
# Twice x, with the slope 5 each. If you said once: the product does not know that its two factors are one and
# the same. Two arrows leave x, and the sum over both ways is the 10 that 2x should give.
#
# Now a calculation that would take a page: the cross-entropy of a sigmoid, $E = -t\ln u - (1-t)\ln(1-u)$ with $u
# = 1/(1+e^{-x})$, at x = ln 3 and t = ¼. Nothing is drawn by hand any more: the picture is what the numbers
# remember.


# %% tags=["experiment"]
def cross_entropy_graph():
    """The nodes x, t and E of the binary cross-entropy at x = ln 3, t = 1/4."""
    x, t = Scalar(np.log(3.0), label="x"), Scalar(0.25, label="t")
    u = (Scalar(1.0) + (-x).exp()) ** -1
    u.label = "u"
    z_1 = t * u.log()
    z_2 = (Scalar(1.0) - t) * (Scalar(1.0) - u).log()
    E = -(z_1 + z_2)
    z_1.label, z_2.label, E.label = "z₁", "z₂", "E"
    return x, t, E


with experiment():
    _, _, E = cross_entropy_graph()
    fig, ax = plt.subplots(figsize=(10, 3.8))
    graph.draw(ax, E, gradients=False)
    plt.show()

# %% [markdown]
# *What to see: from x one way leads to u, and from there two, which meet again in the sum; from t there are two
# ways as well. Every value is there, and no gradient yet.*

# %% [markdown]
# ## 7 The way back
#
# ### Who hands on first?
#
# Each node will add up what arrives from the right, and hand it on to its parents. But when? Take x = 2, **a =
# x², b = a², E = a + b**:
#
# | node | value | arrives from | gradient |
# |---|---|---|---|
# | E | 20 | | 1 |
# | b | 16 | E: 1 · 1 | 1 |
# | a | 4 | E: 1 · 1, and b: 1 · 2a = 8 | 9 |
# | x | 2 | a: 9 · 2x | 36 |
#
# a is a parent of E, so E reaches it at once; but it must not hand on before b has handed its 8 to a. The rule:
# **a node hands on when everything that was computed from it has done so.** An order in which every node stands
# *after* all of its parents is called **topological**. Read backwards, it is the order of the way back.
#
# To find one, go to the end of the graph and ask: *put all your parents into the list, then yourself.* Each
# parent does the same first. Who is in the list already says so, and is not put in twice.
#
# The check tries a chain, a fork, a `tangle` of ten nodes, thirty forks in a row and a chain of 300.
#
# **Predict before you run.** Somebody goes level by level instead: first E, then its parents from left to right,
# a before b, then theirs; each hands on once. What does x get in the example: 36, 40 or 4?


# %% gap="topological_order"
def topological_order(node):
    """All nodes that lead to node, each once and after all of its parents, as a list; node is the last.

    Of a node, only its `parents` are asked: a tuple of nodes, empty for an input.

    For x = Scalar(2.0), a = x**2, b = a**2 and E = a + b it is [x, a, b, E].
    """
    ### BEGIN SOLUTION
    order, seen = [], set()

    def visit(current):
        seen.add(current)
        for parent in current.parents:
            if parent not in seen:
                visit(parent)
        order.append(current)

    visit(node)
    return order
    ### END SOLUTION


# %% check="topological_order" points=2
check("topological_order", topological_order)

# %% [markdown]
# <details><summary>Hint 1: a function that calls itself</summary>
#
# Inside `topological_order`, define a small function that visits one node. What does it do for each of the
# node's parents? The list, and what has been seen, live outside of it.
# </details>
# <details><summary>Hint 2: before or after</summary>
#
# When may a node be appended to the list: before its parents are visited, or after? And who has been seen: what
# is to be done with it?
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Visit: note that this node has been seen; visit each parent that has not been; then append the node. Start
# with the end of the graph, and return the list. A set, made with `set()`, remembers who was seen.
# </details>

# %% tags=["experiment"]
with experiment():
    x = Scalar(2.0, label="x")
    a = x**2
    b = a**2
    E = a + b
    a.label, b.label, E.label = "a", "b", "E"
    arrived = {E: 1.0, a: 0.0, b: 0.0, x: 0.0}
    for child in (E, a, b):  # level by level: E, its parents, their parents
        for below, k in zip(child.parents, child.slopes, strict=True):
            arrived[below] += k * arrived[child]
    print("level by level: a", f"{arrived[a]:.0f}", "  x", f"{arrived[x]:.0f}")
    print("a topological order: ", " ".join(n.label for n in topological_order(E)))

# %% [markdown]
# **4.** If you said 36: a does get its 9 in the end, but it handed on when only the 1 of E had arrived, and 1 ·
# 2x = 4. If you said 40, you let a hand on twice.
#
# ### One pass
#
# Start with $\partial E/\partial E = 1$. Then go through all nodes c from the end to the start, and for each of
# them through its parents p:
#
# $$\frac{\partial E}{\partial p} \;\mathrel{+}=\; \frac{\partial c}{\partial p}\cdot\frac{\partial E}{\partial c}
# \qquad \text{slope times grad, added to what p has}$$
#
# That is all of backpropagation: two loops, one product, one sum. `grad` is 0.0 in every new node, so build the
# graph afresh for each pass.
#
# **Predict before you run.** Twenty forks in a row, each of them `node = node + node * half`: two ways that meet
# again. Between the first node and the last lie how many ways: 20, 40 or about a million? And if all forks share
# one `half`, how many nodes does your pass visit?


# %% gap="backward"
def backward(node):
    """Fill in the grad of every node that leads to node: how fast node.value changes with it.

    Every node has parents, slopes, and a grad, which is 0.0 before. Each node hands on once.

    After backward(Scalar(3.0) * Scalar(2.0)) the factors have the grads 2 and 3.
    """
    ### BEGIN SOLUTION
    node.grad = 1.0
    for child in reversed(topological_order(node)):
        for parent, slope in zip(child.parents, child.slopes, strict=True):
            parent.grad += slope * child.grad
    ### END SOLUTION


# %% check="backward" points=3
check("backward", backward)

# %% [markdown]
# <details><summary>Hint 1: where it starts</summary>
#
# Every other gradient is made from one that is there already. Which one do you know without any computing?
# </details>
# <details><summary>Hint 2: the order</summary>
#
# `reversed(a_list)` runs through a list from its end. `zip(parents, slopes,
# strict=True)` gives each parent with its slope, and complains if one of them has none.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Set the end's gradient to one. For each node of the order, reversed, and each of its parents with its slope:
# add slope times the node's gradient to the parent's.
# </details>

# %% tags=["experiment"]
with experiment():
    rows = []
    for forks in (1, 5, 10, 20, 40):
        first = node = Scalar(1.0)
        half = Scalar(0.5)
        for _ in range(forks):
            node = node + node * half
        node.backward()
        rows.append((forks, f"{2**forks:,}", len(topological_order(node)), f"{first.grad / 1.5**forks:.6f}"))
    columns = ["forks", "ways", "nodes visited", "grad / 1.5^forks"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **1,048,576 ways, 42 nodes**: the first one, `half`, and two for each fork. If you said 20 or 40 ways: they
# multiply at each fork, only arrows add.
#
# *What to see: the sum over a million million ways (last row) is found by visiting 82 nodes, and it is right:
# each fork multiplies by 1.5, and the quotient is 1.* Nobody could follow the ways one by one. That each node
# waits, adds up and hands on once is what makes the way back cheap.
#
# **The pictures, filled in.** First the square of section 1, then the cross-entropy.

# %% tags=["experiment"]
with experiment():
    a, x, y = Scalar(4.0, label="a"), Scalar(2.0, label="x"), Scalar(5.0, label="y")
    p = a * x
    d = p - y
    z = d**2
    p.label, d.label, z.label = "p", "d", "z"
    z.backward()
    fig, ax = plt.subplots(figsize=(7.5, 3.2))
    graph.draw(ax, z, slopes=True)
    plt.show()

# %% tags=["experiment"]
with experiment():
    x, t, E = cross_entropy_graph()
    E.backward()
    fig, ax = plt.subplots(figsize=(10, 3.8))
    graph.draw(ax, E)
    plt.show()
    print(f"dE/dx = {x.grad:.4f}   u − t = {0.75 - 0.25:.4f}")
    print(f"dE/dt = {t.grad:.4f}     −x = {-np.log(3):.4f}")

# %% [markdown]
# *What to see: the first picture is that of section 1, now without a single derivative typed in. In the second,
# 1 comes in at the right; at u two ways meet, with −0.25 · 1/0.75 = −0.333 from the one ln and −3 · (−1) = 3 from
# the minus; 2.67 is their sum. At x arrives 0.5, which is u − t, the short formula of section 2.*
#
# The label t has a gradient as well, −x. Nobody will turn a label; the engine does not know that.

# %% [markdown]
# **The evening, repaid.** The network at the top of the page, with your engine: all nine gradients and those of
# the inputs, which are used by two neurons each, and below them what your `numerical_gradient` measures.


# %% tags=["experiment"]
def neuron(inputs, weights, bias):
    """σ(inputs · weights + bias), out of Scalars."""
    total = bias
    for value, weight in zip(inputs, weights, strict=True):
        total = total + value * weight
    return (Scalar(1.0) + (-total).exp()) ** -1


def loss_at_the_top(parameters):
    """E of the network at the top of the page; its nine Scalars and the two inputs."""
    p = [Scalar(v) for v in parameters]
    pair = [neuron(p[9:11], p[0:2], p[2]), neuron(p[9:11], p[3:5], p[5])]
    return -neuron(pair, p[6:8], p[8]).log(), p


with experiment():
    names = ["w₁₁", "w₂₁", "b₁", "w₁₂", "w₂₂", "b₂", "v₁", "v₂", "c", "x₁", "x₂"]
    parameters = np.array([0.5, 1.0, 0.1, -1.0, 0.5, 0.1, 2.0, -1.5, -0.5, 2.0, -1.0])
    error, nodes = loss_at_the_top(parameters)
    error.backward()
    grads = np.array([n.grad for n in nodes])
    measured = numerical_gradient(lambda p: loss_at_the_top(p)[0].value, parameters)
    print(f"E = {error.value:.4f}")
    print(pd.DataFrame({"one pass back": grads, "22 times forward": measured}, index=names).T.round(4).to_string())
    print("relative error below 1e-6:", relative_error(grads, measured) < 1e-6)

# %% [markdown]
# *What to see: the weight marked **?** has the gradient −0.3943, so turning it up by 0.01 lowers E, by 0.0039.
# Only x₁ and x₂ have two ways to E: were one of them lost, the first nine would not show it.*

# %% [markdown]
# **The four points of 01.** No single neuron gets *exclusive or* (XOR) right: its loss stays at 0.693, and
# three of four is its best. Put three neurons before it, thirteen parameters in all, and let your engine say
# which way each should go.
#
# **Predict before you run.** One loss is the mean over four points. Is the number of nodes in its graph nearer
# 20 or 200?


# %% tags=["experiment"]
XOR = [((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0)]


def xor_loss(parameters):
    """The mean cross-entropy of a (2, 3, 1) network on the four points; its thirteen Scalars."""
    p = [Scalar(v) for v in parameters]
    total = Scalar(0.0)
    for point, label in XOR:
        first = [Scalar(value) for value in point]
        second = [neuron(first, p[3 * k : 3 * k + 2], p[3 * k + 2]) for k in range(3)]
        answer = neuron(second, p[9:12], p[12])
        total = total - (answer if label else Scalar(1.0) - answer).log()
    return total * Scalar(0.25), p


def xor_predict(parameters, X):
    """What such a network says to each row of X (N, 2), with arrays."""
    p = np.array(parameters)
    H = sigmoid(X @ p[:9].reshape(3, 3)[:, :2].T + p[:9].reshape(3, 3)[:, 2])
    return sigmoid(H @ p[9:12, None] + p[12])


with experiment():
    parameters = np.random.default_rng(1).normal(size=13)
    history = []
    for _ in progress(range(800), "training"):
        loss, nodes = xor_loss(parameters)
        loss.backward()
        history.append(loss.value)
        parameters = parameters - 2.0 * np.array([n.grad for n in nodes])
    corners, truth = np.array([point for point, _ in XOR]), np.array([[label] for _, label in XOR])
    print("the network says", xor_predict(parameters, corners).ravel().round(2))
    print("loss after", ", ".join(f"{n} steps: {history[n]:.2f}" for n in (0, 50, 100, 200, 799)))
    print(f"nodes in one loss: {len(topological_order(loss))}")
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.9))
    axes[0].plot(np.arange(1, 801), history, color=plots.COLORS[0])
    axes[0].axhline(np.log(2), color="gray", linestyle=":")
    axes[0].text(795, np.log(2) - 0.01, "one neuron: 0.693", ha="right", va="top", color="gray")
    axes[0].set(xlabel="step", ylabel="mean loss (nats)", title="thirteen parameters, four points")
    axes[0].set_ylim(bottom=0)
    plots.decision_surface(axes[1], lambda P: xor_predict(parameters, P), corners, truth)
    for points in axes[1].collections[-2:]:
        points.set_sizes([110])
    axes[1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes[1].set(title="what it has learnt", xlabel="$x_1$", ylabel="$x_2$", xticks=[0, 1], yticks=[0, 1])
    plt.show()

# %% [markdown]
# **188.** If you said 20, you counted the parameters and a little more. Each of four points passes through four
# neurons, and a neuron of two inputs makes nine nodes.
#
# *What to see: with this start the loss first hardly leaves 0.69, since the three hidden neurons, drawn at
# random, tell little about the label yet. Then it drops, to 0.08 after 200 steps, and all four points are
# right. On the right the answer over the plane: class 0 in a band between two bent lines, which no single
# neuron can draw.*
#
# Nobody derived this network: it was written down forward, and its nodes remembered the rest. At the end of 01
# it was open what a neuron of the first layer should have said. It is told by the gradient that arrives at it.

# %% [markdown]
# **What others use.** PyTorch, the library behind much of today's work on networks, keeps such a graph, too. If
# it is installed here, the next cell builds the same cross-entropy with it, walks its graph from the end, and
# draws it. If not, it says so; the notebook does not need it.


# %% tags=["experiment"]
# NBVAL_IGNORE_OUTPUT
def drawn_by_pytorch(end, tensors):
    """PyTorch's graph that ends in a tensor, as nodes that can be drawn."""
    known = {tensor.grad_fn: (name, tensor) for name, tensor in tensors.items() if tensor.grad_fn}
    made = {}

    def convert(function):
        if function not in made:
            below = tuple(convert(f) for f, _ in function.next_functions if f is not None)
            name, tensor = known.get(function, ("", getattr(function, "variable", None)))
            node = graph.Node(name, parents=below, op=function.name().removesuffix("0").removesuffix("1"))
            node.op = node.op.removesuffix("Backward") if below else ""
            if tensor is not None:
                node.value, node.grad = tensor.item(), tensor.grad.item()
                node.label = name or next(n for n, t in tensors.items() if t is tensor)
            made[function] = node
        return made[function]

    return convert(end.grad_fn)


with experiment():
    x, t, E = cross_entropy_graph()
    E.backward()
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed, so there is nothing to compare with. The rest of the course does without it.")
    else:
        its = {"x": torch.tensor(np.log(3.0), requires_grad=True), "t": torch.tensor(0.25, dtype=torch.float64)}
        its["t"].requires_grad_()
        its["u"] = (1 + (-its["x"]).exp()) ** -1
        its["z₁"], its["z₂"] = its["t"] * its["u"].log(), (1 - its["t"]) * (1 - its["u"]).log()
        its["E"] = -(its["z₁"] + its["z₂"])
        for tensor in its.values():
            tensor.retain_grad()
        its["E"].backward()
        fig, ax = plt.subplots(figsize=(10, 3.8))
        graph.draw(ax, drawn_by_pytorch(its["E"], its))
        plt.show()
        difference = max(abs(x.grad - its["x"].grad.item()), abs(t.grad - its["t"].grad.item()))
        print("your dE/dx and dE/dt are PyTorch's, to twelve digits:", difference < 1e-12)

# %% [markdown]
# *What to see (where PyTorch is installed): the same graph, node for node, with the same gradients below x, t
# and u; `Rsub` is a minus the other way round, 1 − u. Only the constants 1 are missing: nobody asked for their
# gradient, so PyTorch does not keep them.*

# %% [markdown]
# ## 8 What you have
#
# | question | your answer |
# |---|---|
# | A sure mistake, u = 0.01 for t = 1: how hard does it pull at the score? | −0.99, not −100 |
# | What does a link do with the N samples it is given? | it sums; the 1/N is in dY already |
# | How far were the right gradients from the measured ones, and the wrong ones? | below 10⁻⁶; 0.67 and 1 |
# | What does a measured gradient of a (784, 100, 10) network cost? | 159,020 passes |
# | And by the way back? | one pass |
# | How low gets the loss on *exclusive or*: one neuron, thirteen parameters? | 0.693; 0.01 after 800 steps |
#
# **You can now**
#
# - *trace* any calculation back to its inputs, one slope at a time;
# - *measure* a gradient, and say whether a derivation of it is right;
# - *build* an engine that differentiates what nobody has derived.
#
# **The number to remember: 1**, the passes that the way back takes, however many parameters there are.

# %% [markdown]
# ### Why? 1
#
# A friend's engine writes `=` where yours has `+=`. On z = (ax − y)² all of its gradients are right. Why, and
# which is the smallest graph on which it is wrong? *(2 points)*

# %% [markdown] why="backpropagation-why-1" points=2
# In that graph every node is used once: one arrow leaves a, x, y, p and d each. Only one product ever arrives
# at a node, so there is nothing to add to, and setting and adding to 0 are the same. (1 point)
#
# Any node that is used twice shows the difference. The smallest is x + x (or x · x): two arrows leave x, and
# the second overwrites the first, so x gets 1 instead of 2 (x instead of 2x). With shared weights and several
# samples nearly every node of a network is of this kind. (1 point)

# %% [markdown]
# ### Why? 2
#
# The slopes could be multiplied from the other end, too: start at one input and go forward, keeping for each
# node how fast it changes with that input. How many such passes does one step of the network with 79,510
# parameters need, and how many the way back? Turn the numbers of inputs and outputs round: when is forward the
# better choice? *(2 points)*

# %% [markdown] why="backpropagation-why-2" points=2
# A pass forward gives the derivatives of everything by *one* input; a pass backward gives the derivatives of
# *one* output by everything. Training has one output, E, and many inputs, the parameters: 79,510 passes against
# one. (1 point)
#
# Forward is better where there are few inputs and many outputs, such as one dial of which a thousand numbers
# depend: one pass forward, a thousand back. It also needs to remember no graph. (1 point)

# %% [markdown]
# ### Why? 3
#
# A friend tests a right gradient with your `numerical_gradient` and ε = 10⁻⁵, as you do. But the arrays are
# float32, with 7 digits instead of 16, and the relative errors lie between 10⁻³ and 10⁻². Where do they come
# from? Which way should ε be changed, and what keeps you from changing it a great deal? *(2 points)*

# %% [markdown] why="backpropagation-why-3" points=2
# From rounding. f(x + ε) and f(x − ε) are each wrong by about 10⁻⁷ of their size, and so is their difference,
# although it is small. It is then divided by 2ε, and the error with it: up to 10⁻⁷/10⁻⁵ = 10⁻², where the
# gradient is about as large as f. (1 point)
#
# A larger ε makes that less, but the error of the formula itself grows with ε², so there is a best step in
# between: where 10⁻⁷/ε and ε² are alike, near 5 · 10⁻³, and even there about 10⁻⁵ is left. Better to measure in
# float64. (1 point)

# %% [markdown]
# ## Where the crack is
#
# Your engine can train any network, one number at a time. The network that reads 8 × 8 digits has 3,760
# parameters, and each is used once for each of 1,400 samples: two nodes every time, a product and a sum. That
# is ten million Python objects for *one* step downhill, and training takes hundreds.
#
# Section 3 had the other half of the answer: `matmul_backward` goes back through 1,400 samples in one line, but
# somebody has to link the pieces. In 03 you do so for one network of two layers, with whole arrays as nodes,
# and it reads digits.
