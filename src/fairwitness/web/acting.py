"""One way to do what a form asks: one domain call, then the next page, or the refusal in words."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from fairwitness.errors import FairwitnessError
from fairwitness.force.asking import NotAllowed
from fairwitness.web import page


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
    except NotAllowed as refusal:
        return page.refuse(
            request,
            title="You can’t do this",
            sentence=refusal.message,
            detail="This request was written down.",
            back=back,
        )
    except FairwitnessError as error:
        return page.refuse(
            request,
            title="Not done",
            sentence=error.message,
            detail="Nothing was changed.",
            back=back,
            status=400,
        )
    page.tell(request, message)
    return HttpResponseRedirect(then)
