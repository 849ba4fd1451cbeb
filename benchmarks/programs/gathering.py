"""Gather the calls of an awaiting program by a fixed rule, as people write it by hand.

1. Reads in the elements and conditions of a comprehension with one `for` become one gather over its elements.
2. Assignments that stand in a row, each of one read that needs none of the others, become one gather.
3. A loop without writes, `break`, `return` and `try` whose first statement makes one read, with arguments that the loop's body doesn't assign, makes
   this read for all of its elements at once before it begins.

Nothing else is gathered, and writes never are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from itertools import count

from benchmarks.programs.sandbox_dialects import calls_of

_STOPS = (ast.Break, ast.Return, ast.Try, ast.Continue, ast.While)


def gathered(text: str, reads: Iterable[str], others: Iterable[str]) -> str:
    """Return a program with gathers in the place of single reads. `others`: tools that don't only read."""
    tree = _parse(text)
    if "gather" in text:
        return text
    known, beside = set(reads), set(others)
    for node in (one for one in ast.walk(tree) if isinstance(one, ast.AsyncFunctionDef)):
        (beside if any(calls_of(node, beside)) else known).add(node.name)
    rule = _Rule(known, beside)
    tree.body = rule.block(tree.body)
    if not rule.used:
        return text
    tree.body.insert(0, ast.Import([ast.alias("asyncio")]))
    return ast.unparse(ast.fix_missing_locations(tree))


def _parse(text: str) -> ast.Module:
    tree = compile(text, "<program>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    return tree


def _names(node: ast.AST, kind: type[ast.expr_context] = ast.Load) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, kind)}


def _gather(arguments: list[ast.expr]) -> ast.expr:
    return ast.Await(ast.Call(ast.Attribute(ast.Name("asyncio"), "gather"), arguments, []))


