"""Count the work of repairing one text, so that no text can ask for more of it than is allowed.

A step is about a microsecond: one thing tried, one change made, or `SCANNED` characters searched by a pattern. What the strict
parser reads as it stands, and what is cut into statements, takes time linear in the text and isn't counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SCANNED: Final = 200
"""How many characters a pattern searches in the time of a step."""


class Exhausted(Exception):
    """The text asks for more work than is allowed."""


@dataclass(slots=True)
class Budget:
    """The steps that are left for one text."""

    left: int

    @property
    def exhausted(self) -> bool:
        """Whether the text asked for more than there was."""
        return self.left < 0

    def spend(self, steps: int) -> None:
        """Count steps; raise Exhausted where none are left."""
        self.left -= steps
        if self.left < 0:
            raise Exhausted
