"""The operators of filters. Every module of this folder is loaded, and those that register an operator add it to the
registry; what they share stands beside them."""

from importlib import import_module
from pkgutil import iter_modules

from forms_app.operators.base import Operator, lookups_of, operators

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)

__all__ = ["Operator", "lookups_of", "operators"]
