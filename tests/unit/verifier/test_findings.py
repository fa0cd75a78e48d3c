"""The parts of the verifier whose causes a test can't make with files."""

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.verifier_bundles import RECEIVED, Force

from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import note
from fairwitness.formats.bundle import BundleInvalid, Digest
from fairwitness.formats.bundle_folder import Survey
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import NoteSigner
from fairwitness.formats.trust import TrustedLog, TrustedWitness
from fairwitness.verifier import files, opening, report
from fairwitness.verifier.findings import (
    TITLES,
    Finding,
    Outcome,
    changed,
    conclude,
    day,
    from_error,
    unknown,
)
from fairwitness.verifier.log import LogSeen, log_witnessed
from fairwitness.verifier.opening import Lists, OpenBundle, hash_files, open_bundle
from fairwitness.verifier.report import Report, Verdict
from fairwitness.verifier.verify import judge

pytestmark = pytest.mark.disable_socket

EMPTY = Lists({}, {}, None, MappingProxyType({}))


def test_a_change_outweighs_what_can_not_be_checked() -> None:
    finding = conclude(1, [unknown("Who knows.", "a"), changed("Changed.", "b", "a")], passed="")
    assert finding.outcome is Outcome.CHANGED
    assert finding.sentence == "Who knows. Changed."
    assert finding.where == ("a", "b")


def test_every_check_has_a_title() -> None:
    assert list(TITLES) == list(range(1, 11))


def test_a_file_that_can_not_be_read_can_not_be_checked() -> None:
    finding = files.each_as_listed(EMPTY, {}, {"a": "a can't be read: Input/output error."})
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.where == ("a",)


def test_a_refusal_is_a_change_unless_it_is_about_a_stranger() -> None:
    assert from_error(FormatError("No.")).outcome is Outcome.CHANGED
    assert from_error(FormatError("No.", code="receipt.key")).outcome is Outcome.UNKNOWN


def test_days_are_written_as_people_do() -> None:
    assert day(datetime(2017, 6, 9, tzinfo=UTC)) == "9 June 2017"


def test_a_long_list_of_changes_is_cut() -> None:
    paths = [f"f{number}" for number in range(8)]
    finding = conclude(2, [changed("Other.", path) for path in paths], passed="")
    verdict, sentence = report.judge_bundle([finding], [], identified=True)
    assert verdict is Verdict.CHANGED
    assert sentence == "Changed: f0, f1, f2, f3, f4 and 3 more."


def test_a_log_without_checkpoints_can_not_be_checked() -> None:
    assert log_witnessed(LogSeen()).outcome is Outcome.UNKNOWN


def test_a_bundle_without_exhibits_has_no_verdict_of_its_own() -> None:
    finding = Finding(number=7, outcome=Outcome.PASSED, sentence="x")
    assert report.judge_bundle([finding], [], identified=True)[0] is Verdict.UNKNOWN


def signed(size: int, *witnesses: NoteSigner, force: Force) -> tuple[Checkpoint, bytes]:
    here = Checkpoint(force.log.signer.name, size, bytes(32))
    data = checkpoints.sign(here, signer=force.log.signer)
    for witness in witnesses:
        data = checkpoints.cosign(data, signer=witness, at=RECEIVED)
    return here, data


def watching(force: Force) -> LogSeen:
    return LogSeen(tuple(witness.verifier for witness in force.trust().witnesses))


def test_witnesses_who_signed_the_largest_tree_are_counted_and_named(force: Force) -> None:
    first, second = force.log.witnesses
    seen = watching(force)
    seen.note(*signed(9, first, force=force))
    seen.note(*signed(9, force=force))
    seen.note(*signed(5, first, second, force=force))
    finding = log_witnessed(seen)
    assert finding.outcome is Outcome.PASSED
    assert "up to entry 9, and seen by 1 of 2 outside witnesses" in finding.sentence
    assert finding.notes == ("iopc.example saw it on 9 June 2017 at 06:33 UTC.",)


def test_a_log_without_witnesses_says_so(force: Force) -> None:
    seen = LogSeen()
    seen.note(*signed(5, *force.log.witnesses, force=force))
    finding = log_witnessed(seen)
    assert finding.outcome is Outcome.PASSED
    assert finding.notes == (
        "The list of keys names no outside witness: only the force vouches for its log.",
    )
    assert finding.sentence == "The log is signed, up to entry 5."


@pytest.mark.parametrize("later", [4, 9])
def test_a_false_cosignature_is_a_change(force: Force, later: int) -> None:
    first = force.log.witnesses[0]
    _, honest = signed(7, first, force=force)
    here, plain = signed(later, force=force)
    moved = note.add_signatures(note.parse(plain), note.parse(honest).signatures[1:])
    seen = watching(force)
    seen.note(*signed(7, first, force=force))
    seen.note(here, moved.encode())
    finding = log_witnessed(seen)
    assert finding.outcome is Outcome.CHANGED
    assert "iopc.example" in finding.sentence


def test_a_history_that_can_not_be_read_on_is_refused() -> None:
    class Broken:
        def readline(self, size: int = -1, /) -> bytes:
            raise OSError(5, f"Input/output error after {size}")

    with pytest.raises(BundleInvalid, match="can't be read"):
        opening._Hashing(Broken()).readline(1)


def test_a_file_that_changes_while_it_is_checked_is_refused(pristine: Path) -> None:
    opened = open_bundle(pristine)
    lying = OpenBundle(opened.root, opened.survey, opened.lists, {"ABC-1.pdf": Digest(1, "0" * 64)})
    with pytest.raises(BundleInvalid, match="changed while"):
        lying.read("ABC-1.pdf", limit=100)


def test_only_two_verdicts_exit_with_0() -> None:
    codes = {verdict: Report(verdict=verdict, sentence="").exit_code for verdict in Verdict}
    assert codes == {
        Verdict.SIGNED: 0,
        Verdict.RECEIVED: 0,
        Verdict.CHANGED: 1,
        Verdict.UNKNOWN: 2,
        Verdict.CONSISTENT: 2,
    }


def test_a_file_that_vanishes_before_it_is_hashed_can_not_be_checked(pristine: Path) -> None:
    opened = open_bundle(pristine)
    gone = {**opened.survey.sizes, "proofs/gone": 3}
    lists = Lists(
        opened.lists.payload, {**(opened.lists.tags or {}), "proofs/gone": "0" * 64}, None, {}
    )
    survey = Survey(gone, (), ())
    racing = OpenBundle(opened.root, survey, lists)
    hash_files(racing, ["proofs/gone", "ABC-1.pdf"], advance=None)
    assert {*racing.unreadable} == {"proofs/gone"}
    assert {*racing.digests} == {"ABC-1.pdf"}
    told = judge(racing, trust=None, fingerprint=None)
    assert told.verdict is Verdict.UNKNOWN
    assert (
        told.sentence == "Can't be checked: proofs/gone can't be read: No such file or directory."
    )


def test_a_list_of_keys_can_not_name_a_key_for_what_it_does_not_do(force: Force) -> None:
    log_key, witness = force.log.signer.vkey, force.log.witnesses[0].vkey
    with pytest.raises(FormatError, match="not one that cosigns"):
        TrustedWitness(name="w", vkey=log_key)
    with pytest.raises(FormatError, match="not one that signs checkpoints"):
        TrustedLog(vkey=witness, origin="iopc.example")
    with pytest.raises(FormatError, match="another name"):
        TrustedLog(vkey=log_key, origin="other.example")
