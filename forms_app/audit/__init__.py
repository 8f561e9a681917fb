"""The audit of definitions, people and rights: what changed, told by whoever changed it."""
