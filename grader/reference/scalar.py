"""Reverse-mode differentiation of numbers (Linnainmaa 1970): a graph that remembers its own derivatives."""

from __future__ import annotations

import math


class Scalar:
    """One number in a computational graph.

    Parameters
    ----------
    value : float
    parents : tuple of Scalar
        What it was computed from.
    slopes : tuple of float
        For each parent, the derivative of this value by that of the parent.
    op, label : str
        The operation and a name, for pictures.

    Attributes
    ----------
    grad : float
        The derivative of the end of the graph by this value: 0 until `backward` adds to it.
    """

    def __init__(
        self,
        value: float,
        parents: tuple[Scalar, ...] = (),
        slopes: tuple[float, ...] = (),
        op: str = "",
        label: str = "",
    ) -> None:
        self.value = float(value)
        self.grad = 0.0
        self.parents = parents
        self.slopes = slopes
        self.op = op
        self.label = label

    def __repr__(self) -> str:
        return f"Scalar({self.value:.6g})"

    def __neg__(self) -> Scalar:
        return Scalar(-self.value, (self,), (-1.0,), "−")

    def __sub__(self, other: Scalar) -> Scalar:
        return Scalar(self.value - other.value, (self, other), (1.0, -1.0), "−")

    def __add__(self, other: Scalar) -> Scalar:
        return Scalar(self.value + other.value, (self, other), (1.0, 1.0), "+")

    def __mul__(self, other: Scalar) -> Scalar:
        return Scalar(self.value * other.value, (self, other), (other.value, self.value), "×")

    def __pow__(self, n: float) -> Scalar:
        """``self`` to the power of the number n."""
        return Scalar(self.value**n, (self,), (n * self.value ** (n - 1),), f"^{n:g}")

    def exp(self) -> Scalar:
        e = math.exp(self.value)
        return Scalar(e, (self,), (e,), "exp")

    def log(self) -> Scalar:
        """The natural logarithm.

        Raises
        ------
        ValueError
            If the value is not above 0.
        """
        return Scalar(math.log(self.value), (self,), (1 / self.value,), "ln")

    def backward(self) -> None:
        """Add to the ``grad`` of every node that leads here how fast this value changes with it."""
        backward(self)


def topological_order(node: Scalar) -> list[Scalar]:
    """Every node that leads to ``node``, once, after all of its parents; ``node`` itself last.

    Depth first (Tarjan 1976), with a stack of its own, so that no depth is too deep.
    """
    order: list[Scalar] = []
    seen = {node}
    stack = [(node, iter(node.parents))]
    while stack:
        current, parents = stack[-1]
        parent = next((p for p in parents if p not in seen), None)
        if parent is None:
            order.append(current)
            stack.pop()
        else:
            seen.add(parent)
            stack.append((parent, iter(parent.parents)))
    return order


def backward(node: Scalar) -> None:
    """∂node/∂parent = Σ slope · ∂node/∂child over the arrows that leave the parent, from the end to the start.

    A node hands on its ``grad`` when all of it has arrived, and does so once.
    """
    node.grad = 1.0
    for child in reversed(topological_order(node)):
        for parent, slope in zip(child.parents, child.slopes, strict=True):
            parent.grad += slope * child.grad
