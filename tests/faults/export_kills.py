"""Kills a whole-force export again and again, goes on each time, and looks at what is left.

`main` is started with Django set up and `FAIRWITNESS_DATA` set to FOLDER/live. A forked child
exports and dies before its next few steps (each file, name and commit is one, see `dying_disk`);
the next one goes on where it was and dies later. After each death every folder that has its name
is whole. The last is left alone and has to be complete. It prints how often it was killed, which
recordings had been written when, and what was found wrong, as JSON.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from tests import migrated
from tests.court_world import Court
from tests.faults.disposal_kills import dying
from tests.faults.dying_disk import KILLED, DyingDisk, PathLike
from tests.faults.vault_kills import Say, in_child
from tests.ingest_world import AT, World, open_vault

from fairwitness.custody import reading
from fairwitness.disclosure import force_export
from fairwitness.disclosure.force_export import Report
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.keys import SigningKey

STRIDE = 13
"""Steps after which a child dies: fewer than one recording takes, so that some are cut in two."""


class FolderDisk(DyingDisk):
    """As the other, where folders are renamed as well; a kill takes nothing back."""

    def _undo_gone(self, path: PathLike) -> Callable[[], None]:
        if Path(path).is_dir():
            return lambda: None
        return super()._undo_gone(path)


def prepare(live: Path) -> None:
    migrated.copy(live / "fairwitness.sqlite3")
    court = Court.make(live / "world")
    for counter in range(1, 6):
        court.receive(counter=counter, shade=20 * counter)
    court.settle(working_copies=False)


def export(live: Path) -> Report:
    """One run by the same two people, with what is on the disk."""
    world = World.__new__(World)
    world.root, world.vault, world.at = live / "world", open_vault(live / "world"), AT
    world.receipt_key = SigningKey.generate()
    court = Court.__new__(Court)
    court.world, court.ended = world, []
    court.disclosure_key = court.derivative_key = SigningKey.generate()
    people = {one.collar_number: one for one in Officer.objects.all()}
    force_export.BATCH = 2
    return force_export.export_force(
        folder=live / "all",
        first=people["4101"],
        second=people["4102"],
        reason="we leave",
        kit=court.kit(),
        at=AT,
    )


def whole(live: Path) -> list[str]:
    """The recordings that have a folder of their name, each looked at byte by byte."""
    found = []
    for listed in sorted((live / "all/data/recordings").glob("*/*/files.sha256")):
        place = listed.parent
        if place.name.endswith(".part"):
            continue
        lines = [line.split("  ") for line in listed.read_text().splitlines()]
        said = {name: digest for digest, name in lines}
        names = {each.name for each in place.iterdir()} - {listed.name}
        assert names == set(said), f"{place.name} has {names}"
        for name, digest in said.items():
            assert hashlib.sha256((place / name).read_bytes()).hexdigest() == digest, name
        assert said["master"] == Recording.objects.get(pk=place.name).sha256
        acts = [row.entry.act for row in reading.history(recording_subject(UUID(place.name)))]
        assert Act.RECORDING_EXPORTED in acts, "it left and the log does not say so"
        found.append(place.name)
    return found


def main() -> None:
    """Kills, goes on, and prints what was found."""
    root = Path(sys.argv[1])
    live = root / "live"
    live.mkdir(exist_ok=True)
    _, said = in_child(lambda _say: prepare(live))
    written: list[int] = []
    kills = 0
    while not any(words[0] in {"error", "done"} for words in said):
        ended, said = in_child(lambda say: _run(root, live, say))
        assert ended in {0, KILLED}
        kills += ended == KILLED
        _, looked = in_child(lambda say: say("whole", len(whole(live))))
        said += looked
        written += [int(words[1]) for words in looked if words[0] == "whole"]
    wrong = [words[1] for words in said if words[0] == "error"]
    reports = [json.loads(words[1]) for words in said if words[0] == "done"]
    json.dump({"kills": kills, "written": written, "wrong": wrong, "reports": reports}, sys.stdout)


def _run(root: Path, live: Path, say: Say) -> None:
    dying(FolderDisk(limbo=root / "limbo", mode="kill", dies_at=_next(root)))
    report = export(live)
    say("done", json.dumps([report.live, report.exported, report.problems]))


def _next(root: Path) -> int:
    """When the next child dies: each a little later, so that the export gets on."""
    counter = root / "counter"
    number = int(counter.read_text()) + 1 if counter.exists() else 1
    counter.write_text(str(number))
    return STRIDE * number
