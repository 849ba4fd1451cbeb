"""Hand a program over to the Python front end, with what models write otherwise than Python has it put right in its tree.

    const t = await tide({port: "Brest"});        =>        t = tide(port="Brest")

Conditions, loops, handlers and functions are read there, and what isn't Python is refused there, at its place. A straight line of calls is a
plan of tasks; any other program is a plan with a body.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.lenient.calls.polish import takes_no_object
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.forms.straight_line import straight_line
from lcc.grammar.limits import TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.names.assigned import assigned, nodes
from lcc.grammar.python.lowering.program import lower
from lcc.grammar.python.lowering.state import BUILTIN_NAMES
from lcc.grammar.python.program_reader import read_program
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.reading.thoughts import blank
from lcc.grammar.signatures import TOOL_NAME, Signature
from lcc.grammar.source import Source, Span
from lcc.grammar.tolerant.tool_names import TYPES, ToolNames

_ANSWERS: Final = frozenset(["answer", "final_answer", "finish", "finalAnswer", "submit_answer"])
_WORDS: Final = {"console.log": "print", "display": "print", "echo": "print", "String": "str"}
_GATHERS: Final = frozenset(["gather", "Promise.all", "Promise.allSettled"])
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "undefined": None}
_DECLARED: Final = re.compile(
    r"^([ \t]*+)((?:const|let|var)[ \t]++)(\[[\w, \t]*+\]|\w++)([ \t]*+:[\w ,<>\[\]|.]++(?==))?", re.MULTILINE
)
_REMARK: Final = re.compile(
    r"\"(?:[^\"\\\r\n]|\\.|)*+\"|'(?:[^'\\\r\n]|\\.|)*+'|(?P<remark>(?<![:/\w])//[^\r\n]*+|/\*(?:(?!\*/)[\s\S]|)*+\*/)"
)
_TEMPLATE: Final = re.compile(
    r"(?P<other>\"(?:[^\"\\\r\n]|\\.|)*+\"|'(?:[^'\\\r\n]|\\.|)*+')|`(?P<said>(?:[^`\"\\\r\n{}$]|\$(?!\{)|\$\{[\w.]++\}|)*+)`"
)
"""A template of JavaScript that holds names and fields alone; any other one is an error of Python's."""
_JAVASCRIPT: Final = re.compile(r"^[ \t]*(?:const|let|var)[ \t]|;[ \t]*(?://.*)?\r?$", re.MULTILINE)
"""What only JavaScript has, where `//` begins a remark; elsewhere it divides."""
_MARK: Final = re.compile(
    r"^[ \t]*(?:(?:(?:const|let|var)[ \t]+)?[A-Za-z_][\w, \t]*(?::[ \t]*[\w\[\], .|]+)?[ \t]*(?<![=!<>])=(?![=>])|(?:print|console\.log|final_answer)\(|await\b|return\b|import\b|from\b.+\bimport\b"
    r"|(?:if|elif|while|for|with|def|async def|class|try|else|except|finally)\b.*:[ \t]*(?:#.*)?$|(?:if|while|for|try|function|async function)\b.*\{[ \t]*$)",
    re.MULTILINE,
)
_ASSIGNED: Final = re.compile(r"^[ \t]*[A-Za-z_]\w*[ \t]*=[ \t]*[A-Za-z_][\w.-]*\(.*$", re.MULTILINE)
_JOINS: Final = re.compile(r"^[ \t]*(?:\d+\.[ \t]*)?join\b", re.MULTILINE)
"""A plan that gives its results names and joins is one of the plan language, where texts hold references."""
_MORE: Final = "this is a program with more than calls, where a plan of calls is asked for"
_MARGIN: Final = re.compile(r"^[ \t]++(?=[^\s])|^(?=[^\s])", re.MULTILINE)
_REFERENCE: Final = re.compile(r"\$\{?(?P<number>\d{1,9})|\{\s*(?P<name>[A-Za-z_]\w*)")


def is_program(text: str) -> bool:
    """Whether a line of a text is one of a program, and none of a plan."""
    if _MARK.search(text) is None:
        return False
    return (
        _ASSIGNED.search(text) is None
        or _JOINS.search(text) is None
        or _MARK.search(_ASSIGNED.sub("", text)) is not None
    )


def read_as_program(
    text: str, names: ToolNames, limits: TextLimits, first: int
) -> tuple[tuple[Read, ...], tuple[Diagnostic, ...]] | None:
    """Return the calls of a text that is a program, with space for everything else, and what is wrong with it; None if it calls nothing.

    `first`: the id of the first task. What no plan of calls can say, and what only a plan has (a reference in a text), raises NotUnderstood.
    """
    script = _DECLARED.search(text) is not None
    text = _plain(text)
    read = read_program(text, limits)
    if not read.ok:
        return (), read.diagnostics
    habits = _Habits(read.module, names, script)
    module = habits.module()
    found = lower(module, Source("<program>", text), habits.tools)
    said = (*read.diagnostics, *(one for one in found.diagnostics if one.is_error))
    if has_errors(said):
        return (), said
    if not habits.calls:
        return None
    if found.inputs:
        raise NotUnderstood(_MORE, *found.inputs[0].span)
    flat = straight_line(found.body, first)
    if isinstance(flat, Span):
        raise NotUnderstood(_MORE, *flat)
    return flat, said


