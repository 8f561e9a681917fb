"""The requests of the form-entity API's document, pasted. Mended are only its slips: comments in JSON are left out, as
are a trailing comma and a blank in a path, and four missing colons are set."""

# ruff: noqa: E501 - pasted is pasted

LIST = """{
    "page": 1,
    "per_page": 20,
    "custom_form_id": 2,
    "search_column_name": "text_1691474633936_f856b9",
    "query": "xxxxxxxx",
    "filters": [
      {"name": "id", "op": "in", "value": [11, 22]},
      {"name": "select_1691125929052_d05a00", "op": "in", "value": ["H6Qq/ojoIFNyICUXzx3UOw=="]},
      {"name": "multi_select_1691562342042_e0b50f", "op": "in", "value": ["qxjjDA3ECTzu2olh+sPR9A==", "QpbX0pPJ6koOUsZBXwtclg=="]},
      {"name": "created_at", "op": "within", "value": ["2023-08-14 12:00:00", "2023-08-14 15:00:00"]},
      {"name": "address_select_1692266369719_510d42", "op": "eq", "value": {"city_id": "73", "country_id": "4","district_id": "732","province_id": "9"}},
      {"name": "datetime_range_field_1692266369719_513d41", "op":"within", "value": ["2023-08-20 00:00:00", "2023-08-26 02:00:00"]},
      {"name": "integer_field_1692266369719_578e31", "op":"within", "value": [10, 20]},
      {"name": "user", "op":"in", "value": {"user_ids": [1, 2], "department_ids": [3, 4] }},
       {"name": "nest_2324013095370acf", "op": "eq", "value": {"level_0": "60943MKVMq0Erpe9dUdV7w==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ==" }}
    ],
    "sort": [{ "created_at": "desc" }, {"id": "asc"}],
    "only_field_names": [
      "id", "custom_form_id", "app_id", "text_1691116765689_fe4558", "user", "created_at", "updated_at"
    ]
}"""

IDS = """{
    "custom_form_id": 2,
    "search_column_name": "text_1691474633936_f856b9",
    "query": "xxxxxxxx",
    "filters": [
      {"name": "id", "op": "in", "value": [11, 22]},
      {"name": "select_1691125929052_d05a00", "op": "in", "value": ["H6Qq/ojoIFNyICUXzx3UOw=="]},
      {"name": "multi_select_1691562342042_e0b50f", "op": "in", "value": ["qxjjDA3ECTzu2olh+sPR9A==", "QpbX0pPJ6koOUsZBXwtclg=="]},
      {"name": "created_at", "op": "within", "value": ["2023-08-14 12:00:00", "2023-08-14 15:00:00"]},
      {"name": "address_select_1692266369719_510d42", "op": "eq", "value": {"city_id": "73", "country_id": "4","district_id": "732","province_id": "9"}},
      {"name": "datetime_range_field_1692266369719_513d41", "op":"within", "value": ["2023-08-20 00:00:00", "2023-08-26 02:00:00"]},
      {"name": "integer_field_1692266369719_578e31", "op":"within", "value": [10, 20]},
      {"name": "user", "op":"in", "value": {"user_ids": [1, 2], "department_ids": [3, 4] }},
      {"name": "nest_2324013095370acf", "op": "eq", "value": {"level_0": "60943MKVMq0Erpe9dUdV7w==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ==" }}
    ],
    "sort": [{ "created_at": "desc" }, {"id": "asc"}]
}"""

