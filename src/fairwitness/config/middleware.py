"""Puts the time and the deployment's works on each request of a page: the clock is read here."""

import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from fairwitness.config import clock, composition
from fairwitness.web import public

_LOG = logging.getLogger(__name__)


class EdgeMiddleware:
    """`request.at` is one moment for the whole request; `request.works` what it may work with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, with the time and the works on it.

        Raises:
            BadRequest: something in it holds a nought character, which no database keeps as text.
        """
        for values in (*dict(request.GET.lists()).values(), *dict(request.POST.lists()).values()):
            if any("\0" in value for value in values):
                raise BadRequest
        request.at = clock.now()  # type: ignore[attr-defined] # read back typed by web.visits
        request.works = composition.deployment()  # type: ignore[attr-defined] # likewise
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say "not now" where the database stopped an act: a deadlock, a lock that is not let go.

        Its transaction is undone by then. Machines are told the same, with the same code.
        """
        if not isinstance(error, OperationalError):
            return None
        _LOG.error("%s %s could not be answered.", request.method, request.path, exc_info=error)
        return public.busy(request)
