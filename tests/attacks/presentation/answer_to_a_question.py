"""The answer to a question that a person marks holds a script, and its cell hostile metadata.

place: file
"""


def change(notebook):
    for cell in notebook.cells:
        entry = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and entry.get("solution"):
            cell.source = "Because.\n\n<script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script>\n<img src=x onerror='window.pwned=1'>"
            entry |= {"points": "<script>window.pwned = 1</script>", "grade_id": entry["grade_id"]}
