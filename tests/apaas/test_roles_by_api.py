"""Roles by API, and what a member may do on a form."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_app.models import AccessToken, AuditEntry, CustomForm, Member, Role
from forms_app.people.role_documents import role_save
from tests.apaas.conftest import Api, address
from tests.apaas.test_tokens_by_api import manager, only_role
from tests.factories import make_token, system_of


@pytest.fixture
def admin(alice: Member) -> Api:
    return manager(alice)


def test_a_role_is_made_shown_changed_and_taken_away(admin: Api, form: CustomForm, bob: Member) -> None:
    values = {
        "name": "客服",
        "everyone": False,
        "members": [2],
        "departments": [3],
        "grants": [
            {
                "custom_form_id": form.pk,
                "verbs": ["read", "update"],
                "rows": "own",
                "hidden": ["amount"],
                "read_only": ["due"],
            }
        ],
    }
    made = admin.ok("POST", "roles", values)
    path = f"roles/{made['id']}"
    assert made == {"id": made["id"], **values} == admin.ok("GET", path)
    assert [role["name"] for role in admin.ok("GET", "roles")["models"]] == ["管理员", "全员", "客服"]
    changed = admin.ok("PUT", path, {"members": [], "departments": [1]})
    assert changed == {**made, "members": [], "departments": [1]}
    assert admin.call("DELETE", path).status_code == 200
    admin.refused("GET", path, status=404)


def test_each_fault_is_named(admin: Api, form: CustomForm) -> None:
    assert admin.faults("POST", "roles") == [("name", "required", None)]
    wrong = {"name": "全员", "members": [999], "grants": [{"verbs": ["fly"]}], "colour": "red"}
    assert admin.faults("POST", "roles", wrong) == [("colour", "unknown_parameter", None)]
    del wrong["colour"]
    assert admin.faults("POST", "roles", wrong) == [
        ("name", "repeated_name", None),
        ("members", "unknown_member", 0),
        ("grants[0].verbs", "unknown_value", 0),
    ]


CALLS = (("GET", "roles"), ("POST", "roles"), ("GET", "roles/{}"), ("PUT", "roles/{}"), ("DELETE", "roles/{}"))


def test_only_the_verb_people_opens_it(api: Api, alice: Member) -> None:
    role = Role.objects.get(organization_id=alice.organization_id, everyone=True)
    for method, path in CALLS:
        body = {"name": "x"} if method in ("POST", "PUT") else None
        answer = api.refused(method, path.format(role.pk), body, status=403)
        assert answer["errors"][0]["code"] == "missing_verb"
    assert Role.objects.filter(pk=role.pk, name="全员").exists()


def test_another_organization_s_roles_do_not_exist(admin: Api, charlie: Member) -> None:
    role = Role.objects.get(organization_id=charlie.organization_id, everyone=True)
    for method, path in CALLS[2:]:
        assert admin.faults(method, path.format(role.pk), status=404) == [("id", "unknown_role", None)]


def test_nobody_gives_more_than_they_have(alice: Member, form: CustomForm) -> None:
    clerks = only_role(
        alice.organization_id,
        name="clerk",
        members=[1],
        grants=[{"verbs": ["people"]}, {"custom_form_id": form.pk, "verbs": ["read"], "rows": "own"}],
    )
    clerk = Api(make_token(alice)[1])
    mine = {"custom_form_id": form.pk, "verbs": ["read"], "rows": "own"}
    clerk.ok("POST", "roles", {"name": "fine", "grants": [mine]})
    for more in ({**mine, "rows": "all"}, {**mine, "verbs": ["read", "update"]}, {"verbs": ["read"], "rows": "own"}):
        faults = clerk.faults("POST", "roles", {"name": "x", "grants": [mine, more]}, status=403)
        assert faults == [("grants", "beyond_own_rights", 1)]
        assert clerk.faults("PUT", f"roles/{clerks.pk}", {"grants": [mine, more]}, status=403) == faults
    boss = Role.objects.get(name="管理员", organization_id=alice.organization_id)
    for method, body in (("PUT", {"members": [1]}), ("DELETE", None)):
        assert clerk.faults(method, f"roles/{boss.pk}", body, status=403) == [("", "beyond_own_rights", None)]


def test_a_list_asks_a_fixed_number_of_statements(admin: Api, alice: Member, form: CustomForm) -> None:
    admin.ok("GET", "roles")
    with CaptureQueriesContext(connection) as few:
        admin.ok("GET", "roles")
    for number in range(5):
        values = {"name": f"role {number}", "members": [1, 2], "departments": [1], "grants": [{"verbs": ["read"]}]}
        role_save(organization_id=alice.organization_id, values=values, actor=system_of(alice.organization_id))
    admin.ok("GET", "roles")
    with CaptureQueriesContext(connection) as many:
        admin.ok("GET", "roles")
    assert len(few) == len(many)


# --- Rights --------------------------------------------------------------------------------------------------


def test_rights_say_what_one_may_and_which_role_gives_it(alice: Member, bob: Member, form: CustomForm) -> None:
    role = only_role(
        alice.organization_id,
        name="客服",
        members=[2],
        grants=[{"custom_form_id": form.pk, "verbs": ["read", "update"], "rows": "own", "read_only": ["due"]}],
    )
    rights = {"verbs": ["read", "update"], "rows": ["own"], "hidden": [], "read_only": ["due"]}
    own = {"custom_form_id": form.pk, "uid": 2, **rights, "people": False}
    own["roles"] = [{"id": role.pk, "name": "客服", **rights, "rows": "own"}]
    assert Api(make_token(bob)[1]).ok("GET", f"rights?custom_form_id={form.pk}") == own
    limited = Api(make_token(bob, verbs=["read"])[1]).ok("GET", f"rights?custom_form_id={form.pk}&uid=2")
    assert limited["verbs"] == ["read"]
    assert manager(alice).ok("GET", f"rights?custom_form_id={form.pk}&uid=2") == own


def test_a_field_that_is_hidden_from_who_asks_is_not_named(alice: Member, bob: Member, form: CustomForm) -> None:
    only_role(
        alice.organization_id,
        name="客服",
        members=[2],
        grants=[{"custom_form_id": form.pk, "verbs": ["read"], "hidden": ["amount"]}],
    )
    assert "amount" not in str(Api(make_token(bob)[1]).ok("GET", f"rights?custom_form_id={form.pk}"))
    answer = manager(alice).ok("GET", f"rights?custom_form_id={form.pk}&uid=2")
    assert answer["hidden"] == answer["roles"][0]["hidden"] == ["amount"]


def test_others_rights_are_for_who_manages_people(api: Api, admin: Api, stranger: Api, form: CustomForm) -> None:
    path = f"rights?custom_form_id={form.pk}"
    plain = Api(make_token(Member.objects.get(organization=form.organization, uid=3))[1])
    plain.refused("GET", f"{path}&uid=2", status=403)
    plain.ok("GET", f"{path}&uid=3")
    assert admin.faults("GET", f"{path}&uid=999", status=404) == [("uid", "unknown_member", None)]
    assert admin.faults("GET", "rights") == [("custom_form_id", "required", None)]
    stranger.refused("GET", path, status=404)


def test_the_form_s_own_calls_agree(alice: Member, bob: Member, form: CustomForm) -> None:
    only_role(alice.organization_id, name="r", members=[2], grants=[{"custom_form_id": form.pk, "verbs": ["read"]}])
    api = Api(make_token(bob)[1])
    api.ok("GET", address(form))
    api.refused("POST", address(form), {"form_entity": {}}, status=403)


def test_the_audit_tells_which_token_changed_a_role(admin: Api, alice: Member) -> None:
    made = admin.ok("POST", "roles", {"name": "客服", "grants": [{"verbs": ["read"]}]})
    entry = AuditEntry.objects.get(kind="role", object_id=made["id"])
    token = AccessToken.objects.get(pk=entry.token_id)
    assert (entry.who, entry.token, token.member) == (alice.name, token.name, alice)
    assert entry.call == "POST /apaas/api/v2/roles"
    assert len(entry.request_id) == 32
