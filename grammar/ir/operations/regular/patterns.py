"""The functions of `re`, and what patterns and matches can be asked. See `matcher` for how they match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from lcc.grammar.ir.operations.basis.kinds import Lazy, MatchValue, PatternValue, Value, type_name
from lcc.grammar.ir.operations.basis.meter import Meter, refused
from lcc.grammar.ir.operations.basis.operation import Operation, free, operation
from lcc.grammar.ir.operations.regular.matcher import FLAGS, Matcher, Spans, program_of
from lcc.grammar.signatures import ANY, INT, STR, ListType

_TEMPLATE: Final = re.compile(r"\\(?:g<(?P<name>[^>]*)>|(?P<number>[1-9][0-9]?)|(?P<escape>.)|$)", re.DOTALL)
_ESCAPES: Final = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def _pattern(pattern: Value, flags: Value = 0) -> PatternValue:
    if type(pattern) is PatternValue:
        if flags:
            raise ValueError("cannot process flags argument with a compiled pattern")
        return pattern
    if type(pattern) is not str:
        raise TypeError("first argument must be string or compiled pattern")
    if not isinstance(flags, int):
        raise TypeError(f"unsupported operand type(s) for &: '{type_name(flags)}' and 'int'")
    return PatternValue(pattern, int(flags))


def _matcher(meter: Meter, pattern: PatternValue, text: Value) -> Matcher:
    meter.step(1 + len(pattern.pattern) // 4)
    program = program_of(pattern.pattern, pattern.flags)
    if type(text) is not str:
        raise TypeError(f"expected string or bytes-like object, got '{type_name(text)}'")
    return Matcher(meter, program, text)


def _match_value(
    meter: Meter, matcher: Matcher, pattern: PatternValue, start: int, end: int, spans: Spans
) -> MatchValue:
    groups = [(spans[i], spans[i + 1]) if spans[i + 1] >= 0 else (-1, -1) for i in range(2, len(spans), 2)]
    meter.memory(200 + 72 * len(groups))
    return MatchValue(matcher.text, ((start, end), *groups), matcher.program.names, pattern)


def _anchored(whole: bool) -> Callable[..., Value]:
    def match(meter: Meter, pattern: Value, string: Value, flags: Value = 0) -> MatchValue | None:
        known = _pattern(pattern, flags)
        matcher = _matcher(meter, known, string)
        found = matcher.run(matcher.program, 0, whole)
        return None if found is None else _match_value(meter, matcher, known, 0, *found)

    return match


def _search(meter: Meter, pattern: Value, string: Value, flags: Value = 0) -> MatchValue | None:
    known = _pattern(pattern, flags)
    matcher = _matcher(meter, known, string)
    found = matcher.search(0)
    return None if found is None else _match_value(meter, matcher, known, *found)


def _iterate(meter: Meter, pattern: Value, string: Value, flags: Value = 0) -> Iterator[MatchValue]:
    known = _pattern(pattern, flags)
    matcher = _matcher(meter, known, string)
    return (_match_value(meter, matcher, known, *found) for found in matcher.matches())


def _finditer(meter: Meter, pattern: Value, string: Value, flags: Value = 0) -> Lazy:
    return Lazy("callable_iterator", _iterate(meter, pattern, string, flags))


def _findall(meter: Meter, pattern: Value, string: Value, flags: Value = 0) -> list[Value]:
    out: list[Value] = []
    for match in _iterate(meter, pattern, string, flags):
        texts = [match[i] or "" for i in range(len(match.spans))]
        meter.new_text(sum(map(len, texts)), *texts)
        meter.memory(8)
        out.append(texts[0] if len(texts) == 1 else texts[1] if len(texts) == 2 else tuple(texts[1:]))
    return out


def _template(text: str, program: Any) -> list[str | int]:
    """Return the parts of a replacement: texts, and numbers of groups; raise re.error as re.sub does."""
    out: list[str | int] = []
    at = 0
    for part in _TEMPLATE.finditer(text):
        out.append(text[at : part.start()])
        at = part.end()
        name = part["name"] if part["name"] is not None else part["number"]
        if name is not None:
            out.append(_group_number(name, part.start() + (3 if part["name"] is not None else 1), program, text))
        elif part["escape"] in _ESCAPES:
            out.append(_ESCAPES[part["escape"]])
        elif (
            part["escape"] is None
            or part["escape"] in "g0123456789"
            or (part["escape"].isalpha() and part["escape"].isascii())
        ):
            if part["escape"] in (None, "g", "0"):
                raise refused("the replacement holds an escape that isn't plain", r"write \1, \g<1>, \g<name> or \n")
            raise re.error(f"bad escape \\{part['escape']}", text, part.start())
        else:
            out.append(part[0])
    return [*out, text[at:]]


def _group_number(name: str, at: int, program: Any, text: str) -> int:
    if name.isascii() and name.isdecimal():
        if int(name) >= program.groups:
            raise re.error(f"invalid group reference {int(name)}", text, at)
        return int(name)
    if name not in program.names:
        if not name.isidentifier():
            raise re.error("missing group name" if not name else f"bad character in group name {name!r}", text, at)
        raise IndexError(f"unknown group name {name!r}")
    return int(program.names[name])


def _sub_count(
    meter: Meter, pattern: Value, repl: Value, string: Value, count: Value = 0, flags: Value = 0
) -> tuple[str, int]:
    known = _pattern(pattern, flags)
    if type(repl) is not str:
        raise refused("a replacement must be a text", "replace by a loop over re.finditer")
    matcher = _matcher(meter, known, string)
    parts = _template(repl, matcher.program) if "\\" in repl else [repl]
    out: list[str] = []
    at = done = 0
    for start, end, spans in matcher.matches():
        whole = (start, end, *spans[2:])
        new = [
            p if isinstance(p, str) else matcher.text[whole[2 * p] : whole[2 * p + 1]] if whole[2 * p + 1] >= 0 else ""
            for p in parts
        ]
        meter.new_text(start - at + sum(map(len, new)), string, *new)
        out += [string[at:start], *new]
        at = end
        done += 1
        if done == count:
            break
    out.append(string[at:])
    meter.new_text(sum(map(len, out)), *out)
    return "".join(out), done


def _sub(meter: Meter, pattern: Value, repl: Value, string: Value, count: Value = 0, flags: Value = 0) -> str:
    return _sub_count(meter, pattern, repl, string, count, flags)[0]


def _split(meter: Meter, pattern: Value, string: Value, maxsplit: Value = 0, flags: Value = 0) -> list[str | None]:
    known = _pattern(pattern, flags)
    matcher = _matcher(meter, known, string)
    out: list[str | None] = []
    at = 0
    for done, (start, end, spans) in enumerate(matcher.matches(), 1):
        meter.new_text(end - at, string)
        meter.memory(60 * len(spans))
        out.append(string[at:start])
        out += [string[spans[i] : spans[i + 1]] if spans[i + 1] >= 0 else None for i in range(2, len(spans), 2)]
        at = end
        if done == maxsplit:
            break
    meter.new_text(len(string) - at, string)
    return [*out, string[at:]]


def _compile(meter: Meter, pattern: Value, flags: Value = 0) -> PatternValue:
    known = _pattern(pattern, flags)
    meter.step(1 + len(known.pattern) // 4)
    program_of(known.pattern, known.flags)
    return known


def pattern_flags(self: PatternValue) -> int:
    """Evaluate `pattern.flags`: those of the pattern's text, too."""
    return program_of(self.pattern, self.flags).flags


