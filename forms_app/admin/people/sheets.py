"""Members and departments as sheets: exported, edited, and imported again after a preview, by the same functions that
write them for the API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import tablib
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportExportMixin
from import_export.resources import Resource
from import_export.results import Error, Result, RowResult
from unfold.decorators import action

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.acting import acting, is_operator, own_member
from forms_app.admin.people.sheet_form import SheetForm
from forms_app.admin.people.sheet_formats import Csv, Xlsx, guarded_dataset
from forms_app.exceptions import DomainError, Fault, Forbidden, Refused
from forms_app.files.previews import PreviewStorage
from forms_app.loading.sheet_cells import UnreadableFile
from forms_app.models import Department, Member
from forms_app.people.actor import Actor
from forms_app.people.roles import may_manage_people
from forms_app.staff.departments import department_mass_upsert
from forms_app.staff.members import member_mass_upsert
from forms_app.staff.rows import Row

YES = {"1", "true", "yes", "y", "是", "真"}
NO = {"0", "false", "no", "n", "否", "假"}
BETWEEN = re.compile(r"[、，,;；\s]+")
KINDS = {
    "created": RowResult.IMPORT_TYPE_NEW,
    "updated": RowResult.IMPORT_TYPE_UPDATE,
    "unchanged": RowResult.IMPORT_TYPE_SKIP,
}


class SheetResource(Resource):
    """A sheet of one kind of people, read and written as its actor."""

    columns: Mapping[str, str | Promise]
    cleared: tuple[str, ...] = ()
    """Columns that an empty cell clears; of others it says nothing."""

    def __init__(self, actor: Actor | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.actor = actor

    @classmethod
    def get_display_name(cls) -> str:
        return cls.__name__

    def get_user_visible_fields(self) -> list[Any]:
        return []

    @property
    def headings(self) -> list[str]:
        return [str(label) for label in self.columns.values()]

    def named(self, headings: list[str]) -> list[str]:
        """The column of each heading, by its label or by its name. Raises Refused."""
        known = {str(label): name for name, label in self.columns.items()} | {name: name for name in self.columns}
        message = _("There is no column of this name: {name}. There are: {names}.")
        names = enumerated(self.headings)
        faults = [
            Fault("unknown_column", message.format(name=heading[:64], names=names), got=heading[:64])
            for heading in headings
            if heading not in known
        ]
        if len({known.get(heading, heading) for heading in headings}) < len(headings):
            faults.append(Fault("repeated", _("A column stands there twice.")))
        if faults:
            raise Refused(faults)
        return [known[heading] for heading in headings]

    def import_data(self, dataset: tablib.Dataset, dry_run: bool = False, **kwargs: Any) -> Result:
        """Write the rows, all or none; with `dry_run` only tell what would become of them."""
        result = Result()
        result.total_rows = len(dataset)
        result.diff_headers = list(dataset.headers or [])
        try:
            names = self.named(result.diff_headers)
            sent = [self.values_of(dict(zip(names, cells, strict=True))) for cells in dataset]
            with transaction.atomic():
                rows = self.write(sent)
                if dry_run:
                    transaction.set_rollback(True)
        except (Refused, Forbidden) as refused:
            self.tell_faults(result, refused, dataset)
            return result
        for row, cells in zip(rows, dataset, strict=True):
            told = RowResult()
            told.import_type, told.diff, told.instance = KINDS[row.status], list(cells), row.target
            told.object_id, told.object_repr = row.target.pk, str(row.target)
            result.append_row_result(told)
            result.increment_row_result_total(told)
        return result

    def tell_faults(self, result: Result, refused: DomainError, dataset: tablib.Dataset) -> None:
        by_row: dict[int, dict[str, list[str]]] = {}
        for fault in refused.faults:
            if fault.row is None:
                result.append_base_error(Error(error=fault.message))
            else:
                label = str(self.columns.get(fault.field, fault.field))
                by_row.setdefault(fault.row, {}).setdefault(label, []).append(fault.message)
        for place, errors in by_row.items():
            cells = dict(zip(result.diff_headers, dataset[place], strict=True))
            result.append_invalid_row(place + 2, cells, ValidationError(errors))

    def values_of(self, cells: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, cell in cells.items():
            if cell or name in self.cleared:
                values[name] = self.value_of(name, cell)
        return values

    def value_of(self, name: str, cell: str) -> Any:
        return cell

    def write(self, rows: list[dict[str, Any]]) -> list[Row]:
        raise NotImplementedError

    def export(self, queryset: QuerySet[Any] | None = None, **kwargs: Any) -> tablib.Dataset:
        return guarded_dataset(self.headings, self.cells(queryset))

    def cells(self, queryset: Any) -> Iterator[list[str]]:
        raise NotImplementedError


class MemberSheet(SheetResource):
    """Members; who is no longer active leaves, as by the API."""

    columns = {
        "uid": gettext_lazy("user id (uid)"),
        "third_userid": gettext_lazy("third-party id"),
        "name": gettext_lazy("full name"),
        "phone": gettext_lazy("phone"),
        "departments": gettext_lazy("departments (did)"),
        "is_active": gettext_lazy("active"),
        "successor_uid": gettext_lazy("successor (uid)"),
    }
    cleared = ("phone", "departments")

    def value_of(self, name: str, cell: str) -> Any:
        if name == "departments":
            return [part for part in BETWEEN.split(cell) if part]
        if name == "is_active":
            return True if cell.lower() in YES else False if cell.lower() in NO else cell
        return cell

    def write(self, rows: list[dict[str, Any]]) -> list[Row]:
        assert self.actor is not None
        return member_mass_upsert(organization_id=self.actor.organization_id, rows=rows, actor=self.actor, sheet=True)

    def cells(self, queryset: QuerySet[Member]) -> Iterator[list[str]]:
        for member in queryset.order_by("organization", "uid").prefetch_related("departments"):
            dids = sorted(department.did for department in member.departments.all())
            active = _("yes") if member.is_active else _("no")
            listed = "、".join(map(str, dids))
            yield [str(member.uid), member.third_userid or "", member.name, member.phone or "", listed, active, ""]


class DepartmentSheet(SheetResource):
    """Departments, each with the one above."""

    columns = {
        "did": gettext_lazy("department id (did)"),
        "third_dept_id": gettext_lazy("third-party id"),
        "name": gettext_lazy("name"),
        "parent_did": gettext_lazy("above (did)"),
        "third_parent_id": gettext_lazy("above (third-party id)"),
    }

    def write(self, rows: list[dict[str, Any]]) -> list[Row]:
        assert self.actor is not None
        return department_mass_upsert(
            organization_id=self.actor.organization_id, rows=rows, actor=self.actor, sheet=True
        )

    def cells(self, queryset: QuerySet[Department]) -> Iterator[list[str]]:
        for department in queryset.order_by("organization", "did").select_related("parent"):
            above = str(department.parent.did) if department.parent else ""
            yield [str(department.did), department.third_dept_id or "", department.name, above, ""]


class SheetAdmin(ImportExportMixin):
    """A list with buttons to export it and to import a sheet. Imports are for members who may manage people, into their
    own organization."""

    import_form_class = SheetForm
    tmp_storage_class = PreviewStorage
    import_formats = [Csv, Xlsx]
    export_formats = [Csv, Xlsx]
    import_export_change_list_template = None
    import_template_name = "admin/forms_app/people/import.html"
    actions_list = ("open_import", "export_csv", "export_xlsx")

    def has_import_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.sheet_actor(request) is not None

    def has_export_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return is_operator(request) or self.has_import_permission(request)

    def sheet_actor(self, request: HttpRequest) -> Actor | None:
        member = own_member(request)
        actor = acting(member) if member else None
        return actor if actor is not None and may_manage_people(actor) else None

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"actor": self.sheet_actor(request)}

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        [sheet] = self.resource_classes
        return {"headings": sheet().headings}

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """What was confirmed; back to the upload where the sheet is not kept any more."""
        try:
            answer: HttpResponse = super().process_import(request, **kwargs)
        except FileNotFoundError:
            messages.error(request, _("The sheet is not kept any more. Choose it again."))
            return HttpResponseRedirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))
        return answer

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        message = str(e) if isinstance(e, UnreadableFile) else _("The file can't be read as one of this format.")
        form.add_error("import_file", message)

    @action(description=gettext_lazy("Import"), icon="upload", permissions=["import"], url_path="open-import")  # type: ignore[untyped-decorator]
    def open_import(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))

    @action(description=gettext_lazy("Export CSV"), icon="download", permissions=["export"], url_path="export-csv")  # type: ignore[untyped-decorator]
    def export_csv(self, request: HttpRequest) -> HttpResponse:
        return self.exported(request, Csv())

    @action(description=gettext_lazy("Export XLSX"), icon="download", permissions=["export"], url_path="export-xlsx")  # type: ignore[untyped-decorator]
    def export_xlsx(self, request: HttpRequest) -> HttpResponse:
        return self.exported(request, Xlsx())

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The package's own page, which lets fields be chosen, is not needed."""
        return self.exported(request, Csv())

    def exported(self, request: HttpRequest, file_format: Csv | Xlsx) -> HttpResponse:
        if not self.has_export_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request)
        actor = self.sheet_actor(request)
        if actor is not None and not is_operator(request):
            rows = rows.filter(organization_id=actor.organization_id)
        [sheet] = self.resource_classes
        content = file_format.export_data(sheet(actor=actor).export(queryset=rows))
        response = HttpResponse(content, content_type=file_format.get_content_type())
        name = self.get_export_filename(request, rows, file_format)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
