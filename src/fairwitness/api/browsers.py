"""Bytes from a browser: whose they are, and whether a page of ours began their upload.

A browser sends its session's cookie with whatever a page has it ask, somebody else's page too. So
the cookie says who it is and allows nothing. What allows is the `Upload-Pass` that the page *Bring
in footage* was given for this one upload (`import_desk`), in a header that no page of another
origin may send without asking us, and we never agree.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from fairwitness.errors import FairwitnessError
from fairwitness.force import sessions
from fairwitness.force.models import Officer
from fairwitness.force.sessions import SessionStore
from fairwitness.ingest import import_desk
from fairwitness.ingest.sessions import SessionUnknown

PASS: Final = "upload-pass"  # noqa: S105 # the name of a header


class NotByBrowser(FairwitnessError):
    """Something that a dock may ask for, and a browser may not."""

    code = "import.browser"


def sender_of(headers: Mapping[str, str], *, upload: UUID, at: datetime) -> Officer:
    """The officer who is signed in and may send bytes to this upload.

    Raises:
        SessionUnknown: nobody is signed in.
        PassInvalid, NotAllowed: the upload is none that a page began for this officer, or they may
            no longer import; written down.
    """
    officer = _signed_in(headers.get("cookie", ""), datetime.now(tz=UTC))
    import_desk.admit(upload=upload, given=headers.get(PASS, ""), officer=officer, at=at)
    return officer


def _signed_in(cookie: str, now: datetime) -> Officer:
    # HTTP/2 may send several cookie headers, which `Exchange` has joined by commas.
    key = parse_cookie(cookie.replace(", ", "; ")).get(settings.SESSION_COOKIE_NAME)
    request = HttpRequest()
    request.session = SessionStore(key)
    person = get_user(request)
    if (
        not isinstance(person, Officer)
        or not person.active
        or not sessions.keep(request.session, at=now)
    ):
        raise SessionUnknown("You are signed out. Sign in again, and go on.")
    if request.session.modified:
        request.session.save()
    return person
