"""Grammars of the plans that fit a toolset, for endpoints that can hold a model to a grammar.

In: tools and bounds. Out: a context-free grammar as data, and its text in a notation that an endpoint reads.
Must not know: models and endpoints. What a grammar admits, `verify` accepts, but for repeated keys of dicts.

Read `productions`, what a grammar is; then `plan_grammar`, with `calls`, `typed_values` and `texts` below it, and `step_forms` (values,
conditions, loops) for those who ask for them; `bounds` keeps plans small, `syntaxes` writes them down.
"""
