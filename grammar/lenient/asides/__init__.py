"""Judge what stands beside calls: an aside of the closed list, or something that is not understood.

In: lines, and what stands behind calls. Out: nothing, a remark, or an error. Must not know: the arguments of calls.

Read `lines` and `prefaces`, which are the list, then `tail`; `loose_lines` judges while a text streams and `accounting` a text that was read as a
whole; `remarks` are what is said about it.
"""
