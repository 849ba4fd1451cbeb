"""Hold the public interface to what was promised: what differs from the last release has its line in the changelog."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from public_interface import promised, words

import lcc

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "tests" / "golden" / "interface.txt"
CHANGELOG = ROOT / "CHANGELOG.md"
HEAD = "# The public interface of lcc {}, by tests/api/public_interface.py\n"


def read_record() -> tuple[str, dict[str, str]]:
    """Return of which version the record is, and what it promises."""
    head, *lines = RECORD.read_text(encoding="utf-8").splitlines()
    return head.split()[6].rstrip(","), dict(line.split(": ", 1) for line in lines)


def unreleased(changelog: str) -> str:
    """Return what the changelog says of what isn't released yet."""
    match = re.search(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def differences(before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """Return what was added, removed or changed, by key; parameters of what is new or gone go without saying."""
    found = {}
    for key in before.keys() | now.keys():
        if before.get(key) == now.get(key):
            continue
        how = "is new" if key not in before else "is gone" if key not in now else f"was: {before[key]}, is: {now[key]}"
        found[key] = how
    wholes = {key for key, how in found.items() if how in ("is new", "is gone")}
    return {key: how for key, how in sorted(found.items()) if not any(one in wholes for one in _around(key))}


def _around(key: str) -> list[str]:
    """Return what a thing is a part of: `lcc.Run.add(text)` of `lcc.Run.add` and `lcc.Run`, `lcc run --input` of `lcc run`."""
    if key.startswith("lcc."):
        return [key[: match.start()] for match in re.finditer(r"[.(]", key) if match.start() > 3]
    return [" ".join(key.split()[:2])] if key.startswith("lcc ") and len(key.split()) > 2 else []


def is_named(key: str, text: str) -> bool:
    """Tell whether one paragraph of a text has all words of a key in backquotes."""
    for paragraph in re.split(r"\n(?=[-#\n])", text):
        quoted = "\n".join(re.findall(r"`([^`]+)`", paragraph))
        if all(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", quoted) for word in words(key)):
            return True
    return False


def unnamed(before: dict[str, str], now: dict[str, str], changelog: str) -> list[str]:
    """Return a line for each difference that the changelog doesn't name."""
    news = unreleased(changelog)
    return [
        f"{key} {how}; name it: {' and '.join(f'`{word}`' for word in words(key))}"
        for key, how in differences(before, now).items()
        if not is_named(key, news)
    ]


def test_every_change_of_the_interface_since_the_last_release_is_named_in_the_changelog(
    request: pytest.FixtureRequest,
) -> None:
    changelog = CHANGELOG.read_text(encoding="utf-8")
    now = promised()
    if request.config.getoption("--bless"):
        assert not unreleased(changelog).strip(), (
            "a record is made at a release, when nothing is left under [Unreleased]"
        )
        lines = [f"{key}: {what}\n" for key, what in sorted(now.items())]
        RECORD.write_text(HEAD.format(lcc.__version__) + "".join(lines), encoding="utf-8")
    version, before = read_record()
    assert version == lcc.__version__, "make a new record with --bless: this is another version"
    missing = unnamed(before, now, changelog)
    assert not missing, "under [Unreleased] of CHANGELOG.md, one paragraph each:\n" + "\n".join(missing)


BEFORE = {
    "lcc.run": "function",
    "lcc.run(plan)": "positional 1",
    "lcc run": "command",
    "lcc run --yes": "flag",
    "P001": "a",
}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"lcc.run(budget)": "keyword"}, "`lcc.run(…, budget=…)` is new"),
        ({"lcc.run(plan)": "positional 1, `str`"}, "`lcc.run` takes texts alone as `plan`"),
        ({"lcc.run(plan)": None}, "`run(plan)` is gone"),
        ({"lcc run --yes": "flag, default yes"}, "`lcc run` goes on with `--yes`"),
        ({"lcc run --no": "flag"}, "`lcc run --no`"),
        ({"lcc walk": "command", "lcc walk --far": "flag"}, "a command, `lcc walk`"),
        ({"lcc.Walk": "class", "lcc.Walk(far)": "x", "lcc.Walk.on": "y", "lcc.Walk.on(z)": "z"}, "`lcc.Walk`"),
        ({"P001": "b"}, "`P001` has another name"),
        ({"P002": "b"}, "`P002` finds more"),
        ({"IR JSON version": "3"}, "`IR JSON version` 3"),
    ],
)
def test_a_change_needs_a_paragraph_that_names_it_whole(changes: dict[str, str | None], line: str) -> None:
    now = {key: what for key, what in {**BEFORE, **changes}.items() if what is not None}
    elsewhere = "## [Unreleased]\n\n- `lcc.run`\n- `lcc run`, `lcc.runs`, `P0021`\n\n## [1.0.0]\n\n- {}\n"
    assert len(unnamed(BEFORE, now, elsewhere.format(line))) == 1
    assert unnamed(BEFORE, now, f"## [Unreleased]\n\n- Something.\n- {line}.\n\n## [1.0.0]\n") == []


def test_no_change_needs_no_line() -> None:
    assert unnamed(BEFORE, dict(BEFORE), "# Changelog\n") == []
