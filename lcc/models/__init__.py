"""Talk to language models: any endpoint that speaks OpenAI's Chat Completions or Responses.

In: messages, settings. Out: text as it is written, tokens, money, clear faults.
Must not know: plans and tools.

Read `settings` and `openai_model`; `dialects` is what differs from endpoint to endpoint, `tokens` counts. Room: `local`.
"""
