"""Docks sign in with their key, once for each nonce, and are out the moment they are revoked."""

from datetime import timedelta

import pytest
from tests.ingest_world import AT, World
from tests.retention_world import acts

from fairwitness.force import enrolment
from fairwitness.formats import docking
from fairwitness.formats.docking import SignInClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest import sessions
from fairwitness.ingest.models import DockSession
from fairwitness.ingest.sessions import DockRefused, NonceInvalid, SessionUnknown


def envelope(
    world: World, nonce: str, *, serial: str = "D-0007", key: SigningKey | None = None
) -> bytes:
    claim = SignInClaim(dock=serial, nonce=nonce, at=AT)
    return docking.sign_claim(claim, key=key or world.dock_key).encode()


def test_a_dock_signs_in_and_is_known_by_its_token(world: World) -> None:
    opened = sessions.open_session(envelope=envelope(world, sessions.make_nonce(at=AT)), at=AT)
    assert sessions.dock_of(token=opened.token, at=AT) == world.dock
    assert acts(f"dock:{world.dock.pk}")[-1] == "dock.signed_in"
    assert opened.token not in str(DockSession.objects.values_list().get())
    world.dock.refresh_from_db()
    assert world.dock.last_seen_at == AT


def test_a_nonce_works_once_and_not_for_long(world: World) -> None:
    used = envelope(world, sessions.make_nonce(at=AT))
    sessions.open_session(envelope=used, at=AT)
    old = envelope(world, sessions.make_nonce(at=AT - timedelta(minutes=3)))
    early = envelope(world, sessions.make_nonce(at=AT + timedelta(minutes=3)))
    foreign = envelope(world, "A" * 56)
    for refused in (used, old, early, foreign):
        with pytest.raises(NonceInvalid):
            sessions.open_session(envelope=refused, at=AT)
    assert DockSession.objects.count() == 1


def test_another_key_or_an_unknown_dock_is_refused(world: World) -> None:
    nonce = sessions.make_nonce(at=AT)
    for serial, key in (("D-0007", SigningKey.generate()), ("D-9999", world.dock_key)):
        with pytest.raises(DockRefused):
            sessions.open_session(envelope=envelope(world, nonce, serial=serial, key=key), at=AT)
    assert acts(f"dock:{world.dock.pk}")[-1] == "dock.sign_in_refused"
    for raw in (b"", b"{}", b"[]", b"\xff"):
        with pytest.raises(FormatError):
            sessions.open_session(envelope=raw, at=AT)


def test_a_revoked_dock_is_out_at_its_next_request(world: World) -> None:
    opened = sessions.open_session(envelope=envelope(world, sessions.make_nonce(at=AT)), at=AT)
    enrolment.revoke(device=world.dock, officer=world.force.manager, at=AT, reason="stolen")
    with pytest.raises(SessionUnknown):
        sessions.dock_of(token=opened.token, at=AT)
    with pytest.raises(DockRefused):
        sessions.open_session(envelope=envelope(world, sessions.make_nonce(at=AT)), at=AT)


def test_sessions_end_and_are_forgotten(world: World) -> None:
    opened = sessions.open_session(envelope=envelope(world, sessions.make_nonce(at=AT)), at=AT)
    with pytest.raises(SessionUnknown):
        sessions.dock_of(token=opened.token, at=opened.expires_at)
    with pytest.raises(SessionUnknown):
        sessions.dock_of(token=opened.token[::-1], at=AT)
    assert sessions.end_old(at=AT) == 0
    assert sessions.end_old(at=opened.expires_at + timedelta(hours=1)) == 1
