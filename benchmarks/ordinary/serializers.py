"""How a record is checked and shown."""

from typing import Any

from rest_framework import serializers

from benchmarks import forms
from benchmarks.ordinary.models import Record


class Token(serializers.ChoiceField):
    """One of the options of a choice field."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(choices=forms.tokens(name, count), required=False)


class Keeper(serializers.Serializer):
    uid = serializers.IntegerField(min_value=1, max_value=forms.MEMBERS)


class ValuesSerializer(serializers.Serializer):
    """The 20 fields that a client writes."""

    title = serializers.CharField(max_length=1000)
    company = serializers.CharField(max_length=1000, required=False)
    contact = serializers.CharField(max_length=1000, required=False)
    remark = serializers.CharField(max_length=100_000, required=False)
    email = serializers.EmailField(required=False)
    mobile = serializers.RegexField(r"^1[3-9]\d{9}$", required=False)
    status = Token("status", 8)
    source = Token("source", 6)
    level = Token("level", 4)
    region = Token("region", 12)
    kind = Token("kind", 5)
    tags = serializers.ListField(child=serializers.ChoiceField(choices=forms.tokens("tags", 8)), required=False)
    amount = serializers.FloatField(required=False)
    quantity = serializers.IntegerField(required=False)
    score = serializers.IntegerField(required=False)
    discount = serializers.FloatField(required=False)
    due = serializers.DateTimeField(required=False)
    signed = serializers.DateField(required=False)
    key_account = serializers.BooleanField(required=False)
    keeper = Keeper(many=True, required=False)


class RecordSerializer(serializers.ModelSerializer):
    owner_name = serializers.CharField(source="owner.username", read_only=True)
    data = serializers.DictField()

    class Meta:
        model = Record
        fields = ["id", "form", "owner", "owner_name", "data", "created_at", "updated_at"]
        read_only_fields = ["owner"]

    def validate_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """The values as JSON that were sent, once each of them is found right."""
        checked = ValuesSerializer(data=data, partial=self.partial)
        checked.is_valid(raise_exception=True)
        return {name: data[name] for name in checked.validated_data}

    def update(self, instance: Record, validated_data: dict[str, Any]) -> Record:
        """A part of the values leaves the others as they are."""
        validated_data["data"] = {**instance.data, **validated_data.get("data", {})}
        return super().update(instance, validated_data)
