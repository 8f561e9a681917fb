"""HTTP requests: sent one by one to look at the answer, or written down as a script that wrk repeats."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

HOLE = "@@@@@@@"
"""Stands where each request has a number of its own: in a path the id of any record, in a body a counter of as many
digits, so that no length changes."""

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """A request without its headers, maybe with a HOLE."""

    method: str
    path: str
    body: str = ""

    def filled(self, number: int) -> Request:
        """The same with a number in its hole."""
        return Request(
            self.method, self.path.replace(HOLE, str(number)), self.body.replace(HOLE, f"{number:0{len(HOLE)}}")
        )

    def written(self, headers: Headers) -> str:
        """The whole request as it goes over the wire; its length counts bytes."""
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body.encode())}"]
        return "\r\n".join([*lines, "", self.body])


@dataclass(frozen=True)
class Answer:
    status: int
    content: Any


def ask(port: int, request: Request, headers: Headers) -> Answer:
    """The answer of a server on this machine to one request."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        body = request.body.encode() or None
        more = {"Content-Type": "application/json"} if body else {}
        connection.request(request.method, request.path, body, {**headers, **more})
        response = connection.getresponse()
        text = response.read()
        try:
            return Answer(response.status, json.loads(text))
        except ValueError:
            return Answer(response.status, text[:200].decode(errors="replace"))


def lua(text: str) -> str:
    """A Lua string of these bytes."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\{b:03}" for b in text.encode()) + '"'


def script(
    requests: Sequence[Request],
    headers: Headers,
    *,
    between: Sequence[Request] = (),
    records: int = 1,
    start: int = 0,
) -> str:
    """A script for wrk that sends the requests in turn, all made beforehand; only a hole is filled each time: in a
    path by the id of any of `records` records, in the body by a counter from `start` on.

    With `between`, one of those goes before each request, each connection on a thread of its own, and the script itself
    takes the time of the others, since wrk would mix the two.
    """
    first, second = (_table(list_, headers) for list_ in (requests, between))
    return f"""{PRELUDE}
local records, start = {records}, {start}
local asked, before = {first}, {second}
{SCRIPT}"""


def _table(requests: Sequence[Request], headers: Headers) -> str:
    rows = []
    for request in requests:
        kind = '"random"' if HOLE in request.path else '"counter"' if HOLE in request.body else '""'
        head, _hole, tail = request.written(headers).partition(HOLE)
        rows.append(f"{{{kind}, {lua(head)}, {lua(tail)}}}")
    return "{\n" + ",\n".join(rows) + "\n}"


PRELUDE = """
local ffi = require("ffi")
ffi.cdef[[
typedef struct { long seconds; long nanoseconds; } moment_t;
int clock_gettime(int clock, moment_t *moment);
]]
local moment = ffi.new("moment_t")
local function microseconds()
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.seconds) * 1e6 + tonumber(moment.nanoseconds) / 1e3
end
"""

SCRIPT = """
local threads = {}
function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local sent, began, reading = 0, 0, true
times = {}

function init()
  math.randomseed(start + number)
  sent = number * 37
  start = start + number * 100003
end

local function filled(row)
  if row[1] == "random" then return row[2] .. string.format("%d", math.random(1, records)) .. row[3] end
  if row[1] == "counter" then
    start = (start + 1) % 10000000
    return row[2] .. string.format("%07d", start) .. row[3]
  end
  return row[2] .. row[3]
end

function request()
  if #before > 0 then
    reading = not reading
    if not reading then return filled(before[sent % #before + 1]) end
    began = microseconds()
  end
  sent = sent + 1
  return filled(asked[sent % #asked + 1])
end

if #before > 0 then
  function response()
    if reading then times[#times + 1] = microseconds() - began end
  end
end

function done(summary, latency, requests)
  local all, count, p50, p99 = {}, summary.requests, latency:percentile(50), latency:percentile(99)
  if #before > 0 then
    for _, thread in ipairs(threads) do
      for _, time in ipairs(thread:get("times")) do all[#all + 1] = time end
    end
    table.sort(all)
    count = #all
    p50 = all[math.max(1, math.ceil(count * 0.50))] or 0
    p99 = all[math.max(1, math.ceil(count * 0.99))] or 0
  end
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}\\n',
    count, summary.duration, p50, p99, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""
