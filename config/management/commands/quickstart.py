"""`manage.py quickstart`: from an empty folder to a product that answers, in one command."""

import argparse
import fcntl
import json
import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from config import programs
from config.addresses import Address, allowed_hosts
from config.data_dir import make_data_dir, read_or_make_private, read_or_make_secret_key, write_private
from config.embedded.base import DatabaseWrapper
from config.embedded.cluster import Cluster
from config.embedded.exceptions import ClusterError
from config.processes import Child, ChildDied, cores, start_all, stop_all, watch
from forms_app.database.pooler import refuse_pooler
from forms_app.demo import make_demo
from forms_app.demo.access import issue_security_code, token_works
from forms_app.people.security_codes import security_code_user
from forms_app.people.tokens import new_token

ADMIN_USERNAME = "admin"
CODE_USED_EVERY = 60
"""Seconds: the printed security code stays good while the demo is served, however long it takes to read about it."""


class Command(BaseCommand):
    """Makes what never existed; overwrites nothing and brings back nothing that was deleted."""

    help = (
        "Make the database, demo data, an administrator and a token, print how to sign in and call the API, "
        "and serve until Ctrl-C. Run it again to go on where it stopped."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--workers", type=int, default=cores(), help=f"server processes (default: {cores()})")
        parser.add_argument("--no-serve", action="store_true", help="do everything except serving")
        parser.add_argument("--json", type=Path, metavar="PATH", help="write what is printed to a file, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        address = Address(options["host"], options["port"])
        if options["workers"] < 1:
            raise CommandError("--workers must be 1 or more.")
        if not options["no_serve"] and (fault := address.why_taken()):
            raise CommandError(f"Can't listen on {address}: {fault}. Choose another with --port or --host.")
        self.stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        cluster = _embedded_cluster()
        try:
            facts = self.prepare(cluster, address)
            if options["no_serve"]:
                self.tell(facts, options["json"])
            elif not self.stopping.is_set():
                self.serve(facts, cluster, address, options)
        except (ClusterError, ChildDied) as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"The database doesn't answer: {error}") from error
        finally:
            connections.close_all()
            if cluster is not None:
                cluster.leave()

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Stop after the step that is being done; the second time, at once."""
        if self.stopping.is_set():
            # Whoever is impatient a third time must not end what stops the database.
            signal.signal(number, signal.SIG_IGN)
            raise KeyboardInterrupt
        self.stopping.set()

    def prepare(self, cluster: Cluster | None, address: Address) -> dict[str, Any]:
        """Database, tables, key and demo data; gives back what there is to tell."""
        data_dir = make_data_dir(settings.DATA_DIR)
        with _alone(data_dir / "quickstart.lock"):
            # Django raises for a key that is read while empty.
            settings.SECRET_KEY = os.environ.get("SECRET_KEY") or read_or_make_secret_key(data_dir)
            if cluster is not None:
                self.say("Starting the database …")
                cluster.join()
            refuse_pooler("migrations and the worker of background jobs")
            self.say("Preparing tables and demo data …")
            if "LOG_LEVEL" not in os.environ:
                # That the demo's fields ask for their indexes is nothing to tell whoever just starts.
                logging.getLogger("procrastinate").setLevel(logging.WARNING)
            call_command("migrate", interactive=False, verbosity=0)
            kept = json.loads(read_or_make_private(data_dir / "demo.json", _new_secrets))
            demo = make_demo(kept)
        return {
            "base_url": address.url,
            "token": kept["token"],
            "other_token": kept["other_token"],
            "admin": {"username": kept["admin_username"], "password": kept["admin_password"]},
            "security": issue_security_code(kept["admin_username"]),
            **demo,
        }

    def serve(self, facts: dict[str, Any], cluster: Cluster | None, address: Address, options: dict[str, Any]) -> None:
        """Run the servers and the worker of background jobs until told to stop."""
        # A connection of ours would hold the database up when it has to stop.
        connections.close_all()
        children = _, worker = self.children(cluster, address, options["workers"])
        try:
            start_all(children, works=address.answers, stopping=self.stopping)
            if not self.stopping.is_set():
                self.tell(facts, options["json"])
                self.say("Serving. Ctrl-C stops it.")
                code = CodeInUse(facts["security"])

                def tend() -> None:
                    self.tend(cluster, worker)
                    code.use()

                watch(children, tend=tend, stopping=self.stopping)
        finally:
            self.say("Stopping …")
            stop_all(children)

    def children(self, cluster: Cluster | None, address: Address, workers: int) -> tuple[Child, Child]:
        """The server and the worker of background jobs, not started."""
        environment = {
            **os.environ,
            "DATA_DIR": str(settings.DATA_DIR),
            "DATABASE_URL": settings.DATABASE_URL if cluster is None else cluster.url,
            "SECRET_KEY": settings.SECRET_KEY,
        }
        # What was printed should not scroll away under a line for each job that went well.
        environment.setdefault("LOG_LEVEL", "WARNING")
        environment.setdefault("ALLOWED_HOSTS", ",".join(allowed_hosts(address.host, settings.ALLOWED_HOSTS)))
        return (
            Child("The server", programs.server(address.host, address.port, workers), environment, settings.BASE_DIR),
            Child("The worker of background jobs", programs.worker(), environment, settings.BASE_DIR),
        )

    def tend(self, cluster: Cluster | None, worker: Child) -> None:
        """Start a database that was killed again."""
        if cluster is None or cluster.answers():
            return
        try:
            cluster.join()
        except ClusterError as error:
            self.stderr.write(f"{error} Trying again.")
        else:
            self.say("The database had stopped and was started again.")
            # The worker no longer hears of new jobs over its lost connection, and doesn't notice.
            worker.ask_to_stop()

    def tell(self, facts: dict[str, Any], path: Path | None) -> None:
        """Say how to sign in and what to call; write it to a file too, if one was asked for."""
        lines = [
            f"Address   {facts['base_url']}/",
            f"Sign in   {facts['base_url']}/admin/   {_sign_in(facts['admin'])}",
            "Operator  .venv/bin/python manage.py createsuperuser   (an account that sees all organizations)",
            f"Token     {_token(facts['token'])}",
        ]
        if form := facts.pop("curl_form_id", None):
            lines.append(
                f'Try it    curl -s -H "ACCESS-TOKEN: {facts["token"]}" '
                f'"{facts["base_url"]}/apaas/api/v2/form_entities?custom_form_id={form}&per_page=2"'
            )
        lines += _ticket_lines(facts)
        if path is not None:
            write_private(path, json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
        self.say("\n".join(["", *lines, ""]))

    def say(self, text: str) -> None:
        """Print at once, into a pipe too."""
        self.stdout.write(text)
        self.stdout.flush()


class CodeInUse:
    """Uses a security code now and then, so that it does not go idle."""

    def __init__(self, code: str | None) -> None:
        self.code = code
        self.used_at = time.monotonic()

    def use(self) -> None:
        """Use it if its time has come; a database that is away is another time's matter."""
        if self.code is None or time.monotonic() - self.used_at < CODE_USED_EVERY:
            return
        self.used_at = time.monotonic()
        with suppress(OperationalError):
            security_code_user(self.code)
        connections.close_all()


def _ticket_lines(facts: dict[str, Any]) -> list[str]:
    """A line for each call of the ticket API, on the demo's flow that takes a ticket at once."""
    flow = next((flow for flow in facts["flows"] if not flow["validating"]), None)
    if flow is None or facts["security"] is None:
        return []
    edit = f"{facts['base_url']}/rest/flowmanage/api/omdata/edit/{flow['api_path']}"
    query = f"{facts['base_url']}/rest/flowmanage/api/omdata-data-id/get/{flow['api_path']}"
    security = {"security": facts["security"]}
    stage = next(iter(flow["push_formdata"].values()))
    calls = (
        ("開單", edit, {"action": "create", "formdata": flow["create_formdata"]}),
        ("查詢", query, {"data_no": "1"}),
        ("推單", edit, {"action": "update", "data_id": "<data_id>", "formdata": stage}),
    )
    return [
        f"{name}      curl -s {url} -d '{json.dumps({**security, **body}, ensure_ascii=False)}'"
        for name, url, body in calls
    ]


def _embedded_cluster() -> Cluster | None:
    connection = connections["default"]
    return connection.cluster if isinstance(connection, DatabaseWrapper) else None


def _new_secrets() -> str:
    return json.dumps(
        {
            "admin_username": ADMIN_USERNAME,
            "admin_password": secrets.token_urlsafe(12),
            "token": new_token(),
            "other_token": new_token(),
        }
    )


def _sign_in(admin: dict[str, str]) -> str:
    """The administrator's name and password, or why that pair no longer opens anything."""
    account = get_user_model()._default_manager.filter(username=admin["username"]).first()
    if account is None:
        return f"(the account {admin['username']} was deleted)"
    if not account.check_password(admin["password"]):
        return f"user {admin['username']}, with the password that it was given since"
    return f"user {admin['username']}, password {admin['password']}"


def _token(token: str) -> str:
    """The demo's token, or that it no longer opens anything."""
    return token if token_works(token) else f"(not valid any more: {token[:10]}…; make another one in the admin)"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One quickstart at a time makes tables and data; another one waits."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
