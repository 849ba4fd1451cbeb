"""Write the grammar of the plans that fit a toolset, for endpoints that can hold a model to a grammar."""
