"""Addresses of the database that name several hosts, and settings of replicas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.database import database_settings
from config.replicas import replica_settings

CHOICES: dict[str, Any] = {
    "data_dir": Path("/nowhere"),
    "conn_max_age": 60,
    "embedded_fsync": True,
}


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_hosts_are_read_as_libpq_reads_them(scheme: str) -> None:
    found = database_settings(f"{scheme}://u%40x:p%2Fq@h1:5610,h2:5612/db?target_session_attrs=read-write", **CHOICES)
    assert [found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        *("db", "u@x", "p/q", "h1,h2", "5610,5612")
    ]
    assert found["OPTIONS"] == {"connect_timeout": 2, "target_session_attrs": "read-write", "prepare_threshold": 3}


def test_what_the_address_says_of_time_is_kept() -> None:
    found = database_settings("postgresql://h1,h2/db?connect_timeout=9", **CHOICES)
    assert (found["HOST"], found["PORT"], found["OPTIONS"]["connect_timeout"]) == ("h1,h2", ",", "9")


def test_a_comma_elsewhere_is_none_between_hosts() -> None:
    found = database_settings("postgresql://u:a%2Cb@h1/db?options=-c%20search_path=a,b", **CHOICES)
    assert (found["HOST"], found["PASSWORD"]) == ("h1", "a,b")


@pytest.mark.parametrize("url", ["postgresql://u:secret@h1,h2/db?nonsense=1", "mysql://u:secret@h1,h2/db"])
def test_what_can_t_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        database_settings(url, **CHOICES)
    assert "secret" not in str(refused.value)


def test_a_replica_is_given_up_soon_unless_its_address_says_otherwise() -> None:
    plain = replica_settings(database_settings("postgresql://h/db", **CHOICES))
    said = replica_settings(database_settings("postgresql://h/db?connect_timeout=7", **CHOICES))
    assert (plain["OPTIONS"]["connect_timeout"], said["OPTIONS"]["connect_timeout"]) == (2, 7)
    assert plain["OPTIONS"]["tcp_user_timeout"] == 2000
    assert plain["TEST"] == {"MIRROR": "default"}
