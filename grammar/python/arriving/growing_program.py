"""Lower a program statement by statement, each as it would be lowered among all of them.

What depends on the rest of the program is waited for, and all that follows with it:

- a name that nothing has given yet: it may be assigned later, and isn't bound, or nowhere, which refuses the program;
- whether a program that imports asyncio awaits, and so calls only there; one that has called before its first `await` is refused then;
- whether an empty list of a program that awaits will hold calls: the next statement that names it says so.

The last expression is what is handed back if nothing else is; so each one is, until the next statement.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import Block, Const, Exit, Statement
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.callees import Callee
from lcc.grammar.python.lowering.names.assigned import COMPREHENSIONS, assigned, nodes, parameters, target_names
from lcc.grammar.python.lowering.names.bindings import Binding, Coroutine, CoroutineList, Tool, Unclear, Var
from lcc.grammar.python.lowering.names.program_rules import AWAITS, LAZY, UNCLEAR, Refused
from lcc.grammar.python.lowering.program import Program, names_in, reassigned_inside
from lcc.grammar.python.lowering.state import BUILTIN_NAMES
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Source, Span

_DEFS = (tree.FunctionDef, tree.AsyncFunctionDef)
_GIVEN: Final = frozenset({"__name__"})


class _Arrived(NamedTuple):
    """A statement, all that stands in it with itself, and what must be known before it is lowered."""

    node: tree.Statement
    inside: tuple[tree.Node, ...]
    reads: frozenset[str]


class GrowingProgram(Program):
    """A program of which more statements may come. `source`: gives its text, as far as that is there."""

    def __init__(self, source: Callable[[], Source], tools: dict[str, Signature]) -> None:
        super().__init__(tree.Module(()), source(), tools)
        self.source = source
        self.trees: list[tree.Statement] = []
        """All that have come."""
        self.blocks: list[Block] = []
        """What those became that are lowered."""
        self.ends: list[int] = []
        """The last ids that were given when those were lowered."""
        self.names_there: tuple[str, ...] = ()
        """The names of the programs before."""
        self._held: deque[_Arrived] = deque()
        self._bound_before: dict[str, Binding] = {}
        self._known = BUILTIN_NAMES | _GIVEN | {name.partition(".")[0] for name in tools} | set(tools)
        self._fresh_names: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._named: dict[str, int] = {}
        """The last statement that each name stands in."""
        self._read_later: dict[str, Span] = {}
        self._reads: dict[str, frozenset[str]] = {}
        self._may_await = False
        self._called: Span | None = None
        self._offers = self._offered = False

    def add(self, node: tree.Statement) -> Block:
        """Take the next statement; return what can be done now."""
        self._held.append(self._arrive(node))
        return self._lower_known()

    def finish(self) -> Block:
        """Take the end of the program; return what is left to do."""
        made = [one for held in self._held for one in self._lower(held)]
        self._held.clear()
        try:
            self.check_end()
        except Refused as refused:
            self.report(refused.finding)
        if self._offered and not self._offers:
            made.append(Exit("offer", Const(None)))
        return tuple(made)

    def tree_of(self, statement: int) -> int:
        """Return which statement of the program one of the IR belongs to, by its place among all of them."""
        ends = accumulate(map(len, self.blocks))
        return next((place for place, end in enumerate(ends) if statement < end), len(self.blocks) - 1)

    def whole(self) -> tree.Module:
        """Return what there is of the program."""
        return tree.Module(tuple(self.trees))

    @property
    def last_id(self) -> int:
        """The last id that was given."""
        return self._ids

    @property
    def broken(self) -> bool:
        """Whether there is an error."""
        return self.wrong

    def again(self, trees: Iterable[tree.Statement], *, awaiting: bool) -> Block:
        """Take statements that were lowered before, of a program that awaits or doesn't; return what they become."""
        self.awaiting = awaiting
        arrived = [self._arrive(node) for node in trees]
        return tuple([one for every in arrived for one in self._lower(every)])

    def go_on(self, last_id: int) -> None:
        """Begin another program with the names that there are, and ids behind those that were used."""
        bound = self.scope.env.items()
        self.names_there = tuple(sorted(name for name, one in bound if not isinstance(one, Var) or one.sure))
        self.trees, self.blocks, self.ends = [], [], []
        self._named.clear()
        self._ids = max(self._ids, last_id)
        self.awaiting = self._may_await = self.trial = self._offers = self._offered = False
        self._called = None
        self.functions.clear()
        self.inputs.clear()
        self.found.clear()
        self.wrong = False
        for name, found in list(self.scope.env.items()):
            unclear = isinstance(found, Unclear) and name in self.tools
            if unclear or isinstance(found, Coroutine | CoroutineList):
                del self.scope.env[name]
        self._bound_before = dict(self.scope.env)

    # what comes

    def _arrive(self, node: tree.Statement) -> _Arrived:
        """Learn what a statement says of the program as a whole."""
        self.trees.append(node)
        inside = (node, *nodes(node))
        names = names_in(inside)
        taken = sorted(names & self._fresh_names)
        if taken:
            message = f"the name `{taken[0]}` is one that the reader of programs makes itself"
            self._refuse(UNCLEAR.code, message, node.span, "use a name without two underscores in it")
        self.taken |= names
        self._named.update((one.id, len(self.trees)) for one in inside if isinstance(one, tree.Name))
        found = assigned([node])
        for name in found:
            self.scope.own.setdefault(name, name)
        self._counts.update(found)
        again = {name for name in found if self._counts[name] > 1} | reassigned_inside(inside)
        self.reassigned |= again
        for name in sorted(again & self._read_later.keys()):
            what = f"a generator is read later, when `{name}` may be another value"
            self.report(Refused(LAZY, what, self._read_later[name], "write a list: `[… for …]`").finding)
        self._await(inside)
        for one in inside:
            if isinstance(one, _DEFS):
                self._reads[one.name] = self._reads.get(one.name, frozenset()) | _read_names((one, *nodes(one)))
        defaults = (
            [one for default in _defaults(node) for one in (default, *nodes(default))]
            if isinstance(node, _DEFS)
            else inside
        )
        return _Arrived(node, inside, _read_names(defaults))

    def _await(self, inside: Iterable[tree.Node]) -> None:
        for one in inside:
            match one:
                case tree.Await(span=span):
                    if self._called is not None and not self.awaiting:
                        number = self.source().position(self._called.start)[0]
                        message = f"this awaits, and line {number} has called without `await`, which was done"
                        self._refuse(
                            AWAITS.code, message, span, "await all calls, or none: they run in parallel anyhow"
                        )
                    self.awaiting = True
                case tree.AsyncFunctionDef():
                    self._may_await = True
                case tree.alias(name):
                    self._may_await |= name == "asyncio"
                case tree.ImportFrom(module="asyncio"):
                    self._may_await = True
                case _:
                    pass

    def _refuse(self, code: str, message: str, span: Span, help: str) -> None:
        self.report(Diagnostic(code, Severity.ERROR, message, span, help))

    # what is known

    def _lower_known(self) -> Block:
        made: list[Statement] = []
        while self._held and not self.broken and self._is_known(self._held[0]):
            made += self._lower(self._held.popleft())
        return tuple(made)

    def _is_known(self, held: _Arrived) -> bool:
        """Whether nothing that may follow changes what a statement is lowered to."""
        if self._may_await and not self.awaiting and (_may_call(held) or _empty_list(held.node) is not None):
            return False
        if self.awaiting and self._is_open_list(held.node):
            return False
        seen: set[str] = set()
        todo = set(held.reads)
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if name not in self._known and name not in self.scope.own and name not in self.scope.env:
                return False
            todo |= self._reads.get(name, frozenset())
        return True

    def _is_open_list(self, node: tree.Statement) -> bool:
        """Whether a statement makes an empty list of which nothing more is known."""
        name = _empty_list(node)
        return name is not None and self._named[name] <= len(self.trees) - len(self._held) + 1

    def _lower(self, held: _Arrived) -> Block:
        node = held.node
        self.out = []
        if self.broken:
            return ()
        ids = self._ids
        try:
            match node:
                case tree.Expr(value) if not self.gives_nothing(value):
                    self._offers = self._offered = True
                    self.offer(value)
                case _:
                    self._offers = False
                    self.statements([node])
        except Refused as refused:
            self.report(refused.finding)
        if self._ids != ids and not self.awaiting and self._called is None and _may_call(held):
            self._called = node.span
        made = () if self.broken else tuple(self.out)
        self.blocks.append(made)
        self.ends.append(self._ids)
        return made

    # what lowering does otherwise

    def callee(self, node: tree.Expression) -> Callee:
        """Return what a call calls: the tool, where an earlier program gave its name to a value, and this one hasn't."""
        if isinstance(node, tree.Name) and node.id in self.tools:
            found = self.lookup(node.id)
            if isinstance(found, Var) and found is self._bound_before.get(node.id):
                return Tool(self.tools[node.id].name)
        return super().callee(node)

    def fresh(self, name: str) -> str:
        """Return a name that nothing has, and that hardly anybody writes."""
        number = 2
        while f"{name}__{number}" in self.taken:
            number += 1
        made = f"{name}__{number}"
        self.taken.add(made)
        self._fresh_names.add(made)
        return made

    def check_unread(self, node: tree.Expression, names: frozenset[str], acts: bool) -> None:
        """Refuse a generator that is read elsewhere, or will, if what follows assigns what it reads."""
        super().check_unread(node, names, acts)
        for name in names:
            self._read_later.setdefault(name, node.span)


