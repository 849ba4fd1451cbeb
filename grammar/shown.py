"""Let values show themselves in notebooks. What draws them stands above them, and says here how, once it is there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

Show = Callable[[object], "str | None"]
_ways: dict[str, Show] = {}


def show_by(*, html: Show, words: Show) -> None:
    """Have values shown by functions, as HTML and as text; they return None for those that they don't know."""
    _ways.update(html=html, words=words)


def _shown(way: str, value: object) -> str | None:
    return _ways[way](value) if way in _ways else None


def in_notebook() -> bool:
    """Whether IPython runs here, so that a value may be shown as more than text. It isn't imported for that."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


class Printer(Protocol):
    """What IPython prints by."""

    def text(self, text: str, /) -> None:
        """Print a text."""


class Shown:
    """What a notebook shows as what it is; elsewhere it is text."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Return HTML for a notebook; None where there is nothing that draws."""
        return _shown("html", self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return all forms that a notebook may choose from, by their MIME types."""
        html = self._repr_html_()
        return {"text/plain": str(self)} | ({} if html is None else {"text/html": html})

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        """Show the text where IPython has only text."""
        printer.text(str(self))

    def __str__(self) -> str:
        return _shown("words", self) or repr(self)
