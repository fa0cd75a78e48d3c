"""Honest bundles, careless or hostile copying, and other signers."""

import hashlib
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests import verifier_bundles as made
from tests.verifier_bundles import Force, Spec, failed, where

from fairwitness.formats import bundle, canonical
from fairwitness.formats import trust as trusts
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.trust import KeyRole, TrustedKey
from fairwitness.verifier.findings import Outcome
from fairwitness.verifier.report import Verdict
from fairwitness.verifier.verify import verify

pytestmark = pytest.mark.disable_socket

MASTER = "data/masters/00417-2193.mp4"
Files = dict[str, bytes]


# What an honest bundle is told.


def test_unchanged_since_the_camera_signed(pristine: Path, force: Force) -> None:
    report = verify(pristine, trust=force.trust())
    assert failed(report) == {}
    assert report.verdict is Verdict.SIGNED
    assert report.sentence == "Unchanged since camera 00417 signed it."
    assert report.exit_code == 0
    assert [found.number for found in report.findings] == list(range(1, 11))
    assert report.training


def test_without_keys_it_is_only_consistent(pristine: Path) -> None:
    report = verify(pristine)
    assert failed(report) == {}
    assert report.verdict is Verdict.CONSISTENT
    assert report.sentence == "Consistent, signer not identified."
    assert report.exit_code == 2
    assert not report.identified


def test_a_fingerprint_read_aloud_is_enough(pristine: Path, force: Force) -> None:
    report = verify(pristine, fingerprint=trusts.fingerprint(force.trust()))
    assert report.exit_code == 0
    assert report.identified


def test_another_fingerprint_is_not(pristine: Path, force: Force) -> None:
    other = trusts.fingerprint(Force().trust())
    for report in (
        verify(pristine, fingerprint=other),
        verify(pristine, trust=force.trust(), fingerprint=other),
    ):
        assert report.exit_code == 2
        assert "fingerprint you gave is not that" in report.sentence


def test_unchanged_since_received_when_no_camera_signed(tmp_path: Path, force: Force) -> None:
    spec = Spec(camera=None)
    report = verify(
        made.make_bundle(tmp_path / "b", force=force, specs=[spec]), trust=force.trust()
    )
    assert report.verdict is Verdict.RECEIVED
    assert report.sentence == "Unchanged since we received it (the camera did not sign)."
    assert report.exit_code == 0


def test_several_exhibits_and_parts_are_told_apart(tmp_path: Path, force: Force) -> None:
    specs = [
        Spec(),
        Spec(reference="ABC/1/2", part=2),
        Spec(reference="ABC/2", camera="00533", counter=7),
        Spec(reference="ABC/3", camera=None, counter=8, working_copy=None),
    ]
    folder = made.make_bundle(tmp_path / "b", force=force, specs=specs)
    report = verify(folder, trust=force.trust())
    assert failed(report) == {}
    assert report.exit_code == 0
    assert "ABC/1/2: Unchanged since camera 00417 signed it." in report.sentence
    assert "ABC/2: Unchanged since camera 00533 signed it." in report.sentence
    assert "ABC/3: Unchanged since we received it" in report.sentence
    (folder / "data/masters/00533-7.mp4").write_bytes(b"other")
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 1
    assert {each.reference: each.verdict for each in report.exhibits} == {
        "ABC/1": Verdict.SIGNED,
        "ABC/1/2": Verdict.SIGNED,
        "ABC/2": Verdict.CHANGED,
        "ABC/3": Verdict.RECEIVED,
    }


def test_two_cameras_are_both_named(tmp_path: Path, force: Force) -> None:
    specs = [Spec(), Spec(reference="ABC/2", camera="00533", counter=7)]
    folder = made.make_bundle(tmp_path / "b", force=force, specs=specs)
    report = verify(folder, trust=force.trust())
    assert report.sentence == "Unchanged since cameras 00417 and 00533 signed them."


def test_a_master_without_working_copy_and_docking_passes(tmp_path: Path, force: Force) -> None:
    spec = Spec(working_copy=None, docked=False)
    folder = made.make_bundle(tmp_path / "b", force=force, specs=[spec])
    assert verify(folder, trust=force.trust()).exit_code == 0


@pytest.mark.parametrize("erased", [(1,), (2, 3), (1, 2, 3, 4)])
def test_erased_details_leave_the_history_whole(
    tmp_path: Path, force: Force, erased: tuple[int, ...]
) -> None:
    folder = made.make_bundle(tmp_path / "b", force=force, specs=[Spec(erased=erased)])
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 0
    notes = next(found.notes for found in report.findings if found.number == 6)
    assert len(notes) == len(erased)


def test_an_erased_last_act_can_not_be_checked(tmp_path: Path, force: Force) -> None:
    folder = made.make_bundle(tmp_path / "b", force=force, specs=[Spec(erased=(5,))])
    report = verify(folder, trust=force.trust())
    assert failed(report) == {6: Outcome.UNKNOWN}
    assert report.exit_code == 2


