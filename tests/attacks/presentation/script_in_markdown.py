"""A script in a text cell, in several spellings.

place: file
"""

from nbformat.v4 import new_markdown_cell

TEXT = r"""
<script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>
<SCRIPT SRC=http://127.0.0.1:@PORT@/x.js></SCRIPT>
<scr<script>ipt>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</scr</script>ipt>
<script type="module">window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>

`<script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>` and a paragraph

    <script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>

> <script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>

- <script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>
"""


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(TEXT))
