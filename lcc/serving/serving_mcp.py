"""Serve a desk over the Model Context Protocol, with the official SDK's server: over stdio here, over HTTP in `serving_http`.

What a run waits for is asked of the client's user (elicitation), where the client can: of one that speaks the protocol of 2026 by a result that
asks for input, of an older one by a request in the middle of the call. Otherwise the report says that the run is paused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TextIO

from anyio import wrap_file
from mcp import types
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.values import Json, standard_json
from lcc.serving.desk import LANGUAGES, Desk, Report
from lcc.serving.going import ALLOW, Going, Pending
from lcc.serving.offer import PROMPT, WrongCall, call, offered, prompt_of

INSTRUCTIONS: Final = (
    "Answer with one program that calls all tools you need, by `run`: calls that don't need one another run at once, and only what you "
    "answer or print comes back. `search_tools` and `describe` show the tools, `check` says what is wrong with a program."
)
_MESSAGE: Final = 2_000
Context = ServerRequestContext[Any]


def server_of(desk: Desk, version: str) -> Server[Any]:
    """Return the server of an open desk."""

    async def list_tools(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_tool(one) for one in offered(desk)])

    async def call_tool(
        context: Context, given: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        try:
            return await _called(desk, context, given)
        except WrongCall as error:
            return types.CallToolResult(content=[types.TextContent(type="text", text=str(error))], is_error=True)

    async def list_prompts(_: Context, __: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        argument = types.PromptArgument(name="language", description=f"one of {', '.join(LANGUAGES)}", required=False)
        about = "How to write programs that call tools, for `run`."
        return types.ListPromptsResult(prompts=[types.Prompt(name=PROMPT, description=about, arguments=[argument])])

    async def get_prompt(_: Context, given: types.GetPromptRequestParams) -> types.GetPromptResult:
        language = (given.arguments or {}).get("language", "python")
        if given.name != PROMPT or language not in LANGUAGES:
            raise MCPError(types.INVALID_PARAMS, f"there is no prompt {given.name} for {language}")
        text = types.TextContent(type="text", text=prompt_of(desk, language))
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=text)])

    return Server(
        "lcc",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


def _tool(one: Any) -> types.Tool:
    hints = types.ToolAnnotations(read_only_hint=one.reads, destructive_hint=None if one.reads else one.destroys)
    return types.Tool(name=one.name, description=one.description, input_schema=one.parameters, annotations=hints)


async def _called(
    desk: Desk, context: Context, given: types.CallToolRequestParams
) -> types.CallToolResult | types.InputRequiredResult:
    if given.request_state is not None and given.input_responses is not None:
        answers = {id_: _answered(response) for id_, response in given.input_responses.items()}
        made = await desk.resume(given.request_state, answers)
    else:
        made = await call(desk, given.name, given.arguments or {})
    while isinstance(made, Going) and made.paused and _can_ask(context):
        if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
            requests: types.InputRequests = {id_: _request(pending) for id_, pending in made.pending.items()}
            return types.InputRequiredResult(input_requests=requests, request_state=made.id)
        asked = await _asked(context, made)
        if asked is None:
            break
        made = await desk.resume(made.id, asked)
    return _result(desk.report(made) if isinstance(made, Going) else made)


def _result(report: Report) -> types.CallToolResult:
    report = {key: standard_json(value) for key, value in report.items()}
    text = json.dumps(report, ensure_ascii=False, indent=1)
    failed = report.get("status") in ("refused", "failed") or "error" in report
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structured_content=report, is_error=failed
    )


def _can_ask(context: Context) -> bool:
    capabilities = context.session.client_capabilities
    return capabilities is not None and capabilities.elicitation is not None


async def _asked(context: Context, going: Going) -> dict[str, Json] | None:
    """Ask the user of an older client for each answer; None where that can't be done after all."""
    answers: dict[str, Json] = {}
    for id_, pending in list(going.pending.items()):
        message, schema = _form(pending)
        try:
            answer = await context.session.elicit_form(message, schema, context.request_id)
        except (MCPError, RuntimeError):
            return None
        answers[id_] = _answered(answer)
    return answers


def _request(pending: Pending) -> types.ElicitRequest:
    message, schema = _form(pending)
    return types.ElicitRequest(params=types.ElicitRequestFormParams(message=message, requested_schema=schema))


def _form(pending: Pending) -> tuple[str, dict[str, Any]]:
    """Return what the user is asked, and the schema of the answer."""
    schema: dict[str, Any] = dict(ALLOW if pending.schema is None else pending.schema)
    shown = "; ".join(brief(json.dumps(dict(call), ensure_ascii=False), _MESSAGE) for call in pending.calls[:10])
    more = f"; and {len(pending.calls) - 10} more" if len(pending.calls) > 10 else ""
    return pending.message or f"May the program call {pending.tool}? {shown}{more}", schema


def _answered(response: Any) -> Json:
    """Return what an elicitation's answer is to a run: the fields, of the form of an approval true or false, else false."""
    content: Mapping[str, Json] | None = getattr(response, "content", None)
    if getattr(response, "action", None) != "accept" or not isinstance(content, Mapping):
        return False
    fields = dict(content)
    return fields["allow"] is True if list(fields) == ["allow"] else fields


async def serve_stdio(desk: Desk, version: str, output: TextIO) -> None:
    """Serve one client over standard input and `output`, until it closes them."""
    from mcp.server.stdio import stdio_server

    server = server_of(desk, version)
    async with stdio_server(stdout=wrap_file(output)) as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
