"""A force that lists and signs, all properly, what is not so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests import verifier_bundles as made
from tests.verifier_bundles import Force, Spec, failed, where

from fairwitness.formats import bundle, custody, docking, exhibit, history
from fairwitness.formats.manifest import Provenance
from fairwitness.verifier import log
from fairwitness.verifier.findings import Outcome
from fairwitness.verifier.report import Report
from fairwitness.verifier.verify import verify

pytestmark = pytest.mark.disable_socket

Files = dict[str, bytes]


def dishonest(
    tmp_path: Path, force: Force, edit: Callable[[Files], None], spec: Spec | None = None
) -> Report:
    specs = [spec or Spec()]
    files = made.files_of(force, specs)
    edit(files)
    folder = made.write_bundle(
        tmp_path / "b", force=force, files=files, exhibits=made.disclosed(specs)
    )
    report = verify(folder, trust=force.trust())
    assert not {1, 2, 3} & set(failed(report)), "the edit was meant to be signed"
    return report


def lines_of(files: Files) -> list[bytes]:
    return files["proofs/ABC-1/custody.jsonl"].splitlines(keepends=True)


def put(files: Files, lines: list[bytes]) -> None:
    files["proofs/ABC-1/custody.jsonl"] = b"".join(lines)


@pytest.mark.parametrize("gone", range(5))
def test_an_act_left_out_of_the_history_is_found(tmp_path: Path, force: Force, gone: int) -> None:
    def edit(files: Files) -> None:
        lines = lines_of(files)
        del lines[gone]
        put(files, lines)

    report = dishonest(tmp_path, force, edit)
    if gone == 4:
        assert failed(report) == {6: Outcome.UNKNOWN}
        assert "ends before this bundle was made" in report.sentence
    else:
        assert failed(report) == {6: Outcome.CHANGED}
        assert f"Entry {gone + 1} is missing" in report.findings[5].sentence


def test_reordered_doubled_or_empty_histories_are_found(tmp_path: Path, force: Force) -> None:
    edits: list[Callable[[list[bytes]], list[bytes]]] = [
        lambda lines: lines[::-1],
        lambda lines: [*lines, lines[-1]],
        lambda _: [],
        lambda lines: [*lines[:-1], lines[-1].rstrip(b"\n")],
        lambda lines: [*lines, b"\n"],
    ]
    for number, change in enumerate(edits):

        def edit(files: Files, change: Callable[[list[bytes]], list[bytes]] = change) -> None:
            put(files, change(lines_of(files)))

        report = dishonest(tmp_path / str(number), force, edit)
        assert failed(report) == {6: Outcome.CHANGED}


def test_an_edited_act_is_found(tmp_path: Path, force: Force) -> None:
    def edit(files: Files) -> None:
        lines = lines_of(files)
        line = history.parse_line(lines[2])
        body = (line.body or b"").replace(b"system:ingest", b"system:intake")
        lines[2] = history.encode(replace(line, body=body))
        put(files, lines)

    report = dishonest(tmp_path, force, edit)
    assert failed(report) == {6: Outcome.CHANGED}
    assert "body of entry 3" in report.findings[5].sentence


def test_a_history_of_another_recording_is_found(tmp_path: Path, force: Force) -> None:
    other = made.files_of(force, [Spec(counter=9)])

    def edit(files: Files) -> None:
        files["proofs/ABC-1/custody.jsonl"] = other["proofs/ABC-1/custody.jsonl"]

    assert failed(dishonest(tmp_path, force, edit)) == {6: Outcome.CHANGED}


def test_a_receipt_of_another_recording_is_found(tmp_path: Path, force: Force) -> None:
    other = made.files_of(force, [Spec(counter=9)])

    def edit(files: Files) -> None:
        files["proofs/ABC-1/receipt.json"] = other["proofs/ABC-1/receipt.json"]

    assert failed(dishonest(tmp_path, force, edit))[5] is Outcome.CHANGED


def test_a_log_that_shows_two_histories_is_found(tmp_path: Path, force: Force) -> None:
    """The force rewrites its log between the receipt and the export, and signs both."""
    log = made.Log(signer=force.log.signer, witnesses=force.log.witnesses)
    forked = replace(force, log=log)
    log.append(b"\x01" * 32)
    before = history.parse_line(lines_of(made.files_of(forked, [Spec(acts=2)]))[0])
    salt = custody.parse_body(before.body or b"").salt
    log.leaves.clear()
    log.append(b"\x02" * 32)
    specs = [Spec(acts=2)]
    files = made.files_of(forked, specs)
    files["proofs/ABC-1/receipt.json"] = made.receipt_of(
        forked, specs[0], entry=before.entry, salt=salt, proof=before.proof
    )
    folder = made.write_bundle(
        tmp_path / "b", force=forked, files=files, exhibits=made.disclosed(specs)
    )
    report = verify(folder, trust=forked.trust())
    assert failed(report) == {7: Outcome.CHANGED}
    assert "rewritten" in report.sentence


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "0" * 64},
        {"size": 1},
        {"made_at": made.RECEIVED - timedelta(days=1)},
        {"made_at": made.DISCLOSED + timedelta(days=1)},
    ],
)
def test_a_working_copy_that_was_not_made_from_the_master_is_found(
    tmp_path: Path, force: Force, changes: dict[str, object]
) -> None:
    def edit(files: Files) -> None:
        files["proofs/ABC-1/derivative.dsse.json"] = made.derivative_of(force, Spec(), **changes)

    assert failed(dishonest(tmp_path, force, edit)) == {8: Outcome.CHANGED}


@pytest.mark.parametrize("counter", [9, 2193])
def test_a_working_copy_of_another_master_is_found(
    tmp_path: Path, force: Force, counter: int
) -> None:
    def edit(files: Files) -> None:
        other = Spec(counter=counter, master=b"another")
        files["proofs/ABC-1/derivative.dsse.json"] = made.derivative_of(force, other)

    assert failed(dishonest(tmp_path, force, edit)) == {8: Outcome.CHANGED}


@pytest.mark.parametrize(
    "changes",
    [
        {"started_at": made.STARTED + timedelta(seconds=1)},
        {"buffer_ms": 0},
        {"mute": ()},
        {"interrupted": True},
        {"camera": "00533"},
        {"case": "another"},
        {"received_at": made.RECEIVED + timedelta(seconds=1)},
        {"clock_ahead_us_max": -400_001},
        {"clock_ahead_us_min": -1_199_999},
        {"counters_missing": (2192,)},
        {"recording": made.Spec(counter=1).recording},
    ],
)
def test_facts_that_differ_from_what_was_signed_are_found(
    tmp_path: Path, force: Force, changes: dict[str, object]
) -> None:
    def edit(files: Files) -> None:
        facts = replace(made.facts_of(Spec()), **changes)  # type: ignore[arg-type]  # the table names fields
        files["proofs/ABC-1/exhibit.json"] = exhibit.encode(facts)

    report = dishonest(tmp_path, force, edit)
    assert failed(report)[9] is Outcome.CHANGED
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("earlier", "code"), [(timedelta(minutes=-8), 0), (timedelta(minutes=1), 1)]
)
def test_a_dock_that_saw_the_camera_before_it_recorded_is_found(
    tmp_path: Path, force: Force, earlier: timedelta, code: int
) -> None:
    """Of the same camera, by the same dock, with the same bounds: but of another docking."""
    ended = made.claim_of(Spec()).ended_at

    def edit(files: Files) -> None:
        docked = replace(made.docking_of(Spec()), docked_at=ended - earlier)
        claim = docking.sign_claim(docked, key=force.dock)
        files["proofs/ABC-1/docking.dsse.json"] = claim.encode()

    report = dishonest(tmp_path, force, edit)
    assert failed(report) == ({9: Outcome.CHANGED} if code else {})
    assert report.exit_code == code


def test_a_page_about_something_else_is_found(tmp_path: Path, force: Force) -> None:
    for number, page in enumerate([b"<p>ABC/1</p>", b"\xff\xfe"]):

        def edit(files: Files, page: bytes = page) -> None:
            files[bundle.PAGE] = page

        report = dishonest(tmp_path / str(number), force, edit)
        assert failed(report) == {9: Outcome.CHANGED}
        assert bundle.PAGE in where(report)


def test_a_signed_recording_passed_off_as_unsigned_is_found(tmp_path: Path, force: Force) -> None:
    def edit(files: Files) -> None:
        facts = replace(made.facts_of(Spec()), provenance=Provenance.UNSIGNED)
        files["proofs/ABC-1/exhibit.json"] = exhibit.encode(facts)

    assert failed(dishonest(tmp_path, force, edit)) == {4: Outcome.CHANGED, 6: Outcome.CHANGED}


def test_another_cameras_key_is_found(tmp_path: Path, force: Force) -> None:
    liar = replace(force, cameras={"00417": force.cameras["00533"]})

    def edit(files: Files) -> None:
        other = made.files_of(liar, [Spec()])
        files["proofs/ABC-1/recording.dsse.json"] = other["proofs/ABC-1/recording.dsse.json"]

    report = dishonest(tmp_path, force, edit)
    assert failed(report) == {4: Outcome.CHANGED}
    assert "the key of 00533, but says 00417" in report.sentence or "recording" in report.sentence


def test_footage_that_belongs_to_no_exhibit_is_told(tmp_path: Path, force: Force) -> None:
    strays = ["data/masters/stray.mp4", "stray.mp4", "stray.MP4", "more/stray.webm", "proofs/a.m4a"]
    for number, path in enumerate(strays):

        def edit(files: Files, path: str = path) -> None:
            files[path] = b"x"

        report = dishonest(tmp_path / str(number), force, edit)
        assert failed(report) == {9: Outcome.UNKNOWN}
        assert report.exit_code == 2


def test_a_stated_exhibit_that_is_not_there_is_found(tmp_path: Path, force: Force) -> None:
    both = [Spec(), Spec(reference="ABC/2", counter=5)]
    folder = made.write_bundle(
        tmp_path / "b",
        force=force,
        files=made.files_of(force, [Spec()]),
        exhibits=made.disclosed(both),
    )
    report = verify(folder, trust=force.trust())
    assert failed(report) == {9: Outcome.CHANGED}
    assert "ABC/2 is stated, but not here" in report.sentence


def test_a_bundle_without_exhibits_can_not_be_checked(tmp_path: Path, force: Force) -> None:
    folder = made.write_bundle(
        tmp_path / "b", force=force, files=made.files_of(force, []), exhibits=()
    )
    report = verify(folder, trust=force.trust())
    assert report.exit_code == 2


def test_facts_of_another_exhibit_are_found(tmp_path: Path, force: Force) -> None:
    def edit(files: Files) -> None:
        facts = made.facts_of(Spec(reference="ABC/7"))
        files["proofs/ABC-1/exhibit.json"] = exhibit.encode(facts)

    assert failed(dishonest(tmp_path, force, edit))[9] is Outcome.CHANGED


def test_a_receipt_of_the_same_bytes_but_another_recording_is_found(
    tmp_path: Path, force: Force
) -> None:
    other = made.files_of(force, [Spec(counter=9)])

    def edit(files: Files) -> None:
        files["proofs/ABC-1/receipt.json"] = other["proofs/ABC-1/receipt.json"]

    report = dishonest(tmp_path, force, edit)
    assert failed(report)[5] is Outcome.CHANGED
    assert "for another recording" in report.findings[4].sentence
    assert failed(report)[6] is Outcome.CHANGED


def test_a_statement_about_a_copy_that_is_not_there_is_found(tmp_path: Path, force: Force) -> None:
    def edit(files: Files) -> None:
        files["proofs/ABC-1/derivative.dsse.json"] = made.derivative_of(force, Spec())

    spec = Spec(working_copy=None)
    assert failed(dishonest(tmp_path, force, edit, spec)) == {8: Outcome.CHANGED}


def test_a_chain_with_a_foreign_link_is_found(tmp_path: Path, force: Force) -> None:
    """Entry 3 is true and in the log, but of a history that began in another way."""
    other = made.files_of(force, [Spec(master=b"another")])

    def edit(files: Files) -> None:
        lines = lines_of(files)
        lines[2] = lines_of(other)[2]
        put(files, lines)

    report = dishonest(tmp_path, force, edit)
    assert failed(report) == {6: Outcome.CHANGED}
    assert "does not follow the one before" in report.findings[5].sentence


def test_entries_that_lie_in_the_log_in_another_order_are_found(
    tmp_path: Path, force: Force
) -> None:
    def edit(files: Files) -> None:
        lines = lines_of(files)
        line = history.parse_line(lines[2])
        lines[2] = history.encode(replace(line, proof=history.parse_line(lines[1]).proof))
        put(files, lines)

    report = dishonest(tmp_path, force, edit)
    assert failed(report) == {6: Outcome.CHANGED}
    assert "in another order" in report.findings[5].sentence


def test_a_history_has_a_bound(
    tmp_path: Path, force: Force, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MAX_ENTRIES", 4)
    report = dishonest(tmp_path, force, lambda _: None)
    assert failed(report) == {6: Outcome.CHANGED}


def test_keys_that_the_bundle_can_not_read_leave_it_unchecked(tmp_path: Path, force: Force) -> None:
    files = made.files_of(force, [Spec()]) | {bundle.TRUST: b"{}"}
    folder = made.write_bundle(
        tmp_path / "b", force=force, files=files, exhibits=made.disclosed([Spec()])
    )
    report = verify(folder)
    assert report.exit_code == 2
    assert report.fingerprint is None
    assert verify(folder, trust=force.trust()).exit_code == 0


def test_a_receipt_logged_for_other_bytes_is_found(tmp_path: Path, force: Force) -> None:
    """Whoever has the receipt key can sign for other bytes, but the log says which came."""
    spec = Spec(acts=2)
    other = made.files_of(force, [replace(spec, master=b"what really came")])
    entry = history.parse_line(lines_of(other)[0])
    salt = custody.parse_body(entry.body or b"").salt
    forged = made.receipt_of(force, spec, entry=entry.entry, salt=salt, proof=entry.proof)

    def edit(files: Files) -> None:
        files["proofs/ABC-1/custody.jsonl"] = other["proofs/ABC-1/custody.jsonl"]
        files["proofs/ABC-1/receipt.json"] = forged

    report = dishonest(tmp_path, force, edit, spec)
    assert failed(report) == {6: Outcome.CHANGED}
    assert "the receipt of another file" in report.findings[5].sentence


def test_a_history_made_for_another_bundle_is_told(tmp_path: Path, force: Force) -> None:
    specs = [Spec()]
    folder = made.write_bundle(
        tmp_path / "b",
        force=force,
        files=made.files_of(force, specs),
        exhibits=made.disclosed(specs),
        disclosure="0b6f2f2e-5d0c-4c53-9d51-0d7a3f1f4a01",
    )
    assert failed(verify(folder, trust=force.trust())) == {6: Outcome.UNKNOWN}
