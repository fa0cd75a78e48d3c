"""A verification's report: the verdict, and how it is put in words and in JSON."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fairwitness.formats import bundle
from fairwitness.formats.canonical import Json
from fairwitness.formats.disclosure import DisclosureClaim
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.manifest import Provenance
from fairwitness.verifier.findings import TITLES, Finding, Outcome

_ASK: Final = (
    "You gave no keys and no fingerprint: whoever made this bundle may have made its keys too."
    " Ask the force to read its fingerprint to you, and give it with --fingerprint."
)
_PATHS_TOLD: Final = 5


class Verdict(StrEnum):
    """The four answers, and the one for a reader who trusts no key yet."""

    SIGNED = "unchanged_since_camera_signed"
    RECEIVED = "unchanged_since_received"
    CHANGED = "changed"
    UNKNOWN = "cannot_be_checked"
    CONSISTENT = "consistent_signer_not_identified"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitReport:
    """What is said of one exhibit.

    Attributes:
        reference: the exhibit reference.
        recording: how people name the recording.
        camera: serial number; None if unknown.
        provenance: whether its camera signed it.
        verdict: the answer for this exhibit.
        sentence: the answer in words.
    """

    reference: str
    recording: str
    camera: str | None
    provenance: Provenance
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that verifying a bundle found.

    Attributes:
        verdict: the answer for the whole bundle.
        sentence: the answer in words.
        findings: in order of check, then of exhibit.
        exhibits: the answer for each.
        identified: whether the reader brought the keys, or their fingerprint, and they signed.
        fingerprint: of the keys that were used; None if there were none.
        force: whose keys they say they are.
        disclosure: what the disclosure statement says, if it could be read.
        training: whether the bundle says that all in it is made up.
        ignored: files of file managers that are no part of it.
    """

    verdict: Verdict
    sentence: str
    findings: tuple[Finding, ...] = ()
    exhibits: tuple[ExhibitReport, ...] = ()
    identified: bool = False
    fingerprint: str | None = None
    force: str | None = None
    disclosure: DisclosureClaim | None = None
    training: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 unchanged and signer identified; 1 changed; 2 can't be checked, or not identified."""
        if self.verdict is Verdict.CHANGED:
            return 1
        return 0 if self.verdict in {Verdict.SIGNED, Verdict.RECEIVED} else 2


def not_a_bundle(sentence: str) -> Report:
    """The report on something that can't be opened at all."""
    return Report(verdict=Verdict.UNKNOWN, sentence=f"Can't be checked: {sentence}")


def report_exhibit(
    facts: ExhibitFacts, findings: Iterable[Finding], *, identified: bool
) -> ExhibitReport:
    """The answer for one exhibit, from the findings about it and about the whole bundle."""
    own = [finding for finding in findings if _concerns(finding, facts)]
    verdict = Verdict.SIGNED if facts.provenance is Provenance.SIGNED else Verdict.RECEIVED
    verdict = _judge(own, verdict, identified=identified)
    return ExhibitReport(
        reference=facts.reference,
        recording=facts.recording_reference,
        camera=facts.camera,
        provenance=facts.provenance,
        verdict=verdict,
        sentence=_words(verdict, own, [facts.camera or ""]),
    )


def _concerns(finding: Finding, facts: ExhibitFacts) -> bool:
    """Whether a finding bears on an exhibit: its own, or the bundle's but for others' files."""
    if finding.exhibit is not None:
        return finding.exhibit == facts.reference
    name = bundle.exhibit_name(facts.reference)
    mine = {facts.master.path, f"{name}.mp4", f"{name}.pdf"}
    return not finding.where or any(
        path in mine or path.startswith(f"proofs/{name}/") or _is_common(path)
        for path in finding.where
    )


def _is_common(path: str) -> bool:
    """Whether a file belongs to the bundle as a whole: its lists, page, keys and statement."""
    if path.startswith("proofs/"):
        return path.count("/") == 1
    return "/" not in path and not path.endswith((".mp4", ".pdf"))


