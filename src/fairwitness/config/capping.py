"""A cap on the bodies that Django gets: a form, and never footage."""

from fairwitness.api.exchange import SMALL_BODY, App, Message, Receive, Scope, Send


def capped(app: App, most: int = SMALL_BODY) -> App:
    """The application with bodies of at most `most` bytes; a longer one is answered 413."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await _too_long(send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                return {"type": "http.disconnect"}
            return message

        await app(scope, counted, send)

    return answer


async def _too_long(send: Send) -> None:
    body = b"At most 1 MiB here."
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
