"""Write strict statements as Python, each kind by a layer that knows those before it.

In: a block, the names of its things. Out: lines; NotSayable for what Python can't say.
Must not know: plan files, programs around the block.

Read `parts_of_blocks` (what is pending until something reads it), then `written_places`, `written_branches`, `written_functions`,
`written_loops`, `written_gathers`, and `written_block`, which writes each statement by its layer.
"""
