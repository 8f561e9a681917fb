"""An application for granian that says by which way a request came to it."""

from __future__ import annotations

import asyncio
from typing import Any

from config.serving.handing import hand_over


class Application:
    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        hand_over(loop, self._take)

    def _take(self, scope: Any, protocol: Any) -> bool:
        if scope.path == "/passed-on":
            return False
        protocol.response_str(200, [], "past the event loop")
        return True

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        protocol.response_str(200, [], "by the event loop")


application = Application()
