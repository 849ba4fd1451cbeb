"""List lcc's public names, each with the module that defines it.

`from lcc import …` reads this list without importing what it names; type checkers import it.
"""

from lcc import tools as tools
from lcc.api import compile as compile
from lcc.api import execute as execute
from lcc.api import parse as parse
from lcc.api import run as run
from lcc.api import run_in_thread as run_in_thread
from lcc.ask.accounts import Limits as Limits
from lcc.ask.agent import Agent as Agent
from lcc.ask.answer import Answer as Answer
from lcc.ask.answer import AskFailed as AskFailed
from lcc.compiler import Compiled as Compiled
from lcc.compiler import CompileError as CompileError
from lcc.grammar.diagnostics import (
    Diagnostic as Diagnostic,
)
from lcc.grammar.diagnostics import (
    Edit as Edit,
)
from lcc.grammar.diagnostics import (
    Fix as Fix,
)
from lcc.grammar.diagnostics import (
    Label as Label,
)
from lcc.grammar.diagnostics import (
    Severity as Severity,
)
from lcc.grammar.ir import (
    Arg as Arg,
)
from lcc.grammar.ir import (
    Const as Const,
)
from lcc.grammar.ir import (
    DictOf as DictOf,
)
from lcc.grammar.ir import (
    Element as Element,
)
from lcc.grammar.ir import (
    Format as Format,
)
from lcc.grammar.ir import (
    Input as Input,
)
from lcc.grammar.ir import (
    InputDecl as InputDecl,
)
from lcc.grammar.ir import (
    Join as Join,
)
from lcc.grammar.ir import (
    ListOf as ListOf,
)
from lcc.grammar.ir import (
    Plan as Plan,
)
from lcc.grammar.ir import (
    Ref as Ref,
)
from lcc.grammar.ir import (
    Task as Task,
)
from lcc.grammar.ir import (
    TaskId as TaskId,
)
from lcc.grammar.ir import (
    Value as Value,
)
from lcc.grammar.signatures import (
    CallLimits as CallLimits,
)
from lcc.grammar.signatures import (
    Effect as Effect,
)
from lcc.grammar.signatures import (
    Parameter as Parameter,
)
from lcc.grammar.signatures import (
    Resource as Resource,
)
from lcc.grammar.signatures import (
    Signature as Signature,
)
from lcc.grammar.source import Source as Source
from lcc.grammar.source import Span as Span
from lcc.grammar.syntax.parser import Parsed as Parsed
from lcc.live_run import Run as Run
from lcc.models.faults import NoModel as NoModel
from lcc.models.local.server import close_local_models as close_local_models
from lcc.models.settings import ModelSettings as ModelSettings
from lcc.python_tools.declare import tool as tool
from lcc.runtime.context import Context as Context
from lcc.runtime.events import (
    AttemptFailed as AttemptFailed,
)
from lcc.runtime.events import (
    Event as Event,
)
from lcc.runtime.events import (
    LoopBlocked as LoopBlocked,
)
from lcc.runtime.events import (
    RunEnded as RunEnded,
)
from lcc.runtime.events import (
    RunStarted as RunStarted,
)
from lcc.runtime.events import (
    TaskAdded as TaskAdded,
)
from lcc.runtime.events import (
    TaskEnded as TaskEnded,
)
from lcc.runtime.events import (
    TaskHedged as TaskHedged,
)
from lcc.runtime.events import (
    TaskReady as TaskReady,
)
from lcc.runtime.events import (
    TaskReported as TaskReported,
)
from lcc.runtime.events import (
    TaskRetracted as TaskRetracted,
)
from lcc.runtime.events import (
    TaskRetried as TaskRetried,
)
from lcc.runtime.events import (
    TaskSpent as TaskSpent,
)
from lcc.runtime.events import (
    TaskStarted as TaskStarted,
)
from lcc.runtime.events import (
    TaskWaiting as TaskWaiting,
)
from lcc.runtime.options import (
    ApprovalRequest as ApprovalRequest,
)
from lcc.runtime.options import (
    Backoff as Backoff,
)
from lcc.runtime.options import (
    Budget as Budget,
)
from lcc.runtime.options import (
    Options as Options,
)
from lcc.runtime.options import (
    Policy as Policy,
)
from lcc.runtime.result import (
    Failure as Failure,
)
from lcc.runtime.result import (
    FailureKind as FailureKind,
)
from lcc.runtime.result import (
    RunResult as RunResult,
)
from lcc.runtime.result import (
    RunStatus as RunStatus,
)
from lcc.runtime.result import (
    TaskRecord as TaskRecord,
)
from lcc.runtime.result import (
    TaskStatus as TaskStatus,
)
from lcc.runtime.result import (
    Usage as Usage,
)
from lcc.runtime.tool import Tool as Tool
