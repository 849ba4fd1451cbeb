"""The `lcc` command: one module for each command, and what they share.

Nothing here imports a heavy package at its top: a command pays for what it uses, and `lcc --version` for nothing.
"""
