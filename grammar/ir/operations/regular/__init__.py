"""Regular expressions in bounded time: what Python's `re` finds, by backtracking that remembers where it has failed.

In: the text of a pattern, flags, texts to search. Out: matches, and the entries of `re`, of patterns and of matches. Raised: re.error
for a bad pattern, OperationError for one that can't be bounded.
Must not know: the other operations.

Read `matcher` (from a pattern to the spans that match), then `patterns` (what programs call).
"""
