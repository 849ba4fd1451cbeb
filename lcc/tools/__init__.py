"""Offer ready tools: word problems, texts done by a model, Wikipedia, pages of the web.

    lcc run FILE --tools lcc.tools          all of them
    lcc run FILE --tools lcc.tools:math     one
    lcc.Agent(tools=[lcc.tools.math])

In: arguments from plans, the run's settings, the models that calls may ask. Out: texts and numbers, or a failure that says why.
Must not know: plans, and how calls are made.

Read `texts`, `wikipedia`, `web` and `word_problems`, which hold the tools; `prompting` shows a model what others wrote, `fetching`
and `allowed_hosts` guard the way out. Importing this is cheap: what the tools need is imported when they are called.
"""

from lcc.tools.texts import extract, llm, summarize
from lcc.tools.web import http_get
from lcc.tools.wikipedia import search
from lcc.tools.word_problems import math

__all__ = ["extract", "http_get", "llm", "math", "search", "summarize"]
