"""Treat lists of lambdas that a comprehension makes: `fs = [lambda x, k=k: x * k + i for i in xs]`.

They share what the comprehension binds, which is what its last turn left when they are called; their defaults are their own. So such
a list is, at run time, one of the defaults of each.
"""

from __future__ import annotations

from dataclasses import replace

from lcc.grammar.ir import Apply, Let, Local, Target, Targets, Value
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.called import Calls
from lcc.grammar.python.lowering.loops import Plain, Stream
from lcc.grammar.python.lowering.names.bindings import FunctionList, FunctionOf, Scope


class FunctionLists(Calls):
    """Lists of lambdas."""

    def kept_functions(self, target: tree.Name, value: tree.Expression) -> bool:
        """Keep a list of lambdas in a name; return whether this is one."""
        if not isinstance(value, tree.ListComp) or not isinstance(value.elt, tree.Lambda):
            return False
        node = value.elt
        first = self.stream(value.generators[0].iter)
        if not isinstance(first, Plain):
            raise self.unread(value.generators[0].iter)
        made = []
        with self.inside(Scope("comprehension", self.scope)):

            def own() -> Value:
                function = self.function("lambda", node.args, node.body, node.span)
                made.append(function)
                return Apply("display tuple", tuple(function.defaults.values()))

            items = self.yielded(value.generators, first.value, own, value.span)
        name = self.fresh(target.id)
        self.let(name, items, value.span)
        self.bind(target.id, FunctionList(name, made[0], tuple(made[0].defaults)), target.span)
        return True

    def stream(self, node: tree.Expression) -> Stream:
        """Return what is read in a loop; a list of lambdas is one of their defaults."""
        found = self.lookup(node.id) if isinstance(node, tree.Name) else None
        return Plain(Local(found.name)) if isinstance(found, FunctionList) else super().stream(node)

    def bind_own(self, target: tree.Target, of: tree.Expression | None = None) -> Target:
        """Bind the names of a comprehension's target; over a list of lambdas it is a function."""
        found = self.lookup(of.id) if isinstance(of, tree.Name) else None
        new = super().bind_own(target, of)
        if isinstance(found, FunctionList) and isinstance(target, tree.Name) and isinstance(new, str):
            self.scope.env[target.id] = FunctionOf(new, found)
        return new

    def element_call(self, node: tree.Call, function: FunctionOf) -> Value:
        """Call an element of a list of functions."""
        of = function.of
        names = tuple([self.fresh(one) for one in of.own])
        if names:
            self.emit(Let(Local(function.name), (Targets(names),), span=node.span))
        defaults: dict[str, Value] = {own: Local(name) for own, name in zip(of.own, names, strict=True)}
        return self.function_call(node, replace(of.function, defaults=defaults))
