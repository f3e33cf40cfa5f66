"""How the pieces of ``04_training_in_practice`` are called.

What is drawn at random is judged by its properties. A right answer fails them only where
chance makes a shuffle look like none, and the cases are so large that this happens less
than once in a million calls: `_neighbours` and `_same` say how the number comes about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from byhand.contracts import Unfit, contract

Array = NDArray[Any]
Groups = list[list[int]]
"""For each batch, part or fold the numbers of its samples, in order; -1 stands for a row that is no sample."""


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2


def _parts(result: object, what: str, most: int) -> list[tuple[Array, Array]]:
    """The pairs (X, T) in what came back, or a sentence about what came instead."""
    if result is None:
        raise Unfit(f"{what} gave None: is there a `yield` or a `return`?")
    if not isinstance(result, Iterable):
        raise Unfit(f"{what} gave a {type(result).__name__}; one pair (X, T) after another is asked for")
    if _is_pair(result) and all(isinstance(a, np.ndarray) and a.ndim == 2 for a in result):
        raise Unfit(f"{what} gave a single pair (X, T), not one after another: does a `return` end it too soon?")
    pairs = list(islice(result, most + 1))
    if len(pairs) > most:
        raise Unfit(f"{what} gave more than {most} pairs, and there are not so many samples: where does it end?")
    if not pairs:
        raise Unfit(f"{what} gave no pair (X, T) at all")
    if len(pairs) == 2 and all(isinstance(p, list | tuple) and all(np.ndim(a) == 2 for a in p) for p in pairs):
        widths = [{np.shape(a)[1] for a in p} for p in pairs]
        if all(len(w) == 1 for w in widths) and widths[0] != widths[1]:
            raise Unfit(f"{what} gave all X first and then all T; asked for is one pair (X, T) after another")
    found = []
    for pair in pairs:
        if not _is_pair(pair):
            raise Unfit(f"{what} gave a {type(pair).__name__} where a pair (X, T) is asked for")
        X, T = np.asarray(pair[0]), np.asarray(pair[1])
        if X.ndim != 2 or T.ndim != 2:
            raise Unfit(f"{what} gave X and T of shapes {X.shape} and {T.shape}; both keep two axes, samples first")
        if len(X) != len(T):
            raise Unfit(f"{what} gave {len(X)} rows of X together with {len(T)} rows of T: which belong together?")
        found.append((X, T))
    return found


def _stacked(parts: list[tuple[Array, Array]], name: str) -> dict[str, Array]:
    """Parts as three arrays, so that they can leave the process."""
    if len({x.shape[1] for x, _ in parts}) > 1 or len({t.shape[1] for _, t in parts}) > 1:
        raise Unfit("not all X have the same number of columns, or not all T")
    return {
        f"{name}_sizes": np.array([len(x) for x, _ in parts]),
        f"{name}_X": np.concatenate([x for x, _ in parts]),
        f"{name}_T": np.concatenate([t for _, t in parts]),
    }


def _numbers(rows: object, table: object) -> Array:
    """For each row its number in the table, -1 where it is not there."""
    found, known = np.asarray(rows, dtype=float), np.asarray(table, dtype=float)
    if found.shape[1:] != known.shape[1:]:
        return np.full(len(found), -1)
    same = np.all(np.abs(found[:, None, :] - known[None, :, :]) <= 1e-6, axis=2)
    return np.where(same.any(axis=1), same.argmax(axis=1), -1)


def _groups(numbers: Array, sizes: object) -> Groups:
    cuts = np.cumsum(np.asarray(sizes, dtype=int))[:-1]
    return [group.tolist() for group in np.split(numbers, cuts)]


def _neighbours(groups: Groups) -> bool:
    """Whether every group holds samples that follow one another in the data.

    Of all ways to deal N samples into groups of these sizes, N! / (n1! n2! …), at most
    g! put neighbours together, one for each order of the g groups. The worst case is the
    split of 26 into 18 + 5 + 3: 6 ways of 26! / (18! 5! 3!) = 8.7e7, a chance of 7e-8.
    (18 samples in folds of 5 + 5 + 4 + 4: 24 ways of 7.7e8, 3e-8; batches: below 1e-9.)
    """
    return all(max(group, default=0) - min(group, default=0) < len(group) for group in groups if group)


def _same(one: Groups, other: Groups) -> bool:
    """Whether two draws put the same samples together, in whatever order.

    By chance that happens at most g! times in N! / (n1! n2! …): see `_neighbours`.
    """
    return sorted(sorted(group) for group in one) == sorted(sorted(group) for group in other)


def _handed(**arrays: Array) -> Callable[[], str]:
    """Remembers arrays before a learner's code has them; called afterwards, it says which have changed."""
    before = {name: array.copy() for name, array in arrays.items()}

    def back() -> str:
        changed = [name for name, kept in before.items() if not np.array_equal(arrays[name], kept)]
        return f"{' and '.join(changed)} changed" if changed else "as before"

    return back


