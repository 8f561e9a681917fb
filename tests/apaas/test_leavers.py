"""Who leaves: nobody acts as them any more, and what is theirs goes to a successor."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.caching import tags
from forms_app.exceptions import Refused
from forms_app.models import (
    AccessToken,
    CacheVersion,
    CustomApp,
    CustomForm,
    FormCounter,
    FormEntity,
    Member,
    Role,
    TicketToken,
)
from forms_app.people.role_documents import role_save
from forms_app.people.security_codes import security_code_issue
from forms_app.staff import leaving
from forms_app.staff.leaving import hand_over, member_leave
from tests.apaas.conftest import Api, address
from tests.apaas.test_people_by_api import USERS
from tests.apaas.test_tokens_by_api import manager, only_role
from tests.apaas.tickets.conftest import Desk
from tests.factories import UserFactory, make_entity, make_form, make_token, system_of
from tests.flows import definition, make_flow


@pytest.fixture
def admin(alice: Member) -> Api:
    return manager(alice)


@pytest.fixture
def leaver(bob: Member) -> Member:
    bob.third_userid = "bob"
    bob.save()
    return bob


def gone(admin: Api, **more: Any) -> Any:
    return admin.ok("PUT", USERS, {"users": [{"third_userid": "bob", "is_active": False, **more}]})


def owners(form: CustomForm) -> list[int]:
    return list(FormEntity.objects.of_form(form.pk).order_by("id").values_list("owner_uid", flat=True))


def test_tokens_codes_and_sessions_end(admin: Api, leaver: Member, form: CustomForm) -> None:
    leaver.user = account = UserFactory()
    leaver.save()
    client = Client()
    client.force_login(account)
    flow = make_flow(form, definition("start > review > end"))
    desk = Desk(security_code_issue(user=account), flow.api_path)
    token = make_token(leaver)[1]
    assert client.get("/apaas/api/v2/custom_apps").status_code == 200
    assert json.loads(desk.query(1))["status"] == "200"
    Api(token).ok("GET", "custom_apps")
    assert gone(admin)["updated"] == 1
    assert client.get("/apaas/api/v2/custom_apps").status_code == 401
    assert client.get("/admin/").status_code == 302
    assert json.loads(desk.query(1))["status"] == "404"
    Api(token).refused("GET", "custom_apps", status=401)
    # Also once somebody activates them again.
    admin.ok("PUT", USERS, {"users": [{"third_userid": "bob", "is_active": True}]})
    Api(token).refused("GET", "custom_apps", status=401)
    assert json.loads(desk.query(1))["status"] == "404"


def test_another_process_learns_of_it_by_the_tags(admin: Api, leaver: Member, settings: Any) -> None:
    token = make_token(leaver)[1]
    settings.VERSION_CHECK_SECONDS = 60
    tags.read_anew()
    Api(token).ok("GET", "custom_apps")
    before = CacheVersion.objects.get()
    gone(admin)
    after = CacheVersion.objects.get()
    assert before.tokens != after.tokens and before.people != after.people


def test_records_of_all_forms_go_to_the_successor(
    admin: Api, leaver: Member, alice: Member, custom_app: CustomApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "BATCH", 2)
    forms = [make_form(custom_app, {"title": "text_field"}, name=f"form {n}") for n in range(2)]
    for form in forms:
        for member in (leaver, alice, leaver, leaver):
            make_entity(form, member, title="x")
    FormEntity.objects.of_form(forms[0].pk).update(version=1)
    reader = Api(make_token(Member.objects.get(organization=custom_app.organization, uid=3))[1])
    theirs = address(forms[0], filters='[{"name":"user","op":"in","value":{"user_ids":[4]}}]')
    assert reader.ok("GET", theirs)["total_count"] == 0
    before = [sum(FormCounter.objects.filter(custom_form_id=f.pk).values_list("changes", flat=True)) for f in forms]
    gone(admin, successor_uid=4)
    for form, changes in zip(forms, before, strict=True):
        assert owners(form) == [4, 1, 4, 4]
        counters = FormCounter.objects.filter(custom_form_id=form.pk)
        assert sum(counters.values_list("live", flat=True)) == 4
        assert sum(counters.values_list("changes", flat=True)) == changes + 3
    versions = FormEntity.objects.of_form(forms[0].pk).order_by("id").values_list("version", flat=True)
    assert list(versions) == [2, 1, 2, 2]
    assert reader.ok("GET", theirs)["total_count"] == 3


def test_many_records_are_handed_over_by_a_job(
    admin: Api, leaver: Member, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entity(form, leaver, title="x")
    monkeypatch.setattr(leaving, "INLINE", 0)
    gone(admin, successor_uid=4)
    assert owners(form) == [2]
    job = ProcrastinateJob.objects.get(task_name="staff.hand_over")
    hand_over(job.args["organization_id"], job.args["pairs"])
    assert owners(form) == [4]


def test_waiting_stages_go_to_the_successor(admin: Api, leaver: Member, form: CustomForm) -> None:
    source = definition("start > review > end", review={"assignees": {"members": [2, 3]}})
    flow = make_flow(form, source)
    desk = Desk(make_token(leaver)[1], flow.api_path)
    number = desk.create()
    TicketToken.objects.of_form(form.pk).update(anyone=False, member_uids=[2, 3])
    gone(admin, successor_uid=3)
    assert list(TicketToken.objects.of_form(form.pk).values_list("member_uids", flat=True)) == [[3]]
    heir = Desk(make_token(Member.objects.get(organization=form.organization, uid=3))[1], flow.api_path)
    assert json.loads(heir.push(next(iter(heir.stages(number).values()))))["status"] == "200"


def test_a_successor_must_be_somebody_else_who_stays(admin: Api, leaver: Member) -> None:
    Member.objects.filter(organization=leaver.organization, uid=3).update(is_active=False)
    for uid, code in ((2, "own_successor"), (3, "unknown_member"), (99, "unknown_member")):
        row = {"third_userid": "bob", "is_active": False, "successor_uid": uid}
        assert [fault[1] for fault in admin.faults("PUT", USERS, {"users": [row]})] == [code]
    leaver.refresh_from_db()
    assert leaver.is_active


def test_nobody_hands_over_what_they_may_not_see_themselves(alice: Member, leaver: Member, form: CustomForm) -> None:
    only_role(alice.organization_id, name="clerk", members=[1], grants=[{"verbs": ["people"]}])
    values = {"name": "boss", "members": [2], "grants": [{"verbs": ["read", "destroy"]}]}
    role_save(organization_id=alice.organization_id, values=values, actor=system_of(alice.organization_id))
    row = {"third_userid": "bob", "is_active": False}
    clerk = Api(make_token(alice)[1])
    faults = clerk.faults("PUT", USERS, {"users": [{**row, "successor_uid": 1}]}, status=403)
    assert [fault[:2] for fault in faults] == [("successor_uid", "beyond_own_rights")]
    clerk.ok("PUT", USERS, {"users": [row]})  # to end what acts as them is no gain


def test_one_member_leaves_by_a_function_too(leaver: Member, alice: Member, form: CustomForm) -> None:
    record = make_entity(form, leaver, title="x")
    make_token(leaver)
    actor = system_of(leaver.organization_id)
    with pytest.raises(Refused, match="own_successor"):
        member_leave(member=leaver, successor=leaver, actor=actor)
    member_leave(member=leaver, successor=alice, actor=actor)
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert FormEntity.objects.of_form(form.pk).get(id=record).owner_uid == 1
    assert not AccessToken.objects.filter(member=leaver, revoked_at=None).exists()
    assert Role.objects.filter(organization=leaver.organization).exists()
