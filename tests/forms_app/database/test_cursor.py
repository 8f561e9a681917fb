"""Statements that are asked often are prepared, those of many forms too."""

from __future__ import annotations

from forms_app.database.cursor import fetch


def test_statements_of_hundreds_of_forms_stay_prepared(db: None) -> None:
    for _time in range(6):
        for form in range(150):
            fetch(f"SELECT {form}, 'of many forms'", [])
    prepared = [row[0] for row in fetch("SELECT statement FROM pg_prepared_statements", [])]
    assert len({text for text in prepared if "'of many forms'" in text}) == 150
