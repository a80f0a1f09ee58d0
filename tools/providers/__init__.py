"""Vendors that render. One file a vendor; what they share is `base`."""
