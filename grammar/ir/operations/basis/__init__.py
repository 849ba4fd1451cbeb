"""What every operation stands on: the values, what they take, and what an entry of the table is.

In: values, limits, an entry's signature, types. Out: kinds, sizes, entries, types of results, tagged JSON. Raised: OperationError
for a limit, Misfit for types that can't be right, BadTag for JSON that is no value.
Must not know: which operations there are.

Read `kinds` and `meter`, then `sizes` (what going through a value costs), `operation` and `static` (one entry, and its types);
`tagged` writes values as JSON.
"""
