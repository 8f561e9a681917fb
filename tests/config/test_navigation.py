"""The way from the admin to the API's pages, and back in after signing in."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.test import Client


def test_the_sidebar_leads_to_the_api_pages(admin_client: Client) -> None:
    assert b'href="/apaas/docs"' in admin_client.get("/admin/").content
    assert admin_client.get("/apaas/docs").status_code != 404


def test_signing_in_without_a_destination_leads_to_the_admin(db: None) -> None:
    get_user_model()._default_manager.create_superuser(username="boss", password="secret")
    answer = Client().post("/admin/login/", {"username": "boss", "password": "secret"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_the_printed_address_leads_to_the_pages(client: Client) -> None:
    response = client.get("/", follow=True)
    assert [url for url, _status in response.redirect_chain] == ["/admin/", "/admin/login/?next=/admin/"]
    assert response.status_code == 200


def test_a_browser_finds_the_icon_that_it_asks_for(client: Client) -> None:
    url = client.get("/favicon.ico").headers["Location"]
    assert finders.find(url.removeprefix(settings.STATIC_URL))
