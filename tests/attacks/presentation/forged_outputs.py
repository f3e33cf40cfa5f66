"""Outputs of every kind, forged in the file that is handed in.

place: file
"""

from nbformat.v4 import new_output

PAGE = "<script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script><img src='http://127.0.0.1:@PORT@/x.png'>"
KINDS = (
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "application/javascript",
    "text/latex",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.plotly.v1+json",
    "application/json",
)


def change(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", {kind: PAGE}) for kind in KINDS]
            cell.outputs += [
                new_output("stream", text=PAGE),
                new_output("error", ename=PAGE, evalue=PAGE, traceback=[PAGE]),
            ]
