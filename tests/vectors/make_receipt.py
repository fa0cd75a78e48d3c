"""Makes the vectors of docs/specs/receipt.md: `python -m tests.vectors.make_receipt`."""

import base64
import dataclasses
import hmac
from typing import Any

from tests.vectors import samples, writing

from fairwitness.formats import receipt, statement, trust
from fairwitness.formats.receipt import Consistency, Receipt, ReceiptClaim

NAME = "receipt"


def make() -> dict[str, Any]:
    """The content of the file."""
    return {
        "trust": base64.b64encode(trust.encode(samples.TRUST)).decode(),
        "sha256": samples.MASTER_SHA256,
        "size": len(samples.MASTER),
        "last_checkpoint": {
            "origin": samples.OLD_CHECKPOINT.origin,
            "root": samples.OLD_CHECKPOINT.root.hex(),
            "size": samples.OLD_CHECKPOINT.size,
        },
        "valid": [
            writing.valid(
                "received, in the log, and the log has only grown",
                samples.RECEIPT.encode(),
                checkpoint_size=samples.CHECKPOINT.size,
                checkpoint_root=samples.CHECKPOINT.root.hex(),
            )
        ],
        "invalid": _invalid(),
        "kept": [_kept("camera:00417/2193/1"), _kept("dock:D-0007")],
    }


def _kept(identity: str) -> dict[str, str]:
    """Where the page says that a receipt is kept, by the page alone."""
    secret, digest = bytes(range(32)), bytes.fromhex(samples.MASTER_SHA256)

    def keyed(context: bytes) -> str:
        return hmac.new(secret, context + digest + identity.encode(), "sha256").hexdigest()

    return {
        "secret": secret.hex(),
        "sha256": digest.hex(),
        "identity": identity,
        "name": "receipt/" + keyed(b"fairwitness.org/kept-receipt/name/v1"),
        "key": keyed(b"fairwitness.org/kept-receipt/key/v1"),
    }


def check(data: bytes) -> object:
    """What a dock does that holds the sample's bytes and has seen the old checkpoint."""
    return receipt.check_receipt(
        receipt.parse(data),
        trust=samples.TRUST,
        sha256=samples.MASTER_SHA256,
        size=len(samples.MASTER),
        last_checkpoint=samples.OLD_CHECKPOINT,
    )


def _signed(claim: ReceiptClaim, *, by_stranger: bool = False) -> Receipt:
    key = samples.STRANGER_KEY if by_stranger else samples.RECEIPT_KEY
    envelope = statement.sign_statement(statement.Statement(claim), key=key)
    return dataclasses.replace(samples.RECEIPT, statement=envelope)


def _invalid() -> list[dict[str, Any]]:
    good, claim = samples.RECEIPT, samples.RECEIPT_CLAIM
    second = samples.SECOND_ENTRY.encode()
    camera_signed = statement.sign_statement(statement.Statement(claim), key=samples.CAMERA_KEY)
    hashes = () if good.consistency is None else good.consistency.hashes
    cases = {
        "signed by a stranger": _signed(claim, by_stranger=True),
        "signed by a camera": dataclasses.replace(good, statement=camera_signed),
        "received before the key was valid": _signed(
            dataclasses.replace(claim, received_at=samples.ISSUED.replace(year=2016))
        ),
        "for another size": _signed(dataclasses.replace(claim, size=claim.size + 1)),
        "for other bytes": _signed(dataclasses.replace(claim, sha256=samples.COPY_SHA256)),
        "entry of another recording": _signed(
            dataclasses.replace(claim, recording=samples.OFFICER)
        ),
        "entry of another act": dataclasses.replace(good, entry=second),
        "another entry than stated": _signed(dataclasses.replace(claim, entry_leaf="0" * 64)),
        "another salt": dataclasses.replace(good, salt=bytes(16)),
        "salt too short": dataclasses.replace(good, salt=bytes(15)),
        "proof of another index": dataclasses.replace(
            good, proof=good.proof.replace("index 4", "index 3")
        ),
        "no proof": dataclasses.replace(good, proof=""),
        "checkpoint of another size": dataclasses.replace(
            good, proof=good.proof.replace("\n5\n", "\n6\n")
        ),
        "no consistency proof": dataclasses.replace(good, consistency=None),
        "consistency from another size": dataclasses.replace(
            good, consistency=Consistency(old_size=3, hashes=hashes)
        ),
        "consistency proof cut": dataclasses.replace(
            good, consistency=Consistency(old_size=4, hashes=())
        ),
        "consistency proof of another tree": dataclasses.replace(
            good, consistency=Consistency(old_size=4, hashes=(bytes(32),))
        ),
    }
    return [writing.invalid(name, case.encode(), check) for name, case in cases.items()]


if __name__ == "__main__":
    writing.write(NAME, make())
