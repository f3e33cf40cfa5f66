"""Mathematics with links, styles, classes and packages in it.

place: file
"""

from nbformat.v4 import new_markdown_cell

TEXT = r"""
$\href{javascript:window.pwned=1}{x}$ and $$\style{position:fixed;background:url(http://127.0.0.1:@PORT@/x.png)}{y}$$
\begin{equation} \class{x}{z} \cssId{notebook}{w} \require{html} \href{javascript:window.pwned=1}{v} \end{equation}
$<img src=x onerror="window.pwned = 1">$ $$ </script><script>window.pwned = 1</script> $$
\\(\href{javascript:window.pwned=1}{x}\\)
"""


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(TEXT))
