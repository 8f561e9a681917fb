"""The addresses of the company's sign-in; the second is the one to register with the provider."""

from django.urls import path

from apaas.company_sign_in.views import FromProvider, ToProvider

urlpatterns = [
    path("authenticate/", ToProvider.as_view(), name="oidc_authentication_init"),
    path("callback/", FromProvider.as_view(), name="oidc_authentication_callback"),
]
