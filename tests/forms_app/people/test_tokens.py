"""Access tokens: shown once, kept as a keyed hash, told to every worker when they change."""

from __future__ import annotations

import pytest

from forms_app.caching import tags
from forms_app.models import AccessToken, Member
from forms_app.people.rights import READING
from forms_app.people.tokens import PREFIX, digest, new_token, token_create, token_limit, token_revoke
from tests.factories import make_form, make_token


def test_a_token_is_not_kept(alice: Member) -> None:
    row, token = make_token(alice)
    assert token.startswith(PREFIX)
    assert row.digest == digest(token) != digest(token + "x")
    assert token not in str(AccessToken.objects.values().get())
    assert token.startswith(row.hint)
    assert len(row.hint) < 12
    assert (row.organization_id, row.verbs, row.revoked_at, row.restricted) == (
        alice.organization_id,
        None,
        None,
        False,
    )


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert all(len(new_token()) > 40 for _ in range(10))


def test_another_key_makes_another_hash(settings: object) -> None:
    before = digest("t")
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert digest("t") != before


@pytest.mark.parametrize("strange", ["", "\ud800", "中文", "x" * 10_000, "\0"])
def test_any_text_has_a_hash(strange: str) -> None:
    assert len(digest(strange)) == 64


def test_a_token_that_was_chosen_is_as_good(alice: Member) -> None:
    row, token = token_create(member=alice, name="demo", token="demo-token")
    assert (token, row.digest) == ("demo-token", digest("demo-token"))


def test_a_token_is_limited_to_forms(alice: Member, custom_app: object) -> None:
    form = make_form(custom_app)  # type: ignore[arg-type]
    row, _token = make_token(alice, custom_forms=[form], verbs=READING)
    assert (list(row.custom_forms.all()), row.restricted, row.verbs) == ([form], True, ["read", "export"])
    form.delete()
    row.refresh_from_db()
    assert row.restricted  # and sees nothing now, not everything
    token_limit(access_token=row, custom_forms=[])
    row.refresh_from_db()
    assert not row.restricted


def test_every_worker_learns_of_a_change(alice: Member) -> None:
    seen = {tags.current().tokens}
    row, _token = make_token(alice)
    seen.add(tags.current().tokens)
    token_revoke(access_token=row)
    seen.add(tags.current().tokens)
    assert len(seen) == 3
    row.refresh_from_db()
    assert row.revoked_at is not None
    row.last_used_at = row.created_at
    row.save(update_fields=["last_used_at"])  # a use is no change
    assert tags.current().tokens in seen
    row.delete()
    assert tags.current().tokens not in seen
