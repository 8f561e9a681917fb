"""The record itself: its id, when it was made and last changed. Computed when they are read, so never stale."""

from datetime import datetime
from decimal import Decimal

from ..kinds import DATETIME, NUMBER
from ..registry import EXAMPLE_NOW, EXAMPLE_RECORD, function
from ..run import Run
from ..values import Value, in_zone
from ..words import _


def _moment(run: Run, moment: datetime | None) -> Value:
    return None if moment is None else in_zone(moment, run.zone)


@function(
    "RECORD_ID",
    "记录编号",
    takes=[],
    gives=NUMBER,
    volatile=True,
    example=("RECORD_ID()", Decimal(EXAMPLE_RECORD.id)),
    english=_("The record's id; empty before it is saved."),
)
def record_id(run: Run) -> Value:
    return None if run.record is None else Decimal(run.record.id)


@function(
    "CREATED_TIME",
    "创建时间",
    takes=[],
    gives=DATETIME,
    volatile=True,
    example=("CREATED_TIME()", EXAMPLE_NOW),
    english=_("When the record was made; empty before it is saved."),
)
def created(run: Run) -> Value:
    return _moment(run, run.record.created_at if run.record else None)


@function(
    "LAST_MODIFIED_TIME",
    "修改时间",
    takes=[],
    gives=DATETIME,
    volatile=True,
    example=("LAST_MODIFIED_TIME()", EXAMPLE_NOW),
    english=_("When the record was last changed; empty before it is saved."),
)
def changed(run: Run) -> Value:
    return _moment(run, run.record.updated_at if run.record else None)
