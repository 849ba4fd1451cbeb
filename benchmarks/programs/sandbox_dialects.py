"""Say a program in the dialects of others, by a script alone: the text of a program stays what it is wherever the dialect allows it.

`awaiting` makes every call of a tool awaited, for sandboxes in which tools are coroutines; `plain` leaves calls as they are. Both write
fields of results with brackets, since results are dicts there, and end in what the dialect hands back.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

LAZY = ("any", "all", "next", "islice", "zip")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Unsayable(Exception):
    """A program can't be said in a dialect by the script. The message says what stands in the way."""


def awaiting(text: str, tools: Mapping[str, Sequence[str]], fields: Iterable[str]) -> str:
    """Return a program whose calls are awaited, one after another; its last expression is what it hands back. Raises Unsayable.

    `tools`: the names of their parameters, with which arguments are given.
    """
    tree = _parsed(text, fields)
    for call in calls_of(tree, tools):
        if not any(isinstance(arg, ast.Starred) for arg in call.args):
            named = zip(tools[_name(call)], call.args, strict=False)
            call.keywords = [*(ast.keyword(name, arg) for name, arg in named), *call.keywords]
            call.args = []
    if not _awaits(tree):
        called = _callers(tree, set(tools))
        tree = _Awaiting(called).visit(tree)
    tree = _RunsMain().visit(tree)
    return ast.unparse(ast.fix_missing_locations(_handing_back(tree)))


_UNPACKS = "async def _result(name, given):\n    return (await call_tool(name, given))['result']"


