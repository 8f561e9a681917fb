"""A transaction's BEGIN goes to PostgreSQL with its first statement, and its COMMIT with its last: each is one turn.

By libpq's pipeline. psycopg's own waits some times for each statement, and gives up the interpreter's lock each time,
which costs more than the turns (docs/decisions/059-exactly-once.md). Which statements are prepared stays psycopg's to
say: it forgets them all after a rollback. For that its inner names are used here; its version is locked.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from psycopg._preparing import Prepare
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

BEGIN, COMMIT = b"BEGIN", b"COMMIT"
DONE = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}


class _Turn(psycopg.Cursor[Any]):
    """A cursor whose statement goes together with others. Where one fails, those after it are not done."""

    before: tuple[bytes, ...] = ()
    after: tuple[bytes, ...] = ()

    def execute(self, query: Any, params: Any = None, **options: Any) -> _Turn:
        """Raises psycopg.Error."""
        connection, pgconn, held = self._conn, self._conn.pgconn, self._conn._prepared
        self._tx = Transformer(self)
        asked = self._convert_query(query, params)
        prepared, name = self._get_prepared(asked)
        pgconn.enter_pipeline_mode()
        try:
            for command in self.before:
                pgconn.send_query_params(command, None)
            if prepared is Prepare.NO:
                pgconn.send_query_params(asked.query, asked.params, asked.types, asked.formats)
            else:
                if prepared is Prepare.SHOULD:
                    pgconn.send_prepare(name, asked.query, asked.types)
                pgconn.send_query_prepared(name, asked.params, asked.formats)
            for command in self.after:
                pgconn.send_query_params(command, None)
            pgconn.pipeline_sync()
            results = _results(pgconn)
            pgconn.exit_pipeline_mode()
        except BaseException:
            connection.close()  # what came next would be no answer to what was asked
            raise
        if failed := _failed(results):
            raise error_from_result(failed)
        answer = results[-1 - len(self.after)]
        key = held.maybe_add_to_cache(asked, prepared, name)
        if key is not None:
            held.validate(key, prepared, name, [answer])
            connection.wait(held.maintain_gen(connection))
        self._set_results([answer])
        return self


class First(_Turn):
    """The first statement of a transaction."""

    before = (BEGIN,)


class Last(_Turn):
    """The last one."""

    after = (COMMIT,)


def is_to_begin(connection: psycopg.Connection[Any]) -> bool:
    """Whether the next statement is the first of a transaction, which psycopg would begin before it."""
    return (
        not connection.autocommit
        and connection.pgconn.transaction_status == TransactionStatus.IDLE
        and connection.isolation_level is None
    )


def _results(pgconn: PGconn) -> list[PGresult]:
    """Of each command that was sent. Raises psycopg.Error where the connection is lost."""
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN | select.POLLOUT)
    while pgconn.flush():
        if any(event & ~select.POLLOUT for _socket, event in poll.poll()):
            pgconn.consume_input()
    poll.modify(pgconn.socket, select.POLLIN)
    results: list[PGresult] = []
    while True:
        try:
            while pgconn.is_busy():
                poll.poll()
                pgconn.consume_input()
        except psycopg.OperationalError:
            if failed := _failed(results):  # PostgreSQL said why
                raise error_from_result(failed) from None
            raise
        result = pgconn.get_result()
        if result is None:
            continue  # all of one command's
        if result.status == ExecStatus.PIPELINE_SYNC:
            return results
        results.append(result)


def _failed(results: list[PGresult]) -> PGresult | None:
    """What failed first; those after it were not done."""
    return next((result for result in results if result.status not in DONE), None)
