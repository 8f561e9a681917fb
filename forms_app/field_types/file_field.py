"""附件: a list of files."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exceptions import Fault, Refused
from forms_app.field_types._file_addresses import own_file, shown_address, stored_address
from forms_app.field_types._values import storable
from forms_app.field_types.base import Column, FieldType, Ref, SettingSerializer, ValueField, registry
from forms_app.formula import TEXT, FormulaType, list_of

KEYS = ("id", "name", "file_file_name", "file_content_type", "file_file_size", "file_url")
_HTTP = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


class FileValue(ValueField):
    default_error_messages = {
        "wrong_name": _("{key} must be a text of 1 to {limit} characters."),
        "wrong_url": _("file_url must be an http(s) address or the file_url that the upload gave."),
        "wrong_size": _("file_file_size must be a number of bytes."),
        "wrong_id": _("id must be an integer or a text of at most 64 characters."),
        "wrong_file_type": _("Files of this type are not allowed."),
        "file_too_large": _("A file may have at most {limit} bytes."),
        "too_many_files": _("At most {limit} files are allowed."),
    }
    empties = ([],)
    spelt_as_json = True
    expected = _('a list of {"name", "file_url", …}')

    def parse(self, raw: Any, current: Any = None) -> list[dict[str, Any]]:
        if isinstance(raw, str) or not isinstance(raw, Sequence):
            self.wrong_type(raw)
        limit = self.column.setting.get("max_files") or settings.MAX_LIST_ITEMS
        if len(raw) > limit:
            self.refuse("too_many_files", limit=limit, allowed={"max_files": limit})
        return self.each(raw, self.file)

    def written_schema(self) -> dict[str, Any]:
        text, size = {"type": ["string", "null"]}, {"type": ["integer", "null"], "minimum": 0}
        properties: dict[str, Any] = dict.fromkeys(KEYS, text)
        properties |= {"id": {"type": ["integer", "string", "null"]}, "file_file_size": size}
        properties |= {"name": {"type": "string", "maxLength": 255}, "file_url": {"type": "string", "maxLength": 2048}}
        item = {"type": "object", "properties": properties, "required": ["name", "file_url"]}
        most = self.column.setting.get("max_files") or settings.MAX_LIST_ITEMS
        return {"type": "array", "items": item | {"additionalProperties": False}, "maxItems": most}

    def file(self, raw: Any) -> dict[str, Any]:
        """One file, its keys checked and in their order. Raises Refused."""
        if not isinstance(raw, Mapping):
            self.wrong_type(raw)
        faults: list[Fault] = [
            self.fault("unknown_key", got=key, key=key, allowed=list(KEYS)) for key in raw if key not in KEYS
        ]
        for key in ("name", "file_url"):
            if raw.get(key) in (None, ""):
                faults.append(self.fault("missing_key", got=raw, key=key))
        for key, limit in (("name", 255), ("file_file_name", 255), ("file_content_type", 255), ("file_url", 2048)):
            value = raw.get(key)
            if value is not None and (not isinstance(value, str) or len(value) > limit or not storable(value)):
                faults.append(self.fault("wrong_name", got=value, key=key, limit=limit))
        url = raw.get("file_url")
        if isinstance(url, str) and url and not own_file(url) and not _HTTP.fullmatch(url):
            faults.append(self.fault("wrong_url", got=url))
        faults += self.id_and_size(raw)
        faults += self.kind(raw)
        if faults:
            raise Refused(faults)
        kept = {key: raw[key] for key in KEYS if raw.get(key) is not None}
        token = own_file(raw["file_url"])
        return kept if token is None else {**kept, "file_url": stored_address(token)}

    def id_and_size(self, raw: Mapping[str, Any]) -> list[Fault]:
        faults = []
        file_id, size = raw.get("id"), raw.get("file_file_size")
        text_id = isinstance(file_id, str) and len(file_id) <= settings.MAX_REFERENCE_LENGTH and storable(file_id)
        number_id = isinstance(file_id, int) and not isinstance(file_id, bool) and 0 <= file_id < 2**63
        if file_id is not None and not text_id and not number_id:
            faults.append(self.fault("wrong_id", got=file_id))
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 2**63):
            faults.append(self.fault("wrong_size", got=size))
        return faults + self.bytes(size)

    def bytes(self, size: Any) -> list[Fault]:
        most = self.column.setting.get("max_bytes")
        if not most or not isinstance(size, int) or size <= most:
            return []
        return [self.fault("file_too_large", got=size, limit=most, allowed={"max_bytes": most})]

    def kept_faults(self, size: int, name: str, place: int) -> list[Fault]:
        return [replace(fault, index=place) for fault in self.bytes(size) + self.kind({"name": name})]

    def kind(self, raw: Mapping[str, Any]) -> list[Fault]:
        allowed = self.column.setting.get("extensions")
        name = raw.get("file_file_name") or raw.get("name")
        if not allowed or not isinstance(name, str):
            return []
        extension = name.rpartition(".")[2].lower() if "." in name else ""
        return [] if extension in allowed else [self.fault("wrong_file_type", got=name, allowed=list(allowed))]


def shown(stored: Sequence[Mapping[str, Any]], labels: Any) -> list[dict[str, Any]]:
    """The files with the addresses at which clients reach them."""
    tokens = [own_file(item["file_url"]) for item in stored]
    return [
        dict(item) if token is None else {**item, "file_url": shown_address(token)}
        for item, token in zip(stored, tokens, strict=True)
    ]


class FileSetting(SettingSerializer):
    extensions = serializers.ListField(
        child=serializers.RegexField(r"^[A-Za-z0-9]{1,16}$"), required=False, label=_("Allowed file types")
    )
    max_files = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, allow_null=True, label=_("Most files")
    )
    max_bytes = serializers.IntegerField(min_value=1, required=False, allow_null=True, label=_("Largest file in bytes"))

    def validate_extensions(self, value: list[str]) -> list[str]:
        return sorted({extension.lower() for extension in value})


@registry.register
class FileField(FieldType):
    """Files of this server (`POST /apaas/api/v2/files`) or addresses elsewhere; the content type is free text."""

    name = "file_field"
    label = _("Attachment")
    prefix = "file_field"
    holds_files = True
    group = _("Places and files")
    control = "files"
    limits = {"too_many_files": "max_files", "file_too_large": "max_bytes"}
    further_limits = {"wrong_file_type": "extensions"}
    Field = FileValue
    Setting = FileSetting
    accepts = (
        (
            [
                {
                    "id": 1,
                    "name": "test1.jpg",
                    "file_file_name": "test1.jpg",
                    "file_content_type": "jpg",
                    "file_file_size": 10,
                    "file_url": "https://files.example.com/a/xxxx.gif",
                }
            ],
            [
                {
                    "id": 1,
                    "name": "test1.jpg",
                    "file_file_name": "test1.jpg",
                    "file_content_type": "jpg",
                    "file_file_size": 10,
                    "file_url": "https://files.example.com/a/xxxx.gif",
                }
            ],
        ),
        (
            [{"name": "合同.pdf", "file_url": "https://例子.中国/合同.pdf"}],
            [{"name": "合同.pdf", "file_url": "https://例子.中国/合同.pdf"}],
        ),
        ([], None),
    )
    rejects = (
        ([{"name": "a"}], "missing_key"),
        ([{"file_url": "https://a.example/b"}], "missing_key"),
        ([{"name": "a", "file_url": "file:///etc/passwd"}], "wrong_url"),
        ([{"name": "a", "file_url": "javascript:alert(1)"}], "wrong_url"),
        ([{"name": "a", "file_url": "https://a.example/b", "path": "x"}], "unknown_key"),
        ([{"name": "a", "file_url": "/apaas/api/v2/files/00000000000000000000000000000000"}], "unknown_file"),
        ([{"name": "a", "file_url": "https://a.example/b", "file_file_size": -1}], "wrong_size"),
        (["https://a.example/b"], "wrong_type"),
        ({"name": "a"}, "wrong_type"),
        ("", "wrong_type"),
    )

    def references(self, column: Column, stored: Any) -> Iterable[Ref]:
        return ()

    def must_exist(self, column: Column, stored: Any) -> Iterable[Ref]:
        """Files kept here; one place a file, so that the index of a fault is its own."""
        return [Ref("file", own_file(item["file_url"]) or "") for item in stored or ()]

    def keys(self, column: Column) -> Any:
        return ((column.name, shown if settings.PUBLIC_URL or settings.FILE_URL_SECONDS else None),)

    def control_data(self, column: Column) -> dict[str, Any]:
        extensions = column.setting.get("extensions") or ()
        return {"accept": ",".join(f".{extension}" for extension in extensions)}

    def formula_type(self, column: Column) -> FormulaType | None:
        return list_of(TEXT)

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else tuple(item["name"] for item in stored)
