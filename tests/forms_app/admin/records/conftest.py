"""Thirty customers."""

from __future__ import annotations

import pytest

from forms_app.models import CustomForm, Member
from tests.factories import make_entity
from tests.forms_app.admin.conftest import FAIR, WEB


@pytest.fixture
def records(form: CustomForm, alice: Member) -> list[int]:
    """30 customers; the even ones from the web, each led by the first."""
    first = make_entity(form, alice, title="客户 0", amount=0, source=WEB)
    return [
        first,
        *(
            make_entity(
                form,
                alice,
                title=f"客户 {n}",
                amount=n,
                source=FAIR if n % 2 else WEB,
                leader={"value": first},
                people=[{"uid": 2}],
                starts="2023-08-16 15:29:15",
                papers=[{"name": "合同.pdf", "file_url": "https://files.example.com/a.pdf"}],
            )
            for n in range(1, 30)
        ),
    ]
