"""The steps of plan files whose values are expressions: loops, conditions, values with an id, blocks of Python.

In: segments of a plan file that plan.lark doesn't read, or reads as a part of such a plan. Out: statements of the IR, and findings.
Must not know: tools.

Read `written` (a step as it is written) first. `step_tokens` cuts a step into tokens, notation.lark is their grammar, `step_parser`
runs it, with `step_texts` for what stands in strings; `step_errors` says what is wrong. `step_blocks` nests steps by their indentation,
`step_values` makes values of expressions, `python_block` reads `python:`, and `body_reader` joins all.
"""
