"""What the admin says in the reader's language where Django would speak English."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from forms_app.admin.flows.texts import diagram_words, hints, texts
from forms_app.models import Member
from tests.accounts import linked


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
