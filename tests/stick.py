"""A stick of another maker's footage in a dock's mount folder, for journeys and faults."""

import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.bay_world import KIB, Floor
from tests.ingest_world import long_video
from tests.serving import PROGRAM

from fairwitness.formats import enrolled_volume


@dataclass
class Stick:
    """A stick in the mount folder, with what was put on it."""

    floor: Floor
    label: str
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.floor.mount / self.label

    @property
    def name(self) -> str:
        """As the board calls it."""
        return f"volume {self.label}"

    def put(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.files[name] = data
        return path

    def film(self, name: str, shade: int) -> Path:
        return self.put(name, long_video(60 * KIB, shade=shade) + self.label.encode())

    def left(self) -> set[str]:
        return {name for name in self.files if (self.root / name).exists()}

    def enrol(self) -> "subprocess.CompletedProcess[str]":
        where = ("--dock", self.floor.dock)
        told = ("--label", self.label, "--made-by", "Drift HD", "--brought-by", "614LX")
        return subprocess.run(
            [PROGRAM, "dock", "volume", "enrol", self.root, *where, *told],
            capture_output=True,
            text=True,
            check=False,
        )

    def approve(self, erase: str = "keep") -> None:
        done = self.enrol()
        assert done.returncode == 0, done.stderr
        assert "is pending" in done.stdout
        assert self.floor.site.inside("volume", self.label, erase) == "approved"

    def held(self) -> list[str]:
        """Digests that the site registered from this very volume."""
        card = enrolled_volume.read_card((self.root / enrolled_volume.FILE).read_bytes())
        rows = self.floor.site.inside("from-volumes")
        return [row["sha256"] for row in rows if row["source"] == f"volume:{card.volume}"]

    def wanted(self) -> set[str]:
        """Digests of all that was ever put on it."""
        return self.wanted_of(set(self.files))

    def wanted_of(self, names: set[str]) -> set[str]:
        """Digests of these files."""
        return {hashlib.sha256(self.files[each]).hexdigest() for each in names if self.files[each]}