def judge_bundle(
    findings: Sequence[Finding], exhibits: Sequence[ExhibitReport], *, identified: bool
) -> tuple[Verdict, str]:
    """The answer for the whole bundle, and its sentence."""
    signed = [each for each in exhibits if each.provenance is Provenance.SIGNED]
    verdict = Verdict.SIGNED if len(signed) == len(exhibits) else Verdict.RECEIVED
    verdict = _judge(findings, verdict, identified=identified)
    if not exhibits and verdict is not Verdict.CHANGED:
        return Verdict.UNKNOWN, _words(Verdict.UNKNOWN, findings, [])
    cameras = list(dict.fromkeys(each.camera or "" for each in signed))
    if verdict is Verdict.RECEIVED and signed:
        return verdict, " ".join(f"{each.reference}: {each.sentence}" for each in exhibits)
    return verdict, _words(verdict, findings, cameras)


def _judge(findings: Iterable[Finding], best: Verdict, *, identified: bool) -> Verdict:
    outcomes = {finding.outcome for finding in findings}
    if Outcome.CHANGED in outcomes:
        return Verdict.CHANGED
    if Outcome.UNKNOWN in outcomes:
        return Verdict.UNKNOWN
    return best if identified else Verdict.CONSISTENT


def _words(verdict: Verdict, findings: Iterable[Finding], cameras: list[str]) -> str:
    if verdict is Verdict.SIGNED:
        if len(cameras) > 1:
            return f"Unchanged since cameras {' and '.join(cameras)} signed them."
        return f"Unchanged since camera {cameras[0]} signed it."
    if verdict is Verdict.RECEIVED:
        return "Unchanged since we received it (the camera did not sign)."
    if verdict is Verdict.CONSISTENT:
        return "Consistent, signer not identified."
    if verdict is Verdict.CHANGED:
        worst = [finding for finding in findings if finding.outcome is Outcome.CHANGED]
        where = list(dict.fromkeys(path for finding in worst for path in finding.where))
        told = ", ".join(where[:_PATHS_TOLD])
        if len(where) > _PATHS_TOLD:
            told += f" and {len(where) - _PATHS_TOLD} more"
        return f"Changed: {told or worst[0].sentence}" + ("." if told else "")
    unknown = [finding.sentence for finding in findings if finding.outcome is Outcome.UNKNOWN]
    return f"Can't be checked: {unknown[0] if unknown else 'the bundle holds no exhibit.'}"


def to_json(report: Report) -> Json:
    """The report for machines; its fields are part of docs/specs/bundle.md."""
    disclosure = report.disclosure
    return {
        "verdict": report.verdict.value,
        "sentence": report.sentence,
        "exit_code": report.exit_code,
        "signer_identified": report.identified,
        "force": report.force,
        "fingerprint": report.fingerprint,
        "disclosure": None if disclosure is None else str(disclosure.disclosure),
        "training": report.training,
        "ignored": list(report.ignored),
        "exhibits": [
            {
                "reference": each.reference,
                "recording": each.recording,
                "camera": each.camera,
                "verdict": each.verdict.value,
                "sentence": each.sentence,
            }
            for each in report.exhibits
        ],
        "checks": [
            {
                "number": finding.number,
                "title": TITLES[finding.number],
                "exhibit": finding.exhibit,
                "outcome": finding.outcome.value,
                "sentence": finding.sentence,
                "where": list(finding.where),
                "notes": list(finding.notes),
            }
            for finding in report.findings
        ],
    }


def lines(report: Report) -> Iterator[tuple[Outcome | None, str]]:
    """The report for people: each line with the outcome it tells, or None where it tells none."""
    if report.training:
        yield None, "TRAINING, NOT EVIDENCE: everything in this bundle is made up."
    several = len(report.exhibits) > 1
    for finding in report.findings:
        about = f" [{finding.exhibit}]" if several and finding.exhibit is not None else ""
        yield finding.outcome, f"Check {finding.number}{about}: {finding.sentence}"
        for note in finding.notes:
            yield None, f"  {note}"
    if report.fingerprint is not None:
        yield None, f"Keys of {report.force}, fingerprint {report.fingerprint}"
    if not report.identified and report.verdict is Verdict.CONSISTENT:
        yield None, _ASK
