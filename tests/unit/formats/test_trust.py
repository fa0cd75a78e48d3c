import dataclasses
import hashlib
from datetime import timedelta

import pytest
from tests.vectors import samples

from fairwitness.formats import trust
from fairwitness.formats.errors import FormatError


def test_a_trusted_key_is_believed_between_its_times() -> None:
    key = dataclasses.replace(
        samples.TRUST.keys[0],
        valid_until=samples.ISSUED + timedelta(days=10),
        revoked_at=samples.ISSUED + timedelta(days=5),
    )
    believed = [key.valid_at(samples.ISSUED + timedelta(days=day)) for day in (-1, 0, 4, 5, 10)]
    assert believed == [False, True, True, False, False]
    expired = dataclasses.replace(key, revoked_at=None)
    assert expired.valid_at(samples.ISSUED + timedelta(days=9))
    assert not expired.valid_at(samples.ISSUED + timedelta(days=10))


def test_keys_of_a_role_at_a_time() -> None:
    role = trust.KeyRole.RECEIPT
    before = samples.ISSUED - timedelta(seconds=1)
    assert list(samples.TRUST.keys_for(role)) == [samples.RECEIPT_KEY.keyid]
    assert list(samples.TRUST.keys_for(role, at=samples.ISSUED)) == [samples.RECEIPT_KEY.keyid]
    assert not samples.TRUST.keys_for(role, at=before)
    assert samples.TRUST.keys_for(role)[samples.RECEIPT_KEY.keyid] == samples.RECEIPT_KEY.public
    assert samples.TRUST.find(role, samples.CAMERA_KEY.keyid) is None


def test_the_fingerprint_is_what_sha256sum_begins_with() -> None:
    groups = trust.fingerprint(samples.TRUST).split(" ")
    assert [len(group) for group in groups] == [4] * 8
    digest = hashlib.sha256(trust.encode(samples.TRUST)).hexdigest()
    assert digest.upper().startswith("".join(groups))
    changed = dataclasses.replace(samples.TRUST, force="Another force")
    assert trust.fingerprint(changed) != trust.fingerprint(samples.TRUST)


def test_log_and_witness_keys_make_their_verifiers() -> None:
    assert samples.TRUST.log.verifier.name == samples.LOG.name
    assert samples.TRUST.witnesses[0].verifier.name == samples.WITNESS.name
    with pytest.raises(FormatError):
        trust.TrustedWitness(name="w", vkey="w+00000000+AA==")
