"""The director without a language model: rules that read a message and use the tools that a model would.

`intents` says what a message means, with a module for each kind of wish; `steps` which tool is next;
`replies` what the person is told.
"""
