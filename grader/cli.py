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


class Commands(TyperGroup):
    """Our own errors are one sentence, not a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (RuntimeError, ValueError) as error:
            if not type(error).__module__.startswith("grader."):
                raise
            raise fail(str(error)) from None


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


def fail(message: str) -> typer.Exit:
    """One sentence on standard error, and exit code 1."""
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(1)


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
def init(folder: Path, names: Names = None) -> None:
    """Make a course folder for a term, with settings and solutions."""
    from grader.build import toolboxes
    from grader.init import init as make

    make(folder, REPOSITORY / "solutions", chosen(names, list(toolboxes())))
    console.print(f"{folder} is ready: run 'nbgrader generate_assignment NN_topic' in it to release one.")


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
) -> None:
    """Mark what was handed in, and record it in the gradebook."""
    from grader.autograde import autograde as run
    from grader.autograde import course_of

    root = course.resolve()
    if sandbox not in ("bubblewrap", "none"):
        raise fail(f"--sandbox is {sandbox!r}; it can be bubblewrap or none.")
    if sandbox == "none":
        console.print("No sandbox: what learners wrote runs with your own rights on this machine.", style="red")
    picked = chosen(names, course_of(root).names)
    problems = run(root, picked, students=student, workers=workers, sandbox=sandbox)
    for p in problems:
        console.print(f"{p.student}, {p.assignment}: {p.reason} (0 points)", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)


@app.command()
def report(
    course: Folder = Path(),
    output: Annotated[Path | None, typer.Option(help="report.html by default.")] = None,
) -> None:
    """Write the class report as one HTML page."""
    from grader.report import report as make

    root = course.resolve()
    target = output or root / "report.html"
    make(root, target)
    console.print(f"written: {target}", soft_wrap=True)


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
