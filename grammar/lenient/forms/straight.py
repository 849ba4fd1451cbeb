"""Read a straight line of calls in Python, or in JavaScript as far as it is the same. Conditions, loops and handlers are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.lenient.forms.said import NotUnderstood, Result, Said, Text
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.limits import TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.program_reader import read_program
from lcc.grammar.signatures import TOOL_NAME
from lcc.grammar.source import Span

_ANSWERS: Final = frozenset(["final_answer", "answer", "finish", "finalAnswer", "submit_answer"])
_PRINTS: Final = frozenset(["print", "console.log", "display", "echo"])
_GATHERS: Final = frozenset(["asyncio.gather", "gather", "Promise.all", "Promise.allSettled", "tuple", "list"])
_NOT_TOOLS: Final = frozenset(
    [
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "eval",
        "exec",
        "filter",
        "float",
        "format",
        "getattr",
        "hasattr",
        "input",
        "int",
        "isinstance",
        "iter",
        "len",
        "map",
        "max",
        "min",
        "next",
        "open",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "sorted",
        "str",
        "sum",
        "type",
        "zip",
    ]
)
_JAVASCRIPT: Final = re.compile(r"^([ \t]*+)((?:const|let|var)[ \t]++)(\[[\w, \t]*+\]|\w++)", re.MULTILINE)
_REMARK: Final = re.compile(r"\"(?:[^\"\\\r\n]|\\.|)*+\"|'(?:[^'\\\r\n]|\\.|)*+'|(?P<remark>(?<![:/\w])//[^\r\n]*+)")
_INDENT: Final = re.compile(r"[ \t]*")
_BRACED: Final = re.compile(r"(?:[$#@<%]\{?|\{)\s*([A-Za-z_]\w*)")
_DOLLAR: Final = re.compile(r"\$\{?\d")
_MARK: Final = re.compile(
    r"^[ \t]*(?:(?:(?:const|let|var)[ \t]+)?[A-Za-z_][\w, \t]*(?::[ \t]*[\w\[\], .|]+)?[ \t]*(?<![=!<>])=(?![=>])|(?:print|console\.log|final_answer)\(|await\b|return\b|import\b|from\b.+\bimport\b"
    r"|(?:if|elif|while|for|with|def|async def|class|try|else|except|finally)\b.*:[ \t]*(?:#.*)?$|(?:if|while|for|try|function|async function)\b.*\{[ \t]*$)",
    re.MULTILINE,
)
_ASSIGNED: Final = re.compile(r"^[ \t]*[A-Za-z_]\w*[ \t]*=[ \t]*[A-Za-z_][\w.-]*\(.*$", re.MULTILINE)
_JOINS: Final = re.compile(r"^[ \t]*(?:\d+\.[ \t]*)?join\b", re.MULTILINE)
"""A plan that gives its results names and joins is one of the plan language, where texts hold references."""
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "undefined": None}


def is_program(text: str) -> bool:
    """Whether a line of a text is one of a program, and none of a plan."""
    if _MARK.search(text) is None:
        return False
    return (
        _ASSIGNED.search(text) is None
        or _JOINS.search(text) is None
        or _MARK.search(_ASSIGNED.sub("", text)) is not None
    )


@dataclass(slots=True)
class Straight:
    """Walk over the statements of one program."""

    names: ToolNames
    calls: list[Said] = field(default_factory=list)
    join: list[Any] | None = None
    _bound: dict[str, Any] = field(default_factory=dict)
    _over: bool = False

    def read(self, text: str, limits: TextLimits) -> None:
        """Read a text that holds nothing but a program; what isn't one raises NotUnderstood."""
        plain = _JAVASCRIPT.sub(lambda m: m[1] + m[3] + " " * len(m[2]), text)
        plain = _REMARK.sub(lambda m: " " * len(m[0]) if m["remark"] else m[0], plain)
        plain = _dedented(plain)
        program = read_program(plain, limits)
        if not program.ok:
            bad = next(d for d in program.diagnostics if d.is_error)
            span = bad.span or Span(0, 0)
            raise NotUnderstood(
                f"this program can't be read: {bad.message}", min(span.start, max(len(text) - 1, 0)), span.end
            )
        for statement in program.module.body:
            self._statement(statement)

    def _statement(self, statement: Any) -> None:
        if self._over:
            raise _odd(statement, "this follows the end of the program")
        match statement:
            case tree.Expr(tree.Constant(str())) | tree.Import() | tree.ImportFrom() | tree.Pass():
                return
            case tree.Expr(value):
                self._expression(value)
            case tree.Assign(targets, value):
                made = self._value(value)
                for target in targets:
                    self._bind(target, made)
            case tree.AnnAssign(tree.Name() as target, _, value) if value is not None:
                self._bind(target, self._value(value))
            case tree.Return(value):
                self.join, self._over = [] if value is None else [self._value(value)], True
            case _:
                raise _odd(statement, "a plan has no such statement")

    def _expression(self, value: Any) -> None:
        value = _bare(value)
        if isinstance(value, tree.Call):
            name = _dotted(value.func)
            if name in _PRINTS and self.names.find(name) is None:
                for arg in value.args:
                    self._value(arg)
                for keyword in value.keywords:
                    self._value(keyword.value)
                return
            if name in _ANSWERS and self.names.find(name) in (None, "answer"):
                self.join = [self._value(arg) for arg in (*value.args, *(k.value for k in value.keywords))]
                self._over = True
                return
            if self.names.find(name) == "join":
                self.join = [self._value(arg) for arg in value.args] or None
                self._over = True
                return
        made = self._value(value)
        if not self._has_result(made):
            raise _odd(value, "this is no call")

    def _has_result(self, value: Any) -> bool:
        if isinstance(value, list):
            return bool(value) and all(self._has_result(item) for item in value)
        return isinstance(value, Result)

    def _bind(self, target: Any, value: Any) -> None:
        match target:
            case tree.Name(name):
                if self.names.known and self.names.find(name) is not None and name in self.names.tools:
                    raise _odd(target, "a tool's name is given to a value")
                self._bound[name] = value
            case tree.Tuple(parts) | tree.List(parts) if isinstance(value, list) and len(parts) == len(value):
                for part, item in zip(parts, value, strict=True):
                    self._bind(part, item)
            case _:
                raise _odd(target, "a plan can't take this apart")

    def _value(self, value: Any) -> Any:
        match value:
            case tree.Constant(text) if isinstance(text, str):
                return self._text(value, text)
            case tree.Constant(constant) if constant is not Ellipsis:
                return constant
            case tree.Name(name):
                if name in self._bound:
                    return self._bound[name]
                if name in _CONSTANTS:
                    return _CONSTANTS[name]
                raise _odd(value, f"`{name}` stands for nothing")
            case tree.Await():
                return self._value(value.value)
            case tree.Call():
                return self._call(value)
            case tree.List(items) | tree.Tuple(items):
                return [self._value(item) for item in items]
            case tree.Dict(keys, values):
                return {self._key(key): self._value(item) for key, item in zip(keys, values, strict=True)}
            case tree.JoinedStr(parts):
                return self._joined(parts)
            case tree.BinOp(left, "+", right):
                return self._sum(value, self._value(left), self._value(right))
            case tree.UnaryOp("-", tree.Constant(number)) if isinstance(number, int | float) and not isinstance(
                number, bool
            ):
                return -number
            case tree.Subscript(inner, tree.Constant(key)) if isinstance(key, str | int) and not isinstance(key, bool):
                return self._path(value, self._value(inner), key)
            case tree.Attribute(inner, name):
                return self._path(value, self._value(inner), name)
            case _:
                raise _odd(value, "a plan has no such value")

    def _text(self, node: Any, text: str) -> Any:
        if _DOLLAR.search(text) or any(
            m[1] in self._bound and isinstance(self._bound[m[1]], Result) for m in _BRACED.finditer(text)
        ):
            raise _odd(node, "this text seems to hold a reference, but a program has none in texts")
        return Text((text,))

    def _key(self, key: Any) -> str:
        match key:
            case tree.Constant(str(text)):
                return text
            case tree.Name(name) if name not in self._bound:
                return str(name)
            case _:
                raise _odd(key, "a key is text") if key is not None else NotUnderstood("a plan can't spread this", 0)

    def _joined(self, parts: Any) -> Text:
        out: list[Any] = []
        for part in parts:
            if isinstance(part, tree.Constant):
                out.append(part.value)
            elif part.conversion in (-1, 115) and part.format_spec is None:
                inner = self._value(part.value)
                out += inner.parts if isinstance(inner, Text) else [inner]
            else:
                raise _odd(part, "a plan can't format this")
        return self._checked(Text(tuple(out)), parts)

    def _checked(self, text: Text, node: Any) -> Text:
        parts = []
        for part in text.parts:
            if isinstance(part, bool) or part is None:
                part = str(part)
            elif isinstance(part, int | float):
                part = repr(part)
            if not isinstance(part, str | Result):
                raise NotUnderstood("a plan can't write this into a text", getattr(node, "span", Span(0, 0)).start)
            parts.append(part)
        return Text(tuple(parts))

    def _sum(self, node: Any, left: Any, right: Any) -> Text:
        if not (isinstance(left, Text) or isinstance(right, Text)):
            raise _odd(node, "a plan doesn't calculate")
        parts = [
            *(left.parts if isinstance(left, Text) else [left]),
            *(right.parts if isinstance(right, Text) else [right]),
        ]
        return self._checked(Text(tuple(parts)), node)

    def _path(self, node: Any, inner: Any, key: Any) -> Any:
        if isinstance(inner, Result):
            return Result(inner.place, (*inner.path, key))
        if isinstance(inner, list) and isinstance(key, int) and -len(inner) <= key < len(inner):
            return inner[key]
        if isinstance(inner, dict) and key in inner:
            return inner[key]
        raise _odd(node, "a plan has no such value")

    def _call(self, node: Any) -> Any:
        name = _dotted(node.func)
        if name is None:
            raise _odd(node, "only tools are called")
        tool = self.names.find(name)
        if tool is None and name in _GATHERS and not node.keywords:
            made = [self._value(arg.value if isinstance(arg, tree.Starred) else arg) for arg in node.args]
            return made[0] if len(made) == 1 and isinstance(made[0], list) else made
        if tool is None and name in ("str", "String") and len(node.args) == 1 and not node.keywords:
            inner = self._value(node.args[0])
            return inner if isinstance(inner, Text) else self._checked(Text((inner,)), node)
        if tool in ("join", "answer") or (
            tool is None and (self.names.known or name in _NOT_TOOLS or not TOOL_NAME.match(name))
        ):
            raise _odd(node, f"`{name}` is no tool")
        if tool is None and "." in name:
            raise _odd(node, f"`{name}` is no tool")
        args: list[tuple[str | None, Any]] = []
        for arg in node.args:
            if isinstance(arg, tree.Starred):
                raise _odd(arg, "a plan can't spread this")
            args.append((None, self._value(arg)))
        for keyword in node.keywords:
            if keyword.arg is None:
                raise _odd(keyword, "a plan can't spread this")
            args.append((keyword.arg, self._value(keyword.value)))
        self.calls.append(Said(tool or name, args, node.span))
        return Result(len(self.calls) - 1)


def _bare(value: Any) -> Any:
    return _bare(value.value) if isinstance(value, tree.Await) else value


def _dotted(func: Any) -> str:
    match func:
        case tree.Name(name):
            return str(name)
        case tree.Attribute(inner, name):
            before = _dotted(inner)
            return f"{before}.{name}" if before else ""
        case _:
            return ""


def _odd(node: Any, message: str) -> NotUnderstood:
    return NotUnderstood(message, node.span.start, node.span.end)


def _dedented(text: str) -> str:
    """Return a program whose lines all stand to the right, put to the left: the space goes to the lines' ends, so that places stay near."""
    lines = text.splitlines(keepends=True)
    filled = [line for line in lines if line.strip()]
    depth = min((len(_INDENT.match(line)[0]) for line in filled), default=0)  # type: ignore[index]
    if not depth:
        return text
    return "".join(
        line[depth:].rstrip("\r\n") + " " * depth + line[len(line.rstrip("\r\n")) :] if line.strip() else line
        for line in lines
    )
