"""A copy for court of what an Axis system sent, encrypted on its way, which anybody can check."""

import hashlib
from pathlib import Path

from tests.axis_world import CLIP, KEY, TIMES, Controller
from tests.court_world import Court
from tests.ingest_world import video

from fairwitness.evidence.models import Recording
from fairwitness.formats import bundle
from fairwitness.verifier.report import Verdict
from fairwitness.verifier.verify import verify


def test_its_history_begins_with_its_decryption_and_its_verdict_is_unchanged_since_received(
    court: Court, tmp_path: Path
) -> None:
    controller = Controller.make(court.world, encrypts=True)
    controller.sign_in()
    controller.begin()
    sealed, key = controller.sealed(video())
    controller.put(CLIP, sealed, **TIMES)
    controller.put(KEY, key)
    controller.complete()
    controller.work()
    recording = Recording.objects.get()
    court.settle()
    court.produce(recording)
    folder = tmp_path / "bundle"
    court.export(folder)
    report = verify(folder, trust=court.trust())
    assert [one.sentence for one in report.findings if one.outcome != "passed"] == []
    assert report.exit_code == 0
    assert [one.verdict for one in report.exhibits] == [Verdict.RECEIVED]
    master = folder / bundle.master_path(recording.reference)
    assert hashlib.sha256(master.read_bytes()).digest() == hashlib.sha256(video()).digest()
