"""The doors: HTTP, the command line, and what they share."""
