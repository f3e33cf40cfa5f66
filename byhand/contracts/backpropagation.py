"""How the pieces of ``02_backpropagation`` are called."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.contracts import Unfit, contract

Array = NDArray[Any]


def _several(result: object, names: str) -> Sequence[Any]:
    """The results, if they are as many as there are names."""
    wanted = names.split()
    if result is None:
        raise Unfit("None came back: is there a `return` at the end?")
    if isinstance(result, Mapping) or not isinstance(result, tuple | list) or len(result) != len(wanted):
        came = f"{len(result)} results" if isinstance(result, tuple | list) else "one"
        raise Unfit(f"{len(wanted)} results are asked for, in this order: {', '.join(wanted)}; {came} came back.")
    return result


def _handed(**arrays: Array) -> Callable[[], str]:
    """Remembers arrays to the last bit; called afterwards, it says which are no longer what they were."""
    before = {name: array.tobytes() for name, array in arrays.items()}

    def back() -> str:
        changed = [name for name, kept in before.items() if arrays[name].tobytes() != kept]
        return f"{' and '.join(changed)} changed" if changed else "as before"

    return back


@contract
def squared_difference_gradients(squared_difference_gradients, /, *, a, x, y):
    """squared_difference_gradients(a, x, y) -> dz/da, dz/dx, dz/dy for z = (ax - y)².   All (M,), entry by entry."""
    result = _several(squared_difference_gradients(a, x, y), "dz_da dz_dx dz_dy")
    yield dict(zip(("dz_da", "dz_dx", "dz_dy"), result, strict=True))


@contract
def through_sigmoid(sigmoid_backward, cross_entropy_backward, /, *, x, dz_du, t, u):
    """sigmoid_backward(x, dz_du) -> dz/dx for u = σ(x).   All (M,), entry by entry.

    cross_entropy_backward(t, u) -> dz/dx for z = -t ln u - (1 - t) ln(1 - u), u = σ(x). Its
    outcome is called `dz_dx_entropy`. `handed_back` compares all that was handed in with what it was.
    """
    back = _handed(x=x, dz_du=dz_du, t=t, u=u)
    yield {"dz_dx": sigmoid_backward(x, dz_du)}
    yield {"dz_dx_entropy": cross_entropy_backward(t, u)}
    yield {"handed_back": back()}


@contract
def fork_backward(fork_backward, /, *, x, dz_du, dz_dv):
    """fork_backward(x, dz_du, dz_dv) -> dz/dx for u = 1 + e^x, v = 1 + e^(-x).   All (M,), entry by entry.

    `handed_back` compares x, dz_du and dz_dv afterwards with what was handed in.
    """
    back = _handed(x=x, dz_du=dz_du, dz_dv=dz_dv)
    yield {"dz_dx": fork_backward(x, dz_du, dz_dv)}
    yield {"handed_back": back()}


@contract
def softmax_pair(softmax_backward, softmax_cross_entropy_backward, /, *, x, y, dz_du, dz_dv, s, t, u, v):
    """softmax_backward(x, y, dz_du, dz_dv) -> dz/dx, dz/dy for (u, v) = softmax(x, y).

    softmax_cross_entropy_backward(s, t, u, v) -> dz/dx, dz/dy for z = -s ln u - t ln v, called
    `dz_dx_entropy` and `dz_dy_entropy`. s + t = 1 and u + v = 1. All (M,), entry by entry.
    `handed_back` compares all that was handed in with what it was.
    """
    back = _handed(x=x, y=y, dz_du=dz_du, dz_dv=dz_dv, s=s, t=t, u=u, v=v)
    result = _several(softmax_backward(x, y, dz_du, dz_dv), "dz_dx dz_dy")
    yield {"dz_dx": result[0], "dz_dy": result[1]}
    result = _several(softmax_cross_entropy_backward(s, t, u, v), "dz_dx dz_dy")
    yield {"dz_dx_entropy": result[0], "dz_dy_entropy": result[1]}
    yield {"handed_back": back()}


@contract
def mix_backward(mix_backward, /, *, W, dz_dy):
    """mix_backward(W, dz_dy) -> dz/dx for y = xW + b.   W (2, 2), dz_dy (2,), dz/dx (2,).

    `handed_back` compares W and dz_dy afterwards with what was handed in.
    """
    back = _handed(W=W, dz_dy=dz_dy)
    yield {"dz_dx": mix_backward(W, dz_dy)}
    yield {"handed_back": back()}


@contract
def matmul_backward(matmul_backward, /, *, X, W, dY):
    """matmul_backward(X, W, dY) -> dX, dW for Y = XW.   X (N, D), W (D, K), dY (N, K), dX (N, D), dW (D, K).

    `handed_back` compares X, W and dY afterwards with what was handed in.
    """
    back = _handed(X=X, W=W, dY=dY)
    result = _several(matmul_backward(X, W, dY), "dX dW")
    yield {"dX": result[0], "dW": result[1]}
    yield {"handed_back": back()}


@contract
def add_bias_backward(add_bias_backward, /, *, dY):
    """add_bias_backward(dY) -> dX, db for Y = X + b.   dY (N, K), dX (N, K), db (K,).

    `handed_back` compares dY afterwards with what was handed in.
    """
    back = _handed(dY=dY)
    result = _several(add_bias_backward(dY), "dX db")
    yield {"dX": result[0], "db": result[1]}
    yield {"handed_back": back()}


@contract
def one_row(squared_error_gradients, cross_entropy_gradients, /, *, X, W, t, t_entropy):
    """squared_error_gradients(X, W, t) -> dX, dW for Y = XW, E = ½ Σ (Y - t)².

    cross_entropy_gradients(X, W, t) -> dX, dW for E = -Σ t ln softmax(Y), called `dX_entropy` and
    `dW_entropy`. X (1, D), W (D, 2), t (1, 2).
    """
    result = _several(squared_error_gradients(X, W, t), "dX dW")
    yield {"dX": result[0], "dW": result[1]}
    result = _several(cross_entropy_gradients(X, W, t_entropy), "dX dW")
    yield {"dX_entropy": result[0], "dW_entropy": result[1]}


@contract
def numerical_gradient(numerical_gradient, /, *, x, c, k, far):
    """numerical_gradient(f, x, eps=1e-5) -> gradient of the shape of x, which is left as it was.

    f is a sum over the entries of c·x³ + k·x², and of neighbours' products. `gradient` is asked for with
    the eps of the def line, `gradient_far` with the large eps = far, where the kind of difference shows.
    `x_afterwards` compares x after the latter with what was handed in, to the last bit.
    """

    def f(x: Array) -> float:
        line = x.ravel()
        return float(np.sum(c * x**3 + k * x**2) + np.sum(line[1:] * line[:-1]))

    other = x.copy()
    back = _handed(x=other)
    yield {"gradient": numerical_gradient(f, x)}
    yield {"gradient_far": numerical_gradient(f, other, far)}
    yield {"x_afterwards": back()}


@contract
def relative_error(relative_error, /, *, a, b, near_nothing):
    """relative_error(a, b) -> max |a - b| / max(|a| + |b|, 1e-8), one number.   a and b of one shape.

    `error_near_nothing` is the error where some entries are 0 in both and the others below 1e-8.
    `handed_back` compares a and b afterwards with what was handed in.
    """
    back = _handed(a=a, b=b)
    yield {"error": relative_error(a, b)}
    yield {"error_near_nothing": relative_error(near_nothing[0], near_nothing[1])}
    yield {"handed_back": back()}


@contract
def count_parameters(count_parameters, /, *, sizes):
    """count_parameters(sizes) -> weights and biases together.   sizes: a tuple of ints, the input first."""
    count = count_parameters(tuple(sizes.tolist()))
    if isinstance(count, float | np.floating):
        raise Unfit("`count` has a decimal point (float), and what is counted is whole: which step made it so?")
    yield {"count": count}


def _remembered(node: Any, operands: Sequence[Any]) -> Array:
    """The value of a node, and its slope towards each operand: summed, where an operand is a parent twice."""
    if node is None:
        raise Unfit("None came back: is there a `return`?")
    if isinstance(node, int | float | np.number):
        raise Unfit("a plain number came back; it should be a new Scalar, which remembers where it comes from.")
    if any(node is operand for operand in operands):
        raise Unfit("an operand itself came back; it should be a new Scalar.")
    parents: Any = getattr(node, "parents", None)
    slopes: Any = getattr(node, "slopes", None)
    for name, found in (("parents", parents), ("slopes", slopes)):
        if isinstance(found, str):
            raise Unfit(f"`{name}` is the text {found!r}: Scalar takes value, parents, slopes, sign, in this order.")
        if not isinstance(found, tuple | list):
            raise Unfit(f"`{name}` has to be a tuple: a tuple of one is written with a comma, (self,).")
    if len(parents) != len(slopes):
        raise Unfit(f"there are {len(parents)} parents and {len(slopes)} slopes; every parent needs a slope.")
    if not all(any(p is q for q in operands) for p in parents):
        raise Unfit("among the parents is something else than the Scalars that were combined.")
    if any(isinstance(number, type(node)) for number in (node.value, *slopes)):
        raise Unfit("a value or a slope is no plain number: of a Scalar, which part is its number?")
    total = [sum((float(s) for p, s in zip(parents, slopes, strict=True) if p is q), 0.0) for q in operands]
    return np.array([float(node.value), *total])


def _combined(Scalar: Any, name: str, a: float, b: float, n: float) -> Array:
    """One operation on fresh Scalars. Neither their values nor any gradient may be touched by it."""
    x, y = Scalar(a), Scalar(b)
    operations: dict[str, tuple[Callable[[], Any], tuple[Any, ...]]] = {
        "sum": (lambda: x + y, (x, y)),
        "product": (lambda: x * y, (x, y)),
        "square": (lambda: x * x, (x,)),
        "power": (lambda: x**n, (x,)),
        "exp": (lambda: y.exp(), (y,)),
        "log": (lambda: x.log(), (x,)),
    }
    combine, operands = operations[name]
    node = combine()
    found = _remembered(node, operands)
    if x.value != a or y.value != b:
        raise Unfit("the value of an operand was changed; only the new Scalar has the result.")
    if any(scalar.grad != 0.0 for scalar in (x, y, node)):
        raise Unfit("a grad is no longer 0.0: as long as the graph is made, who knows how fast its end will move?")
    return found


def _said(error: Exception) -> str:
    """An error in a learner's method, with its line."""
    if isinstance(error, Unfit):
        return str(error)
    if isinstance(error, NotImplementedError):
        return "its gap is still empty."
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "byhand/" not in f.filename]
    where = f", at the line: {frames[-1].line}" if frames and frames[-1].line else ""
    if isinstance(error, RecursionError):
        return f"it calls itself without end{where}"
    return f"{type(error).__name__}: {error}{where}"


