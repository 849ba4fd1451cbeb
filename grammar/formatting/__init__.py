"""Plan files in their one canonical layout, comments and blank lines kept.

In: the text of a plan file. Out: the text as it is laid out.
Must not know: tools, and what models write by mistake.

Read `document`, the statements of a file over the error-tolerant tree, with what stands between them; `format` prints it, and
`format_steps` the steps of programs.
"""
