"""Raw cells, which nbconvert copies into a page as they are.

place: file
"""

from nbformat.v4 import new_raw_cell


def change(notebook):
    for kind in ("text/html", "text/markdown", "", None):
        metadata = {} if kind is None else {"raw_mimetype": kind, "format": kind}
        notebook.cells.insert(
            3,
            new_raw_cell(
                "<script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>", metadata=metadata
            ),
        )
