"""Make a page of parts: one file, no address in it, with a policy that lets it load and send nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape as escape_xml
from importlib.resources import files
from typing import Final

from lcc.grammar.diagnostics.terminal import escape, escape_lines
from lcc.grammar.drawing.svg import STYLE
from lcc.grammar.values import Json, standard_json

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src {}; img-src data:; base-uri 'none'; form-action 'none'; connect-src {}"


def text(value: str) -> str:
    """Return a text for HTML, on one line, with nothing in it that can't be seen."""
    return escape_xml(escape(value))


def block(value: str) -> str:
    """Return a text of several lines for HTML."""
    return escape_xml(escape_lines(value))


def data(value: Json) -> str:
    """Return JSON for a `script` element: nothing in it ends the element."""
    shown = json.dumps(standard_json(value), ensure_ascii=True, allow_nan=False)
    return shown.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page(
    title: str, body: str, values: dict[str, Json] | None = None, scripts: tuple[str, ...] = (), asks: str = "'none'"
) -> str:
    """Return a whole page. `body`: HTML that is escaped already; `values`: what scripts find, by id; `scripts`: names of files here.

    Nothing else is run, whatever the body holds: the policy names the scripts by their hashes. `asks`: whom they may ask.
    """
    found = "".join(
        f'<script type="application/json" id="{name}">{data(value)}</script>\n'
        for name, value in (values or {}).items()
    )
    code = "".join(f"<script>{asset(name)}</script>\n" for name in scripts)
    policy = _POLICY.format(" ".join(map(_hashed, scripts)) or "'none'", asks)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>{asset('page.css')}{STYLE}</style>\n</head>\n<body>\n{body}\n{found}{code}</body>\n</html>\n"
    )


@cache
def _hashed(name: str) -> str:
    return f"'sha256-{b64encode(sha256(asset(name).encode()).digest()).decode()}'"


@cache
def asset(name: str) -> str:
    """Return the text of a file beside this module."""
    return files("lcc.pages").joinpath(name).read_text(encoding="utf-8")
