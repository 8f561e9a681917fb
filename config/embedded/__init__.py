"""The embedded PostgreSQL: a server of our own, in DATA_DIR, for a copy that was given no DATABASE_URL.

`config.embedded` is also the name of a Django database engine (`base.py`) that starts the server on a
command's first connection. Why it is built as it is: docs/decisions/001-embedded-postgresql.md
"""
