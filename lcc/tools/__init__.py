"""Offer ready tools: word problems, texts done by a model, Wikipedia, pages of the web.

    lcc run FILE --tools lcc.tools          all of them
    lcc run FILE --tools lcc.tools:math     one
    lcc.Agent(tools=[lcc.tools.math])

In: a call's arguments and its context: the run's model, limits and allowed hosts. Out: JSON values, or a clear failure.
Must not know: the plan, and who asks. What a tool reads is data, and never decides where it reads next.

Read `word_problems` and `web`, then what they stand on: `calculator`, `prompting`; `fetching`, `allowed_hosts`, `bodies`, `readable`.
Importing this is cheap: what the tools need is imported when they are called.
"""

from lcc.tools.texts import extract, llm, summarize
from lcc.tools.web import http_get
from lcc.tools.wikipedia import search
from lcc.tools.word_problems import math

__all__ = ["extract", "http_get", "llm", "math", "search", "summarize"]
