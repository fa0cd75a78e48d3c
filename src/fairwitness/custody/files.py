"""The log's files: what the whole world may read, and the sealed entries that nobody may.

Layout under the log's folder, as C2SP tlog-tiles has it:

    checkpoint          the latest signed checkpoint
    tile/<L>/<N>        hashes, 256 to a full tile; partial ones as <N>.p/<W>
    tile/entries/<N>    the leaves, 33 bytes each
    sealed/<N>          the entries of the same leaves, sealed; never served
    cosigned/<key>      the latest checkpoint that each outside witness cosigned
    lock                held by the one integrator
"""

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from fairwitness.custody import durable, sealed
from fairwitness.custody.sealed import SealedEntry, Sealing
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, tile
from fairwitness.formats.errors import FormatError
from fairwitness.formats.tile import Tile, TileTree

CHECKPOINT: Final = "checkpoint"
COSIGNED: Final = "cosigned"
_WIDTH: Final = re.compile("[1-9][0-9]{0,2}")


class LogFileMissing(FairwitnessError):
    """A file that the log should have is not there."""

    code = "log.file_missing"


class LogFiles:
    """Reads one log's files; safe in any thread or process while the integrator writes.

    Attributes:
        folder: where the log lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoint(self) -> bytes | None:
        """The latest checkpoint, a signed note; None before the first."""
        return self.read(CHECKPOINT)

    def cosigned(self) -> list[bytes]:
        """The latest checkpoints that outside witnesses cosigned; checked before they were kept."""
        folder = self.folder / COSIGNED
        names = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
        found = [self.read(f"{COSIGNED}/{name}") for name in names if not name.startswith(".")]
        return [each for each in found if each is not None]

    def read(self, path: str) -> bytes | None:
        """The file at a path below the folder, or None."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def public(self, path: str) -> bytes | None:
        """What anybody may fetch at `<log>/<path>`: the checkpoint, a tile, an entry bundle.

        Everything else, sealed entries and paths that leave the folder included, is None.
        """
        if path == CHECKPOINT:
            note, cosigned = self.checkpoint(), self.cosigned()
            return checkpoints.gather([note, *cosigned])[0] if note and cosigned else note
        try:
            return self.read(tile.parse_path(path).path)
        except FormatError:
            return None

    def tile(self, wanted: Tile) -> bytes:
        """A tile's bytes; a partial one that is not there by itself is cut from a wider one.

        Raises:
            LogFileMissing: if none so wide is there.
        """
        data = self.read(wanted.path)
        if data is not None:
            return data
        for wider in self._wider(wanted):
            data = self.read(wider.path)
            if data is None:
                continue
            if wanted.level is None:
                leaves = tile.parse_entries(data, width=wider.width)
                return tile.encode_entries(leaves[: wanted.width])
            return data[: wanted.width * merkle.HASH_SIZE]
        raise LogFileMissing(f"The log's file {wanted.path} is missing.")

    def _wider(self, wanted: Tile) -> list[Tile]:
        """Where else its first hashes lie: the full tile, and the partial ones that are wider."""
        full = Tile(wanted.level, wanted.index)
        partial = (self.folder / f"{full.path}.p").glob("*")
        widths = sorted(int(each.name) for each in partial if _WIDTH.fullmatch(each.name))
        return [full, *(Tile(wanted.level, wanted.index, w) for w in widths if w > wanted.width)]

    def tree(self, size: int) -> TileTree:
        """The tree of the first `size` leaves; for one question, not to be kept."""
        return TileTree(size, self.tile)

    def sealed_width(self, index: int) -> int:
        """How many entries the fullest sealed file of bundle `index` holds; 0 if there is none."""
        full = self.folder / sealed.path(index, tile.WIDTH)
        if full.exists():
            return tile.WIDTH
        partial = full.with_name(f"{full.name}.p")
        if not partial.is_dir():
            return 0
        widths = [int(each.name) for each in partial.iterdir() if _WIDTH.fullmatch(each.name)]
        return max(widths, default=0)

    def entries(self, index: int, width: int, sealing: Sealing) -> list[SealedEntry]:
        """The first `width` sealed entries of bundle `index`.

        Raises:
            LogFileMissing: if no file holds so many.
            FormatError: if the file was changed, or sealed with another key.
        """
        present = self.sealed_width(index)
        data = self.read(sealed.path(index, present)) if present >= width else None
        if data is None:
            raise LogFileMissing(f"The log's file {sealed.path(index, width)} is missing.")
        return sealing.open(data, index=index, width=present)[:width]

    def sealed_size(self, start: int = 0) -> int:
        """How many leaves have their entries sealed without a break, looking from `start` on."""
        index = start // tile.WIDTH
        while self.sealed_width(index) == tile.WIDTH:
            index += 1
        return index * tile.WIDTH + self.sealed_width(index)

    def first_missing(self, size: int) -> int:
        """Leaves from 0 on whose files are all there, tiles above them included; at most `size`."""
        covered = size
        for each in tile.tiles_of(size):
            start = each.index * tile.WIDTH ** ((each.level or 0) + 1)
            if start < covered and not self._complete(each):
                covered = start
        return covered

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Write files by their paths under the folder, durable on return."""
        changed: set[Path] = set()
        for path, data in contents.items():
            private = path.startswith(f"{sealed.FOLDER}/")
            changed |= durable.write(self.folder / path, data, private=private)
        durable.sync_folders(changed)

    def tidy(self, old_size: int, size: int) -> None:
        """Remove what growth from `old_size` to `size` made needless.

        Partial tiles go once the full one is there; of sealed entries only the fullest file stays.
        """
        level = 0
        while size >> (tile.HEIGHT * (level + 1)):
            span = tile.HEIGHT * (level + 1)
            for index in range(old_size >> span, size >> span):
                self._drop_partial(tile.tile_path(level, index))
                if level == 0:
                    self._drop_partial(tile.entries_path(index))
                    self._drop_partial(sealed.path(index, tile.WIDTH))
            level += 1
        if size % tile.WIDTH:
            last = self.folder / sealed.path(size // tile.WIDTH, size % tile.WIDTH)
            for each in last.parent.iterdir():
                if each != last:
                    each.unlink()

    def cut(self, size: int) -> None:
        """Remove leaves' files beyond `size`, which nobody signed and no row knows."""
        index, width = divmod(size, tile.WIDTH)
        while True:
            fulls = [
                tile.tile_path(0, index),
                tile.entries_path(index),
                sealed.path(index, tile.WIDTH),
            ]
            partials = [f"{each}.p" for each in fulls]
            if not width and not self._any([*fulls, *partials]):
                return
            for each in fulls:
                self._cut_partial(each, width)
            index, width = index + 1, 0

    def drop_temporaries(self) -> None:
        """Remove what was being written when a process died."""
        if self.folder.is_dir():
            for each in self.folder.rglob(".*"):
                each.unlink()

    def _complete(self, wanted: Tile) -> bool:
        paths = [wanted.path, Tile(wanted.level, wanted.index).path]
        if not self._any(paths):
            return False
        if wanted.level != 0:
            return True
        index, width = wanted.index, wanted.width
        return self._any([tile.entries_path(index, width), tile.entries_path(index)]) and self._any(
            [sealed.path(index, width), sealed.path(index, tile.WIDTH)]
        )

    def _any(self, paths: Iterable[str]) -> bool:
        return any((self.folder / each).exists() for each in paths)

    def _drop_partial(self, full: str) -> None:
        shutil.rmtree(self.folder / f"{full}.p", ignore_errors=True)

    def _cut_partial(self, full: str, width: int) -> None:
        (self.folder / full).unlink(missing_ok=True)
        partial = self.folder / f"{full}.p"
        if partial.is_dir():
            for each in partial.iterdir():
                if not _WIDTH.fullmatch(each.name) or int(each.name) > width:
                    each.unlink()
            if not width:
                partial.rmdir()
