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
# # 00 Arrays, not loops
#
# Below are twelve of 397 handwritten digits. A program that has learnt nothing is to read all 397: it
# compares each of them with 1,400 others, pixel by pixel, and says the digit of the picture that is most
# like it. How many of the 397 will it read rightly? Write a number down.
#
# Of these twelve it misreads four. Which four would you bet on? (Where no pictures are to be seen: click
# into each of the next two cells and press Shift+Enter.)

# %% setup=true
import time

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from byhand import check, datasets, experiment, plots, progress


# %% tags=["experiment"]
# Two helpers for the experiments; there is no need to read them.
def digits_split():
    """1,400 known digits with their labels, and 397 unseen ones with theirs."""
    X, labels = datasets.digits()
    order = np.random.default_rng(0).permutation(len(X))
    return X[order[:1400]], labels[order[:1400]], X[order[1400:]], labels[order[1400:]]


def show_digits(pictures, titles, columns=6):
    """Draw rows of 64 pixels as pictures of 8 by 8, dark where there is ink."""
    rows = -(-len(pictures) // columns)
    axes = plt.subplots(rows, columns, figsize=(1.25 * columns, 1.55 * rows))[1]
    for ax, pixels, title in zip(axes.flat, pictures, titles, strict=True):
        ax.imshow(pixels.reshape(8, 8), cmap="Greys", vmin=0, vmax=1)
        ax.spines[:].set(visible=True, color="#BBBBBB")
        ax.set(title=title, xticks=[], yticks=[])
    plt.show()


with experiment():
    pictures = digits_split()[2][[4, 60, 17, 101, 237, 30, 211, 88, 150, 235, 301, 9]]
    show_digits(pictures, ["?"] * 12)

# %% [markdown]
# *What to see.* Twelve pictures of 8 by 8 pixels, some of which even you may not be sure of.
#
# - **You will build** six functions of one to four lines, of which three make that program. Later notebooks
#   use three of them.
# - **You need** Python: functions, lists, loops. NumPy is introduced as it is needed, and the matrix product
#   is worked by hand once.
# - **It takes** about three hours, in which sections 5 and 7 are the longest. Section 4 is a good place to
#   stop for the day.

# %% [markdown]
# ## How this works
#
# The page consists of *cells*. Click into one and press Shift+Enter: it runs, its result appears below, and
# the next one is selected. Go from top to bottom, because later cells use what earlier ones define.
#
# | you meet | what it is | what you do |
# |---|---|---|
# | a *gap* | a function without its body | write the body |
# | a *check* | one line under the gap | run it, as often as you like |
# | *hints* | two or three folded lines under the check, or above the gap | open one, try, open the next |
# | an *experiment* | code that uses what you built, once its check passes | run it, change it; it is not marked |
# | a *why?* question | a cell with YOUR ANSWER HERE, at the end | double-click and write a few sentences |
#
# **A gap.** Below its docstring, which stays, are two lines, `# YOUR CODE HERE` and `raise
# NotImplementedError()`. Replace both by your own. Keep the function's name, use nothing but its arguments
# (and NumPy, and your earlier functions), and end with `return`. What you return is an array; of a list made
# in a loop, `np.array(...)` makes one.
#
# **A check** calls your function on a few inputs, the *public cases*, and says of each result, by a name,
# whether it is right. Where it is not, it says where, and asks a question if it recognises the mistake. To
# see the inputs, put a `print` into your function. The next cell shows a check: of an attempt at the first
# gap that lacks its `return`.


# %% tags=["experiment"]
def attempt(X, W, b):
    3 * b  # some result, which is not returned


try:
    check("affine", attempt)
except AssertionError as message:
    display(message)

# %% [markdown]
# A check never says that all is well. The last line of a right one reads *The mark uses further inputs*: the
# same test, with other numbers. A function that only gets the public cases right earns nothing.
#
# **The mark.** There are 19 points: 2, 2, 3, 2, 2 and 2 for the six gaps in their order, divided equally
# over the results that the check names, and 2 for each of three *why?* questions. Those a person reads: a
# point for each of two thoughts, and the wording does not matter. How you get a right result does not matter
# either: a loop earns the same points. Section 2 shows why we avoid loops all the same.
#
# **Each exercise is judged on its own merits.** If one of your functions is wrong and a later one uses it,
# you lose the first, and the later one is marked with a right one in its place. The check has no right one:
# it runs with yours, so mend the earlier gap first.
#
# **When it behaves strangely.** The *kernel* is the Python behind the page. It remembers all that was run,
# also what you have deleted since. *Kernel → Restart Kernel* makes it forget; then run from the top. *Run All
# Cells* stops at the first check that is not passed: below it, run cell by cell. Add cells of your own
# wherever you like. Changes to a check or to the setup cell are undone before marking.
#
# **To hand in**, restart and run once more, save with Ctrl+S (Cmd+S on a Mac), and give in this file,
# `00_start_here.ipynb`, under this name and in the way your teacher told you.

# %% [markdown]
# ## 1 A table has a shape
#
# A NumPy *array* is a table of numbers, and its *shape* says how large it is along each *axis*: (2, 3) is
# two rows and three columns. Axis 0 runs down the rows, axis 1 along the columns. `np.array([5, 9, 2])` has
# the shape (3,), with one axis; a single number has the shape ().
#
# | with X of shape (2, 3) | is | shape |
# |---|---|---|
# | `X[0]` | the first row | (3,) |
# | `X[:, 1]` | the second column: all rows, column 1 | (2,) |
# | `X.T` | X *transposed*: rows and columns exchanged | (3, 2) |
# | `X * 10`, `X ** 2`, `X > 4` | each entry by itself | (2, 3) |
#
# NumPy counts from 0, formulas count from 1: x₁₂ is `X[0, 1]`.
#
# **Predict before you run.** X = [[1, 2, 3], [10, 20, 30]]. `X.sum(axis=0)` adds up along axis 0. Is it (6,
# 60) or (11, 22, 33)?

# %% tags=["experiment"]
with experiment():
    X = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    print("X has shape", X.shape)
    for text, value in [("X[0]", X[0]), ("X[:, 1]", X[:, 1]), ("X.sum(axis=0)", X.sum(axis=0))]:
        print(f"{text:15} {value!s:15} shape {value.shape}")

# %% [markdown]
# (11, 22, 33). If you said (6, 60), you took axis 0 for the axis that stays. **The axis you name is the one
# that disappears**: of (2, 3), axis=0 leaves (3,), one sum for each column, and axis=1 leaves (2,).
#
# **One convention for the whole course: rows are samples.** A sample is one thing we know something about: a
# picture, a tumour. N samples with D numbers each, their *features*, are an array X of shape (N, D). The
# 1,400 known digits are (1400, 64). Whenever you are lost, write the shapes down.

# %% [markdown]
# ## 2 All samples at once
#
# The commonest step in a neural network makes H numbers, the *outputs*, out of the D features of a sample.
# Each output gives every feature a *weight*, adds up, and adds one number more, its *bias*. W (D, H) holds
# the weights, one column for each output, and b (H,) the biases. This step is called *affine*. For sample n
# and output h:
#
# $$y_{nh} = x_{n1}w_{1h} + x_{n2}w_{2h} + \dots + x_{nD}w_{Dh} + b_h \qquad \text{all of them single numbers}$$
#
# The sum is a row of X times a column of W, and to do this for every row and every column is the *matrix
# product*, in NumPy `X @ W`. The sizes that meet in the middle have to agree, and they disappear:
#
# $$\underset{(N,\,H)}{\mathbf Y} \;=\; \underset{(N,\,D)}{\mathbf X}\;\underset{(D,\,H)}{\mathbf W} \;+\;
# \underset{(H,)}{\mathbf b}$$
#
# **By hand**, N = 2, D = 2, H = 3:
#
# $$\begin{pmatrix}1&2\\3&0\end{pmatrix}\begin{pmatrix}1&0&2\\0&1&-1\end{pmatrix} + (10,\ 0,\ 1)
# = \begin{pmatrix}1&2&0\\3&0&6\end{pmatrix} + (10,\ 0,\ 1) = \begin{pmatrix}11&2&1\\13&0&7\end{pmatrix}$$
#
# The first entry: 1·1 + 2·0 = 1, and 10 on top is 11. The same b is added to every row; NumPy does this by
# itself, and section 3 says by which rule. The check calls your result `Y`.


# %% gap="affine"
def affine(X, W, b):
    """Weigh the features of each sample, and add the bias of each output.

    X (N, D), W (D, H), b (H,)  ->  (N, H)

    X = [[1, 2], [3, 0]], W = [[1, 0, 2], [0, 1, -1]], b = [10, 0, 1] gives [[11, 2, 1], [13, 0, 7]].
    """
    ### BEGIN SOLUTION
    return X @ W + b
    ### END SOLUTION


# %% check="affine" points=2
check("affine", affine)

# %% [markdown]
# <details><summary>Hint 1: what it means</summary>
#
# Go through the work by hand above once more. Two operations were used there, one after the other. Which?
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# `@` is the matrix product of two arrays, `*` would multiply entry by entry. Write the shapes side by side,
# (N, D) and (D, H): in this order the sizes in the middle agree.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Return the matrix product of X and W, plus b.
# </details>

# %% [markdown]
# **Why not a loop?** Three loops, over samples, outputs and features, give the same numbers. In Python each
# turn of a loop costs far more than the multiplication in it. The matrix product has the same loops inside,
# already translated into the processor's own instructions, which take many numbers at a time.
#
# **Predict before you run.** 10,000 samples, 64 features, 10 outputs: 6.4 million multiplications either
# way. Is the product faster than three loops about 3 times, 30 times, or more than 100 times?

# %% tags=["experiment"]
with experiment():

    def loops(X, W, b):
        """The weighted sums, one after the other."""
        return [[sum(x * w for x, w in zip(row, column, strict=True)) for column in W.T] for row in X]

    def one_by_one(X, W, b):
        """Your affine, a sample at a time."""
        return [affine(X[n : n + 1], W, b) for n in range(len(X))]

    def one_product(X, W, b):
        """NumPy's matrix product by its other name."""
        return np.matmul(X, W)

    def seconds(function, *arrays):
        """The shortest of a few runs; of one run, where that takes long."""
        times = []
        while len(times) < 5 and sum(times) < 0.2:
            start = time.perf_counter()
            function(*arrays)
            times.append(time.perf_counter() - start)
        return min(times)

    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(64, 10)), rng.normal(size=10)
    sizes = [1, 10, 100, 1000, 10_000]
    ways = {
        "loops in Python": (loops, "o-"),
        "yours, a sample at a time": (one_by_one, "s--"),
        "one matrix product": (one_product, "^-."),
        "yours, all at once": (affine, "x"),
    }
    times = {name: [] for name in ways}
    for N in progress(sizes, "timing"):
        X = rng.normal(size=(N, 64))
        for name, (function, _) in ways.items():
            times[name].append(seconds(function, X, W, b))
    fig, ax = plt.subplots(figsize=(7.5, 4.2))
    for (name, (_, look)), color in zip(ways.items(), [*plots.COLORS[:3], "black"], strict=True):
        ax.loglog(sizes, times[name], look, color=color, label=name, markersize=10 if look == "x" else 6)
    ax.set(xlabel="samples N", ylabel="time for one call (seconds)", title="One by one, or all at once")
    ax.legend(loc="upper left")
    plt.show()

