"""Declare the steps that a program may take without any tool of its own."""

from __future__ import annotations

from typing import Final

from lcc.grammar.given import LONGEST
from lcc.grammar.signatures.signature import CallLimits, Effect, Parameter, Resource, Signature
from lcc.grammar.signatures.types import FLOAT, NULL

SLEEP: Final = Signature(
    "time.sleep",
    (Parameter("seconds", FLOAT, required=True),),
    NULL,
    Effect.WRITE,
    (Resource("time"),),
    idempotent=True,
    limits=CallLimits(timeout=LONGEST, retries=0),
    description="Wait so many seconds. Ordered as a write is, and made again where a run is resumed.",
)

BUILT_IN_SIGNATURES: Final = {SLEEP.name: SLEEP}
"""By the names that plans call them by. A tool of the same name goes before them."""
