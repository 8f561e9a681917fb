"""The filters of the lists of definitions, declared by django-filter. Their values are checked parameters already."""

from __future__ import annotations

from django_filters import CharFilter, FilterSet, NumberFilter

from forms_app.models import CustomApp, CustomForm


class CustomAppFilterSet(FilterSet):
    """Apps by status and by a part of their name (ours)."""

    status = CharFilter()
    name = CharFilter(lookup_expr="icontains")

    class Meta:
        model = CustomApp
        fields: list[str] = []


class CustomFormFilterSet(FilterSet):
    """Forms by app, and (ours) by status and a part of their name."""

    custom_app_id = NumberFilter()
    status = CharFilter()
    name = CharFilter(lookup_expr="icontains")

    class Meta:
        model = CustomForm
        fields: list[str] = []