# %% [markdown]
# *What to see.* Both axes go in powers of ten. Between the loops and the product lie more than two of them
# on the right, so more than 100 times. Your crosses lie near the curve of the product if you wrote one, and
# near that of the loops if you wrote loops. If you said 3 times: the multiplications are the smallest part
# of the work. Python spends far more on fetching each number and going round.
#
# The orange curve uses the product too, one sample a call. At a single sample it is only a few times above
# the green one, at 10,000 ten times or more: calling NumPy costs some millionths of a second, once for one
# sample or for all. **That is why networks are fed many samples at once**, a *batch*. A training run
# makes this call thousands of times: seconds here are hours there.
#
# **Other books** put the samples into columns: X is (D, N), W is (H, D), and the step reads WX + b, with b a
# column (H, 1). Everything is turned over, and the result is too. Both are right; a mixture is not, so look
# at the shapes before you copy a formula.

# %% [markdown]
# ## 3 How shapes meet: broadcasting
#
# In XW + b an (N, H) meets an (H,). The rule for all operations that go entry by entry, such as + − * / and
# ==:
#
# 1. Write the two shapes below each other, **flush right**. Fill up with 1 on the left.
# 2. In each place the two sizes have to be equal, or one of them is 1. Otherwise: an error.
# 3. What has size 1 is repeated along that axis. The result has the larger size in each place.
#
# **By hand.** (4, 3) and (3,): the second becomes (1, 3), 3 meets 3, 4 meets 1, and the result is (4, 3).
# The row is added to every row. To make a column of an array v of shape (4,), write `v[:, None]`: it puts in
# an axis of size 1, and the shape is (4, 1).
#
# **Predict before you run.** Six sums. For each, write down the shape of the result, or *error*:
#
# | | a | b |
# |---|---|---|
# | 1 | (4, 3) | (3,) |
# | 2 | (4, 3) | (4,) |
# | 3 | (4, 3) | (4, 1) |
# | 4 | (4, 1) | (3,) |
# | 5 | (4,) | (4, 1) |
# | 6 | (5, 1, 3) | (4, 3) |

