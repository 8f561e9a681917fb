"""The addresses of the whole product: the admin, and below it what apaas answers."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("apaas/", include("apaas.urls")),
]
