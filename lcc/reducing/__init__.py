"""Make a text that goes wrong small: a plan, a program or a model's reply, as long as it goes wrong in the same way.

In: a text, and what tells whether another one goes wrong alike. Out: a shorter text.
Must not know: the command line.

Read `shrinking`, which knows lines, brackets and words and no language; then `symptoms`: how a text goes wrong; `stand_ins`: what
answers in the place of tools, which are never called.
"""