def _escape(meter: Meter, pattern: str) -> str:
    meter.new_text(2 * len(pattern), pattern)
    return re.escape(pattern)


def _group(meter: Meter, self: MatchValue, *groups: Value) -> Value:
    meter.new_text(sum(e - s for s, e in self.spans), self.text)
    found = [self[g] for g in groups or (0,)]
    return found[0] if len(found) == 1 else tuple(found)


def _groups(meter: Meter, self: MatchValue, default: Value = None) -> tuple[Value, ...]:
    meter.new_text(sum(e - s for s, e in self.spans), self.text)
    return tuple(default if s < 0 else self.text[s:e] for s, e in self.spans[1:])


def _groupdict(meter: Meter, self: MatchValue, default: Value = None) -> dict[str, Value]:
    groups = _groups(meter, self, default)
    return {name: groups[number - 1] for name, number in self.names.items()}


def _span(self: MatchValue, group: Value = 0) -> tuple[int, int]:
    return self.spans[self.place(group)]


_SIGNATURE: Final = "pattern, string: str, flags: integer = 0"


def _functions() -> dict[str, Operation]:
    sub = "pattern, repl, string: str, count: integer = 0, flags: integer = 0"
    split = "pattern, string: str, maxsplit: integer = 0, flags: integer = 0"
    rows = (
        ("match", _SIGNATURE, ANY, _anchored(False)),
        ("fullmatch", _SIGNATURE, ANY, _anchored(True)),
        ("search", _SIGNATURE, ANY, _search),
        ("findall", _SIGNATURE, ListType(ANY), _findall),
        ("finditer", _SIGNATURE, ANY, _finditer),
        ("sub", sub, STR, _sub),
        ("subn", sub, ANY, _sub_count),
        ("split", split, ListType(ANY), _split),
        ("compile", "pattern, flags: integer = 0", ANY, _compile),
        ("escape", "pattern: str", STR, _escape),
    )
    return {name: operation(name, signature, t, free, f, metered=True) for name, signature, t, f in rows}


RE: Final[dict[str, Operation]] = _functions()
RE_CONSTANTS: Final[dict[str, int]] = {name: int(flag) for name, flag in FLAGS.items()}

PATTERN_METHODS: Final[dict[str, Operation]] = {
    name: operation(
        f"re.Pattern.{name}",
        ", ".join("self" if p.name == "pattern" else f"{p.name}{'' if p.required else ' = 0'}" for p in found.params if p.name != "flags"),
        found.result, free, found.evaluate, metered=True,
    )
    for name, found in RE.items() if name not in ("compile", "escape")
}  # fmt: skip

MATCH_METHODS: Final[dict[str, Operation]] = {
    "end": operation("re.Match.end", "self, group = 0, /", INT, free, lambda self, group=0: _span(self, group)[1]),
    "group": operation("re.Match.group", "self, /, *groups", ANY, free, _group, metered=True),
    "groupdict": operation("re.Match.groupdict", "self, default = None", ANY, free, _groupdict, metered=True),
    "groups": operation("re.Match.groups", "self, default = None", ANY, free, _groups, metered=True),
    "span": operation("re.Match.span", "self, group = 0, /", ANY, free, _span),
    "start": operation("re.Match.start", "self, group = 0, /", INT, free, lambda self, group=0: _span(self, group)[0]),
}