def test_a_file_managers_droppings_are_named_and_ignored(folder: Path, force: Force) -> None:
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "data" / "Thumbs.db").write_bytes(b"x")
    (folder / "proofs" / "desktop.ini").write_bytes(b"x")
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 0
    assert report.ignored == (".DS_Store", "data/Thumbs.db", "proofs/desktop.ini")


# Careless or hostile copying: whatever is done to the folder, it is found.


def every_file(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("given", [True, False])
def test_any_missing_file_is_named(folder: Path, force: Force, *, given: bool) -> None:
    for path in every_file(folder):
        data = (folder / path).read_bytes()
        (folder / path).unlink()
        report = verify(folder, trust=force.trust() if given else None)
        assert report.exit_code == 1, path
        assert report.verdict is Verdict.CHANGED
        assert path in where(report), path
        (folder / path).write_bytes(data)


@pytest.mark.parametrize(
    "path", ["extra.txt", "data/masters/x.mp4", "proofs/ABC-1/x", ".hidden", "deep/er/x"]
)
def test_any_added_file_is_named(folder: Path, force: Force, path: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(b"x")
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 1
    assert path in report.findings[0].sentence


def test_any_cut_or_lengthened_file_is_named(folder: Path, force: Force) -> None:
    for path in every_file(folder):
        data = (folder / path).read_bytes()
        for other in (data[:-1], data + b"\n", b""):
            (folder / path).write_bytes(other)
            report = verify(folder, trust=force.trust())
            assert report.exit_code == 1, path
            assert path in where(report), path
        (folder / path).write_bytes(data)


def test_swapped_files_are_named(folder: Path, force: Force) -> None:
    (folder / MASTER).rename(folder / "swap")
    (folder / "ABC-1.mp4").rename(folder / MASTER)
    (folder / "swap").rename(folder / "ABC-1.mp4")
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 1
    assert {MASTER, "ABC-1.mp4"} <= where(report)
    assert report.sentence.startswith("Changed: ")


def test_a_renamed_file_is_missing_and_extra(folder: Path, force: Force) -> None:
    (folder / "ABC-1.mp4").rename(folder / "abc-1.mp4")
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 1
    assert {"ABC-1.mp4", "abc-1.mp4"} <= where(report)


def test_an_edited_list_is_found_though_the_digests_fit(folder: Path, force: Force) -> None:
    old = (folder / MASTER).read_bytes()
    (folder / MASTER).write_bytes(old + b"x")
    for path, before, after in (
        (bundle.MANIFEST, old, old + b"x"),
        (bundle.TAG_MANIFEST, (folder / bundle.MANIFEST).read_bytes(), b""),
    ):
        text = (folder / path).read_text()
        new = after or (folder / bundle.MANIFEST).read_bytes()
        (folder / path).write_text(text.replace(_sha256(before), _sha256(new)))
    report = verify(folder, trust=force.trust())
    assert failed(report)[3] is Outcome.CHANGED
    assert failed(report)[4] is Outcome.CHANGED
    assert failed(report)[5] is Outcome.CHANGED
    assert report.exit_code == 1


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("target", ["ABC-1.mp4", "data", "proofs/trust.json", "extra"])
def test_links_are_refused(folder: Path, tmp_path: Path, force: Force, target: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if (folder / target).exists():
        (folder / target).rename(elsewhere)
    else:
        elsewhere.write_bytes(b"x")
    (folder / target).symlink_to(elsewhere)
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 1
    assert f"'{target}' is a link" in report.findings[0].sentence


def test_a_folder_that_is_no_bundle_can_not_be_checked(tmp_path: Path, force: Force) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        report = verify(folder, trust=force.trust())
        assert report.verdict is Verdict.UNKNOWN
        assert report.exit_code == 2


# Another signer.


def test_everything_signed_anew_with_other_keys_is_not_identified(
    tmp_path: Path, force: Force
) -> None:
    forger = Force(name=force.name)
    forged = made.make_bundle(tmp_path / "b", force=forger)
    assert verify(forged).verdict is Verdict.CONSISTENT
    report = verify(forged, trust=force.trust())
    assert report.exit_code == 2
    assert set(failed(report)) == {3, 4, 5, 6, 7, 8, 9}
    assert "not by any key in the list of keys" in report.sentence
    assert verify(forged, fingerprint=trusts.fingerprint(force.trust())).exit_code == 2


def test_a_forger_with_the_true_statements_is_found(tmp_path: Path, force: Force) -> None:
    """Every file as the force made it, but the footage, and the list signed anew."""
    files = made.files_of(force, [Spec()])
    files[MASTER] += b"x"
    forger = replace(force, disclosure=SigningKey.generate())
    forged = made.write_bundle(
        tmp_path / "b", force=forger, files=files, exhibits=made.disclosed([Spec()])
    )
    for trust in (force.trust(), None):
        report = verify(forged, trust=trust)
        assert report.exit_code == 1
        assert failed(report)[4] is Outcome.CHANGED
        assert MASTER in where(report)


def test_the_bundles_own_keys_do_not_count_when_others_are_given(pristine: Path) -> None:
    stranger = Force().trust()
    report = verify(pristine, trust=stranger)
    assert report.exit_code == 2
    assert report.fingerprint == trusts.fingerprint(stranger)


def _revoke(role: KeyRole, days: int) -> Callable[[TrustedKey], TrustedKey]:
    at = made.RECEIVED + timedelta(days=days)
    return lambda key: replace(key, revoked_at=at) if key.role is role else key


def _expire(role: KeyRole, days: int) -> Callable[[TrustedKey], TrustedKey]:
    at = made.RECEIVED + timedelta(days=days)
    return lambda key: replace(key, valid_until=at) if key.role is role else key


def _begin(role: KeyRole, days: int) -> Callable[[TrustedKey], TrustedKey]:
    at = made.RECEIVED + timedelta(days=days)
    return lambda key: replace(key, valid_from=at) if key.role is role else key


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (_revoke(KeyRole.CAMERA, -1), 4),
        (_expire(KeyRole.CAMERA, -1), 4),
        (_begin(KeyRole.CAMERA, 1), 4),
        (_revoke(KeyRole.RECEIPT, -1), 5),
        (_expire(KeyRole.RECEIPT, -1), 5),
        (_begin(KeyRole.RECEIPT, 1), 5),
        (_revoke(KeyRole.DERIVATIVE, -1), 8),
        (_revoke(KeyRole.DERIVATIVE, 500), 8),
        (_expire(KeyRole.DERIVATIVE, -1), 8),
        (_revoke(KeyRole.DISCLOSURE, 500), 3),
        (_revoke(KeyRole.DISCLOSURE, 10), 3),
        (_expire(KeyRole.DISCLOSURE, 10), 3),
        (_begin(KeyRole.DISCLOSURE, 100), 3),
        (_revoke(KeyRole.DOCK, -1), 9),
    ],
)
def test_a_key_that_was_not_valid_is_told(
    pristine: Path, force: Force, change: Callable[[TrustedKey], TrustedKey], check: int
) -> None:
    report = verify(pristine, trust=force.trust(change))
    assert failed(report)[check] is Outcome.UNKNOWN
    assert report.exit_code == 2
    assert "valid then" in report.sentence or "revoked" in report.sentence


@pytest.mark.parametrize(
    "change",
    [
        _revoke(KeyRole.CAMERA, 1),
        _expire(KeyRole.CAMERA, 1),
        _revoke(KeyRole.DOCK, 1),
        _expire(KeyRole.DERIVATIVE, 1),
        _expire(KeyRole.DISCLOSURE, 100),
    ],
)
def test_a_key_that_ended_later_still_counts(
    pristine: Path, force: Force, change: Callable[[TrustedKey], TrustedKey]
) -> None:
    assert verify(pristine, trust=force.trust(change)).exit_code == 0


def test_an_altered_key_id_is_a_change_not_a_stranger(folder: Path, force: Force) -> None:
    text = (folder / bundle.DISCLOSURE).read_text()
    keyid = force.disclosure.keyid
    (folder / bundle.DISCLOSURE).write_text(text.replace(keyid, "0" * 64))
    report = verify(folder, trust=force.trust())
    assert failed(report) == {3: Outcome.CHANGED}
    assert "id of the key that signed was altered" in report.findings[2].sentence


def test_a_false_signature_by_a_known_key_is_a_change(folder: Path, force: Force) -> None:
    other = made.make_bundle(folder.parent / "other", force=force, specs=[Spec(counter=3)])
    mine = json.loads((folder / bundle.DISCLOSURE).read_bytes())
    theirs = json.loads((other / bundle.DISCLOSURE).read_bytes())
    mine["signatures"] = theirs["signatures"]
    (folder / bundle.DISCLOSURE).write_bytes(canonical.encode(mine))
    report = verify(folder, trust=force.trust())
    assert failed(report) == {3: Outcome.CHANGED}
    assert report.exit_code == 1


def test_large_masters_are_hashed_in_bounded_memory(tmp_path: Path, force: Force) -> None:
    specs = [
        Spec(
            acts=2,
            master=bytes([number]) * (5 * 1024 * 1024),
            counter=number,
            reference=f"A/{number}",
        )
        for number in (1, 2, 3)
    ]
    folder = made.make_bundle(tmp_path / "b", force=force, specs=specs)
    hashed: list[int] = []
    tracemalloc.start()
    try:
        report = verify(folder, trust=force.trust(), advance=hashed.append)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert report.exit_code == 0
    assert sum(hashed) > 15 * 1024 * 1024
    assert peak < 8 * 1024 * 1024
