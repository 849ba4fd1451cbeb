"""Check that an expression may stand where something is assigned or deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.python import tree
from lcc.grammar.python.lexer_errors import error
from lcc.grammar.source import Span

_SHOWN: Final = {
    tree.Call: "a call",
    tree.Constant: "a literal",
    tree.JoinedStr: "an f-string",
    tree.Compare: "a comparison",
    tree.Lambda: "a lambda",
    tree.IfExp: "a conditional expression",
    tree.Dict: "a dict",
    tree.Set: "a set",
    tree.Await: "an await",
    tree.NamedExpr: "an assignment",
    tree.ListComp: "a comprehension",
    tree.SetComp: "a comprehension",
    tree.DictComp: "a comprehension",
    tree.GeneratorExp: "a generator",
}


class Targets:
    """Checks of targets; each returns what it was given."""

    def __init__(self, report: Callable[[Diagnostic], None]) -> None:
        self._report = report

    def target(self, node: Any, code: str = "P109") -> Any:
        """Check a target of `=`, `for` or a comprehension: names, attributes, items, and lists and tuples of them."""
        if type(node) is tree.Starred:
            self._report(error(code, "a starred target stands alone", node.span, "write `*x, = …` or `x = list(…)`"))
            return node
        todo = [node]
        while todo:
            part = todo.pop()
            if type(part) in (tree.Tuple, tree.List):
                stars = [item for item in part.elts if type(item) is tree.Starred]
                if len(stars) > 1:
                    self._report(error(code, "two starred targets in one assignment", stars[1].span, "keep one star"))
                todo += reversed([item.value if type(item) is tree.Starred else item for item in part.elts])
            elif type(part) not in (tree.Name, tree.Attribute, tree.Subscript):
                self._report(self._refusal(part, "be assigned to"))
        return node

    def single(self, node: Any, what: str) -> Any:
        """Check the target of an augmented or annotated assignment."""
        if type(node) in (tree.Tuple, tree.List):
            shown = "a tuple" if type(node) is tree.Tuple else "a list"
            self._report(
                error("P109", f"{shown} can't be the target of {what}", node.span, "write one statement for each")
            )
        elif type(node) not in (tree.Name, tree.Attribute, tree.Subscript):
            self._report(self._refusal(node, f"be the target of {what}"))
        return node

    def deleted(self, node: Any) -> Any:
        """Check what `del` deletes."""
        todo = [node]
        while todo:
            part = todo.pop()
            if type(part) in (tree.Tuple, tree.List):
                todo += reversed(part.elts)
            elif type(part) not in (tree.Name, tree.Attribute, tree.Subscript):
                self._report(self._refusal(part, "be deleted"))
        return node

    def _refusal(self, node: Any, what: str) -> Diagnostic:
        shown = _SHOWN.get(type(node), "an expression")
        help_ = "name a variable, an attribute or an item"
        help_ += "; use `==` to compare" if what == "be assigned to" else ""
        span: Span = node.span
        return error("P109", f"{shown} can't {what}", span, help_)
