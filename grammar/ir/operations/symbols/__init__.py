"""What programs write with symbols: operators, comparisons, places, displays and the fields of f-strings.

In: values and a meter; types, to judge an operation before it runs. Out: entries by symbol, values, types.
Must not know: functions and methods, which have names.

Read `operators` first: a row for every pair of kinds. `comparisons` and `augmented` follow it, `set_algebra` is shared with the methods
of sets; `subscripts`, `displays` and `formatting` stand alone.
"""
