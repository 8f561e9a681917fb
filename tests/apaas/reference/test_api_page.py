"""The API page of a form in the admin: for whom it is, what stands on it, and that it is true."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from apaas.reference.calls import preferred
from apaas.reference.pages.answers import nobody
from apaas.reference.pages.form_tabs import NAMES
from forms_app.field_types import Option
from forms_app.models import AccessToken, CustomForm, FormEntity, Member, Status
from forms_app.tickets.pushing import ticket_open
from tests.accounts import linked, without_rights
from tests.apaas.conftest import Api
from tests.apaas.reference.api_pages import tabs_of
from tests.factories import UserFactory, actor_of, add_field, make_entity, make_form, make_token
from tests.flows import definition, make_flow

WEB = "H6Qq/ojoIFNyICUXzx3UOw=="


def page_url(form: CustomForm) -> str:
    return reverse("form-api", args=[form.pk])


def signed_in(member: Member, *verbs: str) -> Client:
    """A browser of the member with these verbs on all forms, or with what everyone has."""
    return linked(Client(HTTP_ACCEPT_LANGUAGE="en"), member, *verbs)


def operator() -> Client:
    """A browser of the platform's operator, who is no member."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def reader(db: None) -> Client:
    return operator()


def page_of(client: Client, form: CustomForm, status: int = 200) -> str:
    response = client.get(page_url(form))
    assert response.status_code == status, response.content[:500]
    return unescape(response.content.decode())


# --- For whom --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["read", "create", "design"])
def test_who_may_anything_on_the_form_gets_the_page(verb: str, full: CustomForm, alice: Member) -> None:
    text = page_of(signed_in(alice, verb), full)
    for tab in NAMES:
        assert f'data-call="{tab}"' in text


def test_for_others_the_form_has_no_page(full: CustomForm, alice: Member, charlie: Member) -> None:
    page_of(signed_in(charlie), full, status=404)
    page_of(signed_in(without_rights(alice)), full, status=404)
    anonymous = Client().get(page_url(full))
    assert anonymous.status_code == 302
    assert reverse("admin:login") in anonymous["Location"]


def test_there_is_no_page_for_a_form_that_does_not_exist(reader: Client, form: CustomForm) -> None:
    assert reader.get(reverse("form-api", args=[form.pk + 1000])).status_code == 404
    assert reader.get(f"/admin/forms_app/customform/{2**70}/api/").status_code == 404
    assert reader.post(page_url(form)).status_code == 405


def test_names_of_records_and_people_are_for_who_may_see_records(full: CustomForm, alice: Member, bob: Member) -> None:
    alice.name, alice.phone = "Alice herself", "13912345678"
    alice.save()
    shown = page_of(signed_in(alice, "read", "update"), full)
    assert '"record 2"' in shown and "Alice herself" in shown
    for text in (page_of(signed_in(bob, "create", "design"), full), str(tabs_of(full, alice, nobody()))):
        for secret in ('"record 2"', '"record 1"', "Alice herself", "13912345678"):
            assert secret not in text


def test_the_examples_are_the_linked_members(full: CustomForm, alice: Member, bob: Member) -> None:
    own = page_of(signed_in(bob), full)
    assert f'"to_user_uid": {bob.uid}' in own
    assert reverse("call-page", args=["list"]) in own
    others = page_of(operator(), full)
    assert f'"to_user_uid": {alice.uid}' in others
    assert reverse("call-page", args=["list"]) not in others


def test_who_left_is_asked_to_sign_in(full: CustomForm, bob: Member) -> None:
    client = signed_in(bob)
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    page_of(client, full, status=302)


def test_an_organization_without_members_has_a_page(full: CustomForm) -> None:
    Member.objects.update(is_active=False)
    text = page_of(operator(), full)
    assert "no active member" in text


# --- What stands on it -----------------------------------------------------------------------------------


def test_no_token_is_on_the_page(reader: Client, full: CustomForm, alice: Member) -> None:
    kept, token = make_token(alice)
    text = page_of(reader, full)
    assert token not in text
    assert AccessToken.objects.get(pk=kept.pk).digest not in text
    samples = [text for tab in tabs_of(full, alice).values() for _key, _language, text in tab.samples]
    assert len(samples) == 2 * len(NAMES)
    for sample in samples:
        assert 'export APAAS_TOKEN="${APAAS_TOKEN:-<your access token>}"' in sample.splitlines()[0]
        assert '"ACCESS-TOKEN: $APAAS_TOKEN"' in sample or 'os.environ["APAAS_TOKEN"]' in sample


