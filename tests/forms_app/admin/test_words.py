"""What the admin says in the reader's language where Django would speak English."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from forms_app.admin.flows.texts import diagram_words, hints, texts
from forms_app.models import CustomForm, Member
from tests.accounts import linked
from tests.test_catalogues import entries


def page(client: Client, url: str, language: str, status: int = 200) -> str:
    response = client.get(url, headers={"Accept-Language": language})
    assert response.status_code == status
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("language", "absent", "forbidden"),
    [
        ("zh-CN", "页面不存在。", "您没有执行此操作的权限。"),
        ("zh-TW", "頁面不存在。", "您沒有執行此動作的權限。"),
        ("en", "There is no such page.", "You may not do this."),
    ],
)
def test_error_pages_speak_the_reader_s_language(
    admin: Client, client: Client, alice: Member, language: str, absent: str, forbidden: str
) -> None:
    linked(client, alice)
    assert absent in page(admin, "/nowhere", language, 404)
    assert forbidden in page(client, reverse("admin:forms_app_customform_changelist"), language, 403)


def test_the_page_of_a_server_error_speaks_the_reader_s_language(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forms_app.admin.home._step", lambda *arguments: 1 / 0)
    admin.raise_request_exception = False
    assert "伺服器出錯了。" in page(admin, reverse("admin:index"), "zh-TW", 500)


TAIWANESE = ("推单", "关卡", "帐号", "登入", "使用者", "资料夹", "伺服器", "程式", "网路", "栏位", "储存")
"""Words of the other side of the strait in mainland characters."""
ELSEWHERE = {"用户": "账号", "账户": "账号", "群组": "角色", "用户名": "登录名"}
"""What the pages call by another word."""


@pytest.mark.parametrize("app", ["config", "forms_app"])
def test_mainland_pages_speak_mainland_words_and_one_for_each_thing(app: str) -> None:
    said = " ".join(entry.translated for entry in entries(app, "zh_Hans"))
    assert [word for word in (*TAIWANESE, *ELSEWHERE) if word in said] == []
    assert "姓名" in " ".join(entry.translated for entry in entries("forms_app", "zh_Hans"))


def test_a_post_without_a_token_says_what_to_do(alice: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    linked(client, alice)
    for language, said in (("zh-CN", "内容未保存。"), ("zh-TW", "內容未儲存。"), ("en", "Nothing was saved.")):
        response = client.post(reverse("admin:logout"), headers={"Accept-Language": language})
        assert response.status_code == 403 and said in response.content.decode()
        assert "<style>" in response.content.decode()


def test_a_link_over_the_navigation_comes_first(admin: Client, form: CustomForm) -> None:
    for name, given in (
        ("index", ()),
        ("forms_app_customform_records", (form.pk,)),
        ("forms_app_member_changelist", ()),
    ):
        content = page(admin, reverse(f"admin:{name}", args=given), "zh-CN")
        assert '<a class="fa-skip" href="#content">跳到正文</a>' in content
        assert content.index("fa-skip") < content.index('id="content"')
        assert content.split("<body")[1].find("<a ") == content.split("<body")[1].find('<a class="fa-skip"')


def test_mainland_pages_speak_of_flows_in_mainland_words() -> None:
    """Where the original's words, which are Taiwan's, have others on the mainland. The ticket API keeps its own."""
    with override("zh-hans"):
        spoken = {**texts(), "publish": gettext("Publish"), **diagram_words()["types"]}
        spoken |= {f"hint of {kind}": hint for kind, hint in hints().items()}
        spoken |= {
            word: gettext(word) for word in ("Push", "Stage", "New ticket", "opened by", "Unpublish", "stands at")
        }
    for key, text in spoken.items():
        assert not [word for word in ("关卡", "推单", "开单", "上架", "下架", "受派") if word in text], (key, text)
    assert (spoken["human_input"], spoken["collection"], spoken["Stage"]) == ("人工处理", "汇聚", "节点")
