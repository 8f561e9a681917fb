"""The product's addresses as they are where a provider is named."""

from django.urls import include, path

from config import urls

urlpatterns = [path("oidc/", include("apaas.company_sign_in.urls")), *urls.urlpatterns]
