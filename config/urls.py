"""The addresses of the whole product: what apaas answers, and the admin."""

from django.contrib import admin
from django.urls import include, path

from forms_app.admin.people.invitation_page import invitation

urlpatterns = [
    # First what is asked most: the patterns are tried one after the other.
    path("apaas/", include("apaas.urls")),
    path("admin/", include("apaas.reference.pages.urls")),
    path("admin/invitation/<uidb64>/<token>/", invitation, name="invitation"),
    path("admin/", admin.site.urls),
    path("", include("apaas.ticket_urls")),
]
