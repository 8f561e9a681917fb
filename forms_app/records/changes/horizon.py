"""Up to where the log is told: nothing that commits from now on is entered before it."""

from __future__ import annotations

from forms_app.database.cursor import fetch
from forms_app.database.engine import is_citus
from forms_app.operators.lookups import Condition

PLAIN = "form_change_horizon()"
# A transaction of several nodes is committed on the coordinator first, which notes it in pg_dist_transaction, and then
# on the nodes, where it is prepared until then: what it wrote can't be seen there yet. Its number is the row's xmin.
NODES = f"""
least({PLAIN}, (
    SELECT form_change_offset() + min(pg_snapshot_xmax(pg_current_snapshot())::text::bigint - age(noted.xmin))
    FROM pg_dist_transaction noted WHERE noted.gid IN (
        SELECT unnest(string_to_array(result, ' ')) FROM run_command_on_workers(
            'SELECT coalesce(string_agg(gid, '' ''), '''') FROM pg_prepared_xacts WHERE database = current_database()'))
))
"""


def horizon_now() -> int:
    """The order of commits as it stands."""
    return int(fetch(f"SELECT {NODES if is_citus() else PLAIN}", [])[0][0])


def horizon() -> Condition:
    """SQL of the horizon, and what it binds. With Citus the coordinator is asked first: each node numbers its own
    transactions, and an entry has the coordinator's number."""
    return ("%s::bigint", [horizon_now()]) if is_citus() else (PLAIN, [])
