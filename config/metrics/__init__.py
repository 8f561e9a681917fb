"""What a server counts, as Prometheus reads it (docs/operations.md, Metrics)."""
