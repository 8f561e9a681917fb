"""The pages of people and access in a browser: nothing serious for axe, light and dark, on a screen and on a phone; the
keyboard; a member who leaves; a language that is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from forms_app.design.fields import field_change
from forms_app.models import AccessToken, AuditEntry, Member, Organization, Role
from forms_app.people.invitations import account_make, invite
from tests.accounts import administrator, linked
from tests.factories import UserFactory, actor_of, make_entity, make_form, make_token
from tests.forms_app.admin.people.test_noted_admin import call, event

SCREEN, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SERIOUS = {"serious", "critical"}
MODERATE = {name: {"enabled": False} for name in ("region", "landmark-one-main", "landmark-unique", "heading-order")}
"""Rules whose faults are never serious, on most pages a fifth of the time."""


@pytest.fixture
def signed_in(browser: Browser, live_server: Any) -> Iterator[Callable[[Any], Page]]:
    """Makes a page for an account, or for nobody."""
    contexts: list[BrowserContext] = []

    def page_of(account: Any) -> Page:
        context = browser.new_context(
            viewport=SCREEN, base_url=live_server.url, locale="zh-CN", reduced_motion="reduce"
        )
        contexts.append(context)
        if account is not None:
            client, name = Client(), settings.SESSION_COOKIE_NAME
            client.force_login(account)
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return context.new_page()

    yield page_of
    for context in contexts:
        context.close()


@pytest.fixture
def boss(transactional_db: None, alice: Member) -> Any:
    linked(Client(), administrator(alice), username="boss", email="boss@example.com")
    return alice.user


def serious(page: Page, rules: list[str] | None = None) -> Iterator[str]:
    """What axe, which the page has loaded, finds by these rules or by all."""
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {"rules": MODERATE}
    options = {"resultTypes": ["violations"], "preload": False, **only}
    found = page.evaluate("options => axe.run(options)", options)
    assert found["passes"], "axe has looked at nothing"
    for fault in found["violations"]:
        if fault["impact"] in SERIOUS:
            for node in fault["nodes"]:
                yield f"{fault['id']} {node['target']} {node['html'][:200]}"


def coloured(page: Page, theme: str) -> None:
    """The page in light or dark, as by the choice in its menu."""
    page.evaluate("theme => { Alpine.$data(document.documentElement).adminTheme = theme }", theme)
    page.wait_for_selector(f"html.{theme}", state="attached")


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page as it stands: light and dark on a screen, and on a phone, where it is dark. What is
    light on a phone has the colours of the screen."""
    wrong = []
    page.evaluate(AXE_SCRIPT)
    for size, themes in ((SCREEN, ("light", "dark")), (PHONE, ("dark",))):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = [f"{wide} pixels too wide"] if wide > 0 else []
        for theme in themes:
            coloured(page, theme)
            again = theme != themes[0]  # on the same page only the colours are others
            found += serious(page, ["color-contrast", "link-in-text-block"] if again else None)
        wrong += [f"{page.url} {size}: {each}" for each in found]
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    coloured(page, "light")
    return wrong


def test_axe_finds_nothing_serious_on_the_pages_of_people(
    boss: Any, people: dict[int, Member], custom_app: Any, signed_in: Callable[[Any], Page]
) -> None:
    alice, bob, third = people[1], people[2], people[3]
    make_form(custom_app, {"title": "text_field"}, name="客户")
    role = Role.objects.create(organization=alice.organization, name="读者")
    role.grants.create(verbs=["read"])
    role.members.add(bob)
    token = make_token(bob, verbs=["read"])[0]
    account = account_make(member=third, actor=actor_of(alice), username="third", email="")
    link = invite(member=third, actor=actor_of(alice))
    reader = UserFactory(username="reader", is_staff=False)
    Member.objects.filter(pk=bob.pk).update(user=reader)
    operator = UserFactory(username="operator", is_superuser=True)
    member, people_list = "admin:forms_app_member", reverse("admin:forms_app_member_changelist")
    pages: dict[Any, list[str]] = {
        boss: [
            people_list,
            reverse("admin:forms_app_department_changelist"),
            reverse(f"{member}_change", args=[bob.pk]),
            reverse(f"{member}_add"),
            reverse(f"{member}_account", args=[people[4].pk]),
            reverse(f"{member}_leave", args=[bob.pk]),
            reverse("admin:forms_app_role_changelist"),
            reverse("admin:forms_app_role_change", args=[role.pk]),
            reverse("admin:forms_app_role_rights"),
            reverse("admin:forms_app_role_rights") + f"?member={bob.pk}",
            reverse("admin:forms_app_accesstoken_changelist"),
            reverse("admin:forms_app_accesstoken_change", args=[token.pk]),
            reverse("admin:auth_user_changelist"),
            reverse("admin:auth_user_change", args=[account.pk]),
            reverse(f"{member}_import"),
        ],
        operator: [
            reverse("admin:forms_app_organization_change", args=[alice.organization_id]),
            reverse("admin:auth_user_change", args=[operator.pk]),
        ],
        reader: [reverse("admin:index")],
        None: [reverse("admin:login"), reverse("invitation", args=link)],
    }
    wrong = []
    for who, addresses in pages.items():
        page = signed_in(who)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, address
            wrong += looked_at(page)
        if who == boss:
            for content in ("姓名,电话\n小红,13800138009\n", "uid,name\n99,小明\n"):
                page.goto(reverse(f"{member}_import"))
                sheet = {"name": "人员.csv", "mimeType": "text/csv", "buffer": content.encode()}
                page.set_input_files("input[type=file]", [sheet])  # type: ignore[list-item]
                page.get_by_role("button", name="预览").click()
                page.wait_for_selector(".fa-table")
                wrong += looked_at(page)
    assert not wrong, "\n".join(wrong)


