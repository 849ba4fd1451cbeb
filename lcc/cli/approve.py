"""Ask on the terminal before something is destroyed. Where there is no terminal to ask on, the answer is no."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

import anyio.to_thread

from lcc.cli.calls import plural
from lcc.cli.console import Console
from lcc.grammar.cells import cut
from lcc.grammar.escape import dump_json, escape
from lcc.runtime.approval import ApprovalRequest, Approver
from lcc.runtime.secrets import NO_SECRETS, Secrets

_LIMIT: Final = 2_000
"""Characters of one call's arguments that are shown."""


def approver(console: Console, *, always: bool, secrets: Secrets = NO_SECRETS) -> Approver | None:
    """Return who decides about destructive calls: `--yes`, the person at the terminal, or nobody. Secrets aren't shown."""
    if always:
        return _yes
    if not (sys.stdin is not None and sys.stdin.isatty() and console.stderr.isatty()):
        return None

    async def ask(request: ApprovalRequest) -> bool:
        for line in _question(request, secrets):
            console.say(line)
        console.stderr.write("allow? [y/N] ")
        console.stderr.flush()
        answer = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        return answer.strip().lower() in ("y", "yes")

    return ask


async def _yes(request: ApprovalRequest) -> bool:
    return True


def _question(request: ApprovalRequest, secrets: Secrets) -> Iterator[str]:
    yield f"task {request.id} wants {plural(len(request.calls), 'destructive call')} of {escape(request.tool)}:"
    for id_, arguments in request.calls:
        told = {name: secrets.hide_value(value) for name, value in arguments.items()}
        shown = ", ".join(f"{escape(name)}={dump_json(value, indent=None)}" for name, value in told.items())
        yield cut(f"  {id_}. {escape(request.tool)}({shown})", _LIMIT)
