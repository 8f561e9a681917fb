"""No model is forgotten: it is audited, or said not to be, and nothing writes it unseen."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.utils.translation import override

from forms_app.audit.kinds import KINDS
from forms_app.audit.reading import WORDS
from forms_app.models.tracked import TrackedQuerySet
from tests.source import MODULES

UNAUDITED = {
    "AccessEvent",
    "ApiCall",
    "AuditEntry",
    "CacheVersion",
    "CallWindow",
    "ChosenColumns",
    "DemoPart",
    "DestroyedEntity",
    "EntityChange",
    "ExportJob",
    "FieldIndex",
    "FieldUse",
    "FileLoad",
    "FileUse",
    "IdempotencyKey",
    "IndexLease",
    "FlowCounter",
    "FlowVersion",  # Flow.published tells of each, and it never changes
    "FormCounter",
    "FormEntity",
    "FormulaReference",  # made of a field's formula
    "NumberSequence",
    "ReadPosition",
    "Region",
    "RememberedAnswer",
    "ScheduledRun",
    "SecurityCode",
    "StoredFile",
    "Ticket",
    "TicketAttachment",
    "TicketStep",
    "TicketToken",
    "TokenCallWindow",
    "WebhookDelivery",
    "WebhookState",
    "WebhookStuck",
}
"""Data, and what the product keeps for itself."""


def test_every_model_is_audited_or_said_not_to_be() -> None:
    ours = {model.__name__ for model in apps.get_app_config("forms_app").get_models()}
    audited = {model.__name__ for model in KINDS} - {User.__name__}
    assert audited | UNAUDITED >= ours
    assert not audited & UNAUDITED


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_every_column_that_is_told_has_a_name_in_its_readers_language(language: str) -> None:
    with override(language):
        columns = {
            f"{kind.name}.{name}": str(WORDS.get(name, kind.model._meta.get_field(name).verbose_name))
            for kind in KINDS.values()
            for name in kind.columns
        }
        assert [name for name, said in columns.items() if not re.search("[\u4e00-\u9fff]", said)] == []


def test_no_model_that_is_audited_has_a_manager_that_does_not_tell() -> None:
    silent = [
        f"{model.__name__}.{manager.name}"
        for model in KINDS
        if model is not User
        for manager in [*model._meta.managers, model._default_manager]
        if not isinstance(manager.all(), TrackedQuerySet)
    ]
    assert silent == []


def test_no_statement_by_hand_writes_what_is_audited() -> None:
    """Nor sets of related rows, of whose bulk writes no signal tells: beside the one stands `related_told`."""
    tables = {model._meta.db_table for model in KINDS}
    tables |= {getattr(model, name).through._meta.db_table for model, kind in KINDS.items() for name in kind.related}
    by_hand = re.compile(rf"(?i)(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY|TRUNCATE)\s+\"?(?:{'|'.join(tables)})\b")
    written = [module.path for module in MODULES if "migrations" not in module.parts and by_hand.search(module.text)]
    assert written == []
    through = [
        module for module in MODULES if re.search(r"through\.objects\.(?!filter)|Links\.objects\.bulk", module.text)
    ]
    assert ["related_told" in module.text for module in through] == [True]
