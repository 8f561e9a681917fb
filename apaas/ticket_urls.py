"""The addresses of the ticket API, at the product's root. A trailing slash changes nothing."""

from __future__ import annotations

from typing import Any

from django.urls import re_path

from apaas.tickets.lists import ListViewSet, WorkLogViewSet
from apaas.tickets.views import SecurityViewSet, TicketViewSet, UnknownAddressViewSet
from apaas.urls import METHODS

security: Any = SecurityViewSet.as_view({"get": "issue"})
edit: Any = TicketViewSet.as_view({"post": "edit"})
query: Any = TicketViewSet.as_view({"post": "query"})
missions: Any = ListViewSet.as_view({"post": "missions"})
tickets: Any = ListViewSet.as_view({"post": "tickets"})
log_entry: Any = WorkLogViewSet.as_view({"post": "enter"})
log: Any = WorkLogViewSet.as_view({"post": "entries"})
missing: Any = UnknownAddressViewSet.as_view(dict.fromkeys(METHODS, "missing"))

urlpatterns = [
    re_path(r"^accounts/api/security/get/?\Z", security, name="security-code"),
    re_path(r"^rest/flowmanage/api/omdata/edit/(?P<api_path>[^/]+)/?\Z", edit, name="ticket-edit"),
    re_path(r"^rest/flowmanage/api/omdata-data-id/get/(?P<api_path>[^/]+)/?\Z", query, name="ticket-query"),
    re_path(r"^rest/my-mission/api/my-mission/list/?\Z", missions, name="ticket-missions"),
    re_path(r"^rest/flowmanage/api/omdata/list/(?P<api_path>[^/]+)/?\Z", tickets, name="ticket-list"),
    re_path(r"^rest/flowmanage/api/omdata-worklog/create/?\Z", log_entry, name="ticket-log-entry"),
    re_path(r"^rest/flowmanage/api/omdata-worklog/list/?\Z", log, name="ticket-log"),
    re_path(r"^(?:rest|accounts/api)/.*", missing),
]
