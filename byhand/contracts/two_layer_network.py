"""How the pieces of ``03_two_layer_network`` are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Pieces, Unfit, contract, handed

Array = NDArray[Any]

WROTE = "your code wrote into {}, which the caller still needs"


def _array(value: Any, what: str) -> Any:
    """A sentence that helps, where a list would be accepted here and fail later."""
    if isinstance(value, list | tuple):
        raise Unfit(f"`{what}` returned a {type(value).__name__}; an array is asked for, which has a shape and a .T")
    return value


def _gradients(value: object, names: str, what: str) -> Pieces:
    """The gradients that are there, so that one that is missing costs only itself, and a sentence about it."""
    if value is None:
        raise Unfit(f"{what} is None: is there a `return` at its end?")
    if not isinstance(value, Mapping):
        raise Unfit(f"{what} is a {type(value).__name__}; a dict with an entry for each parameter is asked for")
    yield {"d" + name: value[name] for name in names.split() if name in value}
    if lacking := [name for name in names.split() if name not in value]:
        there = ", ".join(f'"{name}"' for name in value) or "nothing"
        raise Unfit(f"{what} holds {there}, and lacks " + ", ".join(f'"{name}"' for name in lacking))


def _loss_and_gradient(head: Callable[[Array, Array], Any], scores: Array, T: Array) -> Pieces:
    """What a head returns, its two things one by one, and whether it left the arrays alone."""
    back = handed(WROTE, scores=scores, T=T)
    result = head(scores, T)
    if result is None:
        raise Unfit("The head returned None: is there a `return` at its end?")
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unfit(f"The head returned a {type(result).__name__}; two things are asked for, the loss and its gradient")
    yield {"loss": result[0]}
    if not isinstance(result[1], list | tuple):
        yield {"gradient": result[1]}
    yield {"handed_back": back()}
    if isinstance(result[1], list | tuple):
        raise Unfit(f"The head's gradient is a {type(result[1]).__name__}; an array like scores is asked for")


@contract
def relu(relu, /, *, x):
    """relu(x): max(0, x) of every entry.   x (N, H) -> (N, H).

    `handed_back` compares x afterwards with what was handed in.
    """
    back = handed(WROTE, x=x)
    yield {"y": _array(relu(x), "relu")}
    yield {"handed_back": back()}


@contract
def slopes(relu_slope, sigmoid_slope, /, *, A):
    """relu_slope(A, H), sigmoid_slope(A, H): dH/dA of every entry.   A, H (N, H) -> (N, H).

    For `relu_slope` H is max(0, A), with slope 0 at A = 0; for `sigmoid_slope` it is σ(A).
    Both are finite for A of ±1000. `handed_back` compares A and H afterwards with what was
    handed in.
    """
    bent, squashed = np.clip(A, 0, None), 0.5 + 0.5 * np.tanh(A / 2)
    back = handed(WROTE, A=A, H=np.stack([bent, squashed]))
    yield {"relu_slope": _array(relu_slope(A, bent), "relu_slope")}
    yield {"sigmoid_slope": _array(sigmoid_slope(A, squashed), "sigmoid_slope")}
    yield {"handed_back": back(H=np.stack([bent, squashed]))}


@contract
def softmax(softmax, /, *, scores):
    """softmax(scores): each row becomes probabilities that add up to 1.   (N, K) -> (N, K).

    Finite for scores of ±1000. `handed_back` compares scores afterwards with what was
    handed in.
    """
    back = handed(WROTE, scores=scores)
    yield {"P": _array(softmax(scores), "softmax")}
    yield {"handed_back": back()}


@contract
def average_cross_entropy(average_cross_entropy, /, *, P, T):
    """average_cross_entropy(P, T): the mean of -ln p of the right class.

    P (N, K) probabilities, T (N, K) one-hot -> one number. The right class has a
    probability above 0, if only of 1e-13; any other may have exactly 0. `handed_back`
    compares P and T afterwards with what was handed in.
    """
    back = handed(WROTE, P=P, T=T)
    yield {"loss": average_cross_entropy(P, T)}
    yield {"handed_back": back()}


@contract
def squared_error_head(squared_error_head, /, *, scores, T):
    """squared_error_head(scores, T) -> 1/(2N) Σ (s - t)², and dloss/dscores.

    scores and T (N, K); one number and an array (N, K). `handed_back` compares scores and
    T afterwards with what was handed in.
    """
    yield from _loss_and_gradient(squared_error_head, scores, T)


@contract
def sigmoid_cross_entropy_head(sigmoid_cross_entropy_head, /, *, scores, T):
    """sigmoid_cross_entropy_head(scores, T) -> the mean cross-entropy of σ(scores), and dloss/dscores.

    scores (N, 1), T (N, 1) of 0 and 1; one number and an array (N, 1), right for scores of
    ±1000. `handed_back` compares scores and T afterwards with what was handed in.
    """
    yield from _loss_and_gradient(sigmoid_cross_entropy_head, scores, T)


@contract
def softmax_cross_entropy_head(softmax_cross_entropy_head, /, *, scores, T):
    """softmax_cross_entropy_head(scores, T) -> the mean cross-entropy of softmax(scores), and dloss/dscores.

    scores (N, K), T (N, K) one-hot; one number and an array (N, K), right for scores of
    ±1000. `handed_back` compares scores and T afterwards with what was handed in.
    """
    yield from _loss_and_gradient(softmax_cross_entropy_head, scores, T)


class _Answer(tuple[float, Array]):
    """What a head returns, which remembers which of its two things were taken out."""

    def __new__(cls, loss: float, gradient: Array) -> _Answer:
        return super().__new__(cls, (loss, gradient))

    def __init__(self, *pair: object) -> None:
        self.gradient_taken = False

    def __getitem__(self, index: Any) -> Any:
        self.gradient_taken |= index != 0
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        self.gradient_taken = True
        return super().__iter__()

    def __array__(self, *_: object, **__: object) -> Array:
        raise TypeError("a pair of a number and an array is not an array")


class _WavyHead:
    """A head unlike the three of the notebook: the sum of sin(s - 2t) over all entries."""

    def __init__(self) -> None:
        self.answers: list[_Answer] = []

    def __call__(self, scores: Array, T: Array) -> _Answer:
        self.answers.append(_Answer(float(np.sum(np.sin(scores - 2 * T))), np.cos(scores - 2 * T)))
        return self.answers[-1]


def _gone(net: object, method: str) -> str:
    """A sentence, where a value was kept under the name of the method that made it."""
    if callable(getattr(net, method)):
        return ""
    return (
        f"After one call, `self.{method}` is a value and no longer the function of that name, "
        "so a second call would fail: under which other name can it be kept?"
    )


@contract
def two_layer_net(TwoLayerNet, /, *, X, T, X_other, W1, b1, W2, b2, activation):
    """TwoLayerNet(params, head, activation): `forward(X)`, `loss(X, T)`, `gradients(X, T)`.

    X (N, D), W1 (D, H), b1 (H,), W2 (H, K), b2 (K,), T (N, K); activation "relu" or
    "sigmoid". The head is none of yours: a function of scores and T that returns a loss and
    dloss/dscores (N, K). Before `gradients(X, T)`, another batch goes through `forward` and
    `loss`. `handed_back` compares X, T and the parameters afterwards with what was handed in.
    """
    params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    back = handed(WROTE, X=X, T=T, **params)
    head = _WavyHead()
    net = TwoLayerNet(dict(params), head, activation)
    scores = net.forward(X)
    if gone := _gone(net, "forward"):
        raise Unfit(gone)
    yield {"scores": _array(scores, "forward")}
    loss = net.loss(X, T)
    no_loss = _gone(net, "loss")
    if isinstance(loss, tuple):
        no_loss = f"`loss` returned {len(loss)} things, and one number is asked for: which of the two is the loss?"
    if not no_loss:
        yield {"loss": loss}
        net.loss(X_other, T)
    net.forward(X_other)
    head.answers.clear()
    try:
        grads = net.gradients(X, T)
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        if not head.answers or any(answer.gradient_taken for answer in head.answers):
            raise
        raise Unfit(
            f"`gradients` raised {type(error).__name__} before it had taken dS out of the pair that the head "
            "returns: loss and dS. With which of the two does the way back begin?"
        ) from None
    if gone := _gone(net, "gradients"):
        raise Unfit(gone)
    yield from _gradients(grads, "W1 b1 W2 b2", "What `gradients` returned")
    yield {"handed_back": back()}
    if no_loss:
        raise Unfit(no_loss)


@contract
def sgd_step(sgd_step, /, *, W1, b1, W2, b2, dW1, db1, dW2, db2, lr):
    """sgd_step(params, grads, lr): changes the arrays in params, in place.

    params and grads are dicts with the names "W1", "b1", "W2" and "b2". `moved_W1` to
    `moved_b2` say how far the very arrays that were put into params have moved.
    `handed_back` compares the gradients afterwards with what was handed in.
    """
    begun = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    now = {name: array.copy() for name, array in begun.items()}
    grads = {"W1": dW1.copy(), "b1": db1.copy(), "W2": dW2.copy(), "b2": db2.copy()}
    back = handed(WROTE, **{"d" + name: array for name, array in grads.items()})
    sgd_step(dict(now), dict(grads), lr)
    yield {f"moved_{name}": array - begun[name] for name, array in now.items()}
    yield {"handed_back": back()}


@contract
def regularized_loss(regularized_loss, /, *, scores, T, W1, W2, alpha):
    """regularized_loss(scores, T, W1, W2, alpha) -> three numbers: cross-entropy, penalty of W1, penalty of W2.

    scores and T (N, K), W1 (D, H), W2 (H, K). `handed_back` compares the arrays afterwards
    with what was handed in.
    """
    back = handed(WROTE, scores=scores, T=T, W1=W1, W2=W2)
    terms = regularized_loss(scores, T, W1, W2, alpha)
    if terms is None:
        raise Unfit("What regularized_loss returned is None: is there a `return` at its end?")
    if not isinstance(terms, tuple | list | np.ndarray) or (isinstance(terms, np.ndarray) and terms.ndim == 0):
        raise Unfit("One thing came back; three numbers are asked for: what stands between your plus signs?")
    if len(terms) != 3:
        raise Unfit(
            f"{len(terms)} things came back; three numbers are asked for: cross-entropy, and a penalty for each W"
        )
    if not isinstance(terms[0], tuple):
        yield {"cross_entropy": terms[0]}
    yield {"penalty_W1": terms[1], "penalty_W2": terms[2]}
    yield {"handed_back": back()}
    if isinstance(terms[0], tuple):
        raise Unfit("Your cross-entropy is a pair, all that the head returns: which of the two is a price?")


@contract
def penalized_gradients(penalized_gradients, /, *, W1, b1, W2, b2, dW1, db1, dW2, db2, alpha):
    """penalized_gradients(grads, params, alpha) -> a dict with the gradients of cross-entropy and penalties together.

    grads holds those of the cross-entropy alone. All dicts have the names "W1", "b1", "W2"
    and "b2". `biases` compares the gradients of b1 and b2 with those in grads. `handed_back`
    compares grads and params, and the arrays in them, afterwards with what was handed in.
    """
    back = handed(WROTE, W1=W1, b1=b1, W2=W2, b2=b2, dW1=dW1, db1=db1, dW2=dW2, db2=db2)
    params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
    dicts = {"grads": (grads, dict(grads)), "params": (params, dict(params))}
    given = {name: grads[name].copy() for name in ("b1", "b2")}
    result = penalized_gradients(grads, params, alpha)
    yield from _gradients(result, "W1 W2", "What penalized_gradients returned")
    if lacking := [name for name in given if name not in result]:
        raise Unfit(f"What penalized_gradients returned lacks {' and '.join(lacking)}")
    same = all(np.shape(result[name]) == b.shape and np.allclose(result[name], b) for name, b in given.items())
    yield {"biases": "as in grads" if same else "changed"}
    refilled = [
        what
        for what, (now, then) in dicts.items()
        if now.keys() != then.keys() or any(now[name] is not then[name] for name in then)
    ]
    if refilled and back() == "as before":
        yield {"handed_back": f"your code put other arrays into the caller's dict {' and '.join(refilled)}"}
    else:
        yield {"handed_back": back()}


@contract
def equivalent_learning_rate(equivalent_learning_rate, /, *, lr, batch_size):
    """equivalent_learning_rate(lr, batch_size): lr was used with the summed loss -> the rate for the mean."""
    yield {"rate": equivalent_learning_rate(lr, batch_size)}
