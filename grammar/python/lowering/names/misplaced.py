"""Find what CPython's compiler refuses where it stands, though its grammar reads it: `break` outside of a loop, `:=` in comprehensions."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.python import tree
from lcc.grammar.python.lowering.names.assigned import COMPREHENSIONS, nodes, target_names
from lcc.grammar.python.lowering.names.program_rules import AWAITS, STATEMENT, Refused
from lcc.grammar.python.tree import parts

_NONE: frozenset[str] = frozenset()


def misplaced(module: tree.Module) -> Iterator[Refused]:
    """Yield the refusals of a program."""
    yield from _awaits(module)
    yield from _statements(module)


def _awaits(module: tree.Module) -> Iterator[Refused]:
    """Yield a refusal for each `await` in a plain function, and for each async function that is called and can't be awaited."""
    todo: list[tuple[tree.Node, bool]] = [(one, False) for one in module.body]
    functions: set[str] = set()
    calls: list[tree.Call] = []
    run: set[int] = set()
    awaits = False
    while todo:
        node, plain = todo.pop()
        match node:
            case tree.Await() if plain:
                yield Refused(AWAITS, "`await` stands in a plain function", node.span, "write `async def`")
            case tree.Await():
                awaits = True
            case tree.FunctionDef():
                plain = True
            case tree.AsyncFunctionDef(name=name):
                functions.add(name)
                plain = False
            case tree.Call(func=tree.Attribute(attr="run") | tree.Name(id="run"), args=args):
                run |= set(map(id, args))
                calls.append(node)
            case tree.Call():
                calls.append(node)
            case _:
                pass
        todo += [(one, plain) for one in parts(node)]
    for call in [] if awaits else calls:
        if isinstance(call.func, tree.Name) and call.func.id in functions and id(call) not in run:
            yield Refused(AWAITS, "this call isn't awaited, so it isn't made", call.span, "write `await` before it")


def _in_annotation(node: tree.Node) -> Iterator[Refused]:
    """Yield a refusal for a call in an annotation, which says what a value is and is never evaluated."""
    match node:
        case tree.AnnAssign(annotation=said) | tree.arg(annotation=said):
            pass
        case tree.FunctionDef(returns=said) | tree.AsyncFunctionDef(returns=said):
            pass
        case _:
            return
    call = next((one for one in (said, *nodes(said)) if isinstance(one, tree.Call)), None) if said else None
    if call is not None:
        yield Refused(STATEMENT, "a call in an annotation is never made", call.span, "call it in a line of its own")


def _statements(module: tree.Module) -> Iterator[Refused]:
    todo: list[tuple[tree.Node, bool, frozenset[str]]] = [(one, False, _NONE) for one in module.body]
    while todo:
        node, in_loop, bound = todo.pop()
        inside = in_loop
        yield from _in_annotation(node)
        match node:
            case tree.Break() | tree.Continue() if not in_loop:
                word = "break" if isinstance(node, tree.Break) else "continue"
                yield Refused(
                    STATEMENT, f"`{word}` stands outside of a loop", node.span, "leave it out, or write `return`"
                )
            case tree.For(orelse=orelse) | tree.While(orelse=orelse):
                behind = {id(one) for one in orelse}
                todo += [(one, in_loop if id(one) in behind else True, bound) for one in parts(node)]
                continue
            case tree.FunctionDef() | tree.AsyncFunctionDef() | tree.Lambda():
                inside, bound = False, _NONE
            case tree.NamedExpr(target) if target.id in bound:
                message = f"`{target.id}` is what the comprehension goes over, and can't be assigned in it"
                yield Refused(STATEMENT, message, node.span, "choose another name")
            case tree.ListComp() | tree.SetComp() | tree.DictComp() | tree.GeneratorExp():
                yield from _in_items(node)
                bound |= {name for one in node.generators for name in target_names(one.target)}
            case _:
                pass
        todo += [(one, inside, bound) for one in parts(node)]


def _in_items(node: tree.Node) -> Iterator[Refused]:
    """Yield a refusal for each assignment in what a comprehension goes over."""
    assert isinstance(node, COMPREHENSIONS)
    todo: list[tree.Node] = [one.iter for one in node.generators]
    while todo:
        one = todo.pop()
        if isinstance(one, tree.NamedExpr):
            message = "`:=` can't stand in what a comprehension goes over"
            yield Refused(STATEMENT, message, one.span, "assign on a line before")
        todo += parts(one)
