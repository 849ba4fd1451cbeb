"""Write the values and bodies of plans as Python: what plan files say in their expressions and blocks, and whole programs.

In: IR nodes; a notation, which says how the leaves of a value are written. Out: text; NotSayable for what the text can't say.
Must not know: grammars and readers, passes, runs. Nothing here reads a text.

Read `expressions` (values), `names` (what things are called), `folding` (calls as parts of what reads them), `statements`
(blocks), `source` (a whole program); `steps` makes steps of a plan file of strict statements, as far as the parallel forms say them.
"""
