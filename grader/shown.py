"""What of a submission is safe to be looked at in a browser.

nbgrader's pages render a learner's Markdown with everything that HTML can do, in the instructor's
own session. So before a notebook is written to ``autograded/`` all of it that could become markup
is made plain. Mathematics, emphasis, lists, tables, code, attached pictures, and links to the web
stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from nbformat import NotebookNode, from_dict

from grader.assignment import KERNEL, Assignment
from grader.reading import metadata, pictures
from grader.sandbox.answers import text

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
ATTACHED = re.compile(r"(!\[[^][<>\\]*\]\(attachment:([\w][\w.-]{0,100})\))")
PICTURE = re.compile(r"!(?=\[)")
LINK = re.compile(r"\](?=\(\s*(?!https?://|#|\s))", re.IGNORECASE)
DEFINITION = re.compile(r"^([ >]*\[[^][]*\])(?=:\s*(?!https?://|\s))", re.MULTILINE | re.IGNORECASE)
TEX = re.compile(r"\\(?=(?:href|url|style|class|cssId|require|html\w*)\b)", re.IGNORECASE)


def plain(markdown: str, attached: Collection[str] = ()) -> str:
    """Markdown without HTML, pictures other than those attached, and links to anything but the web.

    What is taken apart stays readable: a tag, for instance, gets a blank behind its ``<``, and a link
    one between its two halves.
    """
    markdown = text(markdown)
    parts, at = [], 0
    for found in ATTACHED.finditer(markdown):
        if found[2] in attached:
            parts += [_plain(markdown[at : found.start()]), found[0]]
            at = found.end()
    return "".join([*parts, _plain(markdown[at:])])


def _plain(markdown: str) -> str:
    for pattern, broken in (
        (MARKUP, "< "),
        (PICTURE, "! "),
        (LINK, "] "),
        (DEFINITION, r"\1 "),
        (TEX, r"\\ "),
    ):
        markdown = pattern.sub(broken, markdown)
    return markdown


def harmless(notebook: NotebookNode, assignment: Assignment) -> None:
    """Make a marked notebook safe to be shown, in place.

    Its outputs came from the sandbox and are safe already; texts of the assignment itself stay as they are.
    """
    ours = {c.source for c in assignment.notebook.cells if c.cell_type == "markdown"}
    notebook.metadata = from_dict(KERNEL)
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "raw":
            cell.cell_type = "markdown"
        attached = pictures(cell.get("attachments")) if cell.cell_type != "code" else {}
        if cell.source not in ours:
            cell.source = text(cell.source) if cell.cell_type == "code" else plain(cell.source, attached)
        if not IDENTIFIER.fullmatch(str(cell.get("id", ""))):
            cell["id"] = f"cell-{number}"
        cell.metadata = from_dict(metadata(cell.metadata))
        cell.pop("attachments", None)
        if attached:
            cell["attachments"] = from_dict(attached)
