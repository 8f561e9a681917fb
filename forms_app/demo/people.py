"""The people of the document's organization: members with uid 1 to 4, departments 1, 3 and 4."""

from __future__ import annotations

from forms_app.models import Department, Member, Organization

ORGANIZATION = 1
MEMBER_UID = 1
"""Whom the token acts as."""

# (did, name, did of the department above)
DEPARTMENTS = (
    (1, "总公司", None),
    (3, "销售中心", 1),
    (4, "华东销售组", 3),
)

# (uid, name, phone, did). The document's filter on the owner {"user_ids": [1, 2], "department_ids": [3, 4]} finds 1 by
# both, 2 as a person, 3 through the department, and 4 not at all. The document's records show no phone.
MEMBERS = (
    (1, "test", None, 3),
    (2, "李雪梅", "13800138002", 1),
    (3, "王志强", "13800138003", 4),
    (4, "陈思远", "13800138004", 1),
)


def make_people() -> None:
    """The organization with its departments and members; a member's id is its uid."""
    organization = Organization.objects.create(pk=ORGANIZATION, name="微问示例科技有限公司")
    departments: dict[int, Department] = {}
    for did, name, above in DEPARTMENTS:
        parent = departments[above] if above else None
        departments[did] = Department.objects.create(organization=organization, did=did, name=name, parent=parent)
    for uid, name, phone, did in MEMBERS:
        member = Member.objects.create(pk=uid, organization=organization, uid=uid, name=name, phone=phone)
        member.departments.add(departments[did])
