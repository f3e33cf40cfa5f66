"""``04_training_in_practice``: batches, splits, folds, a history, and a search that keeps the test set out."""

from __future__ import annotations

import numpy as np

from grader.exercises import Alternative, Case, Equivalent, Exercise, Misconception, attempts
from grader.reference import training
from grader.reference.arrays import Array


def _samples(rng: np.random.Generator, n: int, d: int, k: int) -> tuple[Array, Array]:
    """X (n, d) and T (n, k) in which no row occurs twice: the first columns count."""
    X, T = rng.normal(size=(n, d)).round(2), rng.normal(size=(n, k)).round(2)
    X[:, 0], T[:, 0] = rng.permutation(n), rng.permutation(n)
    return X, T


def _batch_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, d, k, size in [(23, 3, 2, 5), (26, 2, 4, 8)]:
        X, T = _samples(rng, n, d, k)
        cases.append({"X": X, "T": T, "batch_size": size, "seed": int(rng.integers(1, 1000))})
    return cases


def _split_cases(rng: np.random.Generator) -> list[Case]:
    """Rounding every part down loses samples in both, and so does a sum that ends just below 1."""
    cases = []
    for n, d, k, fractions in [(26, 3, 2, [0.7, 0.2, 0.1]), (33, 2, 4, [0.4, 0.3, 0.2, 0.1])]:
        X, T = _samples(rng, n, d, k)
        cases.append({"X": X, "T": T, "fractions": np.array(fractions), "seed": int(rng.integers(1, 1000))})
    return cases


def _fold_cases(rng: np.random.Generator) -> list[Case]:
    """Numbers of samples that leave something over, with more than one fold to take it."""
    return [{"n": n, "k": k, "seed": int(rng.integers(1, 1000))} for n, k in [(18, 4), (23, 5)]]


