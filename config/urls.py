"""The addresses of the whole product: what apaas answers, and the admin."""

from django.contrib import admin
from django.urls import include, path

from apaas.reference.pages.flow_views import flow_api
from apaas.reference.pages.views import form_api

urlpatterns = [
    # First what is asked most: the patterns are tried one after the other.
    path("apaas/", include("apaas.urls")),
    path("admin/forms_app/customform/<int:form_id>/api/", admin.site.admin_view(form_api), name="form-api"),
    path("admin/forms_app/flow/<int:flow_id>/api/", admin.site.admin_view(flow_api), name="flow-api"),
    path("admin/", admin.site.urls),
    path("", include("apaas.tickets.urls")),
]
