"""A position as the text that clients hold: signed for its form, filters and sort, so that no other takes it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from forms_app.exact_json import dumps, reads
from forms_app.exceptions import Fault, Refused
from forms_app.field_types.base import excerpt
from forms_app.records.query.entity_query import EntityQuery
from forms_app.records.query.ordering import Position, order
from forms_app.records.query.signing import signed, signed_content
from forms_app.records.query.terms import Filter, Term

START = "*"
"""The text of the position before the first record."""


def written(query: EntityQuery, position: Position) -> str:
    """The position of a query as text."""
    content = dumps([list(position.keys), str(position.id)])
    return signed(content, _within(query))


def read(query: EntityQuery, text: str) -> Position | None:
    """The position that `text` is, None for the start. Raises Refused where it was not written for this query."""
    if text == START:
        return None
    content = signed_content(text, _within(query))
    if content is None:
        message = _("It was not given for this form with these filters and this sort. * begins anew.")
        raise Refused([Fault("wrong_cursor", message, field="cursor", got=excerpt(text), allowed=START)])
    keys, record_id = reads(content.decode())
    return Position(tuple(keys), int(record_id))


def _within(query: EntityQuery) -> str:
    """All that a position is a position in. Departments stand as they were named: who stands in them may change on the
    way."""
    terms = query.terms
    search = (terms.search.column.name, terms.search.term) if terms.search else None
    keys = [key[:3] for key in order(terms.sorts).keys]
    return repr((query.schema.id, [_plain(term) for term in terms.filters], search, keys))


def _plain(term: Term) -> Any:
    if not isinstance(term, Filter):
        return [_plain(inner) for inner in term.filters]
    return term.column.name, term.op, term.operand
