"""What the pages of sign-ins and of API calls share: they only show, newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter

from forms_app.admin.people.scope import ReadOnlyAdmin

MOST = 10_000
"""Rows that a list leads to; who looks for others narrows it. To count all would take as long as there are rows."""


class BoundedPaginator(Paginator):
    """Counts no further than MOST."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:MOST].count())


class TimeFilter(RangeDateTimeFilter):
    """From a day and time to another; a day alone means all of it. unfold's own takes a time of no zone, and days with
    times only."""

    WHOLE_DAY = (("from", "00:00:00"), ("to", "23:59:59.999999"))
    ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = []
        for end, at in self.WHOLE_DAY:
            day, time = (self.used_parameters.get(f"{self.parameter_name}_{end}_{part}") for part in (0, 1))
            found.append(moment_of(f"{day} {time or at}"))
        if not any(found):
            return queryset
        begin, finish = (bound or always for bound, always in zip(found, self.ALWAYS, strict=True))
        return queryset.filter(**{f"{self.parameter_name}__range": (begin, finish)})


def moment_of(text: str) -> datetime | None:
    """A day and time of this zone as pages write it; None for what is none."""
    try:
        found = parse_datetime(text)
        return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found
    except (ValueError, OverflowError):
        return None


class NotedAdmin(ReadOnlyAdmin):
    """Rows come from the journal and go by their age."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_select_related: tuple[str, ...] = ()
    list_per_page = 50
    list_filter_submit = True
    ordering = ("-at", "-id")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With whom the rows name, on every page: who is gone is only then None."""
        return super().get_queryset(request).select_related(*self.list_select_related)


def moment(at: datetime) -> SafeString:
    """A time to the second, in one line."""
    return in_one_line(date_format(timezone.localtime(at), "Y-m-d H:i:s"))


def in_one_line(text: str) -> SafeString:
    return format_html('<span class="whitespace-nowrap">{}</span>', text)


def calls_link(request_id: str) -> SafeString | str:
    """A request's id, which leads to its call."""
    if not request_id:
        return "—"
    url = reverse("admin:forms_app_apicall_changelist")
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}?q={}">{}</a>', url, request_id, request_id
    )
