"""A camera comes back with footage that was deleted before the server lost its database."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.docking_world import Docking, digests
from tests.serving import Site

from fairwitness.formats import receipt as receipts

pytestmark = pytest.mark.journey


def test_it_is_erased_against_the_first_receipt_and_taken_by_nobody(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.data.mkdir(parents=True)
    (site.data / "training.json").write_text(json.dumps({"training": True}))
    site.found()
    site.start()
    try:
        _lost_and_docked_again(site, tmp_path)
    finally:
        site.stop()


def _lost_and_docked_again(site: Site, folder: Path) -> None:
    docking = Docking(site, folder)
    docking.set_up()
    name = docking.record(1)
    place = docking.volume / "recordings"
    lain = {path: path.read_bytes() for path in place.iterdir()}
    assert docking.offload().erased == [name]
    kept = docking.volume / f"receipts/{name}.json"
    first = receipts.parse(kept.read_bytes())
    kept.unlink()

    later = datetime.now(UTC) + timedelta(days=40)
    deleted = site.run("dispose", "--at", later.isoformat(), "--json")
    assert deleted.returncode == 0, deleted.stderr
    assert digests(site) == []
    trust = folder / "trust.json"
    trust.write_bytes((docking.dock / "trust.json").read_bytes())
    site.stop()
    for path in site.data.glob("*.sqlite3*"):
        path.unlink()
    stopped = site.run("dispose", "--json")  # as the guide says: it brings the log's entries back
    assert json.loads(stopped.stdout)["stopped"]["code"] == "disposal.gap_open", stopped.stderr
    site.inside("found", site.camera.pem().decode(), site.dock.pem().decode())
    rebuilt = site.run("audit", "--rebuild", "--trust", str(trust), "--json")
    assert rebuilt.returncode == 1, rebuilt.stderr  # a gap is open now
    site.start()

    (docking.dock / "journal.sqlite3").unlink()  # another dock, or one that lost its memory
    for path, data in lain.items():
        path.write_bytes(data)
    tally = docking.offload()
    assert tally.left == {}
    assert tally.erased == [name]
    assert list(place.iterdir()) == []
    again = receipts.parse(kept.read_bytes())
    assert (again.statement, again.entry, again.salt) == (first.statement, first.entry, first.salt)
    assert digests(site) == []
    assert site.inside("written").get("recording.received") == 1
