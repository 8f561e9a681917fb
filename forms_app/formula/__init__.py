"""The formula language: plain Python, total, bounded. See `compile_formula`."""

from .choices import MARK, Resolve, Resolved
from .compiler import compile_formula
from .dependencies import find_cycle, topological_order
from .faults import MESSAGES, FormulaFault, FormulaRefused
from .formula import Formula
from .functions import FUNCTIONS
from .kinds import ANY, BOOLEAN, DATE, DATETIME, NUMBER, TEXT, FormulaType, list_of
from .limits import Limits
from .parameters import Parameter
from .pinning import pinned_text
from .registry import EXAMPLE_NOW, EXAMPLE_RECORD, Function, Registry
from .run import Read, Record
from .values import ERRORS, ErrorValue, Value
from .words import PHRASES

__all__ = [
    "ANY",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "ERRORS",
    "EXAMPLE_NOW",
    "EXAMPLE_RECORD",
    "FUNCTIONS",
    "MARK",
    "MESSAGES",
    "NUMBER",
    "PHRASES",
    "TEXT",
    "ErrorValue",
    "Formula",
    "FormulaFault",
    "FormulaRefused",
    "FormulaType",
    "Function",
    "Limits",
    "Parameter",
    "Read",
    "Record",
    "Registry",
    "Resolve",
    "Resolved",
    "Value",
    "compile_formula",
    "find_cycle",
    "list_of",
    "pinned_text",
    "topological_order",
]
