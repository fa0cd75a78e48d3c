"""What every page tells the browser: run nothing that is not ours, frame us nowhere.

Pages need neither inline scripts nor inline styles, so the content policy allows none.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_RULES = (
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)

POLICY = "; ".join(_RULES)


def with_pictures_from(origin: str) -> str:
    """The policy of a page that also shows pictures of one other server: the map's.

    Args:
        origin: scheme, host and port.
    """
    return POLICY.replace("img-src 'self'", f"img-src 'self' {origin}")


class SecurityHeaders:
    """Adds the headers to each answer of a page; pages about people are never cached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, with the headers."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        return response
