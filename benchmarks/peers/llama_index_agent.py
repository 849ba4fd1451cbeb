"""Answer questions with llama-index-packs-agents-llm-compiler, in an environment of its own, where lcc isn't."""

from __future__ import annotations

import asyncio
from typing import Any

from answering import Tools, serve
from llama_index.core.base.llms.types import LLMMetadata
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI
from llama_index.packs.agents_llm_compiler.step import LLMCompilerAgentWorker


class NamedModel(OpenAI):
    """A model whose name isn't one of OpenAI's."""

    @property
    def metadata(self) -> LLMMetadata:
        """What the class would look up by the name."""
        return LLMMetadata(context_window=128_000, is_chat_model=True, model_name=self.model)


def answer(question: str, asked: dict[str, Any], tools: Tools) -> str:
    """Run the pack's agent until it is done, at most four plans."""

    async def search(entity: str) -> str:
        """Return the first paragraph of the Wikipedia article about an entity."""
        return str(await tools.call("search", entity))

    async def math(question: str, context: list[str] | None = None) -> float:
        """Calculate: an expression, or a question in words about numbers in the context."""
        return float(await tools.call("math", question))

    functions = [search, math] if "math" in asked["tools"] else [search]
    model = NamedModel(
        model="llama-index-pack", api_base=asked["base_url"], api_key="none", temperature=0, max_retries=0
    )
    worker = LLMCompilerAgentWorker.from_tools(
        [FunctionTool.from_defaults(async_fn=function) for function in functions], llm=model
    )

    async def run() -> str:
        from llama_index.core.agent.types import Task
        from llama_index.core.callbacks import CallbackManager
        from llama_index.core.memory import ChatMemoryBuffer

        task = Task(
            input=question, memory=ChatMemoryBuffer.from_defaults(), extra_state={}, callback_manager=CallbackManager()
        )
        step = worker.initialize_step(task)
        for _ in range(4):
            done = await worker.arun_step(step, task)
            if done.is_last:
                return str(done.output.response)
            step = done.next_steps[0]
        raise RuntimeError("no answer after four plans")

    return asyncio.run(run())


serve(answer)
