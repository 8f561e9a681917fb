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

from apaas.reference.layout import JSON, PYTHON, json_scalar, laid_out, one_line, python_scalar


@dataclass(frozen=True)
class Secret:
    """Stands in a header or a body for what only the caller knows; a variable of the environment holds it."""

    variable: str
    means: str | Promise


TOKEN = Secret("APAAS_TOKEN", gettext_lazy("your access token"))


@dataclass(frozen=True)
class Picked:
    """Stands in a body for what is picked from the answer to `request`, sent first: the value of the Python expression
    `picks` over that `answer`; where it is "" the sample ends with `missing`. A variable of the environment wins."""

    variable: str
    request: SampleRequest
    picks: str
    missing: str


@dataclass(frozen=True)
class SampleRequest:
    """A request. `body` is sent as JSON; `form` and `files` (part → path of a file) as multipart/form-data, a list or
    an object of `form` as JSON text; `auth` (account, password) by HTTP Basic."""

    method: str
    url: str
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    """Goes into the address; a list as `name[]`."""
    body: Any = None
    form: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[Secret, Secret] | None = None

    @property
    def secrets(self) -> list[Secret]:
        """Each secret once, those of the requests before it first."""
        own = [leaf for part in self.parts for leaf in leaves(part) if isinstance(leaf, Secret)]
        return list(dict.fromkeys([*(secret for picked in self.picked for secret in picked.request.secrets), *own]))

    @property
    def picked(self) -> list[Picked]:
        """What is picked from the answers to requests before this one."""
        return [leaf for part in self.parts for leaf in leaves(part) if isinstance(leaf, Picked)]

    @property
    def parts(self) -> tuple[Any, ...]:
        return (*self.headers.values(), *(self.auth or ()), self.query, self.body, self.form)

    @property
    def params(self) -> dict[str, Any]:
        """The query as names and values; a list under `name[]`, what holds more than that as JSON text."""
        params: dict[str, Any] = {}
        for name, value in self.query.items():
            nested = isinstance(value, Mapping) or (is_container(value) and any(map(is_container, value)))
            params[f"{name}[]" if is_container(value) and not nested else name] = one_line(value) if nested else value
        return params


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
    return f'export {secret.variable}="${{{secret.variable}:-<{said(secret.means)}>}}"'


def said(words: str | Promise) -> str:
    """Words that stand inside of quotes and braces."""
    return re.sub(r"[^\w .,:-]", "", str(words))


# --- A shell ---------------------------------------------------------------------------------------------

MARK = "\ue000"
"""Around the variable's name of a secret, until the text is quoted. For private use: no sample holds it."""


def curl(request: SampleRequest) -> str:
    """The request for a shell, below the lines that set its secrets and what it needs to know."""
    return "\n".join([*map(export_line, request.secrets), *map(shell_picked, request.picked), command(request)])


def shell_picked(picked: Picked) -> str:
    """Sets the lower-case variable: pasted again, it is found again."""
    name, value = picked.variable.lower(), picking(picked.request, picked.picks)
    return (
        f'{name}="${picked.variable}"\nif [ -z "${name}" ]; then\n  {name}={value}\nfi\n'
        f': "${{{name}:?{said(picked.missing)}}}"'
    )


def picking(request: SampleRequest, picks: str) -> str:
    """The value of `picks` over the request's answer; the whole answer is told where it is a failure."""
    program = f"""
import json, sys
answer = json.load(sys.stdin)
if "result" not in answer:
    sys.exit(str(answer))
print({picks})
"""
    return f"$({command(request, silent=True)} |\n  python3 -c {quoted(program)})"


def curl_keeping(secret: Secret, request: SampleRequest, picks: str) -> str:
    """Keeps a part of the answer as the secret's variable, for the samples that need it."""
    lines = [*map(export_line, request.secrets), f"export {secret.variable}={picking(request, picks)}"]
    return "\n".join([*lines, f'echo "${secret.variable}"'])


def command(request: SampleRequest, silent: bool = False) -> str:
    # -G puts the data into the address.
    head = "curl -s" if silent else "curl"
    if request.query:
        head += " -G"
    if not (request.query and request.method == "GET"):
        head += f" -X {request.method}"
    lines = [f"{head} {quoted(request.url)}"]
    if request.auth:
        lines.append('-u "' + ":".join(f"${secret.variable}" for secret in request.auth) + '"')
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
    return " \\\n  ".join(lines)


