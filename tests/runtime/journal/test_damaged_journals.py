"""A journal may be anything by the time it is read: whatever it holds, it is used or refused with a clear word."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import pytest
from hypothesis import given, settings, strategies as st

import lcc
from lcc.grammar.ir import Exit, Plan
from lcc.grammar.ir.json_form import to_json
from lcc.grammar.source import Source
from lcc.python_tools.collect import as_tools
from lcc.runtime.inputs import RunError
from lcc.runtime.journal import rows
from lcc.runtime.journal.compilation import compilation_of
from lcc.runtime.journal.file import JournalError, JournalFile
from lcc.runtime.journal.record import begin_run, resume_run
from lcc.runtime.journal.replay import replay
from lcc.runtime.options import Options
from lcc.runtime.run import Run

TEXT = """\
input city: str = "Paris"
1. look("tides in $city")
2. look(each ["a", "b", $1])
3. send("$2[0]")
4. look("no")
5. look($4)
6. join($1, $2, $3, $5)
"""


@lcc.tool(effect="read")
async def look(key: str) -> str:
    if key == "no":
        raise LookupError("there is none")
    return f"<{key}>"


@lcc.tool(effect="write")
async def send(key: str) -> dict[str, list[str]]:
    return {"sent": [key]}


TOOLS = as_tools([look, send])
SIGNATURES = {name: tool.signature for name, tool in TOOLS.items()}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a journal of a run that has ended."""
    path = tmp_path_factory.mktemp("sound") / "j"
    compiled, source = lcc.compile(TEXT, tools=[look, send]), Source("<test>", TEXT)
    plan, found = compiled.plan, compiled.diagnostics
    told = compilation_of(plan, source, SIGNATURES, compiled.changes, found, compiled.written)
    journal = begin_run(str(path), plan, source, SIGNATURES, {"city": "Rome"}, compilation=told)

    async def main() -> None:
        async with Run(plan, TOOLS, {"city": "Rome"}, options=Options(journal=journal)) as run:
            journal.close(await run.wait())

    anyio.run(main)
    return path


@contextmanager
def copied(sound: Path) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "j")
        shutil.copyfile(sound, path)
        yield path


def use(path: Path) -> None:
    """List, load, show and resume every run; raises nothing but JournalError and, before a run begins, RunError."""
    with closing(JournalFile(path)) as file:
        for entry in file.runs():
            assert entry.alive in (True, False)
            stored = file.load(entry.id)
            assert json.dumps(anyio.run(replay, stored).to_json())
            assert file.compilation(entry.id) is None or file.attempts(entry.id) is not None
            assert file.spent(entry.id).calls >= 0
    journal, stored = resume_run(str(path), SIGNATURES)

    async def main() -> None:
        async with Run(stored.plan, TOOLS, dict(stored.inputs), options=Options(journal=journal)) as run:
            await run.wait()

    with closing(journal.file), suppress(RunError):
        anyio.run(main)


def test_a_sound_journal_can_be_used(sound: Path) -> None:
    with copied(sound) as path:
        use(path)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), min_size=1, max_size=8), st.integers(0, 1 << 20)
)
def test_flipped_bytes_and_a_cut_are_met_with_a_clear_word(sound: Path, flips: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(sound.read_bytes())
    for at, bits in flips:
        content[at % len(content)] ^= bits
    with copied(sound) as path, suppress(JournalError):
        path.write_bytes(bytes(content[: len(content) - cut if cut < len(content) and cut % 4 == 0 else None]))
        use(path)


COLUMNS = [
    *(("runs", name) for name in ("id", "begun", "ended", "status", "makespan", "owner")),
    *(("runs", name) for name in ("path", "text", "plan", "signatures", "inputs")),
    *(
        ("starts", name)
        for name in ("task", "attempt", "tool", "arguments", "failure", "at", "failed", "since", "waited")
    ),
    ("details", "told"),
    *(("ends", name) for name in ("task", "status", "value", "failure", "start", "finish")),
]
VALUES = st.one_of(
    st.sampled_from(
        [
            None,
            "",
            "null",
            "[]",
            "{}",
            "[" * 5000,
            '{"a":' * 400 + "1" + "}" * 400,
            "NaN",
            "1e999",
            "ok",
            "failed",
            "9" * 5000,
        ]
    ),
    st.sampled_from(
        ["2[0]", "2[9]", "99", "-1", "٢", "1_0", " 1", "in doubt", "\x1b[31m", "/dev/zero", "host:0", "a" * 32]
    ),
    st.sampled_from(['{"kind":"raised"}', '{"kind":"x","message":"","attempts":0,"cause":null}', '{"$error":{}}']),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=8),
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(COLUMNS), VALUES, st.integers(0, 20)), min_size=1, max_size=3))
def test_rows_that_lcc_did_not_write_are_met_with_a_clear_word(
    sound: Path, edits: list[tuple[tuple[str, str], object, int]]
) -> None:
    with copied(sound) as path, suppress(JournalError):
        edit(path, edits)
        use(path)


def edit(path: Path, edits: list[tuple[tuple[str, str], object, int]]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (table, column), value, number in edits:
            count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            key = "run, task" if table == "ends" else "rowid"
            row = f"SELECT {key} FROM {table} LIMIT 1 OFFSET {number % count}"
            with suppress(sqlite3.Error):
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE ({key}) = ({row})", (value,))


def nodes(value: object, at: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    yield at
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from nodes(item, (*at, key))


@settings(deadline=None)
@given(st.data())
def test_a_plan_that_lcc_did_not_write_is_met_with_a_clear_word(sound: Path, data: st.DataObject) -> None:
    plan = json.loads(query(sound, "SELECT plan FROM runs"))
    for _ in range(data.draw(st.integers(1, 2))):
        *there, last = data.draw(st.sampled_from([at for at in nodes(plan) if at]))
        owner = plan
        for step in there:
            owner = owner[step]
        new = data.draw(st.sampled_from([None, 0, 1, 2, 7, -1, "2[0]", "3", "", [], {}, "look", "nobody", "delete me"]))
        if new == "delete me":
            del owner[last]
        else:
            owner[last] = new
    with copied(sound) as path, suppress(JournalError):
        query(path, "UPDATE runs SET plan = ?", json.dumps(plan))
        use(path)


def query(path: Path, statement: str, *values: object) -> str:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        row = connection.execute(statement, values).fetchone()
    return "" if row is None else row[0]


def test_a_plan_with_a_body_in_a_journal_is_verified() -> None:
    text = json.dumps(to_json(Plan(body=(Exit("break"),), fails="strict")))
    with pytest.raises(ValueError, match="`break` stands outside of a loop"):
        rows.run((text, None, "{}", "{}", None, ""))
