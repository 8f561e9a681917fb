"""Writes that happen once, however often they are sent (docs/contract.md §5.2)."""
