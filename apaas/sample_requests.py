"""A request as text that works when pasted: for a shell with curl, or a program in Python with `requests`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apaas.layout import JSON, PYTHON, json_scalar, laid_out, one_line, python_scalar


@dataclass(frozen=True)
class Secret:
    """Stands in a header or a body for what only the caller knows; a variable of the environment holds it."""

    variable: str
    means: str | Promise


TOKEN = Secret("APAAS_TOKEN", gettext_lazy("your access token"))


@dataclass(frozen=True)
class SampleRequest:
    """A request. `body` is sent as JSON; `form` and `files` (part → path of a file) as multipart/form-data, a list or
    an object of `form` as JSON text."""

    method: str
    url: str
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    """Goes into the address; a list as `name[]`."""
    body: Any = None
    form: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> list[Secret]:
        """Each secret once."""
        parts = (*self.headers.values(), self.query, self.body, self.form)
        return list(dict.fromkeys(found for part in parts for found in leaves(part) if isinstance(found, Secret)))

    @property
    def params(self) -> dict[str, Any]:
        """The query as names and values; a list under `name[]`, what holds more than that as JSON text."""
        found: dict[str, Any] = {}
        for name, value in self.query.items():
            nested = isinstance(value, Mapping) or (is_container(value) and any(map(is_container, value)))
            found[f"{name}[]" if is_container(value) and not nested else name] = one_line(value) if nested else value
        return found


def leaves(value: Any) -> Iterator[Any]:
    """What is neither a list nor an object in `value`."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def export_line(secret: Secret) -> str:
    """Sets the variable in a shell; one that is set already wins."""
    # The translated words stand inside of quotes and braces.
    means = re.sub(r"[^\w .,-]", "", str(secret.means))
    return f'export {secret.variable}="${{{secret.variable}:-<{means}>}}"'


# --- A shell ---------------------------------------------------------------------------------------------

MARK = "\ue000"
"""Around the variable's name of a secret, until the text is quoted. For private use: no sample holds it."""


def curl(request: SampleRequest) -> str:
    """The request for a shell, below the lines that set its secrets."""
    # -G puts the data into the address.
    head = "curl -G" if request.query else "curl"
    if not (request.query and request.method == "GET"):
        head += f" -X {request.method}"
    lines = [f"{head} {quoted(request.url)}"]
    for name, value in request.headers.items():
        line = f'"{name}: ${value.variable}"' if isinstance(value, Secret) else quoted(f"{name}: {value}")
        lines.append(f"-H {line}")
    for name, value in request.params.items():
        for item in value if is_container(value) else [value]:
            lines.append(f"--data-urlencode {quoted(f'{name}={plain(item)}')}")
    if request.body is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d {quoted(laid_out(request.body, SHELL))}"]
    lines += [f"--form-string {quoted(f'{name}={plain(value)}')}" for name, value in request.form.items()]
    lines += [f"-F {quoted(f'{name}=@{path}')}" for name, path in request.files.items()]
    return "\n".join([*map(export_line, request.secrets), " \\\n  ".join(lines)])


def marked(value: Any) -> Any:
    return f"{MARK}{value.variable}{MARK}" if isinstance(value, Secret) else value


SHELL = replace(JSON, scalar=lambda value: json_scalar(marked(value)))


def plain(value: Any) -> str:
    """A value as the text of a query or of a form's part."""
    return str(marked(value)) if isinstance(value, str | Secret) else one_line(value, SHELL)


def quoted(text: str) -> str:
    """`text` as one word of a shell; for a marked secret stands its variable."""
    word = "'" + text.replace("'", "'\\''") + "'"
    return re.sub(f"{MARK}(\\w+){MARK}", r"""'"$\1"'""", word)


# --- Python ----------------------------------------------------------------------------------------------


def python(request: SampleRequest) -> str:
    """The request as a program, below a comment that says how to set its secrets in the shell."""
    headers = dict(request.headers)
    arguments = []
    if request.query:
        arguments.append(argument("params", request.params))
    if request.body is not None and (holds_floats(request.body) or any_secret(request.body)):
        arguments.append(argument("json", request.body))
    elif request.body is not None:
        # JSON has no three quotes in a row.
        headers["Content-Type"] = "application/json"
        arguments.append(f'data=r"""{laid_out(request.body)}""".encode()')
    if request.form:
        parts = "".join(f"        {json_scalar(name)}: {part(value)},\n" for name, value in request.form.items())
        arguments.append(f"data={{\n{parts}    }}")
    if request.files:
        opened = [f'{json_scalar(name)}: open({json_scalar(path)}, "rb")' for name, path in request.files.items()]
        arguments.append(f"files={{{', '.join(opened)}}}")
    if headers:
        arguments.insert(0, argument("headers", headers))
    standard = {"json": any(map(is_container, request.form.values())), "os": bool(request.secrets)}
    lines = [
        *(f"# {_('First, in the shell:')} {export_line(secret)}" for secret in request.secrets),
        *(f"import {name}" for name, needed in standard.items() if needed),
        "",
        "import requests  # pip install requests",
        "",
        f"response = requests.{request.method.lower()}(",
        *(f"    {each}," for each in [json_scalar(request.url), *arguments, "timeout=30"]),
        ")",
        "print(response.status_code)",
        "print(response.json())",
    ]
    return "\n".join(lines).lstrip("\n")


def argument(name: str, value: Any, margin: int = 4) -> str:
    """A keyword argument with a plain literal."""
    return f"{name}={laid_out(value, LITERAL, margin, margin + len(name) + 1)}"


def part(value: Any) -> str:
    """The value of a form's part as an expression."""
    spelt = laid_out(value, LITERAL, 8, 30)
    return f"json.dumps({spelt}, ensure_ascii=False)" if is_container(value) else spelt


def literal_scalar(value: Any) -> str:
    return f'os.environ["{value.variable}"]' if isinstance(value, Secret) else python_scalar(value)


LITERAL = replace(PYTHON, scalar=literal_scalar)


def is_container(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def any_secret(value: Any) -> bool:
    return any(isinstance(leaf, Secret) for leaf in leaves(value))


def holds_floats(value: Any) -> bool:
    """Whether Python's floats hold every number of `value` with all its digits."""
    numbers = [leaf for leaf in leaves(value) if isinstance(leaf, Decimal)]
    return all(Decimal(repr(float(number))) == number for number in numbers)