# %% tags=["experiment"]
with experiment():

    def shape_of_sum(a, b):
        try:
            return str((np.zeros(a) + np.zeros(b)).shape)
        except ValueError:
            return "error"

    puzzles = [((4, 3), (3,)), ((4, 3), (4,)), ((4, 3), (4, 1)), ((4, 1), (3,)), ((4,), (4, 1)), ((5, 1, 3), (4, 3))]
    for number, (a, b) in enumerate(puzzles, start=1):
        print(f"{number}   {a!s:10} + {b!s:7} ->  {shape_of_sum(a, b)}")

# %% [markdown]
# If you said (4, 3) for number 2: the 4 stands on the right, and there it meets 3. An error is good luck.
# With a (3, 3) in place of the (4, 3) nothing would be said, and a row would be added where you meant a
# column.
#
# Number 5 is the treacherous one. You may have meant four sums, and get a table of sixteen without a word.
# Number 6 is the useful one: every one of five rows with every one of four. Section 7 needs it.

# %% [markdown]
# ## 4 Labels, and a table that says the same
#
# Every known digit has a *label*, the number of its *class*, from 0 to 9. A label is a name. Class 8 is not
# twice class 4, and a mean of labels means nothing. What one can calculate with is a table T (N, K), for K
# classes: row n has a 1 in the column of its class and 0 elsewhere. This is called *one-hot*.
#
# $$t_{nk} = 1 \text{ where } k = \mathrm{label}_n, \text{ else } 0
# \qquad \underset{(N,)}{\text{labels}} \to \underset{(N,\,K)}{\mathbf T}$$
#
# **By hand**, with labels (1, 0, 3, 1) and K = 4:
#
# $$\mathbf T = \begin{pmatrix}0&1&0&0\\1&0&0&0\\0&0&0&1\\0&1&0&0\end{pmatrix}$$
#
# Every row adds up to 1. No sample has class 2, and its column is there all the same: K is told to you, it
# is not to be guessed from the labels.
#
# Two tools. `np.zeros((N, K))` is a table of zeros, `np.eye(K)` the table (K, K) with ones on its diagonal.
# And an array can be *indexed with an array*: for v = (10, 20, 30), `v[[2, 0, 0]]` is (30, 10, 10). Of a
# table it picks rows. The check calls your result `T`.


# %% gap="one_hot"
def one_hot(labels, num_classes):
    """A table with a 1 in each row, in the column of its label.

    labels (N,), whole numbers from 0 to num_classes - 1  ->  (N, num_classes)

    labels = [1, 0, 3, 1] with 4 classes gives [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]].
    """
    ### BEGIN SOLUTION
    return np.eye(num_classes)[labels]
    ### END SOLUTION


# %% check="one_hot" points=2
check("one_hot", one_hot)

# %% [markdown]
# <details><summary>Hint 1: what it means</summary>
#
# Write down the one-hot row of class 0, of class 1, of class 2 and of class 3, below each other. Which table
# do they make?
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Row k of `np.eye(K)` is the row for class k. Sample n needs the row number labels[n], and indexing a table
# with an array of row numbers picks them all, in that order.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Take the diagonal table for the number of classes, and index it with the labels. Or: take zeros, and in a
# loop over n set the entry in row n and column labels[n] to one.
# </details>

# %% [markdown]
# **What is it good for?** Take T of the 1,400 known digits, (1400, 10), transpose it, which is written `T.T`,
# and multiply it with X (1400, 64). The result is (10, 64).
#
# **Predict before you run.** What is in row 3 of `T.T @ X`? And what are the ten numbers of `T.sum(axis=0)`?

# %% tags=["experiment"]
with experiment():
    X, labels, _, _ = digits_split()
    T = one_hot(labels, 10)
    counts = T.sum(axis=0)
    print("T", T.shape, "  T.T @ X", (T.T @ X).shape, "  T.sum(axis=0)", counts.astype(int))
    means = T.T @ X / counts[:, None]
    show_digits(means, [f"class {k}" for k in range(10)], columns=5)

