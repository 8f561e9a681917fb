"""Arbitrary JSON, bytes and parts at the ticket API: never our fault; what is refused changes nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_app.models import CustomForm, StoredFile, Ticket, TicketAttachment, TicketToken
from tests.apaas.test_fuzz import JSON, TAMED, WORDS
from tests.apaas.test_injection import snapshot
from tests.apaas.tickets.conftest import EDIT, QUERY, Desk
from tests.factories import make_token
from tests.flows import definition, make_flow

pytestmark = pytest.mark.slow

NAMES = [
    "omflow_restapi", "action", "formdata", "data_id", "data_no", "quick_action", "start_input", "files", "files_item",
    "app_name", "flow_name", "flow_uuid",
]  # fmt: skip
IDS = st.one_of(
    st.sampled_from(
        ["FORMITM_1", "FORMITM_2", "FORMITM_7", "title", "papers", "FORMITM_0", "FORMITM_１", "FORMITM_" + "9" * 30]
    ),
    WORDS,
)
ITEMS = st.lists(st.fixed_dictionaries({"id": IDS, "value": JSON}, optional={"type": JSON}), max_size=4)
SPELT = JSON.map(json.dumps)
BODIES = st.fixed_dictionaries(
    {"action": st.sampled_from(["create", "update", "create", "x"])},
    optional={name: st.one_of(JSON, SPELT, ITEMS, ITEMS.map(json.dumps)) for name in NAMES if name != "action"},
)


class Watched:
    """Calls that answer 200 and never by our fault; a refused one leaves everything as it was."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.before = self.now()

    def now(self) -> Any:
        counts = [model.objects.count() for model in (Ticket, TicketAttachment, TicketToken, StoredFile)]
        return snapshot(), counts

    def send(self, address: str, raw: bytes, kind: str = "application/json") -> None:
        response = self.desk.send(address, raw, CONTENT_TYPE=kind, HTTP_ACCEPT_LANGUAGE="en")
        answer = json.loads(response.content)
        assert "Our fault" not in answer.get("reason", ""), (address, raw, answer)
        if answer["status"] == "200":
            self.before = self.now()
        else:
            assert list(answer) == ["status", "message", "reason"]
            assert answer["reason"]
            assert self.now() == self.before, (address, raw)


@pytest.fixture
def watched(wide: CustomForm, alice: Any) -> Watched:
    make_flow(wide, definition("start > review > end"), api_path="wide", attachments=True)
    desk = Desk(make_token(alice)[1], "wide")
    desk.create([{"id": "title", "value": "kept"}])
    return Watched(desk)


def test_any_json_as_any_parameter(watched: Watched) -> None:
    security = watched.desk.security

    @TAMED
    @given(BODIES, st.booleans())
    def check(body: dict[str, Any], known: bool) -> None:
        raw = json.dumps({**body, "security": security} if known else body).encode()
        watched.send(EDIT + "wide", raw)
        watched.send(QUERY + "wide", raw)

    check()


def test_any_json_as_the_value_of_a_field_of_every_type(watched: Watched, wide: CustomForm) -> None:
    security = watched.desk.security

    def alone(name: str) -> None:
        @settings(TAMED, max_examples=8)
        @given(st.one_of(JSON, SPELT))
        def check(value: Any) -> None:
            body = {"security": security, "action": "create", "formdata": [{"id": name, "value": value}]}
            watched.send(EDIT + "wide", json.dumps(body).encode())

        check()

    for number in wide.custom_fields.values_list("number", flat=True):
        alone(f"FORMITM_{number}")


def test_any_bytes_as_a_body_of_any_kind(watched: Watched) -> None:
    start = f"security={watched.desk.security}&action=create&"
    disposition = b"--" + BOUNDARY.encode() + b'\r\nContent-Disposition: form-data; name="'

    @TAMED
    @given(
        st.one_of(st.binary(max_size=60), st.text(max_size=40).map(str.encode)),
        st.sampled_from(
            ["", "text/plain", "application/json", MULTIPART_CONTENT, "multipart/form-data; boundary=\x00"]
        ),
    )
    def anything(raw: bytes, kind: str) -> None:
        for body in (raw, b"{" + raw, start.encode() + raw, disposition + raw):
            watched.send(EDIT + "wide", body, kind)

    @TAMED
    @given(
        st.lists(
            st.tuples(st.sampled_from([*NAMES, "formdata[0][id]", "files_item[]"]), st.binary(max_size=9)), max_size=4
        )
    )
    def pairs(found: list[tuple[str, bytes]]) -> None:
        watched.send(EDIT + "wide", (start + "&".join(f"{name}={quote(value)}" for name, value in found)).encode(), "")

    @TAMED
    @given(st.sampled_from(["files", "FORMITM_1", "papers", "x"]), st.binary(max_size=20), st.binary(max_size=40))
    def parts(name: str, file_name: bytes, content: bytes) -> None:
        end = b"\r\n--" + BOUNDARY.encode()
        given_ = disposition + b'security"\r\n\r\n' + watched.desk.security.encode() + b"\r\n"
        given_ += disposition + b'action"\r\n\r\ncreate\r\n'
        raw = (
            given_
            + disposition
            + name.encode()
            + b'"; filename="'
            + file_name
            + b'"\r\n\r\n'
            + content
            + end
            + b"--\r\n"
        )
        watched.send(EDIT + "wide", raw, MULTIPART_CONTENT)

    anything()
    pairs()
    parts()
