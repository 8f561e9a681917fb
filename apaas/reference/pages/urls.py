"""The API tabs of forms and flows, below the admin's own addresses."""

from django.contrib import admin
from django.urls import path

from apaas.reference.pages.flow_views import flow_api
from apaas.reference.pages.views import form_api

urlpatterns = [
    path("forms_app/customform/<int:form_id>/api/", admin.site.admin_view(form_api), name="form-api"),
    path("forms_app/flow/<int:flow_id>/api/", admin.site.admin_view(flow_api), name="flow-api"),
]
