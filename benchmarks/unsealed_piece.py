"""A piece of the vault without its sealing: the one difference between two sides."""

from fairwitness.vault.lanes import OpenPiece
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import BlobStore, BlobWriter


class UnsealedPiece(OpenPiece):
    """The same piece, written with the same steps, without encryption."""

    def __init__(self, binding: Binding, store: BlobStore, offset: int, name: str) -> None:
        super().__init__(binding, store, offset, name)
        self._plain = store
        self._blob: BlobWriter | None = None
        self._name_of = name
        self._size = 0

    def seal(self, plaintext: memoryview, into: memoryview, *, last: bool) -> SealedPiece | None:
        """Write the next segment as it is."""
        del into
        if self._blob is None:
            self._blob = self._plain.create(self._name_of, size=self._most())
        self._blob.write(plaintext)
        self._size += len(plaintext)
        if not last:
            return None
        self._blob.finish()
        return SealedPiece(self._name_of, self.offset, self._size, self._size)

    def abort(self) -> None:
        """Give it up."""
        if self._blob is not None:
            self._blob.abort()
