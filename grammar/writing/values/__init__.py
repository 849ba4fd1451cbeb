"""Write values as Python, and say what things are called.

In: values of the IR; a notation, which says how the leaves of a value are written. Out: text with its level of precedence; NotSayable.
Must not know: statements that are written, plan files, programs.

Read `written_values`, `written_names` (what things are called), `folding` (calls as parts of what reads them), `changed_places`
(`a[i] += v`) and `aliases` (names that stand for others).
"""
