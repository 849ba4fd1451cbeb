"""Talk to language models: any endpoint that speaks OpenAI's Chat Completions or Responses."""
