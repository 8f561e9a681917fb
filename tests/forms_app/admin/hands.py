"""What hands do in either designer, and when the page has taken what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Response, Route, expect


def awake(page: Page) -> None:
    """The page has drawn what the server said: until then it takes no key and no click."""
    expect(page.locator("#designer:not([inert])")).to_have_count(1)


def sent(page: Page, button: str, address: str) -> Response:
    """Click on a button that posts to the address that ends so; the answer, when the page has taken it."""
    with page.expect_response(lambda response: response.url.endswith(address)) as answer:
        page.click(button)
    awake(page)
    return answer.value


@contextmanager
def held_back(page: Page, address: str, begin: Callable[[], None]) -> Iterator[None]:
    """What `begin` posts to the address that ends so, once, is answered only after the block."""
    posts: list[Route] = []
    page.route(f"**/*{address}", lambda route: posts.append(route))
    with page.expect_request(lambda request: request.url.endswith(address)):
        begin()
    expect(page.locator("#designer[inert]")).to_have_count(1)
    yield
    assert len(posts) == 1
    posts[0].continue_()
    awake(page)
    page.unroute(f"**/*{address}")
