"""Check the `lcc` command as a process: streams, pipes, signals, colours, start-up."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LCC = [sys.executable, "-m", "lcc"]
CHANGING = ("NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED")
PLAIN = {key: value for key, value in os.environ.items() if key not in CHANGING}
TOOLS = """\
import threading
import lcc

@lcc.tool(effect="read")
def say(text: str) -> str:
    return text

@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    return f"erased {path}"

@lcc.tool(effect="read", timeout=0.05)
def hang() -> str:
    threading.Event().wait()
    return ""

@lcc.tool(effect="read")
async def wait(text: str) -> str:
    import anyio
    print("waiting", flush=True)
    await anyio.sleep_forever()
    return ""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    return tmp_path


def lcc(
    *argv: str, folder: Path, stdin: str = "", environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    env = {**PLAIN, **(environ or {})}
    return subprocess.run(
        [*LCC, *argv], input=stdin, capture_output=True, encoding="utf-8", cwd=folder, env=env, timeout=60, check=False
    )


def on_terminal(*argv: str, folder: Path, environ: dict[str, str], ahead: str = "", typed: str = "") -> str:
    """Return what a command writes when its streams are a terminal, on which somebody types, `ahead` before being asked."""
    ours, theirs = pty.openpty()
    env = {**PLAIN, "TERM": "xterm-256color", "COLUMNS": "100", **environ}
    with subprocess.Popen([*LCC, *argv], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=env):
        os.close(theirs)
        os.write(ours, ahead.encode())
        written = b""
        while True:
            if typed and b"allow? [y/N] " in written:
                os.write(ours, typed.encode())
                typed = ""
            try:
                assert select.select([ours], [], [], 60)[0], written
                piece = os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not piece:
                break
            written += piece
    os.close(ours)
    return written.decode()


def test_no_command_prints_help_and_is_a_usage_error(folder: Path) -> None:
    done = lcc(folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: lcc" in done.stderr


def test_an_unknown_command_is_a_usage_error(folder: Path) -> None:
    done = lcc("comple", folder=folder)
    assert done.returncode == 2
    assert "compile" in done.stderr


def test_help_names_every_command_and_the_exit_statuses(folder: Path) -> None:
    done = lcc("--help", folder=folder)
    assert done.returncode == 0
    for word in ("check", "compile", "opt", "run", "fmt", "graph", "tools", "explain", "completion", "141"):
        assert word in done.stdout


def test_output_is_utf_8_whatever_the_locale(folder: Path) -> None:
    plan = '1. say("é 日本 👍")\n2. join()\n'
    environ = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    assert lcc("fmt", "-", folder=folder, stdin=plan, environ=environ).stdout == plan


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_closed_pipe_ends_quietly(closed: str, folder: Path) -> None:
    lines = "".join(f'{number}. say("{"x" * 80}"\n' for number in range(1, 3000))
    (folder / "long.plan").write_text(lines, encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    command = [*LCC, "explain"] if closed == "stdout" else [*LCC, "check", "long.plan"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, closed: writing}
    with subprocess.Popen(command, cwd=folder, env=PLAIN, **streams) as process:  # type: ignore[call-overload]
        os.close(writing)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 141
    assert not out
    assert not err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("command", [["explain"], ["--version"]])
def test_a_full_disk_is_an_error_not_a_traceback(command: list[str], folder: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*LCC, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=folder)
    assert done.returncode == 1
    assert done.stderr == "error: No space left on device\n"


def test_an_interrupt_ends_a_run_with_130_and_shows_what_was_done(folder: Path) -> None:
    command = [*LCC, "run", "-", "--tools", "tools.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=PLAIN
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b'1. say("a")\n2. wait("$1")\n3. join()\n')
        process.stdin.close()
        while process.stderr.readline() != b"waiting\n":
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.stdout.read().decode(), process.stderr.read().decode()
        assert process.wait(timeout=60) == 130
    assert out.startswith("$1 = a\n$2 = (cancelled: ")
    assert err.endswith("interrupted\n")
    assert "Traceback" not in err


def test_a_thread_that_hangs_does_not_keep_the_process(folder: Path) -> None:
    done = lcc("run", "-", "--tools", "tools.py", folder=folder, stdin='1. hang()\n2. say("a")\n3. join()\n')
    assert done.returncode == 1
    assert done.stdout.startswith("$1 = (abandoned: ")
    assert done.stdout.endswith("$2 = a\n")


def test_a_terminal_gets_a_table_and_a_panel(folder: Path) -> None:
    (folder / "a.plan").write_text('1. say("[red]a\\x1b[31m")\n2. answer("it is $1")\n', encoding="utf-8")
    shown = on_terminal("run", "a.plan", "--tools", "tools.py", folder=folder, environ={})
    plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", shown)
    assert "━" in plain
    assert 'say("[red]a\\x1b[31m")' in plain
    assert "it is [red]a\\x1b[31m" in plain
    assert "ok: 1 task in " in plain


@pytest.mark.parametrize(
    ("environ", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False)],
)
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], colored: bool, folder: Path) -> None:
    assert ("\x1b[" in on_terminal("check", "missing.plan", folder=folder, environ=environ)) is colored


