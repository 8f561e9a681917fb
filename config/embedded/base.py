"""The Django database engine `config.embedded`: PostgreSQL's, with a server of our own underneath."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient

from config.embedded.cluster import Cluster, cluster_in
from config.embedded.exceptions import ClusterError


class DatabaseClient(PostgresClient):
    """`manage.py dbshell`, which connects without asking the engine."""

    connection: "DatabaseWrapper"

    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.start_server()
        self.connection.settings_dict["HOST"] = str(self.connection.cluster.socket_folder)
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server, which is started when it doesn't answer."""

    client_class = DatabaseClient

    starts_server = True
    """Turned off by a command that can do without a database: it connects to a running server only."""

    @property
    def cluster(self) -> Cluster:
        """The server of this connection's settings."""
        embedded = self.settings_dict["EMBEDDED"]
        return cluster_in(Path(embedded["FOLDER"]), durable=embedded["DURABLE"])

    def start_server(self) -> None:
        """Join the server; raises OperationalError when it can't be started, or isn't up and may not be."""
        try:
            if not self.starts_server and not self.cluster.answers():
                raise OperationalError("The embedded PostgreSQL is not running.")
            self.cluster.join()
        except ClusterError as error:
            raise OperationalError(str(error)) from error

    def get_connection_params(self) -> dict[str, Any]:
        # Asked for right before connecting, by Django and by procrastinate's own pool of connections.
        self.start_server()
        parameters = super().get_connection_params()
        parameters["host"] = str(self.cluster.socket_folder)
        parameters["port"] = "5432"
        return parameters
