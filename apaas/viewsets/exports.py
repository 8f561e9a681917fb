"""All records of a selection as one file (docs/contract.md §5.6, ours)."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from apaas.exceptions import Throttled
from apaas.read_after import from_replica
from apaas.requests.terms import projection
from apaas.viewsets.form_entities import FormEntityViewSet
from forms_app.exceptions import Refused
from forms_app.exporting.export import Export
from forms_app.exporting.sending import WAIT_SECONDS, Sending, TooManyExports, headers


class ExportViewSet(FormEntityViewSet):
    """The list's selection, whole."""

    @from_replica
    def export(self, request: Request) -> HttpResponseBase:
        """A file of all records that match, in order. It begins when the first records are there."""
        query = self.noted(self.filtered)
        names = self.noted(lambda: projection(self.form_schema, self.values["only_field_names"]))
        if query is None or self.faults:
            raise Refused(self.faults)
        values = self.values
        export = Export(query, names, values["format"], values["headings"], values["values"])
        try:
            sending = Sending(export)
        except TooManyExports:
            raise Throttled(wait=WAIT_SECONDS) from None
        return StreamingHttpResponse(sending, content_type=export.shape.content_type, headers=headers(export.file_name))
