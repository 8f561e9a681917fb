"""`compose.yaml`: what its services name is there, and fits together."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from tests.config.copies import PROJECT
from tests.deploy.environments import settings_of, wrong_names

TEXT = (PROJECT / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PRODUCT = {name: service for name, service in SERVICES.items() if service.get("image") == "apaas"}


def test_there_are_all_that_a_product_needs() -> None:
    assert set(SERVICES) == {"postgres", "pgbouncer", "migrate", "server1", "server2", "worker", "nginx"}
    assert set(PRODUCT) == {"migrate", "server1", "server2", "worker"}


def test_what_has_to_be_filled_in_is_in_the_sample() -> None:
    asked = {name for name, _must in re.findall(r"\$\{(\w+)(:\?)\}", TEXT)}
    assert asked == set(settings_of((PROJECT / "deploy/compose/env").read_text()))
    assert TEXT.count("${") == len(re.findall(r"\$\{\w+:\?\}", TEXT)), "without it nothing starts"


@pytest.mark.parametrize("name", PRODUCT)
def test_the_product_is_told_settings_that_there_are(name: str) -> None:
    environment = PRODUCT[name]["environment"]
    assert wrong_names(environment) == []
    assert {"DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS"} <= set(environment)
    through = environment["DATABASE_URL"].partition("@")[2]
    pooled = name.startswith("server")
    assert through == ("pgbouncer:6432/apaas" if pooled else "postgres:5432/apaas")
    assert ("DIRECT_DATABASE_URL" in environment) == pooled


@pytest.mark.parametrize("name", PRODUCT)
def test_the_product_is_told_commands_that_there_are(name: str) -> None:
    command = PRODUCT[name].get("command", "python manage.py serve")
    words = shlex.split(command)
    for line in words[2].split(" && ") if words[:2] == ["sh", "-c"] else [command]:
        python, script, verb, *options = shlex.split(line)
        assert (python, script) == ("python", "manage.py")
        load_command_class(get_commands()[verb], verb).create_parser(script, verb).parse_args(options)


def test_who_waits_waits_for_what_can_come() -> None:
    for name, service in SERVICES.items():
        for other, said in service.get("depends_on", {}).items():
            watched = "test" in SERVICES[other].get("healthcheck", {}) or (
                other in PRODUCT and "disable" not in SERVICES[other].get("healthcheck", {})
            )
            assert said["condition"] != "service_healthy" or watched, f"{name}: {other} has no check of its health"
            ends = SERVICES[other].get("restart") == "no"
            assert (said["condition"] == "service_completed_successfully") == ends, f"{name}: {other}"


def test_what_is_mounted_or_built_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (PROJECT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
        if "build" in service:
            assert (PROJECT / service["build"] / "Dockerfile").exists()


def test_nginx_knows_the_servers() -> None:
    upstream = (PROJECT / "deploy/compose/upstream.conf").read_text()
    assert re.findall(r"server (\w+):8000;", upstream) == [name for name in PRODUCT if name.startswith("server")]
    assert "upstream apaas {" in upstream


def test_the_proxy_is_the_one_that_is_trusted() -> None:
    subnet = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert {service["environment"]["TRUSTED_PROXIES"] for service in PRODUCT.values()} == {subnet}


def test_files_are_where_the_image_keeps_them() -> None:
    place = re.search(r"^VOLUME (\S+)$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert place is not None
    assert all(service["volumes"] == [f"files:{place[1]}"] for service in PRODUCT.values())


def test_pgbouncer_is_told_where_the_database_is() -> None:
    settings = (PROJECT / "deploy/compose/pgbouncer/pgbouncer.ini").read_text()
    assert "apaas = host=postgres port=5432 dbname=apaas" in settings
    assert "pool_mode = transaction" in settings
    start = PROJECT / "deploy/compose/pgbouncer/start.sh"
    assert re.search(r"auth_file = (\S+)", settings)[1] in start.read_text()  # type: ignore[index]
    assert os.access(start, os.R_OK) and Path(start).read_text().startswith("#")
