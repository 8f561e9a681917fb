"""The database lane on a real Citus, where CITUS_URL names a database of its coordinator (docs/scaling.md)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from forms_app.database import engine
from forms_app.database.distributing import do, plan

URL = os.environ.get("CITUS_URL", "")
_NODES = "SELECT nodename, nodeport, groupid FROM pg_dist_node WHERE noderole = 'primary' AND isactive ORDER BY groupid"


@contextmanager
def distributed() -> Iterator[None]:
    """The test database, which is migrated and empty, over the same nodes as the database of CITUS_URL."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(URL, autocommit=True) as given:
        nodes = given.execute(_NODES).fetchall()
    workers = [(host, port) for host, port, group in nodes if group]
    for host, port in workers:
        with psycopg.connect(_on(host, port, "postgres"), autocommit=True) as node:
            node.execute("SET citus.enable_create_database_propagation = off")
            node.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            node.execute(f'CREATE DATABASE "{name}"')
        with psycopg.connect(_on(host, port, name), autocommit=True) as node:
            node.execute("CREATE EXTENSION citus")
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION citus")
        for host, port, group in nodes:
            add = "SELECT citus_add_node(%s, %s)" if group else "SELECT citus_set_coordinator_host(%s, %s)"
            cursor.execute(add, [host, port])
        cursor.execute(f"ALTER DATABASE \"{name}\" SET citus.multi_shard_modify_mode = 'sequential'")
        cursor.execute("SET citus.shard_count = 4")
    engine.Known.citus = None
    for step in plan():
        do(step)
    connection.close()
    try:
        yield
    finally:
        connection.close()
        for host, port in workers:
            with psycopg.connect(_on(host, port, "postgres"), autocommit=True) as node:
                node.execute("SET citus.enable_create_database_propagation = off")
                node.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on(host: str, port: int, name: str) -> str:
    return make_conninfo(URL, host=host, port=port, dbname=name)