@contract
def scalar(Scalar, /, *, a, b, n):
    """Scalar(a) and Scalar(b) are combined; n is the number of a power.

    Of each result three numbers are compared, or two: its value, and its slope towards each operand.
    `square` is x * x, whose slopes towards x are added up. Operands keep their values, and every grad is 0.0.
    """
    problems: dict[str, Exception] = {}
    for name in ("sum", "product", "square", "power", "exp", "log"):
        try:
            yield {name: _combined(Scalar, name, a, b, n)}
        except Exception as error:  # the others can still be had
            problems[name] = error
    if problems and all(isinstance(error, NotImplementedError) for error in problems.values()):
        raise next(iter(problems.values()))
    said: dict[str, list[str]] = {}
    for name, problem in problems.items():
        said.setdefault(_said(problem), []).append(f"`{name}`")
    if said:
        raise Unfit(" ".join(f"{', '.join(names)}: {sentence}" for sentence, names in said.items()))


PATIENCE = 10
"""How often nodes may be asked for their parents: so many times the square of their number. Once each is enough."""


class _Impatient(Unfit):
    """Nodes were asked for their parents far more often than there are nodes."""


class _Node:
    """A node for trying out passes over a graph, which notices when it is asked too often."""

    def __init__(self, parents: Sequence[_Node], slopes: Sequence[float], patience: list[int]) -> None:
        self._parents = tuple(parents)
        self.slopes = tuple(float(s) for s in slopes)
        self.value = 1.5
        self.grad = 0.0
        self._patience = patience

    @property
    def parents(self) -> tuple[_Node, ...]:
        self._patience[0] -= 1
        if self._patience[0] < 0:
            raise _Impatient("nodes are asked for their parents again and again: is one visit of each enough?")
        return self._parents