def _samples(numbers: Array, T: object, inputs: Mapping[str, Any]) -> str:
    """Whether each sample came once, and with its own target."""
    n = len(inputs["X"])
    if -1 in numbers:
        return "rows that are not in X"
    if len(set(numbers.tolist())) < len(numbers):
        return "some samples more than once"
    if len(numbers) < n:
        return "some samples never"
    targets = _numbers(T, inputs["T"])
    if np.array_equal(targets, numbers):
        return "each sample once, with its own target"
    return "targets in their old order" if np.array_equal(targets, np.arange(n)) else "samples with others' targets"


def _seeded(drawn: Any, one: Groups, other: Groups) -> str:
    if not np.all(drawn):
        return "nothing was drawn from rng"
    return "the same from the same seed" if one == other else "something else from the same seed"


def _epochs(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What matters of three epochs; in which order samples came does not."""
    first, second, again = (
        _groups(_numbers(outputs[f"{name}_X"], inputs["X"]), outputs[f"{name}_sizes"])
        for name in ("first", "second", "again")
    )
    numbers = _numbers(outputs["first_X"], inputs["X"])
    return {
        "sizes": np.sort(np.asarray(outputs["first_sizes"]))[::-1],
        "sizes_even": np.sort(np.asarray(outputs["even_sizes"]))[::-1],
        "samples": _samples(numbers, outputs["first_T"], inputs),
        "batches": "neighbours in X stay together" if _neighbours(first) else "mixed",
        "second_epoch": "the same batches again" if _same(first, second) else "other batches",
        "same_seed": _seeded(outputs["drawn"], first, again),
        "handed_back": outputs["handed_back"],
    }


@contract(properties=_epochs)
def minibatches(minibatches, /, *, X, T, batch_size, seed):
    """minibatches(X, T, batch_size, rng) -> pairs (X, T) of B rows each, the batches of one epoch.

    X (N, D), T (N, K). `sizes` are the rows of the batches, the largest first, `sizes_even`
    the same where batch_size divides N. `samples` says whether each sample came once and with its own
    target, `batches` whether samples were mixed, `second_epoch` what a second call with
    the same rng gave, `same_seed` what a new rng from the same seed gave, and
    `handed_back` whether X and T are as they were.
    """
    X_given, T_given = X.copy(), T.copy()
    back = _handed(X=X_given, T=T_given)
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state
    yield _stacked(_parts(minibatches(X_given, T_given, batch_size, rng), "`minibatches`", len(X)), "first")
    yield {"drawn": rng.bit_generator.state != state, "handed_back": back()}
    calls = {"second": rng, "again": np.random.default_rng(seed)}
    for name, source in calls.items():
        yield _stacked(_parts(minibatches(X.copy(), T.copy(), batch_size, source), "`minibatches`", len(X)), name)
    even = len(X) - len(X) % batch_size
    pairs = _parts(minibatches(X[:even].copy(), T[:even].copy(), batch_size, rng), "`minibatches`", len(X))
    yield _stacked(pairs, "even")


def _divided(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What matters of a split. Any rounding will do that leaves each part within 2 samples of its share."""
    first, again, other = (
        _groups(_numbers(outputs[f"{name}_X"], inputs["X"]), outputs[f"{name}_sizes"])
        for name in ("first", "again", "other")
    )
    sizes, shares = np.asarray(outputs["first_sizes"]), np.asarray(inputs["fractions"]) * len(inputs["X"])
    if sizes.shape == shares.shape:
        sizes = np.where(np.abs(sizes - shares) < 2, np.rint(shares), sizes)
    return {
        "sizes": sizes,
        "rows": int(np.sum(np.asarray(outputs["first_sizes"]))),
        "samples": _samples(_numbers(outputs["first_X"], inputs["X"]), outputs["first_T"], inputs),
        "parts": "neighbours in X stay together" if _neighbours(first) else "mixed",
        "same_seed": _seeded(outputs["drawn"], first, again),
        "other_seed": "the same split" if _same(first, other) else "another split",
        "handed_back": outputs["handed_back"],
    }


@contract(properties=_divided)
def split(split, /, *, X, T, fractions, seed):
    """split(X, T, fractions, rng) -> a list with a pair (X, T) for each fraction.

    X (N, D), T (N, K). `sizes` are the rows of each part, rounded as you like, `rows` is
    their sum. `samples` says whether each sample is in one part and with its own target,
    `parts` whether samples were mixed, `same_seed` and `other_seed` what a second call
    with a new rng gave, and `handed_back` whether X and T are as they were.
    """
    X_given, T_given = X.copy(), T.copy()
    back = _handed(X=X_given, T=T_given)
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state
    yield _stacked(_parts(split(X_given, T_given, fractions.tolist(), rng), "`split`", len(X)), "first")
    yield {"drawn": rng.bit_generator.state != state, "handed_back": back()}
    for name, other in {"again": seed, "other": seed + 1}.items():
        parts = split(X.copy(), T.copy(), fractions.tolist(), np.random.default_rng(other))
        yield _stacked(_parts(parts, "`split`", len(X)), name)


def _indices(folds: Iterable[Any], name: str) -> dict[str, Array]:
    """Pairs of index arrays as arrays that can leave the process."""
    result: dict[str, Array] = {}
    for place, part in enumerate(("training", "validation")):
        try:
            arrays = [np.asarray(fold[place]) for fold in folds]
        except ValueError:
            raise Unfit(f"the {part} part of a fold holds several arrays; one array of numbers is asked for") from None
        if any(a.dtype.kind == "b" for a in arrays):
            raise Unfit("an array of truth values came back; asked for are the numbers of the samples")
        if any(a.ndim != 1 or a.dtype.kind not in "iu" for a in arrays):
            raise Unfit(f"the {part} part of a fold should be whole numbers in one row, shape (n,)")
        result[f"{name}_{part}"] = np.concatenate(arrays)
        result[f"{name}_{part}_sizes"] = np.array([len(a) for a in arrays])
    return result


def _folds(result: object, n: int) -> list[Any]:
    if not isinstance(result, Iterable):
        raise Unfit(f"`k_folds` gave a {type(result).__name__}; a list of pairs (training, validation) is asked for")
    folds = list(islice(result, n + 1))
    if not folds or len(folds) > n:
        raise Unfit(f"`k_folds` gave {'no fold' if not folds else 'more folds than there are samples'}")
    if not all(_is_pair(fold) for fold in folds):
        raise Unfit("each fold should be a pair of index arrays, (training, validation)")
    return folds


def _crossed(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What matters of k folds; in which order they stand does not."""
    n = int(inputs["n"])
    groups = {
        name: _groups(np.asarray(outputs[name]), outputs[f"{name}_sizes"])
        for name in ("first_validation", "first_training", "again_validation", "other_validation")
    }
    validation, training = groups["first_validation"], groups["first_training"]
    flat = [i for fold in validation for i in fold]
    if not all(0 <= i < n for i in flat):
        once = f"numbers that are not among 0 to {n - 1}"
    elif len(set(flat)) < len(flat):
        once = "some samples in more than one"
    elif len(flat) < n:
        once = "some samples in none"
    else:
        once = "each sample in one"
    rest = "all samples but those of the fold"
    for learnt, held in zip(training, validation, strict=True):
        if set(learnt) & set(held):
            rest = "some samples that are also in the fold"
            break
        if len(set(learnt)) < len(learnt) or set(learnt) | set(held) != set(range(n)):
            rest = "not all of the other samples, each once"
    return {
        "count": len(validation),
        "validation_sizes": np.sort(np.asarray(outputs["first_validation_sizes"]))[::-1],
        "training_sizes": np.sort(np.asarray(outputs["first_training_sizes"]))[::-1],
        "validation": once,
        "training": rest,
        "folds": "neighbours stay together" if _neighbours(validation) else "mixed",
        "same_seed": _seeded(outputs["drawn"], validation, groups["again_validation"]),
        "other_seed": "the same folds" if _same(validation, groups["other_validation"]) else "other folds",
    }


@contract(properties=_crossed)
def k_folds(k_folds, /, *, n, k, seed):
    """k_folds(n, k, rng) -> k pairs (training, validation) of arrays of sample numbers, 0 to n - 1.

    `count` is the number of pairs; `validation_sizes` and `training_sizes` are sorted,
    the largest first. `validation` says in how many validation parts each sample is,
    `training` what the other part of each pair holds, `folds` whether samples were mixed,
    `same_seed` and `other_seed` what a second call with a new rng gave.
    """
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state
    yield _indices(_folds(k_folds(n, k, rng), n), "first")
    yield {"drawn": rng.bit_generator.state != state}
    for name, other in {"again": seed, "other": seed + 1}.items():
        yield _indices(_folds(k_folds(n, k, np.random.default_rng(other)), n), name)


class _Net:
    """scores = X W + b with ½ mean squared error; notes what it is asked for."""

    def __init__(self, W: Array, b: Array) -> None:
        self.params = {"W": W.copy(), "b": b.copy()}
        self.rows: list[int] = []
        self.learnt_from: list[Array] = []
        self.at: list[bytes] = []

    def forward(self, X: Array) -> Array:
        self.rows.append(len(X))
        return X @ self.params["W"] + self.params["b"]

    def loss(self, X: Array, T: Array) -> float:
        return float(np.sum((self.forward(X) - T) ** 2)) / (2 * len(X))

    def gradients(self, X: Array, T: Array) -> dict[str, Array]:
        self.learnt_from.append(np.array(X))
        self.at.append(self.params["W"].tobytes())
        slope = (X @ self.params["W"] + self.params["b"] - T) / len(X)
        return {"W": X.T @ slope, "b": slope.sum(axis=0)}


def _two(result: object, what: str) -> Sequence[Any]:
    if not _is_pair(result):
        came = "None" if result is None else f"a {type(result).__name__}"
        raise Unfit(f"{what} returned {came}; two numbers are asked for, the loss and then the accuracy")
    assert isinstance(result, tuple | list)
    return result


@contract
def evaluate(evaluate, /, *, X, T, W, b, batch_size):
    """evaluate(net, X, T, batch_size) -> loss, accuracy: means over all rows of X (N, D), T (N, K).

    `slices` says how many rows the net was given at once, `net` whether its parameters
    are what they were.
    """
    net = _Net(W, b)
    found = _two(evaluate(net, X, T, batch_size), "`evaluate`")
    yield {"loss": found[0], "accuracy": found[1]}
    most = max(net.rows, default=0)
    yield {"slices": "more rows at once than batch_size" if most > batch_size else "at most batch_size rows at once"}
    same = np.array_equal(net.params["W"], W) and np.array_equal(net.params["b"], b)
    yield {"net": "as before" if same else "changed"}


COLUMNS = ["epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"]


def _history(result: object) -> pd.DataFrame:
    if not isinstance(result, pd.DataFrame):
        came = "None" if result is None else f"a {type(result).__name__}"
        raise Unfit(f"`fit` returned {came}; a pandas DataFrame with a row for each epoch is asked for")
    if lacking := [name for name in COLUMNS if name not in result.columns]:
        there = ", ".join(map(str, result.columns)) or "none"
        raise Unfit(f"The DataFrame lacks the column {lacking[0]}; it has: {there}")
    return result


def _fitted(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of the full-batch run, and what matters of the mini-batch run, whose order is the learner's."""
    n, epochs = len(inputs["X"]), int(inputs["epochs"])
    rows = outputs["asked"]
    numbers, held = _numbers(rows, inputs["X"]), _numbers(rows, inputs["X_validation"])
    sizes = np.asarray(outputs["row_counts"])
    result = {name: outputs[name] for name in ("epoch", "train", "validation", "W", "rows", "steps")}
    whole = len(numbers) == epochs * n and all(
        sorted(numbers[e * n : (e + 1) * n].tolist()) == list(range(n)) for e in range(epochs)
    )
    if np.any(held >= 0):
        result["learnt_from"] = "validation samples too"
    else:
        result["learnt_from"] = "each training sample once an epoch" if whole else "not each sample once an epoch"
    per_epoch = -(-n // int(inputs["batch_size"]))
    groups = _groups(numbers, sizes)
    of_epoch = [groups[e * per_epoch : (e + 1) * per_epoch] for e in range(epochs)]
    if any(_same(of_epoch[0], other) for other in of_epoch[1:]):
        orders = "the same batches in every epoch"
    else:
        orders = "other batches in every epoch"
    result["orders"] = orders if np.all(outputs["drawn"]) else f"{orders}, and nothing drawn from rng"
    agrees = np.allclose(outputs["last_row"], outputs["now"], rtol=1e-9, atol=1e-12)
    result["last_row"] = "what the net now gives" if agrees else "not what the net now gives"
    return result


@contract(properties=_fitted)
def fit(fit, /, *, X, T, X_validation, T_validation, W, b, lr, batch_size, epochs, seed):
    """fit(net, train, validation, lr, batch_size, epochs, rng) -> a DataFrame with a row for each epoch.

    train and validation are pairs (X, T). `epoch`, `train` and `validation` (loss and
    accuracy side by side) and `W`, the net's weights afterwards, are of a run with all
    samples in one batch. A second run, with batches of batch_size, is watched: `rows` is
    the length of its table, `steps` at how many parameter values a gradient was asked
    for, `learnt_from` on which samples, `orders` whether epochs differ, and `last_row`
    what its last row agrees with.
    """
    train, validation = (X, T), (X_validation, T_validation)
    net = _Net(W, b)
    history = _history(fit(net, train, validation, lr, len(X), epochs, np.random.default_rng(seed)))
    yield {"epoch": history["epoch"].to_numpy()}
    for part in ("train", "validation"):
        yield {part: history[[f"{part}_loss", f"{part}_accuracy"]].to_numpy()}
    yield {"W": net.params["W"]}
    net, rng = _Net(W, b), np.random.default_rng(seed)
    state = rng.bit_generator.state
    history = _history(fit(net, train, validation, lr, batch_size, epochs, rng))
    if not net.learnt_from or len(history) == 0:
        raise Unfit("`fit` asked the net for no gradient, or its DataFrame has no rows: where does it learn?")
    yield {"rows": len(history), "steps": len(set(net.at)), "drawn": rng.bit_generator.state != state}
    yield {"asked": np.concatenate(net.learnt_from), "row_counts": np.array([len(x) for x in net.learnt_from])}
    now = [net.loss(*train), net.loss(*validation)]
    yield {"last_row": history[["train_loss", "validation_loss"]].to_numpy()[-1], "now": np.array(now)}


class _Reader:
    """A net whose answers are laid down beforehand. Column 0 of X says which sample a row is."""

    def __init__(self, answers: tuple[Array, Array], losses: Array, on_test: Callable[[], None]) -> None:
        self.params: dict[str, Array] = {}
        self._answers, self._losses, self._on_test = answers, losses, on_test

    def _is_test(self, X: Array) -> bool:
        test = bool(np.any(X[:, 0] >= 1000))
        if test:
            self._on_test()
        return test

    def forward(self, X: Array) -> Array:
        test = self._is_test(X)
        return np.asarray(np.eye(3)[self._answers[int(test)][X[:, 0].astype(int) % 1000]])

    def loss(self, X: Array, T: Array) -> float:
        return float(self._losses[int(self._is_test(X))])


@contract
def grid_search(
    grid_search, /, *, lrs, hiddens, X_validation, T_validation, X_test, T_test, says_validation, says_test, losses
):
    """grid_search(run, grid, validation, test) -> best, table, test_accuracy.

    run(lr=…, hidden=…) returns a net that has been trained; grid is {"lr": […], "hidden":
    […]}. `best` is shown as (lr, hidden), `runs` as the sorted rows lr, hidden,
    validation_accuracy of the table, and `opened` is how many of the nets were shown the
    test set.
    """
    opened = set()
    grid = {"lr": lrs.tolist(), "hidden": hiddens.tolist()}

    def run(**settings: Any) -> _Reader:
        if sorted(settings) != ["hidden", "lr"]:
            raise Unfit(f"`run` was given {', '.join(settings) or 'no setting'}; it wants lr=… and hidden=…")
        if settings["lr"] not in grid["lr"] or settings["hidden"] not in grid["hidden"]:
            raise Unfit(f"`run` was given lr={settings['lr']} and hidden={settings['hidden']}, which the grid has not")
        number = grid["lr"].index(settings["lr"]) * len(grid["hidden"]) + grid["hidden"].index(settings["hidden"])
        return _Reader((says_validation[number], says_test[number]), losses[number], lambda: opened.add(number))

    result = grid_search(run, dict(grid), (X_validation, T_validation), (X_test, T_test))
    if not isinstance(result, tuple | list) or len(result) != 3:
        came = "None" if result is None else f"a {type(result).__name__}"
        raise Unfit(f"`grid_search` returned {came}; three things are asked for: best, table, test_accuracy")
    best, table, test_accuracy = result
    if not isinstance(best, Mapping) or sorted(best) != ["hidden", "lr"]:
        raise Unfit('best should be the settings of the chosen run, a dict such as {"lr": 0.1, "hidden": 20}')
    yield {"best": np.array([best["lr"], best["hidden"]], dtype=float)}
    names = ["lr", "hidden", "validation_accuracy"]
    if not isinstance(table, pd.DataFrame) or not set(names) <= set(table.columns):
        raise Unfit("table should be a DataFrame with a column for each setting, and validation_accuracy")
    yield {"runs": table[names].sort_values(names[:2]).to_numpy(dtype=float)}
    yield {"test_accuracy": test_accuracy}
    yield {"opened": len(opened)}
