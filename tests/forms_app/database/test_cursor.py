"""Statements that are asked often are prepared, those of many forms too; none behind a pooler that keeps none."""

from __future__ import annotations

from django.db import connection

from forms_app.database.cursor import fetch


def test_statements_of_hundreds_of_forms_stay_prepared(db: None) -> None:
    for _time in range(6):
        for form in range(150):
            fetch(f"SELECT {form}, 'of many forms'", [])
    prepared = [row[0] for row in fetch("SELECT statement FROM pg_prepared_statements", [])]
    wanted = 0 if connection.connection.prepare_threshold is None else 150
    assert len({text for text in prepared if "'of many forms'" in text}) == wanted
