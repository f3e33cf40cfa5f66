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

from byhand.contracts import Unfit, contract, handed

Array = NDArray[Any]
Groups = list[list[int]]
"""For each batch, part or fold the numbers of its samples, in order; -1 stands for a row that is no sample."""


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2


def _parts(result: object, what: str, X: Array, T: Array, too_many: str) -> list[tuple[Array, Array]]:
    """The pairs (X, T) in what came back, or a sentence about what came instead.

    X and T are what was handed in; ``too_many`` is said of more pairs than samples.
    """
    most = len(X)
    if result is None:
        raise Unfit(f"{what} gave None: is there a `yield` or a `return`?")
    if not isinstance(result, Iterable):
        raise Unfit(f"{what} gave a {type(result).__name__}; one pair (X, T) after another is asked for")
    if _is_pair(result) and all(isinstance(a, np.ndarray) and a.ndim == 2 for a in result):
        raise Unfit(f"{what} gave a single pair (X, T), not one after another: does a `return` end it too soon?")
    pairs = list(islice(result, most + 1))
    if len(pairs) > most:
        raise Unfit(f"{what} gave more than {most} pairs, and there are only {most} samples. {too_many}")
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
        if kinds := [type(a).__name__ for a in pair if not isinstance(a, np.ndarray)]:
            raise Unfit(f"{what} gave a {kinds[0]} in a pair; X and T of a pair are asked for as arrays")
        x, t = pair
        if x.ndim != 2 or t.ndim != 2:
            raise Unfit(f"{what} gave X and T of shapes {x.shape} and {t.shape}; both keep two axes, samples first")
        if len(x) != len(t):
            raise Unfit(f"{what} gave {len(x)} rows of X together with {len(t)} rows of T: which belong together?")
        if (x.shape[1], t.shape[1]) == (T.shape[1], X.shape[1]):
            raise Unfit(f"{what} gave pairs with T first and X second: in which order does the docstring name them?")
        found.append((x, t))
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


def _nearly_all(groups: Groups) -> bool:
    """Whether one group holds all samples but one at most, which are neighbours in any order."""
    lengths = [len(group) for group in groups]
    return max(lengths) >= sum(lengths) - 1


def _mixing(groups: Groups) -> str:
    """Whether samples were mixed, and if not, what was."""
    if any(-1 in group for group in groups):
        return "cannot be told: some rows are not in X"
    inside = all(group == sorted(group) for group in groups)
    if not _neighbours(groups) or (_nearly_all(groups) and not inside):
        return "mixed"
    firsts = [min(group) for group in groups if group]
    if firsts == sorted(firsts):
        return "as they lie in X" if inside else "neighbours in X stay together, shuffled among themselves"
    return f"neighbours in X stay together{'' if inside else ', shuffled among themselves'}, and come in a new order"


def _same(one: Groups, other: Groups) -> bool:
    """Whether two draws put the same samples together, in whatever order.

    By chance that happens at most g! times in N! / (n1! n2! …): see `_neighbours`.
    Where one group holds nearly all samples, their order has to be the same, too.
    """
    if _nearly_all(one):
        return one == other
    return sorted(sorted(group) for group in one) == sorted(sorted(group) for group in other)


def _again(one: Groups, other: Groups) -> str:
    if any(-1 in group for group in one + other):
        return "cannot be told: some rows are not in X"
    return "the same samples together again" if _same(one, other) else "other batches"


