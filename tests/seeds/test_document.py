"""Every request of the form-entity API's document, pasted, against the demo (docs/contract.md §2.6)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from forms_app.demo import customer_form
from tests.seeds import document
from tests.seeds.copies import SECRETS, DemoTestCase

LISTED = ["id", "custom_form_id", "app_id", "text_1691116765689_fe4558", "user", "created_at", "updated_at"]
DETAILED = ["id", "app_id", "custom_form_id", "text_1691116765689_fe4558", "user", "created_at", "updated_at"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00")
TEST = {"id": 1, "uid": 1, "name": "test", "phone": None, "path_uid": None, "third_userid": None}
LEAD = {"id": 23, "name": "data_1_3_9ddabc", "label": "推广线索", "external_type": ""}
NEST = {"level_0": "60943MKVMq0Erpe9dUdV7w==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="}
SYSTEM = [
    "id",
    "app_id",
    "custom_form_id",
    "organization_id",
    "custom_form_data_table_name",
    "primary_field_value",
    "user",
    "created_at",
    "updated_at",
]
READ_DIFFERENTLY = {
    # Times have an offset, and names are today's, where the document's samples are echoes of something else.
    "datetime_range_field_1692266369719_513d41": ["2023-08-20T00:01:00.000+08:00", "2023-08-25T23:59:59.000+08:00"],
    "usr_23269095707e8": [{"uid": 4, "name": "陈思远", "third_userid": None}],
    "dept_232691000022d": [{"did": 1, "name": "总公司", "third_dept_id": None}],
}
FULL = "?custom_form_id=2"


class DocumentTests(DemoTestCase):
    def check_time(self, value: Any) -> None:
        self.assertRegex(value, TIME)

    def check_read_back(self, record_id: int, sent: str) -> dict[str, Any]:
        """The full record, which holds what was sent in the form it is read."""
        record: dict[str, Any] = self.data("GET", f"/{record_id}{FULL}")
        for name, value in json.loads(sent)["form_entity"].items():
            self.assertEqual(record[name], READ_DIFFERENTLY.get(name, value), name)
        return record

    def test_list_gives_record_11_alone(self) -> None:
        for method in ("GET", "PUT"):
            data = self.data(method, "", document.LIST)
            self.assertEqual(
                {key: value for key, value in data.items() if key != "models"},
                {
                    "total_count": 1,
                    "total_pages": 1,
                    "next_page": None,
                    "prev_page": None,
                    "current_page": 1,
                    "per_page": 20,
                    "page": 1,
                },
            )
            [model] = data["models"]
            self.assertEqual(list(model), LISTED)
            self.assertEqual(
                model,
                {
                    "id": 11,
                    "custom_form_id": 2,
                    "app_id": 4,
                    "text_1691116765689_fe4558": "哇咔隧道咔a 133333a a",
                    "user": TEST,
                    "created_at": "2023-08-14T12:41:08.245+08:00",
                    "updated_at": "2023-08-17T09:41:52.610+08:00",
                },
            )
            self.assertIn("哇咔隧道咔a", self.text)

    def test_each_filter_of_the_list_finds_some_and_not_all(self) -> None:
        request = json.loads(document.LIST)
        alone = [{"filters": [term]} for term in request["filters"]]
        alone.append({name: request[name] for name in ("search_column_name", "query")})
        for terms in alone:
            ids = self.data("PUT", "/ids", {"custom_form_id": 2, **terms})["ids"]
            self.assertIn(11, ids, terms)
            self.assertGreaterEqual(len(ids), 2, terms)
            self.assertLess(len(ids), 420, terms)

    def test_no_other_record_matches_even_without_the_filter_on_ids(self) -> None:
        request = json.loads(document.IDS)
        request["filters"] = request["filters"][1:]
        self.assertEqual(self.data("PUT", "/ids", request), {"ids": [11]})

    def test_ids_gives_11_alone(self) -> None:
        for method in ("GET", "PUT"):
            self.assertEqual(self.data(method, "/ids", document.IDS), {"ids": [11]})

    def test_simple_gives_values_and_labels(self) -> None:
        data = self.data("GET", f"/simple{FULL}")
        pages = {key: value for key, value in data.items() if key != "models"}
        self.assertEqual(pages, {"next_page": 2, "prev_page": None, "current_page": 1, "per_page": 15, "page": 1})
        self.assertEqual(len(data["models"]), 15)
        for model in data["models"]:
            self.assertEqual(list(model), ["value", "label", "id", "text_1691116775689_fb4558"])
            self.assertEqual(model["value"], model["id"])
            self.assertEqual(model["label"], model["text_1691116775689_fb4558"])
        found = self.data("GET", f"/simple{FULL}&query={quote('微问家')}")["models"]
        self.assertEqual([model["id"] for model in found], [11])

    def test_create_gives_the_names_asked_for_and_reads_back_as_sent(self) -> None:
        created = self.data("POST", FULL, document.CREATE)
        self.assertEqual(list(created), ["id", "created_at", "updated_at"])
        self.assertGreater(created["id"], 420)
        self.check_time(created["created_at"])
        self.check_time(created["updated_at"])
        record = self.check_read_back(created["id"], document.CREATE)
        self.assertEqual(record["user"], TEST)
        self.assertEqual(record["created_at"], created["created_at"])
        self.assertEqual(record["select_1691125929052_d05a00_display"], "官网咨询")
        self.assertEqual(record["multi_select_1691562342042_e0b50f_display"], ["客户管理系统", "营销自动化"])
        self.assertEqual(record["nest_2324013095370acf_display"], ["信息技术", "软件和信息服务"])
        self.assertEqual(
            record["address_select_1692580744482_e108c6_display"], ["中国", "上海市", "上海市", "浦东新区"]
        )
        self.assertIn('"latitude":29.952211', self.text)
        self.assertIsNone(record["text_1691116775689_fb4558"])

    def test_update_changes_what_was_sent_and_nothing_else(self) -> None:
        for method, record_id in (("PUT", 30), ("POST", 1)):
            before = self.data("GET", f"/{record_id}{FULL}")
            updated = self.data(method, f"/{record_id}{FULL}", document.UPDATE)
            self.assertEqual(list(updated), ["id", "created_at", "updated_at"])
            self.assertEqual((updated["id"], updated["created_at"]), (record_id, before["created_at"]))
            self.assertGreater(updated["updated_at"], before["updated_at"])
            record = self.check_read_back(record_id, document.UPDATE)
            self.assertEqual(
                record["cu_rela_2324018421118"], {"value": 1, "label": "上海微问家", "relation_source": LEAD}
            )
            sent = json.loads(document.UPDATE)["form_entity"]
            kept = {
                name
                for name in before
                if name.removesuffix("_display") not in sent and name not in ("updated_at", "primary_field_value")
            }
            self.assertEqual({name: record[name] for name in kept}, {name: before[name] for name in kept})

    def test_evaluate_gives_the_exact_value(self) -> None:
        new = json.loads(document.EVALUATE)
        del new["id"]
        for body in (document.EVALUATE, new):
            self.assertEqual(self.data("GET", "/evaluate", body), {"value": 39.8734})
            self.assertIn('"value":39.8734', self.text.replace(" ", ""))

    def test_detail_gives_the_names_asked_for(self) -> None:
        data = self.data("GET", f"/30{document.DETAIL}&custom_form_id=2")
        self.assertEqual(list(data), DETAILED)
        self.assertEqual(
            data,
            {
                "id": 30,
                "app_id": 4,
                "custom_form_id": 2,
                "text_1691116765689_fe4558": "哇咔隧道咔a 133333a a",
                "user": TEST,
                "created_at": "2023-08-16T15:29:15.318+08:00",
                "updated_at": "2023-08-16T15:29:15.318+08:00",
            },
        )

    def test_the_full_record_has_its_keys_in_order(self) -> None:
        names: list[str] = []
        for group in customer_form.DESIGN["groups"]:
            for field in group["fields"]:
                shows = bool(field["options"]) or field["field_type"] == "address_select"
                names += [field["name"], *([f"{field['name']}_display"] if shows else [])]
        self.assertEqual(list(self.data("GET", f"/2{FULL}")), SYSTEM + names)

    def test_transfer_hands_over_and_answers_without_data(self) -> None:
        answer = self.send("PUT", "/transfer", document.TRANSFER)
        self.assertEqual(answer, {"code": 0, "message": "success", "remark": "成功"})
        for record_id in (1, 2):
            self.assertEqual(self.data("GET", f"/{record_id}{FULL}")["user"]["uid"], 3)

    def test_mass_destroy_destroys_and_answers_without_data(self) -> None:
        answer = self.send("DELETE", "/mass_destroy", document.MASS_DESTROY)
        self.assertEqual(answer, {"code": 0, "message": "success", "remark": "成功"})
        self.assertEqual(self.send("GET", f"/26{FULL}", status=404)["code"], 100100)
        self.assertEqual(self.data("GET", FULL)["total_count"], 419)
        self.send("DELETE", "/mass_destroy", document.MASS_DESTROY, status=404)

    def test_list_still_finds_11_alone_after_all_the_others(self) -> None:
        self.data("POST", FULL, document.CREATE)
        self.data("PUT", f"/11{FULL}", document.UPDATE)
        self.send("PUT", "/transfer", document.TRANSFER)
        self.send("DELETE", "/mass_destroy", document.MASS_DESTROY)
        self.assertEqual([model["id"] for model in self.data("PUT", "", document.LIST)["models"]], [11])

    def test_none_of_it_exists_for_the_other_organization(self) -> None:
        for method, path, body in (
            ("GET", "", document.LIST),
            ("PUT", "", document.LIST),
            ("GET", "/ids", document.IDS),
            ("GET", f"/simple{FULL}", None),
            ("POST", FULL, document.CREATE),
            ("PUT", f"/30{FULL}", document.UPDATE),
            ("POST", f"/30{FULL}", document.UPDATE),
            ("GET", "/evaluate", document.EVALUATE),
            ("GET", f"/30{document.DETAIL}&custom_form_id=2", None),
            ("PUT", "/transfer", document.TRANSFER),
            ("DELETE", "/mass_destroy", document.MASS_DESTROY),
        ):
            answer = self.send(method, path, body, token=SECRETS["other_token"], status=404)
            self.assertEqual((answer["code"], answer["data"]), (100100, None), path)
        self.assertEqual(self.data("GET", FULL)["total_count"], 420)
