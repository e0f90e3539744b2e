"""Finds what can be changed in a module: numbers, signs, operators, comparisons, bounds, conditions.

Every change has a name that holds as long as the function around it does: `module.function#place`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
TURNS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
OPPOSITES = {"max": "min", "min": "max", "any": "all", "all": "any"}
LARGER = 1.1
FROM_ZERO = 0.001
# Keyword arguments that only assert what holds anyway: zip(strict=True).
ASSERTIONS = {"strict"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to one module: where, of which kind, and the code before and after it."""

    name: str
    module: str
    line: int
    kind: str
    before: str
    after: str
    node: int
    variant: int


def mutants_of(path: Path) -> list[Mutant]:
    """Give every mutant of the module at *path*, in the order of the code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes, skipped = _scopes(tree), _skipped(tree)
    found: list[Mutant] = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for variant, (kind, changed) in enumerate(_variants(node)):
            before, after = (_one_line(each) for each in (node, changed))
            line = getattr(node, "lineno", 0)
            found.append(Mutant(scopes.get(id(node), ""), path.stem, line, kind, before, after, number, variant))
    return list(_named(sorted(found, key=lambda one: (one.line, one.node, one.variant))))


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Give the tree of *source*, the text of the mutant's module, with that one change."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[mutant.node]
    changed = _variants(node)[mutant.variant][1]
    ast.copy_location(changed, node)
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, field, changed)
            elif isinstance(value, list):
                value[:] = [changed if one is node else one for one in value]
    return ast.fix_missing_locations(tree)


def _named(found: list[Mutant]) -> Iterator[Mutant]:
    """Number mutants within the function, class or name that they stand in."""
    places: dict[str, int] = {}
    for one in found:
        scope = f"{one.module}.{one.name}" if one.name else one.module
        places[scope] = places.get(scope, 0) + 1
        yield replace(one, name=f"{scope}#{places[scope]}")


def _scopes(tree: ast.Module) -> dict[int, str]:
    scopes: dict[int, str] = {}

    def walk(node: ast.AST, scope: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{scope}.{child.name}".lstrip(".")
            elif isinstance(child, ast.Assign | ast.AnnAssign) and isinstance(node, ast.Module | ast.ClassDef):
                target = child.targets[0] if isinstance(child, ast.Assign) else child.target
                inner = f"{scope}.{ast.unparse(target)}".lstrip(".").replace(" ", "").strip("()")
            scopes[id(child)] = inner
            walk(child, inner)

    walk(tree, "")
    return scopes


def _skipped(tree: ast.Module) -> set[int]:
    """Give the nodes of annotations, decorators, and arguments that only assert."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg):
            roots += [node.annotation] if node.annotation else []
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            roots += node.decorator_list
            roots += [node.returns] if isinstance(node, ast.FunctionDef) and node.returns else []
        elif isinstance(node, ast.keyword) and node.arg in ASSERTIONS:
            roots.append(node.value)
    return {id(node) for root in roots for node in ast.walk(root)}


def _variants(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """Give every change of *node* itself, with the name of its kind."""
    if isinstance(node, ast.Constant):
        return _constants(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [("sign", node.operand)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [("negation", node.operand)]
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        return [("operator", _with(node, op=OPERATORS[type(node.op)]()))]
    if isinstance(node, ast.BoolOp):
        return [("boolean", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And()))]
    if isinstance(node, ast.Compare):
        return _comparisons(node)
    if isinstance(node, ast.If | ast.IfExp | ast.While) and isinstance(node.test, ast.Name | ast.Attribute | ast.Call):
        return [("negation", _with(node, test=ast.UnaryOp(ast.Not(), node.test)))]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _bounds(node, node.func.id)
    return []


def _constants(node: ast.Constant) -> list[tuple[str, ast.AST]]:
    value = node.value
    if isinstance(value, bool):
        return [("negation", ast.Constant(not value))]
    if isinstance(value, int):
        return [("number", ast.Constant(value + 1))]
    if isinstance(value, float):
        return [("number", ast.Constant(value * LARGER if value else FROM_ZERO))]
    return []


def _comparisons(node: ast.Compare) -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for place, op in enumerate(node.ops):
        for kind, table in (("edge", EDGES), ("turn", TURNS)):
            if type(op) in table:
                ops = [table[type(op)]() if place == at else each for at, each in enumerate(node.ops)]
                found.append((kind, _with(node, ops=ops)))
    return found


def _bounds(node: ast.Call, name: str) -> list[tuple[str, ast.AST]]:
    """Swap min and max; take a bound away, or one of several."""
    found: list[tuple[str, ast.AST]] = []
    if name in OPPOSITES:
        found.append(("swap", _with(node, func=ast.Name(OPPOSITES[name], ast.Load()))))
    if name in ("max", "min") and len(node.args) > 1:
        for at, bound in enumerate(node.args):
            others = [each for place, each in enumerate(node.args) if place != at]
            if len(others) > 1 or not isinstance(others[0], ast.Constant):
                found.append((f"without {_one_line(bound)}", _with(node, args=others) if others[1:] else others[0]))
    if name == "clip" and len(node.args) == 3:
        value, low, high = node.args
        found.append(("unclipped", value))
        found.append(("without lower", ast.Call(ast.Name("min", ast.Load()), [value, high], [])))
        found.append(("without upper", ast.Call(ast.Name("max", ast.Load()), [value, low], [])))
    return found


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _one_line(node: ast.AST) -> str:
    """Write *node* on one line; of a statement with a body, only its head."""
    return ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split("\n")[0]
