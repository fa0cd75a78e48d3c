"""Where a receipt is kept, by the vectors of its specification; it opens there and nowhere else."""

import json
from pathlib import Path

import pytest

from fairwitness.formats import kept_receipt
from fairwitness.formats.errors import FormatError

FILE = Path(__file__).parents[2] / "vectors" / "receipt" / "vectors.json"
CASES = json.loads(FILE.read_bytes())["kept"]
SECRET, DIGEST = bytes(range(32)), bytes(32)


@pytest.mark.parametrize("case", CASES, ids=[case["identity"] for case in CASES])
def test_each_vector_gives_its_place(case: dict[str, str]) -> None:
    place = kept_receipt.place(
        secret=bytes.fromhex(case["secret"]),
        identity=case["identity"],
        master_sha256=bytes.fromhex(case["sha256"]),
    )
    assert (place.name, place.key.hex()) == (case["name"], case["key"])


def test_it_opens_at_its_place_and_nowhere_else() -> None:
    here = kept_receipt.place(secret=SECRET, identity="dock:D-1", master_sha256=DIGEST)
    other = kept_receipt.place(secret=SECRET, identity="dock:D-2", master_sha256=DIGEST)
    sealed = kept_receipt.seal(b"a receipt", here)
    assert kept_receipt.open_sealed(sealed, here) == b"a receipt"
    moved = kept_receipt.Place(other.name, here.key)
    for wrong, where in ((sealed, other), (sealed, moved), (sealed[:-1], here), (b"", here)):
        with pytest.raises(FormatError):
            kept_receipt.open_sealed(wrong, where)


@pytest.mark.parametrize(("secret", "digest"), [(bytes(31), DIGEST), (SECRET, bytes(31))])
def test_a_short_secret_or_digest_is_refused(secret: bytes, digest: bytes) -> None:
    with pytest.raises(FormatError):
        kept_receipt.place(secret=secret, identity="dock:D-1", master_sha256=digest)
