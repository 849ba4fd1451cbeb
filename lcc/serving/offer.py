"""Say what a server of a desk offers: its tools with their schemas, its prompt, and how a call of each is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lcc.grammar.signatures import Tools
from lcc.grammar.values import Json, kind
from lcc.serving.desk import LANGUAGES, Desk, Report, stubs
from lcc.serving.going import Going
from lcc.serving.saved_plans import SavedPlan

PROMPT: Final = "lcc_rules"
OWN_NAMES: Final = ("search_tools", "describe", "check", "run", "resume", "read_result")
FEW: Final = 20
"""Tools up to which their stubs are told with the tool that runs programs, and nothing need be searched for."""
_TEXT: Final[dict[str, Json]] = {"type": "string"}
_LANGUAGE: Final[dict[str, Json]] = {"type": "string", "enum": list(LANGUAGES), "default": "python"}
_PROGRAM: Final[dict[str, Json]] = {**_TEXT, "description": "the text of the whole program"}
_INPUTS: Final[dict[str, Json]] = {
    "type": "object",
    "description": 'values of the names that the program declares as inputs (`port: str`); {"handle": …} of a long result stands for it',
}
_RUN: Final = {"type": "string", "description": "the run's id, from the report that says paused"}
_ANSWERS: Final[dict[str, Json]] = {
    "type": "object",
    "description": "an answer for each id under `pending`: true or false, or the fields that are asked for",
}


@dataclass(frozen=True, slots=True)
class Offered:
    """One tool of the server. `reads`, `destroys`: what is told of its effect."""

    name: str
    description: str
    parameters: dict[str, Json]
    reads: bool = True
    destroys: bool = False

    def __post_init__(self) -> None:
        self.parameters.setdefault("additionalProperties", False)


def _object(required: list[str], **properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list[Json](required)}


def offered(desk: Desk) -> list[Offered]:
    """Return the tools of a desk's server."""
    return [*_to_look(len(desk.signatures)), *_to_run(desk), *(_saved(plan) for plan in desk.plans.values())]


def _to_look(count: int) -> list[Offered]:
    """Return the tools that call nothing."""
    return [
        Offered(
            "search_tools",
            f"Find the tools that fit some words, of {count} that programs can call.",
            _object(["query"], query=_TEXT, limit={"type": "integer", "default": 10, "minimum": 1, "maximum": 100}),
        ),
        Offered(
            "describe",
            "Show tools as a program sees them: parameters, results, the fields of records.",
            _object(["names"], names={"type": "array", "items": _TEXT}, language=_LANGUAGE),
        ),
        Offered(
            "check",
            "Say whether a program can be run, and what is wrong with it. Nothing is called.",
            _object(["program"], program=_PROGRAM, language=_LANGUAGE),
        ),
        Offered(
            "read_result",
            "Read more of a long result, by the handle under which a report shows its beginning.",
            _object(
                ["handle"],
                handle=_TEXT,
                offset={"type": "integer", "default": 0, "minimum": 0},
                limit={"type": "integer", "default": 4_000, "minimum": 1, "maximum": 100_000},
            ),
        ),
    ]


def _to_run(desk: Desk) -> list[Offered]:
    to_run = _object(["program"], program=_PROGRAM, inputs=_INPUTS, language=_LANGUAGE)
    to_go_on = _object(["run", "answers"], run=dict(_RUN), answers=_ANSWERS)
    about = "Go on with a paused run, once the user has answered what is under `pending`."
    return [
        Offered("run", how_to_run(desk.signatures, FEW), to_run, reads=False, destroys=True),
        Offered("resume", about, to_go_on, reads=False, destroys=True),
    ]


def _saved(plan: SavedPlan) -> Offered:
    description = plan.description or f"Run the plan {plan.name}."
    return Offered(plan.name, description, dict(plan.parameters), plan.reads, plan.destroys)


def how_to_run(tools: Tools, most: int | None = None) -> str:
    """Return what is told with a tool that runs programs: the rules, and the tools if they are at most so many."""
    parts = ["Run a program that calls tools, many at once, instead of calling them one by one."]
    parts.append(LANGUAGES["python"][0].partition("\n")[2])
    few = most is None or len(tools) <= most
    parts.append(stubs(tools.values()) if few else "search_tools finds tools, describe shows them.")
    return "\n".join(parts)


def prompt_of(desk: Desk, language: str) -> str:
    """Return the language's rules, and the tools if they are few."""
    rules, prompt = LANGUAGES[language]
    few = len(desk.signatures) <= FEW
    return (
        prompt(desk.signatures.values(), ()).text
        if few
        else f"{rules}\n\nsearch_tools finds tools, describe shows them."
    )


class WrongCall(ValueError):
    """A call's arguments are not what the tool takes. The message says which."""


async def call(desk: Desk, name: str, arguments: Mapping[str, Any]) -> Going | Report:
    """Make a call of an offered tool. Raises WrongCall."""
    one = next((tool for tool in offered(desk) if tool.name == name), None)
    if one is None:
        raise WrongCall(f"there is no tool `{name}`")
    if name in desk.plans:
        return await desk.run_saved(name, arguments)
    given = _checked(one, arguments)
    match name:
        case "search_tools":
            return desk.search_tools(**given)
        case "describe":
            return desk.describe(**given)
        case "check":
            return desk.check(**given)
        case "read_result":
            return desk.read_result(**given)
        case "resume":
            return await desk.resume(**given)
        case _:
            return await desk.run(given.pop("program"), given.pop("inputs", {}), **given)


_KINDS: Final[Mapping[str, type]] = {"string": str, "integer": int, "object": dict, "array": list}


def _checked(tool: Offered, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call of our own tool, whose schemas are as simple as this check."""
    properties, required = tool.parameters["properties"], tool.parameters["required"]
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    for name in required:
        if name not in arguments:
            raise WrongCall(f"`{name}` is missing")
    for name, value in arguments.items():
        schema = properties.get(name)
        if not isinstance(schema, dict):
            raise WrongCall(f"there is no parameter `{name}`; there are {', '.join(properties)}")
        wanted = _KINDS[str(schema["type"])]
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise WrongCall(f"`{name}` is {kind(value)}, and takes {schema['type']}")
        if "enum" in schema and value not in schema["enum"]:  # type: ignore[operator]
            raise WrongCall(f"`{name}` is one of {', '.join(map(str, LANGUAGES))}")
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise WrongCall(f"`{name}` is a list of texts")
    return dict(arguments)
