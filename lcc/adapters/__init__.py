"""lcc as a tool of agents of other frameworks: one tool that takes a program and runs it.

In: tools of any kind, options. Out: a tool, or toolset, of LangChain, pydantic-ai or the OpenAI Agents SDK.
Must not know: the command line. Only the framework that is asked for is imported.

Read `program_tool`: what all of them offer; then one of `langchain`, `pydantic_ai` and `openai_agents`. That tools of these frameworks are tools
of plans is the work of the room that makes tools of Python.
"""
