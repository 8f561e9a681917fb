"""What the worker does by the clock: when it was done, how that ended, when it comes again. For the platform's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forms_app.admin.people.acting import is_operator
from forms_app.admin.people.scope import ReadOnlyAdmin
from forms_app.database.scheduled import Job, jobs
from forms_app.models import ScheduledRun

TITLES = {
    "audit.purge": gettext_lazy("Remove old entries of the audit"),
    "database.purge_jobs": gettext_lazy("Remove jobs that failed long ago"),
    "database.retry_stalled": gettext_lazy("Do again what a worker was killed in"),
    "exporting.purge": gettext_lazy("Remove old exports"),
    "files.remove_previews": gettext_lazy("Remove sheets that nobody imported"),
    "files.remove_unused": gettext_lazy("Remove uploaded files that nothing ever held"),
    "idempotency.purge": gettext_lazy("Remove old keys of calls"),
    "indexes.tend_indexes": gettext_lazy("Look which indexes forms should have"),
    "journal.purge": gettext_lazy("Remove old sign-ins and calls"),
    "journal.purge_sessions": gettext_lazy("Remove expired sessions and old wrong passwords"),
    "records.keep_change_log": gettext_lazy("Make room in the change log, drop old months"),
    "records.purge_trash": gettext_lazy("Empty the trash of what is old"),
    "webhooks.look": gettext_lazy("Look what webhooks wait for"),
    "webhooks.purge": gettext_lazy("Remove old deliveries of webhooks"),
}
LATE = timedelta(minutes=10)
"""A run is missed when its time was so long ago."""


@admin.register(ScheduledRun)
class ScheduledRunAdmin(ReadOnlyAdmin):
    """One page, with every job that there is, whether it ever ran or not."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_operator(request)

    def has_view_permission(self, request: HttpRequest, obj: ScheduledRun | None = None) -> bool:
        return is_operator(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not is_operator(request):
            raise PermissionDenied
        runs = {run.name: run for run in ScheduledRun.objects.all()}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Scheduled jobs"),
            "is_fullwidth": "1",
            "rows": [row(job, runs.get(job.name)) for job in jobs()],
        }
        return TemplateResponse(request, "admin/forms_app/scheduled/jobs.html", context)


def row(job: Job, run: ScheduledRun | None) -> dict[str, Any]:
    """What the page shows of a job."""
    moment = now()
    state, colour = _("done"), "good"
    if run is None:
        state, colour = _("never run"), ""
    elif run.error:
        state, colour = _("failed"), "bad"
    elif job.next(run.began_at) < moment - LATE:
        state, colour = _("overdue"), "warn"
    return {
        "title": TITLES.get(job.name, job.name),
        "name": job.name,
        "run": run,
        "seconds": (run.ended_at - run.began_at).total_seconds() if run else None,
        "state": state,
        "colour": colour,
        "next": job.next(moment),
    }
