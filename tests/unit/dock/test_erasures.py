"""What a dock remembers of its erasures, and how it tells them."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from fairwitness.dock import erasures
from fairwitness.dock.answers import ServerRefused
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import State
from fairwitness.dock.sending import ServerAway
from fairwitness.errors import FairwitnessError
from fairwitness.formats.erasures import MOST, Erased, Erasures

AT = datetime(2017, 6, 8, 22, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)


class Peer:
    """A server that keeps what it is told, or fails."""

    def __init__(self, *, unknown: int = 0, failing: FairwitnessError | None = None) -> None:
        self.told: list[Erased] = []
        self.unknown = unknown
        self.failing = failing

    def note_erasures(self, told: Erasures) -> int:
        if self.failing:
            raise self.failing
        self.told.extend(told.erased)
        return self.unknown


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path / "journal.sqlite3")) as made:
        yield made


def begun(journal: Journal, name: str, camera: str = "00417") -> UUID:
    recording = uuid4()
    journal.note(camera=camera, name=name, sha256="a" * 64, size=9, state=State.RECEIPTED, at=AT)
    erasures.begin(journal=journal, camera=camera, name=name, recording=recording, at=AT)
    return recording


def test_what_was_removed_is_told_once(journal: Journal) -> None:
    recording = begun(journal, "a")
    peer, lines = Peer(), list[str]()
    assert erasures.tell(server=peer, journal=journal, said=lines.append)
    assert peer.told == []  # only begun
    erasures.end(journal=journal, camera="00417", name="a", at=LATER)
    assert journal.recordings("00417")["a"].state is State.ERASED
    for _ in range(2):
        assert erasures.tell(server=peer, journal=journal, said=lines.append)
    assert peer.told == [Erased(recording=recording, erased_at=AT)]
    assert lines == []


def test_a_cut_after_the_removal_is_seen_at_the_next_look(journal: Journal) -> None:
    gone, there = begun(journal, "gone"), begun(journal, "there")
    begun(journal, "gone", camera="00418")
    erasures.settle(journal=journal, camera="00417", there={"there"}, at=LATER)
    assert [one.recording for one in erasures.untold(journal).values()] == [gone]
    assert journal.recordings("00417")["there"].state is State.RECEIPTED
    assert journal.recordings("00418")["gone"].state is State.RECEIPTED
    erasures.begin(journal=journal, camera="00417", name="there", recording=there, at=LATER)
    erasures.end(journal=journal, camera="00417", name="there", at=LATER)
    again = list(erasures.untold(journal).values())
    assert again[1:] == [Erased(recording=there, erased_at=LATER)]


def test_what_stayed_after_all_is_never_told(journal: Journal) -> None:
    begun(journal, "a")
    erasures.give_up(journal=journal, camera="00417", name="a")
    erasures.settle(journal=journal, camera="00417", there=(), at=LATER)
    assert erasures.untold(journal) == {}
    assert journal.recordings("00417")["a"].state is State.RECEIPTED


def test_a_place_that_is_filled_and_emptied_again_is_told_twice(journal: Journal) -> None:
    wanted = []
    for _ in range(2):
        wanted.append(begun(journal, "DCIM/1.mp4", camera="volume:x"))
        erasures.end(journal=journal, camera="volume:x", name="DCIM/1.mp4", at=LATER)
    assert [one.recording for one in erasures.untold(journal).values()] == wanted


def test_many_go_in_messages_that_the_server_takes(journal: Journal) -> None:
    for number in range(MOST * 2 + 1):
        begun(journal, str(number))
        erasures.end(journal=journal, camera="00417", name=str(number), at=AT)
    peer = Peer()
    assert erasures.tell(server=peer, journal=journal, said=print)
    assert len({one.recording for one in peer.told}) == len(peer.told) == MOST * 2 + 1


@pytest.mark.parametrize(
    ("failing", "settled"),
    [(ServerAway("It is away."), False), (ServerRefused("It knows no such thing."), True)],
)
def test_what_could_not_be_told_waits(
    journal: Journal, *, failing: FairwitnessError, settled: bool
) -> None:
    begun(journal, "a")
    erasures.end(journal=journal, camera="00417", name="a", at=AT)
    lines = list[str]()
    done = erasures.tell(server=Peer(failing=failing), journal=journal, said=lines.append)
    assert done is settled
    assert failing.message in lines[0]
    assert len(erasures.untold(journal)) == 1


def test_recordings_that_the_server_does_not_know_are_said_and_not_told_again(
    journal: Journal,
) -> None:
    begun(journal, "a")
    erasures.end(journal=journal, camera="00417", name="a", at=AT)
    peer, lines = Peer(unknown=1), list[str]()
    for _ in range(2):
        assert erasures.tell(server=peer, journal=journal, said=lines.append)
    assert lines == ["The server does not know 1 of the recordings erased here."]
