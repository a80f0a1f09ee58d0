"""Metaphors, templates and the rules that make a shot list of them."""
