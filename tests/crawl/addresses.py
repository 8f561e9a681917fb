"""Every address of the product as the resolver knows it, with the arguments that name one organization's things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from apaas.reference.calls import BY_NAME
from forms_app.admin.records.entry_lookups import LOOKUPS
from tests.crawl.worlds import World

NAMED = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
"""An argument of an address, as `path` and as `re_path` write it."""
MODEL = re.compile(r"admin/(\w+)/(\w+)/")


@dataclass(frozen=True)
class Address:
    """A pattern of the resolver and one way to fill it in; `model` is the one whose pages lie there."""

    route: str
    path: str
    name: str
    model: type[Model] | None
    arguments: tuple[str, ...] = field(default=())


def patterns() -> Iterator[tuple[str, str]]:
    """(route, name) of each pattern."""

    def below(found: Any, prefix: str) -> Iterator[tuple[str, str]]:
        for each in found:
            route = prefix + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from below(each.url_patterns, route)
            elif isinstance(each, URLPattern):
                yield route, each.name or ""

    return below(get_resolver().url_patterns, "")


def addresses(world: World) -> list[Address]:
    """Every address with the world's things as its arguments."""
    found = []
    for route, name in patterns():
        model = model_of(route)
        names = tuple(first or second for first, second in NAMED.findall(route))
        for values in product(*(values_for(each, route, model, world) for each in names)):
            filled = iter(values)
            text = NAMED.sub(lambda _match, filled=filled: str(next(filled)), route)  # type: ignore[misc]
            found.append(Address(route, "/" + plain(text), name, model, names))
    return found


def plain(text: str) -> str:
    """A regular expression with its arguments filled in as an address that it matches."""
    text = text.replace("(?:rest|accounts/api)/.*", "rest/nothing").replace(".*", "nothing")
    return re.sub(r"\\Z|/\?|[\^$]", "", text)


def model_of(route: str) -> type[Model] | None:
    """The model whose pages lie below this route."""
    found = MODEL.match(route)
    try:
        return apps.get_model(*found.groups()) if found else None
    except LookupError:
        return None


def values_for(name: str, route: str, model: type[Model] | None, world: World) -> list[Any]:
    """What stands for an argument: `role_id` is the world's role. A name that is known neither so nor below fails: say
    what of the world it names."""
    if name == "object_id":
        return [world.key_of(model)] if model else [world.form.pk]
    if name == "token":
        return [world.file.token if "files/" in route else "nothing"]
    if name.endswith("_id") and hasattr(world, thing := name.removesuffix("_id")):
        return [getattr(world, thing).pk]
    known: dict[str, list[Any]] = {
        "related_id": [world.form.pk],
        "data_id": [world.stage.pk],
        "record_id": [world.record_id],
        "id": [world.account.pk],
        "number": [1],
        "kind": list(LOOKUPS),
        "api_path": [world.flow.api_path],
        "name": list(BY_NAME),
        "app_label": ["forms_app", "auth", "procrastinate"],
        "content_type_id": [ContentType.objects.get_for_model(type(world.form)).pk],
        "uidb64": ["MQ"],
        "url": ["nothing"],
    }
    return known[name]
