"""Find the names that statements assign, without those of the functions and comprehensions in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from lcc.grammar.python import tree
from lcc.grammar.python.tree import parts

_LEAVES = frozenset((tree.Name, tree.Constant))
COMPREHENSIONS = (tree.ListComp, tree.SetComp, tree.DictComp, tree.GeneratorExp)


def nodes(node: object) -> Iterator[tree.Node]:
    """Yield all nodes in a node."""
    todo = list(parts(node))
    while todo:
        one = todo.pop()
        yield one
        todo += parts(one)


def assigned(statements: Iterable[object]) -> dict[str, int]:
    """Return the names that statements bind in their own scope, each with the number of places."""
    found: Counter[str] = Counter()
    for statement in statements:
        _collect(statement, found, False)
    return dict(found)


def _collect(node: object, found: Counter[str], inner: bool) -> None:
    match node:
        case tree.FunctionDef(args=args) | tree.AsyncFunctionDef(args=args) | tree.Lambda(args=args):
            if not isinstance(node, tree.Lambda):
                found[node.name] += 1
            for one in (*args.defaults, *filter(None, args.kw_defaults)):
                _collect(one, found, inner)
            return
        case tree.NamedExpr(target, value):
            found[target.id] += 1
            _collect(value, found, inner)
            return
        case tree.ListComp() | tree.SetComp() | tree.DictComp() | tree.GeneratorExp():
            inner = True
        case tree.comprehension(_, iter_, ifs):
            for one in (iter_, *ifs):
                _collect(one, found, inner)
            return
        case tree.Assign(targets=targets) | tree.Delete(targets=targets):
            found.update(name for target in targets for name in target_names(target))
        case tree.For(target=target):
            found.update(target_names(target))
        case tree.AugAssign(target=tree.Name(name)):
            found[name] += 1
        case tree.AnnAssign(target=tree.Name(name), value=value):
            found[name] += value is not None
            if value is not None:
                _collect(value, found, inner)
            return
        case tree.ExceptHandler(name=str(name)):
            found[name] += 1
        case tree.alias(name, asname):
            found[asname or name.partition(".")[0]] += 1
        case _:
            pass
    for one in parts(node):
        if type(one) not in _LEAVES:
            _collect(one, found, inner)


def target_names(target: object) -> Iterator[str]:
    """Yield the names that a target binds."""
    match target:
        case tree.Name(name):
            yield name
        case tree.Tuple(elts) | tree.List(elts):
            for one in elts:
                yield from target_names(one)
        case tree.Starred(value):
            yield from target_names(value)
        case _:
            pass


def parameters(params: tree.arguments) -> tuple[str, ...]:
    """Return the names of the parameters of a function."""
    every = [*params.posonlyargs, *params.args, params.vararg, *params.kwonlyargs, params.kwarg]
    return tuple([one.arg for one in every if one is not None])


def free_names(node: object) -> frozenset[str]:
    """Return the names that an expression reads from around it."""
    match node:
        case tree.Name(name):
            return frozenset((name,))
        case tree.Lambda(params, body):
            defaults = (*params.defaults, *filter(None, params.kw_defaults))
            return _free(defaults) | (free_names(body) - frozenset(parameters(params)))
        case tree.ListComp() | tree.SetComp() | tree.DictComp() | tree.GeneratorExp():
            bound = frozenset(n for g in node.generators for n in target_names(g.target))
            first = free_names(node.generators[0].iter)
            rest = _free([one for one in parts(node) if one is not node.generators[0]])
            return first | ((rest | _free(node.generators[0].ifs)) - bound)
        case tree.comprehension(_, iter_, ifs):
            return _free((iter_, *ifs))
        case _:
            return _free(parts(node))


def free_names_behind(node: tree.GeneratorExp) -> frozenset[str]:
    """Return the names that a generator reads after it was made: all but those of its first items alone."""
    bound = frozenset(n for g in node.generators for n in target_names(g.target))
    rest = [node.elt, *node.generators[0].ifs, *node.generators[1:]]
    return _free(rest) - bound


def _free(found: Iterable[object]) -> frozenset[str]:
    return frozenset(name for one in found for name in free_names(one))
