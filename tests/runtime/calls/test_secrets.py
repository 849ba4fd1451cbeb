"""Keep secret inputs out of messages, events and journals, whatever tools do with them."""

from __future__ import annotations

import html
import json
import re
import shlex
import sqlite3
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus, urlencode

import anyio
import pytest
from hypothesis import assume, given, strategies as st
from running_plans import on_both, plan_of, run_main, tool, tools

from lcc.ask.memory import Memory
from lcc.ask.planning.plan_run import PlanRun
from lcc.grammar.ir import InputDecl
from lcc.grammar.signatures import Effect
from lcc.grammar.source import Source
from lcc.runtime.calls.secrets import Secrets
from lcc.runtime.events import TaskEnded
from lcc.runtime.graph.batches import BatchResults, part_of
from lcc.runtime.journal.record import begin_run, resume_run
from lcc.runtime.journal.replay import replay
from lcc.runtime.options import Options
from lcc.runtime.run import Run, execute

TOKEN = 'hunter2 "quoted" ü\n'
PLAN = "secret input token: str\n1. use($token)\n2. use($1)\njoin()\n"


def secrets(value, **more):
    declared = [InputDecl("token", "Any", None, True), InputDecl("city", "Any", None, False)]
    return Secrets(declared, {"token": value, "city": "Paris", **more})


@pytest.mark.parametrize("text", [TOKEN, repr(TOKEN), 'x"hunter2 \\"quoted\\" \\u00fc\\n"', "a=" + TOKEN * 3])
def test_a_secret_is_found_as_python_and_json_write_it(text):
    assert "hunter2" not in secrets(TOKEN).hide(text)
    assert "(secret)" in secrets(TOKEN).hide(text)


WRITERS = {
    "as it is": str,
    "stripped": str.strip,
    "on one line": lambda text: " ".join(text.split()),
    "JSON": json.dumps,
    "JSON with its own letters": lambda text: json.dumps(text, ensure_ascii=False),
    "repr": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "unicode_escape": lambda text: text.encode("unicode_escape").decode(),
    "HTML": html.escape,
    "HTML but for quotes": lambda text: html.escape(text, quote=False),
    "XML": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "path of a URL": quote,
    "query of a URL": lambda text: urlencode({"q": text}),
    "quoted but for nothing": lambda text: quote(text, safe=""),
    "a shell": shlex.quote,
    "a shell, by backslashes": lambda text: "'" + text.replace("'", "'\\''") + "'",
    "SQL": lambda text: "'" + text.replace("'", "''") + "'",
    "CSV": lambda text: '"' + text.replace('"', '""') + '"',
    "HTML, decimal": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "HTML, without semicolons": lambda text: "".join(f"&#{ord(char)}" for char in text),
    "every byte of a URL": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "lower-case percent escapes": lambda text: re.sub("%..", lambda found: found[0].lower(), quote_plus(text)),
}
ODD = [
    TOKEN,
    's3cr\\et\\\\"x\n',
    "a b+c/d=e&f<g>'h'",
    '\\start"\\',
    "pä😀ss\tword",
    "-----BEGIN KEY-----\nabc+/d==\nxyz/+\n-----END KEY-----\n",
    "%41%zz%",
    "&amp;x&lt",
    "\x00\x07\x1b[31mabc",
    "\\n\\t\\u0041",
    "пароль",
    "it's a 'd\"ay'",
    "'quoted'",
    "' blank '",
    "\"'\"'x",
]


@pytest.mark.parametrize("outer", WRITERS)
@pytest.mark.parametrize("inner", WRITERS)
def test_a_secret_is_found_whatever_wrote_it_and_whatever_wrote_that(inner, outer):
    for secret in ODD:
        written = WRITERS[outer](WRITERS[inner](secret))
        hidden = secrets(secret).hide(f"before: {written} behind")
        assert "(secret)" in hidden, (secret, written)
        assert hidden.startswith("before: ")
        assert hidden.endswith(" behind")
        assert len(hidden) < 60, (secret, written, hidden)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=12),
    st.lists(st.sampled_from(sorted(WRITERS)), max_size=3),
)
def test_any_text_is_found_in_any_form(secret, writers):
    assume(len(secret.strip()) >= 4)
    written = secret
    for writer in writers:
        written = WRITERS[writer](written)
    assert "(secret)" in secrets(secret).hide(written)


