"""Automatic mutants of a gap: small changes that a good test must notice.

After DeMillo, Lipton and Sayward, "Hints on test data selection" (1978).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

from grader.assignment import BEGIN, END

SWAPS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
COMPARES: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}


@dataclass(frozen=True)
class Mutant:
    """One changed text. ``label`` reads ``kind: statement -> statement``."""

    label: str
    text: str


def mutants(text: str) -> list[Mutant]:
    """Every automatic mutant of the marked regions of a gap's text, each once."""
    tree = ast.parse(text)
    inside = _marked(text)
    found: dict[str, Mutant] = {}
    original = ast.unparse(tree)
    statements = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno in inside]
    for statement in sorted(statements, key=lambda n: (n.lineno, n.col_offset)):
        for kind, changed in _changes(statement):
            mutated = _replaced(tree, statement, changed)
            if mutated == original or mutated in found:
                continue
            label = f"{kind}: {_head(statement)} -> {_head(changed)}"
            found[mutated] = Mutant(_unique(label, found), mutated)
    return list(found.values())


def _unique(label: str, found: dict[str, Mutant]) -> str:
    labels = {m.label for m in found.values()}
    number = 2
    name = label
    while name in labels:
        name = f"{label} ({number})"
        number += 1
    return name


def _marked(text: str) -> set[int]:
    lines: set[int] = set()
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() == BEGIN:
            inside = True
        elif line.strip() == END:
            inside = False
        elif inside:
            lines.add(number)
    return lines


def _head(node: ast.stmt) -> str:
    return ast.unparse(node).split("\n")[0]


def _replaced(tree: ast.Module, old: ast.stmt, new: ast.stmt) -> str:
    shallow = copy.copy(tree)
    shallow.body = [_graft(n, old, new) for n in tree.body]
    return ast.unparse(ast.fix_missing_locations(shallow))


def _graft(node: ast.stmt, old: ast.stmt, new: ast.stmt) -> ast.stmt:
    if node is old:
        return new
    out = copy.copy(node)
    for name, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            setattr(out, name, [_graft(v, old, new) for v in value])
    return out


def _changes(statement: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.AnnAssign, ast.Raise)):
        yield "dropped", ast.Pass()
    if isinstance(statement, ast.AugAssign) and type(statement.op) in SWAPS:
        yield "operator", ast.AugAssign(statement.target, SWAPS[type(statement.op)](), statement.value)
    count = len(_expressions(statement))
    for index in range(count):
        options = len(list(_variants(_expressions(copy.deepcopy(statement))[index][2])))
        for option in range(options):
            changed = copy.deepcopy(statement)
            parent, field, node = _expressions(changed)[index]
            kind, new = list(_variants(node))[option]
            name, position = field
            if position is None:
                setattr(parent, name, new)
            else:
                getattr(parent, name)[position] = new
            yield kind, changed


Slot = tuple[ast.AST, tuple[str, int | None], ast.expr]


def _expressions(statement: ast.stmt) -> list[Slot]:
    """Every expression of a statement, without the statements inside it, with its place."""
    found: list[Slot] = []

    def walk(node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.stmt) or not isinstance(child, ast.AST):
                    continue
                if isinstance(child, ast.expr):
                    found.append((node, (name, position), child))
                walk(child)

    walk(statement)
    return found


def _variants(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        yield "operator", ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "operator", node.operand
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
        yield "comparison", node.operand
    elif isinstance(node, ast.BoolOp):
        yield "comparison", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.Compare):
        for new in COMPARES.get(type(node.ops[0]), ()):
            yield "comparison", ast.Compare(node.left, [new(), *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield "constant", ast.Constant(node.value + 1)
        if isinstance(node.value, float) and node.value:
            yield "constant", ast.Constant(node.value * 2)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose", node.value
    elif isinstance(node, ast.Call):
        if len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args[:2]):
            yield "swapped", ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
        for index, keyword in enumerate(node.keywords):
            rest = [k for i, k in enumerate(node.keywords) if i != index]
            if keyword.arg in ("axis", "keepdims"):
                yield keyword.arg, ast.Call(node.func, node.args, rest)
            axis = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg == "axis" and isinstance(axis, int):
                other = ast.keyword("axis", ast.Constant(1 - abs(axis)))
                yield "axis", ast.Call(node.func, node.args, [*rest, other])
