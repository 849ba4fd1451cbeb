"""Answer questions with llmcompiler from PyPI, in an environment of its own, where lcc isn't."""

from __future__ import annotations

import logging
from typing import Any

from answering import Tools, serve
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from llmcompiler.chat.run import RunLLMCompiler
from llmcompiler.result.chat import ChatRequest

logging.disable()


def answer(question: str, asked: dict[str, Any], tools: Tools) -> str:
    """Run the graph of planner, executor and joiner, as its documentation does."""

    @tool
    def search(entity: str) -> str:
        """Return the first paragraph of the Wikipedia article about an entity."""
        return str(tools.call_here("search", entity))

    @tool
    def math(question: str, context: list[str] | None = None) -> float:
        """Calculate: an expression, or a question in words about numbers in the context."""
        return float(tools.call_here("math", question))

    model = ChatOpenAI(model="llmcompiler", base_url=asked["base_url"], api_key="none", temperature=0, max_retries=0)
    chosen = [search, math] if "math" in asked["tools"] else [search]
    agent = RunLLMCompiler(
        chat=ChatRequest(message=question), tools=chosen, llm=model, print_graph=False, print_dag=False
    )
    return str(agent.run().response)


serve(answer)
