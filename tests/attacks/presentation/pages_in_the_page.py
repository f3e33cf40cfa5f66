"""Frames, another base for all links, a page that leads away, and a form over the marks.

place: file
"""

from nbformat.v4 import new_markdown_cell

TEXT = r"""
<iframe src="http://127.0.0.1:@PORT@/"></iframe>
<iframe srcdoc="<script>parent.pwned = 1; parent.alert(1)</script>"></iframe>
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:@PORT@/">
<base href="http://127.0.0.1:@PORT@/">
<div style="position:fixed;inset:0;background:white;z-index:9999">all points</div>
<template shadowrootmode="open"><script>window.pwned = 1</script></template>
</div></div></body></html><html><body><script>window.pwned = 1</script>
"""


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(TEXT))
