"""A picture in SVG with a script, written into a text cell, linked, and as a data address.

place: file
"""

from nbformat.v4 import new_markdown_cell

TEXT = r"""
<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)"><script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>
<animate onbegin="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)" attributeName="x" dur="1s"/><foreignObject><iframe srcdoc="<script>parent.pwned=1</script>"></iframe></foreignObject></svg>

<math><mtext><table><mglyph><style><img src=x onerror="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)"></style></mglyph></table></mtext></math>

<object data="data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0icGFyZW50LnB3bmVkPTEiLz4="></object>
<embed src="data:text/html,<script>parent.pwned=1</script>">
"""


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(TEXT))
