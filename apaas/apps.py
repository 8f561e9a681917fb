"""HTTP as a Django app."""

from django.apps import AppConfig


class ApaasConfig(AppConfig):
    """Requests in, envelopes out; knows no SQL."""

    name = "apaas"

    def ready(self) -> None:
        from apaas import sign_in  # models must be loaded first

        sign_in.connect()
