"""A real copy for court, of every kind of recording, checked by us, by bagit and by plain tools."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests import verifier_bundles
from tests.court_world import HOSTILE, RECIPIENT, Court
from tests.integration.disclosure.conftest import Made

from fairwitness.custody import reading
from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.formats import bundle, exhibit
from fairwitness.formats import trust as trusts
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.trust import TrustList
from fairwitness.verifier.report import Report, Verdict
from fairwitness.verifier.verify import verify

pytestmark = pytest.mark.django_db  # what makes the bundle needs a database; what reads it does not

REFERENCES = ["LZ/1", "LZ/2", "LZ/3", "LZ/3/2", "LZ/4", "LZ/5"]


def check(made: Made, folder: Path | None = None) -> Report:
    return verify(folder or made.folder, trust=trusts.parse(made.trust.read_bytes()))


def text_of(made: Made, reference: str) -> str:
    pages = PdfReader(made.folder / bundle.summary_path(reference)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_the_verifier_says_who_signed_each(made: Made) -> None:
    report = check(made)
    assert [one.sentence for one in report.findings if one.outcome != "passed"] == []
    assert report.exit_code == 0
    verdicts = {one.reference: one.verdict for one in report.exhibits}
    assert sorted(verdicts) == sorted(REFERENCES)
    assert {verdicts[name] for name in REFERENCES[:4]} == {Verdict.SIGNED}
    assert {verdicts["LZ/4"], verdicts["LZ/5"]} == {Verdict.RECEIVED}
    assert report.training
    assert report.disclosure == made.claim


def test_without_our_keys_the_signer_is_not_identified(made: Made) -> None:
    assert verify(made.folder).exit_code == 2
    assert verify(made.folder, fingerprint=made.fingerprint).exit_code == 0


def test_bagit_says_that_it_is_a_bag(made: Made) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "bagit", "--validate", "."],
        cwd=made.folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr


def run_readme(made: Made, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run every command of README-VERIFY.txt as it stands, with trust.json beside the folder."""
    shutil.copyfile(made.trust, folder.parent / "trust.json")
    lines = (folder / bundle.README).read_text().splitlines()
    script = "\n".join(line.removeprefix("    ") for line in lines if line.startswith("    "))
    return subprocess.run(
        ["bash", "-c", f"set -u\n{script}"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_commands_of_the_readme_work_as_they_stand(made: Made, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made.folder, tmp_path / "b"))
    told = run_readme(made, folder)
    assert told.stderr == ""
    assert "FAILED" not in told.stdout
    assert "No others are here" in told.stdout
    assert "Verified OK" in told.stdout
    assert "The list is signed" in told.stdout
    assert made.fingerprint in told.stdout
    assert check(made, folder).exit_code == 0, "the commands leave nothing in the folder"


@pytest.mark.parametrize("path", ["LZ-1.pdf", bundle.DISCLOSURE, bundle.TAG_MANIFEST])
def test_the_readme_finds_a_flipped_byte(made: Made, tmp_path: Path, path: str) -> None:
    folder = Path(shutil.copytree(made.folder, tmp_path / "b"))
    data = bytearray((folder / path).read_bytes())
    at = data.index(b'"payload":"') + 300 if path == bundle.DISCLOSURE else 10
    data[at] = data[at] + 1 if data[at] not in b"Zz9/" else data[at] - 1
    (folder / path).write_bytes(data)
    told = run_readme(made, folder)
    good = "FAILED" not in told.stdout and "The list is signed" in told.stdout
    assert not (good and "Verified OK" in told.stdout), told.stdout


@pytest.mark.parametrize("path", ["extra.mp4", "proofs/LZ-1/note.txt"])
def test_the_readme_finds_an_added_file(made: Made, tmp_path: Path, path: str) -> None:
    folder = Path(shutil.copytree(made.folder, tmp_path / "b"))
    (folder / path).write_bytes(b"x")
    told = run_readme(made, folder)
    assert f"> {path}" in told.stdout
    assert "No others are here" not in told.stdout


def test_a_copy_is_not_made_before_the_working_copies_are(court: Court, tmp_path: Path) -> None:
    """Else the court would be told that what only waits its turn can't be played."""
    recording = court.receive(counter=2193)
    court.settle(working_copies=False)
    court.produce(recording)
    with pytest.raises(ExportFailed, match="still being made") as refused:
        court.export(tmp_path / "bundle")
    assert refused.value.stable_code == "export.copy_due"
    assert not (tmp_path / "bundle").exists(), "so that it can be tried again"
    acts = [row.entry.act for row in reading.history(recording_subject(recording.pk))]
    assert Act.RECORDING_EXPORTED not in acts


@dataclass(frozen=True)
class Small:
    """A bundle of the same files with a few bytes of footage, which is verified in a moment."""

    folder: Path
    trust: TrustList


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    force = verifier_bundles.Force()
    folder = tmp_path_factory.mktemp("small") / "bundle"
    return Small(verifier_bundles.make_bundle(folder, force=force), force.trust())


def flipped_is_caught(folder: Path, trust: TrustList, path: str, at: int, bit: int = 0) -> None:
    file = folder / path
    before = file.read_bytes()
    data = bytearray(before)
    data[at] ^= 1 << bit
    try:
        file.write_bytes(data)
        report = verify(folder, trust=trust)
    finally:
        file.write_bytes(before)
    assert report.exit_code == 1, (path, at, bit, report.sentence)


def files_of(made: Made | Small) -> list[str]:
    found = [path for path in sorted(made.folder.rglob("*")) if path.is_file()]
    return [str(path.relative_to(made.folder)) for path in found]


def test_a_flip_in_each_file_is_caught(made: Made) -> None:
    """At its beginning, its middle or its end, in turns; anywhere in the small one below."""
    trust = trusts.parse(made.trust.read_bytes())
    for number, path in enumerate(files_of(made)):
        size = (made.folder / path).stat().st_size
        at = (0, size // 2, size - 1)[number % 3]
        flipped_is_caught(made.folder, trust, path, at, bit=at % 8)


def test_a_flip_at_either_end_of_each_file_is_caught(small: Small) -> None:
    assert verify(small.folder, trust=small.trust).exit_code == 0
    for path in files_of(small):
        size = (small.folder / path).stat().st_size
        for at in {0, size // 2, size - 1}:
            flipped_is_caught(small.folder, small.trust, path, at, bit=at % 8)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_flip_anywhere_is_caught(small: Small, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(files_of(small)))
    at = data.draw(st.integers(0, (small.folder / path).stat().st_size - 1))
    bit = data.draw(st.integers(0, 7))
    flipped_is_caught(small.folder, small.trust, path, at, bit=bit)


def test_every_byte_of_what_signs_the_rest_is_covered(small: Small) -> None:
    """The rest is covered by digests, which is the same code for each; this one signs itself."""
    size = (small.folder / bundle.DISCLOSURE).stat().st_size
    for at in range(0, size, 7):
        flipped_is_caught(small.folder, small.trust, bundle.DISCLOSURE, at, bit=at % 8)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda root: (root / "data/masters/extra.mp4").write_bytes(b"x"),
        lambda root: (root / "note.txt").write_bytes(b"x"),
        lambda root: (root / "LZ-2.mp4").unlink(),
        lambda root: (root / "proofs/LZ-1/custody.jsonl").unlink(),
        lambda root: shutil.rmtree(root / "proofs/LZ-4"),
        lambda root: (root / "LZ-1.mp4").rename(root / "LZ-9.mp4"),
    ],
)
def test_files_added_or_removed_are_caught(
    made: Made, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    folder = Path(shutil.copytree(made.folder, tmp_path / "b"))
    spoil(folder)
    assert check(made, folder).exit_code == 1


@pytest.mark.parametrize("reference", REFERENCES)
def test_each_pdf_has_two_pages_and_says_what_who_and_when(made: Made, reference: str) -> None:
    reader = PdfReader(made.folder / bundle.summary_path(reference))
    assert len(reader.pages) == 2
    said = text_of(made, reference)
    path = made.folder / bundle.proof_path(reference, bundle.FACTS_FILE)
    facts = exhibit.parse(path.read_bytes())
    assert f"Exhibit {reference}" in said
    assert "01/803/17" in said
    assert "PC Łukasz Żółć" in said
    assert facts.recording_reference in said
    assert facts.master.sha256 in said.replace(" ", "")
    assert made.fingerprint in said
    assert "What is not proved" in said
    assert "Who anyone in the picture is." in said
    assert "TRAINING, NOT EVIDENCE" in said
    assert reader.metadata is not None
    assert reader.metadata.title == f"Exhibit {reference}"


def test_the_pdf_says_bounds_gaps_mutes_and_verdict(made: Made) -> None:
    said = text_of(made, "LZ/1")
    assert "Unchanged since camera 00417 signed it" in said
    assert "Friday 9 June 2017, 00:29:57 to 00:29:59 BST, give or take 0.3 s" in said
    assert "it was from 0.1 s behind to 0.5 s ahead" in said, "set right, it drifted from there"
    assert "So it stood on Friday 9 June 2017, " in said
    assert "had not arrived: 2191, 2192." in said
    assert "00:00 to 00:01: buffer" in said
    assert "muted by the officer. Reason: a witness gave an address." in said
    assert "PC Ada Whitlock" in said


def test_the_pdf_says_what_is_not_known(made: Made) -> None:
    unset = text_of(made, "LZ/2")
    assert "by the camera's own clock, which was not compared" in unset
    assert "This is part 2 of a longer recording." in text_of(made, "LZ/3/2")
    unsigned = text_of(made, "LZ/4")
    assert "Unchanged since we received it (the camera did not sign)" in unsigned
    assert "The device gave no time." in unsigned
    unreadable = text_of(made, "LZ/5")
    assert "can't be played by ordinary players" in unreadable


def test_what_cannot_be_played_has_no_working_copy(made: Made) -> None:
    names = files_of(made)
    assert "LZ-5.mp4" not in names
    assert "proofs/LZ-5/derivative.dsse.json" not in names
    assert "LZ-4.mp4" in names
    assert "proofs/LZ-4/recording.dsse.json" not in names


def test_the_page_needs_no_network_runs_no_script_and_escapes(made: Made) -> None:
    page = (made.folder / bundle.PAGE).read_text()
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["'](?!LZ-|proofs/)""", page)
    assert not re.search(r"""\son[a-z]+=["']""", page)
    assert "url(" not in page
    assert "@import" not in page
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in page
    assert "Orme &amp; Söhne" in page
    assert RECIPIENT not in page
    for reference in REFERENCES:
        facts = exhibit.parse(
            (made.folder / bundle.proof_path(reference, bundle.FACTS_FILE)).read_bytes()
        )
        assert reference in page
        assert facts.master.sha256 in page
    assert made.fingerprint in page
