"""Serve one call in a Ray worker: a request comes as JSON text, the reply goes back as JSON text.

A module of its own, so that a worker imports it by name and little else.
"""

from __future__ import annotations

import json
import sys

from lcc.runtime.backends.answering import answer
from lcc.runtime.tool import Tool

_TOOLS: dict[str, Tool] = {}
"""The tools that this worker has loaded."""


def serve(request: str, path: tuple[str, ...]) -> str:
    """Make a call. `path`: where the caller imports modules from; what this worker doesn't know yet is looked at last."""
    sys.path.extend(folder for folder in path if folder not in sys.path)
    return json.dumps(answer(json.loads(request), _TOOLS))
