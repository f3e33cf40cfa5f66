"""Pictures of computational graphs: values forward in blue, gradients backward in vermilion.

Anything can be drawn that has ``parents``, the nodes it was computed from. What it has of
``value``, ``grad``, ``op``, ``label`` and ``slopes`` is written beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from byhand.plots import COLORS

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

VALUE_COLOR, GRAD_COLOR = COLORS[:2]
NODE_SIZE = 560.0
"""Area of a circle in square points."""

LINE, HALF_LETTER = 12.0, 3.0
"""The height of a text beside a circle, and half the width of one of its letters, in points."""

ARROW_COLOR = "#999999"

Place = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Where each node lies, and which places an arrow passes on its way."""

    places: dict[Any, Place]
    routes: dict[tuple[Any, Any], list[Place]]


class Vertex(Protocol):
    """What a graph is made of."""

    @property
    def parents(self) -> Sequence[Any]: ...


@dataclass(eq=False)
class Node:
    """A vertex written down by hand, where no engine has made one."""

    label: str = ""
    value: float | None = None
    grad: float | None = None
    op: str = ""
    parents: tuple[Node, ...] = ()
    slopes: tuple[float, ...] = ()


def as_digraph(output: Vertex) -> nx.DiGraph[Any]:
    """The graph that ends in ``output``, an arrow from each parent to what was computed from it.

    An arrow's ``slope`` is the local derivative, the sum of them where a node was used twice.
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_node(output)
    waiting = [output]
    for vertex in waiting:
        slopes = getattr(vertex, "slopes", ()) or [None] * len(vertex.parents)
        for parent, slope in zip(vertex.parents, slopes, strict=True):
            if parent not in graph:
                waiting.append(parent)
            before = graph.edges[parent, vertex]["slope"] if graph.has_edge(parent, vertex) else 0.0
            graph.add_edge(parent, vertex, slope=None if slope is None else before + slope)
    return graph


def layout(graph: nx.DiGraph[Any]) -> Layout:
    """A place for each node: the end on the right, every node left of all that use it, and as near as can be.

    An arrow over several columns is given a free place in each of them. Within a column, nodes
    stand in the order of their neighbours, which keeps arrows apart (Sugiyama, Tagawa & Toda 1981).

    Raises
    ------
    networkx.NetworkXUnfeasible
        If the graph has a cycle.
    """
    import networkx as nx

    columns = list(nx.topological_generations(graph.reverse(copy=False)))
    column = {vertex: number for number, vertices in enumerate(columns) for vertex in vertices}
    fine = nx.DiGraph()
    fine.add_nodes_from(graph)
    between: dict[tuple[Any, Any], list[tuple[Any, Any, int]]] = {}
    for parent, vertex in graph.edges:
        stops = [(parent, vertex, number) for number in range(column[parent] - 1, column[vertex], -1)]
        nx.add_path(fine, [parent, *stops, vertex])
        between[parent, vertex] = stops
    rows = [list(found) for found in nx.topological_generations(fine.reverse(copy=False))]
    height = _heights(rows)
    for neighbours in (fine.successors, fine.predecessors, fine.successors) * 2:
        for found in rows if neighbours == fine.successors else rows[::-1]:
            aims = {v: [height[w] for w in neighbours(v)] or [height[v]] for v in found}
            found.sort(key=lambda v: sum(aims[v]) / len(aims[v]))
            height |= _heights([found])
    ordered = nx.DiGraph()
    for number, found in enumerate(rows):
        ordered.add_nodes_from(found, column=-number)
    places = nx.multipartite_layout(ordered, subset_key="column")
    spot = {v: (float(places[v][0]), height[v]) for v in ordered}
    return Layout({v: spot[v] for v in graph}, {edge: [spot[v] for v in stops] for edge, stops in between.items()})


def _heights(columns: list[list[Any]]) -> dict[Any, float]:
    """Each column's nodes one above the other, around 0."""
    return {v: row - (len(column) - 1) / 2 for column in columns for row, v in enumerate(column)}