class _Rule:
    def __init__(self, reads: set[str], others: set[str]) -> None:
        self._reads, self._others, self._numbers = reads, others, count(1)
        self.used = False

    def block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return the statements of a block, gathered."""
        found: list[ast.stmt] = []
        for run in self._rows(body):
            if len(run) > 1:
                self.used = True
                calls = [
                    one.value.value for one in run if isinstance(one, ast.Assign) and isinstance(one.value, ast.Await)
                ]
                target = ast.Tuple([one.targets[0] for one in run if isinstance(one, ast.Assign)], ast.Store())
                found.append(ast.Assign([target], _gather(calls)))
                continue
            found += self._statement(run[0])
        return found

    def _rows(self, body: Sequence[ast.stmt]) -> list[list[ast.stmt]]:
        rows: list[list[ast.stmt]] = []
        for node in body:
            if rows and self._single(node) and self._single(rows[-1][0]):
                before = set().union(*(_names(one, ast.Store) for one in rows[-1]))
                if not before & (_names(node) | _names(node, ast.Store)):
                    rows[-1].append(node)
                    continue
            rows.append([node])
        return rows

    def _single(self, node: ast.stmt) -> bool:
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)):
            return False
        value = node.value
        return isinstance(value, ast.Await) and self._one_read(node) is value

    def _one_read(self, node: ast.AST) -> ast.Await | None:
        """Return the only await of a node, if it is a read outside of inner scopes and conditions."""
        awaits = [one for one in ast.walk(node) if isinstance(one, ast.Await)]
        if len(awaits) != 1 or awaits[0] not in _at_once(node):
            return None
        call = awaits[0].value
        known = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in self._reads
        return awaits[0] if known else None

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.For) and (found := self._loop(node)):
            return found
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.AugAssign)):
            visitor = _Comprehensions(self)
            changed = visitor.visit(node)
            return [*visitor.helpers, changed]
        for name in ("body", "orelse", "finalbody"):
            if inner := getattr(node, name, None):
                setattr(node, name, self.block(inner))
        return [node]

    def _loop(self, node: ast.For) -> list[ast.stmt] | None:
        first = node.body[0]
        simple = isinstance(first, (ast.Assign, ast.Expr, ast.AugAssign))
        stops = any(isinstance(one, _STOPS) for one in ast.walk(node))
        read = self._one_read(first) if simple and not stops and not any(calls_of(node, self._others)) else None
        if read is None or node.orelse or any(isinstance(one, ast.Await) for one in ast.walk(node.iter)):
            return None
        if any(_names(one, ast.Store) & _names(read) for one in node.body) or _changed(node.body) & _names(read.value):
            return None
        self.used = True
        number = next(self._numbers)
        over, got = f"_over{number}", f"_got{number}"
        each = ast.ListComp(read.value, [ast.comprehension(node.target, ast.Name(over), [], 0)])
        first = _Put(read, got).visit(first)
        pairs = ast.Call(ast.Name("zip"), [ast.Name(over), _gather([ast.Starred(each)])], [])
        target = ast.Tuple([node.target, ast.Name(got, ast.Store())], ast.Store())
        bind = ast.Assign([ast.Name(over, ast.Store())], ast.Call(ast.Name("list"), [node.iter], []))
        return [bind, ast.For(target, pairs, self.block([first, *node.body[1:]]), [])]

    def helper(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> tuple[ast.stmt, ast.expr] | None:
        """Return a function for an element of a comprehension, and what gathers it."""
        if len(node.generators) != 1 or any(calls_of(node, self._others)) or not any(calls_of(node, self._reads)):
            return None
        (over,) = node.generators
        if any(isinstance(one, ast.NamedExpr) for one in ast.walk(node)):
            return None
        self.used = True
        name = f"_each{next(self._numbers)}"
        value = ast.Tuple([node.key, node.value], ast.Load()) if isinstance(node, ast.DictComp) else node.elt
        wanted = sorted(_names(over.target, ast.Store))
        given = ast.arguments([], [ast.arg(one) for one in wanted], None, [], [], None, [])
        asking = any(isinstance(one, ast.Await) for part in over.ifs for one in ast.walk(part))
        if asking:
            test = over.ifs[0] if len(over.ifs) == 1 else ast.BoolOp(ast.And(), over.ifs)
            value = ast.IfExp(test, ast.List([value], ast.Load()), ast.List([], ast.Load()))
            over.ifs = []
        function = ast.AsyncFunctionDef(name, given, [ast.Return(value)], [])
        call = ast.Call(ast.Name(name), [ast.Name(one) for one in wanted], [])
        found = _gather([ast.Starred(ast.ListComp(call, [over]))])
        if asking:
            parts = [
                ast.comprehension(ast.Name("_some", ast.Store()), found, [], 0),
                ast.comprehension(ast.Name("_one", ast.Store()), ast.Name("_some"), [], 0),
            ]
            found = ast.ListComp(ast.Name("_one"), parts)
        kind = {ast.SetComp: "set", ast.DictComp: "dict"}.get(type(node))
        return function, ast.Call(ast.Name(kind), [found], []) if kind else found


def _at_once(node: ast.AST) -> list[ast.AST]:
    """Return what a statement evaluates once and always: nothing behind a condition, of a comprehension the first iterable alone."""
    if isinstance(node, (ast.IfExp, ast.BoolOp, ast.Lambda)):
        return []
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return _at_once(node.generators[0].iter)
    return [node, *(one for part in ast.iter_child_nodes(node) for one in _at_once(part))]


def _changed(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names on which methods are called, or whose items are set: they may be other objects at the next turn."""
    found = set()
    for node in (one for part in body for one in ast.walk(part)):
        inner = node.func if isinstance(node, ast.Call) else node
        if not isinstance(inner, (ast.Attribute, ast.Subscript)) or not isinstance(inner.value, ast.Name):
            continue
        if isinstance(node, ast.Call) or isinstance(inner.ctx, ast.Store):
            found.add(inner.value.id)
    return found


class _Put(ast.NodeTransformer):
    def __init__(self, old: ast.Await, name: str) -> None:
        self._old, self._name = old, name

    def visit_Await(self, node: ast.Await) -> ast.AST:
        return ast.Name(self._name) if node is self._old else node


class _Comprehensions(ast.NodeTransformer):
    def __init__(self, rule: _Rule) -> None:
        self._rule = rule
        self.helpers: list[ast.stmt] = []

    def _gathered(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.AST:
        found = self._rule.helper(node)
        if found is None:
            return node
        self.helpers.append(found[0])
        return found[1]

    visit_ListComp = visit_SetComp = visit_DictComp = _gathered
