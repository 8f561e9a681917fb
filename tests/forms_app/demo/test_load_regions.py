"""`manage.py load_regions`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from forms_app.models import Region
from forms_app.people.regions import regions_load

HEAD = "id,parent_id,level,label\n"


def load(*arguments: str) -> str:
    out = StringIO()
    call_command("load_regions", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_it_loads_the_table_and_says_how_many() -> None:
    assert load() == "4108 regions loaded.\n"
    assert Region.objects.count() == 4108
    district = Region.objects.get(pk="310115")
    assert (district.label, district.level) == ("浦东新区", "district")
    assert district.parent and district.parent.parent and district.parent.parent.parent_id == "156"


@pytest.mark.django_db
def test_it_overwrites_the_files_rows_and_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(HEAD + "1,,country,甲\n2,1,province,乙\n")
    load(str(path))
    Region.objects.create(id="own", label="自有", level=Region.Level.CITY, parent_id="2")
    path.write_text(HEAD + "1,,country,甲国\n3,own,district,丙\n")
    assert load(str(path)) == "2 regions loaded.\n"
    labels = dict(Region.objects.values_list("pk", "label"))
    assert labels == {"1": "甲国", "2": "乙", "3": "丙", "own": "自有"}


@pytest.mark.django_db
def test_it_writes_all_rows_in_one_statement(
    tmp_path: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(HEAD + "".join(f"{n},,country,{n} 国\n" for n in range(5000)))
    with django_assert_max_num_queries(8):  # four of them are savepoints, one says that names changed
        assert regions_load(path) == 5000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a,b\n1,2\n", "the first line must be"),
        (HEAD + "1,,planet,地球\n", "line 2: expected"),
        (HEAD + "1,,country,甲,乙\n", "line 2: expected"),
        (HEAD + "1,,country\n", "line 2: an id"),
        (HEAD + ",,country,甲\n", "line 2: an id"),
        (HEAD + "1,,country,甲\n1,,country,乙\n", "line 3: the id 1 is there twice"),
        (HEAD + "1,9,province,甲\n", "no such parent: 9"),
    ],
)
def test_a_file_that_is_no_table_of_regions_is_refused_by_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=fault):
        load(str(path))
    assert not Region.objects.exists()


@pytest.mark.django_db
def test_a_file_that_cant_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        load(str(tmp_path / "absent.csv"))
    (tmp_path / "bytes.csv").write_bytes(HEAD.encode() + b"1,,country,\xff\n")
    with pytest.raises(CommandError, match="codec"):
        load(str(tmp_path / "bytes.csv"))