# %% [markdown]
# *What to see.* The mean picture of each class, and one can read all ten.
#
# Row 3 of `T.T @ X` is the sum of all pictures of a 3: the ones in column 3 of T choose them, the zeros
# leave out the rest. `T.sum(axis=0)` counts each class, and `counts[:, None]`, a column, divides each row by
# its count. **One product has done what takes two loops and a condition.** If you said that row 3 is the
# fourth picture: that would be X[3].

# %% [markdown]
# ## 5 One unit for all features
#
# 569 tumours are described by 30 features each. One is the area of the cell nuclei, with values in the
# hundreds; another is their smoothness, near 0.1. How alike are two tumours? Take the difference in each
# feature, square it, add up: that is the squared distance, by Pythagoras.
#
# **Predict before you run.** Two of the thirty features are the mean and the largest area of a tumour's
# nuclei. What share of the squared distance do they carry, on average: 7 % (2 of 30), 50 %, or 99 %?

# %% tags=["experiment"]
with experiment():
    X, _ = datasets.breast_cancer()
    first, second = np.random.default_rng(0).integers(len(X), size=(2, 10_000))  # pairs of tumours
    squares = np.mean((X[first] - X[second]) ** 2, axis=0)  # one mean for each feature, (30,)
    print(f"the two areas carry {(squares[3] + squares[23]) / squares.sum():.0%}")

# %% [markdown]
# 99 %. If you said 7 %: a distance does not count features, it adds up numbers, and those of an area are
# large in the unit that was chosen here. In another unit they would count for nothing. A unit should not
# decide that.
#
# So give each column the mean 0 and the variance 1. From a column take off its mean, and divide by its
# *standard deviation* σ, the root of the mean squared distance from that mean (the *variance* is σ²):
#
# $$\underset{(D,)}{\mu_d} = \frac1N\sum_n x_{nd} \qquad
# \underset{(D,)}{\sigma_d} = \sqrt{\frac1N\sum_n (x_{nd}-\mu_d)^2} \qquad
# \underset{(N,\,D)}{z_{nd}} = \frac{x_{nd}-\mu_d}{\sigma_d}$$
#
# **By hand.** The column (3, 9, 11, 17) has the mean 10. Minus the mean: (−7, −1, 1, 7), whose squares 49,
# 1, 1, 49 have the mean 25, so σ = 5 and z = (**−1.4, −0.2, 0.2, 1.4**).
#
# `X.mean(axis=0)`, `X.std(axis=0)`, `X.max(axis=0)` and `X.min(axis=0)` give one number for each column,
# shape (D,).
#
# **The column that never changes.** Of the 64 pixels of a digit, three are white in every picture. There x −
# μ and σ are 0, and 0/0 is `nan`, *not a number*, which spoils whatever it touches. We want 0 there: what
# never changes has nothing to say. Telling such a column is not as easy as it looks:

# %% tags=["experiment"]
with experiment():
    for value in (0.5, 0.1):
        column = np.array([value, value, value])
        print(f"{value}, three times:   x - mean = {column[0] - column.mean():.1e}   std = {column.std():.1e}")

# %% [markdown]
# *What to see.* For 0.1 the mean misses by a *rounding error*, because 0.1 has no exact form in binary, and
# the standard deviation is that error. Dividing the one by the other gives 1 or −1 in every row, out of
# nothing.
#
# So do not ask whether σ is 0. Ask whether the largest entry of the column equals the smallest. A fixed limit
# for σ depends on the unit again: wavelengths in metres have a real σ of 10⁻⁷, and a constant in the
# hundreds of thousands can have one of 10⁻¹¹ from rounding. (Results are compared to six digits, so such
# a rest counts as 0.)
#
# `np.where(condition, a, b)` makes a new array: a where the condition holds, b elsewhere. One promise more:
# leave X as it was. An array is handed over itself, not as a copy, so `X -= 1` inside a function changes it
# for everyone who holds it. And X may hold whole numbers. Then `np.zeros_like(X)` and a copy do too, and
# cannot take fractions; `np.zeros(X.shape)` can.
#
# The check names three results: `Z`; `handed_back`, whether X is as before; and `Z_constant`, for a table
# with constant columns.


# %% gap="standardize"
def standardize(X):
    """Give each column mean 0 and variance 1; a constant column becomes 0.

    X (N, D)  ->  a new array (N, D); X itself is not changed

    [[3, 6], [9, 6], [11, 6], [17, 6]] becomes [[-1.4, 0], [-0.2, 0], [0.2, 0], [1.4, 0]].
    """
    ### BEGIN SOLUTION
    constant = X.max(axis=0) == X.min(axis=0)
    scale = np.where(constant, 1.0, X.std(axis=0))
    return (X - X.mean(axis=0)) / scale
    ### END SOLUTION


# %% check="standardize" points=3
check("standardize", standardize)

# %% [markdown]
# <details><summary>Hint 1: what it means</summary>
#
# Without constant columns it is one line: X minus its means, over its standard deviations. Which axis has to
# disappear so that one number for each column is left?
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Once the mean is taken off, a constant column is 0 already. It needs a harmless number to be divided by.
# `np.where` can put one in the place of its standard deviation.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Compare the largest with the smallest entry of each column: that is an array of D truth values. Make the
# array of D divisors: 1 where the column is constant, its standard deviation elsewhere. Return X minus the
# column means, over the divisors.
# </details>