def test_force_color_colours_a_pipe(folder: Path) -> None:
    assert "\x1b[" not in lcc("check", "missing.plan", folder=folder).stderr
    assert "\x1b[" in lcc("check", "missing.plan", folder=folder, environ={"FORCE_COLOR": "1"}).stderr


def test_a_plan_on_a_terminal_is_escaped_and_in_a_pipe_it_is_not(folder: Path) -> None:
    plan = "# \x1b[31mred\n1. say()\n2. join()\n"
    (folder / "a.plan").write_text(plan, encoding="utf-8")
    with (folder / "a.plan").open("rb") as file:
        done = subprocess.run([*LCC, "fmt", "-"], stdin=file, capture_output=True, text=True, check=False, cwd=folder)
    assert done.stdout == plan
    assert "\x1b[31mred" not in on_terminal("opt", "a.plan", folder=folder, environ={"NO_COLOR": "1"})


def test_checking_a_plan_imports_neither_pydantic_nor_rich_nor_anyio(folder: Path) -> None:
    (folder / "a.plan").write_text('1. say("a")\n2. join()\n', encoding="utf-8")
    (folder / "tools.pyi").write_text("def say(text: str) -> str: ...\n", encoding="utf-8")
    command = [sys.executable, "-X", "importtime", "-m", "lcc", "check", "a.plan", "--tools", "tools.pyi"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    loaded = {line.rsplit("|", 1)[-1].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert loaded.isdisjoint({"pydantic", "rich", "anyio", "trio", "asyncio", "shtab", "openai"})
    assert "lcc" in loaded


@pytest.mark.parametrize(("typed", "answer"), [("y\n", "erased x"), ("n\n", "failed"), ("\n", "failed")])
def test_the_terminal_is_asked_before_a_destructive_call(typed: str, answer: str, folder: Path) -> None:
    (folder / "a.plan").write_text('1. erase("x")\n2. join()\n', encoding="utf-8")
    shown = on_terminal("run", "a.plan", "--tools", "tools.py", folder=folder, environ={"NO_COLOR": "1"}, typed=typed)
    assert 'task 1 wants 1 destructive call of erase:\r\n  1. erase(path="x")\r\nallow? [y/N] ' in shown
    assert answer in shown


@pytest.mark.parametrize(
    ("ahead", "typed"), [("y\n", "\n"), ("y\ny\n", "n\n"), ("y", "\n"), ("y", "es\n"), ("", "y\x04\x04")]
)
def test_what_was_typed_before_the_question_is_no_answer_to_it(ahead: str, typed: str, folder: Path) -> None:
    (folder / "a.plan").write_text('1. erase("x")\n2. join()\n', encoding="utf-8")
    argv = ("run", "a.plan", "--tools", "tools.py")
    shown = on_terminal(*argv, folder=folder, environ={"NO_COLOR": "1"}, ahead=ahead, typed=typed)
    assert "approval was refused" in shown
    assert "erased" not in shown


@pytest.mark.parametrize(("given", "shown"), [((), "/etc/passwd"), (("--input", "path=hunter22"), "(secret)")])
def test_the_question_hides_the_secret_that_was_given_and_no_value_of_the_plan(
    given: tuple[str, ...], shown: str, folder: Path
) -> None:
    (folder / "a.plan").write_text(
        'secret input path: str = "/etc/passwd"\n1. erase($path)\n2. join()\n', encoding="utf-8"
    )
    argv = ("run", "a.plan", "--tools", "tools.py", *given)
    written = on_terminal(*argv, folder=folder, environ={"NO_COLOR": "1"}, typed="n\n")
    assert f'1. erase(path="{shown}")\r\nallow? [y/N] ' in written


@pytest.mark.parametrize("typed", ["y\n", "n\n"])
def test_a_fan_out_is_asked_about_on_the_terminal(typed: str, folder: Path) -> None:
    (folder / "a.plan").write_text('1. erase(each ["x", "y"])\n2. join()\n', encoding="utf-8")
    shown = on_terminal("run", "a.plan", "--tools", "tools.py", folder=folder, environ={"NO_COLOR": "1"}, typed=typed)
    assert "task 1 wants 2 destructive calls of erase:" in shown
    assert ("erased y" in shown) is (typed == "y\n")


LOUD = """\
import logging, os, subprocess, sys
import lcc

logging.basicConfig(level="INFO")
print("imported\\x1b[2J")

@lcc.tool(effect="read")
def loud(n: int) -> str:
    print("printed\\x1b[2J\\u202e\\n\\ttwice")
    print("complained\\x1b]0;x\\x07", file=sys.stderr)
    sys.stdout.buffer.write("bytes é\\x1b[1m\\n".encode()[:7])
    sys.stdout.buffer.write("bytes é\\x1b[1m\\n".encode()[7:])
    sys.stdout.flush()
    logging.info("logged\\x1b[1m")
    subprocess.run([sys.executable, "-c", "print('by a child')"])
    os.write(1, b"raw\\n")
    print("no end", end="")
    return "\\x1b[32mok"

@lcc.tool(effect="read", isolation="process")
def apart(n: int) -> int:
    print("elsewhere\\x1b[2J")
    return n
"""


@pytest.fixture
def loud(tmp_path: Path) -> Path:
    (tmp_path / "tools.py").write_text(LOUD, encoding="utf-8")
    (tmp_path / "a.plan").write_text("1. apart(1)\n2. loud($1)\n3. answer($2)\n", encoding="utf-8")
    return tmp_path


def test_nothing_that_tools_print_gets_into_the_results(loud: Path) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", "--format", "json", folder=loud)
    assert (done.returncode, json.loads(done.stdout)["join"]) == (0, ["\x1b[32mok"])
    lines = done.stderr.splitlines()
    for line in [
        r"imported\x1b[2J",
        r"printed\x1b[2J\u202e",
        "    twice",
        r"complained\x1b]0;x\x07",
        r"elsewhere\x1b[2J",
        r"bytes é\x1b[1m",
        r"INFO:root:logged\x1b[1m",
        "by a child",
        "raw",
        "no end",
    ]:
        assert line in lines
    assert "\x1b" not in done.stderr
    assert lcc("run", "a.plan", "--tools", "tools.py", folder=loud).stdout == "\\x1b[32mok\n"
    assert json.loads(lcc("tools", "--tools", "tools.py", "--format", "json", folder=loud).stdout)


def test_nothing_that_tools_print_acts_on_a_terminal(loud: Path) -> None:
    shown = on_terminal("run", "a.plan", "--tools", "tools.py", folder=loud, environ={})
    for line in [
        r"imported\x1b[2J",
        r"elsewhere\x1b[2J",
        r"printed\x1b[2J\u202e",
        r"complained\x1b]0;x\x07",
        r"logged\x1b[1m",
    ]:
        assert line in shown
    for sequence in ["\x1b[2J", "\u202e", "\x1b]0;", "\x1b[1m\r\n"]:
        assert sequence not in shown


def test_a_reader_that_leaves_early_is_no_error_beside_tools_that_print(loud: Path) -> None:
    command = f"{sys.executable} -m lcc run a.plan --tools tools.py 2>err | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=loud, env=PLAIN, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout in ("0\n", "141\n")
    assert "Traceback" not in (loud / "err").read_text(encoding="utf-8")
