"""What programs call by name: builtin functions, methods, and the functions of modules.

In: values and a meter; types, to judge an operation before it runs. Out: entries by name, values, types.
Must not know: how programs are written, the other modules of Python.

Read `container_methods`, which others share; then `set_methods` and `text_methods`, `iteration` and `numeric` (builtins and modules),
`times` and `json_texts`.
"""
