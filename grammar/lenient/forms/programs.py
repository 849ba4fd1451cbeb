"""Hand a program over to the Python front end, with what models write otherwise than Python has it put right.

    const t = await tide({port: "Brest"});        =>        t = tide(port="Brest")

Conditions, loops, handlers and functions are read there, and what isn't Python is refused there, at its place. A straight line of calls is a
plan of tasks; any other program is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.ir import NOWHERE, Arg, Const, Task, Value
from lcc.grammar.lenient.calls.polish import spread
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.limits import TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.callees import Callee, Operator, dotted_name
from lcc.grammar.python.lowering.names.assigned import nodes
from lcc.grammar.python.lowering.names.bindings import Binding, BuiltinName, Path, Tool, Unbound, Var
from lcc.grammar.python.lowering.program import Program, names_in, stub_names
from lcc.grammar.python.lowering.straight_line import straight_line
from lcc.grammar.python.program_reader import read_program
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.reading.thoughts import blank
from lcc.grammar.signatures import TOOL_NAME, Signature
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.statement import Call, CallKind
from lcc.grammar.tolerant.tool_names import TYPES, ToolNames

_ANSWERS: Final = frozenset(["answer", "final_answer", "finish", "finalAnswer", "submit_answer"])
_WORDS: Final[dict[str, Binding]] = {
    **dict.fromkeys(("console.log", "display", "echo"), BuiltinName("print")),
    **dict.fromkeys(("gather", "Promise.all"), Path("asyncio", "gather")),
    "asyncio": Path("asyncio"),
    "String": BuiltinName("str"),
}
"""What models mean by names that nothing in a program gives."""
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "undefined": None}
_DECLARED: Final = re.compile(
    r"^([ \t]*+)((?:const|let|var)[ \t]++)(\[[\w, \t]*+\]|\w++)([ \t]*+:[\w ,<>\[\]|.]++(?==))?", re.MULTILINE
)
_SCRIPT: Final = re.compile(
    r"\"(?:[^\"\\\r\n]|\\.|)*+\"|'(?:[^'\\\r\n]|\\.|)*+'|`(?P<said>(?:[^`\"\\\r\n{}$]|\$(?!\{)|\$\{[\w.]++\}|)*+)`"
    r"|(?P<remark>(?<![:/\w])//[^\r\n]*+|/\*(?:(?!\*/)[\s\S]|)*+\*/)"
)
"""Texts, templates and remarks of JavaScript. A template holds names and fields alone; any other one is an error of Python's."""
_JAVASCRIPT: Final = re.compile(r"^[ \t]*(?:const|let|var)[ \t]|;[ \t]*(?://.*)?\r?$", re.MULTILINE)
"""What only JavaScript has, where `//` begins a remark and keys are no names."""
_MARK: Final = re.compile(
    r"^[ \t]*(?:(?:(?:const|let|var)[ \t]+)?[A-Za-z_][\w, \t]*(?::[ \t]*[\w\[\], .|]+)?[ \t]*(?<![=!<>])=(?![=>])|(?:print|console\.log|final_answer)\(|await\b|return\b|import\b|from\b.+\bimport\b"
    r"|(?:if|elif|while|for|with|def|async def|class|try|else|except|finally)\b.*:[ \t]*(?:#.*)?$|(?:if|while|for|try|function|async function)\b.*\{[ \t]*$)",
    re.MULTILINE,
)
_ASSIGNED: Final = re.compile(r"^[ \t]*[A-Za-z_]\w*[ \t]*=[ \t]*[A-Za-z_][\w.-]*\(.*$", re.MULTILINE)
_JOINS: Final = re.compile(r"^[ \t]*(?:\d+\.[ \t]*)?join\b", re.MULTILINE)
"""A plan that gives its results names and joins is one of the plan language, where texts hold references."""
_MORE: Final = "this is a program with more than calls, where a plan of calls is asked for"
_MARGIN: Final = re.compile(r"^[ \t]*+(?=\S)", re.MULTILINE)
_REFERENCE: Final = re.compile(r"\$\{?(?P<number>\d{1,9})|\{\s*(?P<name>[A-Za-z_]\w*)")


