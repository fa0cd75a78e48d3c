import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairwitness.dock.journal import DiskFull, Journal, JournalDamaged
from fairwitness.dock.offload import Held, State

AT = datetime(2017, 6, 8, 22, 0, tzinfo=UTC)


def held(counter: int) -> Held:
    return Held(name=f"00417-{counter}-1", counter=counter, part=1, size=9, sha256="a" * 64)


def note(journal: Journal, counter: int, state: State, camera: str = "00417") -> None:
    journal.note(
        camera=camera, name=held(counter).name, sha256="a" * 64, size=9, state=state, at=AT
    )


def fill(journal: Journal) -> None:
    for number in range(2, 2000):
        note(journal, number, State.SENT)


def test_a_recording_keeps_the_docking_that_first_found_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.see(camera="00417", held=[held(1)], docking=b"first", at=AT)
    note(journal, 1, State.UPLOADING)
    journal.see(camera="00417", held=[held(1), held(2)], docking=b"second", at=AT)
    assert journal.docking_of(camera="00417", name="00417-1-1") == b"first"
    assert journal.docking_of(camera="00417", name="00417-2-1") == b"second"
    assert journal.recordings("00417")["00417-1-1"].state is State.UPLOADING
    assert journal.docking_of(camera="00417", name="00417-3-1") is None


def test_a_damaged_journal_is_put_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    for number in range(200):
        note(journal, number, State.SENT)
    journal.close()
    data = bytearray(path.read_bytes())
    data[:4096] = bytes(4096)
    path.write_bytes(bytes(data))
    fresh = Journal(path)
    assert fresh.put_aside == tmp_path / "journal.sqlite3.damaged-1"
    assert fresh.put_aside.read_bytes() == bytes(data)
    assert fresh.recordings("00417") == {}
    note(fresh, 1, State.SENT)
    fresh.close()
    path.write_bytes(b"no database at all" * 400)
    assert Journal(path).put_aside == tmp_path / "journal.sqlite3.damaged-2"


def test_a_journal_that_breaks_while_it_is_used_is_put_aside_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    for number in range(400):
        note(journal, number, State.SENT)
    journal._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal._database.execute("PRAGMA cache_size=1")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(JournalDamaged):
        journal.recordings("00417")
    assert journal.put_aside is not None
    note(journal, 1, State.SENT)
    assert set(journal.recordings("00417")) == {"00417-1-1"}


def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    note(journal, 1, State.SENT)
    pages = journal._database.execute("PRAGMA page_count").fetchone()[0]
    journal._database.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DiskFull):
        fill(journal)
    assert journal.recordings("00417")["00417-1-1"].state is State.SENT
    journal._database.execute("PRAGMA max_page_count=100000")
    note(journal, 1, State.ERASED)
    assert journal.recordings("00417")["00417-1-1"].state is State.ERASED


def test_all_bays_write_at_the_same_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")

    def write(camera: str) -> None:
        for number in range(40):
            note(journal, number, State.SENT, camera)
            journal.follow(size=number, checkpoint=str(number))

    bays = [threading.Thread(target=write, args=(f"0000{bay}",)) for bay in range(4)]
    for bay in bays:
        bay.start()
    for bay in bays:
        bay.join()
    assert [len(journal.recordings(f"0000{bay}")) for bay in range(4)] == [40] * 4
    assert journal.checkpoint() == (39, "39")


def test_which_camera_is_in_which_bay_and_whether_it_may_go(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.occupy(number=3, root=tmp_path, camera="00418", docked_at=AT, standing="{}")
    assert journal.bays()[3].released_at is None
    later = AT + timedelta(minutes=5)
    journal.release(number=3, at=later)
    again = Journal(tmp_path / "journal.sqlite3").bays()[3]
    assert (again.camera, again.docked_at, again.released_at) == ("00418", AT, later)
    journal.occupy(number=3, root=tmp_path, camera="00419", docked_at=later, standing="{}")
    assert journal.bays()[3].released_at is None
    journal.vacate(3)
    assert journal.bays() == {}