def test_nor_on_the_pages_of_what_was_done(
    boss: Any, people: dict[int, Member], custom_app: Any, signed_in: Callable[[Any], Page]
) -> None:
    form = make_form(custom_app, {"title": ("text_field", {"max_length": 9})})
    field_change(field=form.custom_fields.get(), label="标题", setting={"max_length": 20})
    token = make_token(people[2], verbs=["read"])[0]
    signed = event(people[1], "boss")
    refused = event(people[2], "", kind="token_refused", reason="expired", token=token, hint="…wxyz", count=99)
    called = call(people[2], "3f0c2f60b34e", method="PUT", status=400, code="100400 required", body='{"a": "text(12)"}')
    entry = AuditEntry.objects.filter(action="changed", page_id=form.pk).first()
    assert entry is not None
    page, wrong = signed_in(boss), []
    for name, thing in (("auditentry", entry), ("accessevent", signed), ("accessevent", refused), ("apicall", called)):
        for address in (f"admin:forms_app_{name}_changelist", f"admin:forms_app_{name}_change"):
            given = [thing.pk] if address.endswith("change") else []
            assert page.goto(reverse(address, args=given)).status == 200  # type: ignore[union-attr]
            wrong += looked_at(page)
    for name, key in (("customform", form.pk), ("member", people[2].pk), ("accesstoken", token.pk)):
        assert page.goto(reverse(f"admin:forms_app_{name}_history", args=[key])).status == 200  # type: ignore[union-attr]
        wrong += looked_at(page)
    assert not wrong, "\n".join(wrong)


def test_a_member_leaves_by_their_page(
    boss: Any, people: dict[int, Member], custom_app: Any, signed_in: Callable[[Any], Page]
) -> None:
    bob = people[2]
    form = make_form(custom_app, {"title": "text_field"}, name="客户")
    make_entity(form, bob, title="x")
    make_token(bob)
    page = signed_in(boss)
    page.goto(reverse("admin:forms_app_member_change", args=[bob.pk]))
    page.get_by_role("link", name="办理离职").click()
    page.locator(".select2-container").get_by_role("combobox", name="接手人").click()  # once the script has drawn it
    choices = page.locator(".select2-results__option")
    expect(choices).to_have_text(["member 1 #1", "member 3 #3", "member 4 #4"])
    page.evaluate(AXE_SCRIPT)
    assert list(serious(page)) == []
    choices.nth(1).click()
    page.get_by_role("button", name="确认离职").click()
    expect(page.get_by_text("member 3 已接手 1 条记录、0 个待办。")).to_be_visible()
    assert not AccessToken.objects.filter(member=bob, revoked_at=None).exists()
    assert Member.objects.get(pk=bob.pk).is_active is False


def test_a_language_is_chosen_by_the_keyboard_and_kept_with_the_member(
    boss: Any, organization: Organization, signed_in: Callable[[Any], Page]
) -> None:
    page = signed_in(boss)
    page.goto(reverse("admin:index"))
    menu = page.get_by_role("button", name="boss")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="繁體中文")).to_be_visible()
    assert looked_at(page) == []
    page.get_by_role("button", name="繁體中文").click()
    expect(page.get_by_role("heading", name="我的表單")).to_be_visible()
    elsewhere = signed_in(boss)
    elsewhere.goto(reverse("admin:index"))
    expect(elsewhere.get_by_role("heading", name="我的表單")).to_be_visible()
    stranger = signed_in(None)
    stranger.goto(reverse("admin:login"))
    stranger.get_by_role("button", name="English").click()
    expect(stranger.get_by_label("Sign-in name")).to_be_visible()
