"""Read the native formats of tool calls: one table of wrappers, which only delimit, and one of units, which are calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from lcc.grammar.lenient.calls.call_keys import CallKeys
from lcc.grammar.lenient.forms.call_records import literal_in
from lcc.grammar.lenient.marks.prefaces import LABELS
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.reading.template_marks import MARK
from lcc.grammar.signatures import only_text
from lcc.grammar.source import Span
from lcc.grammar.tolerant.references import number_of
from lcc.grammar.tolerant.tool_names import ToolNames

WRAPPER: Final = re.compile(MARK, re.IGNORECASE)
_N: Final = r"[A-Za-z_][\w./-]*+"
_FENCE: Final = r"(?:```[a-z]*\s*)?"
_ITEM: Final = rf"(?:[-*+•][ \t]++)?[*_]{{0,2}}(?:(?:(?:{LABELS})[ ]?)?(?P<number>\d{{1,9}})[.):：、][*_]{{0,2}}[ \t]*+|(?:{LABELS})[:：][*_]{{0,2}}[ \t]*+)?`?"
"""What may stand before an object that is an item of a list."""
_JSON: Final = re.compile(rf"{_ITEM}(?:functools(?=\[))?[{{\[](?=\s*+[\"'“{{\[}}\]\w/#])", re.IGNORECASE)
_CALLS: Final = re.compile(rf"\[\s*+(?={_N}\()")
DATA: Final = re.compile(rf"^[ \t]*(?:{_JSON.pattern}|{_CALLS.pattern})", re.MULTILINE | re.IGNORECASE)
"""What begins data, or a list of calls."""
_CALL: Final = re.compile(rf"(?:call\s*+)?(?:(?:functions?|tools?|default_api)\.)?(?={_N}\()")
_OPENED: Final = re.compile(
    rf"<(?P<tag>(?:[a-z]{{1,16}}:|｜DSML｜)?(?:function|invoke|tool|call|step|task))(?:\s+id\s*=\s*[\"'](?P<id>[\w.-]+)[\"'])?"
    rf"(?:\s*=\s*[\"']?|\s+(?:name|tool)\s*=\s*[\"'])(?P<name>{_N})[\"']?\s*>"
)
_PARAMETER: Final = re.compile(
    r"\s*+<(?P<tag>(?:[a-z]{1,16}:|｜DSML｜)?(?:parameter|param|arg|argument))(?:\s*=\s*|\s+(?:name|key)\s*=\s*)[\"']?(?P<key>[\w.-]++)[\"']?(?:\s[^>]*)?>"
)
_PAIRED: Final = re.compile(rf"(?P<name>{_N})\s*+(?=<arg_key>|</tool_call>)")
_PAIR: Final = re.compile(r"\s*+<arg_key>\s*(?P<key>[\w.-]+)\s*</arg_key>\s*<(?P<tag>arg_value)>")
_ELEMENT: Final = re.compile(rf"<(?P<tag>(?P<name>{_N}))>\s*+(?=</?[A-Za-z_])")
_CHILD: Final = re.compile(r"\s*+<(?P<tag>(?P<key>[A-Za-z_][\w.-]*+))>")
_HEADER: Final = r"(?:[^<]|<\|(?:channel|constrain)\|>)"
_TOLD: Final = re.compile(
    rf"<\|(?:start|channel)\|>{_HEADER}{{1,200}}?\bto=(?:functions\.)?(?P<name>{_N}){_HEADER}{{0,200}}+<\|message\|>\s*+{_FENCE}"
)
_SEP: Final = r"<[｜|]tool▁sep[｜|]>|<tool_sep>"
_GIVEN: Final = re.compile(
    rf"(?:(?P<begun>function(?:{_SEP})|call:(?:[\w.]+:)?)|✿FUNCTION✿\s*:\s*)?(?P<name>{_N})\s*+"
    rf"(?:(?:\[CALL_ID\][\w-]+)?\[ARGS\]|✿ARGS✿\s*:|(?::\d+)?\s*+<\|tool_call_argument_begin\|>|{_SEP}|(?(begun)|(?!)))\s*+{_FENCE}"
)
"""A name, a mark, and arguments."""
_NAMED: Final = re.compile(rf"(?P<name>{_N})\s*+{_FENCE}(?=[{{])")
_ESCAPED: Final = re.compile(
    r"\"(?:[^\"\\\r\n]|\\.|)*+\"|(?P<mark><escape>|<\|\"\|>)(?P<said>(?:(?!(?P=mark))[^\\」]|)*+)(?P=mark)"
)
_SPACE: Final = re.compile(r"(?:[\s,]|(?<=[)}\]]);|)*+")
_END_OF_LINE: Final = re.compile(r"[\r\n]")
_FENCE_END: Final = re.compile(r"\s*```")
MARKS: Final = re.compile(
    rf"{MARK}|<function(?:=|\s+name)|<(?:[a-z]{{1,16}}:|｜DSML｜)?invoke\s|<(?:step|task|call)\s[^<>\r\n]*\btool=|<arg_key>|<\|tool_call_argument_begin\|>|<\|message\|>|tool▁sep|\[ARGS\]|✿FUNCTION✿",
    re.IGNORECASE,
)
"""What only native formats have."""


def quoted(text: str) -> str:
    """Return a text of the same length with quotes in the place of tokens that quote, where those aren't quoted themselves."""
    return _ESCAPED.sub(lambda found: f"「{found['said']}」".center(len(found[0])) if found["mark"] else found[0], text)


