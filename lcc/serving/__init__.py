"""lcc as a tool of other agents: a model finds tools, writes one program that calls them, and has it checked and run.

In: tools, options, saved plans. Out: operations whose arguments and results are JSON, and a server (MCP) that offers them.
Must not know: the command line, and which model asks.

Read `desk`: the operations. `going` is one run, which may pause for an answer; `handles` keeps long results,
`saved_plans` makes tools of plan files, `written_reports` says what became of a run. `offer` is what a server lists, `serving_mcp` the server,
`serving_http` who may come in over HTTP.
"""