CREATE = """{
    "only_field_names": [
      "id", "created_at", "updated_at"
    ],
    "form_entity": {
        "text_1691116765689_fe45581": "哇咔隧道咔a 133333a a",
        "select_1691125929052_d05a00": "H6Qq/ojoIFNyICUXzx3UOw==",
        "multi_select_1691562342042_e0b50f": ["qxjjDA3ECTzu2olh+sPR9A==","QpbX0pPJ6koOUsZBXwtclg=="],
        "address_select_1692580744482_e108c6":  {
          "country_id": "4", "province_id": "9",
          "city_id": "73", "district_id": "732", "detail_address": "马路口驴子街"
        },
        "geo_address_1692673349914_fc5d81": {
            "latitude": 29.952211,
            "longitude": 90.080563
        },
        "datetime_range_field_1692266369719_513d41": ["2023-08-20 00:01:00", "2023-08-25 23:59:59"],
        "file_field_1692266369719_123d41": [
            {"id": 1, "name": "test1.jpg", "file_file_name": "test1.jpg", "file_content_type": "jpg", "file_file_size": 10, "file_url":"https://dn-ikcrm-files-dev.qbox.me/attachments/files/403692/xxxx.gif"},
            {"id": 2, "name": "test2.jpg", "file_file_name": "test2.jpg", "file_content_type": "jpg", "file_file_size": 10, "file_url":"https://dn-ikcrm-files-dev.qbox.me/attachments/files/403692/xxxx.gif"},
            {"id": 4, "name": "test4.jpg", "file_file_name": "test4.jpg", "file_content_type": "jpg", "file_file_size": 10, "file_url":"https://dn-ikcrm-files-dev.qbox.me/attachments/files/403692/xxxx.gif"},
            {"id": 3, "name": "test3.jpg", "file_file_name": "test3.jpg", "file_content_type": "jpg", "file_file_size": 10, "file_url":"https://dn-ikcrm-files-dev.qbox.me/attachments/files/403692/xxxx.gif"}
        ],
        "nest_2324013095370acf": {
            "level_0": "60943MKVMq0Erpe9dUdV7w==",
            "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="
        }
    }
}"""

UPDATE = """{
    "only_field_names": [
      "id", "created_at", "updated_at"
    ],
    "form_entity": {
        "text_1691116765689_fe45581": "哇咔隧道咔a 133333a a",
        "select_1691125929052_d05a00": "H6Qq/ojoIFNyICUXzx3UOw==",
        "multi_select_1691562342042_e0b50f": ["qxjjDA3ECTzu2olh+sPR9A==","QpbX0pPJ6koOUsZBXwtclg=="],
        "address_select_1692580744482_e108c6":  {
          "country_id": "4", "province_id": "9",
          "city_id": "73", "district_id": "732", "detail_address": "马路口驴子街"
        },
        "geo_address_1692673349914_fc5d81": {
            "latitude": 29.952211,
            "longitude": 90.080563
        },
        "usr_23269095707e8": [
            {"uid": 4, "name": "test1", "third_userid": null}
        ],
        "dept_232691000022d": [
            {"did": 1, "name": "dept1", "third_dept_id": null}
        ],
        "nest_2324013095370acf": {
            "level_0": "60943MKVMq0Erpe9dUdV7w==",
            "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="
        },
        "cu_rela_2324018421118": {
            "value": 1,
            "label": "上海微问家",
            "relation_source": {
                "id": 23,
                "name": "data_1_3_9ddabc",
                "label": "推广线索",
                "external_type": ""
            }
        }

    }
}"""

EVALUATE = """{
    "id": 1,
    "custom_app_id": 2,
    "custom_form_id": 3,
    "field_name": "text_169111676456_af4re5t",
    "form_entity": {
        "float_1691116765689_fe45581": 3.45,
        "integer_1691125929052_d05a00": 1.12,
        "cu_rela_2324018421118": {
            "value": 1,
            "label": "上海微问家",
            "relation_source": {
                "id": 23,
                "name": "data_1_3_9ddabc",
                "label": "推广线索",
                "external_type": ""
            }
        }
    },
    "data_1_3_9ddabc": {
        "id": 2,
        "float_1691116765689_9ddabc": 5.78,
        "integer_1691116765689_9ddabc": 6.23
    }
}"""

DETAIL = (
    "?only_field_names[]=id&only_field_names[]=app_id&only_field_names[]=custom_form_id"
    "&only_field_names[]=text_1691116765689_fe4558&only_field_names[]=user&only_field_names[]=created_at"
    "&only_field_names[]=updated_at"
)

TRANSFER = """{
    "custom_form_id": 2,
    "ids": [1, 2],
    "to_user_uid": 3
}"""

MASS_DESTROY = """{
    "ids": [26],
    "custom_form_id": 2
}"""
