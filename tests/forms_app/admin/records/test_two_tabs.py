"""One record open twice: what the other one saved is kept, told, and chosen about where both changed the same field."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from django.test import Client

from forms_app.admin.records import entry_pages
from forms_app.exceptions import NotFound, StaleVersion
from forms_app.models import CustomForm, Member
from forms_app.records.query import EntityQuery
from forms_app.records.writes import entity_mass_destroy, entity_transfer, entity_update
from tests.accounts import linked
from tests.factories import actor_of, make_entity, schema_of
from tests.forms_app.admin.conftest import FAIR, WEB
from tests.forms_app.admin.records.entry_form import Inputs, edit_url, posted_by
from tests.forms_app.worlds import stored_of


@pytest.fixture
def record(form: CustomForm, alice: Member) -> int:
    return make_entity(form, alice, title="a", source=WEB, amount=1, people=[{"uid": 2}], starts="2024-03-01 09:00")


@pytest.fixture
def tab(client: Client, form: CustomForm, record: int, alice: Member) -> dict[str, str]:
    """What Alice's page posts while she has changed nothing."""
    linked(client, alice)
    return posted_by(client, edit_url(form, record))


def change(form: CustomForm, record: int, member: Member, **values: Any) -> None:
    entity_update(schema=schema_of(form), record_id=record, values=values, actor=actor_of(member))


CHANGES = [
    ("title", "mine", "theirs", "theirs"),
    ("amount", "2.50", 3, "3"),
    ("source", FAIR, None, "—"),
    ("people", '[{"uid":"3","name":"member 3"}]', [{"uid": 4}], "member 4"),
    ("starts", "", "2024-04-01 10:00", "2024-04-01 10:00:00"),
]


@pytest.mark.parametrize(("name", "mine", "theirs", "shown"), CHANGES, ids=[each[0] for each in CHANGES])
def test_who_saves_second_chooses(
    client: Client, form: CustomForm, record: int, tab: dict[str, str], bob: Member, name: str, mine: str,
    theirs: Any, shown: str,
) -> None:  # fmt: skip
    change(form, record, bob, **{name: theirs})
    before = stored_of(form, record)
    response = client.post(edit_url(form, record), {**tab, name: mine})
    content = response.content.decode()
    assert response.status_code == 409
    assert stored_of(form, record) == before
    assert bob.name in content and content.count("fe-now") == 1
    assert shown in content.split("fe-now")[1].split("</div>")[0]
    again = {key: value for key, value in Inputs(content).values.items() if not key.endswith(":keep")}
    assert again[name] == mine
    assert client.post(edit_url(form, record), again).status_code == 409  # nothing was chosen
    assert client.post(edit_url(form, record), {**again, f"{name}:keep": "theirs"}).status_code == 302
    assert stored_of(form, record) == before
    assert client.post(edit_url(form, record), {**again, f"{name}:keep": "mine"}).status_code == 302
    assert stored_of(form, record).get(name) != before.get(name)


def test_it_is_asked_again_where_a_third_one_came_between(
    client: Client, form: CustomForm, record: int, tab: dict[str, str], bob: Member
) -> None:
    change(form, record, bob, title="theirs")
    again = Inputs(client.post(edit_url(form, record), {**tab, "title": "mine"}).content.decode()).values
    change(form, record, bob, title="newer")
    response = client.post(edit_url(form, record), {**again, "title:keep": "mine"})
    assert response.status_code == 409 and "newer" in response.content.decode()
    assert stored_of(form, record)["title"] == "newer"


def test_changes_of_different_fields_are_both_kept_and_told(
    client: Client, form: CustomForm, record: int, tab: dict[str, str], bob: Member
) -> None:
    change(form, record, bob, amount=7, source=None)
    response = client.post(edit_url(form, record), {**tab, "title": "mine"}, follow=True)
    content = response.content.decode()
    assert stored_of(form, record)["title"] == "mine" and stored_of(form, record)["amount"] == 7
    assert bob.name in content and "label of amount" in content


