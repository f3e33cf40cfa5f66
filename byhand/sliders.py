"""A slider that redraws a figure while it is moved, and a still figure where nobody can move it."""

from __future__ import annotations

import importlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

from byhand.progress import is_live, shell_of_kernel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Draw = Callable[["Axes", Any], object]

STILL = (12.0, 3.8)
"""Width and height of the still figure, in inches."""


def slider(
    draw: Draw,
    name: str,
    values: Sequence[float],
    *,
    shown: Sequence[float],
    start: float | None = None,
    size: tuple[float, float] = (6.4, 4.4),
) -> None:
    """Show a figure and, above it, a slider that draws it again while it is moved.

    That is so where ipywidgets can be imported and somebody is watching, by `byhand.progress.is_live`,
    in a front-end of Jupyter. Elsewhere the settings in `shown` are drawn side by side: in a terminal,
    and in what `grader build`, nbval, nbgrader and nbconvert run, where nobody could be asked for input.
    ``BYHAND_QUIET``, set to anything, asks for the still figure in JupyterLab, too. A saved notebook
    holds it beside the slider, for readers without widgets.

    Parameters
    ----------
    draw : callable
        ``draw(ax, value)`` draws one setting. It sets the limits of the axes, so that they stand still
        when the slider moves, and may replace the title, "`name` = value". Whatever has a label is
        listed below the figure. It is called long after its cell has ended: what later cells define
        anew has to be an argument with a default.
    name : str
        What is moved, such as ``"learning rate λ"``.
    values : sequence of float
        Where the slider stops.
    shown : sequence of float
        The settings of the still figure, two to five.
    start : float, optional
        The first setting, one of `values`; without it the first of them.
    size : tuple of float
        Width and height of the figure under the slider, in inches.

    Raises
    ------
    ValueError
        If `start` is not among `values`.
    Exception
        Whatever `draw` raises at the first setting or in the still figure. Later on it takes the place
        of the figure, in one sentence, until the slider is moved to a setting that can be drawn.
    """
    start = values[0] if start is None else start
    if start not in values:
        raise ValueError(f"start is {start:g}, where the slider does not stop: it has to be one of values")
    widgets = _widgets()
    if widgets is None:
        figure = plt.figure(figsize=STILL, layout="constrained")
        try:
            _draw(figure, draw, name, shown)
            plt.show()
        finally:
            plt.close(figure)
        return
    box = _box(widgets, draw, name, values, start, size)
    still = Figure(figsize=STILL, layout="constrained")
    _draw(still, draw, name, shown)
    display({**box._repr_mimebundle_(), "image/png": _png(still)}, raw=True)


def _widgets() -> Any:
    """ipywidgets, or None where it is missing or nobody could use it."""
    if not is_live() or shell_of_kernel() is None:
        return None
    try:
        return importlib.import_module("ipywidgets")
    except ImportError:
        return None


def _box(widgets: Any, draw: Draw, name: str, values: Sequence[float], start: float, size: tuple[float, float]) -> Any:
    """A list of the settings and a slider, side by side, and the figure below.

    A screen reader is not told the name of a slider of ipywidgets, and hears 3 for its third stop. The
    list is read out with its name and the setting itself; the two move together.

    A front-end sends the next setting when the one before has been drawn, and then only the latest, so
    a slow figure never lags by more than one. JupyterLab has settings drawn in a thread of their own
    while a cell runs, so these figures are none of pyplot's, and there is nothing to close.
    """

    def picture(value: float) -> str:
        figure = Figure(figsize=size, layout="constrained")
        _draw(figure, draw, name, [value])
        width, height = (round(inches * figure.dpi) for inches in size)
        title = escape(figure.axes[0].get_title().replace("\n", ": "))
        return (
            f'<img alt="{title}" width="{width}" height="{height}" style="max-width: 100%; height: auto" '
            f'decoding="sync" src="data:image/png;base64,{_png(figure)}">'
        )

    def redraw(change: Any) -> None:
        try:
            below.value = picture(change.new)
        except Exception as error:
            reason = ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
            below.value = escape(f"At {name} = {change.new:g} the figure cannot be drawn: {reason}")

    below = widgets.HTML(picture(start))
    options = [(f"{value:g}", value) for value in values]
    listed = widgets.Dropdown(
        options=options,
        value=start,
        description=name,
        style={"description_width": "initial"},
        layout={"width": "max-content"},
    )
    handle = widgets.SelectionSlider(options=options, value=start, readout=False, layout={"width": "20em"})
    widgets.jslink((listed, "index"), (handle, "index"))
    handle.observe(redraw, "value")
    return widgets.VBox([widgets.HBox([listed, handle]), below])


def _draw(figure: Figure, draw: Draw, name: str, values: Sequence[float]) -> None:
    """One panel for each value, and one legend below all."""
    panels = figure.subplots(1, len(values), squeeze=False)[0]
    for ax, value in zip(panels, values, strict=True):
        ax.set_title(f"{name} = {value:g}")
        draw(ax, value)
        ax.label_outer()
        if legend := ax.get_legend():
            legend.remove()
    handles, labels = panels[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=len(handles))


def _png(figure: Figure) -> str:
    """A picture of a figure, in base64."""
    file = BytesIO()
    figure.savefig(file, format="png")
    return b64encode(file.getvalue()).decode()
