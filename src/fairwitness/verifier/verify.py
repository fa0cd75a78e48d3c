"""Verify a court bundle offline: ten numbered checks, and one of four verdicts.

1. All files are here, and no others.
2. Each file is the one listed.
3. The list is signed by the force, under the keys that the reader trusts.
4. Each master is what its camera signed (or no camera signed it, as is said).
5. The force's receipt is for these bytes, and its entry is in the custody log.
6. Each recording's history has entries 1 to n without a gap, each in the log.
7. The log's checkpoints agree, and its witnesses countersigned.
8. Each working copy is stated to be made from its master.
9. The facts say what was signed; the page shows each exhibit and its digest.
10. The signatures inside each video, if its camera made any, hold.

Trust comes from outside: from a list of keys that the reader has, or from its fingerprint, which
the force reads out over the telephone. Without either, the bundle's own copy of the list is used,
and the best answer is that all is consistent: whoever made it could have made the keys too.

A change is told before all else; then what can't be checked; only then that nothing was changed.
Specification: docs/specs/bundle.md.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography import x509

from fairwitness.formats import bundle, dsse
from fairwitness.formats import trust as trusts
from fairwitness.formats.errors import FormatError
from fairwitness.formats.trust import TrustList
from fairwitness.verifier import files, report
from fairwitness.verifier.files import Anchor
from fairwitness.verifier.findings import Finding, Outcome, unknown
from fairwitness.verifier.gathering import Gathering
from fairwitness.verifier.opening import OpenBundle, open_bundle
from fairwitness.verifier.report import Report

_FINGERPRINT_DIGITS: Final = 32
_GROUP: Final = 4


def verify(
    root: Path,
    *,
    trust: TrustList | None = None,
    fingerprint: str | None = None,
    roots: tuple[x509.Certificate, ...] = (),
    advance: Callable[[int], object] | None = None,
) -> Report:
    """Verify the bundle in a folder.

    Args:
        root: the folder.
        trust: the keys that the reader trusts; None if they have only a fingerprint, or nothing.
        fingerprint: of the keys that the reader trusts, as `normal_fingerprint` gives it.
        roots: certificates that the reader trusts for cameras that sign inside the video and that
            the keys don't name.
        advance: told the number of bytes hashed after each step, to show progress.

    Returns:
        The report; a folder that is no bundle gets one too.
    """
    try:
        opened = open_bundle(root, advance=advance)
    except FormatError as error:
        return report.not_a_bundle(error.message)
    return judge(opened, trust=trust, fingerprint=fingerprint, roots=roots)


def judge(
    opened: OpenBundle,
    *,
    trust: TrustList | None,
    fingerprint: str | None,
    roots: tuple[x509.Certificate, ...] = (),
) -> Report:
    """Put all checks to a bundle that was opened; if a listed file could not be read, only two."""
    listed = [
        files.all_here(opened.survey, opened.lists),
        files.each_as_listed(opened.lists, opened.digests, opened.unreadable),
    ]
    if opened.unreadable:
        verdict, sentence = report.judge_bundle(listed, (), identified=False)
        return Report(verdict=verdict, sentence=sentence, findings=tuple(listed))
    return _judge_content(opened, _anchor(opened, trust, fingerprint), listed, roots)


def _judge_content(
    opened: OpenBundle,
    anchor: Anchor,
    listed: list[Finding],
    roots: tuple[x509.Certificate, ...],
) -> Report:
    """Put checks 3 to 10, and draw the conclusion from all ten."""
    signed, disclosure = files.list_signed(
        _read_or_none(opened, bundle.DISCLOSURE, dsse.ENVELOPE_LIMIT),
        opened.digests.get(bundle.TAG_MANIFEST),
        anchor,
    )
    findings = [*listed, signed]
    exhibits = []
    if anchor.trust is not None:
        gathering = Gathering(opened=opened, trust=anchor.trust, disclosure=disclosure, roots=roots)
        findings += gathering.check()
        exhibits = [
            report.report_exhibit(facts, findings, identified=anchor.given)
            for facts in gathering.facts
        ]
    findings.sort(key=lambda finding: finding.number)
    verdict, sentence = report.judge_bundle(findings, exhibits, identified=anchor.given)
    return Report(
        verdict=verdict,
        sentence=sentence,
        findings=tuple(findings),
        exhibits=tuple(exhibits),
        identified=anchor.given and signed.outcome is Outcome.PASSED,
        fingerprint=None if anchor.trust is None else trusts.fingerprint(anchor.trust),
        force=None if anchor.trust is None else anchor.trust.force,
        disclosure=disclosure,
        training=opened.lists.info is not None and opened.lists.info.training,
        ignored=opened.survey.ignored,
    )


def normal_fingerprint(text: str) -> str:
    """A fingerprint as a person may type it, in the form that we print.

    Raises:
        FormatError: if it is not 32 hexadecimal digits, with or without spaces and hyphens.
    """
    digits = text.replace(" ", "").replace("-", "").upper()
    hexadecimal = all(char in "0123456789ABCDEF" for char in digits)
    if len(digits) != _FINGERPRINT_DIGITS or not hexadecimal:
        raise FormatError("A fingerprint has eight groups of four digits or letters A to F.")
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def _anchor(opened: OpenBundle, trust: TrustList | None, fingerprint: str | None) -> Anchor:
    """Which keys to believe: the reader's, or the bundle's copy if its fingerprint is theirs."""
    if trust is None:
        data = _read_or_none(opened, bundle.TRUST, trusts.LIMIT)
        try:
            trust = None if data is None else trusts.parse(data)
        except FormatError as error:
            return Anchor(None, given=False, fault=unknown(error.message, bundle.TRUST))
        if trust is None or fingerprint is None:
            return Anchor(trust, given=False)
    if fingerprint is None or fingerprint == trusts.fingerprint(trust):
        return Anchor(trust, given=True)
    return Anchor(
        trust,
        given=False,
        fault=unknown("The fingerprint you gave is not that of this list of keys."),
    )


def _read_or_none(opened: OpenBundle, path: str, limit: int) -> bytes | None:
    try:
        return opened.read_if_there(path, limit=limit)
    except FormatError:
        return None  # check 2 tells why
