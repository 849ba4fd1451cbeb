"""Settle calls in doubt, as a command line or the person at the terminal says: they were done, or are to be made again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing

from lcc.cli.consent.approve import may_ask
from lcc.cli.console import Console, Usage
from lcc.grammar.diagnostics.terminal import dump_json, escape
from lcc.grammar.ir import TaskId
from lcc.grammar.signatures import ANY, Tools, Type, only_text
from lcc.grammar.values import Json, read_json
from lcc.runtime.journal.file import JournalFile, StoredRun
from lcc.runtime.journal.pending import answer
from lcc.runtime.journal.settling import in_doubt, settle


def settle_doubts(path: str, run: str, args: argparse.Namespace, tools: Tools, console: Console) -> None:
    """Take down what is said of calls in doubt. Who sits at a terminal, and has said nothing, is asked. Raises JournalError."""
    with closing(JournalFile(path)) as file:
        doubtful = in_doubt(file, run) if args.done or args.redo or may_ask(console) else []
    types = {str(id_): _type_of(stored, id_, tools) for stored, ids in doubtful for id_ in ids}
    if args.done or args.redo:
        done = dict(_done(args.done, types))
        settle(path, run, done=done, redo=args.redo, tools=tools)
        return
    for stored, id_ in _writes(doubtful, tools):
        _ask(path, run, stored, id_, tools, console)


def answer_waiting(path: str, run: str, args: argparse.Namespace) -> None:
    """Answer what a run or question waits for, if the command line does; raises JournalError if it waits for nothing."""
    if args.approve or args.deny is not None:
        answer(path, run, allowed=args.approve, reason=args.deny or "")


def _done(given: list[str], types: dict[str, Type]) -> Iterator[tuple[str, Json]]:
    for text in given:
        id_, equals, value = text.partition("=")
        if id_ in types and equals:
            yield id_, _value(value, types[id_], f"--done {text}")
        else:
            yield id_, None  # what isn't in doubt is refused whatever it came to


def _value(text: str, type_: Type, where: str) -> Json:
    if only_text(type_):
        return text
    try:
        value: Json = read_json(text)
    except (ValueError, RecursionError):
        raise Usage(f'{where}: the result is JSON; a text stands in quotes: "{escape(text)}"') from None
    return value


def _type_of(stored: StoredRun, id: TaskId, tools: Tools) -> Type:
    signature = tools.get(stored.tools.get(id, ""))
    return ANY if signature is None else signature.result


def _writes(doubtful: list[tuple[StoredRun, tuple[TaskId, ...]]], tools: Tools) -> Iterator[tuple[StoredRun, TaskId]]:
    """Yield the calls in doubt that aren't made again by themselves."""
    for stored, ids in doubtful:
        for id_ in ids:
            signature = tools.get(stored.tools.get(id_, ""))
            if signature is None or not signature.may_retry:
                yield stored, id_


def _ask(path: str, run: str, stored: StoredRun, id: TaskId, tools: Tools, console: Console) -> None:
    with closing(JournalFile(path)) as file:
        given = file.arguments(stored.entry.id).get(id)
    shown = "" if given is None else ", ".join(f"{escape(n)}={dump_json(v, indent=None)}" for n, v in given.items())
    console.say(f"call {id}, {escape(stored.tools.get(id, ''))}({shown}), was begun and not seen to end")
    while True:
        console.stderr.write("was it done? [d]one, [r]edo, [l]eave it in doubt: ")
        console.stderr.flush()
        line = sys.stdin.readline()
        match line.strip().lower():
            case "d" | "done":
                form = "" if only_text(_type_of(stored, id, tools)) else ", as JSON (Return: null)"
                console.stderr.write(f"its result{form}: ")
                console.stderr.flush()
                text = sys.stdin.readline().strip()
                try:
                    value = _value(text, _type_of(stored, id, tools), "the result") if text else None
                except Usage as wrong:
                    console.fail(str(wrong))
                    continue
                return settle(path, run, done={str(id): value}, tools=tools)
            case "r" | "redo":
                return settle(path, run, redo=[str(id)])
            case "l" | "leave" | "" if line in ("", "\n") or line.strip():
                return None
            case _:
                console.say("write d, r or l")
