"""What can go wrong with the embedded server."""


class ClusterError(Exception):
    """The embedded server can't be made, started or stopped; the text says why and what would help."""
