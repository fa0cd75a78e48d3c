import dataclasses

import pytest
from tests.vectors import samples

from fairwitness.formats import docking, dsse
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import KeyUnknown, SignatureInvalid


def refused(message: str) -> "pytest.RaisesExc[FormatError]":
    return pytest.raises(FormatError, match=message)


def test_an_enrolment_is_signed_by_the_very_key_it_names() -> None:
    envelope = docking.sign_claim(samples.ENROLMENT, key=samples.CAMERA_KEY)
    assert docking.open_enrolment(envelope) == samples.ENROLMENT
    assert samples.ENROLMENT.key == samples.CAMERA_KEY.public
    with pytest.raises(KeyUnknown):
        docking.open_enrolment(docking.sign_claim(samples.ENROLMENT, key=samples.STRANGER_KEY))
    forged = dsse.Signature(keyid=samples.CAMERA_KEY.keyid, sig=b"\x30\x06\x02\x01\x01\x02\x01\x01")
    with pytest.raises(SignatureInvalid):
        docking.open_enrolment(dataclasses.replace(envelope, signatures=(forged,)))


@pytest.mark.parametrize(
    "change",
    [
        {"camera_clock_ahead_us_min": None},
        {"camera_clock_ahead_us_max": -500_000},
        {"dock_clock_error_us": -1},
        {"bay": 0},
        {"counters_missing": (5, 5)},
        {"counters_missing": (0,)},
        {"counters_missing": (6, 5)},
        {"version": 2},
    ],
    ids=repr,
)
def test_what_no_dock_can_mean_is_refused(change: dict[str, object]) -> None:
    fields = {
        field.name: getattr(samples.DOCKING_CLAIM, field.name)
        for field in dataclasses.fields(samples.DOCKING_CLAIM)
    }
    with pytest.raises(FormatError):
        docking.DockingClaim(**fields | change)


def test_only_cameras_have_profiles_and_nonces_are_not_short() -> None:
    with pytest.raises(FormatError):
        dataclasses.replace(samples.ENROLMENT, profile=None)
    with pytest.raises(FormatError):
        dataclasses.replace(samples.ENROLMENT, kind=docking.DeviceKind.DOCK)
    for nonce in ("short", "x" * 201, "ä" * 20):
        with pytest.raises(FormatError):
            dataclasses.replace(samples.SIGN_IN, nonce=nonce)