# %% tags=["experiment"]
with experiment():
    X, _ = datasets.breast_cancer()
    Z = standardize(X)
    for name, sigma in [("as measured", X.std(axis=0)), ("standardised", Z.std(axis=0))]:
        print(f"tumours, {name}: smallest σ {sigma.min():.3f}, largest σ {sigma.max():.3f}")
    pixels = standardize(digits_split()[0])
    silent = np.flatnonzero(np.abs(pixels).max(axis=0) < 1e-6)
    print(f"digits: pixels that are 0 throughout: {silent}   any nan: {np.isnan(pixels).any()}")
    fig, ax = plt.subplots(figsize=(8, 3.6))
    ax.semilogy(X.std(axis=0), "o", label="as measured")
    ax.semilogy(Z.std(axis=0), "^", label="standardised")
    ax.annotate("mean area", (3, X.std(axis=0)[3]), xytext=(8, -3), textcoords="offset points")
    ax.annotate("largest area", (23, X.std(axis=0)[23]), xytext=(-8, -3), textcoords="offset points", ha="right")
    ax.set(
        xlabel="feature (column of X)", ylabel="standard deviation (own units)", title="Thirty features of 569 tumours"
    )
    ax.legend(loc="upper center")
    plt.show()

# %% [markdown]
# *What to see.* As measured, the standard deviations of the thirty features differ by more than five powers
# of ten; afterwards all are 1. Of the digits, pixels 0, 32 and 39 are 0 throughout, and there is no nan.
#
# Other books divide by N − 1 instead of N inside the root (NumPy's `ddof=1`). That estimates the variance of
# all tumours from a few. Here the N rows in hand are to have variance 1, and the divisor is N.

# %% [markdown]
# ## 6 How many are right?
#
# A program that sorts samples into K classes gives each sample K *scores*, (N, K). Scores may be any
# numbers, also negative ones; the class with the largest score in its row is the answer. The truth is the
# one-hot T, (N, K), and in its rows the largest entry is the 1. The *accuracy* is the share of rows in which
# both are in the same column:
#
# $$\text{accuracy} = \frac{\text{number of rows } n \text{ with } \arg\max_k s_{nk} = \arg\max_k t_{nk}}{N}
# \qquad \underset{(N,\,K)}{\mathbf S},\ \underset{(N,\,K)}{\mathbf T} \to \text{a number from 0 to 1}$$
#
# `argmax` says *where* the largest entry is, not how large it is: `np.argmax([5, 9, 2])` is 1. With an axis
# it does so along that axis, and the axis disappears as in a sum.
#
# **By hand.** Four samples, three classes, the labels are (1, 0, 2, 2):
#
# | scores | largest in column | label | right |
# |---|---|---|---|
# | 0.1, 0.7, 0.2 | 1 | 1 | yes |
# | 5, 3, 1 | 0 | 0 | yes |
# | −1, −3, −2 | 0 | 2 | no |
# | 0, 1, 4 | 2 | 2 | yes |
#
# Three of four: **0.75**. One tool: the mean of truth values is the share of those that are true.


# %% gap="accuracy"
def accuracy(scores, T):
    """The share of rows whose largest score is in the column of the 1 in T.

    scores (N, K), T (N, K) one-hot  ->  one number between 0 and 1

    scores = [[0.1, 0.7, 0.2], [5, 3, 1], [-1, -3, -2], [0, 1, 4]] with the labels 1, 0, 2, 2 gives 0.75.
    """
    ### BEGIN SOLUTION
    return np.mean(scores.argmax(axis=1) == T.argmax(axis=1))
    ### END SOLUTION


# %% check="accuracy" points=2
check("accuracy", accuracy)

# %% [markdown]
# <details><summary>Hint 1: what it means</summary>
#
# One answer for each row of the scores, one label for each row of T: two arrays of shape (N,). Then a yes or
# a no for each row.
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The classes lie along axis 1, so that is the axis which has to disappear in `argmax`. `==` compares two
# arrays entry by entry.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Take argmax along axis 1 of the scores and of T, compare the two, and return the mean of the comparison.
# </details>

# %% [markdown]
# **A first reader.** Say the class whose mean picture is nearest. With m the mean picture of a class, the
# squared distance of a picture x is
#
# $$|x - m|^2 = |x|^2 - 2\,x\cdot m + |m|^2 \qquad \text{numbers; } x, m: (64,)$$
#
# Here x·m is the sum of the products, and |x|² is x·x. It is the same for all ten classes, so it does not
# decide: smallest is to be −2 x·m + |m|². Divided by −2 that is x·m − ½|m|², and dividing by a negative
# number turns the order round, so now the *largest* is sought. That is an affine step: the means are the
# columns of W, (64, 10), and b, (10,), holds −½|m|².
#
# **Predict before you run.** Guessing gets 10 %. Will this reader get 40 %, 65 % or 90 % of the 397 unseen
# digits?

# %% tags=["experiment"]
with experiment():
    X, labels, X_new, labels_new = digits_split()
    T, T_new = one_hot(labels, 10), one_hot(labels_new, 10)
    means = T.T @ X / T.sum(axis=0)[:, None]
    W, b = means.T, -np.sum(means**2, axis=1) / 2
    share = accuracy(affine(X_new, W, b), T_new)
    print(f"W {W.shape}, b {b.shape}: {share:.1%} right, {share * 397:.0f} of 397")

# %% [markdown]
# 90.7 %. If you said 40 %: ten mean pictures are coarse, but a 0 is far more like the mean 0 than like any
# other. Three functions of yours made a reader, with 650 numbers in W and b. You calculated them; from 01
# on, such numbers are *learnt*.
#
# **A trap on the way.** With four answers `p` of shape (4,), all right, and the labels `t` in a column, (4,
# 1), what is `np.mean(p == t)`? It is number 5 of the puzzles: a table of sixteen comparisons. With p = (0,
# 1, 2, 3) its mean is 0.25. Shapes first.
#
# With two classes, one score for each sample is enough. It says how sure the program is of class 1, from 0
# to 1, and the answer is class 1 where it is above 0.5. The `accuracy` of 01 is made for such scores.

