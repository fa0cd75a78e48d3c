"""One way to do what a form asks: one domain call, then the next page, or the refusal in words."""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from fairwitness.errors import FairwitnessError
from fairwitness.force.asking import NotAllowed
from fairwitness.web import page

_TYPED: Final[Mapping[str, str]] = {
    "incident": "Incident",
    "reference": "Reference",
    "title": "What it is",
    "producer": "Producer",
    "collar_number": "Collar number",
    "basis": "Ground",
    "reason": "Reason",
    "officers": "Officers",
    "release_when": "What ends it",
    "note": "Note",
}
"""Fields that people write themselves, by what a refusal calls them."""


def _typed(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    said = ((words, request.POST.get(name, "").strip()) for name, words in _TYPED.items())
    return tuple((words, text) for words, text in said if text)


def attempt(request: HttpRequest, act: Callable[[], str], *, then: str, back: str) -> HttpResponse:
    """Do one act; tell what it came to on the page `then`, or why it was refused.

    Args:
        request: the form.
        act: the domain call; returns the sentence to tell.
        then: where to go when it is done.
        back: where the refusal leads back to.
    """
    try:
        message = act()
    except FairwitnessError as error:
        return refused(request, error, back=back)
    page.tell(request, message)
    return HttpResponseRedirect(then)


def refused(request: HttpRequest, error: FairwitnessError, *, back: str) -> HttpResponse:
    """Why an act was not done: who may not is told that it was written down."""
    if isinstance(error, NotAllowed):
        return page.refuse(
            request,
            title="You can’t do this",
            sentence=error.message,
            detail="This request was written down.",
            back=back,
        )
    return page.refuse(
        request,
        title="Not done",
        sentence=error.message,
        detail="Nothing was changed.",
        back=back,
        status=400,
        typed=_typed(request),
    )
