"""Read a program while it is written: text in, statements of the IR out, each as soon as it is complete and known.

After an error nothing more comes out. `parsed` then says all that is wrong, as reading the whole text does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import NOWHERE, Block, InputDecl, Plan, Statement, Task
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.arriving.growing_program import GrowingProgram
from lcc.grammar.python.arriving.reply_program import ProgramInReply, without_margin
from lcc.grammar.python.lowering.names.program_rules import EMPTY
from lcc.grammar.python.lowering.program import stub_names
from lcc.grammar.python.program_reader import ProgramReader
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, check_text


@dataclass(frozen=True, slots=True)
class Past:
    """A program that has run: its statements as far as they were reached, the last in a `try` if it failed there."""

    trees: tuple[tree.Statement, ...]
    awaiting: bool
    last_id: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """The programs in whose names another goes on, and their texts, one after the other."""

    pasts: tuple[Past, ...] = ()
    text: str = ""


NOTHING_BEHIND = Behind()


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of a program: the lines that it stands on, up to the next one, and what it became.

    `call`: it is one call and nothing else, or assigns what that gives to the name `target`.
    """

    text: str
    block: Block
    call: bool = False
    target: str = ""


class ProgramStream:
    """Feed it a reply. `statements`: all that came out. `done`: those of the programs behind, and whether each of these failed.

    The text stands behind those of the earlier programs, in one source, from `start` on. `lacks`: why it isn't whole, `late`: what
    came too late; for programs the statements say that.
    """

    lacks = ""
    late: tuple[Task, ...] = ()

    def __init__(
        self,
        tools: Tools = NO_TOOLS,
        *,
        path: str = "<program>",
        limits: TextLimits = DEFAULT_LIMITS,
        behind: Behind = NOTHING_BEHIND,
    ) -> None:
        self._path = path
        self._limits = limits
        self._behind = behind
        self.start = len(behind.text)
        self._text: list[str] = [behind.text]
        self._reply = ProgramInReply(self.start)
        self._reader = ProgramReader(limits, self.start)
        self._programs: list[str] = []
        self._refused: Diagnostic | None = None
        self._seen = (0, 0)
        self._wrong = False
        self._empty = True
        self._program, self.done = _begun(behind, tools, self._source)
        self.statements: list[Statement] = []
        self._shared = 0

    @property
    def program(self) -> str:
        """The program alone, without what stands around it."""
        return without_margin("".join(self._programs))

    @property
    def inputs(self) -> tuple[InputDecl, ...]:
        """The inputs that the statements read."""
        return tuple(self._program.inputs.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are there for the program from those before it."""
        return self._program.names_there

    @property
    def broken(self) -> bool:
        """Whether there is an error."""
        replied, read = self._reply.diagnostics, self._reader.diagnostics
        if (len(replied), len(read)) != self._seen:
            self._wrong |= has_errors((*replied[self._seen[0] :], *read[self._seen[1] :]))
            self._seen = (len(replied), len(read))
        return self._refused is not None or self._wrong or self._program.broken

    def feed(self, piece: str) -> Block:
        """Take a piece of the text; return the statements that can be done now."""
        self._text.append(piece)
        if self._refused is None:
            self._refused = check_text(piece, self._limits)
        if self._refused is not None:
            return ()
        return self._take(self._reader.feed(self._known(self._reply.feed(piece))))

    def finish(self) -> Block:
        """Take the end of the text; return what is left to do, nothing if anything is wrong."""
        if self._refused is not None:
            return ()
        made = self._take((*self._reader.feed(self._known(self._reply.finish())), *self._reader.finish()))
        if not self.broken:
            made += self._out(self._program.finish())
        return () if self.broken or self._empty else made

    def parsed(self) -> Parsed:
        """Return what came of the text, once it has ended."""
        found = self._reply.findings(self._reader.diagnostics)
        if self._refused is not None:
            found = (self._refused,)
        elif not has_errors(found):
            found += self._program.findings()
            if self._empty:
                message = "there is no statement in this program"
                found += (Diagnostic(EMPTY.code, Severity.ERROR, message, Span(self.start, self.start)),)
        plan = Plan() if has_errors(found) else Plan(inputs=self.inputs, body=tuple(self.statements), fails="strict")
        return Parsed(plan, tuple(sorted(found, key=lambda one: one.span or Span(0, 0))), self._source())

    def behind(self, statement: int | None, *, failed: bool) -> Behind:
        """Return what a program goes on behind that follows this one. `statement`: which of its statements ended it."""
        program = self._program
        trees = tuple(program.trees)
        if statement is not None:
            last = program.tree_of(statement)
            trees = trees[: last + 1]
            if failed:
                handler = tree.ExceptHandler(None, None, (tree.Pass(),))
                trees = (*trees[:-1], tree.Try(trees[-1:], (handler,)))
        past = Past(trees, program.awaiting, program.last_id, failed)
        text = self._source().text
        return Behind((*self._behind.pasts, past), text if text.endswith("\n") else f"{text}\n")

    def place_of(self, id: int) -> int | None:
        """Return which id a call had in the program before, if that failed, and this one begins with the same statements up to there."""
        if bisect_left(self._program.ends, id) >= self._shared:
            return None
        ends = [past.last_id for past in self._behind.pasts[-2:]]
        return id - (ends[-1] - (ends[0] if len(ends) > 1 else 0))

    def _is_shared(self, node: tree.Statement) -> bool:
        """Whether the program before failed, and stands as this one does up to and with a statement."""
        last = self._behind.pasts[-1] if self._behind.pasts else None
        place = len(self._program.trees)
        if last is None or not last.failed or place != self._shared or place >= len(last.trees):
            return False
        before = last.trees[place]
        if isinstance(before, tree.Try) and before.span == NOWHERE:
            (before,) = before.body
        text = self._source().text
        return text[node.span.start : node.span.end] == text[before.span.start : before.span.end]

    def _known(self, text: str) -> str:
        self._programs.append(text)
        return text

    def pieces(self) -> tuple[Piece, ...]:
        """Return the statements with their texts; those make up the program."""
        text, nodes = "".join(self._programs), self._program.trees
        starts = [node.span.start - self.start for node in nodes]
        margins = [text[text.rfind("\n", 0, start) + 1 : start] for start in starts]
        margins = [margin if not margin.strip() else "" for margin in margins]
        begins = [start - len(margin) for start, margin in zip(starts, margins, strict=True)]
        made: list[Piece] = []
        for node, begin, end, block in zip(nodes, begins, [*begins[1:], len(text)], self._program.blocks, strict=False):
            part = text[0 if not made else begin : end].rstrip(" ;\t")
            shape = _shape(node)
            lines = without_margin(part) if not made or end == len(text) else part
            made.append(Piece(lines if lines.endswith("\n") else f"{lines}\n", block, shape is not None, shape or ""))
        return tuple(made)

    def reached(self, statement: int | None, *, failed: bool) -> int:
        """Return how many pieces another program goes on behind: all up to the statement that ended this one, without one that failed."""
        if statement is None:
            return len(self._program.trees)
        return self._program.tree_of(statement) + (not failed)

    def _take(self, nodes: Iterable[tree.Statement]) -> Block:
        made: Block = ()
        for node in nodes:
            self._empty = False
            if self.broken:
                break
            self._shared += self._is_shared(node)
            made += self._out(self._program.add(node))
        return () if self.broken else made

    def _out(self, made: Block) -> Block:
        self.statements += made
        return made

    @property
    def text(self) -> str:
        """What spans are in: the texts of the programs before, and what there is of this one."""
        return self._source().text

    def _source(self) -> Source:
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return Source(self._path, self._text[0])


def _begun(
    behind: Behind, tools: Tools, source: Callable[[], Source]
) -> tuple[GrowingProgram, tuple[tuple[Block, bool], ...]]:
    """Return the program that goes on, and the statements of those before it. Where these can't be read again there are none."""
    program = GrowingProgram(source, stub_names(tools))
    done: list[tuple[Block, bool]] = []
    for past in behind.pasts:
        done.append((program.again(past.trees, awaiting=past.awaiting), past.failed))
        if program.broken:
            program, done = GrowingProgram(source, stub_names(tools)), []
        program.go_on(past.last_id)
    return program, tuple(done)


def _shape(node: tree.Statement) -> str | None:
    """Return what a statement assigns a call's result to, nothing for a mere call; None for other statements."""
    match node:
        case tree.Expr(tree.Call()):
            return ""
        case tree.Assign((tree.Name(name),), tree.Call()):
            return name
    return None
