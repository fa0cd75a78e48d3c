"""Django never gets more than a form."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from fairwitness.config.capping import capped

Message = MutableMapping[str, Any]


def ask(parts: list[bytes], *headers: tuple[bytes, bytes]) -> tuple[bytes, list[Message]]:
    """What the application behind the cap saw, and what was answered."""
    seen: list[bytes] = []
    heard: list[Message] = []
    queue = [
        {"type": "http.request", "body": part, "more_body": number + 1 < len(parts)}
        for number, part in enumerate(parts)
    ]

    async def behind(_scope: Message, receive: Any, send: Any) -> None:  # noqa: ANN401 # ASGI
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            seen.append(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return queue.pop(0)

    async def send(message: Message) -> None:
        heard.append(message)

    scope = {"type": "http", "headers": list(headers)}

    async def main() -> None:
        await capped(behind, most=10)(scope, receive, send)

    asyncio.run(main())
    return b"".join(seen), heard


def test_a_form_goes_through() -> None:
    seen, heard = ask([b"12345", b"67890"], (b"content-length", b"10"))
    assert seen == b"1234567890"
    assert heard[0]["status"] == 200


@pytest.mark.parametrize("length", [b"11", b"99999999999", b"-1", b"x"])
def test_an_announced_long_body_is_refused_before_it_comes(length: bytes) -> None:
    seen, heard = ask([b"x"], (b"content-length", length))
    assert seen == b""
    assert heard[0]["status"] == 413


def test_a_long_body_that_was_not_announced_is_cut() -> None:
    seen, heard = ask([b"123456"] * 5)
    assert len(seen) <= 10
    assert heard == []
