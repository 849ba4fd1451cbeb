"""A model in a GGUF file, run on this machine: an endpoint like any other, in a process of its own.

In: the path of a file. Out: an address on 127.0.0.1, closed with the process.
Must not know: what it is asked.

Read `server`, then `model`; `engine` is the child process, `gguf` names and reads the file, `bearable` keeps texts and schemas
within what the engine bears.
"""
