"""The reference: every public function and class, with signature, docstring and formulas."""

from __future__ import annotations

import importlib
import inspect
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import byhand
from grader.assignment import entries
from grader.build import REFERENCE, write_toolbox
from grader.site import Sources
from grader.site.book import Chapter, gap_target, mistakes_target

Uses = dict[str, list[tuple[Chapter, str]]]
"""For each object of the reference, as ``module.name``, the exercises that ask for it."""


def write(sources: Sources, root: Path, chapters: Sequence[Chapter], full: bool) -> None:
    """Write the pages; learners see what they are given as ``toolbox``, instructors the whole reference."""
    uses: Uses = {}
    for chapter in chapters:
        for exercise, spec in chapter.assignment.exercises.items():
            for thing in spec.reference.values():
                uses.setdefault(f"{thing.__module__}.{thing.__qualname__}", []).append((chapter, exercise))
    asked = {thing.rpartition(".")[0].rpartition(".")[2] for thing in uses}
    given = [m for m in _order() if m in asked and (full or m in _handed_out())]
    if not full:
        with tempfile.TemporaryDirectory() as scratch:
            write_toolbox(_handed_out(), Path(scratch))
            for path in Path(scratch).glob("toolbox/*.py"):
                sources.write(f"toolbox/{path.name}", path.read_bytes())
    package = "grader.reference" if full else "toolbox"
    imported = _imported(root)
    for name in given:
        module = importlib.import_module(f"grader.reference.{name}")
        sources.write(f"reference/{name}.md", _page(module, f"{package}.{name}", uses))
    for name in imported:
        sources.write(
            f"reference/byhand_{name}.md", _page(importlib.import_module(f"byhand.{name}"), f"byhand.{name}", {})
        )
    sources.write("reference/index.md", _index(package, given, imported))


def _handed_out() -> list[str]:
    """The modules that learners are given sooner or later, in the order in which they are."""
    return list(dict.fromkeys(m for entry in entries().values() for m in entry["toolbox"]))


def _order() -> list[str]:
    """All modules of the reference: first what is handed out, then the rest."""
    return list(dict.fromkeys(_handed_out() + sorted(p.stem for p in REFERENCE.glob("[a-z]*.py"))))


def _imported(root: Path) -> list[str]:
    """The modules of ``byhand`` from which notebooks import."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in sorted((root / "solutions").glob("*/[0-9]*.py")))
    names = set(re.findall(r"^from byhand\.(\w+) import", text, re.M))
    for line in re.findall(r"^from byhand import (.*)", text, re.M):
        for name in re.findall(r"\w+", line):
            thing = getattr(byhand, name, None)  # a module, or what one defines
            names.add(name if thing is None or inspect.ismodule(thing) else thing.__module__.rpartition(".")[2])
    return sorted(names)


def _page(module: ModuleType, shown: str, uses: Uses) -> str:
    parts = [f"# {shown}", _rst(f".. automodule:: {shown}")]
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
            continue
        if inspect.isclass(thing):
            inherited = "   :inherited-members: Exception" if issubclass(thing, Exception) else ""
            parts += [f"## {name}", _rst(f".. autoclass:: {shown}.{name}", "   :members:", inherited)]
        elif inspect.isfunction(thing):
            parts += [f"## {name}", _rst(f".. autofunction:: {shown}.{name}")]
        else:
            continue
        for chapter, exercise in uses.get(f"{module.__name__}.{name}", ()):
            parts += _formulas(chapter, exercise)
    return "\n\n".join(parts) + "\n"


def _formulas(chapter: Chapter, exercise: str) -> Iterator[str]:
    """What the notebook says about an exercise in formulas, before it works them out by hand."""
    text = chapter.before(exercise).partition("**By hand")[0]
    found = re.findall(r"^\$\$.*?\$\$|^\|[^\n]*(?:\n\|[^\n]*)*", text, re.M | re.S)
    yield from (block for block in found if "$" in block)
    yield (
        f"Built in [{chapter.title}](#{gap_target(chapter, exercise)}); "
        f"[typical mistakes](#{mistakes_target(chapter, exercise)})."
    )


def _rst(*lines: str) -> str:
    return "\n".join(["```{eval-rst}", *lines, "```"])


def _index(package: str, given: Sequence[str], imported: Sequence[str]) -> str:
    built = (
        "What the course builds, as it is written in the reference"
        if package != "toolbox"
        else "What you build, as later notebooks hand it to you in `toolbox/`"
    )
    return "\n\n".join(
        [
            "# Reference",
            f"{built}. The formulas are those of the notebooks; (N, D) is a shape, N samples in rows of D numbers.",
            "\n".join(f"- [{package}.{name}](/reference/{name}.md)" for name in given),
            "What a notebook imports from `byhand`:",
            "\n".join(f"- [byhand.{name}](/reference/byhand_{name}.md)" for name in imported),
        ]
    )
