"""Which keys of cameras and docks are believed: their part of the published trust list."""

import hashlib

from django.db.models import Count, Max, Min

from fairwitness.force.models import Camera, Dock
from fairwitness.formats.trust import KeyRole, TrustedKey

_FIELDS = ("serial", "keyid", "public_key", "approved_at", "revoked_at")


def trusted_keys() -> tuple[TrustedKey, ...]:
    """Every key that was ever approved, in order of role and serial number.

    Revoked ones are kept with the time they were revoked, because what they signed before is still
    to be checked. Keys that nobody approved are not in it, nor
    are cameras without a key of ours, such as other makers'.
    """
    cameras = (
        Camera.objects.filter(approved_at__isnull=False).exclude(public_key="").order_by("serial")
    )
    docks = Dock.objects.filter(approved_at__isnull=False).order_by("serial")
    rows = [(KeyRole.CAMERA, row) for row in cameras.values_list(*_FIELDS)]
    rows += [(KeyRole.DOCK, row) for row in docks.values_list(*_FIELDS)]
    return tuple(
        TrustedKey(
            role=role,
            name=serial,
            keyid=keyid,
            public_pem=pem,
            valid_from=approved_at,
            revoked_at=revoked_at,
        )
        for role, (serial, keyid, pem, approved_at, revoked_at) in rows
        if approved_at is not None
    )


def mark() -> bytes:
    """What differs when `trusted_keys` would: how many were approved and revoked, and when last.

    A key's row is never deleted. It is approved once and revoked once, so both numbers only grow;
    whoever asks with another key in its place, has asked since. The first and the last id tell
    another database from this one. It is asked at each look of anybody, so it reads no list of
    keys: making that, of twenty thousand, costs seconds, and reading the ids alone 60 milliseconds.
    """
    digest = hashlib.sha256()
    for model in (Camera, Dock):
        approved = model.objects.filter(approved_at__isnull=False)
        told = approved.aggregate(
            all=Count("pk"),
            revoked=Count("revoked_at"),
            approved_last=Max("approved_at"),
            revoked_last=Max("revoked_at"),
            asked_last=Max("requested_at"),
            first=Min("keyid"),
            last=Max("keyid"),
        )
        digest.update(repr(sorted(told.items())).encode())
    return digest.digest()


def camera_by_key(keyid: str) -> Camera | None:
    """The camera whose key this is, whatever became of it; None when nobody approved the key."""
    return (
        Camera.objects.select_related("unit", "station")
        .filter(keyid=keyid, approved_at__isnull=False)
        .first()
    )
