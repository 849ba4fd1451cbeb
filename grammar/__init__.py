"""The language: what a plan is, as text and as data, and what a tool is. Nothing here runs anything.

In: texts (plan files, what models write, tools' declarations) and JSON. Out: the IR, signatures, diagnostics, texts again.
Must not know: passes, the runtime, models, the command line.

Read `source`, `values` and `limits` (`given` words what is wrong with a program's arguments, `plug_ins` loads what installed packages
offer, `dataclass` and `late_pattern` make classes and patterns that load fast), then the rooms from left to right, each of which may import those before it: `reading`, `diagnostics`, `signatures`, `ir`,
`writing`, `syntax`, `drawing`, `tolerant`, `formatting`, `lenient`, `constrain` and `python`, `front_ends`; `codes` lists the codes of all. `flow` follows
data through the statements of a plan.
"""
