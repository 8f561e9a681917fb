"""The addresses of the whole product: what apaas answers, and the admin."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import views as health
from config.metrics.views import metrics
from forms_app.admin.language import choose_language
from forms_app.admin.people.invitation_page import invitation
from forms_app.admin.session import session_state

handler500 = "config.failures.answer"

# mozilla-django-oidc, an extra that need not be installed, is imported only where a provider is named.
company_sign_in = [path("oidc/", include("apaas.company_sign_in.urls"))] if settings.OIDC_ISSUER else []
urlpatterns = [
    # First what is asked most: the patterns are tried one after the other.
    path("apaas/", include("apaas.urls")),
    path("admin/", include("apaas.reference.pages.urls")),
    path("admin/invitation/<uidb64>/<token>/", invitation, name="invitation"),
    path("admin/language/", choose_language, name="set_language"),
    path("admin/session/", session_state, name="session"),
    path("admin/", admin.site.urls),
    path("livez", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    *company_sign_in,
    path("", include("apaas.ticket_urls")),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="entrance"),
    # Browsers ask for it where a page names none, as at an answer of JSON.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}forms_app/favicon.svg"), name="favicon"),
]
