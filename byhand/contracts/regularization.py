"""How the pieces of ``11_regularization`` are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Pieces, Unfit, contract, handed

Array = NDArray[Any]


def _something(value: Any, what: str) -> Any:
    """A sentence that helps, where nothing came back."""
    if value is None:
        raise Unfit(f"What {what} returned is None: is there a `return` at its end?")
    return value


def _array(value: Any, what: str) -> Any:
    """A sentence that helps, where something else than an array came back."""
    if isinstance(_something(value, what), list | tuple):
        raise Unfit(f"{what} returned a {type(value).__name__}; an array is asked for")
    return value


def _penalty(function: Callable[..., Any], name: str, W1: Array, W3: Array, alpha: float) -> Pieces:
    """A penalty of the parameters of a network with batch norm between two affine layers.

    The other parameters are made of W3, so that whoever counts them in gets another value.
    An entry of zeros for one of them does no harm, and is not spoken of.
    """
    params = {
        "W1": W1,
        "b1": W3[:, 0] + 0.4,
        "gamma2": 1 + W3[:, 1] / 4,
        "beta2": 0.3 - W3[:, 0],
        "W3": W3,
        "b3": W3[0] - 0.7,
    }
    names, back = list(params), handed(**params)
    result = _something(function(params, alpha), f"`{name}`")
    if not isinstance(result, tuple | list) or len(result) != 2:
        kind = f"{len(result)} things" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
        raise Unfit(f"`{name}` returned {kind}; two are asked for: the value, and a dict of gradients")
    value, grads = result
    if isinstance(value, Mapping):
        raise Unfit(f"`{name}` returned a dict first; first comes one number, then the dict of gradients")
    yield {"value": value}
    if not isinstance(grads, Mapping):
        raise Unfit(f"The second thing that `{name}` returned is a {type(grads).__name__}; a dict is asked for")
    yield {f"d{which}": grads[which] for which in ("W1", "W3") if which in grads}
    others = [which for which in grads if which not in ("W1", "W3") and np.any(np.asarray(grads[which]) != 0)]
    yield {"others": f"pulled: {', '.join(map(str, others))}" if others else "left alone"}
    lost = [which for which in names if which not in params]
    yield {"handed_back": f"lost: {', '.join(lost)}" if lost else back(**params)}
    if lacking := [which for which in ("W1", "W3") if which not in grads]:
        there = ", ".join(f'"{which}"' for which in grads) or "nothing"
        raise Unfit(f"The dict of gradients holds {there}, and lacks " + ", ".join(f'"{which}"' for which in lacking))


@contract
def l2_penalty(l2_penalty, /, *, W1, W3, alpha):
    """l2_penalty(params, alpha) -> (α ΣW², a dict with the gradient of every weight).   W1 (D, H), W3 (H, K).

    The dict of parameters holds W1, b1, gamma2, beta2, W3 and b3; weights are those whose names
    begin with W. `dW1` and `dW3` are the entries of the dict that is returned; `others` says
    which of the other parameters get a gradient that is not 0. `handed_back` compares the dict
    and all its arrays afterwards with what was handed in.
    """
    yield from _penalty(l2_penalty, "l2_penalty", W1, W3, alpha)


@contract
def l1_penalty(l1_penalty, /, *, W1, W3, alpha):
    """l1_penalty(params, alpha) -> (α Σ|W|, a dict with the gradient of every weight).   W1 (D, H), W3 (H, K).

    The dict of parameters holds W1, b1, gamma2, beta2, W3 and b3; weights are those whose names
    begin with W. `dW1` and `dW3` are the entries of the dict that is returned; `others` says
    which of the other parameters get a gradient that is not 0. `handed_back` compares the dict
    and all its arrays afterwards with what was handed in.
    """
    yield from _penalty(l1_penalty, "l1_penalty", W1, W3, alpha)


@contract
def decay_step(decay_step, /, *, W, gradient, lr, alpha):
    """decay_step(W, gradient, lr, alpha) -> W after one step, shrunk first.   W and gradient (D, H).

    `handed_back` compares W and gradient afterwards with what was handed in.
    """
    back = handed(W=W, gradient=gradient)
    yield {"W_next": _array(decay_step(W, gradient, lr, alpha), "`decay_step`")}
    yield {"handed_back": back()}


@contract
def soft_threshold(soft_threshold, /, *, W, threshold):
    """soft_threshold(W, threshold) -> every entry moved towards 0 by the threshold, at most to 0.   W (D, H).

    `handed_back` compares W afterwards with what was handed in.
    """
    back = handed(W=W)
    yield {"shrunk": _array(soft_threshold(W, threshold), "`soft_threshold`")}
    yield {"handed_back": back()}


def _kept(stopping: Any, name: str) -> Any:
    if not hasattr(stopping, name):
        raise Unfit(f"The object has no `{name}`: is the line that sets it in `__init__` still there?")
    return getattr(stopping, name)


def _told(said: Any, epoch: int) -> bool:
    """What update returned, as True or False."""
    if said is None:
        raise Unfit(f"`update` returned None in epoch {epoch}: does every way through it end in a `return`?")
    if isinstance(said, tuple | list | Mapping) or np.size(said) != 1:
        raise Unfit(f"`update` returned a {type(said).__name__}; True or False is asked for")
    return bool(said)


@contract
def early_stopping(EarlyStopping, /, *, patience, losses, lost, W, b, steps):
    """EarlyStopping(patience), and update(loss, params) after each epoch.   losses (E,), W (D, H), b (H,), steps (E,).

    Before each update the network's own arrays W1 and b1 are changed by the epoch's step, in place. In update
    `lost`, counted from 1, the loss is nan, whatever losses says; 0 means in none. The calls end with the
    first that returns True, or after E; `epochs_trained` is their number. Then both arrays are
    changed once more, and `best_loss`, `best_W1` and `best_b1` are read.
    """
    stopping = EarlyStopping(int(patience))
    params = {"W1": W.copy(), "b1": b.copy()}
    epoch = 0
    for epoch, (loss, step) in enumerate(zip(losses, steps, strict=True), start=1):
        for array in params.values():  # each entry by another amount
            array += step * np.linspace(1, 2, array.size).reshape(array.shape)
        handed_over = float("nan") if epoch == lost else float(loss)
        if _told(stopping.update(handed_over, dict(params)), epoch):
            break
    for array in params.values():
        array -= 100
    yield {"epochs_trained": epoch}
    yield {"best_loss": _kept(stopping, "best_loss")}
    best = _kept(stopping, "best_params")
    if not isinstance(best, Mapping):
        raise Unfit(f"`best_params` is a {type(best).__name__}; a dict with the names of the parameters is asked for")
    yield {f"best_{name}": best[name] for name in params if name in best}
    if lacking := [name for name in params if name not in best]:
        there = ", ".join(f'"{name}"' for name in best) or "nothing"
        raise Unfit(f"`best_params` holds {there}, and lacks " + ", ".join(f'"{name}"' for name in lacking))


@contract
def shift_images(shift_images, /, *, images, down, right):
    """shift_images(images, down, right) -> images of the same shape, moved by whole pixels.   images (N, H, W).

    `handed_back` compares images afterwards with what was handed in.
    """
    size, back = images.shape, handed(images=images)
    shifted = _array(shift_images(images, int(down), int(right)), "`shift_images`")
    if np.shape(shifted) != size:
        ask = "is what you take for H and W the right way round, and from which row to which one do you cut?"
        if 0 in np.shape(shifted):
            ask = "a slice is empty if it ends before it begins, or begins outside. Which of yours is?"
        raise Unfit(f"With down = {down}, right = {right} the shape {size} became {np.shape(shifted)}: {ask}")
    yield {"shifted": shifted}
    yield {"handed_back": back()}


@contract
def smooth_labels(smooth_labels, /, *, T, epsilon):
    """smooth_labels(T, epsilon) -> targets of the same shape, every row adding up to 1.   T (N, K) one-hot.

    `handed_back` compares T afterwards with what was handed in.
    """
    back = handed(T=T)
    yield {"smoothed": _array(smooth_labels(T, epsilon), "`smooth_labels`")}
    yield {"handed_back": back()}


class SomeNetwork:
    """Scores XW + b in inference mode; in training mode everything is multiplied, as if units were dropped."""

    def __init__(self, W: Array, b: Array, factor: float) -> None:
        self.params = {"W1": W, "b1": b}
        self._factor = factor
        self.training = True

    def train(self) -> None:
        self.training = True

    def eval(self) -> None:
        self.training = False

    def forward(self, x: Array) -> Array:
        scores: Array = (x @ self.params["W1"] + self.params["b1"]) * (self._factor if self.training else 1.0)
        return scores

    def predict(self, x: Array) -> Array:
        scores: Array = x @ self.params["W1"] + self.params["b1"]
        return scores


@contract
def ensemble_predict(ensemble_predict, /, *, X, W, b, factor):
    """ensemble_predict(networks, X) -> probabilities (N, K).   X (N, D), W (M, D, K), b (M, K).

    Network m of the list has the scores X W[m] + b[m] in inference mode; in training mode they are
    `factor` times as large. All networks are in training mode, as after an epoch. `handed_back`
    compares X, W and b, and the networks' mode, afterwards with what was handed in.
    """
    back = handed(X=X, W=W, b=b)
    networks = [SomeNetwork(one, other, factor) for one, other in zip(W, b, strict=True)]
    yield {"P": _array(ensemble_predict(networks, X), "`ensemble_predict`")}
    left = any(not network.training for network in networks)
    yield {"handed_back": "networks left in inference mode" if left else back()}
