"""Open the explorer for a command: the page, its server, a browser."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from lcc.cli.console import Console, Usage, bad_input
from lcc.cli.explorer.explorer_http import HOST, Explorer
from lcc.cli.explorer.page_request import MOST_TEXT, PANES, Asked
from lcc.cli.explorer.panes import Looked, look
from lcc.cli.explorer.worker import Setup
from lcc.cli.files import STDIN, read_source
from lcc.cli.front import language, report_tools
from lcc.grammar import front_ends
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.pages.highlight import for_scripts
from lcc.pages.page import page, text
from lcc.passes.pipeline import pass_names

LEVELS: Final = range(4)


def explore(args: argparse.Namespace, console: Console) -> int:
    """Serve the page until Ctrl-C; raise Usage for a port that can't be had."""
    if args.file == STDIN:
        raise Usage("lcc explore -: the text is written on the page; name a file, or nothing")
    source = Source("", "") if args.file is None else read_source(args.file)
    if len(source.text) > MOST_TEXT:
        raise bad_input(
            "P015", f"the file is longer than {MOST_TEXT:,} characters, which is the most that is explored", source
        )
    name = language(source.path, args)
    if name not in front_ends.names():
        raise Usage(f"--front-end {name}: front ends are {', '.join(front_ends.names())}")
    near = str(Path(args.file or ".").resolve())
    setup = Setup(tuple(args.tools), near, args.trust_annotations, args.trust_project)
    report_tools(setup.static(), console)
    with _opened(explorer_page(source, name, args.level), setup, args.port) as server:
        try:
            console.say(f"exploring at {server.address}")
            console.say("Ctrl-C ends it")
            if not args.no_open:
                import webbrowser

                webbrowser.open(server.address)
            server.serve_forever()
        except KeyboardInterrupt:
            console.say("")
    return 0


def _opened(shown: str, setup: Setup, port: int) -> Explorer:
    try:
        return Explorer(shown, setup, port)
    except OverflowError:
        raise Usage(f"--port {port}: ports are 0 to 65535") from None
    except OSError as error:
        raise Usage(
            f"--port {port}: {HOST} can't be listened to there: {(error.strerror or str(error)).lower()}; leave it out for a free port"
        ) from None


def explorer_page(source: Source, front_end: str, level: int) -> str:
    """Return the page, with a text to begin with."""
    return _page(source, front_end, level, PANES, [("own", "these passes")], {}, "'self'")


def recorded_page(source: Source, front_end: str, tools: Tools, level: int = 2) -> str:
    """Return the page as one file that needs no server: what there is to see of one text, at every level. It can't be changed or run."""
    panes = {name: title for name, title in PANES.items() if name != "run"}
    recorded: dict[str, Json] = {}
    for each in LEVELS:
        for pane in panes:
            reply = look(Looked(Asked(source.text, front_end, each, None, pane), tools))
            found = cast(list[dict[str, Json]], reply["findings"])
            reply["findings"] = [{key: value for key, value in one.items() if key != "fix"} for one in found]
            recorded[f"{each} {pane}"] = reply
    return _page(source, front_end, level, panes, [], {"recorded": recorded}, "'none'")


def _page(
    source: Source,
    front_end: str,
    level: int,
    panes: Mapping[str, str],
    choices: list[tuple[str, str]],
    more: dict[str, Json],
    asks: str,
) -> str:
    start: dict[str, Json] = {"text": source.text.replace("\r\n", "\n"), "front_end": front_end, "level": level, **more}
    start["tokens"] = [list(pair) for pair in for_scripts()]
    body = _BODY.format(
        title=text(Path(source.path).name or "lcc explore"),
        front_ends=_options([(name, name) for name in front_ends.names()]),
        levels=_options([*((str(n), f"-O{n}") for n in LEVELS), *choices]),
        passes="".join(
            f'<label><input type="checkbox" name="pass" value="{text(n)}"> {text(n)}</label>' for n in pass_names()
        ),
        tabs="".join(
            f'<button type="button" role="tab" id="tab-{name}" data-pane="{name}" aria-controls="pane" aria-selected="false" tabindex="-1">{title}</button>'
            for name, title in panes.items()
        ),
    )
    return page("lcc explore", body, {"start": start}, ("graph.js", "report.js", "explorer.js"), asks=asks)


def _options(given: list[tuple[str, str]]) -> str:
    return "".join(f'<option value="{text(value)}">{text(title)}</option>' for value, title in given)


_BODY = """<header class="bar"><h1>{title}</h1>
<label>language <select id="front-end">{front_ends}</select></label>
<label>passes <select id="level">{levels}</select></label>
<span id="state" class="dim" role="status"></span></header>
<fieldset id="passes" hidden><legend>passes, in this order</legend>{passes}</fieldset>
<main class="split">
<section class="left" aria-label="text">
<div class="editor"><pre id="marks" aria-hidden="true"></pre><textarea id="text" aria-label="plan, program or reply of a model" spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"></textarea></div>
<ul id="findings" aria-label="findings"></ul>
</section>
<section class="right" aria-label="what lcc makes of it">
<div class="tabs" role="tablist" aria-label="views">{tabs}</div>
<div id="run-tools" class="tools" hidden><button type="button" id="run">run</button><button type="button" id="stop" disabled>stop</button>
<label id="inputs-label" hidden>inputs <input id="inputs" size="30" placeholder="&#123;&quot;name&quot;: value&#125;" autocomplete="off"></label>
<span class="dim">only tools that are declared pure or read are called</span></div>
<div id="pane" role="tabpanel" tabindex="0"></div>
</section>
</main>"""
