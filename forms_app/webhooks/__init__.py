"""Webhooks: other systems are told of changes of records and of tickets (docs/contract.md §5.5)."""