def is_program(text: str) -> bool:
    """Whether a line of a text is one of a program, and none of a plan."""
    rest = _ASSIGNED.sub("", text) if _JOINS.search(text) else text
    return _MARK.search(rest) is not None


def read_as_program(
    text: str, names: ToolNames, limits: TextLimits
) -> tuple[tuple[Read, ...], tuple[Diagnostic, ...]] | None:
    """Return the calls of a text that is a program, with space for everything else, and what is wrong with it; None if it calls nothing.

    What no plan of calls can say, and what only a plan has (a reference in a text), raises NotUnderstood.
    """
    script = _JAVASCRIPT.search(text) is not None
    text = _plain(text, script)
    read = read_program(text, limits)
    if not read.ok:
        return (), read.diagnostics
    program = _Habits(read.module, text, names, script)
    found = program.lower()
    said = (*read.diagnostics, *(one for one in found.diagnostics if one.is_error))
    if has_errors(said):
        return (), said
    flat = found.inputs[0].span if found.inputs else straight_line(found.body)
    if isinstance(flat, Span):
        raise NotUnderstood(_MORE, *flat)
    tasks, join = flat
    if not tasks:
        return None
    program.check_texts(len(tasks))
    kind: CallKind = "answer" if join.direct else "join"
    ends = Call(kind, None, kind, tuple(Arg(None, value) for value in join.values), False, join.span)
    calls = (*(_call(task, place, names) for place, task in enumerate(tasks, 1)), ends)
    return tuple(Read(call, call.id, None, (), (), says="program") for call in calls), said


def _call(task: Task, place: int, names: ToolNames) -> Call:
    """Return a task as a call, its one object spread over the parameters that it names, as JavaScript gives them."""
    args = spread(task.args, names.signature(task.tool)) or task.args
    start = task.span.start + task.name_at
    named = NOWHERE if task.name_at < 0 else Span(start, start + len(task.tool))
    return Call("task", place, task.tool, args, False, task.span, named)


def _plain(text: str, script: bool) -> str:
    """Return a program from the first column on, without JavaScript's declarations, their types, and remarks. Its values stay in their places."""
    text = _DECLARED.sub(lambda found: (found[1] + found[3]).ljust(len(found[0])), text)
    if script:
        text = _SCRIPT.sub(_as_python, text)
    margin = min((len(found[0]) for found in _MARGIN.finditer(text)), default=0)
    if not margin or '"""' in text or "'''" in text:
        return text
    # A form feed sets the column to 0.
    return re.sub(rf"^[ \t]{{{margin}}}(?=[ \t]*\S)", " " * (margin - 1) + "\f", text, flags=re.MULTILINE)


def _as_python(found: re.Match[str]) -> str:
    """Return a text, template or remark of JavaScript as Python has it, and as long as it was."""
    if found["said"] is None:
        return blank(found[0]) if found["remark"] else found[0]
    said = found["said"].replace("${", "{")
    return (f'f"{said}"' if said != found["said"] else f'"{said}"').ljust(len(found[0]))