def _graph(arrows: Array, slopes: Array) -> list[_Node]:
    """Nodes 0, 1, …, and the arrows (parent, node) between them, in the order of the nodes they point to."""
    count = int(arrows.max()) + 1
    patience = [PATIENCE * count**2]
    nodes: list[_Node] = []
    for number in range(count):
        here = arrows[:, 1] == number
        nodes.append(_Node([nodes[p] for p in arrows[here, 0]], slopes[here], patience))
    return nodes


def _chain(length: int) -> Array:
    return np.column_stack([np.arange(length - 1), np.arange(1, length)])


def _ladder(forks: int) -> Array:
    """Forks in a row: 0 to 1 and 2, both to 3, 3 to 4 and 5, …"""
    rungs = [(3 * k + i, 3 * k + j) for k in range(forks) for i, j in ((0, 1), (0, 2), (1, 3), (2, 3))]
    return np.array(sorted(rungs, key=lambda arrow: arrow[1]))


CHAIN = 300
FORKS = 30
STRANGE, AGAIN, TOO_DEEP, FORMER = -1, -2, -3, -4
"""Stand for nodes in an order that is none."""


def _orders(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A graph has many topological orders. What is compared is whether this is one."""
    graphs = {"chain": _chain(5), "fork": _ladder(1), "tangle": inputs["arrows"]}
    graphs |= {"many_forks": _ladder(FORKS), "long_chain": _chain(CHAIN)}
    return {name: _verdict(np.asarray(outputs[name]), arrows) for name, arrows in graphs.items() if name in outputs}


def _verdict(order: Array, arrows: Array) -> str:
    end = int(arrows.max())
    needed, found = {end}, [end]
    for node in found:
        for parent in arrows[arrows[:, 1] == node, 0].tolist():
            if parent not in needed:
                needed.add(parent)
                found.append(parent)
    listed = order.ravel().tolist()
    if AGAIN in listed:
        return "nodes are visited again and again; is one visit of each enough?"
    if TOO_DEEP in listed:
        return "calls inside calls, more of them than Python allows"
    if FORMER in listed:
        return "nodes of another graph, asked about before: is the list made anew at each call?"
    if STRANGE in listed:
        return "something that is no node of the graph"
    if len(set(listed)) < len(listed):
        return "some node is there more than once"
    if missing := len(needed - set(listed)):
        if missing == 1 and end not in listed:
            return "the node asked for is missing"
        return f"{missing} of {len(needed)} nodes are missing"
    if len(listed) > len(needed):
        return "there are nodes that do not lead to the one asked for"
    place = {node: i for i, node in enumerate(listed)}
    early = sum(place[p] > place[n] for p, n in arrows.tolist() if n in place)
    if early:
        return f"{early} times a node stands before one of its parents"
    return "every node once, after its parents"


@contract(properties=_orders)
def topological_order(topological_order, /, *, arrows):
    """topological_order(node) -> a list of all nodes that lead to node, each once and after its parents.

    It is called on a chain of five nodes, a fork whose ways meet again, a tangle, thirty forks in a row and
    a chain of 300 nodes. Any order that keeps the rule is right.
    """
    graphs = {"chain": _chain(5), "fork": _ladder(1), "tangle": arrows}
    graphs |= {"many_forks": _ladder(FORKS), "long_chain": _chain(CHAIN)}
    for name, these in graphs.items():
        nodes = _graph(these, np.ones(len(these)))
        numbers = {id(node): i for i, node in enumerate(nodes)}
        try:
            order = topological_order(nodes[-1])
        except _Impatient:
            yield {name: np.array([AGAIN])}
            continue
        except RecursionError:
            yield {name: np.array([TOO_DEEP])}
            continue
        if order is None:
            raise Unfit("None came back: is there a `return` at the end?")
        if not isinstance(order, list | tuple):
            raise Unfit(f"a {type(order).__name__} came back; a list of nodes is asked for.")
        unknown = [FORMER if isinstance(node, _Node) else STRANGE for node in order]
        yield {name: np.array([numbers.get(id(n), u) for n, u in zip(order, unknown, strict=True)], dtype=int)}


@contract
def backward(backward, /, *, chain, fork, arrows, slopes, ladder, long_chain):
    """backward(node) fills in the `grad` of every node that leads to node, which is 0.0 before.

    It is called on a chain, a fork whose ways meet again, a tangle, thirty forks in a row and a chain of
    300 nodes. Their arrows have the given slopes, over and over again in the last two. The gradients of all
    nodes are compared, in the last two those of some.
    """
    graphs = {
        "chain": (_chain(len(chain) + 1), chain, 1),
        "fork": (_ladder(1), fork, 1),
        "tangle": (arrows, slopes, 1),
        "many_forks": (_ladder(FORKS), np.resize(ladder, 4 * FORKS), 10),
        "long_chain": (_chain(CHAIN), np.resize(long_chain, CHAIN - 1), 50),
    }
    for name, (these, numbers, every) in graphs.items():
        nodes = _graph(these, numbers)
        result = backward(nodes[-1])
        if result is not None and all(node.grad == 0.0 for node in nodes):
            raise Unfit("something came back, and every grad is still 0.0: `backward` fills in grads, returns nothing.")
        some = sorted({*range(0, len(nodes), every), *range(len(nodes) - 3, len(nodes))})
        yield {name: np.array([float(nodes[i].grad) for i in some])}