def _plain(text: str) -> str:
    """Return a program from the first column on, without JavaScript's declarations, their types, and remarks. Its values stay in their places."""
    script = _JAVASCRIPT.search(text) is not None
    text = _DECLARED.sub(lambda found: (found[1] + found[3]).ljust(len(found[0])), text)
    if script:
        text = _REMARK.sub(lambda found: blank(found[0]) if found["remark"] else found[0], text)
        text = _TEMPLATE.sub(_template, text)
    margin = min((len(found[0]) for found in _MARGIN.finditer(text)), default=0)
    if not margin or '"""' in text or "'''" in text:
        return text
    # A form feed sets the column to 0.
    return re.sub(rf"^[ \t]{{{margin}}}(?=[ \t]*[^\s])", " " * (margin - 1) + "\f", text, flags=re.MULTILINE)


def _template(found: re.Match[str]) -> str:
    """Return a template as Python writes it, and as long as it was."""
    if found["other"]:
        return found[0]
    said = found["said"].replace("${", "{")
    made = f'f"{said}"' if said != found["said"] else f'"{said}"'
    return made.ljust(len(found[0]))


class _Habits:
    """The habits of models in one program. `tools`: those that it may call. `script`: it is one of JavaScript, whose keys are no names."""

    def __init__(self, program: tree.Module, names: ToolNames, script: bool) -> None:
        self._program, self._names, self._script = program, names, script
        self.tools = dict(names.tools)
        self._every = list(nodes(program))
        self._bound = frozenset(assigned(program.body)) | {n.arg for n in self._every if isinstance(n, tree.arg)}
        self._bound |= {one.name for one in self._every if isinstance(one, tree.FunctionDef | tree.AsyncFunctionDef)}
        self._imported = {
            (one.asname or one.name).partition(".")[0] for one in self._every if isinstance(one, tree.alias)
        }
        self._concurrent = any(
            isinstance(one, tree.AsyncFunctionDef)
            or (isinstance(one, tree.Await) and not self._is_call_of_tool(one.value))
            for one in self._every
        )
        self.calls = 0

    def module(self) -> tree.Module:
        """Return the program as Python has it."""
        self.calls = sum(self._is_call_of_tool(one) for one in self._every)
        idle = next((one for one in _uncalled(self._program) if any(map(self._is_call_of_tool, nodes(one)))), None)
        if idle is not None:
            raise NotUnderstood(f"`{idle.name}` is never called, so that nothing in it is done", *idle.name_span)
        body = [self._tree(one) for one in self._program.body]
        if body:
            body[-1] = self._end(body[-1])
        if "asyncio" not in self._imported | self._bound:
            body.insert(0, tree.Import((tree.alias("asyncio"),)))
        return replace(self._program, body=tuple(body))

    def _end(self, last: Any) -> Any:
        """Return the last statement: an answer in the words of agents, or a plan's join, is what the program returns."""
        match last:
            case tree.Expr(tree.Call(tree.Name(name), args, keywords)) if name not in self._bound:
                if name in _ANSWERS and name not in self.tools and len(args) + len(keywords) == 1:
                    value = (*args, *(one.value for one in keywords))[0]
                    return replace(last, value=tree.Call(tree.Name("answer"), (value,), (), last.value.span))
                if self._names.find(name) == "join" and name not in self.tools:
                    return tree.Return(tree.List(args, last.span), last.span) if args else tree.Pass(last.span)
        return last

    def _tree(self, node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(self._tree(one) for one in node)
        if type(node) not in tree.FIELDS:
            return node
        changed = {}
        for name in tree.FIELDS[type(node)]:
            old = getattr(node, name)
            new = self._tree(old)
            if new is not old:
                changed[name] = new
        return self._node(replace(node, **changed) if changed else node)

    def _node(self, node: Any) -> Any:
        match node:
            case tree.Name(name) if name in _CONSTANTS and name not in self._bound:
                return tree.Constant(_CONSTANTS[name], node.span)
            case tree.Dict(keys) if any(isinstance(key, tree.Name) for key in keys):
                return replace(node, keys=tuple(map(self._key, keys)))
            case tree.Constant(str(text)):
                self._check(text, node.span)
            case tree.Await(tree.Call() as call) if not self._concurrent and self._is_call_of_tool(call):
                return call
            case tree.AnnAssign(annotation=said) if not self._is_type(said):
                raise NotUnderstood("what stands before this colon is no annotation", *node.span)
            case tree.Expr(tree.UnaryOp()):
                raise NotUnderstood("the sign before this call is not understood", *node.span)
            case tree.Call(func):
                return self._call(node, _dotted(func))
        return node

    def _is_type(self, said: Any) -> bool:
        """Whether an annotation is of known types. Anything else before a colon is a label with a statement behind it."""
        if isinstance(said, tree.Constant | tree.List | tree.Tuple):
            return isinstance(said, tree.Constant) and said.value is None
        return all(map(self._in_type, (said, *nodes(said))))

    def _in_type(self, one: Any) -> bool:
        if isinstance(one, tree.Name):
            return one.id in TYPES or one.id in self._imported
        sums = isinstance(one, tree.BinOp) and one.op == "|"
        return sums or isinstance(one, tree.Attribute | tree.Subscript | tree.Tuple | tree.List | tree.Constant)

    def _key(self, key: Any) -> Any:
        if isinstance(key, tree.Name) and (self._script or key.id not in self._bound):
            return tree.Constant(key.id, key.span)
        return key

    def _call(self, node: tree.Call, name: str) -> tree.Call:
        if name.split(".")[0] in self._bound:
            return node
        if name in _GATHERS:
            args = node.args
            if name != "gather" and len(args) == 1:
                args = (tree.Starred(args[0], args[0].span),)
            func: Any = tree.Attribute(tree.Name("asyncio", node.func.span), "gather", node.func.span)
            return replace(node, func=func, args=args)
        tool = self._names.find(name) if name not in BUILTIN_NAMES else None
        if tool is None and name in _WORDS:
            return replace(node, func=tree.Name(_WORDS[name], node.func.span))
        if tool is None and self._is_call_of_tool(node):
            self.tools[name] = Signature(name)
        if tool is None or tool not in self.tools:
            return node
        func = node.func if tool == name else tree.Name(tool, node.func.span)
        return self._spread(replace(node, func=func), self.tools[tool])

    def _spread(self, call: tree.Call, signature: Signature) -> tree.Call:
        """Return a call with its one object spread over the parameters that it names, as JavaScript gives them."""
        match call:
            case tree.Call(args=(tree.Dict(keys, values),), keywords=()) if keys and _named(keys, signature):
                pairs = zip(keys, values, strict=True)
                named = tuple(tree.keyword(_word(key), value, value.span) for key, value in pairs)
                return replace(call, args=(), keywords=named)
        return call

    def _is_call_of_tool(self, node: Any) -> bool:
        """Whether a node calls a tool; where no tools are known, whatever nothing else gives may be one."""
        name = _dotted(node.func) if isinstance(node, tree.Call) else ""
        if not name or name.split(".")[0] in self._bound:
            return False
        tool = self._names.find(name)
        if self._names.known or tool is not None:
            return tool is not None and tool not in ("join", "answer")
        known = name in BUILTIN_NAMES or name in _ANSWERS or name in _WORDS or name in _GATHERS
        return not known and "." not in name and TOOL_NAME.match(name) is not None

    def _check(self, text: str, span: Span) -> None:
        """Refuse a text that seems to hold a plan's reference to a call; programs have none in texts."""
        for found in _REFERENCE.finditer(text):
            if found["name"] in self._bound or (found["number"] and 0 < int(found["number"]) <= self.calls):
                what = f"`{found[0]}` in this text seems to be a reference, but a program has none in texts"
                raise NotUnderstood(what, *span)


def _uncalled(program: tree.Module) -> list[tree.FunctionDef | tree.AsyncFunctionDef]:
    """Return the functions that no statement outside of functions names, nor a function that one names."""
    idle: list[tree.FunctionDef | tree.AsyncFunctionDef] = []
    todo: list[Any] = list(program.body)
    named: set[str] = set()
    while todo:
        one = todo.pop()
        match one:
            case tree.FunctionDef() | tree.AsyncFunctionDef() if one.name not in named:
                idle.append(one)
                continue
            case tree.Name(name) if name not in named:
                named.add(name)
                todo += [function for function in idle if function.name == name]
                idle = [function for function in idle if function.name != name]
        todo += tree.parts(one)
    return idle


def _named(keys: tuple[Any, ...], signature: Signature) -> bool:
    first = next(iter(signature.parameters), None)
    if first is None or not takes_no_object(first.type):
        return False
    return all(signature.parameter(_word(key)) for key in keys)


def _word(key: Any) -> str:
    return key.value if isinstance(key, tree.Constant) and isinstance(key.value, str) else ""


def _dotted(func: Any) -> str:
    match func:
        case tree.Name(name):
            return str(name)
        case tree.Attribute(inner, name) if _dotted(inner):
            return f"{_dotted(inner)}.{name}"
        case _:
            return ""
