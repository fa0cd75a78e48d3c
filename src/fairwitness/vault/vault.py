"""The vault: where sealed bytes are, and where their keys are, which is elsewhere."""

from dataclasses import dataclass

from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.port import BlobStore


@dataclass(frozen=True, slots=True)
class Vault:
    """A store of blobs and the key ring that opens them.

    Attributes:
        store: sealed pieces and manifests; never sees a key.
        ring: one key per recording; never sees a blob.
    """

    store: BlobStore
    ring: KeyRing