@pytest.mark.parametrize("name", ["", "u:", "al:", "bob:", "ü1:"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_base64_is_found_in_each_alignment_and_in_a_url(name, encode):
    for secret in ("hunter2-ü?>~", TOKEN):
        shown = encode((name + secret).encode()).decode()
        for written in (f"Basic {shown}", quote(shown, safe="")):
            assert shown[8:-4] not in secrets(secret).hide(written)


def test_hostile_text_costs_no_more_than_its_length():
    known = secrets('"\\ab cd\\\\+/')
    for text in (
        "\\ab" * 100_000,
        "ab" + "\\" * 200_000,
        "%25" * 100_000 + "ab",
        "&amp;" * 60_000 + "ab",
        "ab" + " " * 200_000,
        "&#34;" * 60_000 + "ab",
        "'" * 200_000,
    ):
        assert known.hide(text) == text
    known = secrets("'ab' 'cd' 'ef'")
    for text in ("ab" + "'" * 200_000, "' " * 100_000 + "ab", "'ab' 'cd' '" * 20_000, "'\\''" * 40_000, "%27" * 60_000):
        assert known.hide(text) == text


@pytest.mark.parametrize("write", [str.lower, str.upper, lambda text: quote(text, safe="").lower()])
def test_small_and_large_letters_are_the_same(write):
    assert secrets("S3cr3t/Path").hide(f"host {write('S3cr3t/Path')}.example") == "host (secret).example"


def test_hexadecimal_is_found():
    assert "(secret)" in secrets(TOKEN).hide(f"sent {TOKEN.encode().hex()}")


def test_keys_of_a_secret_dict_are_secret_too():
    assert secrets({"sk-live-1": 1}).hide("no such key: 'sk-live-1'") == "no such key: '(secret)'"


def test_secrets_are_found_in_containers_and_numbers_and_nothing_else_is_changed():
    known = secrets({"key": ["abcd", 12345]})
    assert known.hide_value({"a": ["xabcdx", 12345, 123, None, True], "abcd": 1.5}) == {
        "a": ["x(secret)x", "(secret)", 123, None, True],
        "(secret)": 1.5,
    }
    value = ["Paris", 3]
    assert known.hide_value(value) is value


def test_what_is_short_is_not_looked_for():
    assert not secrets("abc")
    assert not secrets(None)
    assert not Secrets()
    assert secrets("abc").hide("abc") == "abc"


@on_both
@pytest.mark.parametrize("isolation", ["loop", "thread"])
def test_a_message_that_quotes_a_secret_reaches_neither_result_nor_events(backend, isolation):
    events = []

    def use(value, context):
        context.report(f"using {value}")
        raise LookupError(f"no user {value!r}")

    async def use_async(value, context):
        use(value, context)

    async def main():
        function = use_async if isolation == "loop" else use
        given = tools(tool(function, "value", name="use", isolation=isolation, context="context", retries=1))
        options = Options(on_event=events.append, backoff=no_wait())
        return await execute(plan_of(PLAN), given, {"token": TOKEN}, options=options)

    result = run_main(main, backend)
    assert result.tasks[1].error.message == "no user '(secret)'"
    assert result.tasks[1].error.shown == "LookupError: no user '(secret)'"
    assert {"AttemptFailed", "TaskReported"} <= {type(event).__name__ for event in events}
    assert "hunter2" not in repr(events)


@on_both
def test_a_default_is_known_as_soon_as_its_input_is(backend):
    events = []

    async def fail(value):
        raise LookupError("no user of hunter2-Paris")

    async def main():
        given = tools(tool(fail, "value"))
        async with Run(None, given, options=Options(on_event=events.append)) as run:
            for declared in plan_of('secret input token: str = "hunter2-Paris"\njoin()\n').inputs:
                run.declare(declared)
            run.add(plan_of("1. fail(1)\njoin()\n").tasks[0])
            while not any(isinstance(event, TaskEnded) for event in events):
                await anyio.lowlevel.checkpoint()

    run_main(main, backend)
    assert "no user of (secret)" in repr(events)


@on_both
@pytest.mark.parametrize("size", [1, 1000])
def test_a_secret_of_a_plan_that_is_still_being_written_is_in_no_event(backend, size):
    events = []

    async def use(value, context):
        context.report(f"using {value}")
        raise LookupError(f"no user {value!r}")

    async def main():
        given = tools(tool(use, "value", name="use", context="context"))
        declared = {name: one.signature for name, one in given.items()}
        async with Run(None, given, {"token": TOKEN}, options=Options(on_event=events.append)) as run:
            writing = PlanRun(run, declared, Memory(declared), level=0, round_=1, emit=lambda _: None)
            text = "secret input token: str\n1. use($token)\n2. use(1)\n"
            for at in range(0, len(text), size):
                writing.feed(text[at : at + size])
            while sum(isinstance(event, TaskEnded) for event in events) < 2:
                await anyio.lowlevel.checkpoint()

    run_main(main, backend)
    assert "no user '(secret)'" in repr(events)
    assert "hunter2" not in repr(events)


@on_both
@pytest.mark.parametrize("isolation", ["loop", "thread", "process"])
def test_a_class_named_after_a_secret_and_a_secret_at_the_cut_of_a_message_are_hidden(backend, isolation):
    long = "key-" + "0123456789abcdef" * 100

    async def main():
        given = tools(tool(quote_in_class, "value", name="use", isolation=isolation))
        return await execute(plan_of(PLAN), given, {"token": long})

    result = run_main(main, backend)
    shown = json.dumps(result.to_json())
    assert result.tasks[1].error.cause == "(secret)"
    assert "0123456789" not in shown


def quote_in_class(value):
    raise type(value, (Exception,), {})("x" * 1500 + value)


def test_an_element_of_a_batch_keeps_a_secret_at_the_cut_of_its_message():
    long = "key-" + "0123456789abcdef" * 100
    value = BatchResults(lambda returned: returned)([ValueError("x" * 1500 + long)])
    _, _, failure = part_of(value, 0, 1, 1)
    assert "0123456789" not in secrets(long).hide_failure(failure).message


def test_a_default_of_a_secret_is_not_in_the_journal(tmp_path):
    plan = plan_of('secret input token: str = "hunter2 by default"\n1. use($token)\njoin()\n')
    file = begin_run(str(tmp_path / "runs.db"), plan, Source("<string>", ""), {}, {}).file
    file.close()
    assert "hunter2" not in journal_text(tmp_path / "runs.db")


def no_wait():
    from lcc.runtime.options import Backoff

    return Backoff(base=0.0)


def journal_text(path):
    connection = sqlite3.connect(path)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def run_with_journal(path, effect, calls, *, again=False, token=TOKEN):
    async def use(value):
        calls.append(value)
        return {"echo": value}

    given = tools(tool(use, "value", effect=effect))
    signatures = {name: t.signature for name, t in given.items()}

    async def main():
        if again:
            journal, stored = resume_run(str(path), signatures)
            plan = stored.plan
        else:
            plan = plan_of(PLAN)
            journal = begin_run(str(path), plan, Source("<string>", ""), signatures, {"token": token})
        result = None
        try:
            result = await execute(plan, given, {"token": token}, options=Options(journal=journal))
        finally:
            journal.close(result)
        return result

    return run_main(main, "asyncio")


@pytest.mark.parametrize("effect", [Effect.READ, Effect.WRITE])
def test_a_journal_holds_no_secret_even_if_a_tool_returns_it(tmp_path, effect):
    path = tmp_path / "runs.db"
    calls = []
    result = run_with_journal(path, effect, calls)
    assert result.ok
    assert result.tasks[2].value == {"echo": {"echo": TOKEN}}
    written = journal_text(path)
    assert "hunter2" not in written
    assert "(secret)" in written


def test_a_read_whose_result_was_withheld_is_made_again_and_a_write_is_in_doubt(tmp_path):
    calls = []
    run_with_journal(tmp_path / "reads.db", Effect.READ, calls)
    again = run_with_journal(tmp_path / "reads.db", Effect.READ, calls, again=True)
    assert again.tasks[2].value == {"echo": {"echo": TOKEN}}
    assert len(calls) == 4

    calls.clear()
    run_with_journal(tmp_path / "writes.db", Effect.WRITE, calls)
    again = run_with_journal(tmp_path / "writes.db", Effect.WRITE, calls, again=True)
    assert len(calls) == 2
    assert again.tasks[1].error.message.startswith("it was done, but its result held a secret input")


def test_a_replay_shows_a_withheld_result_without_the_secret(tmp_path):
    path = tmp_path / "runs.db"
    run_with_journal(path, Effect.WRITE, [])
    journal, stored = resume_run(
        str(path), {"use": tools(tool(echo, "value", name="use", effect=Effect.WRITE))["use"].signature}
    )
    journal.close(None)
    result = run_main(lambda: replay(stored), "asyncio")
    assert result.ok
    assert result.tasks[1].value == {"echo": "(secret)"}


async def echo(value):
    return value
