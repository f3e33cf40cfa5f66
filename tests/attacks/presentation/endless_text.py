"""A text cell that takes a Markdown reader very long: deep nesting, open brackets, stars without an end.

place: file
"""

from nbformat.v4 import new_markdown_cell


def change(notebook):
    for text in ("[" * 4000, "*a_" * 3000, "> " * 800 + "x", "![" * 3000, "`" * 5001 + "a", "$" * 5001, "<" * 20000):
        notebook.cells.insert(3, new_markdown_cell(text))
