"""A bounded, safe reading of a repository."""
