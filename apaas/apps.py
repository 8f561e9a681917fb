"""HTTP as a Django app."""

from django.apps import AppConfig


class ApaasConfig(AppConfig):
    """Requests in, envelopes out; knows no SQL."""

    name = "apaas"