def draw(
    ax: Axes,
    output: Vertex,
    *,
    values: bool = True,
    gradients: bool = True,
    slopes: bool = False,
    digits: int = 3,
) -> dict[Any, Place]:
    """Draw the graph that ends in ``output``.

    In each circle stands the operation, or the name of an input, or the value of one that has
    no name. Above it is the value, below it the gradient, a little aside where an arrow passes;
    on the arrows, if wanted, the local derivatives.

    Parameters
    ----------
    ax : matplotlib Axes
    output : Vertex
        The end of the graph.
    values, gradients, slopes : bool
        What is written.
    digits : int
        Significant digits.

    Returns
    -------
    dict
        Where each node lies.
    """
    graph = as_digraph(output)
    places, routes = (plan := layout(graph)).places, plan.routes
    ways = []
    for parent, vertex, data in graph.edges(data=True):
        way = [places[parent], *routes[parent, vertex]]
        ways.append([*way, places[vertex]])
        ax.plot(*zip(*way, strict=True), color=ARROW_COLOR, linewidth=1, zorder=1)
        head = {"arrowstyle": "-|>", "color": ARROW_COLOR, "linewidth": 1, "shrinkA": 0, "shrinkB": NODE_SIZE**0.5 / 2}
        ax.annotate("", places[vertex], xytext=way[-1], arrowprops=head, zorder=1)
        if slopes and data["slope"] is not None:
            (x0, y0), (x1, y1) = way[-1], places[vertex]
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            text = _short(data["slope"], digits)
            ax.text((x0 + x1) / 2, (y0 + y1) / 2, text, ha="center", va="center", fontsize=11, bbox=box)
    xs, ys = zip(*places.values(), strict=True)
    inner = ["white" if v.parents else "#EEEEEE" for v in places]
    ax.scatter(xs, ys, s=NODE_SIZE, c=inner, edgecolors="#666666", zorder=3)
    ax.set_axis_off()
    ax.margins(x=0.06)
    every = [*ys, *(y for way in routes.values() for _, y in way)]
    ax.set_ylim(min(every) - 0.75, max(every) + 0.75)
    arrows = _dots(ax, ways)
    for vertex, place in places.items():
        _write(ax, vertex, place, arrows, values, gradients, digits)
    return places


def _dots(ax: Axes, ways: list[list[Place]]) -> NDArray[np.float64]:
    """Dots along the ways, one every point or so. (M, 2), in points as they lie on the page."""
    share = np.linspace(0, 1, 200)[:, None]
    pieces = [np.empty((0, 2))]
    for way in ways:
        corners = ax.transData.transform(way) * 72 / ax.figure.dpi
        pieces += [a + share * (b - a) for a, b in pairwise(corners)]
    return np.concatenate(pieces)


def _sign(op: str) -> str:
    """Powers as one writes them."""
    return {"^-1": "1/x", "^2": "x²", "^3": "x³", "^0.5": "√x"}.get(op, op)


def _write(
    ax: Axes, vertex: Any, place: Place, arrows: NDArray[np.float64], values: bool, gradients: bool, digits: int
) -> None:
    """The texts in, above and below a circle."""
    op, label = _sign(getattr(vertex, "op", "")), getattr(vertex, "label", "")
    value, grad = getattr(vertex, "value", None), getattr(vertex, "grad", None)
    number = "" if value is None else _short(value, digits)
    inside = op or label or number
    ax.text(*place, inside, ha="center", va="center", fontsize=max(9, min(11, 13 - len(inside))), zorder=4)
    above = " = ".join(part for part in (label if op else "", number if values else "") if part)
    if above and inside != number:
        _beside(ax, above, place, arrows, 14, "bottom", VALUE_COLOR)
    if gradients and grad is not None:
        _beside(ax, _short(grad, digits), place, arrows, -14, "top", GRAD_COLOR)


def _beside(ax: Axes, text: str, place: Place, arrows: NDArray[np.float64], points: int, va: str, color: str) -> None:
    """A text above or below a place, moved to the side as little as keeps it off the arrows."""
    around = arrows - ax.transData.transform(place) * 72 / ax.figure.dpi
    low, high = (points, points + LINE) if points > 0 else (points - LINE, points)
    level = around[(around[:, 1] > low) & (around[:, 1] < high), 0]
    half = HALF_LETTER * len(text) + 1
    aside = min(range(-30, 31), key=lambda shift: (int(np.sum(np.abs(level - shift) < half)), abs(shift)))
    ax.annotate(
        text,
        place,
        xytext=(aside, points),
        textcoords="offset points",
        ha="center",
        va=va,
        fontsize=11,
        color=color,
        zorder=4,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
    )


def _short(number: float, digits: int) -> str:
    """A number with so many digits, and a minus sign that can be seen."""
    return f"{number:.{digits}g}".replace("-", "−")
