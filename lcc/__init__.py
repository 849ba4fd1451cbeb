"""lcc: a compiler for the plans that language models write.

    import lcc

    @lcc.tool(effect="read")
    def search(query: str) -> str: ...

    result = lcc.run('1. search("tides")\\n2. join($1)', tools=[search])
    result.join

In: plans, questions, tools. Out: results, answers, and everything that was found on the way.
Must not know: the command line, which is a caller like any other.

Read `api`, then `compiler` and `live_run`; `config` is a project's file, `codes` lists every code. Rooms: `python_tools` and `toolset`,
`models`, `ask`, `tools`, `cli`.

Names are imported when they are first used, so that `import lcc` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lcc import tools
    from lcc.api import compile, execute, parse, run, run_in_thread
    from lcc.ask.accounts import Limits
    from lcc.ask.agent import Agent
    from lcc.ask.answer import Answer, AskFailed
    from lcc.compiler import Compiled, CompileError
    from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Label, Severity
    from lcc.grammar.ir import (
        Arg,
        Const,
        DictOf,
        Element,
        Format,
        Input,
        InputDecl,
        Join,
        ListOf,
        Plan,
        Ref,
        Task,
        TaskId,
        Value,
    )
    from lcc.grammar.signatures import CallLimits, Effect, Parameter, Resource, Signature
    from lcc.grammar.source import Source, Span
    from lcc.grammar.syntax.parser import Parsed
    from lcc.live_run import Run
    from lcc.models.faults import NoModel
    from lcc.models.local.server import close_local_models
    from lcc.models.settings import ModelSettings
    from lcc.python_tools.declare import tool
    from lcc.runtime.context import Context
    from lcc.runtime.events import (
        AttemptFailed,
        Event,
        LoopBlocked,
        RunEnded,
        RunStarted,
        TaskAdded,
        TaskEnded,
        TaskHedged,
        TaskReady,
        TaskReported,
        TaskRetracted,
        TaskRetried,
        TaskSpent,
        TaskStarted,
        TaskWaiting,
    )
    from lcc.runtime.options import ApprovalRequest, Backoff, Budget, Options, Policy
    from lcc.runtime.result import Failure, FailureKind, RunResult, RunStatus, TaskRecord, TaskStatus, Usage
    from lcc.runtime.tool import Tool

__version__: Final = "0.1.0"

_HOMES: Final = {
    "lcc": ("tools",),
    "lcc.api": ("compile", "execute", "parse", "run", "run_in_thread"),
    "lcc.ask.accounts": ("Limits",),
    "lcc.ask.agent": ("Agent",),
    "lcc.ask.answer": ("Answer", "AskFailed"),
    "lcc.compiler": ("Compiled", "CompileError"),
    "lcc.python_tools.declare": ("tool",),
    "lcc.grammar.diagnostics": ("Diagnostic", "Edit", "Fix", "Label", "Severity"),
    "lcc.grammar.ir": (
        "Arg",
        "Const",
        "DictOf",
        "Element",
        "Format",
        "Input",
        "InputDecl",
        "Join",
        "ListOf",
        "Plan",
        "Ref",
        "Task",
        "TaskId",
        "Value",
    ),
    "lcc.grammar.syntax.parser": ("Parsed",),
    "lcc.grammar.signatures": ("CallLimits", "Effect", "Parameter", "Resource", "Signature"),
    "lcc.grammar.source": ("Source", "Span"),
    "lcc.live_run": ("Run",),
    "lcc.models.faults": ("NoModel",),
    "lcc.models.local.server": ("close_local_models",),
    "lcc.models.settings": ("ModelSettings",),
    "lcc.runtime.context": ("Context",),
    "lcc.runtime.events": (
        "AttemptFailed",
        "Event",
        "LoopBlocked",
        "RunEnded",
        "RunStarted",
        "TaskAdded",
        "TaskEnded",
        "TaskHedged",
        "TaskReady",
        "TaskReported",
        "TaskRetracted",
        "TaskRetried",
        "TaskSpent",
        "TaskStarted",
        "TaskWaiting",
    ),
    "lcc.runtime.options": ("ApprovalRequest", "Backoff", "Budget", "Options", "Policy"),
    "lcc.runtime.result": ("Failure", "FailureKind", "RunResult", "RunStatus", "TaskRecord", "TaskStatus", "Usage"),
    "lcc.runtime.tool": ("Tool",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: RUF022  (by theme, as the documentation has them)
    "parse",
    "close_local_models",
    "compile",
    "execute",
    "run",
    "run_in_thread",
    "tool",
    "tools",
    "Run",
    "Options",
    "Policy",
    "Budget",
    "Backoff",
    "CallLimits",
    "ApprovalRequest",
    "Agent",
    "Answer",
    "AskFailed",
    "Limits",
    "ModelSettings",
    "NoModel",
    "Compiled",
    "CompileError",
    "Context",
    "Parsed",
    "RunResult",
    "RunStatus",
    "TaskRecord",
    "TaskStatus",
    "Failure",
    "FailureKind",
    "Usage",
    "Event",
    "RunStarted",
    "TaskAdded",
    "TaskReady",
    "TaskWaiting",
    "TaskStarted",
    "AttemptFailed",
    "TaskRetried",
    "TaskHedged",
    "TaskReported",
    "TaskSpent",
    "TaskEnded",
    "TaskRetracted",
    "LoopBlocked",
    "RunEnded",
    "Diagnostic",
    "Edit",
    "Fix",
    "Label",
    "Severity",
    "Source",
    "Span",
    "Plan",
    "InputDecl",
    "Task",
    "Arg",
    "Join",
    "TaskId",
    "Element",
    "Value",
    "Const",
    "Ref",
    "Input",
    "Format",
    "ListOf",
    "DictOf",
    "Tool",
    "Signature",
    "Parameter",
    "Effect",
    "Resource",
    "__version__",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = import_module(f"lcc.{name}") if home == __name__ else getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_HOME_OF))
