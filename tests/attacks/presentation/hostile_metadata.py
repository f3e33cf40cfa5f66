"""Metadata of the notebook and its cells, which end up in attributes, titles and scripts of a page.

place: file
"""

from nbformat.v4 import new_code_cell, new_markdown_cell

BREAK = '"><script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>'


def change(notebook):
    notebook.metadata["title"] = "</title>" + BREAK
    notebook.metadata["authors"] = [{"name": BREAK}]
    notebook.metadata["kernelspec"] = {"name": BREAK, "display_name": BREAK, "language": BREAK}
    notebook.metadata["language_info"] = {"name": BREAK, "pygments_lexer": BREAK, "codemirror_mode": BREAK}
    state = {"state": {BREAK: {"model_name": "HTMLModel", "state": {"value": "</script>" + BREAK}}}}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    for cell in (new_markdown_cell("text"), new_code_cell("1 + 1")):
        cell.metadata |= {"tags": [BREAK], "name": BREAK, "magics_language": BREAK, "collapsed": BREAK}
        cell.metadata |= {"slideshow": {"slide_type": BREAK}, "jupyter": {"source_hidden": BREAK}, "class": BREAK}
        cell["id"] = BREAK
        notebook.cells.insert(3, cell)
