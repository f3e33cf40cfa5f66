"""One look for all figures of the course.

Importing this module applies the style. Classes differ in marker as well as in colour,
and the colours are those of Okabe and Ito (2008), which people with any of the common
colour-vision deficiencies can tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.rcsetup import cycler
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]
Predict = Callable[[FloatArray], ArrayLike]

COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
"""The Okabe-Ito palette: blue, vermilion, green, purple, orange, sky blue, black, yellow."""

CLASS_COLORS = COLORS[:2]
"""Class 0 is blue, class 1 vermilion, in every figure of the course."""

MARKERS = ["o", "^", "s", "D", "v", "P", "X", "*"]
"""One marker per class, in step with `COLORS`."""

SURFACE = LinearSegmentedColormap.from_list("byhand_surface", [CLASS_COLORS[0], "#FFFFFF", CLASS_COLORS[1]])
"""From sure of class 0 over undecided (white) to sure of class 1."""


def style() -> None:
    """Apply the course's style to all figures drawn from now on."""
    mpl.rcParams.update(
        {
            "figure.figsize": (6.4, 4.0),
            "figure.dpi": 80,
            "savefig.dpi": 80,
            "figure.constrained_layout.use": True,
            "font.size": 12,
            "axes.titlesize": 13,
            "axes.labelsize": 12,
            "xtick.labelsize": 11,
            "ytick.labelsize": 11,
            "legend.fontsize": 11,
            "legend.frameon": False,
            "axes.prop_cycle": cycler("color", COLORS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#DDDDDD",
            "grid.linewidth": 0.8,
            "lines.linewidth": 2.0,
            "lines.markersize": 6.0,
            "image.cmap": "viridis",
            "image.interpolation": "nearest",
        }
    )


def _labels(t: ArrayLike, count: int) -> NDArray[np.int64]:
    """Class numbers (N,) of targets (N,), (N, 1) or one-hot (N, K)."""
    targets = np.asarray(t)
    if targets.ndim == 2 and targets.shape[1] > 1:
        targets = targets.argmax(axis=1)
    if targets.size != count:
        raise ValueError(f"{count} points but {targets.size} targets")
    return targets.reshape(-1).astype(np.int64)


def _points(X: ArrayLike) -> FloatArray:
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"X has to have shape (N, 2), not {points.shape}")
    return points


def _look(label: int) -> dict[str, Any]:
    return {
        "color": COLORS[label % len(COLORS)],
        "marker": MARKERS[label % len(MARKERS)],
        "edgecolors": "white",
        "linewidths": 0.6,
        "s": 36,
        "label": f"class {label}",
    }


def _default_labels(ax: Axes, x: str, y: str) -> None:
    """Label the axes unless somebody has."""
    if not ax.get_xlabel():
        ax.set_xlabel(x)
    if not ax.get_ylabel():
        ax.set_ylabel(y)


def points_2d(ax: Axes, X: ArrayLike, t: ArrayLike) -> None:
    """Draw points in the plane, one colour and one marker per class, with a legend.

    Parameters
    ----------
    ax : matplotlib Axes
    X : array_like, shape=(N, 2)
    t : array_like, shape=(N,), (N, 1) or one-hot (N, K)
        Class numbers, or one-hot rows.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    points = _points(X)
    labels = _labels(t, len(points))
    for label in np.unique(labels):
        ax.scatter(*points[labels == label].T, zorder=3, **_look(int(label)))
    ax.set_aspect("equal", adjustable="datalim")
    _default_labels(ax, "input A", "input B")
    ax.legend(loc="best", frameon=True, framealpha=0.9, edgecolor="none", handletextpad=0.2)


def _grid(points: FloatArray, steps: int) -> tuple[FloatArray, FloatArray]:
    """A grid of `steps` by `steps` points around the data, with a margin of a tenth."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.1 * np.maximum(high - low, 1e-9)
    a, b = np.meshgrid(*(np.linspace(low[i] - margin[i], high[i] + margin[i], steps) for i in (0, 1)))
    return a, b


def _heights(predict: Predict, a: FloatArray, b: FloatArray) -> FloatArray:
    """``predict`` at every point of the grid."""
    heights = np.asarray(predict(np.column_stack([a.ravel(), b.ravel()])), dtype=np.float64)
    if heights.size != a.size:
        raise ValueError(f"predict gave shape {heights.shape} for {a.size} points; expected ({a.size}, 1)")
    return heights.reshape(a.shape)


def decision_surface(ax: Axes, predict: Predict, X: ArrayLike, t: ArrayLike) -> None:
    """Colour the plane by predicted probability, with the line at 0.5 and the points on top.

    Parameters
    ----------
    ax : matplotlib Axes
    predict : callable
        ``predict(X)`` is the probability of class 1, (M, 2) to (M, 1).
    X : array_like, shape=(N, 2)
    t : array_like, shape=(N, 1)
        0 or 1.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    points = _points(X)
    a, b = _grid(points, 120)
    p = _heights(predict, a, b)
    ax.contourf(a, b, p, levels=np.linspace(0, 1, 11), cmap=SURFACE, alpha=0.45, zorder=1, extend="both")
    if p.min() < 0.5 < p.max():
        ax.contour(a, b, p, levels=[0.5], colors="black", linewidths=1.5, zorder=2)
    points_2d(ax, points, t)
    ax.set(xlim=(a.min(), a.max()), ylim=(b.min(), b.max()))
    ax.set_aspect("equal", adjustable="box")
    ax.grid(False)


def surface_3d(predict: Predict, X: ArrayLike, t: ArrayLike, ax: Any) -> None:
    """The predicted probability as a surface over the plane, the points at height 0 or 1.

    Parameters
    ----------
    predict : callable
        ``predict(X)`` is the probability of class 1, (M, 2) to (M, 1).
    X : array_like, shape=(N, 2)
    t : array_like, shape=(N, 1)
        0 or 1.
    ax : Axes3D
        From ``plt.subplots(subplot_kw={"projection": "3d"})``.

    Raises
    ------
    ValueError
        If the shapes do not fit or `ax` is not three-dimensional.
    """
    if not hasattr(ax, "plot_surface"):
        raise ValueError('surface_3d needs axes made with subplot_kw={"projection": "3d"}')
    points = _points(X)
    labels = _labels(t, len(points))
    a, b = _grid(points, 40)
    p = _heights(predict, a, b)
    ax.plot_surface(a, b, p, cmap=SURFACE, vmin=0, vmax=1, alpha=0.55, linewidth=0, antialiased=True)
    for label in np.unique(labels):
        chosen = points[labels == label]
        ax.scatter(*chosen.T, np.full(len(chosen), label), depthshade=False, **_look(int(label)))
    ax.set_zlim(0, 1)
    ax.set_box_aspect(None, zoom=0.9)
    ax.set_xlabel("input A")
    ax.set_ylabel("input B")
    ax.set_zlabel("probability of class 1")


def loss_curve(ax: Axes, history: Iterable[float], label: str = "") -> None:
    """Draw one loss per epoch. Call it again on the same axes to compare.

    The first curves of an axes differ in dashes as well as in colour.

    Parameters
    ----------
    ax : matplotlib Axes
    history : iterable of float
        The loss after epoch 1, 2, …
    label : str
        For the legend.
    """
    losses = np.asarray(list(history), dtype=np.float64)
    dashes = next(islice(cycle(["-", "--", "-.", ":"]), len(ax.lines) % 4, None))
    ax.plot(np.arange(1, len(losses) + 1), losses, dashes, label=label or None)
    _default_labels(ax, "epoch", "mean loss")
    if label:
        ax.legend()


style()
