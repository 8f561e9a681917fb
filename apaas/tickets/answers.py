"""What the ticket API answers: the document's bodies, byte for byte, and one reason for a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.renderers import BaseRenderer

from forms_app.exact_json import dumps
from forms_app.exceptions import Fault
from forms_app.records.cleaning import MAX_FAULTS

PREFIXES = ("/rest/", "/accounts/api/")
LANGUAGE = "zh-hant"
"""Of the reasons, for callers that name none: the document's."""
MAX_ALLOWED = 1_000
"""Characters of what would be right, said of one fault."""


@dataclass(frozen=True)
class Wording:
    """The fixed words of a call's answers. They never follow the caller's language."""

    failed: str
    done: str = ""
    status: str | int = "404"
    success: str | int = "200"
    listing: bool = False
    """Its failure has an empty result, and tells the reason in its message too."""


OPEN = Wording("開單失敗。", "開單成功。")
QUERY = Wording("查詢失敗。", "查詢成功。")
PUSH = Wording("推單失敗。", "推單成功。")
SECURITY = Wording("登入失敗。", "取得成功。", 404)
LISTS = Wording("查詢失敗，錯誤訊息如下：", "查詢成功。", 404, 200, listing=True)
LOG_ENTRY = Wording("建立失敗，錯誤訊息如下：", "建立成功。", 404, 200, listing=True)
LOG = Wording("搜尋失敗，錯誤訊息如下：", "搜尋成功。", 404, 200, listing=True)
URL_ERROR = {"status": 403, "message": "URL錯誤，請確認後重新發送請求。"}
UNKNOWN_ACCOUNT = {"status": 403, "message": "使用者不存在或未啟用。"}
BY_PATH = (
    ("/rest/flowmanage/api/omdata/edit/", OPEN),
    ("/rest/flowmanage/api/omdata-data-id/get/", QUERY),
    ("/accounts/api/security/get", SECURITY),
    ("/rest/my-mission/api/my-mission/list", LISTS),
    ("/rest/flowmanage/api/omdata/list/", LISTS),
    ("/rest/flowmanage/api/omdata-worklog/create", LOG_ENTRY),
    ("/rest/flowmanage/api/omdata-worklog/list", LOG),
)


class PlainJsonRenderer(BaseRenderer):
    """The body as it is, in compact UTF-8 JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return dumps(data)


def success(call: Wording, result: Any) -> dict[str, Any]:
    """`{"status":"200","message":"開單成功。","result":…}`."""
    return {"status": call.success, "message": call.done, "result": result}


def failure(call: Wording, reason: str) -> dict[str, Any]:
    """The document's failure, and behind it the reason."""
    if call.listing:
        return {"status": call.status, "message": call.failed + reason, "result": [], "reason": reason}
    return {"status": call.status, "message": call.failed, "reason": reason}


def failure_at(path: str, reason: str) -> dict[str, Any]:
    """The failure of whatever call the path leads to."""
    for beginning, call in BY_PATH:
        if path.startswith(beginning):
            return failure(call, reason)
    return URL_ERROR


def language_of(request: HttpRequest) -> str:
    """The language of the reasons: the first of Accept-Language that there is."""
    for code, _quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower()):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return LANGUAGE


def reason_of(faults: Iterable[Fault], spelt: Callable[[Fault], str]) -> str:
    """Every fault in one text, what would be right once; `spelt` gives the name by which the client knows a field."""
    parts, said = [], {""}
    for fault in islice(faults, MAX_FAULTS):
        allowed = allowed_of(fault)
        parts.append(sentence(fault, spelt(fault)) + ("" if allowed in said else f" {allowed}"))
        said.add(allowed)
    return "; ".join(parts)


def sentence(fault: Fault, name: str) -> str:
    """`FORMITM_3 (狀態)[0]: what is wrong`."""
    label = f" ({fault.label})" if fault.label and fault.label != name else ""
    place = f"[{fault.index}]" if fault.index is not None else ""
    return f"{name}{label}{place}: {fault.message}" if name else fault.message


def allowed_of(fault: Fault) -> str:
    """What would be right, "" where that is not known or the message says it."""
    if fault.allowed in (None, [], {}) or (isinstance(fault.allowed, str) and fault.allowed in fault.message):
        return ""
    allowed = dumps(fault.allowed).decode()
    if len(allowed) > MAX_ALLOWED:
        allowed = allowed[:MAX_ALLOWED] + "…"
    return _("Allowed: {allowed}").format(allowed=allowed)
