"""Sphinx's settings for the site. The tag *full* stands for the instructor edition."""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import version as _version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

full = globals()["tags"].has("full")
_mathjax = importlib.util.find_spec("sphinx-mathjax-offline")
assert _mathjax is not None and _mathjax.origin is not None

project = "Neural networks by hand"
version = release = _version("byhand")
html_title = f"{project}, instructor edition" if full else project
author = "the contributors"
copyright = "the contributors. Text and figures under CC BY 4.0, code under the MIT licence"
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
if full:
    extensions.append("sphinx.ext.viewcode")

nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, object] = {}
myst_enable_extensions = ["dollarmath", "html_image"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a hint or a fold may begin with a small heading

napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_type_aliases = {"Array": "Array", "FloatArray": "FloatArray", "ArrayLike": "ArrayLike"}
python_use_unqualified_type_names = True
add_module_names = False

html_theme = "furo"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
mathjax_path = "mathjax/tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}


def _copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Its one file that needs no other."""
    from sphinx.util.fileutil import copy_asset

    if error is None:
        here = Path(str(_mathjax.origin)).parent / "static" / "mathjax" / "tex-svg.js"  # type: ignore[union-attr]
        copy_asset(here, app.outdir / "_static" / "mathjax")


def _bars(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """In docstrings |x| is an absolute value, not a substitution."""
    lines[:] = ["``".join(p if i % 2 else p.replace("|", r"\|") for i, p in enumerate(x.split("``"))) for x in lines]


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-docstring", _bars, priority=100)
    sys.path.insert(0, str(app.srcdir))  # where toolbox/ is
    app.connect("build-finished", _copy_mathjax)
