"""Everything the studio can do with no language model and no web server."""
