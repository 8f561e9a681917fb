"""The field types. Every module of this folder is loaded, and those that register a type add it to the registry."""

from importlib import import_module
from pkgutil import iter_modules

from forms_app.field_types._described import UnknownFieldType
from forms_app.field_types.base import (
    Column,
    FieldType,
    Labels,
    Option,
    Ref,
    Text,
    ValueField,
    registry,
)

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)

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
