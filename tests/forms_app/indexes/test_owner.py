"""A large form has an index of its records by owner: `scope=mine` reads it, page and count."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from forms_app.indexes import building
from forms_app.indexes.choosing import survey
from forms_app.models import CustomForm, FieldIndex, Member
from forms_app.records.query import Filter, Sort, Terms
from tests.factories import schema_of
from tests.forms_app.indexes.world import OWNER, grow, jobs_of, on_disk, settle, small_form, standings, work
from tests.forms_app.worlds import query_of, statements

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_large_form_has_one_of_its_own(form: CustomForm, custom_app: Any) -> None:
    other = small_form(custom_app)
    for large in (form, other):
        grow(large, 25)
        settle(large)
    names = [building.name_of(large.pk, "owner") for large in (form, other)]
    assert names == [f"entity_owner_{form.pk}", f"entity_owner_{other.pk}"]
    assert on_disk(*names) == dict.fromkeys(names, True)
    assert {standings(large)[OWNER] for large in (form, other)} == {"valid"}
    grow(form, -20)
    settle(form)
    assert on_disk(*names) == {names[1]: True}
    assert not FieldIndex.objects.filter(custom_form_id=form.pk).exists()


def test_one_that_nothing_asks_for_is_found_and_dropped(form: CustomForm) -> None:
    grow(form, 25)
    settle(form)
    FieldIndex.objects.filter(custom_form_id=form.pk).delete()
    grow(form, -20)
    assert {(str(entry.standing), entry.key.kind) for entry in survey(form.pk)} >= {("leftover", "owner")}
    settle(form)
    assert jobs_of(form) == []
    assert on_disk(building.name_of(form.pk, "owner")) == {}


def test_one_that_is_broken_is_built_anew(form: CustomForm) -> None:
    grow(form, 25)
    settle(form)
    name = building.name_of(form.pk, "owner")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")
    assert standings(form)[OWNER] == "broken"
    settle(form)
    work(form)
    assert on_disk(name) == {name: True}


def test_it_serves_page_and_count_of_one_s_own_records(form: CustomForm, alice: Member) -> None:
    with connection.cursor() as cursor:  # of each owner few, spread over all of the table
        cursor.execute(
            "INSERT INTO form_entity (custom_form_id, app_id, organization_id, owner_uid, data)"
            """ SELECT %s, 1, 1, mod(n, 200), '{"number": 1}' FROM generate_series(1, 20000) n""",
            [form.pk],
        )
    grow(form, 0)
    FieldIndex.objects.create(custom_form_id=form.pk, field_id=0, kind="owner")
    assert building.build(form_id=form.pk, field_id=0, kind="owner") == FieldIndex.State.VALID
    owner, changed = (schema_of(form).columns[name] for name in ("user", "updated_at"))
    mine = Terms((Filter(owner, "in", {"user_ids": (7,)}),), None, (Sort(changed, descending=True),))
    with statements() as asked:
        rows = query_of(form, mine).page(20)
        total = query_of(form, mine).count()
    assert (len(rows), total) == (20, 100)
    assert {row.owner_uid for row in rows} == {7}
    name = building.name_of(form.pk, "owner")
    selects = [sql for sql in asked if "owner_uid" in sql and sql.lstrip().startswith("SELECT")]
    assert len(selects) == 2
    for sql in selects:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql.replace("$1", "'7'"))
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert name in plan, plan
