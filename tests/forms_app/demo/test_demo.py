"""The demo holds what the API document's samples name (docs/contract.md §2.6)."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from forms_app.demo import customer_form, make_demo
from forms_app.field_types import registry
from forms_app.models import (
    AccessToken,
    CustomApp,
    CustomField,
    CustomForm,
    Department,
    DestroyedEntity,
    FieldGroup,
    FieldOption,
    Flow,
    FlowVersion,
    FormEntity,
    FormTab,
    Member,
    NumberSequence,
    Organization,
    Region,
)
from forms_app.people.actor import Actor
from forms_app.people.tokens import digest
from forms_app.records.query import EntityQuery, Filter, Search, Sort, Terms
from forms_app.records.writes import entity_create
from forms_app.schema.form_schema import FormSchema
from tests.seeds import document
from tests.seeds.copies import SECRETS, DemoTestCase

ALICE = Actor(organization_id=1, member_id=1, uid=1)
IDENTIFIED = (Organization, Department, Member, CustomApp, CustomForm, FieldGroup, CustomField, FieldOption, FormTab)


def query(form_id: int = 2) -> EntityQuery:
    return EntityQuery(FormSchema.of(form_id, ALICE), ALICE)


def found(schema: FormSchema, request: dict[str, Any]) -> list[int]:
    """The ids that a request of the document finds."""
    filters = []
    for term in request.get("filters", ()):
        column = schema.columns[term["name"]]
        filters.append(Filter(column, term["op"], column.operand(term["op"], term["value"])))
    search = None
    if "query" in request:
        search = Search(schema.columns[request["search_column_name"]], request["query"])
    sorts = [
        Sort(schema.columns[name], descending=way == "desc")
        for item in request.get("sort", ())
        for name, way in item.items()
    ]
    return EntityQuery(schema, ALICE, Terms(tuple(filters), search, tuple(sorts))).ids()


class DemoTests(DemoTestCase):
    def test_ids_of_forms_apps_and_people_are_the_documents(self) -> None:
        self.assertEqual(
            list(CustomApp.objects.filter(organization=1).order_by("pk").values_list("pk", flat=True)), [2, 3, 4]
        )
        forms = CustomForm.objects.filter(organization=1).order_by("pk")
        self.assertEqual(
            list(forms.values_list("pk", "custom_app_id")), [(2, 4), (3, 2), (23, 3), *((pk, 4) for pk in flow_forms())]
        )
        lead = forms.get(pk=23)
        self.assertEqual((lead.name, lead.data_table_name), ("推广线索", "data_1_3_9ddabc"))
        self.assertEqual(
            list(Member.objects.filter(organization=1).order_by("pk").values_list("pk", "uid")),
            [(n, n) for n in (1, 2, 3, 4)],
        )
        self.assertEqual(list(Department.objects.order_by("did").values_list("did", flat=True)), [1, 3, 4])
        self.assertEqual(
            set(Region.objects.filter(pk__in=["4", "9", "73", "732"]).values_list("pk", flat=True)),
            {"4", "9", "73", "732"},
        )

    def test_form_2_has_every_name_of_the_samples_and_every_type(self) -> None:
        schema = FormSchema.of(2, ALICE)
        named = json.loads(document.CREATE)["form_entity"] | json.loads(document.UPDATE)["form_entity"]
        listed = json.loads(document.LIST)
        names = {*named, *listed["only_field_names"], *(term["name"] for term in listed["filters"])}
        self.assertLessEqual(names, {*schema.columns, "custom_form_id", "app_id"})
        self.assertEqual({column.type.name for column in schema.fields}, {kind.name for kind in registry})
        assert schema.primary is not None
        self.assertEqual(schema.primary.name, "text_1691116775689_fb4558")
        for column in schema.fields:
            self.assertFalse(column.required or column.unique, column.name)

    def test_some_options_are_disabled_and_stay_where_they_were_chosen(self) -> None:
        for name, token in customer_form.DISABLED_OPTIONS:
            column = FormSchema.of(2, ALICE).by_field[name]
            self.assertFalse(column.options[token].enabled)
            self.assertTrue(found(FormSchema.of(2, ALICE), {"filters": [{"name": name, "op": "in", "value": [token]}]}))

    def test_form_2_holds_400_records_and_the_samples_ids(self) -> None:
        ids = query().ids()
        self.assertGreater(len(ids), 400)
        self.assertLessEqual({1, 2, 11, 22, 26, 30}, set(ids))
        self.assertEqual(query().count(), len(ids))
        self.assertEqual(query(3).ids(), [1])
        self.assertEqual(sorted(query(23).ids()), [1, 2])

    def test_record_11_matches_the_sample_and_no_other_does(self) -> None:
        schema = FormSchema.of(2, ALICE)
        request = json.loads(document.LIST)
        self.assertEqual(found(schema, request), [11])
        self.assertEqual(found(schema, request | {"filters": request["filters"][1:]}), [11])

    def test_each_filter_alone_matches_some_and_not_all(self) -> None:
        schema = FormSchema.of(2, ALICE)
        request = json.loads(document.LIST)
        alone = [{"filters": [term]} for term in request["filters"]]
        alone.append({name: request[name] for name in ("search_column_name", "query")})
        for terms in alone:
            ids = found(schema, terms)
            self.assertIn(11, ids)
            self.assertGreaterEqual(len(ids), 2, terms)
            self.assertLess(len(ids), query().count(), terms)

    def test_tabs_find_some_and_not_all(self) -> None:
        schema = FormSchema.of(2, ALICE)
        self.assertEqual(list(schema.tabs), ["high_value", "to_follow", "august_2023"])
        for tab in schema.tabs.values():
            ids = found(schema, {"filters": tab.filters, "sort": tab.sort})
            self.assertTrue(2 <= len(ids) < query().count(), tab.name)

    def test_customers_have_names_of_their_own_and_numbers_in_order(self) -> None:
        records = [entity.data for entity in FormEntity.objects.filter(custom_form_id=2).order_by("created_at")]
        names = [data[customer_form.CUSTOMER] for data in records]
        self.assertEqual(len(set(names)), len(names))
        numbers = [data[customer_form.NUMBER] for data in records]
        self.assertEqual(len(set(numbers)), len(numbers))
        self.assertEqual(numbers, sorted(numbers))
        field = CustomField.objects.get(custom_form_id=2, name=customer_form.NUMBER)
        days = NumberSequence.objects.filter(custom_form_id=2, field_id=field.pk)
        self.assertEqual(sum(day.value for day in days), len(numbers))

    def test_formulas_are_computed(self) -> None:
        [quote] = FormEntity.objects.filter(custom_form_id=3)
        self.assertEqual(quote.data["text_169111676456_af4re5t"], 12.5 * 20 + 5.5 * 12)

    def test_no_sequence_gives_an_id_again(self) -> None:
        for model in IDENTIFIED:
            table = model._meta.db_table
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')), max(id) FROM {table}")
                following, highest = cursor.fetchone()
            self.assertGreater(following, highest, table)
        created = entity_create(schema=FormSchema.of(2, ALICE), values={}, actor=ALICE)
        self.assertGreater(created.id, max(FormEntity.objects.exclude(pk=(2, created.id)).values_list("id", flat=True)))

    def test_tokens_act_as_a_member_of_their_organization(self) -> None:
        for name, organization in (("token", 1), ("other_token", 2)):
            token = AccessToken.objects.get(digest=digest(SECRETS[name]))
            self.assertEqual(
                (token.organization_id, token.member.organization_id, token.member.uid), (organization, organization, 1)
            )

    def test_the_other_organization_has_an_app_a_form_and_records(self) -> None:
        form = CustomForm.objects.get(organization=2)
        self.assertEqual(form.custom_app.organization_id, 2)
        self.assertEqual(FormEntity.objects.filter(custom_form=form, organization_id=2).count(), 2)

    def test_the_account_is_the_members(self) -> None:
        account = get_user_model()._default_manager.get()
        self.assertTrue(account.check_password(SECRETS["admin_password"]))
        self.assertEqual(Member.objects.get(user=account).pk, 1)

    def test_facts_name_what_there_is(self) -> None:
        self.assertEqual(
            (self.facts["organization_id"], self.facts["member_uid"], self.facts["curl_form_id"]), (1, 1, 2)
        )
        self.assertEqual(set(self.facts["forms"]), {"2", "3", "23", *map(str, flow_forms())})
        self.assertEqual([flow["name"] for flow in self.facts["flows"]], ["合同评审", "服务工单"])
        self.assertEqual(self.facts["forms"]["23"], {"name": "推广线索", "data_table_name": "data_1_3_9ddabc"})


GONE = {"organization_id": None, "member_uid": None, "forms": {}, "flows": [], "curl_form_id": None}


def flow_forms() -> list[int]:
    """The forms of the demo's flows, in the order of their ids."""
    return list(Flow.objects.order_by("custom_form_id").values_list("custom_form_id", flat=True))


