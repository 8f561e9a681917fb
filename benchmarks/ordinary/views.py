"""The API: one ModelViewSet."""

from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.viewsets import ModelViewSet

from benchmarks.ordinary.models import Record
from benchmarks.ordinary.serializers import RecordSerializer


class Pages(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"


class Statuses(django_filters.BaseInFilter, django_filters.CharFilter):
    """Several values, divided by commas."""


class RecordFilter(django_filters.FilterSet):
    status = Statuses(method="by_status")
    quantity_min = django_filters.NumberFilter(method="by_quantity_min")
    quantity_max = django_filters.NumberFilter(method="by_quantity_max")
    title = django_filters.CharFilter(field_name="data__title", lookup_expr="icontains")

    class Meta:
        model = Record
        fields = ["form", "owner"]

    def by_status(self, records: QuerySet[Record], name: str, value: list[str]) -> QuerySet[Record]:
        """Containment, which the GIN index serves."""
        return records.filter(reduce(or_, (Q(data__contains={"status": status}) for status in value)))

    def by_quantity_min(self, records: QuerySet[Record], name: str, value: Any) -> QuerySet[Record]:
        return records.filter(data__quantity__gte=int(value))

    def by_quantity_max(self, records: QuerySet[Record], name: str, value: Any) -> QuerySet[Record]:
        return records.filter(data__quantity__lte=int(value))


class RecordViewSet(ModelViewSet):
    queryset = Record.objects.select_related("owner")
    serializer_class = RecordSerializer
    pagination_class = Pages
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_class = RecordFilter
    ordering_fields = ["id", "created_at", "updated_at", "data__quantity"]

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=self.request.user)
