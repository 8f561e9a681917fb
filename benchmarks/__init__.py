"""Benchmarks of the product, beside an ordinary application and PostgreSQL alone: docs/benchmarks.md."""
