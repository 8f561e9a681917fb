"""The addresses of the whole product: the admin, and below it what apaas answers."""

from django.contrib import admin
from django.urls import include, path

from apaas.api_pages.flow_views import flow_api
from apaas.api_pages.views import form_api

urlpatterns = [
    path("admin/forms_app/customform/<int:form_id>/api/", admin.site.admin_view(form_api), name="form-api"),
    path("admin/forms_app/flow/<int:flow_id>/api/", admin.site.admin_view(flow_api), name="flow-api"),
    path("admin/", admin.site.urls),
    path("apaas/", include("apaas.urls")),
    path("", include("apaas.ticket_urls")),
]
