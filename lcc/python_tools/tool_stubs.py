"""Write tools for others: as planners are told of them, and as a stub that `lcc check` reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from keyword import iskeyword
from typing import Final

from lcc.grammar.signatures import LIMITS, OUTSIDE, Effect, Parameter, RecordType, Signature, show
from lcc.grammar.signatures.tool_text import ToolTexts, parameter_note, tools_text
from lcc.python_tools.collect import as_tools, tools_given

_HEAD: Final = "from typing import Any, Literal, NotRequired, TypedDict\n\nimport lcc\n"


def tool_prompt(tools: Iterable[object]) -> str:
    """Return tools as planners are told of them: one line each, and the records that they take and give.

    Raises ToolError for what can't be a tool.
    """
    return tools_text(_signatures(tools))


def tool_stubs(tools: Iterable[object]) -> str:
    """Return the text of a `.pyi` that declares tools, for checks where the tools themselves aren't.

    What only JSON Schema can say (patterns, bounds) is in the docstrings. A tool whose parameters have names that Python can't write is
    left out, and named in a comment. Raises ToolError for what can't be a tool.
    """
    texts = ToolTexts(_signatures(tools))
    records = [_record(record, name, texts) for record, name in texts.named()]
    return "\n\n".join([_HEAD, *records, *(_stub(tool, texts) for tool in texts.tools)])


def _signatures(tools: Iterable[object]) -> list[Signature]:
    given = tools_given(tools)
    bound = as_tools(one for one in given if not isinstance(one, Signature))
    return [*(one for one in given if isinstance(one, Signature)), *(tool.signature for tool in bound.values())]


def _record(record: RecordType, name: str, texts: ToolTexts) -> str:
    fields = [
        (f.name, show(f.type, texts.name_of) if f.required else f"NotRequired[{show(f.type, texts.name_of)}]", f.note)
        for f in record.fields
    ]
    if not all(_is_name(field) for field, _, _ in fields):
        items = ", ".join(f"{field!r}: {type_}" for field, type_, _ in fields)
        return f'{name} = TypedDict("{name}", {{{items}}})\n'
    lines = [f"    {field}: {type_}{f'  # {note}' if note else ''}" for field, type_, note in fields]
    return "\n".join([f"class {name}(TypedDict):", *lines]) + "\n"


def _is_name(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name)


def _stub(tool: Signature, texts: ToolTexts) -> str:
    if not all(_is_name(p.name) for p in tool.parameters) or tool.more is not None:
        return f"# `{tool.name}` is left out: Python can't write the names of its parameters\n"
    name = tool.name if _is_name(tool.name) else "".join(c if c.isalnum() else "_" for c in tool.name) + "_"
    options = [*([] if name == tool.name else [f"name={tool.name!r}"]), *_options(tool)]
    declared = _in_python(tool).shown(texts.name_of)[len(tool.name) :]
    said = [_quotable(" ".join(tool.description.split())) or tool.name, *_notes(tool)]
    doc = "\n".join(f"    {line}".rstrip() for line in said)
    body = f'\n    """{doc.strip()}\n    """' if len(said) > 1 or tool.description else " ..."
    return f"@lcc.tool({', '.join(options)})\ndef {name}{declared}:{body}\n"


def _in_python(tool: Signature) -> Signature:
    """Return a signature as Python has it: what must be given behind what need not be is given by name."""
    optional = False
    parameters: list[Parameter] = []
    for parameter in tool.parameters:
        named = parameter.keyword_only or (optional and parameter.required)
        optional = optional or not parameter.required
        named = named or bool(parameters and parameters[-1].keyword_only)
        parameters.append(replace(parameter, keyword_only=named))
    return replace(tool, parameters=tuple(parameters))


def _quotable(text: str) -> str:
    """Return a text as it may stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''")


def _notes(tool: Signature) -> Iterator[str]:
    notes = [(p.name, parameter_note(p)) for p in tool.parameters]
    if any(note for _, note in notes):
        yield ""
        yield "Args:"
        yield from (f"    {name}: {_quotable(note)}" for name, note in notes if note)


def _options(tool: Signature) -> Iterator[str]:
    if tool.effect is not Effect.UNDECLARED:
        yield f"effect={str(tool.effect)!r}"
    resources = [one.pattern for one in tool.resources]
    if resources not in ([], [OUTSIDE]):
        yield f"resource={resources!r}"
    for flag in ("idempotent", "fold", "trusted", "discloses"):
        if getattr(tool, flag):
            yield f"{flag}=True"
    amounts = {"cost": tool.cost.seconds, "cost_usd": tool.cost.usd, "tokens": tool.cost.tokens}
    amounts |= {name: getattr(tool.limits, name) for name in LIMITS}
    yield from (f"{name}={value!r}" for name, value in amounts.items() if value is not None)
    if tool.batch is not None:
        yield f"batch={tool.batch.tool!r}, max_batch={tool.batch.max_batch}"
