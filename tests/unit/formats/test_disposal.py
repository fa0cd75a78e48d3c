import dataclasses

import pytest
from tests.vectors import samples

from fairwitness.formats import disposal
from fairwitness.formats.errors import FormatError


@pytest.mark.parametrize(
    "change",
    [
        {"copies_confirmed": 1},
        {"copies_confirmed": 3},
        {"status": disposal.DisposalStatus.PENDING},
        {"key_destroyed_at": None},
        {"ring_copies": 0},
        {"reason": ""},
    ],
    ids=repr,
)
def test_a_record_of_deletion_does_not_claim_more_than_is_confirmed(
    change: dict[str, object],
) -> None:
    fields = {
        field.name: getattr(samples.DISPOSAL_CLAIM, field.name)
        for field in dataclasses.fields(samples.DISPOSAL_CLAIM)
    }
    with pytest.raises(FormatError):
        disposal.DisposalClaim(**fields | change)


def test_the_commitment_depends_on_secret_and_digest() -> None:
    one = disposal.commitment(secret=bytes(32), master_sha256=bytes(32))
    assert one == disposal.commitment(secret=bytes(32), master_sha256=bytes(32))
    assert one != disposal.commitment(secret=bytes(31) + b"\1", master_sha256=bytes(32))
    assert one != disposal.commitment(secret=bytes(32), master_sha256=bytes(31) + b"\1")
    for secret, digest in ((bytes(31), bytes(32)), (bytes(32), bytes(31))):
        with pytest.raises(FormatError):
            disposal.commitment(secret=secret, master_sha256=digest)
