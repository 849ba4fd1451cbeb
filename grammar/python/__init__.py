"""Python as a plan language: the text of a program becomes a syntax tree.

In: the text of a program, whole or as it arrives. Out: nodes of `tree` with their places, and every error of the text in one go.
Must not know: what a program means to a run.

Read `tree` first, which mirrors CPython's own. Then the way of a text: `physical` cuts it into lines, `lexer` joins these and
cuts them into tokens, python.lark is the grammar of one joined line and `tables` runs it, `line_parser`, `value_actions`,
`python_parameters` and `python_literals` build its nodes, with `targets` and `depth` as checks; `nesting` nests lines by their
indentation, `program_reader` joins all. `lexer_errors`, `misfits` and `python_rules` say what is wrong.
`lowering` makes statements of the IR of the tree, `arriving` reads what arrives bit by bit.
"""
