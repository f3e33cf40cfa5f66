"""What has to be true of the pages before anyone sees them."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat

from grader.assignment import grade_id, load
from grader.build import solution_lines

ADDRESS = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
"""Where a style sheet has something from."""
WORDS = 40
"""A line of a model answer that is longer than this cannot be there by chance."""


class _Page(HTMLParser):
    """The names of places in a page, and every address in it as (tag, address)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.addresses: list[tuple[str, str]] = []
        self.images_without_words = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        for name in ("href", "src", "poster", "data", "action"):
            if given.get(name):
                self.addresses.append((tag, given[name]))
        self.addresses += [(tag, part.split()[0]) for part in given.get("srcset", "").split(",") if part.strip()]
        self.addresses += [("style", a or b) for a, b in ADDRESS.findall(given.get("style", ""))]
        self.images_without_words += tag == "img" and not given.get("alt")


def pages(folder: Path) -> list[str]:
    """Links and pictures that lead nowhere, pictures without words, and what is loaded from elsewhere.

    Pictures that no page shows are removed: they are left from earlier builds.
    """
    read = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    faults: list[str] = []
    reached: set[Path] = set()
    for path, page in read.items():
        name = path.relative_to(folder)
        if page.images_without_words:
            faults.append(f"{name}: {page.images_without_words} pictures without a text in their place")
        for tag, address in dict.fromkeys(page.addresses):
            parts = urlsplit(address)
            if parts.scheme == "data" or (tag == "a" and parts.scheme in ("http", "https", "mailto")):
                continue
            if parts.scheme or parts.netloc:
                faults.append(f"{name}: <{tag}> loads {address}")
                continue
            to = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            reached.add(to)
            if not to.is_file() or folder not in to.parents:
                faults.append(f"{name}: {address} leads nowhere")
            elif parts.fragment and to in read and unquote(parts.fragment) not in read[to].places:
                faults.append(f"{name}: {address} leads to no place in {to.name}")
    for path in sorted(folder.rglob("*.css")):
        for found in ADDRESS.findall(path.read_text(encoding="utf-8")):
            if re.match(r"(\w+:)?//", address := found[0] or found[1]):
                faults.append(f"{path.relative_to(folder)}: loads {address}")
    for path in (folder / "_images").glob("*"):
        if path not in reached:
            path.unlink()
    return faults


def kept_back(root: Path, names: list[str]) -> set[str]:
    """The lines of solutions and of model answers that learners are not given."""
    lines: set[str] = set()
    for name in names:
        folder = root / "solutions" / name
        lines |= solution_lines(folder)
        for cell in load(folder).notebook.cells:
            if cell.cell_type == "markdown" and grade_id(cell):
                lines |= {line.strip() for line in cell.source.split("\n") if len(line.strip()) > WORDS}
    released = "\n".join(
        cell.source
        for path in sorted((root / "notebooks").glob("*/*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
    )
    return {line for line in map(_plain, lines) if line not in _plain(released)}


def leaks(folder: Path, lines: set[str]) -> list[str]:
    """Where a line stands in any file of a folder, as text or between tags."""
    return [f"{path.relative_to(folder)}: holds {line!r}" for path, line in _leaks(folder, lines)]


def _leaks(folder: Path, lines: set[str]) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".png", ".jpg", ".woff", ".woff2"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        looks = {_plain(text.replace('\\"', '"'))}
        if path.suffix == ".html":
            looks.add(_plain(html.unescape(re.sub(r"<[^>]*>", "", text))))
        yield from ((path, line) for line in sorted(lines) if any(line in look for look in looks))


def _plain(text: str) -> str:
    return " ".join(text.split())