def _evaluate_cases(rng: np.random.Generator) -> list[Case]:
    """Slices that come out even, and slices that do not; the last is read rightly and the first is not.

    So it matters how slices count. The share of rows read rightly is neither a half nor
    what the columns of X give in place of scores.
    """
    cases = []
    for n, d, k, size in [(11, 3, 4, 4), (12, 4, 5, 4), (17, 4, 3, 5)]:
        for _ in attempts():
            X, W, b = (rng.normal(size=s).round(2) for s in ((n, d), (d, k), (k,)))
            right = rng.random(n) < 0.5
            right[:size], right[: size // 2], right[-(n % size or size) :] = False, True, True
            labels = (X @ W + b).argmax(axis=1)
            labels = np.where(right, labels, (labels + 1) % k)
            share, reached = float(np.mean(right)), float(np.mean(X.argmax(axis=1) == labels))
            if share not in (0.5, reached):
                break
        cases.append({"X": X, "T": np.eye(k)[labels], "W": W, "b": b, "batch_size": size})
    return cases


def _fit_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m, d, k, size, epochs in [(19, 7, 3, 4, 4, 3), (22, 9, 4, 3, 6, 2)]:
        X, X_validation = rng.normal(size=(n, d)).round(2), rng.normal(size=(m, d)).round(2)
        X[:, 0], X_validation[:, 0] = rng.permutation(n) / n, 2 + rng.permutation(m) / m
        cases.append(
            {
                "X": X.round(4),
                "T": np.eye(k)[rng.integers(0, k, size=n)],
                "X_validation": X_validation.round(4),
                "T_validation": np.eye(k)[rng.integers(0, k, size=m)],
                "W": rng.normal(size=(d, k)).round(2),
                "b": rng.normal(size=k).round(2),
                "lr": round(float(rng.uniform(0.05, 0.15)), 3),
                "batch_size": size,
                "epochs": epochs,
                "seed": int(rng.integers(1, 1000)),
            }
        )
    return cases


def _answers(rng: np.random.Generator, T: Array, right: Array) -> Array:
    """For each run the class (R, M) it gives each sample, so many of them right."""
    labels = T.argmax(axis=1)
    rows = []
    for count in right:
        wrong = np.ones(len(labels), dtype=bool)
        wrong[rng.permutation(len(labels))[:count]] = False
        rows.append(np.where(wrong, (labels + 1) % 3, labels))
    return np.array(rows)


def _search_cases(rng: np.random.Generator) -> list[Case]:
    """Grids of two settings and of three, under other names.

    Best on validation, best on test, worst, lowest and highest loss are five different runs.
    The best on validation is neither the first nor the last run, nor one in which all
    settings stand at the same place of their lists. The highest loss is in the first half.
    """
    grids: list[tuple[dict[str, list[float]], int, int]] = [
        ({"lr": [0.02, 0.3, 1.5], "hidden": [5, 40]}, 20, 17),
        ({"width": [30, 6], "batch_size": [4, 64], "rate": [0.01, 0.2, 1.1]}, 23, 19),
    ]
    cases = []
    for grid, m, n in grids:
        counts = [len(values) for values in grid.values()]
        runs = int(np.prod(counts))
        alike = [int(np.ravel_multi_index([i] * len(counts), counts)) for i in range(min(counts))]
        best = int(rng.choice([i for i in range(1, runs - 1) if i not in alike]))
        others = rng.permutation([i for i in range(runs) if i != best])
        on_validation, on_test, losses = (np.zeros(runs) for _ in range(3))
        on_validation[others] = rng.permutation(np.arange(13 - len(others), 13))
        on_validation[best] = 15
        worst = int(on_validation.argmin())
        high = next(int(i) for i in others if i != worst and i < runs // 2)
        favoured, low = [int(i) for i in others if i not in (worst, high)][:2]
        rest = [i for i in range(runs) if i != favoured]
        on_test[rest], on_test[favoured] = rng.permutation(np.arange(12 - len(rest), 12)), 14
        losses[:] = rng.permutation(np.linspace(0.5, 0.9, runs).round(2))
        losses[low], losses[high] = 0.2, 1.4
        T_validation, T_test = (np.eye(3)[rng.integers(0, 3, size=size)] for size in (m, n))
        cases.append(
            {
                "names": " ".join(grid),
                "counts": np.array(counts),
                "values": np.concatenate([rng.permutation(values) for values in grid.values()]),
                "X_validation": np.column_stack([np.arange(m), rng.normal(size=m).round(2)]),
                "T_validation": T_validation,
                "X_test": np.column_stack([1000 + np.arange(n), rng.normal(size=n).round(2)]),
                "T_test": T_test,
                "says_validation": _answers(rng, T_validation, on_validation.astype(int)),
                "says_test": _answers(rng, T_test, on_test.astype(int)),
                "losses": np.column_stack([losses, losses[::-1]]),
            }
        )
    return cases


_SEEDED = "order = np.random.default_rng(0).permutation(len(X))"
_GLOBAL = "order = np.random.permutation(len(X))"
_ORDER = "order = rng.permutation(len(X))"

MINIBATCHES = Exercise(
    name="minibatches",
    source="S1 Mini-batch gradient descent with batch size 3, prepare_batches",
    cases=_batch_cases,
    reference={"minibatches": training.minibatches},
    misconceptions=(
        Misconception(
            "last short batch dropped",
            "range(0, len(X), batch_size)",
            "range(0, len(X) - batch_size + 1, batch_size)",
            "The full batches are right, and what is left over at the end comes in none. "
            "23 samples, batches of 5: what becomes of the last 3?",
        ),
        Misconception(
            "X and T shuffled separately",
            "yield X[chosen], T[chosen]",
            "others = rng.permutation(len(X))[: len(chosen)]\n        yield X[chosen], T[others]",
            "Samples come with targets that are not theirs, so there is nothing left to learn. "
            "What has to be the same for X and for T?",
        ),
        Misconception(
            "targets left where they were",
            "T[chosen]",
            "T[start : start + batch_size]",
            "X comes in a new order and T in the old one. Row 0 of X is now another sample: where is its target?",
        ),
        Misconception(
            "not shuffled",
            _ORDER,
            "order = np.arange(len(X))",
            "Your batches are cut from X as it lies, the same in every epoch. If the data were sorted by class, "
            "what would each batch teach?",
        ),
        Misconception(
            "same order every epoch",
            _ORDER,
            _SEEDED,
            "The samples are mixed, but the second epoch has the batches of the first, and the rng that you were "
            "handed was never asked. When is your order drawn, and from what?",
        ),
        Misconception(
            "not drawn from rng",
            _ORDER,
            _GLOBAL,
            "All is right, but nothing was drawn from the rng that you were handed. "
            "Whoever wants to repeat this run has only its seed: where do your numbers come from?",
        ),
        Misconception(
            "only the batches are shuffled",
            f"{_ORDER}\n    for start in range(0, len(X), batch_size):",
            "order = np.arange(len(X))\n    for start in rng.permutation(range(0, len(X), batch_size)):",
            "The batches come in a new order, but each holds neighbours, the same ones every time. "
            "Which should be shuffled, the batches or the samples?",
        ),
        Misconception(
            "shuffled inside each batch",
            f"{_ORDER}\n    for start in range(0, len(X), batch_size):\n"
            "        chosen = order[start : start + batch_size]",
            "order = np.arange(len(X))\n    for start in range(0, len(X), batch_size):\n"
            "        chosen = rng.permutation(order[start : start + batch_size])",
            "You shuffle, and still the same samples stand together in every epoch: each batch is mixed by itself. "
            "Before what has the order to be drawn?",
        ),
        Misconception(
            "a new order for each batch",
            f"{_ORDER}\n    for start in range(0, len(X), batch_size):",
            f"for start in range(0, len(X), batch_size):\n        {_ORDER}",
            "No batch holds a sample twice, but some samples are in several batches and others in none. "
            "How often is an order drawn in one epoch, and how often should it be?",
        ),
        Misconception(
            "full batches, each drawn by itself",
            f"{_ORDER}\n    for start in range(0, len(X), batch_size):\n"
            "        chosen = order[start : start + batch_size]",
            "for start in range(0, len(X), batch_size):\n        chosen = rng.permutation(len(X))[:batch_size]",
            "Each batch is drawn from all samples, whatever the batches before it held. "
            "How often is an order drawn in one epoch, and how often should it be?",
        ),
        Misconception(
            "lists in place of arrays",
            "yield X[chosen], T[chosen]",
            "yield [X[i] for i in chosen], [T[i] for i in chosen]",
            "Your pairs hold lists, and a net multiplies matrices. "
            "What does an array give when it is handed many numbers at once?",
        ),
        Misconception(
            "targets first",
            "yield X[chosen], T[chosen]",
            "yield T[chosen], X[chosen]",
            "T comes first in your pairs, and X second. In which order does the docstring name them?",
        ),
        Misconception(
            "windows that overlap",
            "range(0, len(X), batch_size)",
            "range(0, len(X))",
            "You have a batch for each sample, and they overlap. One batch ends batch_size places after its start: "
            "where does the next one begin?",
        ),
        Misconception(
            "shuffled in place",
            _ORDER,
            "order = rng.permutation(len(X))\n    X[:], T[:] = X[order], T[order]",
            "The batches are right, but X and T themselves have been put into a new order. "
            "They are not yours: who else may be holding them?",
        ),
        Misconception(
            "drawn with replacement",
            _ORDER,
            "order = rng.integers(0, len(X), len(X))",
            "Some samples come twice and others not at all. An epoch holds each once: "
            "what is drawn, a number for every place or an order of all?",
        ),
        Misconception(
            "batches of another size",
            "for start in range(0, len(X), batch_size):\n        chosen = order[start : start + batch_size]",
            "for chosen in np.array_split(order, -(-len(X) // batch_size)):",
            "All samples come, in batches of nearly equal size. Asked for are batches of batch_size, "
            "and a rest: how long may the last one be?",
        ),
    ),
    alternatives=(
        Alternative(
            "a list that is returned",
            code="""
def minibatches(X, T, batch_size, rng):
    left = list(rng.permutation(len(X)))
    batches = []
    while left:
        now, left = left[:batch_size], left[batch_size:]
        batches.append((X[now], T[now]))
    return batches
""",
        ),
        Alternative(
            "shuffled copies",
            code="""
def minibatches(X, T, batch_size, rng):
    together = np.hstack([X, T])
    rng.shuffle(together)
    for i in range(int(np.ceil(len(X) / batch_size))):
        rows = together[i * batch_size : (i + 1) * batch_size]
        yield rows[:, : X.shape[1]], rows[:, X.shape[1] :]
""",
        ),
        Alternative(
            "argsort of random numbers, batches in another dtype",
            code="""
def minibatches(X, T, batch_size, rng):
    order = np.argsort(rng.random(len(X)))
    for chosen in np.split(order, range(batch_size, len(X), batch_size)):
        yield X[np.sort(chosen)].astype(np.float32), T[np.sort(chosen)].astype(np.float32)
""",
        ),
    ),
)

SPLIT = Exercise(
    name="split",
    source="S1 Splitting input data into a training, validation, and test set",
    cases=_split_cases,
    reference={"split": training.split},
    misconceptions=(
        Misconception(
            "not shuffled",
            _ORDER,
            "order = np.arange(len(X))",
            "Your parts are cut from X as it lies. If the data are sorted, by class or by who wrote them, "
            "what is in the last part that is in no other?",
        ),
        Misconception(
            "parts overlap",
            "for part in np.split(order, cuts)]",
            "for part in (rng.permutation(len(X))[: len(p)] for p in np.split(order, cuts))]",
            "Some samples are in two parts, so the net is examined on what it has learnt from. "
            "How often is the order drawn, and how often should it be?",
        ),
        Misconception(
            "X and T shuffled separately",
            "(X[part], T[part])",
            "(X[part], T[rng.permutation(len(X))[: len(part)]])",
            "Samples come with targets that are not theirs. What has to be the same for X and for T?",
        ),
        Misconception(
            "cuts not cumulative",
            "np.cumsum(fractions)[:-1]",
            "np.array(fractions)[:-1]",
            "Your second cut is where a part of that size would end if it came first. "
            "Where does the second part begin, and so where does it end?",
        ),
        Misconception(
            "fractions not times N",
            "np.cumsum(fractions)[:-1] * len(X)",
            "np.cumsum(fractions)[:-1]",
            "Nearly all samples are in the last part: your cuts are fractions, rounded to 0 or 1. "
            "At how many samples does 0.7 of them end?",
        ),
        Misconception(
            "fractions cut to whole numbers",
            "np.rint(np.cumsum(fractions)[:-1] * len(X))",
            "np.cumsum(fractions)[:-1]",
            "All samples are in the last part: your cuts are fractions, cut down to 0. "
            "At how many samples does 0.7 of them end?",
        ),
        Misconception(
            "three parts, whatever is asked",
            "np.split(order, cuts)",
            "np.split(order, cuts[:2])",
            "The second case has the four fractions 0.4, 0.3, 0.2 and 0.1, and you give three parts. "
            "Who says how many there are to be?",
        ),
        Misconception(
            "a cut at the very end",
            "np.cumsum(fractions)[:-1]",
            "np.cumsum(fractions)",
            "You give one part more than there are fractions. How many cuts make three parts?",
        ),
        Misconception(
            "same split for every rng",
            _ORDER,
            _SEEDED,
            "Another seed gives the same split, and nothing was drawn from the rng that you were handed. "
            "Who decides which split it is?",
        ),
        Misconception(
            "not drawn from rng",
            _ORDER,
            _GLOBAL,
            "All is right, but nothing was drawn from the rng that you were handed. "
            "Whoever wants this split again has only its seed: where do your numbers come from?",
        ),
        Misconception(
            "leftovers lost",
            "return [(X[part], T[part]) for part in np.split(order, cuts)]",
            "n = [int(f * len(X)) for f in fractions]\n"
            "    return [(X[p], T[p]) for p in np.split(order, np.cumsum(n))[:-1]]",
            "Some samples are in no part: each part was rounded down, or the sum of the fractions "
            "fell a hair short of 1. Who gets what is left over?",
        ),
        Misconception(
            "shuffled in place",
            _ORDER,
            "order = rng.permutation(len(X))\n    X[:], T[:] = X[order], T[order]",
            "The parts are right, but X and T themselves have been put into a new order. "
            "They are not yours: who else may be holding them?",
        ),
    ),
    alternatives=(
        Alternative(
            "the last part takes the rest",
            code="""
def split(X, T, fractions, rng):
    left = rng.permutation(len(X))
    parts = []
    for f in fractions[:-1]:
        n = int(f * len(X))
        parts.append((X[left[:n]], T[left[:n]]))
        left = left[n:]
    return parts + [(X[left], T[left])]
""",
        ),
        Alternative(
            "shuffled copies",
            code="""
def split(X, T, fractions, rng):
    order = np.argsort(rng.random(len(X)))
    X, T = X[order], T[order]
    ends = [0] + [round(sum(fractions[: i + 1]) * len(X)) for i in range(len(fractions))]
    return tuple((X[a:b], T[a:b]) for a, b in zip(ends[:-1], ends[1:]))
""",
        ),
    ),
)

_FOLDS = "folds = np.array_split(rng.permutation(n), k)"
_REST = "np.concatenate(folds[:i] + folds[i + 1 :])"

K_FOLDS = Exercise(
    name="k_folds",
    source="S1 K-fold cross-validation",
    cases=_fold_cases,
    reference={"k_folds": training.k_folds},
    misconceptions=(
        Misconception(
            "training on the validation fold too",
            _REST,
            "np.concatenate(folds)",
            "Each training part holds all samples, those of its own fold included. "
            "What does a net score on samples that it has learnt from?",
        ),
        Misconception(
            "not shuffled",
            "rng.permutation(n)",
            "np.arange(n)",
            "Each fold holds neighbours. If the data are sorted by class, which classes has a net never seen "
            "when it is asked about a fold?",
        ),
        Misconception(
            "leftovers dropped",
            _FOLDS,
            "folds = np.split(rng.permutation(n)[: n // k * k], k)",
            "All folds have n // k samples, and what is left over is in none. 18 samples in 4 folds: where are the "
            "other two?",
        ),
        Misconception(
            "leftovers all in the last fold",
            _FOLDS,
            "folds = np.split(rng.permutation(n), np.arange(1, k) * (n // k))",
            "Every sample is in one fold, but the last fold takes all that is left over. "
            "The sizes may differ by one: how many folds have to take one more?",
        ),
        Misconception(
            "a new order for each fold",
            _FOLDS,
            "folds = [np.array_split(rng.permutation(n), k)[i] for i in range(k)]",
            "Some samples are in several folds and some in none. The folds are pieces of one whole: "
            "how often should it be shuffled?",
        ),
        Misconception(
            "the two parts exchanged",
            f"({_REST}, folds[i])",
            f"(folds[i], {_REST})",
            "You learn from one fold and validate on all others. Which of the two wants most of the data?",
        ),
        Misconception(
            "same folds for every rng",
            "rng.permutation(n)",
            "np.random.default_rng(0).permutation(n)",
            "Another seed gives the same folds, and nothing was drawn from the rng that you were handed. "
            "Who decides which folds they are?",
        ),
        Misconception(
            "not drawn from rng",
            "rng.permutation(n)",
            "np.random.permutation(n)",
            "All is right, but nothing was drawn from the rng that you were handed. "
            "Whoever wants these folds again has only its seed: where do your numbers come from?",
        ),
        Misconception(
            "one fold fewer to learn from",
            _REST,
            "np.concatenate((folds[:i] + folds[i + 1 :])[:-1])",
            "Each training part lacks a fold that is not its validation part either. "
            "Of k folds one is held out: how many are left to learn from?",
        ),
        Misconception(
            "the next fold skipped",
            "folds[i + 1 :]",
            "folds[i + 2 :]",
            "The last training part is complete, and each of the others lacks a fold: the one after its own. "
            "With which fold does a slice begin, and which comes after fold i?",
        ),
    ),
    alternatives=(
        Alternative(
            "every k-th of the order",
            old=_FOLDS,
            new="order = rng.permutation(n)\n    folds = [order[i::k] for i in range(k)]",
        ),
        Alternative(
            "a fold number for each sample",
            code="""
def k_folds(n, k, rng):
    number = rng.permutation(np.arange(n) % k)
    for i in range(k):
        yield np.flatnonzero(number != i), np.flatnonzero(number == i)
""",
        ),
        Alternative("set difference", old=_REST, new="np.setdiff1d(np.arange(n), folds[i])"),
    ),
)

_LOSS = "loss += len(X_part) * net.loss(X_part, T_part)"
_RIGHT = "right += len(X_part) * accuracy(net.forward(X_part), T_part)"
_MEANS = "return loss / len(X), right / len(X)"

EVALUATE = Exercise(
    name="evaluate",
    source="S1 report; S0 accuracy",
    cases=_evaluate_cases,
    reference={"evaluate": training.evaluate},
    misconceptions=(
        Misconception(
            "mean of slice means",
            f"{_LOSS}\n        {_RIGHT}\n    {_MEANS}",
            "loss += net.loss(X_part, T_part)\n        right += accuracy(net.forward(X_part), T_part)\n"
            "    n = -(-len(X) // batch_size)\n    return loss / n, right / n",
            "You take the mean of the slices' means. The last slice has fewer rows than the others: "
            "how much should each of its rows count?",
        ),
        Misconception(
            "every slice taken for full",
            f"{_LOSS}\n        {_RIGHT}",
            _LOSS.replace("len(X_part)", "batch_size") + "\n        " + _RIGHT.replace("len(X_part)", "batch_size"),
            "The last slice counts as if it were full. How many rows does it have?",
        ),
        Misconception(
            "slice means added up, over N",
            f"{_LOSS}\n        {_RIGHT}",
            _LOSS.replace("len(X_part) * ", "") + "\n        " + _RIGHT.replace("len(X_part) * ", ""),
            "You add up one mean for each slice, and divide by N, the number of rows. How many numbers did you add?",
        ),
        Misconception(
            "last slice left out",
            "range(0, len(X), batch_size)",
            "range(0, len(X) - batch_size + 1, batch_size)",
            "The rows after the last full slice are never looked at. How many are they?",
        ),
        Misconception(
            "last slice only",
            f"{_LOSS}\n        {_RIGHT}",
            _LOSS.replace("+=", "=") + "\n        " + _RIGHT.replace("+=", "="),
            "Your numbers come from the last slice alone. What happens to those of the slices before?",
        ),
        Misconception(
            "an empty slice at the end",
            "range(0, len(X), batch_size)",
            "range(0, len(X) // batch_size * batch_size + 1, batch_size)",
            "Where batch_size divides N, as in the second case, you look at one slice more, and it is empty: "
            "a mean over nothing is nan. How many slices are 12 rows, 4 at a time?",
        ),
        Misconception(
            "totals, not means",
            _MEANS,
            "return loss, right",
            "What you return is N times what is asked for, a sum over the rows. What makes a mean of a sum?",
        ),
        Misconception(
            "totals over the number of slices",
            _MEANS,
            "n = -(-len(X) // batch_size)\n    return loss / n, right / n",
            "You add up over all rows, and divide by the number of slices. How many rows have you added up?",
        ),
        Misconception(
            "totals over batch_size",
            _MEANS,
            "return loss / batch_size, right / batch_size",
            "You add up over all rows, and divide by batch_size. How many rows have you added up?",
        ),
        Misconception(
            "returned from inside the loop",
            f"{_RIGHT}\n    {_MEANS}",
            f"{_RIGHT}\n        {_MEANS}",
            "Only the first slice has been looked at. In which line does the function end, and when is it reached?",
        ),
        Misconception(
            "the first slice alone",
            f"{_RIGHT}\n    {_MEANS}",
            f"{_RIGHT}\n        return loss / len(X_part), right / len(X_part)",
            "You return the means of the first slice. In which line does the function end, and when is it reached?",
        ),
        Misconception(
            "accuracy of X itself",
            "accuracy(net.forward(X_part), T_part)",
            "accuracy(X_part, T_part)",
            "Your accuracy compares the largest entry of each row of X with T: what has the net said about these rows?",
        ),
        Misconception(
            "error rate",
            _MEANS,
            "return loss / len(X), 1 - right / len(X)",
            "Your second number is the share of rows read wrongly. Which share is the accuracy?",
        ),
        Misconception(
            "accuracy of all rows at once",
            _MEANS,
            "return loss / len(X), accuracy(net.forward(X), T)",
            "The numbers are right, and net.loss is given slices, but net.forward all rows at once. "
            "Where does the tall H come from that you wanted to avoid?",
        ),
        Misconception(
            "all at once",
            "X_part, T_part = X[start : start + batch_size], T[start : start + batch_size]",
            "X_part, T_part = X, T\n        if start:\n            break",
            "The numbers are right, but net.loss and net.forward were given more rows at once than batch_size. "
            "How many may it be, and who says so?",
        ),
        Misconception(
            "accuracy first",
            _MEANS,
            "return right / len(X), loss / len(X)",
            "You return the accuracy and then the loss. Which of the two does the docstring name first?",
        ),
        Misconception(
            "percent",
            _MEANS,
            "return loss / len(X), 100 * right / len(X)",
            "Your accuracy is 100 times what is asked for. A share lies between 0 and 1: when is it a per cent?",
        ),
    ),
    alternatives=(
        Alternative(
            "counts of right rows",
            code="""
def evaluate(net, X, T, batch_size=1000):
    losses, hits = [], []
    for i in range(0, len(X), batch_size):
        rows = slice(i, i + batch_size)
        losses += [net.loss(X[rows], T[rows])] * len(X[rows])
        hits.extend(net.forward(X[rows]).argmax(axis=1) == T[rows].argmax(axis=1))
    return np.mean(losses), np.mean(hits)
""",
        ),
        Alternative(
            "row by row",
            code="""
def evaluate(net, X, T, batch_size=1000):
    each = [(net.loss(x[None], t[None]), accuracy(net.forward(x[None]), t[None])) for x, t in zip(X, T)]
    return tuple(np.mean(each, axis=0))
""",
        ),
        Alternative(
            "an array of two numbers",
            old=_MEANS,
            new="return np.array([loss, right]) / len(X)",
        ),
        Alternative(
            "weighted average",
            code="""
def evaluate(net, X, T, batch_size=1000):
    cuts = range(batch_size, len(X), batch_size)
    slices = list(zip(np.split(X, cuts), np.split(T, cuts)))
    weights = [len(x) for x, _ in slices]
    loss = np.average([net.loss(x, t) for x, t in slices], weights=weights)
    return loss, np.average([accuracy(net.forward(x), t) for x, t in slices], weights=weights)
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "swapped: right += len(X_part) * accuracy(net.forward(X_part), T_part)"
            " -> right += len(X_part) * accuracy(T_part, net.forward(X_part))",
            "accuracy compares the places of two maxima, whichever comes first",
        ),
    ),
)

_STEP = "sgd_step(net.params, net.gradients(X, T), lr)"
_ROW = "rows.append((epoch, *evaluate(net, *train), *evaluate(net, *validation)))"
_LOOP = "for X, T in minibatches(*train, batch_size, rng):"

FIT = Exercise(
    name="fit",
    source="S1 train, 03_batching",
    cases=_fit_cases,
    reference={"fit": training.fit},
    misconceptions=(
        Misconception(
            "validation data learnt from",
            _LOOP,
            "for X, T in [*minibatches(*train, batch_size, rng), *minibatches(*validation, batch_size, rng)]:",
            "The net was asked for gradients on validation samples as well. "
            "What can their accuracy still tell, once the net has learnt from them?",
        ),
        Misconception(
            "validated on training data",
            "*evaluate(net, *validation)",
            "*evaluate(net, *train)",
            "Your validation columns repeat the training columns. Which samples has the net not learnt from?",
        ),
        Misconception(
            "the two parts exchanged",
            "*evaluate(net, *train), *evaluate(net, *validation)",
            "*evaluate(net, *validation), *evaluate(net, *train)",
            "Your training columns hold the validation numbers. In which order are the columns named?",
        ),
        Misconception(
            "no step",
            _STEP,
            "net.gradients(X, T)",
            "Every gradient was asked for at the parameters that the net began with. "
            "What becomes of a gradient, and whose arrays does a step move?",
        ),
        Misconception(
            "gradient of the whole training part",
            "net.gradients(X, T)",
            "net.gradients(*train)",
            "Each of your steps asks for the gradient on all training samples. What are the batches for?",
        ),
        Misconception(
            "batches used up by the first epoch",
            f"for epoch in range(1, epochs + 1):\n        {_LOOP}",
            "batches = minibatches(*train, batch_size, rng)\n    for epoch in range(1, epochs + 1):\n"
            "        for X, T in batches:",
            "Only the first epoch takes steps: after it there are no batches left. "
            "What yields can be gone through once. How often does minibatches have to be called?",
        ),
        Misconception(
            "measured before the epoch",
            f"{_LOOP}\n            {_STEP}\n        {_ROW}",
            f"{_ROW}\n        {_LOOP}\n            {_STEP}",
            "Row 1 describes the net before it has learnt anything, and the last epoch is in no row. "
            "When should an epoch be measured?",
        ),
        Misconception(
            "training measured while it moves",
            f"{_LOOP}\n            {_STEP}\n        {_ROW}",
            f"seen = []\n        {_LOOP}\n            seen.append(evaluate(net, X, T))\n            {_STEP}\n"
            "        rows.append((epoch, *np.mean(seen, axis=0), *evaluate(net, *validation)))",
            "Validation is measured after the epoch, training during it, by nets that had still to take steps. "
            "Can two numbers be compared that belong to different parameters?",
        ),
        Misconception(
            "training measured on the last batch",
            "*evaluate(net, *train)",
            "*evaluate(net, X, T)",
            "With all samples in one batch you are right; with several, your training columns describe "
            "the last batch alone. What is the name of the whole training set here?",
        ),
        Misconception(
            "same order every epoch",
            _LOOP,
            _LOOP.replace("rng", "np.random.default_rng(0)"),
            "Every epoch has the same batches, and nothing was drawn from the rng that you were handed. "
            "What would you have to hand on to minibatches for a new order each time?",
        ),
        Misconception(
            "batches drawn once",
            f"for epoch in range(1, epochs + 1):\n        {_LOOP}",
            "batches = list(minibatches(*train, batch_size, rng))\n    for epoch in range(1, epochs + 1):\n"
            "        for X, T in batches:",
            "Every epoch has the same batches: they were drawn from rng, once. "
            "How often does minibatches have to be called?",
        ),
        Misconception(
            "one step an epoch",
            _STEP,
            f"grads = net.gradients(X, T)\n        {_STEP.replace('net.gradients(X, T)', 'grads')}",
            "Gradients were asked for at one parameter value an epoch. Each batch should find the net where the "
            "batch before left it: which lines belong inside the inner loop?",
        ),
        Misconception(
            "a row for each step",
            _ROW,
            f"    {_ROW}",
            "With several batches an epoch your table has a row for each step. What should a row stand for?",
        ),
        Misconception(
            "epochs from 0",
            "rows.append((epoch, ",
            "rows.append((epoch - 1, ",
            "All is right, but your epochs count from 0. A row is measured after its epoch: "
            "how many epochs has the first row seen?",
        ),
        Misconception(
            "one epoch short",
            "range(1, epochs + 1)",
            "range(1, epochs)",
            "Your table has a row less than there are epochs. Counting from 1, where does range stop?",
        ),
        Misconception(
            "uphill",
            "lr)",
            "-lr)",
            "Your losses rise. The gradient points to where the loss grows: which way should a step go?",
        ),
        Misconception(
            "rate divided by the batch",
            "lr)",
            "lr / len(X))",
            "Each of your steps is 1/B of what it should be. The net's loss is a mean over the batch: "
            "has its gradient been divided already?",
        ),
    ),
    alternatives=(
        Alternative(
            "a dict of lists",
            code="""
def fit(net, train, validation, lr, batch_size, epochs, rng):
    names = ["epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"]
    history = {name: [] for name in names}
    for epoch in range(epochs):
        for X, T in minibatches(train[0], train[1], batch_size, rng):
            grads = net.gradients(X, T)
            for name in net.params:
                net.params[name] = net.params[name] - lr * grads[name]
        loss, share = evaluate(net, train[0], train[1])
        held_loss, held_share = evaluate(net, validation[0], validation[1])
        for name, value in zip(names, (epoch + 1, loss, share, held_loss, held_share)):
            history[name].append(value)
    return pd.DataFrame(history)
""",
        ),
        Alternative(
            "its own batches and means",
            code="""
def fit(net, train, validation, lr, batch_size, epochs, rng):
    X, T = train
    records = []
    while len(records) < epochs:
        order = rng.permutation(len(X))
        while len(order):
            now, order = order[:batch_size], order[batch_size:]
            sgd_step(net.params, net.gradients(X[now], T[now]), lr)
        record = {"epoch": len(records) + 1}
        for part, (A, B) in {"train": train, "validation": validation}.items():
            record[part + "_loss"] = net.loss(A, B)
            record[part + "_accuracy"] = accuracy(net.forward(A), B)
        records.append(record)
    return pd.DataFrame(records)
""",
        ),
    ),
)

_SCORES = "scores = [evaluate(net, *validation)[1] for net in nets]"
_BEST = "best = int(np.argmax(scores))"
_TEST = "evaluate(nets[best], *test)[1]"

GRID_SEARCH = Exercise(
    name="grid_search",
    source="S1 Tuning hyperparameters, 5_development; homework 10-2",
    cases=_search_cases,
    reference={"grid_search": training.grid_search},
    misconceptions=(
        Misconception(
            "chosen on the test set",
            _BEST,
            "best = int(np.argmax([evaluate(net, *test)[1] for net in nets]))",
            "You chose the run that is best on the test set, so its test accuracy is the luckiest of all. "
            "On which data may a choice be made?",
        ),
        Misconception(
            "the worst chosen",
            "np.argmax(scores)",
            "np.argmin(scores)",
            "You chose the run with the lowest validation accuracy. Is a good accuracy a small or a large one?",
        ),
        Misconception(
            "highest loss chosen",
            "evaluate(net, *validation)[1]",
            "evaluate(net, *validation)[0]",
            "Your scores are losses, and the highest one won. "
            "evaluate returns two numbers: which of them is asked for, and for which is larger better?",
        ),
        Misconception(
            "lowest loss chosen",
            _BEST,
            "best = int(np.argmin([evaluate(net, *validation)[0] for net in nets]))",
            "You chose the run with the lowest validation loss. That can be defended, and it is another run here: "
            "by which number was the choice to be made?",
        ),
        Misconception(
            "test accuracy of the last run",
            "evaluate(nets[best], *test)",
            "evaluate(nets[-1], *test)",
            "Choice and table are right, but the test accuracy is that of the run that came last. "
            "Which net should the test set be opened for?",
        ),
        Misconception(
            "best test accuracy of all",
            _TEST,
            "max(evaluate(net, *test)[1] for net in nets)",
            "The settings are chosen rightly, but the test accuracy beside them is the best of all nets, "
            "and all were shown the test set. Whose accuracy did you promise?",
        ),
        Misconception(
            "validation accuracy reported",
            _TEST,
            "scores[best]",
            "What you report as test accuracy is the number that the choice was made by, the largest of several. "
            "Which data have had no say in the choice?",
        ),
        Misconception(
            "settings paired, not combined",
            "product(*grid.values())",
            "zip(*grid.values())",
            "You tried the first value of each setting together, then the second: the diagonal of the grid. "
            "How many combinations do 3 rates and 2 widths have?",
        ),
        Misconception(
            "everyone shown the test set",
            "table = pd.DataFrame(runs).assign(validation_accuracy=scores)",
            "shown = [evaluate(net, *test)[1] for net in nets]\n"
            "    table = pd.DataFrame(runs).assign(validation_accuracy=scores, test_accuracy=shown)",
            "You chose rightly, and still every net was shown the test set. "
            "Once the numbers stand in a table, who will leave them out of the next choice?",
        ),
        Misconception(
            "shown the test set at each improvement",
            _BEST,
            f"{_BEST}\n    [evaluate(nets[i], *test) for i in range(len(nets)) if scores[i] > max([-1, *scores[:i]])]",
            "You chose rightly, but more than one net was shown the test set: each that was the best so far? "
            "When is it known which one is the best of all?",
        ),
        Misconception(
            "winner trained again",
            "evaluate(nets[best], *test)",
            "evaluate(run(**runs[best]), *test)",
            "One run more than there are combinations: the winner was trained a second time, and another net was "
            "shown the test set than the one you chose. Where is that one?",
        ),
        Misconception(
            "names written out",
            "dict(zip(grid, values, strict=True))",
            "dict(lr=values[0], hidden=values[1])",
            "The first case is right, but the second has a grid of three settings with other names. "
            "Where can your code read the names, and how many there are?",
        ),
        Misconception(
            "the accuracy among the settings",
            "return runs[best], table",
            "return table.iloc[best].to_dict(), table",
            "Your settings have one entry more, the accuracy. What would `run` say, if it were handed them all?",
        ),
        Misconception(
            "settings handed on as one",
            "nets = [run(**settings)",
            "nets = [run(settings)",
            "`run` was handed one dict, and it takes each setting by its name. Which tool above hands a dict on so?",
        ),
        Misconception(
            "names unpacked",
            "dict(zip(grid, values, strict=True)) for values in product(*grid.values())",
            "dict(lr=a, hidden=b) for a, b in product(*grid.values())",
            "The first case is right, but the second has a grid of three settings with other names. "
            "Where can your code read the names, and how many there are?",
        ),
        Misconception(
            "both numbers of evaluate",
            _TEST,
            "evaluate(nets[best], *test)",
            "Choice and table are right, but your third result is two numbers, a loss and an accuracy. "
            "Which of them is asked for?",
        ),
        Misconception(
            "validation and test exchanged",
            f"{_SCORES}\n    {_BEST}",
            f"validation, test = test, validation\n    {_SCORES}\n    {_BEST}",
            "The two sets have changed places: all nets saw the test set and the chosen one was reported on "
            "validation data. In which order do the arguments come?",
        ),
    ),
    alternatives=(
        Alternative(
            "loop, keeping the best",
            code="""
def grid_search(run, grid, validation, test):
    best, best_net, rows = None, None, []
    for values in product(*grid.values()):
        settings = dict(zip(grid, values))
        net = run(**settings)
        share = evaluate(net, *validation)[1]
        if not rows or share > max(row["validation_accuracy"] for row in rows):
            best, best_net = settings, net
        rows.append({**settings, "validation_accuracy": share})
    return best, pd.DataFrame(rows), evaluate(best_net, *test)[1]
""",
        ),
        Alternative(
            "read off the table, the nets in a list",
            code="""
def grid_search(run, grid, validation, test):
    rows = [{}]
    for name, values in grid.items():
        rows = [{**row, name: value} for value in values for row in rows]
    nets = [run(**row) for row in rows]
    shares = [accuracy(net.forward(validation[0]), validation[1]) for net in nets]
    table = pd.DataFrame(rows)
    table["validation_accuracy"] = shares
    i = int(table["validation_accuracy"].idxmax())
    return rows[i], table, accuracy(nets[i].forward(test[0]), test[1])
""",
        ),
    ),
    equivalent=(
        Equivalent(
            "constant: runs = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]"
            " -> runs = [dict(zip(grid, values, strict=False)) for values in product(*grid.values())]",
            "both have a value for each setting, so nothing is cut off",
        ),
    ),
)

EXERCISES = (MINIBATCHES, SPLIT, K_FOLDS, EVALUATE, FIT, GRID_SEARCH)
