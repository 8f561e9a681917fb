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
from apaas.read_after import at_replica
from apaas.reference.calls import BY_NAME, GROUPS, PREFIX, default_of, endpoints, parameters, template
from apaas.reference.examples import FormExamples
from apaas.reference.harmless import body_example, id_example, is_json_text, query_example
from apaas.reference.header_parameters import answered, header_parameters, read_after
from apaas.reference.openapi_schemas import ANSWERS, components
from apaas.reference.people_schemas import PEOPLE_ANSWERS, PEOPLE_SCHEMAS
from apaas.reference.term_schemas import OF_FORM
from apaas.reference.ticket_openapi import BASIC, SCHEMAS, TAG, ticket_paths
from apaas.reference.webhook_schemas import WEBHOOK_ANSWERS, WEBHOOK_SCHEMAS
from apaas.requests.readers import ID_SCHEMA, Parameter
from forms_app.exceptions import Fault
from forms_app.exporting.export import FORMATS
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
TOO_LONG = "AddressTooLong"
FILES = {
    "download": ["application/octet-stream"],
    "export": [shape.content_type.partition(";")[0] for shape in FORMATS.values()],
}
"""The calls that answer with a file, and of which types."""
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
            "parameters": [*path_parameters(path), *header_parameters(name)],
            "security": [{scheme: []} for scheme in SECURITY],
            "responses": responses(name),
        }
        if at_replica(view):
            operation["parameters"].append(read_after())
        elif method != "GET":
            operation["responses"]["200"]["headers"] = answered()
        rows = parameters(name)
        if method == "GET":
            operation["parameters"] += [query_parameter(row) for row in rows]
        elif name == "upload":
            operation["requestBody"] = upload_body()
        else:
            operation["requestBody"] = json_body(name, rows)
        return operation


def path_parameters(path: str) -> list[dict[str, Any]]:
    schemas = {"id": dict(ID_SCHEMA), "token": {"type": "string"}}
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
    """A parameter of the query string."""
    schema = schema_of(parameter)
    if is_json_text(parameter):
        schema = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": str(parameter.explains),
        "schema": schema,
    }


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
    if name in FILES:
        content: dict[str, Any] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILES[name]}
    else:
        answer = {**ANSWERS, **PEOPLE_ANSWERS, **WEBHOOK_ANSWERS}[name]
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}}
    success: dict[str, Any] = {"200": {"description": _("Success"), "content": content}}
    failed = {str(row.status): {"$ref": f"#/components/responses/Error{row.code}"} for row in ERRORS}
    return success | {"414": {"$ref": f"#/components/responses/{TOO_LONG}"}} | failed


def failures() -> dict[str, Any]:
    """A response for each row of the table of errors, with its body as the server makes it."""
    by_name: dict[str, Any] = {TOO_LONG: {"description": _("The address is longer than 65,534 bytes; without a body.")}}
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
    """The document with what its operations refer to, and the ticket API (a hook of drf-spectacular)."""
    parts = {"securitySchemes": SECURITY | {"basic": BASIC}, "responses": failures(), "schemas": schemas(None)}
    tags = [{"name": str(title)} for title, _calls in GROUPS]
    paths = result["paths"] | ticket_paths()
    return result | {"paths": paths, "components": parts, "tags": [*tags, {"name": str(TAG)}]}


def schemas(schema: FormSchema | None) -> dict[str, Any]:
    return {**components(schema), **PEOPLE_SCHEMAS, **WEBHOOK_SCHEMAS, **SCHEMAS}


def document(schema: FormSchema | None, actor: Actor, origin: str, shown: FormSchema | None = None) -> dict[str, Any]:
    """The document of the API, or of the API on one form: its fields, options, tabs. `shown` is the form that the
    examples are of, where it is not this one; `origin` the server's address."""
    spec = copy.deepcopy(calls_document(get_language()))
    spec["servers"] = [{"url": origin}]
    shown = schema or shown
    examples = FormExamples(shown, actor) if shown else None
    if schema is not None:
        spec["components"]["schemas"] = schemas(schema)
        spec["info"]["title"] += f": {schema.name}"
        spec["info"]["description"] = _("Record type of the form {id}: its fields are typed here.").format(id=schema.id)
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            if path.startswith(PREFIX):
                name = operation["operationId"].partition("_by_")[0]
                exemplify(operation, name, examples)
                if schema is not None:
                    fit(operation, name, schema, actor)
    return spec


def exemplify(operation: dict[str, Any], name: str, examples: FormExamples | None) -> None:
    """Examples for everything that the operation takes."""
    rows = {row.name: row for row in parameters(name)}
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            parameter["example"] = query_example(name, rows[parameter["name"]], examples)
        elif parameter["in"] == "path":
            parameter["example"] = id_example(name, examples) if parameter["name"] == "id" else "0" * 32
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        content["example"] = body_example(name, examples)


def fit(operation: dict[str, Any], name: str, schema: FormSchema, actor: Actor) -> None:
    """What is known of an operation on one form."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    properties = content.get("schema", {}).get("properties", {})
    if name == "evaluate":
        for table, form in related_forms(schema, actor):
            properties[table] = {"type": "object", "description": form.name}
    places = [properties[key] for key in properties if key == "custom_form_id"]
    places += [row["schema"] for row in operation["parameters"] if row["name"] == "custom_form_id"]
    for place in places:
        place["const"] = schema.id
