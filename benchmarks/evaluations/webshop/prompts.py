"""Write what a shopper is told who takes one step at a time, and how steps are written.

    search[words] / search[words; page 2] / explore[B012345678] / buy[B012345678; color=black]

The example is one visit, as in the ReAct paper's WebShop prompt (arXiv 2210.03629: one example).
"""

from __future__ import annotations

import re
from typing import Final

from benchmarks.evaluations.webshop.chooser import Search

_EXAMPLE: Final = """\
Instruction: i want a slim fit, hidden pockets dress, with color: gray, and price lower than 60.00 dollars
Thought: I search for the kind and all that is wanted.
Action: search[dress slim fit hidden pockets gray]
Observation: 1 | B000000001 | Example Modern Slim Fit Dress for Travel | 48.99 dollars
2 | B000000002 | Example Basic Dress for Gifts | 35.99 dollars
Thought: The first is a slim fit dress. I look whether it has pockets.
Action: explore[B000000001]
Observation: Title: Example Modern Slim Fit Dress for Travel ; Item: B000000001 ; Price: 48.99 dollars ; Option color: gray, red ; Option size: s, m ; Feature: Hidden pockets: on both sides. ; Description: A dress for travel.
Thought: It has all that is wanted.
Action: buy[B000000001; color=gray]"""

STEP: Final = f"""\
You shop for a customer. Take one step at a time, and reply with a thought and an action, each on a line. Actions:
search[words]: the first ten results; search[words; page 2]: the next ten
explore[item]: the page of an item, with options, features and description
buy[item; option=value; …]: buy it, with the options that are wanted; this ends the visit

{_EXAMPLE}"""

STEP_ALL: Final = f"{STEP}\n\nLook at every result of a search before you decide."

JUDGE: Final = """\
You judge how promising a visit to a shop is: whether an item that was looked at has all that the customer wants.
Reply with one line that explains, and a line `Score: N`, from 0 for hopeless to 10 for an item that fits in every way."""

_ACTION: Final = re.compile(r"^Action: (?P<verb>search|explore|buy)\[(?P<what>[^\n]{1,400})\]\s*$", re.MULTILINE)
_PAGE: Final = re.compile(r"(?P<query>.*); page (?P<page>\d{1,2})")
_SCORE: Final = re.compile(r"^Score: (\d{1,2})\s*$", re.MULTILINE)


def instruction_message(instruction: str) -> str:
    """Return the user's first message."""
    return f"Instruction: {instruction}"


def observation_message(text: str) -> str:
    """Return the user's message after an action."""
    return f"Observation: {text}"


def step_text(thought: str, verb: str, what: str) -> str:
    """Return a shopper's reply."""
    return f"Thought: {thought}\nAction: {verb}[{what}]"


def search_text(search: Search) -> str:
    """Return what stands in the brackets of a search."""
    return search.query if search.page == 1 else f"{search.query}; page {search.page}"


def read_step(reply: str) -> tuple[str, str] | None:
    """Return verb and argument of the last action of a reply; None without one."""
    found = [*_ACTION.finditer(reply)]
    return (found[-1]["verb"], found[-1]["what"].strip()) if found else None


def read_search(what: str) -> Search:
    """Return the search in the brackets of an action."""
    found = _PAGE.fullmatch(what)
    return Search(what) if found is None else Search(found["query"].strip(), int(found["page"]))


def read_score(reply: str) -> float:
    """Return a judge's score, 0 to 1; 0 if there is none."""
    found = _SCORE.search(reply)
    return min(int(found[1]), 10) / 10 if found else 0.0
