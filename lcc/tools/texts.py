"""Offer tools that a model does with texts: `llm`, `summarize`, `extract`.

They are reads, not pure: the model is outside, and answers differ from call to call. So equal calls in a plan are made once, a call
that nobody needs is dropped, and one that failed may be repeated.
"""

from __future__ import annotations

from typing import Any, Final

from lcc.grammar.signatures import NULL, STR, Type, becomes_text, coerce, show, to_json_schema, union, value_fits
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.values import Json
from lcc.python_tools.declare import tool
from lcc.runtime.context import Context
from lcc.runtime.tool import ArgumentError
from lcc.tools.prompting import RULE, data_block, instruction, read_object

ATTEMPTS: Final = 2
"""How often a model fills in the same fields."""
MAX_FIELDS: Final = 50

_LLM: Final = f"Do what the user asks. Reply with the result alone.\n{RULE}"
_SUMMARIZE: Final = (
    f"You summarize texts in your own words, and add nothing to them. Reply with the summary alone.\n{RULE}"
)
_EXTRACT: Final = f"""\
You take facts from a text, and add nothing to it. Reply with one JSON object that has the fields that are asked for.
A field that the text doesn't give is null. Numbers are plain JSON numbers, in the unit that the field asks for.
{RULE}"""


class NothingExtracted(ValueError):
    """A text doesn't give the fields that were asked for."""


@tool(effect="read", resource="model", cost=2.0)
async def llm(prompt: str, data: list[str] | None = None, *, call: Context) -> str:
    """Ask a language model to do something with texts: write, compare, translate, decide. Give results of other calls as `data`.

    Args:
        prompt: what to do
        data: the texts to do it with
    """
    if not prompt.strip():
        raise ArgumentError("`prompt` is empty")
    shown = instruction(prompt, call) + (f"\n\n{data_block(data, call)}" if data else "")
    return (await call.ask(shown, system=_LLM)).strip()


@tool(effect="read", resource="model", cost=2.0)
async def summarize(text: str, focus: str = "", words: int = 150, *, call: Context) -> str:
    """Summarize a text.

    Args:
        text: what to summarize
        focus: what the summary shall be about; everything by default
        words: how long it may be
    """
    if not 1 <= words <= 10_000:
        raise ArgumentError(f"`words` is {words}: take 1 to 10,000")
    if not text.strip():
        return ""
    about = f" Only what it says about this matters:\n{data_block([focus], call)}\n" if focus else ""
    prompt = f"Summarize the text in at most {words} words.{about}\nText:\n{data_block([text], call)}"
    return (await call.ask(prompt, system=_SUMMARIZE)).strip()


@tool(effect="read", resource="model", cost=2.0)
async def extract(text: str, fields: dict[str, str], *, call: Context) -> dict[str, Any]:
    """Take facts from a text, as typed fields: `extract($1, {"height": "float: in metres", "name": "str"})`.

    Args:
        text: where to look
        fields: for each field its type (`str`, `int`, `float`, `bool`, `list[str]`, `float | None`), and after a colon what it is
    """
    types = {name: _field(name, said) for name, said in _checked(fields).items()}
    schema = {
        "type": "object",
        "properties": {name: to_json_schema(union(type_, NULL)) for name, type_ in types.items()},
        "required": list(types),
        "additionalProperties": False,
    }
    lines = "\n".join(f"- {name}: {said}" for name, said in fields.items())
    prompt = f"Fields:\n{data_block([lines], call)}\n\nText:\n{data_block([text], call)}"
    wrong = why = ""
    for _ in range(ATTEMPTS):
        reply = await call.ask(prompt + wrong, system=_EXTRACT, schema=schema)
        try:
            return _typed(read_object(reply), types)
        except NothingExtracted:
            raise
        except ValueError as error:
            why = str(error)
        wrong = f"\n\nYour last reply was:\n{data_block([reply[:2_000]], call)}\nIt is wrong: {why}. Reply again."
    raise NothingExtracted(f"the model didn't fill in the fields, in {ATTEMPTS} tries; the last: {why}")


def _checked(fields: dict[str, str]) -> dict[str, str]:
    if not 1 <= len(fields) <= MAX_FIELDS:
        raise ArgumentError(f"`fields` has {len(fields)} fields: take 1 to {MAX_FIELDS}")
    return fields


def _field(name: str, said: str) -> Type:
    """Return the type that a field is given as; what follows a colon is for the model."""
    annotation = said.partition(":")[0].strip()
    if not annotation:
        return STR
    try:
        return parse_annotation(annotation)
    except AnnotationError as error:
        help_ = 'write it as "float: what it is"'
        raise ArgumentError(f"`fields`: the type of `{name}` is {annotation[:60]!r}: {error}; {help_}") from None


def _typed(found: Any, types: dict[str, Type]) -> dict[str, Json]:
    values: dict[str, Json] = {}
    missing = [name for name, type_ in types.items() if found.get(name) is None and not value_fits(None, type_)]
    if missing:
        raise NothingExtracted(f"the text doesn't give {', '.join(f'`{name}`' for name in missing)}")
    for name, type_ in types.items():
        value = found.get(name)
        if not value_fits(value, type_) and not becomes_text(value, type_):
            raise ValueError(f"`{name}` must be {show(type_)}, not {str(value)[:60]!r}")
        values[name] = coerce(value, type_)
    return values