# %% [markdown]
# ## 7 Everything against everything
#
# Now the program of the beginning. It needs the squared distance of each unseen picture to each known one:
# from A (N, D) and B (M, D) a table (N, M). Two loops would do. Number 6 of the puzzles does it without:
# `A[:, None] - B` is (N, 1, D) minus (M, D), which is every difference at once, (N, M, D).
#
# But that table is large. Here it would be 397 · 1400 · 64 numbers of 8 bytes, 285 MB. For MNIST, a larger
# collection of digits which 04 uses where it is at hand, with 10,000 and 60,000 pictures of 784 pixels, it
# would be 3.8 TB. Take the square apart instead, as in the last section:
#
# $$\underset{(N,\,M)}{d_{nm}} \;=\; |a_n - b_m|^2 \;=\; \underset{(N,\,1)}{|a_n|^2} \;+\; \underset{(M,)}{|b_m|^2}
# \;-\; 2\, \underset{(N,\,D)}{\mathbf A}\;\underset{(D,\,M)}{\mathbf B^{\mathsf T}}$$
#
# The last term is one matrix product, and the largest table is the result itself, 4.4 MB.
#
# **By hand**, A = [[0, 0], [3, 4]] and B = [[0, 1], [3, 4], [6, 8]]. For (3, 4) and (0, 1) the product is
# 3·0 + 4·1 = 4, and 25 + 1 − 2·4 = **18**; and directly, 3² + 3² = 18. All six:
#
# $$\mathbf D = \begin{pmatrix}1&25&100\\18&0&25\end{pmatrix}$$
#
# **Never below 0.** For points that lie close together and far from the origin, large numbers are subtracted
# that are almost equal, and rounding is all that is left. It may be negative, and the root of a negative
# number is nan. A distance cannot be, so lift what is below 0 to 0, and nothing else: `np.maximum(array, 0)`
# takes the larger of the two, entry by entry.
#
# `np.sum(A**2, axis=1)` is (N,). With `keepdims=True` the summed axis stays, with size 1: (N, 1), a column.
# A loop is right too, and is accepted; it will show you in the experiments what it costs. The check names
# two results: `sq_dist`, and `near_neighbours`, which is about points close together and far out.


# %% gap="pairwise_sq_dist"
def pairwise_sq_dist(A, B):
    """The squared distance of each row of A to each row of B, never below 0.

    A (N, D), B (M, D)  ->  (N, M)

    A = [[0, 0], [3, 4]], B = [[0, 1], [3, 4], [6, 8]] gives [[1, 25, 100], [18, 0, 25]].
    """
    ### BEGIN SOLUTION
    a2 = np.sum(A**2, axis=1, keepdims=True)
    b2 = np.sum(B**2, axis=1)
    return np.maximum(a2 + b2 - 2 * A @ B.T, 0)
    ### END SOLUTION


# %% check="pairwise_sq_dist" points=2
check("pairwise_sq_dist", pairwise_sq_dist)

# %% [markdown]
# <details><summary>Hint 1: what it means</summary>
#
# Three tables are added. One has the same entry all along each row, one all down each column, and the third
# is a matrix product. Which is which?
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# The squared lengths of A have to be a column, (N, 1), those of B may stay (M,): broadcasting makes (N, M)
# of them. For the product, (N, D) has to meet (D, M).
# </details>
# <details><summary>Hint 3: in words</summary>
#
# Sum the squares of A along axis 1 and keep the axis; sum the squares of B along axis 1. Add the two, take
# off twice the product of A with B transposed, and return the larger of this and 0.
# </details>
#
# **Now read.** For each unseen picture, the known one at the smallest distance lends its label. This is
# called the *nearest neighbour*. What number did you write down at the beginning?

# %% tags=["experiment"]
with experiment():
    X, labels, X_new, labels_new = digits_split()
    distances = pairwise_sq_dist(X_new, X)
    nearest = distances.argmin(axis=1)
    share = accuracy(one_hot(labels[nearest], 10), one_hot(labels_new, 10))
    print(f"distances {distances.shape}: {share * 397:.0f} of 397 right, {share:.1%}")

# %% [markdown]
# **393 of 397.** If you said 200 or 300, perhaps because nothing was learnt: one bad neighbour does not
# matter as long as there is a good one, and among 1,400 pictures there nearly always is. `argmin` is
# `argmax` for the smallest.

# %% tags=["experiment"]
with experiment():
    X, labels, X_new, labels_new = digits_split()
    nearest = pairwise_sq_dist(X_new, X).argmin(axis=1)
    answers = labels[nearest]
    missed = np.flatnonzero(answers != labels_new)
    pictures = np.vstack([X_new[missed], X[nearest[missed]]])
    titles = [f"this is a {label}" for label in labels_new[missed]]
    show_digits(pictures, titles + [f"nearest: a {label}" for label in answers[missed]], columns=len(missed))

# %% [markdown]
# *What to see.* Above, the four that were misread, with what they are; below each, the known picture that is
# nearest to it. From left to right they were number 2, 7, 10 and 5 in the opening. How many of your four
# bets were right?
#
# **Is that honest?** The 397 were drawn at random, so for most of them there are pictures by the same hand
# among the known ones. The data are in the order of their collection, and the last 360 were written, for the
# most part, by other people.
#
# **Predict before you run.** If those 360 are read with the 1,437 before them: still 99 %?

# %% tags=["experiment"]
with experiment():
    X, labels = datasets.digits()
    answers = labels[pairwise_sq_dist(X[1437:], X[:1437]).argmin(axis=1)]
    share = accuracy(one_hot(answers, 10), one_hot(labels[1437:], 10))
    print(f"other writers: {share * 360:.0f} of 360 right, {share:.1%}")

# %% [markdown]
# 95.6 %, where it was 99.0 %: 4.4 mistakes in a hundred, not 1.0. If you said 99 %: that number belongs to
# the question *pictures by known hands*. What a test set is to answer is decided when it is drawn, which is
# a theme of 04.
#
# **And the tumours.** Each is *malignant* or *benign*. 400 are known, 169 are to be told by their nearest
# neighbour, for 20 random divisions: once with the features as measured, once standardised.

