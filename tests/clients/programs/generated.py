"""generated.py <address> <token>: calls through the package that openapi-python-client made of the document."""

import json
import sys

from client import AuthenticatedClient
from client.api.read_records import detail, ids_by_put, list_, list_by_put
from client.api.write_records import create, mass_destroy_by_post, transfer, update
from client.models import (
    CreateBody,
    Filter,
    FilterGroup,
    FilterName,
    FilterOp,
    FormEntity,
    IdsByPutBody,
    ListByPutBody,
    MassDestroyByPostBody,
    NewFormEntity,
    RecordKey,
    SortItem,
    TransferBody,
    UpdateBody,
)

TITLE = "text_1691116775689_fb4558"
address, token = sys.argv[1:]
client = AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)


def answered(response):
    assert response.status_code == 200, response.content
    return json.loads(response.content).get("data")


one = Filter(name=FilterName.ID, op=FilterOp.IN, value=[11, 30])
order = SortItem.from_dict({"id": "asc"})
listed = answered(
    list_by_put.sync_detailed(
        client=client,
        body=ListByPutBody(
            custom_form_id=2, filters=[one, FilterGroup(or_=[one])], sort=[order], only_field_names=[RecordKey.ID]
        ),
    )
)
ids = answered(ids_by_put.sync_detailed(client=client, body=IdsByPutBody(custom_form_id=2, filters=[one])))
asked = answered(
    list_.sync_detailed(
        client=client,
        custom_form_id=2,
        filters=json.dumps([one.to_dict()]),
        sort=json.dumps([{"id": "asc"}]),
        only_field_names=[RecordKey.ID, RecordKey.USER],
    )
)
values = NewFormEntity.from_dict({TITLE: "由 Python 新建"})
made = answered(create.sync_detailed(client=client, body=CreateBody(custom_form_id=2, form_entity=values)))
changed = UpdateBody(custom_form_id=2, form_entity=FormEntity.from_dict({TITLE: "改过"}))
answered(update.sync_detailed(made["id"], client=client, body=changed))
answered(transfer.sync_detailed(client=client, body=TransferBody(custom_form_id=2, ids=[made["id"]], to_user_uid=2)))
read = answered(detail.sync_detailed(made["id"], client=client, custom_form_id=2))
answered(
    mass_destroy_by_post.sync_detailed(client=client, body=MassDestroyByPostBody(custom_form_id=2, ids=[made["id"]]))
)
told = {
    "listed": listed["models"],
    "ids": ids["ids"],
    "asked": [sorted(model) for model in asked["models"]],
    "title": read[TITLE],
    "owner": read["user"]["uid"],
}
sys.stdout.write(json.dumps(told, ensure_ascii=False))
