"""Write the grammar of the plans that fit a toolset, for endpoints that can hold a model to a grammar.

In: signatures, inputs, bounds. Out: a grammar's text, in Lark's notation or GBNF; every plan that it admits is valid.
Must not know: models and endpoints, and how a plan is read.

Read `syntaxes`, then `plan`, which asks `calls`, `values` and `texts` for the parts and collects them in `rules`; `nodes` is a grammar as
data, `notation` with `lark_text` and `gbnf` writes it, `bounds` keeps plans short.
"""
