"""Check 10, of one exhibit: what the signatures inside its video say, group of pictures by group.

They were there before the force received anything, so they tell of what came before: a group that
was changed makes the exhibit changed. That there are none, that units are missing, that the end is
not covered or the signer not known is told and changes no verdict: other footage is not held to it.
"""

import io
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from fairwitness.formats import bundle_folder, signed_video, video_signer, video_words
from fairwitness.formats.bundle import BundleInvalid
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.signed_video import VideoReport, VideoVerdict
from fairwitness.formats.trust import KeyRole, TrustList
from fairwitness.verifier.findings import Finding, changed, conclude, unknown
from fairwitness.verifier.opening import OpenBundle

NUMBER = 10


def video_as_signed(
    opened: OpenBundle,
    facts: ExhibitFacts,
    *,
    trust: TrustList,
    received_at: datetime,
    roots: Sequence[x509.Certificate] = (),
) -> Finding:
    """Check 10: the signatures inside the master's video hold.

    Args:
        opened: the bundle.
        facts: of the exhibit.
        trust: the keys to believe.
        received_at: when the log says that the recording came in.
        roots: certificates that the reader trusts for cameras that the list does not know.
    """
    path = facts.master.path
    if path not in opened.digests:
        missing = changed(f"{path} is missing.", path)
        return conclude(NUMBER, [missing], passed="", exhibit=facts.reference)
    try:
        report = read_video(opened, path)
    except BundleInvalid as error:
        fault = unknown(error.message, path)
        return conclude(NUMBER, [fault], passed="", exhibit=facts.reference)
    if report.verdict is VideoVerdict.NOT_SIGNED:
        return conclude(
            NUMBER,
            [],
            passed="No signatures are inside the video.",
            exhibit=facts.reference,
            notes=tuple(_notes(opened, facts, report)),
        )
    words = f"The signatures inside the video: {video_words.told(report)}"
    words += f", by {_signer(report, facts, trust, received_at, roots)}."
    faults = [changed(words, path)] if report.verdict is VideoVerdict.CHANGED else []
    return conclude(
        NUMBER,
        faults,
        passed=words,
        exhibit=facts.reference,
        notes=tuple(_notes(opened, facts, report)),
    )


def read_video(opened: OpenBundle, path: str) -> VideoReport:
    """Look into one file, which must still be the one that was hashed.

    Raises:
        BundleInvalid: it can't be read, or is another than before.
    """
    try:
        with bundle_folder.open_file(opened.root, path) as file:
            opened.demand_untouched(path, file)
            report = signed_video.check(
                lambda offset, length: _at(file, offset, length),
                size=opened.digests[path].size,
            )
            opened.demand_untouched(path, file)
    except OSError as error:
        raise BundleInvalid(f"{path} can't be read: {error.strerror}.") from error
    return report


def _at(file: io.FileIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    parts = []
    while length and (data := file.read(length)):
        parts.append(data)
        length -= len(data)
    return b"".join(parts)


def _signer(
    report: VideoReport,
    facts: ExhibitFacts,
    trust: TrustList,
    received_at: datetime,
    roots: Sequence[x509.Certificate],
) -> str:
    """Whose key it was, by the list of keys or a root; the video's own word is only quoted."""
    if report.signer is None:
        return "nobody who names a key"
    key = trust.find(KeyRole.CAMERA, report.signer.keyid)
    if key is None:
        said = f" (it calls itself {report.signer.name!r})" if report.signer.name else ""
        if not roots:
            return f"a key that is not in the list of keys{said}"
        why = video_signer.rooted(report.signer, roots=roots, claimed_us=report.began_us)
        if why:
            return f"a key that is not in the list of keys{said}: {why}"
        return f"a key that a root certificate of yours vouches for{said}"
    if not key.valid_at(received_at):
        return f"a key of camera {key.name} that was not valid then"
    if facts.camera is not None and key.name != facts.camera:
        return f"the key of another camera, {key.name}"
    return f"the key of camera {key.name}"


def _notes(opened: OpenBundle, facts: ExhibitFacts, report: VideoReport) -> list[str]:
    notes = []
    if report.began_before:
        notes.append("Its camera was signing before it begins: it was cut from a longer video.")
    signed = report.verdict is not VideoVerdict.NOT_SIGNED
    if report.problem:
        until = "Not all of it was read: " if signed else ""
        notes.append(until + report.problem)
    copy = facts.working_copy
    if copy is not None and not signed:
        notes.append(f"{copy.path} is a copy for playing.")
    elif copy is not None and copy.path in opened.digests:
        try:
            found = read_video(opened, copy.path)
        except BundleInvalid as error:
            notes.append(error.message)
        else:
            words = video_words.VERDICTS[found.verdict]
            notes.append(f"{copy.path} is a copy for playing; the signatures inside it: {words}.")
    return notes
