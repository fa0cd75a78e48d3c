"""Signed video comes out of a copy for court as it went in: no unit encoded, moved or left out."""

from pathlib import Path

from tests.court_world import Court
from tests.ingest_world import ENDED
from tests.signed_films import filmed, read, units_of

from fairwitness.formats import bundle
from fairwitness.formats.signed_video import VideoVerdict
from fairwitness.verifier.report import Verdict
from fairwitness.verifier.verify import verify


def test_what_went_in_comes_out(court: Court, tmp_path: Path) -> None:
    world = court.world
    data = filmed(tmp_path, key=world.camera_key)
    claim = world.claim(data, counter=2193, ended_at=ENDED)
    recording = court.let_in(data, statement=world.signed(claim), docking=world.docking())
    court.settle()
    court.produce(recording)
    folder = tmp_path / "copy"
    court.export(folder)

    master = (folder / bundle.master_path(recording.reference)).read_bytes()
    assert master == data
    copy = (folder / "LZ-1.mp4").read_bytes()
    assert units_of(copy) == units_of(data)
    assert read(copy).verdict is read(data).verdict is VideoVerdict.INTACT

    told = verify(folder, trust=court.trust())
    (tenth,) = (found for found in told.findings if found.number == 10)
    assert told.verdict is Verdict.SIGNED
    assert tenth.sentence == (
        "The signatures inside the video: intact: 3 of 3 groups of pictures are what was signed,"
        f" by the key of camera {recording.camera_serial}."
    )
    assert tenth.notes == ("LZ-1.mp4 is a copy for playing; the signatures inside it: intact.",)
