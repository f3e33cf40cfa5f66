"""Reading what was handed in, whatever happened to the file on its way.

Of a notebook only what marking rests on is kept: the cells with their type, text, tags, nbgrader's entry and
pictures, and for the class report when they ran last. Outputs, of which there may be hundreds of megabytes, are
skipped without being read as JSON.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode, from_dict

from grader.assignment import KERNEL
from grader.course import CourseError

FILE_MIB = 2048
"""The largest file that is looked at, outputs included."""
TEXT_MIB = 32
"""The largest file without its outputs; also the largest that is not in UTF-8."""
CELLS = 5_000
PARTS = 2_000_000
"""Texts and brackets in a file, those in outputs included."""
CUT_OFF = "it is no JSON, or was cut off"
TOO_MANY = f"it has more than {PARTS} parts"
TYPES = ("code", "markdown", "raw")
PICTURES = ("image/png", "image/jpeg", "image/gif")

STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
TOKEN = re.compile(rb'("outputs"\s*+:\s*+)(?=\[)|' + STRING + rb'|[]"[{}]', re.DOTALL)
BRACKET = re.compile(rb'(?:[^]"[{}]++|' + STRING + rb")*+([][{}])", re.DOTALL)
FILE = re.compile(r"[\w][\w.-]{0,100}")
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*+")


class Unusable(ValueError):
    """Why a file is no notebook, as the end of a sentence."""


def handed_in(path: Path) -> NotebookNode:
    """The notebook that was handed in at ``path``, in the current format and valid.

    Raises
    ------
    CourseError
        With one sentence, if it is missing, no file of its own, or no notebook.
    """
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a link" if stat.S_ISLNK(mode) else "a device or a pipe"
            raise CourseError(f"{path.name} is no file but {kind}")
        for link in _links(path.parent):
            raise CourseError(f"{path.name} cannot be read: {shown(link)} beside it is neither a file nor a folder")
        return _notebook(json.loads(_text(path), strict=False, parse_int=_integer))
    except Unusable as error:
        raise CourseError(f"{path.name} is no notebook: {error}") from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise CourseError(f"{path.name} is no notebook: {CUT_OFF}") from None
    except RecursionError:
        raise CourseError(f"{path.name} is no notebook: its brackets are too deep") from None
    except (FileNotFoundError, NotADirectoryError):
        others = ", ".join(shown(p.name) for p in sorted(path.parent.glob("*"))[:3]) or "nothing"
        raise CourseError(f"{path.name} was not handed in (there is: {others})") from None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read: {type(error).__name__}") from None


def again(notebook: NotebookNode, name: str) -> NotebookNode:
    """A notebook as it would be read once it had been written.

    Raises
    ------
    CourseError
        As `handed_in`.
    """
    try:
        return _notebook(notebook)
    except Unusable as error:
        raise CourseError(f"{name} is no notebook: {error}") from None


class HandedIn(NotebookExporter):
    """Reads notebooks as marking does, so that what nbgrader records is what was judged."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        path = Path(filename)
        resources = ResourcesDict() if resources is None else resources
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        exporter: Any = super()
        found: tuple[NotebookNode, dict[str, Any]] = exporter.from_notebook_node(handed_in(path), resources, **kw)
        return found


def shown(name: str) -> str:
    """A file's name on one line, without anything that a terminal obeys."""
    return "".join(c if c.isprintable() else "?" for c in name)[:80]


def _links(folder: Path) -> Iterator[str]:
    """Links, pipes and devices in a folder: nbgrader copies what they lead to, whosever it is."""
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            mode = os.lstat(os.path.join(where, name)).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                yield name


def _text(path: Path) -> str:
    """A file's text without outputs.

    Raises
    ------
    Unusable
        If it is too large.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise Unusable("it is empty")
        if size > FILE_MIB * 2**20:
            raise Unusable(f"it is larger than {FILE_MIB} MB")
        encoding = json.detect_encoding(file.read(4))
        file.seek(0)
        if not encoding.startswith("utf-8"):
            data = file.read(TEXT_MIB * 2**20 + 1)
            if len(data) > TEXT_MIB * 2**20:
                raise Unusable(f"it is larger than {TEXT_MIB} MB, and in {encoding}")
            return _decoded(_without_outputs(data.decode(encoding).lstrip("\ufeff").encode("utf-8", "surrogatepass")))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return _decoded(_without_outputs(mapped))


def _decoded(data: bytes) -> str:
    """UTF-8, or what Windows writes in its place."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _without_outputs(data: bytes | mmap.mmap) -> bytes:
    """JSON in which every list called *outputs* is empty.

    Raises
    ------
    Unusable
        If it has far more parts than any notebook, or ends within one.
    """
    kept: list[bytes] = []
    start = at = parts = 0
    while found := TOKEN.search(data, at):
        at = found.end()
        parts += 1
        if found[0] == b'"':
            raise Unusable(CUT_OFF)
        if found[1]:
            kept += [data[start:at], b"[]"]
            start, brackets = _end_of_list(data, at)
            at = start
            parts += brackets
        if parts > PARTS:
            raise Unusable(TOO_MANY)
    if sum(map(len, kept)) + len(data) - start > TEXT_MIB * 2**20:
        raise Unusable(f"it is larger than {TEXT_MIB} MB without its outputs")
    kept.append(data[start:])
    return b"".join(kept)


