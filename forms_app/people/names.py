"""Today's names of people, departments and regions, kept by each process until the people's tag changes: nearly every
page shows some, and they change seldom. One statement for those that are not known yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from forms_app.caching.tagged import Tagged
from forms_app.database.cursor import fetch

NAMES = """
SELECT 'member', uid::text, id, name, phone, path_uid, third_userid FROM forms_app_member
WHERE organization_id = %s AND uid = ANY(%s::bigint[])
UNION ALL
SELECT 'department', did::text, id, name, NULL, NULL, third_dept_id FROM forms_app_department
WHERE organization_id = %s AND did = ANY(%s::bigint[])
UNION ALL
SELECT 'region', id, NULL, label, NULL, NULL, NULL FROM forms_app_region WHERE id = ANY(%s::text[])
"""
KINDS = ("member", "department", "region")

known: Tagged[dict[tuple[int, str, Any], Any]] = Tagged(
    "names of people, departments and regions", dict, tag="people", most=20_000
)
"""By (organization, kind, id); None where there is nothing of that id. Some 10 MB at most."""


def names(organization_id: int, wanted: Mapping[str, Collection[Any]]) -> dict[str, dict[Any, Any]]:
    """By kind and id what is known of the wanted ids: of a person and a department all that clients read, of a region
    its label. Unknown ones are left out. The dictionaries are shared: not to be changed."""
    cached = known.current()
    by_kind: dict[str, dict[Any, Any]] = {kind: {} for kind in KINDS}
    missing: dict[str, list[Any]] = {}
    for kind, keys in wanted.items():
        for key in keys:
            try:
                value = cached[organization_id, kind, key]
            except KeyError:
                missing.setdefault(kind, []).append(key)
                continue
            if value is not None:
                by_kind[kind][key] = value
    if missing:
        for kind, values in _read(organization_id, missing).items():
            by_kind[kind].update(values)
            cached.update({(organization_id, kind, key): values.get(key) for key in missing.get(kind, ())})
    return by_kind


def _read(organization_id: int, wanted: Mapping[str, Collection[Any]]) -> dict[str, dict[Any, Any]]:
    members, departments, regions = (sorted(wanted.get(kind, ())) for kind in KINDS)
    by_kind: dict[str, dict[Any, Any]] = {kind: {} for kind in KINDS}
    rows = fetch(NAMES, [organization_id, members, organization_id, departments, regions])
    for kind, key, row_id, name, phone, path_uid, third_id in rows:
        if kind == "member":
            by_kind[kind][int(key)] = {
                "id": row_id,
                "uid": int(key),
                "name": name,
                "phone": phone,
                "path_uid": path_uid,
                "third_userid": third_id,
            }
        elif kind == "department":
            by_kind[kind][int(key)] = {"did": int(key), "name": name, "third_dept_id": third_id}
        else:
            by_kind[kind][key] = name
    return by_kind