def _samples(groups: Groups, T: object, inputs: Mapping[str, Any], group: str) -> str:
    """Whether each sample came once, and with its own target. A group is a batch or a part."""
    n = len(inputs["X"])
    numbers = np.array([number for one in groups for number in one])
    if -1 in numbers:
        return "rows that are not in X"
    if any(len(set(one)) < len(one) for one in groups):
        return f"some samples twice in one {group}"
    if len(set(numbers.tolist())) < len(numbers):
        return f"some samples in more than one {group}"
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
    return {
        "sizes": np.sort(np.asarray(outputs["first_sizes"]))[::-1],
        "sizes_even": np.sort(np.asarray(outputs["even_sizes"]))[::-1],
        "samples": _samples(first, outputs["first_T"], inputs, "batch"),
        "batches": _mixing(first),
        "second_epoch": _again(first, second),
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
    back = handed(X=X_given, T=T_given)
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state

    def epoch(x: Array, t: Array, source: np.random.Generator, name: str) -> dict[str, Array]:
        pairs = minibatches(x, t, batch_size, source)
        return _stacked(_parts(pairs, "`minibatches`", X, T, "Where does your loop end?"), name)

    yield epoch(X_given, T_given, rng, "first")
    yield {"drawn": rng.bit_generator.state != state, "handed_back": back()}
    yield epoch(X.copy(), T.copy(), rng, "second")
    yield epoch(X.copy(), T.copy(), np.random.default_rng(seed), "again")
    even = len(X) - len(X) % batch_size
    yield epoch(X[:even].copy(), T[:even].copy(), rng, "even")


def _divided(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What matters of a split. Any rounding will do that leaves each part within 2 samples of its share."""
    first, again, other = (
        _groups(_numbers(outputs[f"{name}_X"], inputs["X"]), outputs[f"{name}_sizes"])
        for name in ("first", "again", "other")
    )
    shares = np.asarray(inputs["fractions"]) * len(inputs["X"])
    sizes = np.zeros(len(shares), dtype=int)
    sizes[: len(first)] = [len(part) for part in first[: len(shares)]]
    return {
        "count": len(first),
        "sizes": np.where(np.abs(sizes - shares) < 2, np.rint(shares), sizes),
        "rows": sum(len(part) for part in first),
        "samples": _samples(first, outputs["first_T"], inputs, "part"),
        "parts": _mixing(first),
        "same_seed": _seeded(outputs["drawn"], first, again),
        "other_seed": "the same split" if _same(first, other) else "another split",
        "handed_back": outputs["handed_back"],
    }


@contract(properties=_divided)
def split(split, /, *, X, T, fractions, seed):
    """split(X, T, fractions, rng) -> a list with a pair (X, T) for each fraction.

    X (N, D), T (N, K). `count` is the number of parts, `sizes` are the rows of each,
    rounded as you like, `rows` is their sum. `samples` says whether each sample is in one part and with its own target,
    `parts` whether samples were mixed, `same_seed` and `other_seed` what a second call
    with a new rng gave, and `handed_back` whether X and T are as they were.
    """
    X_given, T_given = X.copy(), T.copy()
    back = handed(X=X_given, T=T_given)
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state
    repeated = (
        f"There are {len(fractions)} fractions: is a list of them multiplied somewhere? "
        "A list times a whole number is repeated, an array is multiplied."
    )

    def parts(x: Array, t: Array, source: np.random.Generator, name: str) -> dict[str, Array]:
        return _stacked(_parts(split(x, t, fractions.tolist(), source), "`split`", X, T, repeated), name)

    yield parts(X_given, T_given, rng, "first")
    yield {"drawn": rng.bit_generator.state != state, "handed_back": back()}
    yield parts(X.copy(), T.copy(), np.random.default_rng(seed), "again")
    yield parts(X.copy(), T.copy(), np.random.default_rng(seed + 1), "other")


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


def _ends(groups: Groups) -> Array:
    """The sizes of the smallest and of the largest group."""
    sizes = [len(group) for group in groups]
    return np.array([min(sizes), max(sizes)])


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
        "validation_sizes": _ends(validation),
        "training_sizes": _ends(training),
        "validation": once,
        "training": rest,
        "folds": "neighbours stay together" if _neighbours(validation) else "mixed",
        "same_seed": _seeded(outputs["drawn"], validation, groups["again_validation"]),
        "other_seed": "the same folds" if _same(validation, groups["other_validation"]) else "other folds",
    }


@contract(properties=_crossed)
def k_folds(k_folds, /, *, n, k, seed):
    """k_folds(n, k, rng) -> k pairs (training, validation) of arrays of sample numbers, 0 to n - 1.

    `count` is the number of pairs; `validation_sizes` and `training_sizes` are those of
    the smallest part and of the largest. `validation` says in how many validation parts each sample is,
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
        self.rows: dict[str, int] = {}
        self.learnt_from: list[Array] = []
        self.at: list[bytes] = []

    def _scores(self, X: Array, asked: str) -> Array:
        self.rows[asked] = max(len(X), self.rows.get(asked, 0))
        return np.asarray(X @ self.params["W"] + self.params["b"])

    def forward(self, X: Array) -> Array:
        return self._scores(X, "net.forward")

    def loss(self, X: Array, T: Array) -> float:
        total: np.floating[Any] = np.sum((self._scores(X, "net.loss") - T) ** 2)
        return float(total / (2 * len(X)))

    def gradients(self, X: Array, T: Array) -> dict[str, Array]:
        self.learnt_from.append(np.array(X))
        self.at.append(self.params["W"].tobytes())
        slope = (X @ self.params["W"] + self.params["b"] - T) / len(X)
        return {"W": X.T @ slope, "b": slope.sum(axis=0)}


def _two(result: object, what: str) -> Sequence[Any]:
    if isinstance(result, np.ndarray) and result.shape == (2,):
        return list(result)
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
    tall = [asked for asked, rows in sorted(net.rows.items()) if rows > batch_size]
    yield {"slices": f"more rows at once for {' and '.join(tall)}" if tall else "at most batch_size rows at once"}
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
    result = {name: outputs[name] for name in ("epoch", "train", "validation", "weights", "rows", "steps")}
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
    if len(groups) != epochs * per_epoch:
        orders = f"{len(groups)} batches in {epochs} epochs"
    elif any(_same(of_epoch[0], other) for other in of_epoch[1:]):
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
    accuracy side by side) and `weights`, the net's afterwards, are of a run with all
    samples in one batch. A second run, with batches of batch_size, is watched: `rows` is
    the length of its table, `steps` at how many parameter values a gradient was asked
    for, `learnt_from` on which samples, `orders` whether epochs differ, and `last_row`
    what its last row agrees with.
    """
    train, validation = (X, T), (X_validation, T_validation)
    net = _Net(W, b)
    history = _history(fit(net, train, validation, lr, len(X), epochs, np.random.default_rng(seed)))
    if len(history) != epochs:
        raise Unfit(f"Your table has {len(history)} rows for {epochs} epochs: which epoch does each row describe?")
    yield {"epoch": history["epoch"].to_numpy()}
    for part in ("train", "validation"):
        yield {part: history[[f"{part}_loss", f"{part}_accuracy"]].to_numpy()}
    yield {"weights": net.params["W"]}
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


class _Grid(dict[str, list[float]]):
    def __missing__(self, name: object) -> list[float]:
        raise Unfit(f"Your code asks the grid for {name!r}; the settings of this one are {_joined(self)}")


def _joined(names: Iterable[object]) -> str:
    *some, last = map(str, names)
    return f"{', '.join(some)} and {last}" if some else last


def _chosen(best: object, grid: Mapping[str, list[float]]) -> list[float]:
    """The values of the chosen settings in the order of the grid, or a sentence about what came instead."""
    if not isinstance(best, Mapping):
        raise Unfit(f"`best` is of type {type(best).__name__}; asked for are the chosen settings, as a dict")
    if further := [name for name in best if name not in grid]:
        raise Unfit(f"`best` holds {_joined(further)} besides the settings; it is the dict that `run` was given")
    if lacking := [name for name in grid if name not in best]:
        raise Unfit(f"`best` lacks the setting {lacking[0]}; this grid has {_joined(grid)}")
    if strange := [name for name, values in grid.items() if best[name] not in values]:
        raise Unfit(f"`best` has {strange[0]}={best[strange[0]]}, which is not in the grid")
    return [best[name] for name in grid]


def _run_rows(table: object, grid: Mapping[str, list[float]]) -> Array:
    """The table's rows in the order of the grid, or a sentence about what is wrong with it."""
    if not isinstance(table, pd.DataFrame):
        raise Unfit(f"`table` is a {type(table).__name__}; a DataFrame with a row for each run is asked for")
    names = [*grid, "validation_accuracy"]
    if lacking := [name for name in names if name not in table.columns]:
        there = ", ".join(map(str, table.columns)) or "none"
        raise Unfit(f"The table lacks the column {lacking[0]}; it has: {there}")
    if not all(np.ndim(value) == 0 for value in table["validation_accuracy"]):
        raise Unfit(
            "The column validation_accuracy holds several numbers in a row: which of the two that evaluate gives is it?"
        )
    rows = table[names].to_numpy(dtype=float)
    places = [
        [part.index(v) if v in part else -1 for part, v in zip(grid.values(), row[:-1], strict=True)] for row in rows
    ]
    return rows[np.lexsort(np.array(places).T[::-1])] if len(rows) else rows


@contract
def grid_search(
    grid_search,
    /,
    *,
    names,
    counts,
    values,
    X_validation,
    T_validation,
    X_test,
    T_test,
    says_validation,
    says_test,
    losses,
):
    """grid_search(run, grid, validation, test) -> best, table, test_accuracy.

    run(**settings) returns a net that has been trained; grid has a list of values for
    each of the names. `best` shows the chosen values in the order of the grid, `runs` the
    table's rows, `trained` is how often run was called, and `opened` how many of the nets
    were shown the test set.
    """
    lists = [part.tolist() for part in np.split(values, np.cumsum(counts)[:-1])]
    lists = [[int(v) if v == int(v) else v for v in part] for part in lists]
    grid: dict[str, list[float]] = dict(zip(names.split(), lists, strict=True))
    opened: set[int] = set()
    trained = []

    def run(*unnamed: Any, **settings: Any) -> _Reader:
        if unnamed:
            example = ", ".join(f"{name}={part[0]}" for name, part in grid.items())
            raise Unfit(f"`run` was handed a {type(unnamed[0]).__name__}; it wants settings by name, run({example})")
        if sorted(settings) != sorted(grid):
            raise Unfit(
                f"`run` was given {_joined(settings or ['nothing'])}; the settings of this grid are {_joined(grid)}"
            )
        for name, value in settings.items():
            if value not in grid[name]:
                raise Unfit(f"`run` was given {name}={value}, which is not in the grid")
        places = [part.index(settings[name]) for name, part in grid.items()]
        number = int(np.ravel_multi_index(places, counts))
        trained.append(number)
        return _Reader((says_validation[number], says_test[number]), losses[number], lambda: opened.add(number))

    given = {name: list(part) for name, part in grid.items()}
    result = grid_search(run, _Grid(given), (X_validation, T_validation), (X_test, T_test))
    if not isinstance(result, tuple | list) or len(result) != 3:
        came = "None" if result is None else f"a {type(result).__name__}"
        came = f"{len(result)} things" if isinstance(result, tuple | list) else came
        raise Unfit(f"`grid_search` returned {came}; three are asked for: best, table, test_accuracy")
    best, table, test_accuracy = result
    chosen, rows = _chosen(best, grid), _run_rows(table, grid)
    yield {"best": np.array(chosen, dtype=float)}
    yield {"runs": rows}
    yield {"test_accuracy": test_accuracy}
    yield {"trained": len(trained), "opened": len(opened)}
