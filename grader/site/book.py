"""The pages that are there already as notebooks or documents, and the start page."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from byhand import cases
from byhand.compare import Wanted
from grader.assignment import Assignment, entries, grade_id, load, strip_markers, stub_of
from grader.course import CourseError
from grader.site import Sources

DOCUMENTS = {
    "docs/student.md": False,
    "docs/instructor.md": True,
    "docs/scale.md": True,
    "docs/performance.md": True,
    "SECURITY.md": True,
    "CONTRIBUTING.md": True,
}
"""Documents of the repository, and whether they are for instructors only."""
LIVE = {"application/vnd.jupyter.widget-view+json", "application/javascript"}
"""Kinds of output that need a kernel, or run something."""
QUESTION = "*Your answer goes here. A person reads it.*"


@dataclass(frozen=True)
class Chapter:
    """An assignment with its executed notebook."""

    assignment: Assignment
    notebook: NotebookNode
    folder: Path

    @classmethod
    def load(cls, root: Path, name: str) -> Chapter:
        """Read the solution of an assignment.

        Raises
        ------
        CourseError
            If its notebook was not built, or is older than its text.
        """
        folder = root / "solutions" / name
        assignment = load(folder)
        path = folder / f"{name}.ipynb"
        if not path.exists():
            raise CourseError(f"{name} is not built: run 'grader build {name}' first.")
        built = nbformat.read(path, as_version=4)
        if [c.source for c in built.cells] != [c.source for c in assignment.notebook.cells]:
            raise CourseError(f"{path.name} is older than its text: run 'grader build {name}' first.")
        return cls(assignment, built, folder)

    @property
    def name(self) -> str:
        return self.assignment.name

    @property
    def number(self) -> str:
        return self.name[:2]

    @property
    def title(self) -> str:
        return f"{self.number} {entries()[self.name]['title']}"

    @cached_property
    def public(self) -> dict[str, Wanted]:
        """For each exercise the public cases, with what each misconception gives on them."""
        return cases.read(self.folder / "checks.json")[1]

    def before(self, exercise: str) -> str:
        """The text between the check before a gap and the gap."""
        text: list[str] = []
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown":
                text.append(cell.source)
            elif grade_id(cell) == exercise:
                break
            elif grade_id(cell).endswith("-check"):
                text = []
        return "\n\n".join(text)

    def section(self, exercise: str) -> str:
        """The heading under which a gap stands."""
        heading = ""
        for cell in self.notebook.cells:
            if grade_id(cell) == exercise:
                break
            if cell.cell_type == "markdown":
                heading = (re.findall(r"^##+ (.*)", cell.source, re.M) or [heading])[-1]
        return heading

    def idea(self, exercise: str) -> str:
        """The first hint under an exercise's check, which says what is meant and not how it is written."""
        cells = iter(self.notebook.cells)
        for cell in cells:
            if grade_id(cell) == f"{exercise}-check":
                hint = re.match(r"\s*<details>\s*<summary>.*?</summary>(.*?)</details>", next(cells).source, re.S)
                return hint[1].strip() if hint else ""
        return ""


def notebook(chapter: Chapter, full: bool) -> str:
    """The notebook of a page: without answers, except in full, and with a way to the mistakes under each check."""
    cells: list[NotebookNode] = []
    given = chapter.notebook.cells
    for cell, following in zip(given, [*given[1:], None], strict=True):
        name = grade_id(cell)
        graded = cell.metadata.get("nbgrader", {})
        new = nbformat.from_dict({**cell, "metadata": {}})
        if cell.cell_type == "markdown":
            if graded.get("solution"):
                new.source = f"**Model answer.** {cell.source}" if full else QUESTION
            cells.append(new)
            continue
        if graded.get("solution"):
            cells.append(_text(f"({gap_target(chapter, name)})="))
            new.source = strip_markers(cell.source) if full else stub_of(cell.source)
            new.metadata["tags"] = ["gap"]
        new.outputs = [output for o in cell.outputs if (output := _still(o)) is not None]
        new.metadata["mystnb"] = {"image": {"alt": _seen(following)}}
        cells.append(new)
        if name.endswith("-check"):
            exercise = name.removesuffix("-check")
            count = len(chapter.public[exercise].known)
            cells.append(_text(f"[{count} typical mistakes](#{mistakes_target(chapter, exercise)})"))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:03d}"
    page = {**chapter.notebook, "metadata": {**chapter.notebook.metadata}, "cells": cells}
    page["metadata"].pop("widgets", None)
    return json.dumps(page, ensure_ascii=False, indent=1, sort_keys=True)


def gap_target(chapter: Chapter, exercise: str) -> str:
    return f"gap-{chapter.number}-{exercise}"


