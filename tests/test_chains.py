"""One mistake costs one exercise: on every chain of gaps in the course, whatever goes wrong in the earlier one.

`test_marking` leaves each gap out, lets it raise, and puts wrong numbers into each; here the earlier gap
returns something of another kind, and on the longest chain of each assignment it ends the session.
"""

from __future__ import annotations

import ast

import pytest

from grader import simulate
from grader.assignment import load, strip_markers

FIRST = "01_perceptron_limits"
ENDINGS = {
    "an endless loop that no exception ends": (
        "import time\nwhile True:\n    try: time.sleep(1); 1 / 0\n    except BaseException: pass"
    ),
    "the process ended": "import os; os._exit(0)",
    "memory without end": "[bytearray(2**26) for _ in range(2**10)]",
    "a crash of the interpreter": "import ctypes; ctypes.string_at(0)",
}


def functions(text):
    """The functions of a gap, methods included; what they define within themselves left out."""
    tree = ast.parse(strip_markers(text))
    bodies = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    return [n for body in bodies for n in body.body if isinstance(n, ast.FunctionDef)]


def with_first_statement(text, statement, construct=True):
    """A gap's solution with a statement at the beginning of every function, or of all but the special methods."""
    lines = strip_markers(text).split("\n")
    for function in sorted(functions(text), key=lambda f: f.lineno, reverse=True):
        if function.name.startswith("__") and not construct:
            continue
        first = function.body[0]
        at = first.end_lineno if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else 0
        indent = " " * first.col_offset
        added = [indent + line for line in statement.split("\n")]
        place = at or first.lineno - 1
        lines[place:place] = added
    return "\n".join(lines)


def uses(assignment):
    """For each gap that a later one needs, these; read from the solution's own text."""
    trees = {name: ast.parse(strip_markers(text)) for name, text in assignment.gaps.items()}
    defined = {
        name: {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        | {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
        for name, tree in trees.items()
    }
    read = {
        name: {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | set(assignment.contracts[name].objects)
        for name, tree in trees.items()
    }
    names = list(trees)
    found = {name: {n for n in names[i + 1 :] if read[n] & defined[name]} for i, name in enumerate(names)}
    return {name: others for name, others in found.items() if others}


def longest(found):
    """The gap from which the longest chain starts."""

    def length(name):
        return 1 + max((length(n) for n in found.get(name, ())), default=0)

    return max(found, key=length)


def test_most_assignments_have_chains_and_the_first_has_the_one_that_is_known(course_folder, built):
    found = {name: uses(load(course_folder / "source" / name)) for name in built}
    assert found[FIRST]["prepend_bias"] == {"predict", "bce_gradient"} and longest(found[FIRST]) == "prepend_bias"
    assert sum(map(bool, found.values())) > len(found) / 2


def test_a_value_of_another_kind_in_a_gap_costs_its_own_exercise_only(each):
    for name in uses(each.assignment):
        text = with_first_statement(each.assignment.gaps[name], "return 'nothing'", construct=False)
        share = simulate.judge(each.assignment, name, text, each.assignment.public(name)).fraction
        deserved = each.full(**{name: share * each.assignment.points[name]})
        assert share < 1
        assert each.marks(each.solved(**{name: text})) == pytest.approx(deserved, abs=1e-6), name


def test_what_ends_a_session_at_the_head_of_the_longest_chain_costs_its_own_exercise_only(each, built):
    """A loop in every assignment, and of the other endings one after the other."""
    found = uses(each.assignment)
    loop, *others = ENDINGS
    for ending in (loop, others[built.index(each.assignment.name) % len(others)]) if found else ():
        name = longest(found)
        text = with_first_statement(each.assignment.gaps[name], ENDINGS[ending])
        verdict = each.verdict(each.solved(**{name: text}))
        assert {n: m.mark for n, m in verdict.marks.items()} == each.full(**{name: 0.0}), ending
        assert verdict.marks[name].status in ("stopped", "raised"), ending
