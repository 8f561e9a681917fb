"""`apaas.requests.reading`: one dictionary from query string and body."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from pytest_django import Settings

from apaas.exceptions import MalformedBody, UnsupportedMediaType
from apaas.requests.reading import read_parameters
from forms_app.exceptions import Refused, TooLarge
from forms_app.field_types import Text


def request(query: str = "", body: bytes = b"", kind: str = "application/json", **environ: Any) -> WSGIRequest:
    found = RequestFactory().generic("PUT", "/", body, content_type=kind, QUERY_STRING=query, **environ)
    assert isinstance(found, WSGIRequest)
    return found


def fault(**kwargs: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        read_parameters(request(**kwargs))
    return caught.value.faults[0].field, caught.value.faults[0].code


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("a=1&b=%E6%B3%B5+x&c=", {"a": "1", "b": "泵 x"}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a%5B%5D=1", {"a": ["1"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[10]=z&a[9]=y", {"a": ["y", "z"]}),
        ("a[b]=1&a[c][d]=2", {"a": {"b": "1", "c": {"d": "2"}}}),
        (
            "f[0][name]=id&f[0][op]=in&f[0][value][]=11&f[0][value][]=22",
            {"f": [{"name": "id", "op": "in", "value": ["11", "22"]}]},
        ),
        (
            "f[][n]=a&f[][v][]=1&f[][v][]=2&f[][n]=b&f[][v]=3",
            {"f": [{"n": "a", "v": ["1", "2"]}, {"n": "b", "v": "3"}]},
        ),
        ("s[][a]=asc&s[][b]=desc", {"s": [{"a": "asc", "b": "desc"}]}),
        ("s[][a]=asc&s[][a]=desc", {"s": [{"a": "asc"}, {"a": "desc"}]}),
        ('sort=[{"a":"asc"}]&x=[1]', {"sort": [{"a": "asc"}], "x": "[1]"}),
        ("a=1&b=x&a=2&a=3", {"a": ["1", "2", "3"], "b": "x"}),
        ("f[0][v]=1&f[0][v]=2&f[1][v]=3", {"f": [{"v": ["1", "2"]}, {"v": "3"}]}),
        ("sort[][a]=desc&sort[][b]=asc", {"sort": [{"a": "desc"}, {"b": "asc"}]}),
        ("sort[b]=desc&sort[a]=asc", {"sort": [{"b": "desc"}, {"a": "asc"}]}),
        ("sort[0][b]=desc&sort[0][a]=asc&sort[1][c]=asc", {"sort": [{"b": "desc"}, {"a": "asc"}, {"c": "asc"}]}),
        ('sort={"b":"desc","a":"asc"}', {"sort": {"b": "desc", "a": "asc"}}),
        ('filters={"name":"a"}&filters={"name":"b"}', {"filters": [{"name": "a"}, {"name": "b"}]}),
        ('filters[]={"name":"a"}', {"filters": [{"name": "a"}]}),
        ('ids=[1,2]&form_entity={"n":1.50}', {"ids": [1, 2], "form_entity": {"n": Decimal("1.50")}}),
        ("only_field_names=%20[]&filters=[]&sort=", {"only_field_names": " []"}),
        ("a[" + "9" * 5000 + "]=1", {"a": {"9" * 5000: "1"}}),
        ("a==b&&c", {"a": "=b"}),
        ("a=%2B1", {"a": "+1"}),
    ],
)
def test_the_query_string_takes_rails_arrays_nesting_and_json(query: str, expected: Any) -> None:
    assert read_parameters(request(query)) == expected


def test_what_came_by_the_query_string_has_no_type_yet() -> None:
    found = read_parameters(request('a=1&b[]=2&filters=[{"name":"x"}]', b'{"c":"3"}'))
    assert [type(found["a"]), type(found["b"][0]), type(found["filters"][0]["name"])] == [Text, Text, str]
    assert type(found["c"]) is str


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("1=a&1=b", ("1", "malformed_parameter")),
        ("a[b]=1&a=2", ("a", "malformed_parameter")),
        ("a=1&a=2&a[]=3", ("a[]", "malformed_parameter")),
        ("f[0][v][0]=1&f[0][v][0]=2", ("f[0][v][0]", "malformed_parameter")),
        ('only_field_names={"a":1}{', ("only_field_names", "malformed_json")),
        ('filters={"name":"a"&filters={}', ("filters", "malformed_json")),
        ("ids=[1,", ("ids", "malformed_json")),
        ('form_entity={"a":1', ("form_entity", "malformed_json")),
        ("a=1&a[]=2", ("a[]", "malformed_parameter")),
        ("a[]=1&a=2", ("a", "malformed_parameter")),
        ("a[0]=1&a[0]=2", ("a[0]", "malformed_parameter")),
        ("a[b=1", ("a[b", "malformed_parameter")),
        ("[]=1", ("[]", "malformed_parameter")),
        ("a]=1", ("a]", "malformed_parameter")),
        ("a[b]c=1", ("a[b]c", "malformed_parameter")),
        ("=1", ("", "malformed_parameter")),
        ("a" + "[b]" * 40 + "=1", ("a", "malformed_json")),
        ("a=%FF", ("query", "malformed_json")),
        ("a=\xff", ("query", "malformed_json")),
        ("&".join(["a[]=1"] * 20_001), ("query", "malformed_json")),
        ("filters=[1", ("filters", "malformed_json")),
        ('sort=[{"a":1,"a":2}]', ("sort", "malformed_json")),
        ("filters=[NaN]", ("filters", "malformed_json")),
        ("filters=" + "[" * 50_000, ("filters", "malformed_json")),
        ("filters=" + "[" * 40 + "]" * 40, ("filters", "malformed_json")),
        ("a=%00", ("a", "invalid_text")),
        ("a%00=1", ("a\ufffd", "invalid_text")),
        (r'only_field_names=["\u0000"]', ("only_field_names", "invalid_text")),
        (r'filters=[{"\ud800":1}]', ("filters", "invalid_text")),
    ],
)
def test_what_the_query_string_cannot_mean_is_refused(query: str, expected: tuple[str, str]) -> None:
    assert fault(query=query) == expected


def test_empties_are_dropped_first_and_then_the_body_wins() -> None:
    found = read_parameters(request("a=1&b=2&c=&d[]=", b'{"a":3,"b":null,"e":"","f":[],"g":{},"h":0,"i":false}'))
    assert found == {"a": 3, "b": "2", "d": [""], "g": {}, "h": 0, "i": False}


def test_numbers_keep_every_digit() -> None:
    raw = b'{"a":123456789123456.12345,"b":0.1,"c":1E3,"d":12345678901234567890123456789012345678,"e":-0.0,"f":1e400}'
    found = read_parameters(request(body=raw))
    assert found == {
        "a": Decimal("123456789123456.12345"),
        "b": Decimal("0.1"),
        "c": Decimal(1000),
        "d": 12345678901234567890123456789012345678,
        "e": 0,
        "f": Decimal("1e400"),
    }
    assert isinstance(found["a"], Decimal)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"x",
        b"[]",
        b"5",
        b'"x"',
        b"null",
        b"{} {}",
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":0.' + b"9" * 5000 + b"}",
        b'{"a":1e99999999999999999999}',
        b'{"a":01}',
        b'{"a":"\x00"}',
        b'{"a":"\n"}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":1,"b":2,"a":3}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "{}".encode("utf-16"),
        b"\x00",
        b'{"a":// x\n1}',
    ],
    ids=lambda body: body[:24],
)
def test_a_body_that_is_no_json_object_of_ours_is_malformed(body: bytes) -> None:
    assert fault(body=body) == ("body", "malformed_json")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (rb'{"a":"x\u0000"}', [("a", None)]),
        (rb'{"a":["x","\ud800"]}', [("a", 1)]),
        (rb'{"a\udfff":1}', [("a\ufffd", None)]),
        (rb'{"form_entity":{"t":{"k":["\u0000"]},"u\u0000":1}}', [("t", 0), ("u\ufffd", None)]),
    ],
)
def test_text_that_cannot_be_stored_is_named_wherever_it_stands(body: bytes, places: list[Any]) -> None:
    with pytest.raises(Refused) as caught:
        read_parameters(request(body=body))
    assert [(fault.field, fault.index) for fault in caught.value.faults] == places
    assert {fault.code for fault in caught.value.faults} == {"invalid_text"}


def test_what_json_allows_is_read() -> None:
    deep = b'{"a":' + b"[" * 31 + b"]" * 31 + b"}"
    for body, expected in (
        (b"\xef\xbb\xbf{}", {}),
        (b" \r\n\t", {}),
        (b'{"a":"\\ud83d\\ude00\xe6\xb3\xb5\\/"}', {"a": "😀泵/"}),
        (b'{"a":"' + b"[" * 100 + b'"}', {"a": "[" * 100}),
        (b'{"":1}', {"": 1}),
    ):
        assert read_parameters(request(body=body)) == expected
    assert read_parameters(request(body=deep))["a"]


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json", "",
     "application/json;charset=gbk", "application/json; charset=nonsense", "application/json;;"],
)  # fmt: skip
def test_json_is_utf8_whatever_charset_it_claims(kind: str) -> None:
    assert read_parameters(request(body='{"a":"泵"}'.encode(), kind=kind)) == {"a": "泵"}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "x/y"])
def test_another_media_type_is_refused_unless_the_body_is_empty(kind: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        read_parameters(request(body=b"a=1", kind=kind))
    assert read_parameters(request("b=2", body=b"", kind=kind)) == {"b": "2"}


def test_a_body_over_its_limit_is_read_away_and_refused(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 10
    assert read_parameters(request(body=b'{"a":"12"}')) == {"a": "12"}
    for environ in ({}, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}):
        stream = BytesIO(b'{"a":"123"}' + b" " * 3_000_000)
        sent = request(body=b'{"a":"123"}', **environ, **{"wsgi.input": stream})
        with pytest.raises(TooLarge) as caught:
            read_parameters(sent)
        assert [(f.field, f.code, f.allowed) for f in caught.value.faults] == [("body", "body_too_large", 10)]
        assert environ == {} or not stream.read()


@pytest.mark.parametrize("coding", ["chunked", "Chunked", "gzip, chunked"])
def test_a_chunked_body_is_read_without_a_length(coding: str) -> None:
    stream = BytesIO(b'{"a":1}')
    sent = request(CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING=coding, **{"wsgi.input": stream})
    assert read_parameters(sent) == {"a": 1}


@pytest.mark.parametrize("length", ["²", "x", "-1", "٣"])
def test_a_nonsensical_length_is_no_body(length: str) -> None:
    assert read_parameters(request("a=1", CONTENT_LENGTH=length, **{"wsgi.input": BytesIO()})) == {"a": "1"}


def test_a_body_that_breaks_off_is_malformed() -> None:
    class Broken(BytesIO):
        def read(self, *args: Any) -> bytes:
            raise OSError("gone")

    for environ in ({"CONTENT_LENGTH": "5"}, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}):
        with pytest.raises(MalformedBody):
            read_parameters(request(**environ, **{"wsgi.input": Broken()}))
    for length in ("8", "1000000"):
        with pytest.raises(MalformedBody):
            read_parameters(request(CONTENT_LENGTH=length, **{"wsgi.input": BytesIO(b'{"a":1}')}))


def test_a_name_that_stands_twice_among_many_is_found_at_once() -> None:
    names = ",".join(f'"n{n}":1' for n in range(200_000))
    assert fault(body=f'{{{names},"n199999":2}}'.encode()) == ("body", "malformed_json")
