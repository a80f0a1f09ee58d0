"""The only place that knows pydantic-ai and language models."""
