"""Choose what is heard of the lints: by selectors, and by the comments of a plan.

Selectors are codes, prefixes or names, as ruff has them: the longest that fits decides, and `ignore` wins a tie. Comments silence
one place, and those that silence nothing are findings:

    1. search("tides")  # lcc: ignore[L001]
    2. send(
        to="ada",
        text=$1,  # lcc: ignore[tainted-write] the search is our own
    )

A comment silences what is found on its line. One behind the end of a call silences what is found anywhere in the call.
Without brackets it silences every lint. It can't silence an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule, Severity
from lcc.grammar.diagnostics.wording import brief, did_you_mean, listed
from lcc.grammar.late_pattern import pattern
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import segments
from lcc.grammar.syntax.scanner import Kind

ALL: Final = "ALL"


class UnknownSelector(ValueError):
    """A `selector` that fits no lint. The message suggests the nearest code or name."""

    def __init__(self, selector: str, hint: str) -> None:
        super().__init__(f"no lint is called `{selector}`; {hint}")
        self.selector = selector


class Selection:
    """Which of `rules` are on. A selector is a code (`L004`), the beginning of one (`L`, `L00`), a name, or `ALL`.

    With no `select`, all are, but those that `ignore` names. Raises UnknownSelector.
    """

    def __init__(self, rules: Sequence[Rule], select: Iterable[str] | None = None, ignore: Iterable[str] = ()) -> None:
        self._codes = {rule.name: rule.code for rule in rules}
        chosen = [self._prefix(one) for one in select or (ALL,)]
        left = [self._prefix(one) for one in ignore]
        self.is_whole = not left and "" in chosen
        self._enabled = frozenset(
            rule.code for rule in rules if _longest(rule.code, chosen) > _longest(rule.code, left)
        )

    def enables(self, rule: Rule) -> bool:
        """Whether a lint is on."""
        return rule.code in self._enabled

    def _prefix(self, selector: str) -> str:
        """Return the beginning of the codes that a selector fits."""
        plain = selector.strip()
        if plain.upper() == ALL:
            return ""
        code = self._codes.get(plain.lower(), plain.upper())
        if code and any(known.startswith(code) for known in self._codes.values()):
            return code
        hint = did_you_mean(plain, [*self._codes, *self._codes.values()])
        raise UnknownSelector(plain, hint or "lints have codes such as L001")


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)


UNUSED_IGNORE: Final = Rule(
    "L090",
    "unused-ignore",
    "a comment silences a lint that finds nothing there",
    "The plan has changed, or the comment stands on the wrong line. Left there, it would hide the next real finding. Lints that "
    "need tools are not counted where none are given.",
    "1. search(each $2)  # lcc: ignore[L016]\n2. join()\n".replace("each $2", '"tides"'),
    "1. search(each [])  # lcc: ignore[L016]\n2. join()\n",
)
UNKNOWN_IGNORE: Final = Rule(
    "L091",
    "unknown-ignore",
    "a comment that is to silence lints can't be read, or names one that doesn't exist",
    "It silences nothing. The form is `# lcc: ignore[L004]`, `# lcc: ignore[L004, tainted-write]`, or `# lcc: ignore` for all "
    "lints. Errors can't be silenced.",
    "1. search(each [])  # lcc: ignore[L0016]\n2. join()\n",
    "1. search(each [])  # lcc: ignore[L016]\n2. join()\n",
)
RULES: Final = (UNUSED_IGNORE, UNKNOWN_IGNORE)

_MARKER: Final = pattern(r"#[ \t]*lcc:[ \t]*ignore(?![\w-])(\[[^\]\r\n]*\]|\[)?[ \t]*(:?[ \t]*[A-Z]{1,2}[0-9]{2,}\b)?")
_COMPARED: Final = 50
"""How many wrong names are compared with the right ones."""
_SHOWN: Final = 4
"""How many wrong names of one comment are shown."""
_CODE: Final = pattern(r"[^\s,\[\]]+")


@dataclass(slots=True)
class Ignore:
    """One comment that silences lints.

    `marker`: the comment from its `#` to the end of the brackets; `codes`: what stands in them and where, None for all lints;
    `malformed`: it can't be read. `lines`: the lines that it silences, first and last. `used`: the codes that it did silence.
    `names`: the codes of the lints that it names, once they are looked up.
    """

    marker: Span
    codes: tuple[tuple[str, Span], ...] | None
    malformed: bool
    lines: tuple[int, int]
    used: set[str] = field(default_factory=set)
    names: frozenset[str] | None = None


class Ignores:
    """The comments of a text. Silence findings first, then ask for what is left to say about the comments."""

    def __init__(self, source: Source, rules: Sequence[Rule]) -> None:
        self._source = source
        self._rules = {rule.code: rule for rule in rules}
        self._names = {rule.name: rule.code for rule in rules}
        self._compared = 0
        self._all = list(read_ignores(source))
        self._by_line: dict[int, list[Ignore]] = {}
        for ignore in self._all:
            for line in range(ignore.lines[0], ignore.lines[1] + 1):
                self._by_line.setdefault(line, []).append(ignore)

    def silence(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment silences a finding; the comment counts as used then."""
        if not self._all or diagnostic.span is None or diagnostic.is_error:
            return False
        first, _ = self._source.position(diagnostic.span.start)
        last, _ = self._source.position(max(diagnostic.span.start, diagnostic.span.end - 1))
        silenced = False
        for line in range(first, last + 1):
            for ignore in self._by_line.get(line, ()):
                if self._covers(ignore, diagnostic.code):
                    ignore.used.add(diagnostic.code)
                    silenced = True
        return silenced

    def findings(self, selection: Selection, with_tools: bool) -> Iterator[Diagnostic]:
        """Yield what is wrong with the comments; lints that are off, or need tools that weren't given, count as used."""
        for ignore in self._all:
            if selection.enables(UNKNOWN_IGNORE):
                yield from self._unknown(ignore)
            if selection.enables(UNUSED_IGNORE) and not self._covers(ignore, UNUSED_IGNORE.code, named=True):
                yield from self._unused(ignore, selection, with_tools)

    def _covers(self, ignore: Ignore, code: str, named: bool = False) -> bool:
        if ignore.codes is None:
            return not ignore.malformed and not named
        if ignore.names is None:
            ignore.names = frozenset(self._code(text) for text, _ in ignore.codes)
        return code in ignore.names

    def _code(self, text: str) -> str:
        return self._names.get(text.lower(), text)

    def _unknown(self, ignore: Ignore) -> Iterator[Diagnostic]:
        if ignore.malformed:
            help = "write `# lcc: ignore[L004]`, or `# lcc: ignore` for all lints"
            yield _warning(UNKNOWN_IGNORE, "this comment silences nothing: it can't be read", ignore.marker, help)
            return
        unknown = [(text, span) for text, span in ignore.codes or () if self._code(text) not in self._rules]
        if unknown:
            names = list(dict.fromkeys(text for text, _ in unknown))
            help = next(filter(None, map(self._nearest, names[:_SHOWN])), "`lcc explain` lists all codes")
            shown = listed([f"`{brief(name)}`" for name in names], _SHOWN)
            silences = "this silences" if len(names) == 1 else "they silence"
            span = Span(unknown[0][1].start, unknown[-1][1].end)
            yield _warning(UNKNOWN_IGNORE, f"no lint is called {shown}, so {silences} nothing", span, help)

    def _nearest(self, text: str) -> str | None:
        """Return a help text that names the nearest lint; only for the first few, since each comparison takes its time."""
        self._compared += 1
        return did_you_mean(text, [*self._rules, *self._names]) if self._compared <= _COMPARED else None

    def _unused(self, ignore: Ignore, selection: Selection, with_tools: bool) -> Iterator[Diagnostic]:
        if ignore.codes is None:
            if not (ignore.used or ignore.malformed) and selection.is_whole and with_tools:
                fix = Fix("remove the comment", (self._without(ignore, ()),))
                yield _warning(UNUSED_IGNORE, "no lint finds anything here to ignore", ignore.marker, None, fix)
            return
        kept = [(text, span) for text, span in ignore.codes if not self._is_unused(text, ignore, selection, with_tools)]
        unused = [text for text, _ in ignore.codes if self._is_unused(text, ignore, selection, with_tools)]
        if unused or not ignore.codes:
            message = (
                f"{listed([f'`{text}`' for text in dict.fromkeys(unused)]) or 'no lint'} finds nothing here to ignore"
            )
            fix = Fix("remove what isn't needed", (self._without(ignore, kept),))
            yield _warning(
                UNUSED_IGNORE, message, ignore.marker, "remove it, or put it on the line of the finding", fix
            )

    def _is_unused(self, text: str, ignore: Ignore, selection: Selection, with_tools: bool) -> bool:
        code = self._code(text)
        rule = self._rules.get(code)
        return (
            rule is not None and code not in ignore.used and selection.enables(rule) and (with_tools or not rule.tools)
        )

    def _without(self, ignore: Ignore, kept: Sequence[tuple[str, Span]]) -> Edit:
        """Return the edit that leaves of a comment only the codes that are kept, and what else it says."""
        text, (start, end) = self._source.text, ignore.marker
        if kept:
            return Edit(ignore.marker, f"# lcc: ignore[{', '.join(code for code, _ in kept)}]")
        line, _ = self._source.position(start)
        line_start = self._source.line_start(line)
        line_end = line_start + len(self._source.line(line))
        rest = text[end:line_end].lstrip(" \t")
        if rest:
            return Edit(Span(start, line_end - len(rest)), "" if rest.startswith("#") else "# ")
        before = text[line_start:start].rstrip(" \t")
        if before:
            return Edit(Span(line_start + len(before), line_end), "")
        for line_break in ("\r\n", "\n", "\r"):
            if text.startswith(line_break, line_end):
                return Edit(Span(line_start, line_end + len(line_break)), "")
        return Edit(Span(line_start, line_end), "")


