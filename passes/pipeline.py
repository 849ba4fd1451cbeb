"""Run passes in order: the levels, the order and its reasons, and what can be watched.

    -O0   order-effects
    -O1   + deduplicate, eliminate-dead-tasks, order-critical-path
    -O2   + expand-each, fold-constants
    -O3   + batch-calls

Why this order. Expanding shows calls that were hidden in fan-outs, and folding makes equal what was computed in two ways, so
both come before merging. Merging leaves readers behind whose tasks may be dead, so eliminating follows. Folding gives lists
for fan-outs to run over, and a dead reader can be what kept a fan-out together: so these four start over as long as there is
something to expand. What is dead need not be batched, so batching comes after them. Order edges are computed once, when no
call moves any more; ranks count those edges, so they come last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from types import MappingProxyType
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir import Plan, TaskId, calls_of
from lcc.grammar.plug_ins import installed, load
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.calls import with_built_in
from lcc.passes.analysis.costs import Costs
from lcc.passes.batch_calls import batch_calls
from lcc.passes.bind import bind
from lcc.passes.context import NOTHING_EARLIER, UNCHANGED, Action, Change, Context, Earlier, Evaluate, Pass
from lcc.passes.deduplicate import deduplicate
from lcc.passes.eliminate_dead_tasks import eliminate_dead_tasks
from lcc.passes.expand_each import expand_each
from lcc.passes.fold_constants import fold_constants
from lcc.passes.narrow_join import narrow_join
from lcc.passes.order_critical_path import order_critical_path
from lcc.passes.order_effects import order_effects
from lcc.passes.remarks import remarks
from lcc.passes.verify import verify

PASSES: Final[Mapping[str, Pass]] = MappingProxyType(
    {
        function.__name__.replace("_", "-"): function
        for function in (
            expand_each,
            fold_constants,
            deduplicate,
            eliminate_dead_tasks,
            batch_calls,
            narrow_join,
            order_effects,
            order_critical_path,
        )
    }
)
"""The passes that come with lcc, by name."""

ON_BODIES: Final = frozenset({"bind", "fold-constants", "eliminate-dead-tasks", "order-effects", "order-critical-path"})
"""The passes that treat plans with a body. order-effects only says what waits there: the runtime keeps their order."""

_WHY_NOT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "expand-each": "elements and turns are made when their list is known",
        "deduplicate": "equal reads are merged during the run, where nothing can have written between them",
        "batch-calls": "which calls of a body are made together isn't known before the run",
        "narrow-join": "such a plan hands back what it says",
    }
)

GROUP: Final = "lcc.passes"
"""The entry points of passes in other packages."""

Stage: TypeAlias = str | tuple[str, ...]
"""A pass, or passes that start over as long as the first of them changes something."""

_UNTIL_EXPANDED: Final = ("expand-each", "fold-constants", "deduplicate", "eliminate-dead-tasks")

LEVELS: Final[tuple[tuple[Stage, ...], ...]] = (
    ("order-effects",),
    ("deduplicate", "eliminate-dead-tasks", "order-effects", "order-critical-path"),
    (_UNTIL_EXPANDED, "order-effects", "order-critical-path"),
    (_UNTIL_EXPANDED, "batch-calls", "order-effects", "order-critical-path"),
)
"""The passes of `-O0` to `-O3`."""

MOST_ROUNDS: Final = 16
"""How often a stage starts over. Real plans need one or two rounds; a hostile one could ask for as many as it has tasks."""

DEFAULT_LEVEL: Final = 2

AfterPass: TypeAlias = Callable[[str, Plan, Plan], None]
"""Told after each pass: its name, the plan before, the plan after (the same object if nothing changed)."""


class UnknownPass(ValueError):
    """A name that is no pass. The message suggests the nearest."""


class BrokenPass(RuntimeError):
    """A pass made an invalid plan, which is a defect of that pass. `diagnostics` say what is wrong with the plan."""

    def __init__(self, name: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = next(d for d in diagnostics if d.is_error)
        super().__init__(f"pass {name} made an invalid plan: {first.code}: {first.message}")
        self.name = name
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True)
class PassStats:
    """What one run of a pass did. A pass that runs to a fixed point has one entry a run."""

    name: str
    before: int
    after: int
    changes: Mapping[Action, int]
    seconds: float

    @property
    def changed(self) -> int:
        """How many changes were made; what was kept doesn't count."""
        return sum(n for action, n in self.changes.items() if action not in UNCHANGED)


