"""A dock and a camera's volume that talk to a real site, for journeys and faults."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.ingest_world import long_video
from tests.offloading import offload
from tests.serving import Site

from fairwitness.dock import agent, identity
from fairwitness.dock.identity import Identity
from fairwitness.formats import canonical, records

KIB = 1 << 10


@dataclass
class Docking:
    """A dock's folder and one camera's volume, both real files."""

    site: Site
    root: Path
    footage: dict[str, bytes] = field(default_factory=dict)

    @property
    def dock(self) -> Path:
        return self.root / "dock"

    @property
    def volume(self) -> Path:
        return self.root / "volume"

    def set_up(self) -> None:
        """The dock that the site knows, with the site's keys; a camera's volume without footage."""
        self.dock.mkdir(parents=True)
        said = Identity(version=1, serial="D-0007", station="LAM1", server=self.site.url)
        (self.dock / "dock.json").write_bytes(canonical.encode(records.to_json(said)))
        (self.dock / "key.pem").write_bytes(self.site.dock.pem())
        trust = httpx.get(f"{self.site.url}/api/v1/trust").content
        identity.bring_trust(dock=identity.load(folder=self.dock), data=trust)
        (self.volume / "recordings").mkdir(parents=True)
        card: dict[str, str | int] = {
            "version": 1,
            "serial": "00417",
            "profile": "body2",
            "firmware": "1.0",
            "public_key": self.site.camera.public.pem().decode(),
            "volume_id": "v1",
        }
        (self.volume / "camera.json").write_bytes(canonical.encode(card))

    def record(self, counter: int, size: int = 300 * KIB) -> str:
        """A finished, signed recording on the volume; its name."""
        data = long_video(size, shade=counter % 200)
        name = f"00417-{counter}-1"
        place = self.volume / "recordings"
        signed = self.site.metadata(data, counter=counter)["statement"]
        (place / f"{name}.dsse.json").write_bytes(signed)
        (place / f"{name}.mp4").write_bytes(data)
        self.footage[name] = data
        return name

    def on_camera(self) -> set[str]:
        return {path.stem for path in (self.volume / "recordings").glob("*.mp4")}

    def offload(self) -> agent.Tally:
        """Dock once, in this process."""
        return offload(self.dock, self.volume)

    def nothing_lost(self, site_holds: Iterable[str]) -> None:
        """Whatever left the camera left a receipt behind, and the site holds its very bytes."""
        held = set(site_holds)
        for name, data in self.footage.items():
            if name not in self.on_camera():
                assert (self.volume / f"receipts/{name}.json").exists(), name
                assert hashlib.sha256(data).hexdigest() in held, name


def digests(site: Site) -> list[str]:
    """The digests of all masters that the site has registered."""
    found = site.inside("digests")
    assert isinstance(found, list)
    return [str(one) for one in found]


def sound(site: Site) -> None:
    """The audit finds nothing, every byte read back; the figures add up."""
    audited = site.run("audit", "--deep", "--json")
    assert audited.returncode == 0, audited.stdout
    figures = site.run("figures", "--json")
    assert figures.returncode == 0, figures.stdout
    assert json.loads(figures.stdout)["adds_up"]
