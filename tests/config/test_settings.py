"""What the system checks say of settings, and the choice of the database."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from config import checks
from config.addresses import Address, allowed_hosts
from config.database import database_settings
from config.zones import zone
from tests.config.copies import PROJECT, Copy


def faults(settings: Settings) -> list[tuple[str | None, str]]:
    return [(fault.id, fault.msg) for fault in checks.check_settings(None)]


def url_settings(url: str, **more: Any) -> dict[str, Any]:
    choices = {"conn_max_age": 60, "embedded_fsync": True, **more}
    return database_settings(url, data_dir=Path("/nowhere"), **choices)


def test_the_settings_as_they_come_have_no_fault(settings: Settings) -> None:
    assert faults(settings) == []


@pytest.mark.parametrize("name", sorted(checks.SMALLEST))
def test_each_limit_has_a_least_value(settings: Settings, name: str) -> None:
    setattr(settings, name, checks.SMALLEST[name] - 1)
    assert ("config.E001", name) in [(key, message.split()[0]) for key, message in faults(settings)]


def test_every_limit_of_the_settings_is_checked() -> None:
    source = "".join(path.read_text() for path in (PROJECT / "config" / "settings").glob("*.py"))
    assert set(re.findall(r"^(\w+) = env\.int\(", source, re.MULTILINE)) <= {
        *checks.SMALLEST,
        "ENTITY_PARTITIONS",
    }


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("DEFAULT_PER_PAGE", 1001, "config.E002"),
        ("MAX_DRAIN_BYTES", 1, "config.E002"),
        ("MAX_JSON_DEPTH", 201, "config.E002"),
        ("MAX_UPLOAD_BYTES", 1, "config.E002"),
        ("STATIC_ROOT", "/nowhere", "config.E015"),
        ("PUBLIC_URL", "forms.example.org", "config.E016"),
        ("PUBLIC_URL", "https://forms.example.org/apaas", "config.E016"),
        ("FILE_TYPES", ["*", "!.exe"], "config.E010"),
        ("ENTITY_PARTITIONS", 0, "config.E003"),
        ("ENTITY_PARTITIONS", 1025, "config.E003"),
        ("VERSION_CHECK_SECONDS", -0.1, "config.E004"),
        ("VERSION_CHECK_SECONDS", 1.5, "config.E004"),
        ("VERSION_CHECK_SECONDS", float("nan"), "config.E004"),
        ("DATA_DIR", Path("/etc/passwd"), "config.E005"),
        ("THROTTLE_RATE", "often", "config.E006"),
        ("THROTTLE_RATE", "0/min", "config.E006"),
        ("LOG_LEVEL", "LOUD", "config.E007"),
        ("LOG_FORMAT", "xml", "config.E007"),
        ("TRUSTED_PROXIES", ["10.0.0.5", "proxy.example.org"], "config.E012"),
        ("WEBHOOK_NETWORKS", ["10.0.0.5", "hooks.example.org"], "config.E014"),
        ("WEBHOOK_NETWORKS", ["10.0.0.1/8"], "config.E014"),
        ("METRICS_NETWORKS", ["10.0.0.1/8"], "config.E014"),
        ("METRICS_TOKEN", "x" * 19, "config.E017"),
        ("WEBHOOK_SECONDS", 0, "config.E001"),
        ("WEBHOOK_DELIVERY_DAYS", 0, "config.E001"),
        ("PROXY_SSL_HEADER", "X Forwarded: Proto", "config.E009"),
        ("HTTPS", True, "config.W002"),
    ],
)
def test_a_value_that_cannot_work_is_named(settings: Settings, name: str, value: Any, key: str) -> None:
    setattr(settings, name, value)
    assert [found for found, message in faults(settings) if name in message or found == "config.E002"] == [key]


@pytest.mark.parametrize("name", ["Mars/X", "Asia/Nowhere", "Asia", "../secret", "/etc/passwd", "GMT+8", ""])
def test_an_unknown_zone_is_told_by_its_check_and_no_traceback(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "TIME_ZONE": name},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "config.E008" in done.stderr and repr(name) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["Asia/Shanghai", "UTC", "Etc/GMT-8", "America/Argentina/Buenos_Aires"])
def test_a_zone_that_the_machine_knows_is_taken(name: str) -> None:
    assert zone(name) == name


@pytest.mark.parametrize(
    ("backend", "options"),
    [
        ("django.core.files.storage.FileSystemStorage", []),
        ("django.core.files.storage.FileSystemStorage", {"colour": "red"}),
        ("storage.of.nobody", {}),
    ],
)
def test_a_storage_that_cannot_be_used_is_named(settings: Settings, backend: str, options: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": options}}
    assert [(key, message.split()[0]) for key, message in faults(settings)] == [("config.E011", "FILE_STORAGE")]


def test_another_storage_is_a_matter_of_settings() -> None:
    code = "from config.settings import STORAGES; print(STORAGES['default'])"
    variables = {"FILE_STORAGE": "some.Storage", "FILE_STORAGE_OPTIONS": '{"bucket": "b"}'}
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, **variables},
        capture_output=True,
        check=True,
        text=True,
    )
    assert found.stdout.strip() == "{'BACKEND': 'some.Storage', 'OPTIONS': {'bucket': 'b'}}"


def test_rates_are_written_as_a_number_a_slash_and_a_period(settings: Settings) -> None:
    for rate in ("", "1/s", "100/min", "5000/day", "10/10s"):
        settings.THROTTLE_RATE = rate
        assert faults(settings) == []


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o660, 0o644, 0o666, 0o777, 0o040, 0o004])
def test_a_key_that_the_group_or_others_may_touch_is_warned_of(settings: Settings, tmp_path: Path, mode: int) -> None:
    settings.DATA_DIR = tmp_path
    key = tmp_path / "secret_key"
    key.write_text("key")
    key.chmod(mode)
    ((found, message),) = faults(settings)
    assert (found, message.startswith(f"{key} ")) == ("config.W001", True)
    for private in (0o600, 0o400, 0o700):
        key.chmod(private)
        assert faults(settings) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"OIDC_ISSUER": "http://login.example.org", "OIDC_CLIENT_ID": "a"}, "https://"),
        ({"OIDC_ISSUER": "login.example.org", "OIDC_CLIENT_ID": "a"}, "https://"),
        ({"OIDC_ISSUER": "https://login.example.org"}, "OIDC_CLIENT_ID"),
        ({"OIDC_CREATE_MEMBERS": True}, "OIDC_ORGANIZATION"),
    ],
)
def test_a_company_sign_in_that_misses_something_is_named(
    settings: Settings, values: dict[str, Any], said: str
) -> None:
    for name, value in values.items():
        setattr(settings, name, value)
    ((key, message),) = faults(settings)
    assert key == "config.E013"
    assert said in message


def test_without_its_package_there_is_no_company_sign_in(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "http://localhost:9400", "apaas"
    assert faults(settings) == []
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    ((key, message),) = faults(settings)
    assert (key, "pip install mozilla-django-oidc" in message) == ("config.E013", True)


def test_a_provider_in_the_environment_gives_addresses_and_a_way_in() -> None:
    code = (
        "import django; django.setup(); from django.urls import reverse; from django.conf import settings;"
        "print(reverse('oidc_authentication_callback'), settings.AUTHENTICATION_BACKENDS[-1])"
    )
    variables = {"OIDC_ISSUER": "https://login.example.org", "OIDC_CLIENT_ID": "a", "DATABASE_URL": "postgres://h/n"}
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **variables},
        capture_output=True,
        check=True,
        text=True,
    )
    assert found.stdout.split() == ["/oidc/callback/", "apaas.company_sign_in.backend.CompanyBackend"]


def test_an_address_may_name_a_socket_and_options() -> None:
    settings = url_settings("postgres://u@%2Frun%2Fpg:5433/n?sslmode=require", conn_max_age=5)
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("/run/pg", 5433, "n")
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert (settings["CONN_MAX_AGE"], settings["CONN_HEALTH_CHECKS"]) == (5, True)


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/n", "secret", "postgresql://u:secret@h:port/n", "sqlite:///secret"]
)
def test_another_database_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        url_settings(url)
    assert "secret" not in str(caught.value) and "postgresql://" in str(caught.value)


def test_a_database_of_another_encoding_is_refused_at_the_first_connection(copy: Copy) -> None:
    cluster = copy.cluster
    cluster.join()
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    ask = "from django.db import connection as c; c.ensure_connection()"
    done = copy.manage("shell", "-c", ask, DATABASE_URL=cluster.url.removesuffix("postgres") + "ascii")
    assert done.returncode == os.EX_CONFIG
    assert "encoding is SQL_ASCII, and must be UTF8" in done.stderr
    cluster.leave()


def test_a_copy_open_to_all_may_be_called_by_the_machines_name() -> None:
    assert allowed_hosts("127.0.0.1", ["localhost"]) == ["localhost", "127.0.0.1"]
    assert os.uname().nodename in allowed_hosts("0.0.0.0", ["localhost"])
    assert allowed_hosts("::1", []) == ["[::1]"]
    assert Address("0.0.0.0", 80).url == "http://127.0.0.1:80"
    assert Address("::", 80).url == "http://[::1]:80"


def test_an_address_for_commands_alone_is_a_fault(settings: Settings) -> None:
    settings.DIRECT_DATABASE_URL = "postgresql://u:secret@h/n"
    settings.DATABASE_URL = ""
    assert [key for key, _message in faults(settings)] == ["config.E018"]
    settings.DATABASE_URL = "postgresql://u:secret@pooler/n"
    assert faults(settings) == []


def test_commands_go_by_the_direct_address_and_servers_do_not(copy: Copy) -> None:
    told = {"DATABASE_URL": "postgresql://u:p@pooler:6432/n", "DIRECT_DATABASE_URL": "postgresql://u:p@own:5433/n"}
    ask = "from django.db import connections as c; d = c.databases['default']; print(d['HOST'], d['PORT'], d['NAME'])"
    assert copy.manage("shell", "-v", "0", "-c", ask, **told).stdout == "own 5433 n\n"
    served = copy.run("-c", f"import config.wsgi; {ask}", SECRET_KEY="k" * 50, **told)
    assert served.stdout == "pooler 6432 n\n", served.stderr
    told["DIRECT_DATABASE_URL"] = "mysql://u:secret@h/n"
    done = copy.manage("shell", "-c", ask, **told)
    assert done.returncode and "DIRECT_DATABASE_URL must name a PostgreSQL database" in done.stderr
    assert "secret" not in done.stderr
