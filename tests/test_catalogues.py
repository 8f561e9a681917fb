"""The catalogues say everything in both Chinese scripts, and nothing else."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import template

from tests.languages import HAN, LOCALES, each_locale

APPS = ("apaas", "config", "forms_app")
CATALOGUES = [(app, locale) for app in APPS for locale in LOCALES]
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
LITERAL = r"u?('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
MARKED = re.compile(rf"\b(?:gettext|_)\(\s*{LITERAL}|\bngettext\(\s*{LITERAL},\s*{LITERAL}", re.DOTALL)
PLACE = re.compile(r"\{\w*\}|%\(\w+\)s")

each_catalogue = pytest.mark.parametrize(("app", "locale"), CATALOGUES)


class Entry(NamedTuple):
    """A text and its translation; `plural` is the English plural, if it has one."""

    text: str
    plural: str
    translated: str


def folder(app: str) -> Path:
    return Path(settings.BASE_DIR) / app


def catalogue_path(app: str, locale: str, suffix: str) -> Path:
    return folder(app) / "locale" / locale / "LC_MESSAGES" / f"django.{suffix}"


def entries(app: str, locale: str) -> list[Entry]:
    """What the .po file says."""
    found = []
    for block in catalogue_path(app, locale, "po").read_text(encoding="utf-8").split("\n\n"):
        said: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if not line.startswith('"'):
                key, line = line.split(" ", 1)
            said[key] = said.get(key, "") + ast.literal_eval(line)
        if said.get("msgid"):
            translated = said.get("msgstr", said.get("msgstr[0]", ""))
            found.append(Entry(said["msgid"], said.get("msgid_plural", ""), translated))
    return found


def marked_in_python(source: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in MARKS and texts:
            yield texts[0], texts[1] if name.startswith("n") and len(texts) > 1 else ""


def marked_in_template(source: str) -> Iterator[tuple[str, str]]:
    for match in MARKED.finditer(template.templatize(source)):
        one, singular, plural = match.groups()
        yield ast.literal_eval(one or singular), ast.literal_eval(plural) if plural else ""


def marked(app: str) -> set[tuple[str, str]]:
    """Every (text, plural) that the app's sources mark."""
    found: set[tuple[str, str]] = set()
    for path in folder(app).rglob("*.py"):
        found.update(marked_in_python(path.read_text(encoding="utf-8")))
    for path in folder(app).rglob("*.html"):
        found.update(marked_in_template(path.read_text(encoding="utf-8")))
    return found


@each_catalogue
def test_every_text_is_in_the_catalogue_and_nothing_else(app: str, locale: str) -> None:
    """When this fails: `make messages`, translate, `make messages`."""
    assert {(e.text, e.plural) for e in entries(app, locale)} == marked(app)


@each_catalogue
def test_every_text_is_translated(app: str, locale: str) -> None:
    source = catalogue_path(app, locale, "po").read_text(encoding="utf-8")
    assert [e.text for e in entries(app, locale) if not e.translated] == []
    assert "fuzzy" not in source and "#~" not in source
    assert "POT-Creation-Date" not in source


@each_catalogue
def test_the_compiled_catalogue_is_of_today(app: str, locale: str) -> None:
    """When this fails: `make messages`."""
    with catalogue_path(app, locale, "mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries(app, locale):
        if entry.plural:
            assert compiled.ngettext(entry.text, entry.plural, 2) == entry.translated
        else:
            assert compiled.gettext(entry.text) == entry.translated


@each_catalogue
def test_a_translation_has_the_places_of_its_text(app: str, locale: str) -> None:
    for entry in entries(app, locale):
        assert sorted(PLACE.findall(entry.translated)) == sorted(PLACE.findall(entry.text)), entry.text


@each_catalogue
def test_a_translation_is_punctuated_in_chinese_as_its_text_is(app: str, locale: str) -> None:
    for entry in entries(app, locale):
        assert bool(re.search(r"[^.]\.$", entry.text)) == entry.translated.endswith("。"), entry.text
        prose = re.sub(r"\[.*?\]|\{.*?\}", "", entry.translated)
        assert not re.search("[\u4e00-\u9fff][,;:!?]", prose), entry.translated


@each_catalogue
def test_no_script_holds_characters_of_the_other(app: str, locale: str) -> None:
    # GB 2312 has no Traditional characters, Big5 no Simplified ones.
    charset = {"zh_Hans": "gb2312", "zh_Hant": "big5"}[locale]
    for entry in entries(app, locale):
        "".join(HAN.findall(entry.translated)).encode(charset)


@each_locale
def test_what_two_apps_say_they_say_alike(locale: str) -> None:
    said: dict[str, str] = {}
    for app in APPS:
        for entry in entries(app, locale):
            assert said.setdefault(entry.text, entry.translated) == entry.translated, entry.text


@each_catalogue
def test_no_catalogue_of_another_package_overrides_ours(app: str, locale: str) -> None:
    with translation.override(LOCALES[locale]):
        for entry in entries(app, locale):
            if not entry.plural:
                assert translation.gettext(entry.text) == entry.translated