def mistakes_target(chapter: Chapter, exercise: str) -> str:
    return f"mistakes-{chapter.number}-{exercise}"


def _text(source: str) -> NotebookNode:
    return NotebookNode(cell_type="markdown", metadata=NotebookNode(), source=source)


def _still(output: NotebookNode) -> NotebookNode | None:
    """An output without what needs a kernel; None if nothing to look at remains."""
    if "data" not in output or not LIVE & set(output.data):
        return output
    data = {kind: value for kind, value in output.data.items() if kind not in LIVE}
    return NotebookNode({**output, "data": data}) if set(data) - {"text/plain"} else None


def _seen(following: NotebookNode | None) -> str:
    """What a figure shows, from the sentence under it."""
    text = " ".join(re.sub(r"[$`*\\]", "", following.source).split()) if following else ""
    found = re.search(r"What to see[^:.]*[:.] (.*?\.)(?: |$)", text)
    return found[1][:1].upper() + found[1][1:] if found else "A figure drawn by the cell above."


def write_documents(sources: Sources, root: Path, full: bool) -> None:
    """Copy the repository's documents, where there are any, with their pictures."""
    present = [name for name, instructors in DOCUMENTS.items() if (full or not instructors) and (root / name).exists()]
    for name in present:
        text = (root / name).read_text(encoding="utf-8")
        sources.write(name, _linked(text, name, root, sources, present))


LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
IMAGE = re.compile(r'(<img [^>]*src=")([^":]+)(")')


def _linked(text: str, name: str, root: Path, sources: Sources, present: Sequence[str]) -> str:
    """Links to files that are not in the site become plain text; pictures are copied."""

    def place(address: str) -> str:
        return os.path.normpath(Path(name).parent / address.partition("#")[0])

    def copy(address: str) -> None:
        picture = root / place(address)
        if not picture.is_file():
            raise CourseError(f"{name} shows {address}, which is not there.")
        sources.write(place(address), picture.read_bytes())

    def link(match: re.Match[str]) -> str:
        picture, words, address = match.groups()
        if address.startswith("#") or ":" in address:
            return match[0]
        if picture:
            copy(address)
            return match[0]
        return match[0] if place(address) in present else words

    def image(match: re.Match[str]) -> str:
        copy(match[2])
        return match[0]

    parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    return "".join(part if part.startswith("```") else IMAGE.sub(image, LINK.sub(link, part)) for part in parts)


def start(sources: Sources, root: Path, chapters: Sequence[Chapter]) -> str:
    """The start page: the words and pictures of the README, and ways to everything else."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    opening = re.search(r"^# .*?\n\n(.*?)(?=^\||^## )", readme, re.M | re.S)
    words = _linked(opening[1], "README.md", root, sources, []) if opening else ""
    rows = {
        number: cells
        for number, *cells in re.findall(
            r'^\| *<img src="docs/map/(\d\d)\.png"[^>]*alt="([^"]*)"[^>]*> *\|[^|]*\|([^|]*)\|([^|]*)\|', readme, re.M
        )
    }
    cards = []
    for chapter in chapters:
        alt, builds, sees = rows.get(chapter.number, ("", "", ""))
        picture = root / "docs" / "map" / f"{chapter.number}.png"
        card = [f"**[{chapter.title}](notebooks/{chapter.name}.ipynb)**"]
        if picture.exists():
            sources.write(f"docs/map/{picture.name}", picture.read_bytes())
            card.insert(0, f'<img src="docs/map/{picture.name}" alt="{escape(alt) or chapter.title}">')
        if builds:
            card += [f"You build {builds.strip()}.", f"You see {sees.strip()}."]
        cards.append('<div class="card">\n\n' + "\n\n".join(card) + "\n\n</div>")
    documents = [name for name in DOCUMENTS if sources.has(name)]
    modules = sorted(str(path.relative_to(sources.folder)) for path in sources.names if path.parent.name == "reference")
    return "\n\n".join(
        [
            "# Neural networks by hand",
            words,
            "## The notebooks",
            '<div class="map">',
            *cards,
            "</div>",
            "## Also here",
            "- [Typical mistakes](mistakes/index.md): what they do to the numbers, and the question that leads out",
            "- [Reference](reference/index.md): every function and class, with its formulas",
            *(f"- [](/{name})" for name in documents),
            _toctree("Notebooks", [f"notebooks/{c.name}.ipynb" for c in chapters]),
            _toctree(
                "Typical mistakes",
                ["All of them <mistakes/index.md>", *(f"{c.title} <mistakes/{c.name}.md>" for c in chapters)],
            ),
            _toctree(
                "Reference", ["All modules <reference/index.md>", *(m for m in modules if m != "reference/index.md")]
            ),
            _toctree("About", documents) if documents else "",
        ]
    )


def _toctree(caption: str, names: Sequence[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```"])
