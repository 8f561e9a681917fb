"""The form that takes a sheet: its format is that of the file's name."""

from __future__ import annotations

from typing import Any

from django.forms import HiddenInput
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.import_export.forms import ImportForm


class SheetForm(ImportForm):
    """A file, and hidden the number of its format, which nobody has to choose."""

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.endings = [each().get_extension() for each in formats]
        self.fields["format"].required = False
        self.fields["format"].widget = HiddenInput()
        file: Any = self.fields["import_file"]
        file.label = gettext_lazy("File (CSV or XLSX)")
        file.widget.attrs = {"accept": ",".join(f".{ending}" for ending in self.endings)}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file = cleaned.get("import_file")
        if file is not None and not cleaned.get("format"):
            ending = file.name.rpartition(".")[2].lower()
            if ending in self.endings:
                cleaned["format"] = str(self.endings.index(ending))
            else:
                self.add_error("import_file", _("Choose a file whose name ends in .csv or .xlsx."))
        return cleaned
