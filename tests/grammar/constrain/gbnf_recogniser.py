"""Read GBNF and say which texts a grammar admits, independently of what writes it.

The notation is that of llama.cpp: `name ::= body`, literals, classes, names, groups, `|`, and `?`, `*`, `+`, `{m,n}` behind a part.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Ends = frozenset[int]
Matcher = Callable[["GbnfGrammar", str, int], Ends]

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|[A-Za-z][A-Za-z0-9-]*|[()|?*+]|\{\d+,\d+\})')
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}


class GbnfGrammar:
    """A grammar; `admits` recognises whole texts."""

    def __init__(self, text: str) -> None:
        self._rules: dict[str, Matcher] = {}
        self._known: dict[tuple[str, int], Ends] = {}
        self.names: set[str] = set()
        for line in text.splitlines():
            name, _, body = line.partition(" ::= ")
            assert re.fullmatch(r"[A-Za-z0-9-]+", name), line
            assert name not in self._rules, name
            tokens = _tokens(body)
            self._rules[name] = self._choice(tokens)
            assert not tokens, f"left over: {tokens}"
        assert self.names <= set(self._rules), self.names - set(self._rules)

    def admits(self, text: str) -> bool:
        self._known.clear()
        return len(text) in self._rule("root", text, 0)

    def _rule(self, name: str, text: str, at: int) -> Ends:
        key = (name, at)
        if key not in self._known:
            self._known[key] = self._rules[name](self, text, at)
        return self._known[key]

    def _choice(self, tokens: list[str]) -> Matcher:
        options = [self._sequence(tokens)]
        while tokens and tokens[0] == "|":
            tokens.pop(0)
            options.append(self._sequence(tokens))
        return lambda grammar, text, at: frozenset().union(*(option(grammar, text, at) for option in options))

    def _sequence(self, tokens: list[str]) -> Matcher:
        parts = []
        while tokens and tokens[0] not in "|)":
            parts.append(self._repeated(self._part(tokens), tokens))
        assert parts, "an empty sequence"

        def match(grammar: GbnfGrammar, text: str, at: int) -> Ends:
            ends: Ends = frozenset((at,))
            for part in parts:
                ends = frozenset().union(*(part(grammar, text, end) for end in ends))
            return ends

        return match

    def _part(self, tokens: list[str]) -> Matcher:
        token = tokens.pop(0)
        if token == "(":
            inner = self._choice(tokens)
            assert tokens.pop(0) == ")"
            return inner
        if token[0] == '"':
            wanted = _plain(token[1:-1])
            return lambda grammar, text, at: frozenset((at + len(wanted),) if text.startswith(wanted, at) else ())
        if token[0] == "[":
            accepted = _class(token[1:-1])
            return lambda grammar, text, at: frozenset((at + 1,) if at < len(text) and accepted(text[at]) else ())
        assert token[0].isalpha(), token
        self.names.add(token)
        return lambda grammar, text, at: grammar._rule(token, text, at)

    def _repeated(self, part: Matcher, tokens: list[str]) -> Matcher:
        if not tokens or tokens[0][0] not in "?*+{":
            return part
        token = tokens.pop(0)
        least, most = {"?": (0, 1), "*": (0, 10**9), "+": (1, 10**9)}.get(token) or _counts(token)

        def match(grammar: GbnfGrammar, text: str, at: int) -> Ends:
            found: set[int] = set()
            ends: set[int] = {at}
            for count in range(most + 1):
                if count >= least:
                    if ends <= found:
                        break
                    found |= ends
                ends = {end for start in ends for end in part(grammar, text, start)}
            return frozenset(found)

        return match


def _tokens(body: str) -> list[str]:
    tokens = []
    at = 0
    while at < len(body):
        found = _TOKEN.match(body, at)
        assert found, body[at : at + 40]
        tokens.append(found[1])
        at = found.end()
    return tokens


def _counts(token: str) -> tuple[int, int]:
    least, most = token[1:-1].split(",")
    return int(least), int(most)


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _SHORT.get(found[2], found[2]), text)


def _class(body: str) -> Callable[[str], bool]:
    negated = body.startswith("^")
    parts = re.findall(r"\\x[0-9a-f]{2}|\\.|[^\\]", body[negated:], re.DOTALL)
    ranges = []
    while parts:
        low = high = _plain(parts.pop(0))
        if len(parts) > 1 and parts[0] == "-":
            parts.pop(0)
            high = _plain(parts.pop(0))
        ranges.append((low, high))
    return lambda char: any(low <= char <= high for low, high in ranges) is not negated
