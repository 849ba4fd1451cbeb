"""Choose lints by code, prefix or name, as ruff does: the longest selector that fits decides, and `ignore` wins a tie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.diagnostics.wording import did_you_mean

ALL: Final = "ALL"


class UnknownSelector(ValueError):
    """A `selector` that fits no lint. The message suggests the nearest code or name."""

    def __init__(self, selector: str, hint: str) -> None:
        super().__init__(f"no lint is called `{selector}`; {hint}")
        self.selector = selector


class Selection:
    """Which of `rules` are on. A selector is a code (`L004`), the beginning of one (`L`, `L00`), a name, or `ALL`.

    With no `select`, all are, but those that `ignore` names. Raises UnknownSelector.
    """

    def __init__(self, rules: Sequence[Rule], select: Iterable[str] | None = None, ignore: Iterable[str] = ()) -> None:
        self._codes = {rule.name: rule.code for rule in rules}
        chosen = [self._prefix(one) for one in select or (ALL,)]
        left = [self._prefix(one) for one in ignore]
        self.is_whole = not left and "" in chosen
        self._enabled = frozenset(
            rule.code for rule in rules if _longest(rule.code, chosen) > _longest(rule.code, left)
        )

    def enables(self, rule: Rule) -> bool:
        """Whether a lint is on."""
        return rule.code in self._enabled

    def _prefix(self, selector: str) -> str:
        """Return the beginning of the codes that a selector fits."""
        plain = selector.strip()
        if plain.upper() == ALL:
            return ""
        code = self._codes.get(plain.lower(), plain.upper())
        if code and any(known.startswith(code) for known in self._codes.values()):
            return code
        hint = did_you_mean(plain, [*self._codes, *self._codes.values()])
        raise UnknownSelector(plain, hint or "lints have codes such as L001")


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)