def _may_call(held: _Arrived) -> bool:
    if isinstance(held.node, tree.FunctionDef):
        return False
    return any(isinstance(one, tree.Call | tree.AsyncFunctionDef) for one in held.inside)


def _empty_list(node: tree.Statement) -> str | None:
    """Return the name that a statement gives an empty list."""
    match node:
        case tree.Assign((tree.Name(name),), tree.List(())) | tree.AnnAssign(tree.Name(name), value=tree.List(())):
            return name
        case _:
            return None


def _defaults(node: tree.FunctionDef | tree.AsyncFunctionDef) -> list[tree.Node]:
    return [*node.args.defaults, *[one for one in node.args.kw_defaults if one is not None]]


def _read_names(every: Sequence[tree.Node]) -> frozenset[str]:
    """Return the names that nodes read, and don't bind among them: perhaps a few that they do."""
    return frozenset(one.id for one in every if isinstance(one, tree.Name)) - frozenset(_own(every))


def _own(every: Iterable[tree.Node]) -> Iterator[str]:
    """Yield the names that functions and comprehensions in something have for themselves."""
    for one in every:
        match one:
            case tree.Name() | tree.Constant():
                pass
            case tree.FunctionDef() | tree.AsyncFunctionDef():
                yield from parameters(one.args)
                yield from assigned(one.body)
            case tree.Lambda(args):
                yield from parameters(args)
            case _ if isinstance(one, COMPREHENSIONS):
                for clause in one.generators:
                    yield from target_names(clause.target)
            case _:
                pass
