"""The functions of the language, a module per family. A new module in this folder is found by itself."""

from importlib import import_module
from pkgutil import iter_modules

from ..registry import FUNCTIONS

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["FUNCTIONS"]