def _warning(rule: Rule, message: str, span: Span, help: str | None, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(rule.code, Severity.WARNING, message, span, help, fix=fix)


def read_ignores(source: Source) -> Iterator[Ignore]:
    """Yield the comments of a text that silence lints, in text order."""
    text = source.text
    if "lcc:" not in text:
        return
    from lcc.grammar.formatting.document import comments_in, read_document  # few plans have such comments

    for item in read_document(text, segments(text, DEFAULT_LIMITS)):
        segment = item.segment
        if segment.kind in (Kind.CALL, Kind.STEP, Kind.INPUT, Kind.COMMENT) and "lcc:" in segment.text:
            for span in comments_in(segment):
                line, _ = source.position(span.start)
                yield from _read(span, source, (line, line))
        if item.behind is not None:
            first, last = source.position(segment.start)[0], source.position(item.behind.start)[0]
            yield from _read(item.behind.span, source, (first, last))


def _read(comment: Span, source: Source, lines: tuple[int, int]) -> Iterator[Ignore]:
    for found in _MARKER.finditer(source.text, comment.start, comment.end):
        brackets, bare_code = found.groups()
        closed = brackets is not None and brackets.endswith("]")
        marker = Span(found.start(), found.end(1) if brackets else found.start() + len(found.group().rstrip()))
        codes = None
        if closed:
            codes = tuple(
                (one.group(), Span(*one.span())) for one in _CODE.finditer(source.text, found.start(1), found.end(1))
            )
        yield Ignore(marker, codes, codes is None and (brackets is not None or bare_code is not None), lines)
