"""Files that nothing ever held are removed, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from forms_app.files.jobs import remove_unused
from forms_app.models import FileUse, Member, StoredFile

pytestmark = pytest.mark.django_db


def stored(member: Member, days: float) -> StoredFile:
    """A file that was uploaded so long ago."""
    facts = {"name": "x", "content_type": "text/plain", "size": 1, "content": ContentFile(b"x", name="x")}
    found = StoredFile.objects.create(organization=member.organization, member=member, **facts)
    StoredFile.objects.filter(pk=found.pk).update(created_at=timezone.now() - timedelta(days=days))
    return found


def test_what_nothing_ever_held_goes_with_its_bytes(alice: Member) -> None:
    days = settings.UNUSED_FILE_DAYS
    old, young, used = stored(alice, days + 0.1), stored(alice, days - 0.1), stored(alice, days + 50)
    FileUse.objects.create(custom_form_id=1, entity_id=1, stored_file=used)
    assert remove_unused(0) == 1
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {young.pk, used.pk}
    there = [default_storage.exists(each.content.name) for each in (old, young, used)]
    assert there == [False, True, True]
    assert remove_unused(0) == 0


def test_many_are_removed_some_at_a_time(alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forms_app.files.unused.BATCH", 2)
    files = [stored(alice, 100) for _each in range(5)]
    FileUse.objects.create(custom_form_id=1, entity_id=1, stored_file=files[2])
    assert remove_unused(0) == 4
    assert StoredFile.objects.get() == files[2]
