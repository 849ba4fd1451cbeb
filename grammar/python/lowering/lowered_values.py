"""Make values of expressions, each call in them a statement before.

What doesn't act becomes one value. Of what acts, everything that CPython evaluates before a call stands in a statement before it,
and what it may not evaluate at all (`and`, `or`, conditional, a longer comparison) in the branch of an If.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    Exit,
    Handler,
    Input,
    Let,
    Local,
    Logic,
    Spread,
    Target,
    Targets,
    Try,
    Value,
)
from lcc.grammar.ir.operations import BUILTIN_CLASSES, CONSTANTS
from lcc.grammar.ir.operations.table import refuse
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.callees import Callees
from lcc.grammar.python.lowering.names.assigned import free_names_behind
from lcc.grammar.python.lowering.names.bindings import (
    BuiltinName,
    Coroutine,
    CoroutineList,
    Declared,
    Element,
    Function,
    FunctionList,
    FunctionOf,
    Ignored,
    Path,
    Scope,
    Tool,
    Unbound,
    Unclear,
    Var,
)
from lcc.grammar.python.lowering.names.program_rules import (
    AWAITS,
    FUNCTION,
    LAZY,
    STATEMENT,
    UNAVAILABLE,
    Refused,
    unavailable,
)
from lcc.grammar.python.lowering.state import Item
from lcc.grammar.source import Span


class Values(Callees):
    """Expressions."""

    def value(self, node: tree.Expression, *, read: bool = False) -> Value:
        """Return the value of an expression, after the statements that it takes. `read`: a generator is read at once."""
        match node:
            case tree.Constant(value):
                return self._constant(value, node.span)
            case tree.Name():
                return self._name(node)
            case tree.Attribute():
                return self._attribute(node)
            case tree.Call():
                return self.call(node, read=read)
            case tree.Await(inner):
                return self.awaited(inner, node.span)
            case tree.ListComp() | tree.SetComp() | tree.DictComp() | tree.GeneratorExp():
                return self.comprehended(node, read)
            case tree.Lambda():
                raise Refused(
                    FUNCTION, "a lambda is used as a value", node.span, "call it, or hand it to what calls it at once"
                )
            case tree.Starred(value):
                return Spread(self.value(value, read=True))
            case _:
                return self._built(node)

    def _built(self, node: tree.Expression) -> Value:
        match node:
            case tree.NamedExpr(target, value):
                self.assign(target, self.value(value), value)
                return self._name(target)
            case tree.BoolOp(op, values):
                return self.logic(op, values, node.span)
            case tree.IfExp():
                return self._conditional(node)
            case tree.Compare():
                return self._comparison(node)
            case tree.JoinedStr():
                return self._text(node)
            case _:
                return self._applied(node)

    def _applied(self, node: tree.Expression) -> Value:
        span = node.span
        match node:
            case tree.BinOp(left, op, right):
                return Apply(f"operator {op}", tuple(self.all_values([left, right])), span=span)
            case tree.UnaryOp("-", tree.Constant(int() | float() as number)) if not isinstance(number, bool):
                return Const(-number)
            case tree.UnaryOp(op, operand):
                return Apply(f"unary {op}", (self.value(operand),), span=span)
            case tree.Subscript(container, tree.Slice() as part):
                return Apply(
                    "subscript load slice", tuple(self.sequence([self.item(container), *self.bounds(part)])), span=span
                )
            case tree.Subscript(container, index):
                return Apply("subscript load", tuple(self.all_values([container, index])), span=span)
            case tree.List(elts):
                return Apply("display list", tuple(self.all_values(elts)), span=span)
            case tree.Tuple(elts):
                return Apply("display tuple", tuple(self.all_values(elts)), span=span)
            case tree.Set(elts):
                return Apply("display set", tuple(self.all_values(elts)), span=span)
            case tree.Dict():
                return self._dict(node)
            case _:
                raise Refused(STATEMENT, "this can't stand here", span)

    def item(self, node: tree.Expression, *, read: bool = False) -> Item:
        """Return an expression as an item of a sequence."""
        return self.acts(node), lambda: self.value(node, read=read)

    def all_values(self, nodes: Sequence[tree.Expression], *, read: bool = False) -> list[Value]:
        """Return the values of expressions, from left to right."""
        return self.sequence([self.item(node, read=read) for node in nodes])

    def bounds(self, part: tree.Slice) -> list[Item]:
        """Return the bounds of a slice as items of a sequence."""
        return [_there(Const(None)) if one is None else self.item(one) for one in (part.lower, part.upper, part.step)]

    def _constant(self, value: object, span: Span) -> Value:
        if value is ...:
            raise Refused(UNAVAILABLE, "`...` is no value of programs", span, "write pass, or None")
        return Const(value)  # type: ignore[arg-type]

    def _name(self, node: tree.Name) -> Value:
        if node.id == "__name__":
            return Const("__main__")
        given = self.lookup(node.id)
        if isinstance(given, Unclear) and given.value is not None and not self.tries:
            return Local(given.value, node.span)  # where it is the tool, which is no value, the program ends
        found = self.resolve(node)
        match found:
            case Var(name):
                return self._checked(name, node) if self.may_be_unbound(node) else Local(name, node.span)
            case Unbound(shown):
                return self._raised(*self._unbound(shown), node.span)
            case Declared(decl):
                self.inputs[decl.name] = decl
                return Input(decl.name, (), node.span)
            case BuiltinName(name) if name in BUILTIN_CLASSES:
                return Builtin(name, node.span)
            case Path():
                return self.constant(found, node.span)
            case Coroutine() | CoroutineList() | Element():
                raise Refused(
                    AWAITS, f"`{node.id}` is a call that isn't awaited yet", node.span, f"write `await {node.id}`"
                )
            case Tool(name):
                raise Refused(FUNCTION, f"the tool `{name}` is used as a value", node.span, f"call it: `{node.id}(…)`")
            case BuiltinName() | Function() | FunctionList() | FunctionOf() | Ignored() | Unclear():
                what = f"`{node.id}` is a function, and used as a value"
                raise Refused(FUNCTION, what, node.span, f"call it: `{node.id}(…)`")

    def _unbound(self, name: str) -> tuple[str, str]:
        """Return what CPython raises where a name is read that has no value yet."""
        scope: Scope | None = self.scope
        while scope is not None and name not in scope.own:
            scope = scope.parent
        if scope is None or scope.kind == "module":
            return "NameError", f"name '{name}' is not defined"
        if scope is not self.scope:
            what = "where it is not associated with a value in enclosing scope"
            return "NameError", f"cannot access free variable '{name}' {what}"
        return "UnboundLocalError", f"cannot access local variable '{name}' where it is not associated with a value"

    def _raised(self, kind: str, message: str, span: Span) -> Value:
        self.emit(Exit("raise", Apply(f"builtin {kind}", (Const(message),)), span=span))
        return Const(None)

    def _checked(self, name: str, node: tree.Name) -> Value:
        """Read a name of a function that may have no value: the error says what the program calls it."""
        place = self.fresh("t")
        self.reading.add(place)
        with self.block() as failed:
            self._raised(*self._unbound(node.id), node.span)
        handler = Handler(Builtin("NameError"), tuple(failed))
        self.emit(Try((Let(Local(name, node.span), (place,)),), (handler,), span=node.span))
        return Local(place)

    def constant(self, path: Path, span: Span) -> Value:
        """Return what a part of a module is as a value."""
        if str(path) in CONSTANTS:
            return Builtin(str(path), span)
        if not path.path:
            raise Refused(FUNCTION, f"the module `{path}` is used as a value", span)
        self.operation(path, span)
        raise Refused(FUNCTION, f"`{path}` is a function, and used as a value", span, "call it")

    def _attribute(self, node: tree.Attribute) -> Value:
        owner = self.static(node)
        match owner:
            case Path():
                return self.constant(owner, node.span)
            case None:
                pass
            case _:
                raise Refused(FUNCTION, "a function is used as a value", node.span, "call it")
        if node.attr.startswith("_") and not self._is_class_name(node):
            raise unavailable(refuse(node.attr, (), "the attribute"), node.attr_span)
        root = node.value
        while isinstance(root, tree.Attribute):
            root = root.value
        if isinstance(root, tree.Name) and self.lookup(root.id) is None:
            raise self.unknown(root.id, root.span)
        return Apply(f"attribute {node.attr}", (self.value(node.value),), span=node.span)

    def _is_class_name(self, node: tree.Attribute) -> bool:
        """Whether this is `type(e).__name__`, or of a name or a class."""
        match node.value:
            case tree.Call(tree.Name("type")):
                return node.attr == "__name__"
            case tree.Name(name):
                found = self.lookup(name)
                known = isinstance(found, Var) and found.kind == "type"
                return node.attr == "__name__" and (
                    known or (isinstance(found, BuiltinName) and name in BUILTIN_CLASSES)
                )
            case _:
                return False

    def _dict(self, node: tree.Dict) -> Value:
        items: list[Item] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                items.append(self.item(key))
            items.append(self.item(value) if key is not None else (self.acts(value), partial(self._double_star, value)))
        return Apply("display dict", tuple(self.sequence(items)), span=node.span)

    def _double_star(self, node: tree.Expression) -> Value:
        return Spread(self.value(node), True)

    def _text(self, node: tree.JoinedStr) -> Value:
        items = [(self.acts(part), partial(self._field, part)) for part in node.values]
        return Apply("field f-string", tuple(self.sequence(items)), span=node.span)

    def _field(self, part: tree.Constant | tree.FormattedValue) -> Value:
        if isinstance(part, tree.Constant):
            return self._constant(part.value, part.span)
        items: list[Item] = [self.item(part.value)]
        if part.format_spec is not None:
            spec = part.format_spec
            plain = all(isinstance(one, tree.Constant) for one in spec.values)
            text = "".join([str(one.value) for one in spec.values if isinstance(one, tree.Constant)])
            items.append(_there(Const(text)) if plain else self.item(spec))
        else:
            items.append(_there(Const("")))
        value, spec_value = self.sequence(items)
        conversion = None if part.conversion < 0 else chr(part.conversion)
        return Apply("field field", (value, spec_value, Const(conversion)), span=part.span)

    # what may not be evaluated

    def logic(self, op: str, nodes: Sequence[tree.Expression], span: Span) -> Value:
        """Return `a and b`, or `a or b`."""
        if len(nodes) == 1:
            return self.value(nodes[0])
        if not any(map(self.acts, nodes[1:])):
            return Logic("and" if op == "and" else "or", tuple([self.value(one) for one in nodes]), span)
        first = self.pin(self.value(nodes[0]))

        def rest() -> Value:
            return self.logic(op, nodes[1:], span)

        def given() -> Value:
            return first

        return self.choice(first, rest, given) if op == "and" else self.choice(first, given, rest)

    def _conditional(self, node: tree.IfExp) -> Value:
        test = self.value(node.test)
        if self.acts(node.body) or self.acts(node.orelse):
            return self.choice(test, lambda: self.value(node.body), lambda: self.value(node.orelse))
        return Choose(test, self.value(node.body), self.value(node.orelse), node.span)

    def _comparison(self, node: tree.Compare) -> Value:
        if len(node.ops) == 1:
            return Apply(
                f"operator {node.ops[0]}", tuple(self.all_values([node.left, node.comparators[0]])), span=node.span
            )
        if not self.acts(node):
            values = [self.value(one) for one in (node.left, *node.comparators)]
            pairs = zip(node.ops, values, values[1:], strict=False)
            return Logic(
                "and", tuple([Apply(f"operator {op}", (a, b), span=node.span) for op, a, b in pairs]), node.span
            )
        return self._chain(None, node, 0)

    def _chain(self, left: Value | None, node: tree.Compare, place: int) -> Value:
        """Compare from one place on, each value evaluated once, and only as far as needed."""
        right = node.comparators[place]
        last = place == len(node.ops) - 1
        begin = self.item(node.left) if left is None else _there(left)
        a, b = self.sequence(
            [begin, (self.acts(right), lambda: self.value(right) if last else self.pin(self.value(right)))]
        )
        test = Apply(f"operator {node.ops[place]}", (a, b), span=node.span)
        if last:
            return test
        found = self.pin(test)
        return self.choice(found, lambda: self._chain(b, node, place + 1), lambda: found)

    # comprehensions that don't act

    def comprehended(self, node: tree.ListComp | tree.SetComp | tree.DictComp | tree.GeneratorExp, read: bool) -> Value:
        """Return the value of a comprehension."""
        if isinstance(node, tree.GeneratorExp) and not read:
            self.check_unread(node, free_names_behind(node), self.acts(node))
        if self.acts(node):
            return self.looped(node)
        kinds = {tree.ListComp: "list", tree.SetComp: "set", tree.DictComp: "dict", tree.GeneratorExp: "lazy"}
        first = self.value(node.generators[0].iter, read=True)
        with self.comprehension(node.generators):
            clauses = []
            for place, one in enumerate(node.generators):
                items = self.value(one.iter, read=True) if place else first
                clauses.append(Clause(self.own_target(one.target), items, tuple([self.value(c) for c in one.ifs])))
            key = self.value(node.key) if isinstance(node, tree.DictComp) else None
            item = self.value(node.value if isinstance(node, tree.DictComp) else node.elt)
        return Comprehension(kinds[type(node)], item, tuple(clauses), key, node.span)  # type: ignore[arg-type]

    def check_unread(self, node: tree.Expression, names: frozenset[str], acts: bool) -> None:
        """Refuse a generator that is read elsewhere, if it calls, or if a name that it reads may be another one then."""
        what = "a generator that makes calls isn't read where it stands" if acts else ""
        changing = sorted(name for name in names if name in self.reassigned)
        if changing and not acts:
            what = f"a generator is read later, when `{changing[0]}` may be another value"
        if what:
            raise Refused(LAZY, what, node.span, "write a list: `[… for …]`")

    def own_target(self, target: tree.Target) -> Target:
        """Return a target whose names are a comprehension's own."""
        match target:
            case tree.Name(name):
                return name
            case tree.Tuple(elts) | tree.List(elts):
                stars = [place for place, one in enumerate(elts) if isinstance(one, tree.Starred)]
                items = [one.value if isinstance(one, tree.Starred) else one for one in elts]
                return Targets(tuple([self.own_target(one) for one in items]), stars[0] if stars else None)  # type: ignore[arg-type]
            case _:
                raise Refused(STATEMENT, "a comprehension binds names only", target.span)

    # what later layers give

    def call(self, node: tree.Call, *, read: bool = False) -> Value:
        """Return what a call gives."""
        raise NotImplementedError

    def awaited(self, node: tree.Expression, span: Span) -> Value:
        """Return what `await node` gives."""
        raise NotImplementedError

    def looped(self, node: tree.ListComp | tree.SetComp | tree.DictComp | tree.GeneratorExp) -> Value:
        """Return the value of a comprehension that acts."""
        raise NotImplementedError

    def assign(self, target: tree.Target, value: Value, node: tree.Expression | None) -> None:
        """Assign a value to a target. `node`: the expression that it is the value of."""
        raise NotImplementedError


def _there(value: Value) -> Item:
    """Return a value as an item of a sequence."""
    return False, lambda: value
