"""List lcc's public names, each with the module that defines it.

`from lcc import …` reads this list without importing what it names; type checkers import it.
"""

from lcc import tools as tools
from lcc.api import (
    arun as arun,
    compile as compile,
    execute as execute,
    parse as parse,
    run as run,
    run_in_thread as run_in_thread,
)
from lcc.as_dict import to_dict as to_dict
from lcc.ask.accounts import LimitReached as LimitReached, Limits as Limits
from lcc.ask.agent import Agent as Agent
from lcc.ask.answer import Answer as Answer, AskFailed as AskFailed
from lcc.compiler import Compiled as Compiled, CompileError as CompileError
from lcc.grammar.diagnostics import (
    Diagnostic as Diagnostic,
    Edit as Edit,
    Fix as Fix,
    Label as Label,
    Severity as Severity,
)
from lcc.grammar.ir import (
    Arg as Arg,
    Const as Const,
    DictOf as DictOf,
    Element as Element,
    Format as Format,
    Input as Input,
    InputDecl as InputDecl,
    Join as Join,
    ListOf as ListOf,
    Plan as Plan,
    Ref as Ref,
    Task as Task,
    TaskId as TaskId,
    Value as Value,
)
from lcc.grammar.ir.building.builder import PlanBuilder as PlanBuilder
from lcc.grammar.ir.building.plan_values import PlanValue as PlanValue
from lcc.grammar.signatures import (
    CallLimits as CallLimits,
    Effect as Effect,
    Parameter as Parameter,
    Resource as Resource,
    Signature as Signature,
    types as types,
)
from lcc.grammar.source import Source as Source, Span as Span
from lcc.grammar.syntax.parser import Parsed as Parsed
from lcc.live_program import LiveRun as LiveRun
from lcc.live_run import Run as Run
from lcc.mcp_client.server_settings import ServerFault as ServerFault
from lcc.mcp_client.source import McpServer as McpServer, mcp as mcp
from lcc.models.faults import NoModel as NoModel
from lcc.models.local.server import close_local_models as close_local_models
from lcc.models.settings import ModelSettings as ModelSettings
from lcc.plan_request import PlanAnswer as PlanAnswer, PlanRequest as PlanRequest
from lcc.prepared import Prepared as Prepared, resume as resume
from lcc.python_tools.declare import tool as tool
from lcc.python_tools.json_tools import ToolWarning as ToolWarning, tools_from_json as tools_from_json
from lcc.python_tools.lifespan import OpenTools as OpenTools, ToolSource as ToolSource
from lcc.python_tools.tool_stubs import tool_prompt as tool_prompt, tool_stubs as tool_stubs
from lcc.reading_plans import estimate as estimate, fmt as fmt, graph as graph, lint as lint
from lcc.runtime.context import Context as Context
from lcc.runtime.events import (
    AttemptFailed as AttemptFailed,
    Event as Event,
    LoopBlocked as LoopBlocked,
    RunEnded as RunEnded,
    RunStarted as RunStarted,
    TaskAdded as TaskAdded,
    TaskEnded as TaskEnded,
    TaskHedged as TaskHedged,
    TaskReady as TaskReady,
    TaskReported as TaskReported,
    TaskRetracted as TaskRetracted,
    TaskRetried as TaskRetried,
    TaskSpent as TaskSpent,
    TaskStarted as TaskStarted,
    TaskWaiting as TaskWaiting,
)
from lcc.runtime.journal.file import JournalError as JournalError
from lcc.runtime.limits.budget import Budget as Budget
from lcc.runtime.limits.pool import Pool as Pool
from lcc.runtime.options import (
    LATER as LATER,
    ApprovalRequest as ApprovalRequest,
    Backoff as Backoff,
    BudgetRequest as BudgetRequest,
    Options as Options,
    Policy as Policy,
    Question as Question,
)
from lcc.runtime.result import (
    Failure as Failure,
    FailureKind as FailureKind,
    RunResult as RunResult,
    RunStatus as RunStatus,
    TaskRecord as TaskRecord,
    TaskStatus as TaskStatus,
    Usage as Usage,
)
from lcc.runtime.tool import Tool as Tool
