"""The answers of the ticket API's document, pasted, and its Python example. Mended are only its slips: the list's
"...", and in the example a variable that has no value."""

from __future__ import annotations

import json
from typing import Any

from forms_app.exact_json import dumps

CREATED = """{
  "status": "200",
  "message": "開單成功。",
  "result": "<data_no>"
}"""

CREATED_VALIDATING = """{
  "status": "200",
  "message": "開單成功。",
  "result": ""
}"""

CREATE_FAILED = """{
  "status": "404",
  "message": "開單失敗。"
}"""

EXAMPLE = """import requests,json

url = '<開單API網址>'
formdata = [{"id": "FORMITM_2","value": "<輸入>"}]
values={
  "security": "<sevurity>",
  "omflow_restapi": 1,
  "action": "create",
  "formdata": json.dumps(formdata)
}
files={'files': open('<檔案路徑>','rb')}
requests.post( url, data=values, files=files )
"""

QUERIED = """{
  "status": "200",
  "message": "查詢成功。",
  "result": [
    {
      "data_id": "<資料的唯一編號，推單時使用>",
      "stop_chart_text": "<停留的關卡名稱(人工輸入元件名稱)>"
    }
  ]
}"""

QUERY_FAILED = """{
  "status": "404",
  "message": "查詢失敗。"
}"""

PUSHED = """{
  "status": "200",
  "message": "推單成功。",
  "result": ""
}"""

PUSH_FAILED = """{
  "status": "404",
  "message": "推單失敗。"
}"""


def said(answer: str, **values: Any) -> bytes:
    """The bytes of an answer: the document's keys in its order, with these values in the place of its own."""
    found = json.loads(answer)
    assert set(values) <= set(found)
    return dumps({**found, **values})


def failed(answer: str) -> bytes:
    """With what a failure's bytes begin: the document's, and behind it the reason."""
    return dumps(json.loads(answer))[:-1] + b',"reason":"'
