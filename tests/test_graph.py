"""Pictures of computational graphs."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import networkx as nx
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from byhand import graph
from byhand.graph import Node


@pytest.fixture
def ax() -> Iterator[Axes]:
    figure, axes = plt.subplots()
    yield axes
    figure.canvas.draw()
    plt.close(figure)


def square() -> tuple[Node, Node, Node, Node, Node, Node]:
    """z = (ax - y)² at a = 3, x = 2, y = 4."""
    a, x, y = Node("a", 3.0, 8.0), Node("x", 2.0, 12.0), Node("y", 4.0, -4.0)
    s = Node("s", 6.0, 4.0, "×", (a, x), (2.0, 3.0))
    t = Node("t", 2.0, 4.0, "−", (s, y), (1.0, -1.0))
    return a, x, y, s, t, Node("z", 4.0, 1.0, "^2", (t,), (4.0,))


def written(ax: Axes) -> dict[str, str]:
    """Every text of the picture, with its colour."""
    return {text.get_text(): to_hex(text.get_color()) for text in ax.texts if text.get_text()}


def test_a_graph_has_every_node_that_leads_to_the_end_and_an_arrow_to_each_that_uses_it() -> None:
    a, x, y, s, t, z = square()
    unused = Node(parents=(a,))
    found = graph.as_digraph(z)
    assert set(found) == {a, x, y, s, t, z} and unused not in found
    assert set(found.edges) == {(a, s), (x, s), (s, t), (y, t), (t, z)}
    assert found.edges[x, s]["slope"] == 3.0 and found.edges[y, t]["slope"] == -1.0


def test_the_slopes_of_a_node_that_is_used_twice_add_up() -> None:
    x = Node("x", 5.0)
    found = graph.as_digraph(Node("z", 25.0, None, "×", (x, x), (5.0, 5.0)))
    assert found.number_of_edges() == 1 and next(iter(found.edges.values()))["slope"] == 10.0


def test_slopes_may_be_missing() -> None:
    x = Node("x")
    found = graph.as_digraph(Node(parents=(x, x)))
    assert next(iter(found.edges.values()))["slope"] is None


def test_every_arrow_leads_to_the_right_and_no_two_nodes_share_a_place() -> None:
    *_, z = square()
    found = graph.as_digraph(z)
    plan = graph.layout(found)
    assert all(plan.places[p][0] < plan.places[v][0] for p, v in found.edges)
    assert len(set(plan.places.values())) == len(found)


def test_an_input_stands_right_before_its_first_use() -> None:
    _, x, y, s, _, z = square()
    places = graph.layout(graph.as_digraph(z)).places
    assert places[y][0] == places[s][0] > places[x][0]


def test_an_arrow_over_several_columns_has_a_free_place_in_each() -> None:
    x = Node("x")
    first = Node(op="1", parents=(x,))
    second = Node(op="2", parents=(first,))
    found = graph.as_digraph(end := Node(op="3", parents=(second, x)))
    plan = graph.layout(found)
    assert [len(plan.routes[edge]) for edge in ((x, first), (second, end), (x, end))] == [0, 0, 2]
    taken = [*plan.places.values(), *plan.routes[x, end]]
    assert len(set(taken)) == 6
    assert [p[0] for p in plan.routes[x, end]] == [plan.places[first][0], plan.places[second][0]]


def test_no_arrows_cross_where_none_has_to() -> None:
    x, y = Node("x"), Node("y")
    u = Node(op="u", parents=(x,))
    first = Node(op="×", parents=(y, Node(op="ln", parents=(u,))))
    rest = Node(op="ln", parents=(Node(op="1−", parents=(u,)),))
    second = Node(op="×", parents=(Node(op="1−", parents=(y,)), rest))
    plan = graph.layout(graph.as_digraph(Node(op="+", parents=(first, second))))
    ways = [[plan.places[p], *route, plan.places[v]] for (p, v), route in plan.routes.items()]
    pieces = [piece for way in ways for piece in itertools.pairwise(way)]
    for (a, b), (c, d) in itertools.combinations(pieces, 2):
        assert a[0] != c[0] or (a[1] - c[1]) * (b[1] - d[1]) >= 0


def test_a_cycle_is_refused() -> None:
    x = Node("x")
    y = Node("y", parents=(x,))
    x.parents = (y,)
    with pytest.raises(nx.NetworkXUnfeasible):
        graph.layout(graph.as_digraph(y))


def test_values_and_gradients_are_written_in_two_colours(ax: Axes) -> None:
    *_, z = square()
    graph.draw(ax, z)
    texts = written(ax)
    blue, vermilion = (to_hex(c) for c in (graph.VALUE_COLOR, graph.GRAD_COLOR))
    assert blue != vermilion
    assert texts["s = 6"] == texts["z = 4"] == blue
    assert texts["12"] == texts["−4"] == vermilion
    assert texts["×"] not in (blue, vermilion)


def test_what_is_not_wanted_is_not_written(ax: Axes) -> None:
    *_, z = square()
    graph.draw(ax, z, values=False, gradients=False)
    assert set(written(ax)) == {"a", "x", "y", "s", "t", "z", "×", "−", "x²"}


def test_the_slopes_stand_on_the_arrows_where_wanted(ax: Axes) -> None:
    *_, z = square()
    graph.draw(ax, z, values=False, gradients=False, slopes=True)
    assert {"3", "2", "1", "−1", "4"} <= set(written(ax))


def test_a_constant_without_a_name_shows_its_value_once(ax: Axes) -> None:
    graph.draw(ax, Node("z", 0.5, None, "+", (Node(value=7.0), Node("x", -6.5))))
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("7") == 1 and "−6.5" in texts


def crossed(ax: Axes, text: str) -> bool:
    """Whether an arrow of the picture passes through a text."""
    ax.figure.canvas.draw()
    box = next(t for t in ax.texts if t.get_text() == text).get_window_extent()
    lines = [ax.transData.transform_path(line.get_path()) for line in ax.lines]
    return any(line.intersects_bbox(box, filled=False) for line in lines)


def test_a_value_stands_beside_an_arrow_that_passes(ax: Axes) -> None:
    ax.figure.set_size_inches(3, 6)
    others = [Node(op="−", value=1.5, parents=(Node("y"),)) for _ in range(4)]
    graph.draw(ax, Node("z", 0.25, None, "+", (*others, Node(op="×", value=2.5, parents=(Node("x"),)))))
    assert not crossed(ax, "z = 0.25")
    (text,) = (t for t in ax.texts if t.get_text() == "z = 0.25")
    assert text.xyann[0] != 0


def test_where_no_arrow_passes_a_value_stands_above_its_circle(ax: Axes) -> None:
    *_, z = square()
    graph.draw(ax, z)
    assert {t.xyann[0] for t in ax.texts if t.get_text() in ("z = 4", "24", "−4")} == {0}


def test_powers_are_written_as_by_hand(ax: Axes) -> None:
    graph.draw(ax, Node(op="^-1", parents=(Node(op="^2", parents=(Node(op="^0.3", parents=(Node("x"),)),)),)))
    assert {"1/x", "x²", "^0.3"} <= set(written(ax))


def test_a_picture_says_where_its_nodes_lie(ax: Axes) -> None:
    *inputs, z = square()
    places = graph.draw(ax, z)
    assert set(places) == {*inputs, z} and len(ax.collections[0].get_offsets()) == 6


def test_a_long_chain_can_be_laid_out() -> None:
    node = Node("x")
    for _ in range(1500):
        node = Node(parents=(node,))
    places = graph.layout(graph.as_digraph(node)).places
    across = sorted(x for x, _ in places.values())
    assert len(across) == 1501 and all(a < b for a, b in itertools.pairwise(across))


def test_networkx_is_imported_only_when_something_is_drawn() -> None:
    code = "import sys, byhand.graph; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
