"""Records: one JSONB row each, hash-partitioned by form; and what is kept beside them under the same key.

The tables are made by SQL in the migrations (partitions, owned sequence); the models let the ORM read and write them.
`custom_form_id` stands in every primary key, unique index and statement: docs/decisions/004-record-table.md.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from forms_app.models.custom_form import CustomForm
from forms_app.models.form_rows import FormQuerySet


class NextEntityId(models.Func):
    """`nextval` of the sequence that the record table owns."""

    template = "nextval('form_entity_id_seq')"
    arity = 0
    output_field = models.BigIntegerField()


class EntityBase(models.Model):
    """The columns of a record, alive or destroyed."""

    app_id = models.BigIntegerField(_("app"))
    organization_id = models.BigIntegerField(_("organization"))
    owner_uid = models.BigIntegerField(_("owner"))
    data = models.JSONField(_("values"), default=dict)
    version = models.BigIntegerField(_("version"), default=1, db_default=1)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    class Meta:
        abstract = True


class FormEntity(EntityBase):
    """A record of a form. An empty field has no key in `data`; times are kept to the millisecond."""

    pk = models.CompositePrimaryKey("custom_form_id", "id")
    id = models.BigIntegerField(db_default=NextEntityId(), editable=False)
    custom_form = models.ForeignKey(CustomForm, models.PROTECT, related_name="+", db_index=False)
    changed_by_uid = models.BigIntegerField(null=True, editable=False)
    """Who changed it last, 0 for the system; NULL where nobody did since it was made."""

    objects = FormQuerySet.as_manager()

    class Meta:
        db_table = "form_entity"
        verbose_name = _("record")
        verbose_name_plural = _("records")

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.id}"


class DestroyedEntity(EntityBase):
    """A record that was destroyed, moved here in the same transaction."""

    pk = models.CompositePrimaryKey("custom_form_id", "id")
    id = models.BigIntegerField()
    custom_form_id = models.BigIntegerField()
    destroyed_at = models.DateTimeField(_("destroyed at"), db_default=Now())
    destroyed_by = models.BigIntegerField(_("destroyed by (uid)"))

    objects = FormQuerySet.as_manager()

    class Meta:
        db_table = "form_entity_trash"
        verbose_name = _("destroyed record")
        verbose_name_plural = _("destroyed records")

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.id}"


class EntityChange(models.Model):
    """An entry of the change log: what a write did to one record (records/changes/entries.py). The table is partitioned
    by the month of `at`; `tx` and then `id` is the order in which entries were committed."""

    pk = models.CompositePrimaryKey("custom_form_id", "entity_id", "id", "at")
    custom_form_id = models.BigIntegerField()
    id = models.BigIntegerField()
    entity_id = models.BigIntegerField()
    tx = models.BigIntegerField()
    at = models.DateTimeField()
    version = models.BigIntegerField()
    owner_uid = models.BigIntegerField()
    uid = models.BigIntegerField()
    token_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=11)
    source = models.CharField(max_length=6)
    request_id = models.CharField(max_length=64)
    changes = models.JSONField()

    objects = FormQuerySet.as_manager()

    class Meta:
        db_table = "form_entity_change"

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.entity_id}: {self.action} {self.version}"


class FormCounter(models.Model):
    """How many records a form holds and how often they changed, as sums over slots, so that writers don't queue."""

    SLOTS = 16

    pk = models.CompositePrimaryKey("custom_form_id", "slot")
    custom_form_id = models.BigIntegerField()
    slot = models.SmallIntegerField()
    live = models.BigIntegerField(default=0)
    changes = models.BigIntegerField(default=0)

    class Meta:
        db_table = "form_counter"

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.slot}: {self.live}"


class RememberedAnswer(models.Model):
    """What a query of a form found while `changes` was the sum of the form's: a count, the ids of a
    page, or the place of a far page. Of a selection that is followed (records/query/followed.py) all `ids` in order,
    and `seen`: the snapshot (pg_snapshot as text) in which they were found."""

    pk = models.CompositePrimaryKey("custom_form_id", "key", "place")
    custom_form_id = models.BigIntegerField()
    key = models.UUIDField()
    place = models.BigIntegerField(default=0)
    changes = models.BigIntegerField()
    answer = models.JSONField()
    remembered_at = models.DateTimeField(db_default=Now())
    ids = ArrayField(models.BigIntegerField(), null=True)
    seen = models.TextField(null=True)

    class Meta:
        db_table = "form_remembered"

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.key}: {self.answer}"


class NumberSequence(models.Model):
    """The last number that an auto-number field gave in a period."""

    pk = models.CompositePrimaryKey("custom_form_id", "field_id", "period")
    custom_form_id = models.BigIntegerField()
    field_id = models.BigIntegerField()
    period = models.CharField(max_length=8)
    value = models.BigIntegerField()

    class Meta:
        db_table = "form_number_sequence"

    def __str__(self) -> str:
        return f"{self.field_id}/{self.period}: {self.value}"


class FieldIndex(models.Model):
    """An index that a field has or is to have on its form's partition, and how far it is. `field_id` is 0 where a
    system column has it, negative where several columns have it together."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        BUILDING = "building", _("being built")
        VALID = "valid", _("valid")
        FAILED = "failed", _("failed")

    pk = models.CompositePrimaryKey("custom_form_id", "field_id", "kind")
    custom_form_id = models.BigIntegerField()
    field_id = models.BigIntegerField()
    kind = models.CharField(_("kind"), max_length=8)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    detail = models.JSONField(_("detail"), default=dict)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "form_field_index"
        verbose_name = _("field index")
        verbose_name_plural = _("field indexes")

    def __str__(self) -> str:
        return f"{self.field_id} {self.kind}: {self.state}"


class FieldUse(models.Model):
    """When requests last asked for what an index of this kind serves, whether the field has one or not. Of several
    columns together, how often and how long they were read within a day, until they had their index."""

    pk = models.CompositePrimaryKey("custom_form_id", "field_id", "kind")
    custom_form_id = models.BigIntegerField()
    field_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    used_at = models.DateTimeField(db_default=Now())
    names = models.TextField(db_default="")
    """Those of the columns, with spaces between; "" for the use of one field."""
    times = models.BigIntegerField(db_default=0)
    seconds = models.FloatField(db_default=0)
    counted_from = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "form_field_use"

    def __str__(self) -> str:
        return f"{self.field_id} {self.kind}: {self.used_at}"
