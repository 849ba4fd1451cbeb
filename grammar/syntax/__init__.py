"""The plan as text: plan files, read strictly, and printed.

In: the text of a plan file. Out: `Parsed` with the IR and every error of the text in one go; or text again.
Must not know: tools, and what models write by mistake.

Read the way of a text: `scanner` cuts it into statements, `lalr` runs Lark's tables over one, `statement` builds its nodes,
`strings` reads its texts, `resolve` settles dollars, `parser` joins them; `errors` and `plan_rules` say what is wrong. Back again:
`print_plan` and `print_value` for an IR; a file with its comments is laid out by the room of formatting.
Room: `notation`, steps whose values are expressions.
"""
