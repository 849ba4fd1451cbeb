"""Say in few words what a schema demands beyond its type: `1 to 5`, `date-time`, `at most 20 items`, `matches ^[a-z]+$`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lcc.grammar.diagnostics.wording import brief

MAX_SAID: Final = 500
"""Characters of one description that are passed on."""
_LONGEST: Final = 120


def description_of(schema: object) -> str:
    """Return what a schema says of its values, on one line; of a very long text the beginning."""
    text = schema.get("description") if isinstance(schema, Mapping) else None
    return brief(" ".join(text.split()), MAX_SAID) if isinstance(text, str) else ""


def note_of(schema: object) -> str:
    """Return what a schema demands beyond its type, as words; of alternatives, what the only one that isn't null does."""
    return ", ".join(_notes(schema))


def _notes(schema: object, depth: int = 0) -> Iterator[str]:
    if not isinstance(schema, Mapping) or depth > 3:
        return
    for word in ("anyOf", "oneOf"):
        members = schema.get(word)
        if isinstance(members, list):
            real = [one for one in members if not (isinstance(one, Mapping) and one.get("type") == "null")]
            if len(real) == 1:
                yield from _notes(real[0], depth + 1)
    yield from _range(schema)
    yield from _sizes(schema)
    if isinstance(schema.get("format"), str) and isinstance(schema.get("format"), str):
        yield brief(schema["format"], _LONGEST)
    if isinstance(schema.get("pattern"), str):
        yield f"matches {brief(schema['pattern'], _LONGEST)}"
    if schema.get("uniqueItems") is True:
        yield "no item twice"
    items = list(_notes(schema.get("items"), depth + 1)) if not _is_record(schema.get("items")) else []
    if items:
        yield f"each {', '.join(items)}"


def _is_record(schema: object) -> bool:
    return isinstance(schema, Mapping) and ("properties" in schema or "$ref" in schema)


def _range(schema: Mapping[str, Any]) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        yield f"{low:g} to {high:g}" if abs(low) < 10**6 and abs(high) < 10**6 else f"{low} to {high}"
    else:
        if low is not None:
            yield f"at least {low}"
        if high is not None:
            yield f"at most {high}"
    if above is not None:
        yield f"above {above}"
    if below is not None:
        yield f"below {below}"
    if "multipleOf" in schema:
        yield f"a multiple of {schema['multipleOf']}"


def _sizes(schema: Mapping[str, Any]) -> Iterator[str]:
    for least, most, of in (("minLength", "maxLength", "characters"), ("minItems", "maxItems", "items")):
        low, high = schema.get(least), schema.get(most)
        if low and high is not None:
            yield f"{low} {of}" if low == high else f"{low} to {high} {of}"
        elif low and not (low == 1 and of == "characters"):
            yield f"at least {low} {of if low != 1 else 'item'}"
        elif high is not None and high < 10_000:
            yield f"at most {high} {of}"
