"""Time from a keystroke in a long plan to its findings in an editor: a client of `lcc lsp`, over standard input and output.

python -m benchmarks.editing [LINES [KEYSTROKES]]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

STUB = """\
from typing import TypedDict
import lcc

class Fact(TypedDict):
    name: str
    value: float

@lcc.tool(effect="read", resource="atlas", trusted=True)
def fact(name: str, of: str = "") -> Fact: ...
@lcc.tool(effect="pure")
def math(expression: str) -> float: ...
"""


def plan(lines: int) -> str:
    """Return a plan of so many lines, of calls that read one another."""
    made = [
        f'{at}. fact("place {at}")' if at % 3 else f'{at}. math("${at - 1}.value + ${at - 2}.value")'
        for at in range(1, lines)
    ]
    return "\n".join([*made, f"{lines}. join({', '.join(f'${at}' for at in range(3, lines, 3))})", ""])


async def measure(lines: int, keystrokes: int, folder: Path) -> list[float]:
    """Return the seconds from each keystroke to the findings of the text that it made."""
    (folder / "pyproject.toml").write_text('[tool.lcc]\ntools = ["tools.pyi"]\n')
    (folder / "tools.pyi").write_text(STUB)
    client = LanguageClient("benchmark", "1")
    told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
    client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda found: told.put_nowait(found))
    await client.start_io(sys.executable, "-m", "lcc", "lsp", cwd=folder)
    await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=folder.as_uri()))
    uri, text, taken = (folder / "a.plan").as_uri(), plan(lines), []
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "lcc-plan", 0, text)))
    await asyncio.wait_for(told.get(), 60)
    for version in range(1, keystrokes + 1):
        # Every other keystroke leaves a string open, the next one closes it: both with and without lints.
        changed = (
            text.replace('"place 500', '"place 500' + "x" * version)
            if version % 2
            else text.replace('place 500")', "place 500)")
        )
        start = time.perf_counter()
        whole = lsp.TextDocumentContentChangeWholeDocument(changed)
        document = lsp.VersionedTextDocumentIdentifier(version, uri)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [whole]))
        while (await asyncio.wait_for(told.get(), 60)).version != version:
            pass
        taken.append(time.perf_counter() - start)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]
    return taken


def main() -> None:
    """Print the median and the worst of the times."""
    lines, keystrokes = (int(given) for given in (*sys.argv[1:], *("1000", "50")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        taken = sorted(asyncio.run(measure(lines, keystrokes, Path(folder))))
    median, worst = statistics.median(taken) * 1e3, taken[-1] * 1e3
    late = sum(one > 0.1 for one in taken)
    print(f"{lines} lines, {keystrokes} keystrokes: median {median:.0f} ms, worst {worst:.0f} ms, {late} over 100 ms")


if __name__ == "__main__":
    main()
