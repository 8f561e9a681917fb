"""Which commands start the embedded server, and what a server of production asks for."""

import json
import signal

import pytest

from tests.config.copies import Copy, wait_until

SHOW_VERSION = "from django.db import connection as c; c.ensure_connection(); print(c.pg_version)"
SHOW_KEY = "from config.settings import SECRET_KEY; print(SECRET_KEY)"
SOME_URL = "postgresql://somebody:secret-word@/nowhere?host=/nowhere"


def test_the_settings_start_nothing_and_need_no_secret(copy: Copy) -> None:
    done = copy.run("-W", "error", "-c", "import django; django.setup()", DJANGO_SETTINGS_MODULE="config.settings")
    assert (done.returncode, done.stderr) == (0, "")
    assert not copy.data_dir.exists()


def test_makemigrations_and_check_work_where_nothing_has_ever_run(copy: Copy) -> None:
    for command in (["check"], ["makemigrations", "--dry-run"]):
        done = copy.manage(*command)
        assert (done.returncode, done.stderr) == (0, "")
    assert not copy.data_dir.exists()


def test_a_command_has_the_database_for_as_long_as_it_runs(copy: Copy) -> None:
    done = copy.manage("shell", "-v", "0", "-c", SHOW_VERSION)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 180000
    assert copy.processes() == {}


def test_a_command_told_to_stop_lets_go_of_the_database(copy: Copy) -> None:
    process = copy.start("manage.py", "shell", "-v", "0", "-c", f"{SHOW_VERSION}; import time; time.sleep(60)")
    wait_until(lambda: copy.cluster.answers(), what="the command's database answers")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert copy.processes() == {}


def test_commands_sign_with_the_key_that_is_kept_unless_given_one(copy: Copy) -> None:
    copy.data_dir.mkdir()
    (copy.data_dir / "secret_key").write_text("kept")
    assert copy.run("-c", SHOW_KEY).stdout.strip() == "kept"
    assert copy.run("-c", SHOW_KEY, SECRET_KEY="given").stdout.strip() == "given"


@pytest.mark.parametrize("module", ["config.wsgi", "config.asgi"])
def test_a_server_of_its_own_accord_says_what_it_needs(copy: Copy, module: str) -> None:
    neither = copy.run("-c", f"import {module}").stderr
    assert "DATABASE_URL (" in neither and "SECRET_KEY (" in neither and "quickstart" in neither
    one = copy.run("-c", f"import {module}", DATABASE_URL=SOME_URL).stderr
    assert "SECRET_KEY (" in one and "DATABASE_URL (" not in one
    assert not copy.data_dir.exists()


def test_a_server_that_has_what_it_needs_opens_no_database_to_begin(copy: Copy) -> None:
    done = copy.run("-c", "import config.wsgi", DATABASE_URL=SOME_URL, SECRET_KEY="k" * 50)
    assert done.returncode == 0, done.stderr


def test_a_server_refuses_settings_with_a_fault(copy: Copy) -> None:
    done = copy.run("-c", "import config.wsgi", DATABASE_URL=SOME_URL, SECRET_KEY="k" * 50, MAX_PAGE="0")
    assert "config.E001" in done.stderr and "MAX_PAGE" in done.stderr


def test_a_value_that_is_no_number_is_refused_with_its_name(copy: Copy) -> None:
    assert '"MAX_PAGE" invalid' in copy.run("-c", "import config.settings", MAX_PAGE="many").stderr


def test_the_log_can_be_one_json_object_a_line(copy: Copy) -> None:
    speak = "import logging; logging.getLogger('a.b').warning('来 %s', 1)"
    line = copy.manage("shell", "-v", "0", "-c", speak, LOG_FORMAT="json").stderr
    record = json.loads(line)
    assert (record["event"], record["level"], record["logger"]) == ("来 1", "warning", "a.b")
