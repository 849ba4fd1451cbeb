"""Write the values and bodies of plans as Python: what plan files say in their expressions and blocks, and whole programs.

In: IR nodes; a notation, which says how the leaves of a value are written. Out: text; NotSayable for what the text can't say.
Must not know: grammars and readers, passes, runs. Nothing here reads a text.

Read `values` (and what things are called), `blocks` (statements), `program_text` (a whole program, after `unstepped`). `steps` makes steps of
a plan file of strict statements, with `step_choice` (which statements), `yielding` (loops that fill lists), `values_of_steps` and
`step_numbers`. `alike` compares plans that differ in names, numbers and lines alone, with `renaming`.
"""
