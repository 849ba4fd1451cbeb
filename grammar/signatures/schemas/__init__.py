"""JSON Schemas and documents of tools as people write them become ones that can be relied on.

In: JSON values. Out: the functions in a document; plain JSON Schema; what a schema says beyond types, in words.
Must not know: the files that documents come from.

Read `envelopes`, which finds functions in a document; `cleaning`, which makes a schema sound; `notes`, which words constraints;
`json_parameters`, which makes parameters of a schema.
"""