# %% tags=["experiment"]
with experiment():
    X, t = datasets.breast_cancer()
    T = one_hot(t[:, 0].astype(int), 2)
    shares = {"as measured": [], "standardised": []}
    for seed in progress(range(20), "20 divisions"):
        order = np.random.default_rng(seed).permutation(len(X))
        known, unseen = order[:400], order[400:]
        for name, features in zip(shares, (X, standardize(X)), strict=True):
            nearest = pairwise_sq_dist(features[unseen], features[known]).argmin(axis=1)
            shares[name].append(accuracy(T[known][nearest], T[unseen]))
    for name, values in shares.items():
        print(f"{name:13} {np.mean(values):.1%} right, ± {np.std(values):.1%} over the divisions")

# %% [markdown]
# *What to see.* 91.3 % as measured, 94.7 % standardised: 5.3 mistakes in a hundred, not 8.7. After ± stands
# the standard deviation of the twenty shares.
#
# *Why.* As measured, two areas carry 99 % of the distance, and the other 28 features are not heard.
#
# One liberty was taken: means and deviations came from all 569 rows, the unseen ones included. Question 2 at
# the end asks what to do when a patient comes who was not there.

# %% [markdown]
# ## 8 Two layers that are one
#
# An affine step is called a *layer* when several are put in a row: the outputs of the first, H of them, are
# the features of the second, and all that it is told of a sample. They are called *hidden*, because neither
# the one who puts in X nor the one who reads Y sees them.
#
# $$\underset{(N,\,K)}{\mathbf Y} = \bigl(\underset{(N,\,D)}{\mathbf X}\,\underset{(D,\,H)}{\mathbf W_1} +
# \underset{(H,)}{\mathbf b_1}\bigr)\underset{(H,\,K)}{\mathbf W_2} + \underset{(K,)}{\mathbf b_2}$$
#
# Surely two layers can do more than one? Multiply out. What comes is again a matrix times X, plus a bias:
# for any two layers there is **one** that does the same.
#
# $$\mathbf Y = \underset{(N,\,D)}{\mathbf X}\,\underset{(D,\,K)}{\mathbf W} + \underset{(K,)}{\mathbf b}$$
#
# **By hand**, D = 3, H = 2, K = 1. Which W and b?
#
# $$\mathbf W_1 = \begin{pmatrix}1&2\\0&1\\3&0\end{pmatrix}\quad \mathbf b_1 = (1,\,-1)\quad
# \mathbf W_2 = \begin{pmatrix}2\\5\end{pmatrix}\quad \mathbf b_2 = (10)$$
#
# Send x = (1, 0, 0) through both: the first layer gives (1, 2) + (1, −1) = (2, 1), and the second makes 4 +
# 5 + 10, or 19, of it. From x = (0, 0, 0) come (1, −1), then 2 − 5 + 10 = **7**, and that must be b, since X
# is 0. So the first entry of W is 19 − 7 = **12**. In the same way the others come out as **5** and **6**.
#
# An array with one axis may stand on the left of `@` too: (H,) with (H, K) gives (K,), the weighted sums of
# one sample. Two results are returned with a comma: `return W, b`. The check names them `W` and `b`.


# %% gap="collapse"
def collapse(W1, b1, W2, b2):
    """The one affine layer that does what two in a row do.

    W1 (D, H), b1 (H,), W2 (H, K), b2 (K,)  ->  W (D, K), b (K,)

    W1 = [[1, 2], [0, 1], [3, 0]], b1 = [1, -1], W2 = [[2], [5]], b2 = [10]
    gives [[12], [5], [6]] and [7].
    """
    ### BEGIN SOLUTION
    return W1 @ W2, b1 @ W2 + b2
    ### END SOLUTION


# %% check="collapse" points=2
check("collapse", collapse)

# %% [markdown]
# <details><summary>Hint 1: what it means</summary>
#
# Multiply the brackets out: (XW₁ + b₁)W₂ + b₂. Which of the three terms contain X, and which do not?
# </details>
# <details><summary>Hint 2: what to use</summary>
#
# Matrix products may be bracketed as you like, but not exchanged: (XW₁)W₂ = X(W₁W₂). Write the shapes under
# W₁W₂, and those under b₁W₂.
# </details>
# <details><summary>Hint 3: in words</summary>
#
# W is the product of W1 and W2, in this order. b is what the second layer makes of b1: b1 times W2, plus b2.
# </details>
#
# **Predict before you run.** Digits with 64 pixels go through 100 hidden outputs to 10 scores. How many
# weights and biases have the two layers, and how many has the one that does the same?

# %% tags=["experiment"]
with experiment():
    rng = np.random.default_rng(1)
    X = digits_split()[2]
    W1, b1 = rng.normal(size=(64, 100)), rng.normal(size=100)
    W2, b2 = rng.normal(size=(100, 10)), rng.normal(size=10)
    W, b = collapse(W1, b1, W2, b2)
    two, one = affine(affine(X, W1, b1), W2, b2), affine(X, W, b)
    print(f"scores {one.shape}, equal to nine digits: {np.allclose(two, one, rtol=1e-9, atol=1e-9)}")
    print("numbers in two layers", sum(a.size for a in (W1, b1, W2, b2)), "  in one", W.size + b.size)

# %% [markdown]
# 7,510 numbers do the work of 650, and the scores are equal but for rounding. If you said 7,400 and 640, the
# biases are missing. If you expected more of a hundred numbers in the middle: they are all weighted sums of
# the pixels, and so is every weighted sum of them.
#
# What would it take? Something between the layers that is no weighted sum. A *bend* such as max(0, y), entry
# by entry, is enough. Each point of the grid below is a sample of two features; the lines connect
# neighbours.


