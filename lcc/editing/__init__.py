"""What an editor shows and does: a language server for plans and programs, and grammars for highlighting.

In: texts that are being written, places in them, the tools of their project. Out: findings, completions, edits, types.
Must not know: the command line; how a plan is run.

Read `open_text`, what is known of one text, then what is asked of it: `occurrences`, `completing`, `outline`, `hovering`. `columns`
counts as editors do. `language_server` speaks the protocol;
`protocol_answers` words what is found in it: these two alone need pygls. `coloring` and `plan_lexer` make grammars of the words of a plan.
"""
