"""Who is signed in on which browser: kept in rows that name the officer, so that they can be ended.

This is the session engine (`SESSION_ENGINE`). Django rotates the key at sign-in. A session ends
by itself after `IDLE` without a request and after `WHOLE` in any case; deleting its row ends
it at once, wherever it is. One at a kiosk is `shorten`ed: anybody may stand there next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.account_rows import Session
from fairwitness.force.authority import Actor
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

IDLE: Final = timedelta(minutes=30)
WHOLE: Final = timedelta(hours=12)
WARNING: Final = timedelta(minutes=2)
_TOUCH: Final = timedelta(minutes=1)
_KEY: Final = "signed-in"


class SessionGone(FairwitnessError):
    """A signed-in browser that is none of this officer's, or has ended."""

    code: ClassVar[str] = "session.gone"


class SessionStore(DatabaseStore):
    """Django's store in the database, with the officer beside each session."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table of sessions."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row for `data`."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment] # our table
        said = data.get(_KEY)
        if said is not None and "_auth_user_id" in data:
            row.officer_id = data["_auth_user_id"]
            row.began_at = datetime.fromtimestamp(said["began"], tz=UTC)
            row.seen_at = datetime.fromtimestamp(said["seen"], tz=UTC)
            row.browser, row.means = said["browser"], said["means"]
        return row


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that an officer is signed in with."""

    key: str
    browser: str
    means: str
    began_at: datetime
    seen_at: datetime


def mark(session: SessionBase, *, at: datetime, browser: str, means: Sequence[str]) -> None:
    """Note in a fresh session since when, by what and from where somebody is signed in."""
    now = int(at.timestamp())
    session[_KEY] = {
        "began": now,
        "seen": now,
        "browser": browser[:200],
        "means": ", ".join(means)[:80],
    }


def keep(session: SessionBase, *, at: datetime) -> bool:
    """Note that a signed-in session was used; False when its time is over and it must end."""
    said = session.get(_KEY)
    if said is None:
        return True  # nobody is signed in; what Django allows it is `IDLE`
    now = at.timestamp()
    idle = idle_seconds(session)
    if now - said["seen"] >= idle or now - said["began"] >= WHOLE.total_seconds():
        return False
    if now - said["seen"] >= min(_TOUCH.total_seconds(), idle / 20):
        session[_KEY] = {**said, "seen": int(now)}
    return True


def shorten(session: SessionBase, *, idle: int, at: datetime) -> None:
    """Have this session end after so many seconds without a request, as one at a kiosk must.

    They begin now: a long session notes a request only once a minute, and who came from one had
    what was left of that minute.
    """
    said = session.get(_KEY)
    if said is not None and said.get("idle") != idle:
        session[_KEY] = {**said, "idle": idle, "seen": int(at.timestamp())}


def short(session: SessionBase) -> bool:
    """Whether it is one at a kiosk."""
    return "idle" in (session.get(_KEY) or {})


def idle_seconds(session: SessionBase) -> int:
    """How long it may be without a request."""
    said = session.get(_KEY) or {}
    return int(said.get("idle", IDLE.total_seconds()))


def seconds_left(session: SessionBase, *, at: datetime) -> int:
    """Until the whole time of a session is over, or until it was idle too long; 0 for none."""
    said = session.get(_KEY)
    if said is None:
        return 0
    whole = said["began"] + WHOLE.total_seconds() - at.timestamp()
    return max(0, int(min(whole, idle_seconds(session))))


def signed_in(*, officer: Officer) -> list[SignedIn]:
    """Where an officer is signed in now, the last used first."""
    rows = Session.objects.filter(
        officer=officer, seen_at__isnull=False, began_at__isnull=False
    ).order_by("-seen_at")
    return [
        SignedIn(row.session_key, row.browser, row.means, row.began_at, row.seen_at)
        for row in rows
        if row.began_at is not None and row.seen_at is not None
    ]


def end(*, officer: Officer, actor: Actor, at: datetime, keys: Sequence[str], reason: str) -> int:
    """End some of an officer's sessions at once; returns how many.

    Raises:
        SessionGone: none of them is this officer's.
    """
    with transaction.atomic():
        count, _ = Session.objects.filter(officer=officer, session_key__in=keys).delete()
        if not count:
            raise SessionGone("That browser is signed out already.")
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.SESSION_SIGNED_OUT,
            actor=authority.text(actor),
            at=at,
            reason=reason,
            detail={"browsers": count},
        )
    return count


def forget_all(*, officer: Officer) -> int:
    """End every session of an officer; part of an act that writes its own entry."""
    count, _ = Session.objects.filter(officer=officer).delete()
    return count


def end_old(*, at: datetime) -> int:
    """Remove rows whose time is over: by Django's date, idle, or whole."""
    over = Q(expire_date__lt=at) | Q(seen_at__lt=at - IDLE) | Q(began_at__lt=at - WHOLE)
    count, _ = Session.objects.filter(over).delete()
    return count
