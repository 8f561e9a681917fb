"""The OpenAPI 3.1 document: drf-spectacular walks the URL table, `apaas.requests.parameters` says what each call takes,
and the form's own fields say what a record holds."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from apaas.errors import ERRORS, failure_body
from apaas.reference.calls import BY_NAME, GROUPS, PREFIX, default_of, endpoints, parameters, template
from apaas.reference.examples import FormExamples
from apaas.reference.openapi_schemas import ANSWERS, OF_FORM, components
from apaas.reference.people_schemas import PEOPLE_ANSWERS, PEOPLE_SCHEMAS
from apaas.reference.samples import sample
from apaas.requests.readers import Parameter
from apaas.requests.reading import JSON_IN_QUERY
from forms_app.exceptions import Fault
from forms_app.people.actor import Actor
from forms_app.records.evaluation import related_forms
from forms_app.schema.form_schema import FormSchema

Endpoint = tuple[str, str, str, Any]
SECURITY = {
    "accessToken": {"type": "apiKey", "in": "header", "name": "ACCESS-TOKEN"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "authorization": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "Token token=<token>, device=pc",
    },
}
METHODS = ("GET", "PUT", "POST", "DELETE")


def documented(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The rows of the URL table that are calls, their ids written `{id}` (a hook of drf-spectacular)."""
    rows = [
        (template(path), path_regex, method, callback)
        for path, path_regex, method, callback in endpoints
        if path.startswith(PREFIX) and not path.endswith("/") and call_of(callback, method) in BY_NAME
    ]
    paths = list(dict.fromkeys(row[0] for row in rows))  # the methods of a path come as a set: in any order
    return sorted(rows, key=lambda row: (paths.index(row[0]), METHODS.index(row[2])))


def call_of(callback: Any, method: str) -> str:
    """The name of the call behind a method of a row."""
    return str(callback.cls(action=callback.actions[method.lower()]).call)


class CallSchema(AutoSchema):
    """Describes a view by its call: no serializer stands between a record and its answer."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        """The operation of one method of one path."""
        view: Any = self.view
        name = view.call
        call = BY_NAME[name]
        group = next(str(title) for title, calls in GROUPS if call in calls)
        operation: dict[str, Any] = {
            "operationId": name if method == endpoints()[name][0].method else f"{name}_by_{method.lower()}",
            "summary": str(call.title),
            "description": str(call.explains),
            "tags": [group],
            "parameters": path_parameters(path),
            "security": [{scheme: []} for scheme in SECURITY],
            "responses": responses(name),
        }
        rows = parameters(name)
        if method == "GET":
            operation["parameters"] += [query_parameter(row) for row in rows]
        elif name == "upload":
            operation["requestBody"] = upload_body()
        else:
            # The document of origin has the form in the address of the calls that write a record.
            in_path = [row for row in rows if row.name == "custom_form_id" and name in ("create", "update")]
            operation["parameters"] += [query_parameter(row) for row in in_path]
            operation["requestBody"] = json_body(name, [row for row in rows if row not in in_path])
        return operation


def path_parameters(path: str) -> list[dict[str, Any]]:
    schemas = {"id": {"type": "integer", "minimum": 1}, "token": {"type": "string"}}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in schemas.items()
        if f"{{{name}}}" in path
    ]


def schema_of(parameter: Parameter) -> dict[str, Any]:
    """A parameter as JSON Schema; what depends on the form is a reference."""
    reference = OF_FORM.get(parameter.name)
    schema = copy.deepcopy(reference) if reference else dict(parameter.schema or {})
    default = default_of(parameter)
    return schema if default is None else schema | {"default": default}


def query_parameter(parameter: Parameter) -> dict[str, Any]:
    """A parameter of the query string; lists of objects stand there as a JSON text."""
    entry = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": str(parameter.explains),
    }
    schema = schema_of(parameter)
    if parameter.name in JSON_IN_QUERY:
        return entry | {"content": {"application/json": {"schema": schema}}}
    if schema.get("type") == "object" or parameter.name == "form_entity":
        return entry | {"style": "deepObject", "explode": True, "schema": schema}
    return entry | {"schema": schema}


def json_body(name: str, rows: Iterable[Parameter]) -> dict[str, Any]:
    properties = {row.name: described(schema_of(row), row) for row in rows}
    required = [row.name for row in rows if row.required]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if name == "create":
        properties["form_entity"] = {"$ref": "#/components/schemas/NewFormEntity"}
    return {
        "required": bool(required),
        "content": {"application/json": {"schema": schema | ({"required": required} if required else {})}},
    }


def described(schema: dict[str, Any], parameter: Parameter) -> dict[str, Any]:
    return schema | {"description": str(parameter.explains)}


def upload_body() -> dict[str, Any]:
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def responses(name: str) -> dict[str, Any]:
    """The success of this call, and every failure."""
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{({**ANSWERS, **PEOPLE_ANSWERS})[name]}"}}
    }
    if name == "download":
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    success: dict[str, Any] = {"200": {"description": _("Success"), "content": content}}
    return success | {str(row.status): {"$ref": f"#/components/responses/Error{row.code}"} for row in ERRORS}


def failures() -> dict[str, Any]:
    """A response for each row of the table of errors, with its body as the server makes it."""
    by_name = {}
    for row in ERRORS:
        faults = [Fault("required", _("This parameter is needed."), field="custom_form_id")]
        body = failure_body(row, faults if row.status == 400 else [], "0b5bd4d15ae44ed0a1b8f6d6f2f2a9d4")
        by_name[f"Error{row.code}"] = {
            "description": f"{row.code}: {row.remark}",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}, "example": body}},
        }
    return by_name


@cache
def calls_document(language: str | None) -> dict[str, Any]:
    """All but what depends on a form and on the caller; made once for each language of the texts."""
    generator: Any = SchemaGenerator
    spec: dict[str, Any] = generator().get_schema(request=None, public=True)
    return spec


def completed(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """The document with what its operations refer to (a hook of drf-spectacular)."""
    parts = {"securitySchemes": SECURITY, "responses": failures(), "schemas": {**components(None), **PEOPLE_SCHEMAS}}
    return result | {"components": parts, "tags": [{"name": str(title)} for title, _calls in GROUPS]}


def document(schema: FormSchema | None, actor: Actor) -> dict[str, Any]:
    """The document of the API, or of the API on one form: its fields, options, tabs, and requests that work."""
    spec = copy.deepcopy(calls_document(get_language()))
    if schema is None:
        return spec
    spec["components"]["schemas"] = {**components(schema), **PEOPLE_SCHEMAS}
    spec["info"]["title"] += f": {schema.name}"
    spec["info"]["description"] = _("Record type of the form {id}: its fields are typed here.").format(id=schema.id)
    examples = FormExamples(schema, actor)
    related = {name: {"type": "object", "description": form.name} for name, form in related_forms(schema, actor)}
    for operations in spec["paths"].values():
        for operation in operations.values():
            name = operation["operationId"].partition("_by_")[0]
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            body = sample(name, examples)
            content["example"] = {key: body[key] for key in body if key in content["schema"]["properties"]}
            if name == "evaluate":
                content["schema"]["properties"] |= related
                content["example"] = body
            if "custom_form_id" in content["schema"]["properties"]:
                content["schema"]["properties"]["custom_form_id"] |= {"const": schema.id}
            for parameter in operation["parameters"]:
                if parameter["name"] == "custom_form_id":
                    parameter["schema"] |= {"const": schema.id}
    return spec