def test_the_page_shows_again_what_others_changed_beside_it(
    client: Client, form: CustomForm, record: int, tab: dict[str, str], bob: Member
) -> None:
    change(form, record, bob, amount=7, title="theirs")
    content = client.post(edit_url(form, record), {**tab, "title": "mine"}).content.decode()
    values = Inputs(content).values
    assert (values["amount"], values["amount:was"], values["title"]) == ("7", "7", "mine")


def test_the_same_change_twice_is_none(
    client: Client, form: CustomForm, record: int, tab: dict[str, str], bob: Member
) -> None:
    change(form, record, bob, title="same", amount=5)
    assert client.post(edit_url(form, record), {**tab, "title": "same", "amount": "5"}).status_code == 302
    assert stored_of(form, record)["title"] == "same"


def test_one_s_own_other_tab_counts_too(
    client: Client, form: CustomForm, record: int, tab: dict[str, str], alice: Member
) -> None:
    assert client.post(edit_url(form, record), {**tab, "title": "first"}).status_code == 302
    response = client.post(edit_url(form, record), {**tab, "title": "second"})
    assert response.status_code == 409 and alice.name in response.content.decode()


def test_what_comes_between_reading_and_writing_is_found_by_the_write(
    client: Client, form: CustomForm, record: int, tab: dict[str, str], bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, times, changes = entry_pages.entity_update, [], count()

    def late(**given: Any) -> Any:
        times.append(1)
        if len(times) == 1:
            change(form, record, bob, title=f"theirs {next(changes)}")
        return write(**given)

    monkeypatch.setattr(entry_pages, "entity_update", late)
    response = client.post(edit_url(form, record), {**tab, "title": "mine"})
    assert response.status_code == 409 and len(times) == 1
    assert stored_of(form, record)["title"] == "theirs 0"
    times.clear()
    monkeypatch.setattr(entry_pages, "ATTEMPTS", 1)
    assert client.post(edit_url(form, record), {**tab, "amount": "9"}).status_code == 422


# --- The write ----------------------------------------------------------------------------------------------------


def version(form: CustomForm, record: int, member: Member) -> tuple[int, int | None]:
    last = EntityQuery(schema_of(form), actor_of(member)).last_change(record)
    assert last is not None
    return last.version, last.by_uid


@pytest.mark.parametrize("values", [{"title": "x"}, {"amount": 2}, {"people": [{"uid": 3}]}, {"title": None}])
def test_a_write_to_another_version_writes_nothing(
    form: CustomForm, record: int, alice: Member, bob: Member, values: dict[str, Any]
) -> None:
    seen, nobody = version(form, record, alice)
    assert nobody is None
    change(form, record, bob, title="b")
    before = stored_of(form, record)
    given = {"schema": schema_of(form), "record_id": record, "values": values, "actor": actor_of(alice)}
    with pytest.raises(StaleVersion) as refused:
        entity_update(**given, versions=[seen])
    assert [fault.code for fault in refused.value.faults] == ["stale_version"]
    assert stored_of(form, record) == before
    now, who = version(form, record, alice)
    assert (now, who) == (seen + 1, bob.uid)
    entity_update(**given, versions=[now])
    assert version(form, record, alice) == (now + 1, alice.uid)


def test_a_record_that_is_gone_has_no_other_version(form: CustomForm, record: int, alice: Member) -> None:
    schema, actor = schema_of(form), actor_of(alice)
    entity_transfer(schema=schema, ids=[record], to_user_uid=2, actor=actor)
    assert version(form, record, alice)[0] == 2
    entity_mass_destroy(schema=schema, ids=[record], actor=actor)
    with pytest.raises(NotFound):
        entity_update(schema=schema, record_id=record, values={"title": "x"}, actor=actor, versions=[1])
    assert EntityQuery(schema, actor).last_change(record) is None
