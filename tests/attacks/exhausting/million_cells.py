"""The notebook has a million cells more.

deserves: all=0
place: file
stock: no
"""


def change(notebook):
    cell = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"] += [cell] * 1_000_000
