"""Talk to language models: any endpoint that speaks OpenAI's Chat Completions or Responses.

In: messages, settings, perhaps declarations of functions and grammars. Out: text as it is written, calls, tokens, money, clear faults.
Must not know: plans, and what the functions and grammars mean.

Read `request` and `settings`, then `resolve`, which finds and opens the model of each role, and `openai_model`, which asks it.
`dialects` is what differs from endpoint to endpoint; `server_sent_events` and `tool_calls` put a reply together; `holding` keeps
it to a grammar; `faults` says why none came; `tokens` counts. Room: `local`.
"""