# %% tags=["experiment"]
def draw_grid(ax, points, title):
    """Draw a grid of (13, 13) points in the plane, rows blue and columns vermilion."""
    for line in points:
        ax.plot(*line.T, color=plots.COLORS[0], linewidth=1)
    for line in points.transpose(1, 0, 2):
        ax.plot(*line.T, color=plots.COLORS[1], linewidth=1)
    ax.set(title=title, xlabel="first output", ylabel="second output")
    ax.set_aspect("equal", adjustable="datalim")


with experiment():
    ticks = np.linspace(-1, 1, 13)
    X = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    W1, b1 = np.array([[1.0, 0.6, -0.5], [-0.4, 1.0, 0.8]]), np.array([0.2, -0.1, 0.3])
    W2, b2 = np.array([[1.0, -0.3], [0.3, 1.0], [-0.6, 0.7]]), np.array([0.5, 0.0])
    hidden = affine(X, W1, b1)
    one = affine(X, *collapse(W1, b1, W2, b2))
    fig, axes = plt.subplots(1, 3, figsize=(10, 3.6))
    draw_grid(axes[0], X.reshape(13, 13, 2), "169 samples")
    axes[0].set(xlabel="first feature", ylabel="second feature")
    draw_grid(axes[1], affine(hidden, W2, b2).reshape(13, 13, 2), "two layers, and one (dots)")
    axes[1].plot(*one.T, ".", color="black", markersize=4)
    draw_grid(axes[2], affine(np.maximum(0, hidden), W2, b2).reshape(13, 13, 2), "a bend between the layers")
    plt.show()

# %% [markdown]
# *What to see.* In the middle, two layers have turned, stretched and shifted the grid: straight lines stay
# straight, parallels stay parallel, and the dots of the one layer from `collapse` sit on every crossing. On
# the right, with a bend between, lines break and parts of the grid fall onto one another.
#
# So the bend is not decoration. Without it a network of a hundred layers is one layer.

# %% [markdown]
# ## What you have
#
# | question | your answer |
# |---|---|
# | How many of 397 unseen digits does the nearest mean read? | 360, 90.7 % |
# | How many does the nearest of 1,400 neighbours read? | 393, 99.0 % |
# | And when other people wrote them? | 344 of 360, 95.6 % |
# | What share of the distance do 2 of 30 features carry, if nobody looks at units? | 99 % |
# | What does standardising bring for the tumours? | 91.3 % → 94.7 % |
# | How many numbers of two affine layers, 64 → 100 → 10, can be saved? | 6,860 of 7,510 |
#
# **You can now**
#
# - *predict* the shape of a result before you run it, and find most mistakes by it;
# - *replace* loops over samples by one product, and say what that saves in time and in memory;
# - *measure* how well a program sorts, on samples that it has not seen.
#
# **The number to remember: 99.0 %**, from comparing alone. It is the bar for every network in this course
# that reads these digits. Its price: the program keeps all 1,400 pictures and goes through them for each new
# one.

# %% [markdown]
# ## Three questions
#
# These are read by a person. Two or three sentences each are enough. Double-click on the cell with YOUR
# ANSWER HERE, write, and press Shift+Enter.
#
# **1.** A friend copies Z = WX + b from a book with samples in columns, X (D, N) and W (H, D), and adds a b
# of shape (H,). When does NumPy complain, and when does it say nothing and give the wrong numbers? Which
# shape should b have there? *(2 points)*

# %% [markdown] why="start_here-why-1" points=2
# WX is (H, N), and b (H,) is lined up on the right, where it meets N. So NumPy complains where H ≠ N, and
# neither is 1. If H = N it says nothing, and adds b[n] to every output of sample n in place of b[h] to
# output h. (A single sample, N = 1, also passes without a word, and a table (H, H) comes out; either of the
# two cases will do. With H = 1 all is well.) (1 point)
#
# b has to be a column, (H, 1): its H then meets H, and its 1 is repeated for every sample. (1 point)

# %% [markdown]
# **2.** You have standardised 400 tumours. A new patient comes, alone, and a colleague calls `standardize`
# on that one row. What comes out, and why is it of no use? What would you keep from the 400, and what would
# you do with the new row? *(2 points)*

# %% [markdown] why="start_here-why-2" points=2
# All zeros, for every patient: with a single row each column is constant, its mean is the row itself.
# Nothing of the patient is left. (1 point)
#
# Keep the means and the standard deviations of the 400, (30,) each. Take those means off the new row and
# divide by those standard deviations, so that it is measured in the same units as the rows it is compared
# with. (1 point)

# %% [markdown]
# **3.** Two affine layers without a bend go from 64 features over H = 3 to 10 outputs. Give a reason why
# they can do nothing that one layer from 64 to 10 cannot. Can they do everything that one layer can? *(2
# points)*

# %% [markdown] why="start_here-why-3" points=2
# (XW₁ + b₁)W₂ + b₂ = X(W₁W₂) + (b₁W₂ + b₂), and that is an affine layer with the weights W₁W₂, (64, 10), and
# the bias b₁W₂ + b₂, (10,). (1 point)
#
# No. All ten outputs are made of three numbers for each sample, so W₁W₂ cannot be any (64, 10) matrix: its
# ten columns are weighted sums of the three columns of W₁ (its rank is at most 3). Two layers may do less
# than one, but never more. (1 point)

# %% [markdown]
# ## Where the crack is
#
# Nothing here has learnt. The nearest neighbour keeps every picture it has ever seen; the nearest mean has a
# W, but we knew a formula for it. How would a program find weights when nobody has a formula?
#
# Take one column of W and one bias: one weighted sum, with a bend at its end. That is *one neuron*. In
# **01_perceptron_limits** you build it and it finds its weights by itself. Then it meets 300 points of which
# it gets 53 % right, where a coin gets 50, and no training helps. That is not a matter of effort. It is what
# one weighted sum cannot do.
