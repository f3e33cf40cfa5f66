"""Characters that turn the direction of writing or are not seen, so that a page reads otherwise than the code.

place: file
"""

from nbformat.v4 import new_code_cell, new_markdown_cell

TURNED = "\u202estniop lla\u202c \u2066x\u2069 \u200f\u061c \ufeff"


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(f"marks: {TURNED}"))
    notebook.cells.insert(
        3, new_code_cell(f"# {TURNED}\nprint({TURNED!r})\ndef answer(*given):\n    return {TURNED!r}")
    )
