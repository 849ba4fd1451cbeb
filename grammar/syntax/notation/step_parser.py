"""Parse one step: the actions of notation.lark, those of python.lark for its values, and plan files' own texts and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.lark_tables import tables
from lcc.grammar.limits import IR_NESTING, TextLimits
from lcc.grammar.python import python_parameters as parameters, tree
from lcc.grammar.python.depth import too_deep_at
from lcc.grammar.python.tables import LINE_GRAMMAR, LineTables, Misfit, Reduce, Token
from lcc.grammar.python.value_actions import Expressions
from lcc.grammar.source import Span
from lcc.grammar.syntax.notation.step_errors import FORMS, explain_misfit
from lcc.grammar.syntax.notation.step_texts import read_text
from lcc.grammar.syntax.notation.step_tokens import HEADS, Faulty, StepTokens
from lcc.grammar.syntax.notation.written import Written, WrittenArg
from lcc.grammar.syntax.strings import decode

Nodes = list[Any]
Report = Callable[[Diagnostic], None]
STEP_GRAMMAR: Final = Path(__file__).parent / "notation.lark"
_IMPORTED: Final = ("value", "targets", "condition", "item")
"""Rules of python.lark that notation.lark names, so that their actions keep their names there."""
_NUMBER: Final = re.compile(r"[0-9]++")


class StepParser:
    """Parses steps of one text. `report` takes what is wrong with what the grammar accepts."""

    def __init__(self, limits: TextLimits, report: Report) -> None:
        self._limits = limits
        self._report = report
        expressions = Expressions(limits, report)
        reducers: dict[str, Reduce] = {**parameters.REDUCERS, **expressions.reducers()}
        reducers |= {"string": self._string, "strings": self._strings, "number": self._number, "pair": self._pair}
        reducers["parameters"] = lambda v, s, e: parameters.arguments(v[0], report)
        made = {f"python__{name}": action for name, action in reducers.items()}
        made |= {name: reducers[name] for name in (*_IMPORTED, "first", "more", "beside") if name in reducers}
        made |= {name: getattr(self, f"_{name}") for name in _METHODS}
        self._targets = expressions.targets
        self._text, self._base = "", 0
        self._faults: dict[Span, Diagnostic] = {}  # of texts, which are none where the text is a key
        self._tables = LineTables(tables(STEP_GRAMMAR, LINE_GRAMMAR), made)

    def parse(self, text: str, base: int) -> Written:
        """Parse a step that begins at `base`; raise Faulty where it can't be read."""
        self._text, self._base = text, base
        self._faults.clear()
        written = self._run(StepTokens(text, base).step(), text, base)
        for found in self._faults.values():
            raise Faulty(found)
        assert isinstance(written, Written)
        return written

    def field(self, tokens: list[Token], text: str, base: int) -> Any:
        """Parse the expression of a `${…}`; raise Faulty where it can't be read."""
        return self._run(tokens, text, base)

    def _run(self, tokens: list[Token], text: str, base: int) -> Any:
        try:
            found = self._tables.run(tokens)
        except Misfit as misfit:
            raise Faulty(explain_misfit(tokens, misfit, text, base)) from None
        if len(tokens) > IR_NESTING:
            self._check_depth(found)
        return found

    def _check_depth(self, found: Any) -> None:
        parts = [found]
        if isinstance(found, Written):
            parts = [found.value, found.when, found.target, *[one.value for one in found.args]]
        span = too_deep_at([one for one in parts if one is not None], self._limits.nesting)
        if span is not None:
            help_ = "do it in several steps"
            raise Faulty(
                Diagnostic("P013", Severity.ERROR, "values are nested more deeply than the limit", span, help_)
            )

    # Values.

    def _string(self, v: Nodes, s: int, e: int) -> Any:
        try:
            return read_text(v[0].text, s, self, self._report)
        except Faulty as faulty:
            self._faults[Span(s, e)] = faulty.found
            return tree.Constant("", Span(s, e))

    def _pair(self, v: Nodes, s: int, e: int) -> Any:
        """Return an item of a dict; a key that is a string is read as it stands: a dollar means nothing in it."""
        key = v[0]
        if isinstance(key, tree.JoinedStr) or (isinstance(key, tree.Constant) and isinstance(key.value, str)):
            self._faults.pop(key.span, None)
            literal = self._text[key.span.start - self._base : key.span.end - self._base]
            key = tree.Constant(decode(literal, key.span.start).text, key.span)
        return key, v[2]

    def _strings(self, v: Nodes, s: int, e: int) -> Any:
        parts = v[0]
        if len(parts) > 1:
            span = parts[1].span
            raise Faulty(
                Diagnostic(
                    "P005",
                    Severity.ERROR,
                    "two texts stand side by side",
                    span,
                    "separate them by a comma, or join them with `+`",
                )
            )
        return parts[0]

    def _number(self, v: Nodes, s: int, e: int) -> tree.Constant:
        text, span = v[0].text, Span(s, e)
        problem = None
        if len(text) > self._limits.digits:
            problem = (
                f"a number of {len(text)} characters; at most {self._limits.digits} are read",
                "pass it as text, in quotes",
            )
        elif text[0] == "0" and text[1:2].isdigit():
            problem = f"`{text}` has leading zeros", "drop them, or quote the number if it is a code"
        elif not text.isdigit() and float(text) == float("inf"):
            problem = f"`{text}` is too large for a number", "the largest is about 1.8e308"
        if problem is not None:
            self._report(Diagnostic("P007", Severity.ERROR, problem[0], span, problem[1]))
            return tree.Constant(0, span)
        return tree.Constant(int(text) if text.isdigit() else float(text), span)

    # Steps.

    def _call_bare(self, v: Nodes, s: int, e: int) -> Written:
        return self._call(v[0], [], Span(s, e))

    def _call_args(self, v: Nodes, s: int, e: int) -> Written:
        return self._call(v[0], v[1], Span(s, e))

    def _call(self, head: Token, args: list[WrittenArg], span: Span) -> Written:
        found = HEADS.match(head.text)
        if found is None:
            raise AssertionError(head)
        named = Span(head.start + found.start("tool"), head.start + found.end("tool"))
        if len(args) > self._limits.arguments:
            message = f"{len(args)} arguments; a call has at most {self._limits.arguments}"
            self._report(
                Diagnostic("P015", Severity.ERROR, message, args[self._limits.arguments].span, "pass them as one list")
            )
        return Written("call", self._id(head), span, found["tool"], named, tuple(args))

    def _id(self, head: Token) -> int | None:
        found = _NUMBER.match(head.text)
        if found is None:
            return None
        digits = found[0]
        span = Span(head.start, head.start + len(digits))
        if len(digits) > 9 or digits[0] == "0":
            help_ = "ids are positive, of at most nine digits, without leading zeros"
            self._report(Diagnostic("P026", Severity.ERROR, f"`{digits[:20]}` is not an id", span, help_))
            return 0
        return int(digits)

    def _call_tails(self, v: Nodes, s: int, e: int) -> Written:
        call: Written = v[0]
        found: dict[str, Any] = {}
        for name, value, span in v[1]:
            if name in found:
                self._report(_twice(name, span))
            elif "when" in found:
                self._report(Diagnostic("P028", Severity.ERROR, f"`{name}` stands behind `when`", span, FORMS))
            found[name] = value
        if call.tool in ("join", "answer"):
            name, _, span = v[1][0]
            help_ = f"give the value alone: `{call.tool}` ends the plan"
            self._report(Diagnostic("P028", Severity.ERROR, f"`{call.tool}` takes no `{name}`", span, help_))
        return _with(call, Span(s, e), found)

    def _instead(self, v: Nodes, s: int, e: int) -> Any:
        return "if failed", self._refs([v[2]])[0], Span(s, e)

    def _after(self, v: Nodes, s: int, e: int) -> Any:
        return "after", self._refs(v[1]), Span(s, e)

    def _after_ok(self, v: Nodes, s: int, e: int) -> Any:
        return "after ok", self._refs(v[2]), Span(s, e)

    def _when(self, v: Nodes, s: int, e: int) -> Any:
        return "when", v[1], Span(s, e)

    def _refs(self, tokens: list[Token]) -> tuple[int, ...]:
        ids = []
        for token in tokens:
            digits = token.text[1:].strip("{} ")
            if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
                help_ = "name a step by its number: `$2`"
                span = Span(token.start, token.end)
                self._report(Diagnostic("P028", Severity.ERROR, f"`{token.text}` names no step", span, help_))
                digits = "0"
            ids.append(int(digits))
        return tuple(ids)

    def _let(self, v: Nodes, s: int, e: int) -> Written:
        return Written("let", self._id(v[0]), Span(s, e), value=v[1], when=v[3] if len(v) > 2 else None)

    def _for(self, v: Nodes, s: int, e: int) -> Written:
        number = self._id(v[0])
        target = self._targets.target(v[1], "P109")
        return Written("for", number, Span(s, e), target=target, value=v[3], when=v[5] if len(v) > 5 else None)

    def _yield(self, v: Nodes, s: int, e: int) -> Written:
        number = self._id(v[0])
        if number is not None:
            span = Span(v[0].start, v[0].end)
            self._report(
                Diagnostic("P028", Severity.ERROR, "`yield` has no number", span, "the loop has one: drop this")
            )
        return Written("yield", None, Span(s, e), value=v[1], when=v[3] if len(v) > 2 else None)

    def _python(self, v: Nodes, s: int, e: int) -> Written:
        return Written("python", self._id(v[0]), Span(s, e), when=v[2] if len(v) > 2 else None)

    def _field_value(self, v: Nodes, s: int, e: int) -> Any:
        return v[1]

    # Arguments.

    def _positional(self, v: Nodes, s: int, e: int) -> WrittenArg:
        return WrittenArg(None, v[0], False, Span(s, e))

    def _positional_each(self, v: Nodes, s: int, e: int) -> WrittenArg:
        return WrittenArg(None, v[1], True, Span(s, e))

    def _keyword_arg(self, v: Nodes, s: int, e: int) -> WrittenArg:
        return WrittenArg(v[0].text, v[1], False, Span(s, e))

    def _keyword_each(self, v: Nodes, s: int, e: int) -> WrittenArg:
        return WrittenArg(v[0].text, v[2], True, Span(s, e))

    def _quoted_arg(self, v: Nodes, s: int, e: int) -> WrittenArg:
        return WrittenArg(self._key(v[0]), v[2], False, Span(s, e))

    def _quoted_each(self, v: Nodes, s: int, e: int) -> WrittenArg:
        return WrittenArg(self._key(v[0]), v[3], True, Span(s, e))

    def _key(self, token: Token) -> str:
        return decode(token.text, token.start).text


_METHODS: Final = (
    *(
        "call_bare",
        "call_args",
        "call_tails",
        "instead",
        "after",
        "after_ok",
        "when",
        "let",
        "for",
        "yield",
        "python",
        "field_value",
    ),
    *("positional", "positional_each", "keyword_arg", "keyword_each", "quoted_arg", "quoted_each"),
)


def _with(call: Written, span: Span, found: dict[str, Any]) -> Written:
    instead, after, ok = found.get("if failed"), found.get("after", ()), found.get("after ok", ())
    when = found.get("when")
    return Written(
        "call", call.id, span, call.tool, call.named, call.args, when=when, instead=instead, after=after, ok=ok
    )


def _twice(name: str, span: Span) -> Diagnostic:
    return Diagnostic("P028", Severity.ERROR, f"`{name}` stands behind this call twice", span, "join the two")
