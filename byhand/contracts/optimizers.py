"""How the pieces of ``07_optimizers`` are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Pieces, Unfit, contract

Array = NDArray[Any]


def _walk(optimizer: Any, names: str, b: Array, W: Array, db: Array, dW: Array, lr_next: float) -> Pieces:
    """Seven updates of two parameters; the outputs say how far the arrays that were handed in have moved.

    Row 0 of an output is b, the rows below it are W. Each update gets a new dict, as from
    `network.params`. After three of them `optimizer.lr` becomes ``lr_next``, and after two
    more the values move to other arrays under the same names, as when a saved network is
    loaded. The old arrays live on, so that no new one can take their place in memory.
    """
    called = names.split()
    gradients = db.copy(), dW.copy()
    arrays = [(b.copy(), W.copy())]
    begun = b, W
    outputs = {1: "step_1", 3: "steps_2_3", 5: "new_rate", 7: "new_arrays"}
    for k, grads in enumerate(zip(*gradients, strict=True), start=1):
        now = arrays[-1]
        try:
            optimizer.update(dict(zip(called, now, strict=True)), dict(zip(called, grads, strict=True)))
        except (KeyError, TypeError) as error:
            if k == 1 and (sentence := _nothing_yet(error, called)):
                raise Unfit(sentence) from None
            raise
        if k not in outputs:
            continue
        yield {outputs[k]: np.vstack([array - before for array, before in zip(now, begun, strict=True)])}
        for name, array in zip(called, now, strict=True):
            if np.isnan(array).any():
                raise Unfit(f"After update {k}, {name} contains nan: what is divided by 0, or rooted below 0?")
        begun = now[0].copy(), now[1].copy()
        if k == 3:
            optimizer.lr = lr_next
        if k == 5:
            arrays.append((now[0].copy(), now[1].copy()))
    same = np.array_equal(db, gradients[0]) and np.array_equal(dW, gradients[1])
    yield {"gradients": "as before" if same else "changed"}


def _nothing_yet(error: Exception, names: list[str]) -> str:
    """A sentence that helps, where the first update reads a memory that is still empty.

    The names of the parameters are in ``params`` and in ``grads``, so a KeyError with one
    of them comes from a dict of the learner's own.
    """
    ending = "at the first update there is nothing in it yet. What is v, m or h to be then?"
    if isinstance(error, KeyError) and error.args and error.args[0] in names:
        return f"Your code looks up {error.args[0]!r} in a dict that it keeps: {ending}"
    if isinstance(error, TypeError) and "NoneType" in str(error):
        return f"Your code calculates with None. That is what `.get` gives if a dict has nothing under a name: {ending}"
    return ""


@contract
def sgd(SGD, /, *, lr, names, b, W, db, dW, lr_next):
    """SGD(lr).   b (H,), W (D, H); their gradients at update k are db[k], dW[k].

    Outputs say how far b (row 0) and W (the rows below) have moved: `step_1` in the first update,
    `steps_2_3` in the next two, `new_rate` in two more with `optimizer.lr = lr_next`, `new_arrays` in
    another two, for which b and W lie in other arrays. `gradients` compares what was handed to
    `update` with db and dW. ``names`` are those of b and W in the dicts.
    """
    yield from _walk(SGD(lr), names, b, W, db, dW, lr_next)


@contract
def momentum(Momentum, /, *, lr, alpha, names, b, W, db, dW, lr_next):
    """Momentum(lr, alpha).   b (H,), W (D, H); their gradients at update k are db[k], dW[k].

    Outputs say how far b (row 0) and W (the rows below) have moved: `step_1` in the first update,
    `steps_2_3` in the next two, `new_rate` in two more with `optimizer.lr = lr_next`, `new_arrays` in
    another two, for which b and W lie in other arrays. `gradients` compares what was handed to
    `update` with db and dW. ``names`` are those of b and W in the dicts.
    """
    yield from _walk(Momentum(lr, alpha), names, b, W, db, dW, lr_next)


def _one(value: object, what: str) -> Any:
    """A sentence that helps, where one number was asked for and nothing came."""
    if value is None:
        raise Unfit(f"{what} returned is None: is there a `return` at its end?")
    return value


@contract
def ema_to_classic(ema_to_classic, /, *, alpha, beta):
    """ema_to_classic(alpha, beta) -> (lr, momentum): λ and α of Momentum.   All four are numbers."""
    pair = _one(ema_to_classic(alpha, beta), "What `ema_to_classic`")
    if np.shape(pair) != (2,):
        raise Unfit("What `ema_to_classic` returned is not two numbers: λ, and the α of Momentum")
    yield {"lr": pair[0]}
    yield {"momentum": pair[1]}


@contract
def nesterov(Nesterov, /, *, lr, alpha, names, b, W, db, dW, lr_next):
    """Nesterov(lr, alpha).   b (H,), W (D, H); their gradients at update k are db[k], dW[k].

    Outputs say how far b (row 0) and W (the rows below) have moved: `step_1` in the first update,
    `steps_2_3` in the next two, `new_rate` in two more with `optimizer.lr = lr_next`, `new_arrays` in
    another two, for which b and W lie in other arrays. `gradients` compares what was handed to
    `update` with db and dW. ``names`` are those of b and W in the dicts.
    """
    yield from _walk(Nesterov(lr, alpha), names, b, W, db, dW, lr_next)


@contract
def adagrad(AdaGrad, /, *, lr, eps, names, b, W, db, dW, lr_next):
    """AdaGrad(lr, eps).   b (H,), W (D, H); their gradients at update k are db[k], dW[k].

    Outputs say how far b (row 0) and W (the rows below) have moved: `step_1` in the first update,
    `steps_2_3` in the next two, `new_rate` in two more with `optimizer.lr = lr_next`, `new_arrays` in
    another two, for which b and W lie in other arrays. `gradients` compares what was handed to
    `update` with db and dW. ``names`` are those of b and W in the dicts.
    In case 1, eps = 0.1; in case 2 it is 1e-8, and one gradient is 0.
    """
    yield from _walk(AdaGrad(lr, eps), names, b, W, db, dW, lr_next)


@contract
def rmsprop(RMSProp, /, *, lr, rho, eps, names, b, W, db, dW, lr_next):
    """RMSProp(lr, rho, eps).   b (H,), W (D, H); their gradients at update k are db[k], dW[k].

    Outputs say how far b (row 0) and W (the rows below) have moved: `step_1` in the first update,
    `steps_2_3` in the next two, `new_rate` in two more with `optimizer.lr = lr_next`, `new_arrays` in
    another two, for which b and W lie in other arrays. `gradients` compares what was handed to
    `update` with db and dW. ``names`` are those of b and W in the dicts.
    In case 1, eps = 0.1; in case 2 it is 1e-8, and one gradient is 0.
    """
    yield from _walk(RMSProp(lr, rho, eps), names, b, W, db, dW, lr_next)


@contract
def adam(Adam, /, *, lr, beta1, beta2, eps, names, b, W, db, dW, lr_next):
    """Adam(lr, beta1, beta2, eps).   b (H,), W (D, H); their gradients at update k are db[k], dW[k].

    Outputs say how far b (row 0) and W (the rows below) have moved: `step_1` in the first update,
    `steps_2_3` in the next two, `new_rate` in two more with `optimizer.lr = lr_next`, `new_arrays` in
    another two, for which b and W lie in other arrays. `gradients` compares what was handed to
    `update` with db and dW. ``names`` are those of b and W in the dicts.
    In case 1, eps = 0.1; in case 2 one gradient is 0, and the settings are those of the paper,
    with which Adam() is called: lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8.
    """
    settings = lr, beta1, beta2, eps
    optimizer = Adam() if settings == (0.001, 0.9, 0.999, 1e-8) else Adam(*settings)
    yield from _walk(optimizer, names, b, W, db, dW, lr_next)


def _rates(schedule: Callable[..., object], epochs: Any, lr: float, *settings: float) -> list[Any]:
    """The learning rate in each epoch."""
    return [_one(schedule(lr, int(epoch), *settings), "What the schedule") for epoch in epochs]


@contract
def step_decay(step_decay, /, *, lr, factor, every, epochs):
    """step_decay(lr, epoch, factor, every) -> the learning rate of that epoch, a number.

    `rates` are those of the epochs 0 to every - 1, and after them those of ``epochs``;
    `default_rate` is step_decay(lr, 25).
    """
    yield {"rates": _rates(step_decay, [*range(every), *epochs], lr, factor, every)}
    yield {"default_rate": _one(step_decay(lr, 25), "What the schedule")}


@contract
def cosine(cosine, /, *, lr, epochs):
    """cosine(lr, epoch, epochs) -> the learning rate of that epoch, a number.

    `ends` are those of epoch 0 and of epoch ``epochs``, `rates` those between.
    """
    yield {"ends": _rates(cosine, [0, epochs], lr, epochs)}
    yield {"rates": _rates(cosine, range(1, epochs), lr, epochs)}
