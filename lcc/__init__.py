"""lcc: a compiler for the plans that language models write."""
