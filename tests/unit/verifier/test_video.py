"""Check 10: the signatures inside an exhibit's video, told group by group."""

import json
from pathlib import Path

import pytest
from tests import verifier_bundles as made
from tests.signed_films import Sample, mp4, pictures, signed
from tests.verifier_bundles import Force, Spec

from fairwitness.formats import video_signer
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.video_signer import camera_certificates
from fairwitness.verifier import report, video
from fairwitness.verifier.findings import Finding, Outcome
from fairwitness.verifier.opening import OpenBundle
from fairwitness.verifier.report import Report, Verdict
from fairwitness.verifier.verify import verify

pytestmark = pytest.mark.disable_socket


@pytest.fixture
def force() -> Force:
    return Force()


def bundle(
    tmp_path: Path, force: Force, film: list[Sample], *, copy: bytes | None = None, **spec: object
) -> Report:
    exhibit = Spec(master=mp4(film), working_copy=copy, **spec)  # type: ignore[arg-type] # by name
    folder = made.make_bundle(tmp_path / "b", force=force, specs=[exhibit])
    return verify(folder, trust=force.trust())


def check_10(told: Report) -> Finding:
    (found,) = (each for each in told.findings if each.number == 10)
    return found


def test_intact_video_is_told_with_its_camera(tmp_path: Path, force: Force) -> None:
    film = signed(pictures(), key=force.cameras["00417"])
    told = bundle(tmp_path, force, film, copy=mp4(film))
    assert told.verdict is Verdict.SIGNED
    assert check_10(told).sentence == (
        "The signatures inside the video: intact: 4 of 4 groups of pictures are what was signed,"
        " by the key of camera 00417."
    )
    assert check_10(told).notes == (
        "ABC-1.mp4 is a copy for playing; the signatures inside it: intact.",
    )
    assert check_10(told).exhibit == "ABC/1"


def test_a_changed_group_is_a_change_and_says_when(tmp_path: Path, force: Force) -> None:
    film = signed(pictures(), key=force.cameras["00417"])
    film[7][0] += b"x"
    told = bundle(tmp_path, force, film, camera=None)
    assert told.verdict is Verdict.CHANGED
    assert told.exit_code == 1
    assert told.sentence == "Changed: data/masters/import-2193.mp4."
    assert check_10(told).outcome is Outcome.CHANGED
    assert "group 2 (00:01.0 to 00:02.0): changed, unit 5 of 10" in check_10(told).sentence
    answer = json.loads(json.dumps(report.to_json(told)))["checks"][9]
    assert (answer["number"], answer["outcome"]) == (10, "changed")
    assert answer["title"] == "The signatures inside the video hold"
    assert "group 2" in answer["sentence"]


def test_no_signatures_are_told_and_change_nothing(tmp_path: Path, force: Force) -> None:
    told = bundle(tmp_path, force, pictures())
    assert told.verdict is Verdict.SIGNED
    assert check_10(told).sentence == "No signatures are inside the video."


def test_missing_units_and_a_dangling_end_are_told_and_change_nothing(
    tmp_path: Path, force: Force
) -> None:
    film = signed(pictures(), key=force.cameras["00417"], ends=False)
    film[7] = []
    told = bundle(tmp_path, force, film)
    assert told.verdict is Verdict.SIGNED
    assert check_10(told).outcome is Outcome.PASSED
    assert "intact but with units missing: 2 of 4 groups" in check_10(told).sentence
    assert "group 4 (00:03.0 to 00:04.0): not covered" in check_10(told).sentence


def test_another_cameras_key_and_an_unknown_key_are_told_apart(
    tmp_path: Path, force: Force
) -> None:
    both = Force(cameras={"00417": SigningKey.generate(), "00999": SigningKey.generate()})
    told = bundle(tmp_path, both, signed(pictures(), key=both.cameras["00999"]))
    assert told.verdict is Verdict.SIGNED
    assert check_10(told).sentence.endswith(", by the key of another camera, 00999.")
    stranger = signed(pictures(), key=SigningKey.generate(), serial="00417")
    told = bundle(tmp_path / "other", force, stranger)
    assert told.verdict is Verdict.SIGNED
    words = ", by a key that is not in the list of keys (it calls itself 'Camera 00417')."
    assert check_10(told).sentence.endswith(words)


def test_a_root_of_the_readers_vouches_for_a_key_that_the_force_does_not_know(
    tmp_path: Path, force: Force
) -> None:
    key = SigningKey.generate()
    bundle(tmp_path, force, signed(pictures(), key=key, serial="00417"))
    words, not_listed = [], "a key that is not in the list of keys (it calls itself 'Camera 00417')"
    for root_key in (key, SigningKey.generate()):
        roots = video_signer.read_roots(camera_certificates(root_key, serial="00417").root)
        told = verify(tmp_path / "b", trust=force.trust(), roots=roots)
        assert told.verdict is Verdict.SIGNED
        words.append(check_10(told).sentence.partition(", by ")[2])
    assert words == [
        "a key that a root certificate of yours vouches for (it calls itself 'Camera 00417').",
        f"{not_listed}: no root certificate that you trust vouches for it.",
    ]


def test_a_clip_is_told_to_be_one(tmp_path: Path, force: Force) -> None:
    film = signed(pictures(6), key=force.cameras["00417"])[10:]
    told = bundle(tmp_path, force, film)
    assert check_10(told).notes == (
        "Its camera was signing before it begins: it was cut from a longer video.",
    )


def test_a_copy_that_was_changed_says_so_in_a_note(tmp_path: Path, force: Force) -> None:
    film = signed(pictures(), key=force.cameras["00417"])
    other = signed(pictures(), key=force.cameras["00417"])
    other[3][0] += b"x"
    told = bundle(tmp_path, force, film, copy=mp4(other))
    assert told.verdict is Verdict.SIGNED
    assert check_10(told).notes == (
        "ABC-1.mp4 is a copy for playing; the signatures inside it: changed.",
    )


def test_a_master_replaced_while_it_is_checked_is_noticed(
    tmp_path: Path, force: Force, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = signed(pictures(), key=force.cameras["00417"])
    real = video.read_video

    def replaced(opened: OpenBundle, path: str) -> object:
        place = opened.root / path
        other = place.read_bytes()
        place.unlink()
        place.write_bytes(other)
        return real(opened, path)

    monkeypatch.setattr(video, "read_video", replaced)
    told = bundle(tmp_path, force, film)
    assert check_10(told).outcome is Outcome.UNKNOWN
    assert "changed while it was being checked" in check_10(told).sentence