def marked(value: Any) -> Any:
    if isinstance(value, Picked):
        return f"{MARK}{value.variable.lower()}{MARK}"
    return f"{MARK}{value.variable}{MARK}" if isinstance(value, Secret) else value


SHELL = replace(JSON, scalar=lambda value: json_scalar(marked(value)))


def plain(value: Any) -> str:
    """A value as the text of a query or of a form's part."""
    return str(marked(value)) if isinstance(value, str | Secret | Picked) else one_line(value, SHELL)


def quoted(text: str) -> str:
    """`text` as one word of a shell; for a marked secret stands its variable."""
    word = "'" + text.replace("'", "'\\''") + "'"
    return re.sub(f"{MARK}(\\w+){MARK}", r"""'"$\1"'""", word)


# --- Python ----------------------------------------------------------------------------------------------


def python(request: SampleRequest) -> str:
    """The request as a program, below a comment that says how to set its secrets in the shell."""
    needed = {
        "json": any(map(is_container, request.form.values())),
        "os": bool(request.secrets or request.picked),
        "sys": bool(request.picked),
    }
    lines = [
        *shell_lines(request),
        *(f"import {name}" for name, used in needed.items() if used),
        "",
        "import requests  # pip install requests",
        "",
        *(line for picked in request.picked for line in [*python_picked(picked), ""]),
        f"response = {sent(request)}",
        "print(response.status_code)",
        "print(response.json())",
    ]
    return "\n".join(lines).lstrip("\n")


def python_picked(picked: Picked) -> list[str]:
    name = picked.variable.lower()
    return [
        f'{name} = os.environ.get("{picked.variable}")',
        f"if not {name}:",
        *("    " + line for line in answered(picked.request)),
        f"    {name} = {picked.picks}",
        f"if not {name}:",
        f"    sys.exit({json_scalar(picked.missing)})",
    ]


def answered(request: SampleRequest) -> list[str]:
    """Sends it; the whole answer is told where it is a failure."""
    asked = f"answer = {sent(request)}.json()"
    return [*asked.splitlines(), 'if "result" not in answer:', "    sys.exit(str(answer))"]


def python_keeping(secret: Secret, request: SampleRequest, picks: str) -> str:
    """The same in a program."""
    lines = [
        *shell_lines(request),
        *("import os", "import sys", "", "import requests  # pip install requests", ""),
        *answered(request),
        f"{literal_scalar(secret)} = {picks}",
        f"print({literal_scalar(secret)})",
    ]
    return "\n".join(lines)


def shell_lines(request: SampleRequest) -> list[str]:
    first = _("First, in the shell:")
    return [f"# {first} {export_line(secret)}" for secret in request.secrets]


def sent(request: SampleRequest) -> str:
    """The call that sends it."""
    headers = dict(request.headers)
    arguments = []
    if request.auth:
        # As bytes: of texts the library would take Western European ones only.
        pair = ", ".join(f"{literal_scalar(secret)}.encode()" for secret in request.auth)
        arguments.append(f"auth=({pair})")
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
    lines = "".join(f"    {each},\n" for each in [json_scalar(request.url), *arguments, "timeout=30"])
    return f"requests.{request.method.lower()}(\n{lines})"


def argument(name: str, value: Any, margin: int = 4) -> str:
    """A keyword argument with a plain literal."""
    return f"{name}={laid_out(value, LITERAL, margin, margin + len(name) + 1)}"


def part(value: Any) -> str:
    """The value of a form's part as an expression."""
    spelt = laid_out(value, LITERAL, 8, 30)
    return f"json.dumps({spelt}, ensure_ascii=False)" if is_container(value) else spelt


def literal_scalar(value: Any) -> str:
    if isinstance(value, Picked):
        return value.variable.lower()
    return f'os.environ["{value.variable}"]' if isinstance(value, Secret) else python_scalar(value)


LITERAL = replace(PYTHON, scalar=literal_scalar)


def is_container(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def any_secret(value: Any) -> bool:
    return any(isinstance(leaf, Secret | Picked) for leaf in leaves(value))


def holds_floats(value: Any) -> bool:
    """Whether Python's floats hold every number of `value` with all its digits."""
    numbers = [leaf for leaf in leaves(value) if isinstance(leaf, Decimal)]
    return all(Decimal(repr(float(number))) == number for number in numbers)
