"""The field types: each module of this folder (but those that begin with `_`) holds one, named after it."""

from importlib import import_module
from pkgutil import iter_modules

from forms_app.field_types.base import (
    Column,
    FieldType,
    Labels,
    Option,
    Ref,
    Text,
    UnknownFieldType,
    ValueField,
    registry,
)

for _module in sorted(module.name for module in iter_modules(__path__)):
    if not _module.startswith("_") and _module != "base":
        import_module(f"{__name__}.{_module}")

__all__ = [
    "Column",
    "FieldType",
    "Labels",
    "Option",
    "Ref",
    "Text",
    "UnknownFieldType",
    "ValueField",
    "registry",
]
