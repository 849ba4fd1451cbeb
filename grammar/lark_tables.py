"""Hand out what Lark makes of a grammar, from the file beside it: making it anew takes Lark 0.1 to 0.3 s in each process.

Lark is the generator. A test compares the files, and its `--bless` writes them; where a file isn't that of its grammar, Lark is asked.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from lark import Lark

Grammar: TypeAlias = Mapping[str, Any]
"""`states`: by terminal and rule, the next state or -1 minus a rule; the first one is the start, `end` the number of the last.
`rules`: name, alias or name, size. `terminals`: kind and pattern, in the order in which Lark tries them; `ignored` are skipped."""


@cache
def tables(grammar: Path, *imported: Path) -> Grammar:
    """Return the tables of a grammar, which may import others; once a process."""
    made = tables_file(grammar)
    if made.exists():
        found: Grammar = json.loads(made.read_text(encoding="utf-8"))
        if found["grammar"] == _digest(grammar, *imported):
            return found
    return made_tables(grammar, *imported)


def tables_file(grammar: Path) -> Path:
    """Return where the tables of a grammar are kept."""
    return grammar.with_name(f"{grammar.stem}_tables.json")


def made_tables(grammar: Path, *imported: Path) -> Grammar:
    """Let Lark make the tables of a grammar."""
    return {"grammar": _digest(grammar, *imported), **tables_of(loaded(grammar, *imported))}


def loaded(grammar: Path, *imported: Path) -> Lark:
    """Let Lark load a grammar, as LALR."""
    from lark import Lark

    folders: list[Any] = [str(path.parent) for path in imported]
    return Lark(grammar.read_text(encoding="utf-8"), parser="lalr", lexer="basic", import_paths=folders)


def tables_of(lark: Lark) -> dict[str, Any]:
    """Return the tables of a grammar that Lark has loaded."""
    from lark.parsers.lalr_analysis import Shift

    table: Any = lark.parser.parser._parse_table
    order = [table.start_states["start"]]  # Lark's own numbers differ from process to process
    for state in order:
        order += [to for _, (kind, to) in sorted(table.states[state].items()) if kind is Shift and to not in order]
    places = {state: place for place, state in enumerate(order)}
    shapes = sorted({_shape(to) for state in order for kind, to in table.states[state].values() if kind is not Shift})
    states = [
        {
            str(name): places[to] if kind is Shift else -1 - shapes.index(_shape(to))
            for name, (kind, to) in sorted(table.states[state].items())
        }
        for state in order
    ]
    tried = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    return {
        "end": places[table.end_states["start"]],
        "states": states,
        "rules": [list(shape) for shape in shapes],
        "terminals": {t.name: [t.pattern.type, t.pattern.value] for t in tried},
        "ignored": sorted(map(str, lark.ignore_tokens)),
    }


def terminals_pattern(grammar: Grammar) -> re.Pattern[str]:
    """Join the terminals into one pattern, each a group of its name."""
    patterns = {
        name: re.escape(value) if kind == "str" else value for name, (kind, value) in grammar["terminals"].items()
    }
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items()))


def _shape(rule: Any) -> tuple[str, str, int]:
    return str(rule.origin.name), str(rule.alias or rule.origin.name), len(rule.expansion)


def _digest(*grammars: Path) -> int:
    return zlib.crc32(b"\0".join(path.read_bytes() for path in grammars))  # hashlib takes longer to load
