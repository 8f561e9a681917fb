"""A database as quickstart leaves it, and a client that calls it as the document's readers do."""

from __future__ import annotations

import json
from typing import Any

from django.test import TestCase

from forms_app.demo import make_demo

SECRETS = {
    "admin_username": "admin",
    "admin_password": "correct horse battery staple",
    "token": "apaas_the-first-organizations-token-0000000000",
    "other_token": "apaas_the-other-organizations-token-000000000",
}
ROOT = "/apaas/api/v2/form_entities"


class DemoTestCase(TestCase):
    """The demo, made once for the class; each test's changes are taken back."""

    facts: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.facts = make_demo(SECRETS)

    def send(
        self, method: str, path: str, body: Any = None, token: str = SECRETS["token"], status: int = 200
    ) -> dict[str, Any]:
        """The answer's JSON. `body` is JSON text, or a value to be written as such; it goes along with any method."""
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
        response = self.client.generic(
            method, ROOT + path, text.encode(), content_type="application/json", headers={"ACCESS-TOKEN": token}
        )
        self.assertEqual(response.status_code, status, response.content.decode())
        self.assertEqual(response.headers["Content-Type"].split(";")[0], "application/json")
        self.text = response.content.decode()
        answer: dict[str, Any] = json.loads(self.text)
        return answer

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """`data` of a call that succeeds, its envelope checked."""
        answer = self.send(method, path, body)
        self.assertEqual(list(answer), ["code", "message", "remark", "data"])
        self.assertEqual((answer["code"], answer["message"], answer["remark"]), (0, "success", "成功"))
        return answer["data"]
