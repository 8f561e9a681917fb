"""What definitions look like on the wire."""