def state() -> dict[str, list[Any]]:
    """Every row of what the demo makes."""
    models = (*IDENTIFIED, Flow, FlowVersion, AccessToken, FormEntity, DestroyedEntity, NumberSequence, Region)
    return {model.__name__: sorted(model.objects.values_list(), key=repr) for model in models}


def delete_form(form: CustomForm) -> None:
    """A form with all that it has, the last things first."""
    FormEntity.objects.filter(custom_form=form).delete()
    FieldOption.objects.filter(custom_field__custom_form=form, parent__isnull=False).delete()
    form.flows.all().delete()
    form.custom_fields.all().delete()
    form.delete()


class SecondRunTests(DemoTestCase):
    def test_it_makes_and_changes_nothing(self) -> None:
        before = state()
        self.assertEqual(make_demo(SECRETS), self.facts)
        self.assertEqual(state(), before)

    def test_what_was_changed_or_deleted_stays_so(self) -> None:
        FormEntity.objects.filter(custom_form_id=2, id=11).update(data={customer_form.CUSTOMER: "改名后的公司"})
        FormEntity.objects.filter(custom_form_id=2, id=12).delete()
        CustomField.objects.get(custom_form_id=2, name=customer_form.EMAIL).delete()
        FormTab.objects.get(name="high_value").delete()
        Region.objects.filter(pk="156").update(label="中华人民共和国")
        Region.objects.filter(pk="732").delete()
        AccessToken.objects.get(digest=digest(SECRETS["token"])).delete()
        delete_form(CustomForm.objects.get(pk=3))
        get_user_model()._default_manager.get().delete()
        before = state()
        facts = make_demo(SECRETS)
        self.assertEqual(state(), before)
        self.assertEqual(set(facts["forms"]), {"2", "23", *map(str, flow_forms())})
        self.assertFalse(get_user_model()._default_manager.exists())

    def test_another_copys_token_is_made_and_the_first_stays(self) -> None:
        make_demo(SECRETS | {"token": "apaas_another-copy", "other_token": "apaas_another-copy-2"})
        for token in ("apaas_another-copy", "apaas_another-copy-2", *(SECRETS[n] for n in ("token", "other_token"))):
            self.assertTrue(AccessToken.objects.filter(digest=digest(token)).exists())

    def test_a_deleted_organization_stays_away(self) -> None:
        for form_id in (2, 3, 23, *flow_forms(), CustomForm.objects.get(organization=2).pk):
            delete_form(CustomForm.objects.get(pk=form_id))
        CustomApp.objects.all().delete()
        Department.objects.filter(parent__parent__isnull=False).delete()
        Department.objects.filter(parent__isnull=False).delete()
        Organization.objects.all().delete()
        facts = make_demo(SECRETS | {"token": "apaas_another-copy"})
        self.assertFalse(Organization.objects.exists())
        self.assertEqual(facts, GONE)
