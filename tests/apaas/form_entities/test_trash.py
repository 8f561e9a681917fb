"""GET form_entities/trash and PUT|POST form_entities/restore: destroyed records, and bringing them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from forms_app.models import CustomApp, CustomForm, DestroyedEntity, FormEntity, Grant, Member
from forms_app.records.trash import trash_purge
from tests.apaas.conftest import Api, address, administer
from tests.apaas.rights.conftest import give
from tests.factories import add_field, make_form

Record = Callable[..., int]


def destroy(api: Api, form: CustomForm, *ids: int) -> None:
    api.ok("POST", address(form, "mass_destroy"), {"ids": list(ids)})


def trash(api: Api, form: CustomForm, **query: Any) -> Any:
    return api.ok("GET", address(form, "trash", **query))


def test_destroyed_records_are_listed_the_last_one_first(
    api: Api, form: CustomForm, record: Record, alice: Member
) -> None:
    one, two, _kept = record(title="a", amount=1), record(title="b"), record(title="c")
    was = api.ok("GET", address(form, str(one)))
    destroy(api, form, two)
    destroy(api, form, one)
    page = trash(api, form)
    assert [model["id"] for model in page["models"]] == [one, two]
    assert (page["total_count"], page["current_page"], page["next_page"]) == (2, 1, None)
    model = page["models"][0]
    assert model.pop("destroyed_by")["uid"] == alice.uid
    assert model.pop("destroyed_at")
    assert model == was


def test_they_are_searched_by_their_label_and_paged(api: Api, form: CustomForm, record: Record) -> None:
    ids = [record(title=title) for title in ("合同一", "合同二", "发票")]
    destroy(api, form, *ids)
    assert {model["title"] for model in trash(api, form, query="合同")["models"]} == {"合同一", "合同二"}
    page = trash(api, form, query="合同", per_page=1, page=2)
    assert (len(page["models"]), page["total_count"], page["prev_page"]) == (1, 2, 1)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_restored_record_is_as_it_was_with_its_id_and_a_version_more(
    api: Api, form: CustomForm, record: Record, method: str
) -> None:
    one = record(title="a", amount=1.5, due="2026-11-30 08:00:00")
    was = api.ok("GET", address(form, str(one)))
    destroy(api, form, one)
    assert api.ok(method, address(form, "restore"), {"ids": [one]}) == {"ids": [one]}
    response = api.call("GET", address(form, str(one)))
    assert response["ETag"] == '"2"'
    now = api.ok("GET", address(form, str(one)))
    assert now.pop("updated_at") >= was.pop("updated_at")
    assert now == was
    assert trash(api, form)["models"] == []
    assert api.ok("GET", address(form))["total_count"] == 1
    newest = api.ok("GET", address(form, f"{one}/history"))["models"][0]
    assert (newest["action"], newest["version"]) == ("restored", 2)


def test_all_are_restored_or_none(api: Api, form: CustomForm, record: Record) -> None:
    gone, alive = record(title="a"), record(title="b")
    destroy(api, form, gone)
    faults = api.faults("PUT", address(form, "restore"), {"ids": [gone, alive, 999_999, alive]}, status=404)
    assert faults == [("ids", "unknown_record", 1), ("ids", "unknown_record", 2)]
    assert DestroyedEntity.objects.filter(custom_form_id=form.pk).count() == 1


def test_one_id_twice_is_one_record(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    destroy(api, form, one)
    assert api.ok("PUT", address(form, "restore"), {"ids": [one, one]}) == {"ids": [one]}


def test_a_unique_value_that_was_taken_meanwhile_is_a_conflict_with_its_row(api: Api, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"code": ("text_field", {"unique": True})}, name="unique")
    ids = [api.ok("POST", address(form), {"form_entity": {"code": code}})["id"] for code in ("a", "b")]
    destroy(api, form, *ids)
    api.ok("POST", address(form), {"form_entity": {"code": "b"}})
    (fault,) = api.refused("PUT", address(form, "restore"), {"ids": ids}, status=409)["errors"]
    assert (fault["row"], fault["field"], fault["code"]) == (1, "code", "not_unique")
    assert FormEntity.objects.filter(custom_form=form).count() == 1
    assert len(trash(api, form)["models"]) == 2


def test_two_destroyed_records_of_one_unique_value_do_not_come_back_together(api: Api, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"code": ("text_field", {"unique": True})}, name="unique")
    ids = []
    for _place in range(2):
        ids.append(api.ok("POST", address(form), {"form_entity": {"code": "a"}})["id"])
        destroy(api, form, ids[-1])
    (fault,) = api.refused("PUT", address(form, "restore"), {"ids": ids}, status=409)["errors"]
    assert (fault["row"], fault["code"]) == (1, "not_unique")
    api.ok("PUT", address(form, "restore"), {"ids": ids[1:]})


def test_formulas_follow_what_changed_meanwhile_on_both_sides(
    api: Api, custom_app: CustomApp, form: CustomForm, record: Record
) -> None:
    reader = make_form(custom_app, {"to": ("relation_field", {"form": form.pk})}, name="reader")
    add_field(reader, "twice", ("formula_field", {"formula": "{to.amount} * 2"}))
    source = record(amount=1)
    kept, gone = (
        api.ok("POST", address(reader), {"form_entity": {"to": {"value": source}}})["id"] for _place in range(2)
    )
    destroy(api, reader, gone)
    api.ok("PUT", address(form, str(source)), {"form_entity": {"amount": 4}})
    destroy(api, form, source)
    assert api.ok("GET", address(reader, str(kept)))["twice"] == 0
    api.ok("PUT", address(form, "restore"), {"ids": [source]})
    api.ok("PUT", address(reader, "restore"), {"ids": [gone]})
    for one in (kept, gone):
        assert api.ok("GET", address(reader, str(one)))["twice"] == 8


def test_values_of_fields_that_are_gone_are_not_restored_those_of_disabled_ones_are(
    api: Api, form: CustomForm, record: Record
) -> None:
    one = record(title="a", amount=1, due="2026-11-30 08:00:00")
    destroy(api, form, one)
    form.custom_fields.get(name="amount").delete()
    form.custom_fields.filter(name="due").update(status="disable")
    CustomForm.objects.filter(pk=form.pk).update(definition_version=F("definition_version") + 1)
    api.ok("PUT", address(form, "restore"), {"ids": [one]})
    stored = FormEntity.objects.filter(custom_form=form, id=one).values_list("data", flat=True).get()
    assert stored == {"title": "a", "due": "2026-11-30T00:00:00.000Z"}


def test_who_may_not_destroy_neither_sees_nor_restores(
    api: Api, form: CustomForm, record: Record, people: dict[int, Member]
) -> None:
    one = record(title="a")
    destroy(api, form, one)
    Grant.objects.filter(role__organization=people[3].organization, role__everyone=True).delete()
    limited = give(people[3], "read", "create", "update", custom_form=form)
    for method, path, body in (("GET", "trash", None), ("PUT", "restore", {"ids": [one]})):
        (fault,) = limited.refused(method, address(form, path), body, status=403)["errors"]
        assert (fault["code"], fault["got"]) == ("missing_verb", "destroy")


def test_one_sees_and_restores_only_what_one_would_reach(
    api: Api, form: CustomForm, record: Record, people: dict[int, Member], alice: Member
) -> None:
    administer(alice)
    others = record(title="a")
    Grant.objects.filter(role__organization=people[3].organization, role__everyone=True).delete()
    limited = give(people[3], "read", "create", "destroy", custom_form=form, rows="own")
    own = limited.ok("POST", address(form), {"form_entity": {"title": "b"}})["id"]
    destroy(api, form, others)
    destroy(limited, form, own)
    assert [model["id"] for model in trash(limited, form)["models"]] == [own]
    assert trash(limited, form)["total_count"] == 1
    faults = limited.faults("PUT", address(form, "restore"), {"ids": [own, others]}, status=404)
    assert faults == [("ids", "unknown_record", 1)]
    limited.ok("PUT", address(form, "restore"), {"ids": [own]})


def test_a_hidden_field_is_not_in_it(api: Api, form: CustomForm, record: Record, people: dict[int, Member]) -> None:
    destroy(api, form, record(title="a", amount=7))
    Grant.objects.filter(role__organization=people[3].organization, role__everyone=True).delete()
    limited = give(people[3], "read", "destroy", custom_form=form, hidden=["amount"])
    (model,) = trash(limited, form)["models"]
    assert "amount" not in model


def test_what_is_old_is_forgotten(api: Api, form: CustomForm, record: Record, settings: Any) -> None:
    old, new = record(title="a"), record(title="b")
    destroy(api, form, old, new)
    kept = DestroyedEntity.objects.filter(custom_form_id=form.pk, id=old)
    kept.update(destroyed_at=kept.get().destroyed_at - timedelta(days=settings.TRASH_DAYS, seconds=1))
    assert trash_purge() == 1
    assert [model["id"] for model in trash(api, form)["models"]] == [new]
    faults = api.faults("PUT", address(form, "restore"), {"ids": [old]}, status=404)
    assert faults == [("ids", "unknown_record", 0)]


def test_with_a_key_it_is_done_once(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    destroy(api, form, one)
    body = {"ids": [one]}
    first = api.call("PUT", address(form, "restore"), body, HTTP_IDEMPOTENCY_KEY="k")
    again = api.call("PUT", address(form, "restore"), body, HTTP_IDEMPOTENCY_KEY="k")
    assert (first.status_code, again.content, again["Idempotency-Replayed"]) == (200, first.content, "true")