def _end_of_list(data: bytes | mmap.mmap, at: int) -> tuple[int, int]:
    """Where the list that begins at ``at`` ends, and the number of brackets in it."""
    depth = brackets = 0
    while depth or not brackets:
        bracket = BRACKET.match(data, at)
        if bracket is None:
            raise Unusable(CUT_OFF)
        depth += 1 if bracket[1] in b"[{" else -1
        brackets += 1
        if brackets > PARTS:
            raise Unusable(TOO_MANY)
        at = bracket.end()
    return at, brackets


def _integer(digits: str) -> int:
    """No number of a notebook is large; Python refuses to read those with thousands of digits."""
    return int(digits[:18])


def _notebook(content: object) -> NotebookNode:
    """A notebook of the current format from the JSON of any.

    Raises
    ------
    Unusable
        If it is none.
    """
    if not isinstance(content, dict):
        raise Unusable("it holds no object")
    version = content.get("nbformat", 4)
    if version == 3 and isinstance(content.get("worksheets"), list):
        sheets = [sheet.get("cells") if isinstance(sheet, dict) else None for sheet in content["worksheets"]]
    elif version == 4:
        sheets = [content.get("cells")]
    else:
        raise Unusable(f"its format is {str(version)[:20]!r}, which is not 3 or 4")
    cells: list[object] = []
    for sheet in sheets:
        if not isinstance(sheet, list):
            raise Unusable("it has no list of cells")
        cells += sheet
    if len(cells) > CELLS:
        raise Unusable(f"it has {len(cells)} cells, more than {CELLS}")
    found: NotebookNode = from_dict(
        {
            "cells": [_cell(number, cell) for number, cell in enumerate(cells, start=1)],
            "metadata": KERNEL,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
    return found


def _cell(number: int, given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Unusable(f"its cell {number} is no cell")
    source = given.get("source", given.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str | None):
        raise Unusable(f"the text of its cell {number} is no text")
    kind = given.get("cell_type")
    if kind in ("heading", "html"):  # of format 3
        kind = "markdown"
    cell: dict[str, Any] = {
        "cell_type": kind if kind in TYPES else "raw",
        "id": f"cell-{number}",
        "metadata": metadata(given.get("metadata")) | last_run(given.get("metadata")),
        "source": source or "",
    }
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    elif attached := pictures(given.get("attachments")):
        cell["attachments"] = attached
    return cell


def metadata(given: object) -> dict[str, Any]:
    """Of a cell's metadata nbgrader's entry, and whether it is an experiment."""
    kept: dict[str, Any] = {}
    if isinstance(given, dict):
        if isinstance(entry := given.get("nbgrader"), dict):
            kept["nbgrader"] = {k: v for k, v in entry.items() if isinstance(v, str | bool | int | float)}
        if isinstance(tags := given.get("tags"), list) and "experiment" in tags:
            kept["tags"] = ["experiment"]
    return kept


def last_run(given: object) -> dict[str, str]:
    """Of a cell's metadata when it ran last, where JupyterLab recorded it; nothing else than a moment comes through."""
    times = given.get("execution") if isinstance(given, dict) else None
    text = times.get("iopub.execute_input") if isinstance(times, dict) else None
    if not isinstance(text, str) or not MOMENT.fullmatch(text):
        return {}
    try:
        return {"execution": datetime.fromisoformat(text).isoformat()}
    except ValueError:
        return {}


def pictures(given: object) -> dict[str, dict[str, str]]:
    """What is attached to a text and is a picture, under a name that can be nothing else than a name."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in given.items() if isinstance(given, dict) else ():
        for kind in PICTURES if isinstance(bundle, dict) else ():
            data = bundle.get(kind)
            if FILE.fullmatch(name) and isinstance(data, str) and BASE64.fullmatch(data):
                kept.setdefault(name, {})[kind] = data
    return kept
