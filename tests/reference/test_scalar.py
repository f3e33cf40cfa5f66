"""The engine against PyTorch's automatic differentiation, in float64."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

from grader.reference.scalar import Scalar, backward, topological_order

torch = pytest.importorskip("torch")

DEPTH = 20


def leaf(value: float) -> Any:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def random_expression(rng: np.random.Generator, leaves: list[Any]) -> Any:
    """A value that is DEPTH operations deep: each uses the last one, most of them an earlier one as well.

    It runs on anything with + - * **, exp and log, and draws the same operations for all of them.
    Values are kept moderate, and above 0 where that is needed, by operations of the graph itself.
    """
    nodes = list(leaves)
    node = leaves[0]
    for _ in range(DEPTH):
        other = nodes[int(rng.integers(len(nodes)))]
        kind = int(rng.integers(8))
        if kind == 0:
            node = node + other
        elif kind == 1:
            node = node * other
        elif kind == 2:
            node = node - other
        elif kind == 3:
            node = node * node
        elif kind == 4:
            node = (-(node * node)).exp()
        elif kind == 5:
            node = (node * node + leaves[-1]).log()
        elif kind == 6:
            node = (node * node + leaves[-1]) ** -0.5
        else:
            node = node**3
        if abs(node.value if isinstance(node, Scalar) else float(node.detach())) > 50:
            node = (node * node + leaves[-1]) ** -0.5
        nodes.append(node)
    total = nodes[len(leaves)]
    for earlier in nodes[len(leaves) + 1 :]:
        total = total + earlier
    return total


@pytest.mark.parametrize("seed", range(60))
def test_a_random_graph_with_shared_nodes_agrees_with_autograd(seed: int) -> None:
    rng = np.random.default_rng([7, seed])
    values = [*rng.uniform(-1.5, 1.5, size=3), 2.0]
    ours, theirs = [Scalar(v) for v in values], [leaf(v) for v in values]
    end = random_expression(np.random.default_rng(seed), ours)
    expected = random_expression(np.random.default_rng(seed), theirs)
    end.backward()
    expected.backward()
    assert len(topological_order(end)) > 2 * DEPTH
    assert end.value == pytest.approx(expected.item(), rel=1e-12)
    for mine, other in zip(ours, theirs, strict=True):
        wanted = 0.0 if other.grad is None else float(other.grad)
        assert mine.grad == pytest.approx(wanted, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize(
    "operation",
    [
        lambda x, y: x + y,
        lambda x, y: x - y,
        lambda x, y: x * y,
        lambda x, y: -x * y,
        lambda x, y: x**3 + y,
        lambda x, y: x**-1 * y,
        lambda x, y: x**0.5 + y,
        lambda x, y: x.exp() * y,
        lambda x, y: x.log() * y,
        lambda x, y: x * x + x * y,
        lambda x, y: (x * y).exp() + (x * y).log(),
    ],
)
def test_each_operation_agrees_with_autograd(operation: Any) -> None:
    for a, b in [(0.7, 1.9), (2.4, 0.3), (1.1, 5.0)]:
        x, y, X, Y = Scalar(a), Scalar(b), leaf(a), leaf(b)
        ours, theirs = operation(x, y), operation(X, Y)
        ours.backward()
        theirs.backward()
        assert ours.value == pytest.approx(theirs.item(), rel=1e-13)
        assert (x.grad, y.grad) == pytest.approx((float(X.grad), float(Y.grad)), rel=1e-12)


def test_what_arrives_over_both_ways_of_a_diamond_is_added() -> None:
    x = Scalar(3.0)
    left, right = x * x, x.exp()
    (left * right).backward()
    assert left.grad == right.value and right.grad == left.value
    assert x.grad == pytest.approx(6 * math.exp(3) + 9 * math.exp(3), rel=1e-14)


def test_a_node_that_is_used_twice_by_the_same_operation_gets_both() -> None:
    x = Scalar(5.0)
    (x * x).backward()
    assert x.grad == 10.0
    y = Scalar(5.0)
    (y + y).backward()
    assert y.grad == 2.0


def test_a_node_hands_on_only_when_all_has_arrived() -> None:
    x = Scalar(2.0)
    a = x * x
    b = a * a
    (a + b * b * a).backward()  # a is reached before b, which leads to it once more
    assert x.grad == pytest.approx(2 * 2 + 10 * 2**9)


def test_a_chain_of_many_thousand_nodes_needs_no_recursion() -> None:
    x = Scalar(1.0)
    node = x
    for _ in range(5 * sys.getrecursionlimit()):
        node = node + x
    node.backward()
    assert x.grad == 5 * sys.getrecursionlimit() + 1


def test_sixty_diamonds_in_a_row_take_no_longer_than_their_arrows() -> None:
    x = Scalar(1.0)
    node = x
    for _ in range(60):
        node = node + node * Scalar(0.5)
    node.backward()
    assert x.grad == pytest.approx(1.5**60, rel=1e-12)


def test_the_order_holds_every_node_once_and_after_its_parents() -> None:
    rng = np.random.default_rng(0)
    end = random_expression(rng, [Scalar(0.5), Scalar(-0.7), Scalar(2.0)])
    order = topological_order(end)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order) and order[-1] is end
    assert all(place[p] < place[node] for node in order for p in node.parents)


def test_the_order_leaves_out_what_does_not_lead_to_the_end() -> None:
    x = Scalar(1.0)
    used, unused = x + x, x * x
    backward(used)
    assert unused not in topological_order(used) and unused.grad == 0.0


def test_a_logarithm_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError):
        Scalar(0.0).log()
