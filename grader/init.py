"""Making a course folder for a term."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from grader.course import SECRET, VERDICTS, CourseError
from grader.settings import COURSE, IGNORED

CONFIG = '''"""nbgrader's settings for this course: marks are computed where learners' code is not."""

from grader.settings import configure

c = get_config()
configure(c)

c.CourseDirectory.course_id = {course!r}
c.NbGraderAPI.timezone = {timezone!r}  # of the dates in formgrader; time stamps are in UTC
{exchange}c.Exchange.root = {exchange_root!r}  # where students fetch and submit; all must be able to write there
{db}c.CourseDirectory.db_url = {db_url!r}
# c.LateSubmissionPlugin.penalty_method = "zero"  # for late work, unless an extension was given
'''
GITIGNORE = f"""{SECRET}
{VERDICTS}/
.tmp-*
.ipynb_checkpoints/
gradebook.db*
submitted/
autograded/
feedback/
*.csv
*.xls
/*.html
"""
README = """A TERM, in this folder. NN_topic stands for an assignment, such as {example}.

   nbgrader generate_assignment NN_topic   make release/NN_topic, without solutions
   nbgrader release_assignment NN_topic    put it into the exchange folder
   nbgrader collect NN_topic               fetch what was handed in (--update: also what was handed in again)
   grader autograde NN_topic               mark it
   jupyter lab                             Nbgrader > Formgrader: read and mark the questions "why?"
   nbgrader generate_feedback NN_topic     write a page for each student (--force: write all anew)
   nbgrader release_feedback NN_topic      let students fetch it

Without an exchange folder, leave out release, collect and release: hand release/NN_topic out as you like, and put what
comes back into submitted/STUDENT/NN_topic/NN_topic.ipynb.

STUDENTS on this machine have these lines in ~/.jupyter/nbgrader_config.py, or all of them in
/etc/jupyter/nbgrader_config.py:

   c = get_config()
   c.CourseDirectory.course_id = {course!r}
   c.Exchange.root = {exchange_root!r}

and type

   nbgrader fetch_assignment NN_topic
   nbgrader submit NN_topic
   nbgrader fetch_feedback NN_topic

KEEP A COPY of .course_secret, {gradebook}, submitted/ and nbgrader_config.py. Whoever has .course_secret knows
the hidden inputs: show it to nobody.
"""
DEFAULT_EXCHANGE = "/usr/local/share/nbgrader/exchange"
OPEN = 0o777


def init(
    root: Path,
    solutions: Path,
    names: Sequence[str],
    *,
    course: str = COURSE,
    exchange: Path | None = None,
    db_url: str = "",
    timezone: str = "",
) -> None:
    """Make a course folder with settings and the solutions as nbgrader's source.

    Parameters
    ----------
    root, solutions : Path
        What is made, and where the solutions are.
    names : sequence of str
        The assignments.
    course : str
        nbgrader's name for it, a folder in the exchange.
    exchange : Path, optional
        nbgrader's exchange folder, made if there is none; nbgrader's own default otherwise.
    db_url : str
        SQLAlchemy's address of an existing database; ``gradebook.db`` in the folder by default.
    timezone : str
        Of the dates that formgrader shows, such as ``"Europe/Berlin"``; this machine's by default.

    Raises
    ------
    CourseError
        With one sentence; if the folder holds a course already, nothing is changed.
    """
    if (root / "nbgrader_config.py").exists():
        raise CourseError(f"{root} is a course folder already; choose another, or delete it yourself.")
    if (root / "source").exists():
        raise CourseError(f"{root} has a folder 'source' already; choose another folder, or move it away.")
    if not re.fullmatch(r"\w[\w-]*", course):
        raise CourseError(f"{course!r} cannot be a course's name: take letters, digits, _ and -.")
    timezone = known_timezone(timezone)
    if db_url:
        try_database(db_url)
    if exchange:
        exchange = exchange.absolute()
        open_to_all(exchange)
    config = CONFIG.format(
        course=course,
        timezone=timezone,
        exchange="" if exchange else "# ",
        exchange_root=str(exchange or DEFAULT_EXCHANGE),
        db="" if db_url else "# ",
        db_url=db_url or "postgresql+psycopg://USER@HOST/DATABASE",
    )
    readme = README.format(
        example=names[0],
        course=course,
        exchange_root=str(exchange or DEFAULT_EXCHANGE),
        gradebook="the database" if db_url else "gradebook.db",
    )
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copytree(solutions / name, root / "source" / name, ignore=shutil.ignore_patterns(*IGNORED))
        (root / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
        (root / "README.txt").write_text(readme, encoding="utf-8")
        path = root / "nbgrader_config.py"
        path.touch(0o600 if db_url else 0o644)  # an address may hold a password
        path.write_text(config, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"No course folder can be made at {root} ({error.strerror}): choose another.") from None


def known_timezone(name: str) -> str:
    """A time zone's name; of this machine's if none is given, or UTC.

    Raises
    ------
    CourseError
        If there is no such zone.
    """
    local = os.environ.get("TZ") or os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    for candidate in [name] if name else [local, "UTC"]:
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(candidate).key
    raise CourseError(f"There is no time zone {name!r}: take one such as Europe/Berlin.")


def try_database(url: str) -> None:
    """Open a database, so that a wrong address is told now.

    Raises
    ------
    CourseError
        If it cannot be opened. No password is shown.
    """
    try:
        shown = make_url(url).render_as_string(hide_password=True)
        create_engine(url).connect().close()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise CourseError("--db-url is no address such as postgresql+psycopg://USER@HOST/DATABASE.") from None
    except ModuleNotFoundError as error:
        raise CourseError(
            f"{shown} needs the package {error.name}: install it (pip install 'byhand[postgres]')."
        ) from None
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise CourseError(f"{shown} cannot be opened ({reason}): make the database first.") from None


def open_to_all(folder: Path) -> None:
    """Make an exchange folder. In one of ours nobody can rename or delete what others put there.

    Raises
    ------
    CourseError
        If it cannot be made, or is there and not open to all.
    """
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(OPEN | stat.S_ISVTX)
        mode = folder.stat().st_mode
    except OSError as error:
        raise CourseError(f"No exchange folder can be made at {folder} ({error.strerror}): choose another.") from None
    if not stat.S_ISDIR(mode) or mode & OPEN != OPEN:
        raise CourseError(
            f"{folder} is no folder in which all can write: name one that is not there yet, or 'chmod 1777 {folder}'."
        )
