# curl.sh <address> <token> <text>
api="$1/apaas/api/v2/form_entities" token="$2" title=text_1691116775689_fb4558 kind='Content-Type: application/json'
ask() { curl -sS -H "ACCESS-TOKEN: $token" "$@"; }
listed=$(ask -G "$api" --data-urlencode custom_form_id=2 --data-urlencode 'filters=[{"name":"id","op":"in","value":[11,30]}]' \
  --data-urlencode 'sort[][id]=desc' --data-urlencode only_field_names=id --data-urlencode "only_field_names=$title")
found=$(ask -X PUT -H "$kind" "$api" -d '{"custom_form_id":2,"search_column_name":"'$title'","query":"'$3'","filters":{"name":"id","op":"in","value":[11,30]}}')
made=$(ask -X POST -H "$kind" "$api" -d '{"custom_form_id":2,"form_entity":{"'$title'":"泵 &=+%"},"only_field_names":["id"]}')
id=${made##*'"id":'} id=${id%%[!0-9]*}
ask -X PUT -H "$kind" "$api/$id" -d '{"custom_form_id":2,"form_entity":{"float_1692266369741_23c9a8":0.1}}' > /dev/null
ask -X POST -H "$kind" "$api/transfer" -d '{"custom_form_id":2,"ids":['$id'],"to_user_uid":2}' > /dev/null
read=$(curl -sS -g -H "Authorization: Bearer $token" "$api/$id?custom_form_id=2&only_field_names[]=$title&only_field_names[]=user")
ask -X DELETE -H "$kind" "$api/mass_destroy" -d '{"custom_form_id":2,"ids":['$id']}' > /dev/null
gone=$(ask -o /dev/null -w '%{http_code}' "$api/$id?custom_form_id=2")
refused=$(curl -sS -o /dev/null -w '%{http_code}' "$api?custom_form_id=2")
echo "{\"listed\":$listed,\"found\":$found,\"read\":$read,\"gone\":$gone,\"refused\":$refused}"
