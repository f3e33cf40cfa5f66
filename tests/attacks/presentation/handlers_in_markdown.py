"""Handlers of events in a text cell, which run when something loads, fails, opens or gets the focus.

place: file
"""

from nbformat.v4 import new_markdown_cell

TEXT = r"""
<img src=x onerror="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)">
<img/src=x/onerror="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)">
<body onload="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)"></body>
<details open ontoggle="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)"><summary>hint</summary></details>
<input autofocus onfocus="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)">
<video><source onerror="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)"></video>
<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)">x</b>
<marquee onstart="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)">x</marquee>
<a href="#" onmouseover="window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)">here</a>
"""


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(TEXT))
