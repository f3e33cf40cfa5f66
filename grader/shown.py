"""What of a submission is safe to be looked at in a browser.

nbgrader's pages render a learner's Markdown with everything that HTML can do, in the instructor's
own session. So before a notebook is written to ``autograded/`` all of it that could become markup
is made plain. Mathematics, emphasis, lists, tables, code, attached pictures, and links to the web
stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from nbformat import NotebookNode, from_dict

from grader.assignment import KERNEL, Assignment
from grader.sandbox.answers import text

PICTURES = {"image/png", "image/jpeg", "image/gif"}
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
FILE = re.compile(r"[\w][\w.-]{0,100}")
MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
ATTACHED = re.compile(r"(!\[[^][<>\\]*\]\(attachment:([\w][\w.-]{0,100})\))")
PICTURE = re.compile(r"!(?=\[)")
LINK = re.compile(r"\](?=\(\s*(?!https?://|#|\s))", re.IGNORECASE)
DEFINITION = re.compile(r"^([ >]*\[[^][]*\])(?=:\s*(?!https?://|\s))", re.MULTILINE | re.IGNORECASE)
TEX = re.compile(r"\\(?=(?:href|url|style|class|cssId|require|html\w*)\b)", re.IGNORECASE)


def plain(markdown: str, pictures: Collection[str] = ()) -> str:
    """Markdown without HTML, pictures other than those attached, and links to anything but the web.

    What is taken apart stays readable: a tag, for instance, gets a blank behind its ``<``, and a link
    one between its two halves.
    """
    markdown = text(markdown)
    parts, at = [], 0
    for found in ATTACHED.finditer(markdown):
        if found[2] in pictures:
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
        pictures = _pictures(cell.get("attachments")) if cell.cell_type != "code" else {}
        if cell.source not in ours:
            cell.source = text(cell.source) if cell.cell_type == "code" else plain(cell.source, pictures)
        if not IDENTIFIER.fullmatch(str(cell.get("id", ""))):
            cell["id"] = f"cell-{number}"
        tags = [tag for tag in cell.metadata.get("tags", ()) if tag == "experiment"]
        kept = {"nbgrader": cell.metadata["nbgrader"]} if "nbgrader" in cell.metadata else {}
        cell.metadata = from_dict(kept | ({"tags": tags} if tags else {}))
        cell.pop("attachments", None)
        if pictures:
            cell["attachments"] = from_dict(pictures)


def _pictures(attachments: Any) -> dict[str, dict[str, str]]:
    found = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        data = {k: v for k, v in bundle.items() if k in PICTURES and isinstance(v, str) and BASE64.fullmatch(v)}
        if FILE.fullmatch(name) and data:
            found[name] = data
    return found