def test_each_call_shows_its_address_parameters_sample_answer_and_errors(reader: Client, full: CustomForm) -> None:
    text = page_of(reader, full)
    parts = text.split("data-call=")[1:]
    assert len(parts) == len(NAMES)
    for name, part in zip(NAMES, parts, strict=True):
        assert preferred(name).path in part
        for label in ("curl", "Python", "Parameters", "Errors", "100400", "100401", "100100", '"code": 0'):
            assert label in part, (name, label)
        assert ("100403" in part) == (name not in ("list", "ids", "simple", "detail")), name
        assert ("100409" in part) == (name in ("create", "update", "mass_destroy")), name


def test_the_samples_are_made_of_the_forms_own_fields_and_options(full: CustomForm, alice: Member) -> None:
    tabs = tabs_of(full, alice)
    assert f'"a_select_field": "{WEB}"' in tabs["create"].samples[0][2]
    assert f'"a_select_field": "{WEB}"' in tabs["create"].samples[1][2]
    assert tabs["evaluate"].request is not None
    assert tabs["evaluate"].request.body["field_name"] in ("a_formula_field", "total")
    refused = tabs["create"].refusals[0].answer["errors"]
    (option,) = [error for error in refused if error["code"] == "unknown_option"]
    assert WEB in [allowed["value"] for allowed in option["allowed"]]
    assert option["label"]
    assert {"unknown_field", "unknown_option"} < {error["code"] for error in refused}


def test_a_form_without_formulas_or_records_says_so(reader: Client, form: CustomForm, alice: Member) -> None:
    tabs = tabs_of(form, alice)
    assert "no formula" in tabs["evaluate"].note
    for name in ("update", "detail", "transfer", "mass_destroy"):
        assert "“Create” first" in tabs[name].note
    for name, tab in tabs.items():
        assert bool(tab.note) != bool(tab.samples), name
    assert tabs["create"].samples
    text = page_of(reader, form)
    assert "no record yet" in text
    assert "no formula field" in text


def test_a_record_whose_ticket_runs_is_not_chosen_to_be_destroyed(full: CustomForm, alice: Member, api: Api) -> None:
    free = FormEntity.objects.get(custom_form=full).id
    ticket = ticket_open(flow=make_flow(full, definition("start > review > end")), values={}, actor=actor_of(alice))
    tabs = tabs_of(full, alice)
    assert tabs["transfer"].request is not None and tabs["mass_destroy"].request is not None
    assert tabs["transfer"].request.body["ids"] == [ticket.entity_id]
    assert tabs["mass_destroy"].request.body["ids"] == [free]
    assert str(free) in tabs["mass_destroy"].warning
    api.ok("DELETE", "form_entities/mass_destroy", tabs["mass_destroy"].request.body)
    with translation.override("en"):
        assert "are running" in tabs_of(full, alice)["mass_destroy"].note


def test_a_required_field_with_nothing_to_choose_from_is_named(form: CustomForm, alice: Member) -> None:
    empty = make_form(form.custom_app, {"title": "text_field"}, name="empty")
    add_field(form, "leads", ("relation_field", {"form": empty.pk, "required": True}))
    tabs = tabs_of(form, alice)
    assert "label of leads" in tabs["create"].note
    assert not tabs["create"].samples


def test_a_form_without_fields_has_a_page(reader: Client, custom_app: Any, alice: Member) -> None:
    bare = make_form(custom_app, {}, name="bare")
    page_of(reader, bare)
    make_entity(bare, alice)
    page_of(reader, bare)


def test_a_disabled_form_says_that_the_api_does_not_answer(reader: Client, full: CustomForm) -> None:
    CustomForm.objects.filter(pk=full.pk).update(status=Status.DISABLE)
    assert "as if it did not exist" in page_of(reader, full)


def test_what_a_form_is_called_is_no_markup(reader: Client, form: CustomForm, alice: Member) -> None:
    hostile = '</script><b>it\'s & "so" $(date) `date`'
    CustomForm.objects.filter(pk=form.pk).update(name=hostile)
    add_field(form, "kind", ("select_field", {}, (Option(WEB, hostile),)))
    make_entity(form, alice, title=hostile)
    raw = reader.get(page_url(form)).content.decode()
    assert "</script><b>" not in raw
    assert "&lt;/script&gt;&lt;b&gt;" in raw


def test_the_ways_to_the_page(admin_client: Client, full: CustomForm) -> None:
    for name in ("design", "records"):
        response = admin_client.get(reverse(f"admin:forms_app_customform_{name}", args=[full.pk]))
        assert f'href="{page_url(full)}"' in response.content.decode(), name
    changelist = admin_client.get(reverse("admin:forms_app_customform_changelist")).content.decode()
    assert f'href="{page_url(full)}"' in changelist


def test_it_asks_a_fixed_number_of_statements(
    reader: Client, full: CustomForm, alice: Member, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    page_of(reader, full)
    for number in range(5):
        make_entity(full, alice, title=f"record {number}")
        add_field(full, f"more_{number}", "text_field")
    page_of(reader, full)
    with django_assert_max_num_queries(40):
        page_of(reader, full)
