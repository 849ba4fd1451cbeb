"""The list of backends is what declarations may say of them."""

from __future__ import annotations

from lcc.grammar.signatures.declaration import ISOLATIONS
from lcc.runtime.calls.toolbox import BACKENDS


def test_every_place_that_a_declaration_may_name_is_made_somewhere() -> None:
    assert set(ISOLATIONS) - set(BACKENDS) == {"auto", "loop"}
    assert set(BACKENDS) <= set(ISOLATIONS)
