"""Figures of one look, readable in colour and without."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from byhand import datasets, plots

X, T = datasets.two_d("circles")


def disc(X: np.ndarray) -> np.ndarray:
    return (((X**2).sum(axis=1, keepdims=True)) < 2.5).astype(float)


@pytest.fixture
def ax() -> Iterator[Axes]:
    figure, axes = plt.subplots()
    yield axes
    figure.canvas.draw()
    plt.close(figure)


def test_importing_the_module_applies_the_style() -> None:
    assert [c["color"] for c in plt.rcParams["axes.prop_cycle"]] == plots.COLORS
    assert plt.rcParams["figure.dpi"] <= 100 and plt.rcParams["font.size"] >= 11


@pytest.mark.parametrize("targets", [T, T.ravel(), np.hstack([1 - T, T])])
def test_classes_differ_in_marker_and_in_colour(ax: Axes, targets: np.ndarray) -> None:
    plots.points_2d(ax, X, targets)
    clouds = ax.collections
    assert [len(c.get_offsets()) for c in clouds] == [150, 150]
    assert np.array_equal(clouds[1].get_offsets(), X[T[:, 0] == 1])
    assert not np.array_equal(clouds[0].get_facecolor(), clouds[1].get_facecolor())
    assert not np.array_equal(clouds[0].get_paths()[0].vertices, clouds[1].get_paths()[0].vertices)


def test_axes_are_labelled_unless_they_were(ax: Axes) -> None:
    ax.set_xlabel("width in cm")
    plots.points_2d(ax, X, T)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("width in cm", "input B")


def test_a_decision_surface_shows_the_line_at_one_half_and_every_point(ax: Axes) -> None:
    plots.decision_surface(ax, disc, X, T)
    low, high = ax.get_xlim()
    assert low < X[:, 0].min() and high > X[:, 0].max()
    line = next(c for c in ax.collections if list(getattr(c, "levels", [])) == [0.5])
    np.testing.assert_allclose(np.hypot(*line.get_paths()[0].vertices.T), np.sqrt(2.5), atol=0.05)


@pytest.mark.filterwarnings("error")
def test_a_surface_without_a_border_is_drawn_too(ax: Axes) -> None:
    plots.decision_surface(ax, lambda X: np.full((len(X), 1), 0.25), X, T)
    assert not any(list(getattr(c, "levels", [])) == [0.5] for c in ax.collections)


def test_points_of_a_surface_in_3d_stand_at_0_and_1() -> None:
    figure, ax = plt.subplots(subplot_kw={"projection": "3d"})
    plots.surface_3d(disc, X, T, ax)
    heights = [np.unique(c._offsets3d[2]).tolist() for c in ax.collections if hasattr(c, "_offsets3d")]
    assert heights == [[0], [1]]
    assert ax.get_zlabel() == "probability of class 1"
    figure.canvas.draw()
    plt.close(figure)


def test_a_surface_in_3d_wants_such_axes(ax: Axes) -> None:
    with pytest.raises(ValueError, match="projection"):
        plots.surface_3d(disc, X, T, ax)


def test_loss_curves_begin_at_epoch_1_and_differ_in_dashes(ax: Axes) -> None:
    plots.loss_curve(ax, [3.0, 2.0, 1.0], "slow")
    plots.loss_curve(ax, iter([2.0, 1.0]), "fast")
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3] and ax.lines[1].get_ydata().tolist() == [2, 1]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["slow", "fast"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "mean loss")


@pytest.mark.parametrize(
    ("points", "targets", "message"),
    [(X.T, T, r"shape \(N, 2\)"), (X, T[:-1], "300 points but 299 targets"), (X[:, 0], T, r"shape \(N, 2\)")],
)
def test_shapes_that_do_not_fit_are_named(ax: Axes, points: np.ndarray, targets: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.points_2d(ax, points, targets)


def test_a_prediction_of_the_wrong_shape_is_named(ax: Axes) -> None:
    with pytest.raises(ValueError, match=r"predict gave shape \(14400, 2\)"):
        plots.decision_surface(ax, lambda X: X, X, T)
