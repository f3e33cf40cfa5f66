"""The commands a person types."""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from typer.core import TyperGroup

# jsonschema imports it for a format that no notebook has; making its grammar takes half of a command's start.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class Commands(TyperGroup):
    """Our own errors are one sentence, not a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise fail("Stopped by you; run the same command to go on.", 130) from None
        except (RuntimeError, ValueError) as error:
            if not type(error).__module__.startswith("grader."):
                raise
            raise fail(str(error), getattr(error, "code", 1)) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Mark what students fill in.",
)
console = Console(width=None if sys.stdout.isatty() else 140)

REPOSITORY = Path(__file__).resolve().parent.parent
Names = Annotated[list[str] | None, typer.Argument(help="Assignments, such as 05_layer_classes; all by default.")]


def fail(message: str, code: int = 1) -> typer.Exit:
    """One sentence on standard error, and an exit code."""
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(code)


def chosen(names: list[str] | None, known: list[str]) -> list[str]:
    """The assignments asked for, or a sentence that says which there are."""
    for name in names or ():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
            raise fail(f"There is no assignment {name!r}.{hint}")
    return names or known


@app.command()
def build(names: Names = None, run: Annotated[bool, typer.Option(help="Execute the notebooks.")] = True) -> None:
    """Build the course from the authored text: solutions/, then notebooks/."""
    from grader.build import build as make
    from grader.build import toolboxes

    picked = chosen(names, list(toolboxes()))
    make(REPOSITORY / "solutions", REPOSITORY / "notebooks", picked, run)
    console.print(f"built {', '.join(picked)}")


@app.command()
def audit(
    names: Names = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the table as JSON.")] = None,
    workers: int = 2,
) -> None:
    """Test the tests: solutions, alternatives, misconceptions and mutants of every exercise."""
    from grader.audit import as_json
    from grader.audit import audit as run
    from grader.build import toolboxes

    picked = chosen(names, list(toolboxes()))
    rows = run([REPOSITORY / "solutions" / name for name in picked], workers)
    table = Table(Column("exercise", no_wrap=True), "misconceptions", "rejected", "named", "alternatives", "accepted")
    for heading in ("mutants", "killed", "equivalent", ""):
        table.add_column(heading)
    for r in rows:
        table.add_row(
            f"{r.assignment[:2]} {r.exercise}",
            *map(
                str,
                (
                    r.misconceptions,
                    r.rejected,
                    r.named,
                    r.alternatives,
                    r.accepted,
                    r.mutants,
                    r.killed,
                    r.equivalent,
                ),
            ),
            "falls short" if r.faults else "ok",
        )
    console.print(table)
    for r in rows:
        for fault in r.faults:
            console.print(f"{r.assignment} {r.exercise}: {fault}", markup=False, highlight=False, soft_wrap=True)
    if json_file:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(as_json(rows), indent=1) + "\n", encoding="utf-8")
    if any(r.faults for r in rows):
        raise typer.Exit(1)


Folder = Annotated[Path, typer.Option("--course", help="The course folder; here by default.")]


@app.command()
def init(
    folder: Path,
    names: Names = None,
    exchange: Annotated[Path | None, typer.Option(help="nbgrader's exchange folder; made if there is none.")] = None,
    db_url: Annotated[
        str, typer.Option(help="The gradebook, such as postgresql+psycopg://USER@HOST/DATABASE; a file by default.")
    ] = "",
    timezone: Annotated[str, typer.Option(help="Of the dates in formgrader; this machine's by default.")] = "",
    course: Annotated[str, typer.Option(help="nbgrader's name for the course.")] = "neural_networks_by_hand",
) -> None:
    """Make a course folder for a term, with settings and solutions."""
    from grader.build import toolboxes
    from grader.init import init as make

    picked = chosen(names, list(toolboxes()))
    make(
        folder,
        REPOSITORY / "solutions",
        picked,
        course=course,
        exchange=exchange,
        db_url=db_url,
        timezone=timezone,
    )
    console.print(
        f"{folder} is ready: its README.txt shows a term; begin with 'nbgrader generate_assignment {picked[0]}' in it.",
        markup=False,
        soft_wrap=True,
    )


@app.command()
def simulate(
    names: Names = None,
    size: int = 30,
    course: Folder = Path(),
    known: Annotated[Path | None, typer.Option(help="Write the marks they deserve here.")] = None,
) -> None:
    """Hand in the work of a sample class with known marks."""
    from grader.autograde import course_of
    from grader.simulate import simulate as make

    root = course.resolve()
    found = course_of(root)
    picked = chosen(names, found.names)
    for name in picked:
        found.released(name)
    assignments = {name: found.assignment(name) for name in picked}
    marks = make(assignments, root / found.release, root / found.submitted, size)
    marks.to_csv(known or root / "known_marks.csv", index=False)
    console.print(f"{size} learners handed in {', '.join(picked)}")


@app.command()
def autograde(
    names: Names = None,
    course: Folder = Path(),
    student: Annotated[list[str] | None, typer.Option(help="Only these; may be given more than once.")] = None,
    workers: int = 2,
    sandbox: Annotated[
        str, typer.Option(help="bubblewrap, or none on a machine that is itself disposable.")
    ] = "bubblewrap",
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask scheduler, such as tcp://host:8786, whose workers see this folder too.")
    ] = None,
) -> None:
    """Mark what was handed in, and record it in the gradebook."""
    from contextlib import nullcontext

    from grader.autograde import autograde as run
    from grader.autograde import course_of
    from grader.scheduler import cluster

    root = course.resolve()
    if sandbox not in ("bubblewrap", "none"):
        raise fail(f"--sandbox is {sandbox!r}; it can be bubblewrap or none.")
    if sandbox == "none":
        console.print("No sandbox: what learners wrote runs with your own rights on this machine.", style="red")
    found = course_of(root)
    picked = chosen(names, found.names)
    with cluster(scheduler, found, sandbox) if scheduler else nullcontext() as pool:
        many = pool.workers if pool else workers
        problems = run(root, picked, students=student, executor=pool, workers=many, sandbox=sandbox)
    for p in problems:
        console.print(f"{p.student}, {p.assignment}: {p.reason} (0 points)", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)


@app.command()
def report(
    course: Folder = Path(),
    output: Annotated[Path | None, typer.Option(help="report.html by default.")] = None,
    csv: Annotated[Path | None, typer.Option(help="A folder for the same as tables.")] = None,
    names: Annotated[bool, typer.Option(help="With --no-names, numbers stand for learners.")] = True,
) -> None:
    """Write the class report as one HTML page."""
    from grader.autograde import told
    from grader.report import report as make

    root = course.resolve()
    target = output or root / "report.html"
    with told(root):
        make(root, target, names=names, tables=csv)
    console.print(f"written: {target}{f' and the tables in {csv}' if csv else ''}", soft_wrap=True)


@app.command()
def export(
    to: Annotated[str, typer.Option(help="canvas, moodle or blackboard.")],
    names: Names = None,
    course: Folder = Path(),
    output: Annotated[Path | None, typer.Option(help="grades_canvas.csv, for instance, by default.")] = None,
    roster: Annotated[Path | None, typer.Option(help="The gradebook's own export, which is filled in.")] = None,
    unfinished: Annotated[
        str, typer.Option(help="What becomes of submissions not yet marked by hand: export or leave-out.")
    ] = "",
) -> None:
    """Write marks as the gradebook of Canvas, Moodle or Blackboard imports them."""
    from nbgrader.api import Gradebook

    from grader.autograde import api_for, course_of, told
    from grader.export import FORMATS

    if to not in FORMATS:
        raise fail(f"--to is {to!r}; it can be {', '.join(FORMATS)}.")
    if unfinished not in ("", "export", "leave-out"):
        raise fail(f"--unfinished is {unfinished!r}; it can be export or leave-out.")
    root = course.resolve()
    api = api_for(root)
    picked = chosen(names, course_of(root).names) if names else []
    plugin = FORMATS[to](
        parent=api, to=str(output or ""), roster=str(roster or ""), assignment=picked, unfinished=unfinished
    )
    with told(root), Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        found = plugin.run(gradebook)
    for line in (*found.lost, *found.notes):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"written: {plugin.target}", soft_wrap=True)
    if found.lost:
        raise typer.Exit(1)


@app.command()
def similar(
    name: Annotated[str, typer.Argument(metavar="NN_topic", help="The assignment.")],
    course: Folder = Path(),
    html: Annotated[Path | None, typer.Option(help="Write the pairs side by side as one HTML page.")] = None,
    share: Annotated[float, typer.Option(help="List pairs who share at least this part of their own text.")] = 0.5,
    least: Annotated[int, typer.Option(help="And at least so many signs of it.")] = 20,
) -> None:
    """List pairs of submissions whose gaps are suspiciously alike."""
    from grader.autograde import course_of
    from grader.course import write_atomically
    from grader.similar import compare, page, text

    root = course.resolve()
    chosen([name], course_of(root).names)
    found = compare(root, name, share=share, least=least)
    console.print(text(found), markup=False, highlight=False, soft_wrap=True)
    if html:
        write_atomically(html, page(found).encode())
        console.print(f"written: {html}", soft_wrap=True)


@app.command()
def doctor(course: Folder = Path()) -> None:
    """Say what this machine has and lacks for marking."""
    from grader.doctor import examine

    findings = examine(course.resolve())
    for f in findings:
        console.print(f"{'ok     ' if f.well else 'LACKING'}  {f.what}: {f.text}", markup=False, soft_wrap=True)
    if any(f.needed and not f.well for f in findings):
        raise typer.Exit(1)


@app.command()
def demo(names: Names = None, size: int = 30) -> None:
    """Grade a sample class with known marks, in build/sample_class."""
    from grader.build import toolboxes
    from grader.demo import demo as run

    root = REPOSITORY / "build" / "sample_class"
    run(root, REPOSITORY / "solutions", chosen(names, list(toolboxes())), console, size)


@app.command()
def full(output: Annotated[Path | None, typer.Option(help="A folder; build by default.")] = None) -> None:
    """Compute the course's results at full size; the data sets are looked for in $BYHAND_DATA."""
    from grader.full import main as run

    if not run(output or REPOSITORY / "build", console):
        raise typer.Exit(1)


@app.command()
def site(
    names: Names = None,
    edition: Annotated[str, typer.Option(help="student, or instructor with the solutions.")] = "student",
    output: Annotated[
        Path | None, typer.Option(help="A folder, replaced; build/site or build/site-instructor by default.")
    ] = None,
) -> None:
    """Build the course as a book to browse, from the stored outputs."""
    from grader.build import toolboxes
    from grader.site import build as make

    target = output or REPOSITORY / "build" / ("site" if edition == "student" else f"site-{edition}")
    make(REPOSITORY, target.resolve(), edition, chosen(names, list(toolboxes())))
    console.print(f"written: {target}/index.html", soft_wrap=True)