class _Habits(Program):
    """A program with the habits of models. `script`: it is one of JavaScript, whose keys are no names."""

    def __init__(self, module: tree.Module, text: str, names: ToolNames, script: bool) -> None:
        super().__init__(module, Source("<program>", text), stub_names(names.tools))
        self._names, self._script, self._every = names, script, tuple(nodes(module))
        self.module = replace(module, body=(*module.body[:-1], *map(self._end, module.body[-1:])))
        self.awaiting = any(
            isinstance(one, tree.AsyncFunctionDef) or (isinstance(one, tree.Await) and not self._calls_tool(one.value))
            for one in self._every
        )
        types = TYPES | {
            (one.asname or one.name).partition(".")[0] for one in self._every if isinstance(one, tree.alias)
        }
        for one in self._every:
            if isinstance(one, tree.AnnAssign) and not _is_type(one.annotation, types):
                raise NotUnderstood("what stands before this colon is no annotation", *one.span)

    def check_texts(self, calls: int) -> None:
        """Refuse a text that seems to hold a plan's reference to one of the calls, or to a name; programs have none in texts."""
        names = names_in(self._every) - self.tools.keys()
        for one in self._every:
            text = one.value if isinstance(one, tree.Constant) and isinstance(one.value, str) else ""
            for found in _REFERENCE.finditer(text):
                if found["name"] in names or (found["number"] and 0 < int(found["number"]) <= calls):
                    what = f"`{found[0]}` in this text seems to be a reference, but a program has none in texts"
                    raise NotUnderstood(what, *one.span)

    def _end(self, last: tree.Statement) -> tree.Statement:
        """Return the last statement: an answer in the words of agents, or a plan's join, is what the program returns."""
        match last:
            case tree.Expr(tree.Call(tree.Name(name), args, keywords)) if (
                name not in self.scope.own and name not in self.tools
            ):
                if name in _ANSWERS and len(args) + len(keywords) == 1:
                    value = (*args, *(one.value for one in keywords))[0]
                    return replace(last, value=tree.Call(tree.Name("answer"), (value,), (), value.span))
                if self._names.find(name) == "join":
                    return tree.Return(tree.List(args, last.span), last.span) if args else tree.Pass(last.span)
        return last

    def _calls_tool(self, node: tree.Expression) -> bool:
        return isinstance(node, tree.Call) and self._is_waiting(node.func)

    # what lowering does otherwise

    def static(self, node: tree.Expression) -> Binding | Operator | None:
        """Return what an expression stands for: a tool also in another spelling, and other words for what Python has."""
        name = dotted_name(node)
        tool = self._names.find(name)
        found = Tool(tool) if tool in self.tools else _WORDS.get(name)
        return found if found and self.lookup(name.partition(".")[0]) is None else super().static(node)

    def callee(self, node: tree.Expression) -> Callee:
        """Return what a call calls: where no tools are known, whatever nothing else gives is one."""
        name = node.id if isinstance(node, tree.Name) and not self._names.known else ""
        if TOOL_NAME.match(name) and name not in (*_ANSWERS, *_WORDS, "join") and self.lookup(name) is None:
            self.tools[name] = Signature(name)
        return super().callee(node)

    def value(self, node: tree.Expression, *, read: bool = False) -> Value:
        """Return the value of an expression: constants and keys also as JavaScript writes them."""
        match node:
            case tree.Name(name) if name in _CONSTANTS and self.lookup(name) is None:
                return Const(_CONSTANTS[name])
            case tree.Dict(keys):
                node = replace(node, keys=tuple(map(self._key, keys)))
        return super().value(node, read=read)

    def _key(self, key: tree.Expression | None) -> tree.Expression | None:
        if isinstance(key, tree.Name) and (self._script or not isinstance(self.lookup(key.id), Var | Unbound)):
            return tree.Constant(key.id, key.span)
        return key

    def awaited(self, node: tree.Expression, span: Span) -> Value:
        """Return what `await node` gives: where tools alone are awaited, other calls needn't be."""
        return super().awaited(node, span) if self.awaiting else self.value(node)

    def _begun_gather(self, node: tree.Call) -> Callable[[], Value]:
        """Evaluate what a gather is given: in JavaScript one list."""
        if dotted_name(node.func) == "Promise.all" and len(node.args) == 1:
            node = replace(node, args=(tree.Starred(node.args[0], node.args[0].span),))
        return super()._begun_gather(node)

    def check_uncalled(self) -> None:
        """Refuse a function that calls something, and that nobody calls."""
        for one in () if self.wrong else self.functions:
            body = tree.Module(one.body) if isinstance(one.body, tuple) else one.body
            if id(one.body) not in self.called and any(isinstance(inner, tree.Call) for inner in nodes(body)):
                raise NotUnderstood(f"`{one.name}` is never called, so that nothing in it is done", *one.span)
        super().check_uncalled()


def _is_type(said: tree.Expression, types: frozenset[str]) -> bool:
    """Whether an annotation is of known types. Anything else behind a label's colon is a statement."""
    names = {one.id for one in (said, *nodes(said)) if isinstance(one, tree.Name)}
    return bool(names) and names <= types
