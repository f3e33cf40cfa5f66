"""Attachments that are no pictures, and names and types of them that are markup.

place: file
"""

from nbformat.v4 import new_markdown_cell

BREAK = 'x" onerror="window.pwned=1'
DRAWING = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0id2luZG93LnB3bmVkPTEiLz4="


def change(notebook):
    cell = new_markdown_cell(
        f"![a](attachment:a.svg) ![b](attachment:{BREAK}) ![c](attachment:c.png) ![d](attachment:d.png)"
    )
    cell["attachments"] = {
        "a.svg": {"image/svg+xml": DRAWING},
        BREAK: {"image/png": "AAAA"},
        "c.png": {BREAK: "AAAA"},
        "d.png": {"image/png": 'AAAA" onerror="window.pwned=1'},
    }
    notebook.cells.insert(3, cell)