@dataclass(frozen=True, slots=True)
class Optimized:
    """An optimized plan, what was changed and why that was legal, and how long each pass took."""

    plan: Plan
    changes: tuple[Change, ...] = ()
    stats: tuple[PassStats, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The changes as remarks."""
        return remarks(self.changes)

    @property
    def timings(self) -> dict[str, float]:
        """The seconds that each pass took, in the order of first runs."""
        total: dict[str, float] = {}
        for entry in self.stats:
            total[entry.name] = total.get(entry.name, 0.0) + entry.seconds
        return total


def optimize(
    plan: Plan,
    tools: Tools,
    *,
    level: int = DEFAULT_LEVEL,
    passes: Sequence[str] | None = None,
    narrow: bool = False,
    costs: Costs | None = None,
    evaluate: Evaluate | None = None,
    earlier: Earlier = NOTHING_EARLIER,
    started: frozenset[TaskId] = frozenset(),
    verify_each: bool = False,
    after_pass: AfterPass | None = None,
) -> Optimized:
    """Optimize a verified plan; it is bound first.

    `passes` names passes to run instead of a level's; order-effects is added where it is missing, or ran before expand-each, since
    its edges are meaning. `narrow`: run narrow-join first. `evaluate` lets fold-constants call pure tools that declare `fold`. `earlier`: the
    calls of earlier plans, whose results serve again. `started`: calls that run already. A pass from another package is always
    verified; raise BrokenPass for one that makes an invalid plan, UnknownPass for an unknown name.
    """
    stages = LEVELS[level] if passes is None else _chosen(passes)
    if narrow:
        stages = ("narrow-join", *stages)
    context = Context(with_built_in(plan, tools), costs or Costs(), evaluate, earlier, started)
    run = _Run(context, verify_each, after_pass)
    plan = run.bind(plan)
    for stage in stages:
        plan = run.stage(stage, plan)
    return Optimized(plan, tuple(context.changes), tuple(run.stats))


def passes_of(level: int) -> tuple[str, ...]:
    """Return the names of a level's passes in the order in which they first run."""
    return tuple(name for stage in LEVELS[level] for name in ((stage,) if isinstance(stage, str) else stage))


def pass_names() -> tuple[str, ...]:
    """Return the names that `--passes` takes: lcc's own, then those of installed packages."""
    return (*PASSES, *(name for name in installed(GROUP) if name not in PASSES))


def find_pass(name: str) -> Pass:
    """Return a pass by name, from an installed package too; raise UnknownPass if there is none, PlugInError if it can't be loaded."""
    found = PASSES.get(name) or load(GROUP, name, "pass")
    if found is None:
        names = pass_names()
        help = did_you_mean(name, names) or f"passes: {', '.join(names)}"
        raise UnknownPass(f"there is no pass `{name}`; {help}")
    return found


def _chosen(names: Sequence[str]) -> tuple[Stage, ...]:
    """Return the named passes; order-effects goes where the last rewriting pass has run, also if expand-each made calls behind it."""
    for name in names:
        find_pass(name)
    last = {name: place for place, name in enumerate(names)}
    if last.get("order-effects", -1) > last.get("expand-each", -1):
        return tuple(names)
    if names and names[-1] == "order-critical-path":
        return (*names[:-1], "order-effects", names[-1])
    return (*names, "order-effects")


class _Run:
    """One run of a pipeline."""

    def __init__(self, context: Context, verify_each: bool, after_pass: AfterPass | None) -> None:
        self._context = context
        self._verify_each = verify_each
        self._after_pass = after_pass
        self.stats: list[PassStats] = []
        self._unsuited: set[str] = set()

    def bind(self, plan: Plan) -> Plan:
        """Bind the plan, timed as if it were a pass."""
        return self._timed(
            "bind", lambda plan, context: bind(plan, context.tools, context.earlier.tasks), plan, own=True
        )

    def stage(self, stage: Stage, plan: Plan) -> Plan:
        """Run a pass, or passes until the first of them finds nothing to do."""
        if isinstance(stage, str):
            return self._timed(stage, find_pass(stage), plan, own=stage in PASSES)
        begun = len(self._context.changes)
        plan = self._in_turn(stage, plan)
        if plan.body is not None:
            return plan
        for _ in range(MOST_ROUNDS):
            self._forget_kept(stage[0], begun)
            before = plan
            plan = self.stage(stage[0], plan)
            if plan is before:
                break
            for name in stage[1:]:
                self._forget_kept(name, begun)
            plan = self._in_turn(stage[1:], plan)
        return plan

    def _in_turn(self, names: Iterable[str], plan: Plan) -> Plan:
        for name in names:
            plan = self.stage(name, plan)
        return plan

    def _forget_kept(self, name: str, begun: int) -> None:
        """Drop what a pass left undone since then: it runs again, and says again what it leaves."""
        changes = self._context.changes
        changes[begun:] = [change for change in changes[begun:] if change.by != name or not change.is_kept]

    def _timed(self, name: str, run: Pass, plan: Plan, *, own: bool) -> Plan:
        context = self._context
        context.running = name
        reported = len(context.changes)
        start = perf_counter()
        after = run(plan, context) if plan.body is None or name in ON_BODIES else self._left(name, plan)
        seconds = perf_counter() - start
        changes = Counter(change.action for change in context.changes[reported:])
        self.stats.append(PassStats(name, _count(plan), _count(after), changes, seconds))
        if (self._verify_each or not own) and after is not plan:
            found = verify(after, context.tools, earlier=context.earlier)
            if has_errors(found):
                raise BrokenPass(name, found)
        if self._after_pass is not None:
            self._after_pass(name, plan, after)
        return after

    def _left(self, name: str, plan: Plan) -> Plan:
        """Leave a plan with a body as it is, and say once why."""
        if name not in self._unsuited:
            self._unsuited.add(name)
            why = _WHY_NOT.get(name, "it treats plans that are a line of calls")
            self._context.report(Action.KEPT, f"{name} leaves loops, conditions and names alone", why, ())
        return plan


def _count(plan: Plan) -> int:
    """Return how many calls stand in a plan."""
    return len(plan.tasks) if plan.body is None else sum(1 for _ in calls_of(plan))
