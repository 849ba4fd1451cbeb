"""Find paths that were meant as the end of a host or file name: `https://$1.com` reads field `com` of a result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule
from lcc.grammar.ir import NOWHERE, Format, Input, Ref
from lcc.grammar.late_pattern import pattern
from lcc.grammar.signatures import RecordType, UnionType
from lcc.grammar.source import Source
from lcc.grammar.values import show_path
from lcc.passes.lint.facts import LintContext, Use, finding

RULE = Rule(
    "L019",
    "swallowed-suffix",
    "a reference in a text takes the end of a host or file name for a path",
    "After a reference, `.name` is a path, in texts too. `https://$1.com` asks for field `com` of the result, and fails when "
    "there is none. Braces end a reference: `https://${1}.com`.",
    '1. search("name of the company")\n2. fetch("https://$1.com")\n3. join($2)\n',
    '1. search("name of the company")\n2. fetch("https://${1}.com")\n3. join($2)\n',
)

DOMAINS: Final = pattern(
    r"(?:com|org|net|io|ai|dev|app|co|info|biz|edu|gov|mil|int|eu|us|uk|de|fr|ch|at|it|es|nl|be|se|no|fi|dk|pl|cz|pt|ie|ru|ua"
    r"|jp|cn|kr|in|au|nz|br|ca|mx|za|test|example|local|localhost)\Z"
)
FILES: Final = pattern(
    r"(?:csv|tsv|txt|pdf|png|jpe?g|gif|webp|svg|docx|xlsx|pptx|odt|zip|tar|t?gz|parquet|mp[34]|wav|ipynb|exe|plan)\Z"
)
WORDS: Final = pattern(r"(?:jsonl?|html?|xml|md|log|py|js|ts|ya?ml|toml|ini|sql|sh|doc|xls|db|bak)\Z")
"""Endings that are also likely names of fields: they count only where the text before looks like a file name."""
_HOST: Final = pattern(r"(?:://|//|@|\bwww\.|[\w-]\.)\Z")
_FILE: Final = pattern(r"[\w/\\_-]\Z")


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each such path in a text, unless the type that it leads into declares it."""
    for use in context.written_uses:
        part = use.part
        if use.text is None or not part.path or not isinstance(part.path[-1], str):
            continue
        if not _looks_like_suffix(part.path[-1], _text_before(use.text, part)) or _is_declared(context, use):
            continue
        if not _is_braced(context.source, part):
            yield _finding(context.source, part)


def _text_before(text: Format, part: Ref | Input) -> str:
    place = next(place for place, one in enumerate(text.parts) if one is part)
    before = text.parts[place - 1] if place else ""
    return before if isinstance(before, str) else "x"


def _looks_like_suffix(step: str, before: str) -> bool:
    if FILES.match(step) or step == "com":
        return True
    return bool((DOMAINS.match(step) and _HOST.search(before)) or (WORDS.match(step) and _FILE.search(before)))


def _is_declared(context: LintContext, use: Use) -> bool:
    """Whether the path leads to a field that is declared."""
    part = use.part
    parent = Ref(part.task, part.path[:-1]) if isinstance(part, Ref) else Input(part.name, part.path[:-1])
    type_ = context.types.of(parent)
    members = type_.members if isinstance(type_, UnionType) else (type_,)
    return any(isinstance(member, RecordType) and member.field(str(part.path[-1])) for member in members)


def _is_braced(source: Source, part: Ref | Input) -> bool:
    """Whether the path stands inside braces, so that it is meant."""
    return part.span != NOWHERE and source.text.startswith("${", part.span.start)


def _finding(source: Source, part: Ref | Input) -> Diagnostic:
    head = str(part.task) if isinstance(part, Ref) else part.name
    path = show_path(part.path)
    written = source.text[part.span.start : part.span.end]
    braced = f"${{{head}}}{written[len(head) + 1 :] if written.startswith(f'${head}') else path}"
    fix = None
    if written.startswith(f"${head}"):
        fix = Fix(f"write `{braced}`", (Edit(part.span, braced),), safe=False)
    message = (
        f"`${head}{path}` reads field `{part.path[-1]}`, though it looks like a name that ends in `.{part.path[-1]}`"
    )
    return finding(RULE, message, part.span, f"write `{braced}` to end the reference before the dot", fix=fix)