@dataclass(slots=True)
class Units:
    """Read the calls of one text one after the other. `spans` are the places of all that was read."""

    keys: CallKeys
    spans: list[tuple[int, int]]
    text: str = field(init=False)
    values: Values = field(init=False)
    names: ToolNames = field(init=False)
    _line_end: int = -1

    def __post_init__(self) -> None:
        self.values, self.names, self.text = self.keys.values, self.keys.names, self.keys.values.text

    def read(self, native: bool) -> None:
        """Read all units; `native`: the marks of native formats stand in the text, so that bare calls are units, too."""
        at, fresh = 0, True
        while at < len(self.text):
            if wrapper := WRAPPER.match(self.text, at):
                self.spans.append(wrapper.span())
                at, fresh = wrapper.end(), native
            elif (space := _SPACE.match(self.text, at)) and space[0]:
                fresh = fresh or "\n" in space[0] or "\r" in space[0]
                if self.spans and self.spans[-1][1] == at:
                    self.spans[-1] = (self.spans[-1][0], space.end())
                at = space.end()
            elif fresh and (end := self._unit(at, native)) is not None:
                self.spans.append((at, end))
                at = end
            else:
                at, fresh = self._line(at), False

    def _line(self, at: int) -> int:
        """Return where a unit may begin behind what is none: at the next wrapper, or on the next line."""
        if at + 1 > self._line_end:
            found = _END_OF_LINE.search(self.text, at + 1)
            self._line_end = found.start() if found else len(self.text)
        wrapper = WRAPPER.search(self.text, at + 1, self._line_end)
        return wrapper.start() if wrapper else self._line_end

    def _unit(self, at: int, native: bool) -> int | None:
        for unit in _UNITS:
            found = unit.pattern.match(self.text, at) if native or not unit.marked else None
            if found is not None and (not unit.known or self.names.find(found["name"]) is not None):
                return unit.read(self, found)
        return None

    def add(self, name: str, args: list[tuple[str | None, Any]], start: int, end: int, id: str | None = None) -> None:
        """Add one call."""
        self.keys.add(name, args, Span(start, end), {} if id is None else {"id": id})

    def data(self, found: re.Match[str]) -> int:
        """Read objects and lists of calls. The number of an item of a list is the id of its one call."""
        value, end = self.values.value(found.end() - 1)
        if value == [] and not self.keys.calls:
            raise NotUnderstood("there is no call in this text", found.start(), end, "R044")
        before = len(self.keys.calls)
        self.keys.take(value, Span(found.start(), end))
        match self.keys.calls[before:]:
            case [read] if found["number"]:
                if number_of(read.key or "") not in (None, int(found["number"])):
                    raise NotUnderstood("this call has two numbers", found.start(), end)
                self.keys.calls[-1] = read._replace(key=read.key or found["number"])
        return end

    def several(self, found: re.Match[str]) -> int:
        """Read a list of calls."""
        at = found.end()
        while not self.text.startswith("]", at):
            call = _CALL.match(self.text, at)
            if call is None:
                raise self._missing("a call or a closing bracket", at)
            at = self.values.space(self.bare(call))
            at = self.values.space(at + 1) if self.text.startswith(",", at) else at
        return at + 1

    def bare(self, found: re.Match[str]) -> int:
        """Read `name(…)`."""
        tool, args, end = self.values.call(found.end())
        called = tool.removesuffix(".call")  # as Llama calls what is built in
        self.add(called if called in self.names.tools else tool, args, found.start(), end)
        return end

    def elements(self, found: re.Match[str], child: re.Pattern[str]) -> int:
        """Read a call whose arguments are elements of their own, or one object, up to the tag that closes it."""
        at, args = self.values.space(found.end()), list[tuple[str | None, Any]]()
        if self.text.startswith("{", at):
            value, at = self.values.value(at)
            args += value.items()
        while (opened := child.match(self.text, at)) is not None:
            close = f"</{opened['tag']}>"
            end = self.text.find(close, opened.end())
            if end < 0:
                raise NotUnderstood(f"`{close}` is missing", max(opened.end() - 1, 0), code="R043")
            args.append((opened["key"], self._typed(found["name"], opened["key"], self.text[opened.end() : end])))
            at = end + len(close)
        if tag := found.groupdict().get("tag"):
            at = self.values.space(at)
            if not self.text.startswith(f"</{tag}>", at):
                raise self._missing(f"`</{tag}>`", at)
            at += len(f"</{tag}>")
        self.add(found["name"], args, found.start(), at, found.groupdict().get("id"))
        return at

    def given(self, found: re.Match[str]) -> int:
        """Read a call whose name stands before its JSON arguments."""
        value, end = self.values.value(found.end())
        if not isinstance(value, dict | str):
            raise NotUnderstood("the arguments of a call are an object", found.end(), end)
        args = self.keys._given(value, found["name"], Span(found.end(), end))
        fence = _FENCE_END.match(self.text, end) if "```" in found[0] else None
        end = fence.end() if fence else end
        self.add(found["name"], args, found.start(), end)
        return end

    def _missing(self, what: str, at: int) -> NotUnderstood:
        code = "R045" if at < len(self.text) else "R043"
        return NotUnderstood(f"{what} belongs here", min(at, len(self.text) - 1), code=code)

    def _typed(self, tool: str, key: str, text: str) -> Any:
        """Return an argument that stands between tags: text where the tool takes text, else a literal where it is one."""
        signature = self.names.signature(self.names.find(tool) or tool)
        parameter = signature.parameter(key) if signature else None
        text = text.removeprefix("\n").removesuffix("\n")
        if parameter is not None and only_text(parameter.type):
            return text
        value = literal_in(text.strip(), self.values.limits, text)
        return text if parameter is None and (value is None or isinstance(value, str)) else value


class _Unit(NamedTuple):
    """A unit of native formats: how it begins, how it is read, and where it is one.

    `marked`: only in a text with marks of native formats. `known`: only with the name of a tool.
    """

    pattern: re.Pattern[str]
    read: Callable[[Units, re.Match[str]], int]
    marked: bool = False
    known: bool = False


def _elements(child: re.Pattern[str]) -> Callable[[Units, re.Match[str]], int]:
    return lambda units, found: units.elements(found, child)


_UNITS: Final = (
    _Unit(_CALLS, Units.several),
    _Unit(_JSON, Units.data),
    _Unit(_OPENED, _elements(_PARAMETER)),
    _Unit(_ELEMENT, _elements(_CHILD), known=True),
    _Unit(_GIVEN, Units.given),
    _Unit(_TOLD, Units.given),
    _Unit(_PAIRED, _elements(_PAIR)),
    _Unit(_NAMED, Units.given, known=True),
    _Unit(_CALL, Units.bare, marked=True),
)
