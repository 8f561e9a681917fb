"""The views: read, call, answer."""
