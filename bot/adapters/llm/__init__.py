"""The language model behind any OpenAI-compatible server, streamed; the ladder for weaker servers."""
