"""Servers that speak the Model Context Protocol (MCP), and their tools as those of plans.

In: a command, an address or an mcp.json. Out: tools, which are called over a connection that a run opens once and closes.
Must not know: plans, the command line, and servers of our own.

Read `server_settings`: what is known of a server, and `mcp_files`: where that stands. `source` is one server as an entry of a list of tools;
it keeps its `connection`, which `transports` opens and `sifting` reads, in the thread of `host`. `declarations` makes signatures of what a server lists, `content` values of what it returns,
`elicitation` answers of what it asks. The SDK is imported when a connection is opened.
"""
