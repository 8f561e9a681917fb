"""A source whose encoding and separator were not said, with those that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from forms_app.loading.encodings import encoding_of, separator_of
from forms_app.loading.file_load import FileSource
from forms_app.loading.row_reading import names_of
from forms_app.schema.form_schema import FormSchema

SPOKEN = {",": ",", ";": ";", "\t": "tab", "|": "|"}


def recognized(source: FileSource, schema: FormSchema, note: Callable[[str], object]) -> FileSource:
    """The source with its encoding and, of CSV, what stands between cells; `note` is told what was found where it is
    not UTF-8 and commas. Raises UnreadableFile where it can't be told, OSError."""
    if source.file_format == "xlsx":
        return source
    is_table = source.file_format == "csv"
    names = names_of(schema, source.left_out)
    encoding = source.encoding or encoding_of(source.path, names if is_table else None)
    separator = source.separator
    if is_table and not separator:
        separator = separator_of(source.path, encoding, names)
    common = (source.encoding or encoding.startswith("utf-8")) and (source.separator or separator in (",", ""))
    if not common:
        message = _("Read as {encoding}, separated by {sign}.") if is_table else _("Read as {encoding}.")
        note(message.format(encoding=encoding.upper(), sign=SPOKEN.get(separator, separator)))
    return replace(source, encoding=encoding, separator=separator or ",")
