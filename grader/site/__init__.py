"""The course as a book to browse: notebooks with stored outputs, typical mistakes, reference.

Sources are written to a folder of their own, Sphinx turns them into pages, and only pages
that passed `grader.site.examine` are published.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import CourseError

EDITIONS = ("student", "instructor")
NEEDED = ("sphinx", "myst_nb", "furo", "sphinx-mathjax-offline")


@dataclass
class Sources:
    """A folder of sources in which only what changed is written, so that Sphinx reads only that again."""

    folder: Path
    names: set[Path] = field(default_factory=set)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        data = content.encode() if isinstance(content, str) else content
        self.names.add(path)
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def has(self, name: str) -> bool:
        return self.folder / name in self.names

    def tidy(self) -> bool:
        """Remove what was not written; whether anything was."""
        stale = {path for path in self.folder.rglob("*") if path.is_file()} - self.names
        stale = {path for path in stale if "__pycache__" not in path.parts}
        for path in stale:
            path.unlink()
        return bool(stale)


def build(root: Path, target: Path, edition: str = "student", names: Sequence[str] = ()) -> None:
    """Build the site.

    Parameters
    ----------
    root : Path
        The repository.
    target : Path
        The folder of pages; it is replaced. What is kept for the next build stands beside it.
    edition : str
        *student*, or *instructor* with solutions, model answers and the code of mistakes.
    names : sequence of str
        The assignments; all by default.

    Raises
    ------
    CourseError
        If packages of the extra ``site`` are missing, a notebook is older than its text, Sphinx
        warns of anything, a link or a picture leads nowhere, a page loads something from
        elsewhere, or a line of a solution stands in the student edition. What was published
        before is then left as it is.
    """
    from grader.build import toolboxes
    from grader.site import book, examine, mistakes, reference

    if edition not in EDITIONS:
        raise CourseError(f"There is no edition {edition!r}: it can be {' or '.join(EDITIONS)}.")
    if lacking := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise CourseError(f"The site needs {', '.join(lacking)}: install them with pip install 'byhand[site]'.")
    work = target.with_name(f"{target.name}-work")
    pages, sources = work / "html", Sources(work / "source")
    picked = [book.Chapter.load(root, name) for name in names or toolboxes()]
    full = edition == "instructor"
    for chapter in picked:
        sources.write(f"notebooks/{chapter.name}.ipynb", book.notebook(chapter, full))
        sources.write(f"mistakes/{chapter.name}.md", mistakes.page(chapter, full))
    sources.write("mistakes/index.md", mistakes.index(picked))
    reference.write(sources, root, picked, full)
    book.write_documents(sources, root, full)
    sources.write("index.md", book.start(sources, root, picked))
    if sources.tidy():
        shutil.rmtree(pages, ignore_errors=True)
        shutil.rmtree(work / "doctrees", ignore_errors=True)
    _sphinx(sources.folder, work / "doctrees", pages, full)
    faults = examine.pages(pages)
    if not full:
        faults += examine.leaks(pages, examine.kept_back(root, [c.name for c in picked]))
    if faults:
        more = f"\nand {len(faults) - 20} more" if len(faults) > 20 else ""
        raise CourseError("The site is not published:\n" + "\n".join(faults[:20]) + more)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(pages, target, ignore=shutil.ignore_patterns(".buildinfo*", "_sources"))


def _sphinx(source: Path, doctrees: Path, pages: Path, full: bool) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "--no-color", "-W", "--keep-going", "-j", "2", "-b", "html"]
    command += ["-c", str(Path(__file__).parent), "-d", str(doctrees), *(["-t", "full"] if full else [])]
    done = subprocess.run([*command, str(source), str(pages)], capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.replace(f"{source}/", "").strip()
        raise CourseError(f"The site is not published, Sphinx has found faults:\n{said[:4000]}")
