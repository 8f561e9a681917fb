"""What keeps a backup from being made, or from being taken back."""


class BackupError(Exception):
    """Its text tells an operator what is wrong, and what to do."""
