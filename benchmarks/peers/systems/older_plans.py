"""Answer with one of two older packages that plan calls, each in an environment of its own, where lcc isn't. The argument is llmcompiler or llama-index."""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Callable
from typing import Any

from worlds import serve

logging.disable()


def llmcompiler(asked: dict[str, Any], tools: dict[str, Any]) -> Any:
    """Run the graph of planner, executor and joiner, as its documentation does."""
    from langchain_core.tools import StructuredTool
    from langchain_openai import ChatOpenAI
    from llmcompiler.chat.run import RunLLMCompiler
    from llmcompiler.result.chat import ChatRequest

    def at_once(one: Any) -> Callable[..., Any]:
        @functools.wraps(one)
        def call(*args: Any, **names: Any) -> Any:
            return asyncio.run(one(*args, **names))

        return call

    model = ChatOpenAI(model="llmcompiler", base_url=asked["base_url"], api_key="none", temperature=0, max_retries=0)
    given = [StructuredTool.from_function(at_once(one), name=name) for name, one in tools.items()]
    request = ChatRequest(message=asked["question"])
    agent = RunLLMCompiler(chat=request, tools=given, llm=model, print_graph=False, print_dag=False)
    return agent.run().response


def llama_index(asked: dict[str, Any], tools: dict[str, Any]) -> Any:
    """Run the pack's agent until it is done, at most four plans."""
    from llama_index.core.agent.types import Task
    from llama_index.core.base.llms.types import LLMMetadata
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.memory import ChatMemoryBuffer
    from llama_index.core.tools import FunctionTool
    from llama_index.llms.openai import OpenAI
    from llama_index.packs.agents_llm_compiler.step import LLMCompilerAgentWorker

    class NamedModel(OpenAI):
        """A model whose name isn't one of OpenAI's."""

        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(context_window=128_000, is_chat_model=True, model_name=self.model)

    model = NamedModel(model="llama-index", api_base=asked["base_url"], api_key="none", temperature=0, max_retries=0)
    given = [FunctionTool.from_defaults(async_fn=one, name=name) for name, one in tools.items()]
    worker = LLMCompilerAgentWorker.from_tools(given, llm=model)

    async def run() -> str:
        memory = ChatMemoryBuffer.from_defaults()
        task = Task(input=asked["question"], memory=memory, extra_state={}, callback_manager=CallbackManager())
        step = worker.initialize_step(task)
        for _ in range(4):
            done = await worker.arun_step(step, task)
            if done.is_last:
                return str(done.output.response)
            step = done.next_steps[0]
        raise RuntimeError("no answer after four plans")

    return asyncio.run(run())


serve({"llmcompiler": llmcompiler, "llama-index": llama_index}[sys.argv[1]])