def by_name(text: str, tools: Iterable[str], packed: Iterable[str] = ()) -> str:
    """Return an awaiting program whose tools are called as `call_tool("name", {...})`, and whose result, or else what it printed, is returned.

    `packed`: tools that give no object, whose results come as `{"result": …}`.
    """
    tree = compile(text, "<program>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    unpacks = [name for name in packed if any(calls_of(tree, [name]))]
    for call in calls_of(tree, tools):
        if call.args or any(one.arg is None for one in call.keywords):
            raise Unsayable("stars spread over the parameters of a tool")
        keys: list[ast.expr | None] = [ast.Constant(one.arg) for one in call.keywords]
        name = _name(call)
        call.args, call.keywords = [ast.Constant(name), ast.Dict(keys, [one.value for one in call.keywords])], []
        call.func = ast.Name("_result" if name in unpacks else "call_tool")
    prints = any(calls_of(tree, ["print"]))
    tree.body = _returning(_Collects().visit(tree).body if prints else tree.body, prints=prints)
    if unpacks:
        tree.body[:0] = _parse(_UNPACKS)
    return ast.unparse(ast.fix_missing_locations(tree))


def _returning(body: list[ast.stmt], *, prints: bool) -> list[ast.stmt]:
    """Return statements whose last one returns what they give: the last expression, or else the lines that were collected."""
    *before, last = body
    if not prints:
        return [*before, ast.Return(last.value)] if isinstance(last, ast.Expr) else body
    if isinstance(last, ast.Expr):
        last = ast.Assign([ast.Name("_value", ast.Store())], last.value)
        end = "return '\\n'.join(_lines) if _value is None else _value"
    else:
        end = "return '\\n'.join(_lines)"
    return [*_parse("_lines = []"), *before, last, *_parse(end)]


def _parse(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


class _Collects(ast.NodeTransformer):
    """Collect the lines that are printed."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if _name(node) != "print":
            return node
        apart = [one.value for one in node.keywords if one.arg == "sep"]
        if len(node.keywords) > len(apart):
            raise Unsayable("it prints in a way of its own, and only what is returned is seen there")
        texts = ast.Call(ast.Name("map"), [ast.Name("str"), ast.List(node.args, ast.Load())], [])
        line = ast.Call(ast.Attribute(apart[0] if apart else ast.Constant(" "), "join"), [texts], [])
        return ast.Call(ast.Attribute(ast.Name("_lines"), "append"), [line], [])


def plain(text: str, fields: Iterable[str], end: str) -> str:
    """Return a program whose calls aren't awaited; `end` is the function that ends it with its answer. Raises Unsayable."""
    tree = _parsed(text, fields)
    if _awaits(tree):
        raise Unsayable("it awaits, and tools are plain functions there")
    returning = _Ends(lambda value: ast.Expr(ast.Call(ast.Name(end), [value], [])), returns=True)
    body = [returning.visit(node) for node in tree.body]
    tree.body = body
    return ast.unparse(ast.fix_missing_locations(tree))


def _parsed(text: str, fields: Iterable[str]) -> ast.Module:
    tree = compile(text, "<program>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = _Fields(set(fields), called).visit(tree)
    assert isinstance(found, ast.Module)
    return found


class _Fields(ast.NodeTransformer):
    """Read fields of results with brackets. What is called is a method."""

    def __init__(self, fields: set[str], called: set[int]) -> None:
        self._fields, self._called = fields, called

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr in self._fields and id(node) not in self._called:
            return ast.Subscript(node.value, ast.Constant(node.attr), node.ctx)
        return node


def _awaits(tree: ast.AST) -> bool:
    return any(isinstance(node, (ast.Await, ast.AsyncFunctionDef)) for node in ast.walk(tree))


def _callers(tree: ast.Module, called: set[str]) -> set[str]:
    """Return the names of tools, and of the functions of a program that call them, themselves or through others."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    while True:
        more = {one.name for one in functions if any(calls_of(one, called))} - called
        if not more:
            return called
        called = called | more


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def calls_of(node: ast.AST, names: Iterable[str]) -> Iterator[ast.Call]:
    """Yield the calls of some functions by their names."""
    known = set(names)
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in known:
            yield one


class _Awaiting(ast.NodeTransformer):
    def __init__(self, called: set[str]) -> None:
        self._called = called

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in LAZY and any(isinstance(arg, ast.GeneratorExp) and self._in(arg) for arg in node.args):
            raise Unsayable(f"{name}(…) makes calls one by one, which awaited calls in a generator can't")
        self.generic_visit(node)
        return ast.Await(node) if name in self._called else node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        awaits = self._in(node)
        self.generic_visit(node)
        return ast.ListComp(node.elt, node.generators) if awaits else node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        if self._in(node):
            raise Unsayable("a lambda calls a tool, and can't await it")
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if node.name not in self._called:
            return node
        return ast.AsyncFunctionDef(node.name, node.args, node.body, node.decorator_list, node.returns)

    def _in(self, node: ast.AST) -> bool:
        return any(True for _ in calls_of(node, self._called))


class _RunsMain(ast.NodeTransformer):
    """Await what `asyncio.run` is given: the loop runs already."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.Await(node.args[0]) if ast.unparse(node.func) == "asyncio.run" else node


class _Ends(ast.NodeTransformer):
    """Put another end in the place of `answer(…)`, and with `returns` of `return` at top level. Functions can't end a program elsewhere."""

    def __init__(self, end: Callable[[ast.expr], ast.stmt], *, returns: bool = False) -> None:
        self._end, self._returns = end, returns

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        found = list(calls_of(node, ["answer"]))
        return self._end(found[0].args[0]) if found and found[0] is node.value else node

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        return self._end(node.value or ast.Constant(None)) if self._returns else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        if any(calls_of(node, ["answer"])):
            raise Unsayable("a function of the program ends it")
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node


def _handing_back(tree: ast.Module) -> ast.Module:
    """Return a program whose last expression is its answer; one that ends elsewhere becomes a function."""
    *before, last = tree.body
    kept = ast.Module(before, [])
    if not any(calls_of(kept, ["answer"])) and not _returns(kept):
        if isinstance(last, (ast.Expr, ast.Return)):
            return ast.Module([*before, _Ends(ast.Expr, returns=True).visit(last)], [])
        if not any(calls_of(last, ["answer"])) and not _returns(last):
            return tree
    ends = _Ends(ast.Return)
    arguments = ast.arguments([], [], None, [], [], None, [])
    main = ast.AsyncFunctionDef("main_program", arguments, [ends.visit(one) for one in tree.body], [])
    return ast.Module([main, ast.Expr(ast.Await(ast.Call(ast.Name("main_program"), [], [])))], [])


def _returns(node: ast.AST) -> bool:
    """Whether a return stands outside of functions."""
    if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
        return False
    return isinstance(node, ast.Return) or any(map(_returns, ast.iter_child_nodes(node)))
