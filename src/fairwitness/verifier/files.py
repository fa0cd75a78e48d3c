"""Checks 1 to 3: the files are those listed, and the list is signed.

These three cover every byte of a bundle; all other checks say what the bytes mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fairwitness.formats import bundle, dsse, statement
from fairwitness.formats.bundle import Digest
from fairwitness.formats.bundle_folder import Survey
from fairwitness.formats.disclosure import DisclosureClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import KeyUnknown, PublicKey, SignatureInvalid
from fairwitness.formats.trust import KeyRole, TrustList
from fairwitness.verifier.findings import (
    Fault,
    Finding,
    changed,
    conclude,
    day,
    from_error,
    unknown,
)
from fairwitness.verifier.opening import Lists

_UNLISTED = frozenset({bundle.TAG_MANIFEST, bundle.DISCLOSURE})
_MUST_LIST = (bundle.DECLARATION, bundle.INFO, bundle.MANIFEST, bundle.PAGE, bundle.TRUST)


def all_here(survey: Survey, lists: Lists) -> Finding:
    """Check 1: every listed file is in the folder, and nothing else is."""
    faults = [changed(f"{sentence}", path) for path, sentence in lists.faults.items()]
    faults += [changed(problem) for problem in survey.problems]
    listed = lists.listed
    expected = {*listed, *_UNLISTED}
    faults += [changed(f"{path} is missing.", path) for path in sorted(expected - {*survey.sizes})]
    faults += [
        changed(f"{path} is not in the list.", path) for path in sorted({*survey.sizes} - expected)
    ]
    faults += _wrong_lists(lists)
    notes = tuple(f"{path} is a file manager's, and ignored." for path in survey.ignored)
    return conclude(
        1,
        faults,
        passed=f"All {len(expected)} files are here, and no others.",
        notes=notes,
    )


def _wrong_lists(lists: Lists) -> list[Fault]:
    """What a list may not say, whoever signed it."""
    faults: list[Fault] = []
    if lists.tags is not None:
        faults += [
            changed(f"{path} is missing from the list.", path)
            for path in _MUST_LIST
            if path not in lists.tags
        ]
        faults += [
            changed(f"{path} stands in the wrong list.", path)
            for path in lists.tags
            if path in _UNLISTED or path.startswith("data/")
        ]
    if lists.payload is not None:
        faults += [
            changed(f"{path} stands in the wrong list.", path)
            for path in lists.payload
            if not path.startswith(bundle.MASTERS)
        ]
    return faults


def each_as_listed(
    lists: Lists, digests: Mapping[str, Digest], unreadable: Mapping[str, str]
) -> Finding:
    """Check 2: each file has the digest that its list states."""
    listed = lists.listed
    faults = [unknown(sentence, path) for path, sentence in unreadable.items()]
    faults += [
        changed(f"{path} is not the file that was listed.", path)
        for path, sha256 in listed.items()
        if path in digests and digests[path].sha256 != sha256
    ]
    if lists.payload is None or lists.tags is None:
        faults.append(unknown("A list of files is missing or malformed."))
    elif not faults and lists.info is not None:
        sizes = [digests[path].size for path in lists.payload if path in digests]
        if lists.info.payload != (sum(sizes), len(sizes)):
            faults.append(changed("The masters have another size than stated.", bundle.INFO))
    return conclude(2, faults, passed=f"Each of the {len(listed)} listed files is the one listed.")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The keys that a check believes, and why.

    Attributes:
        trust: the keys; None when there are none to be had.
        given: whether the reader brought them, or named their fingerprint.
        fault: why the keys are not what the reader asked for, or None.
    """

    trust: TrustList | None
    given: bool
    fault: Fault | None = None


def list_signed(
    envelope: bytes | None, tag_manifest: Digest | None, anchor: Anchor
) -> tuple[Finding, DisclosureClaim | None]:
    """Check 3: the force signed the list of files.

    Returns:
        The finding, and what the disclosure statement says if it can be read at all.
    """
    faults = [anchor.fault] if anchor.fault is not None else []
    if envelope is None:
        faults.append(changed(f"{bundle.DISCLOSURE} is missing.", bundle.DISCLOSURE))
        return conclude(3, faults, passed=""), None
    try:
        opened = dsse.parse(envelope)
        payload = statement.statement_payload(opened)
        claim = statement.parse(payload, DisclosureClaim).predicate
    except FormatError as error:
        faults.append(changed(error.message, bundle.DISCLOSURE))
        return conclude(3, faults, passed=""), None
    if tag_manifest is None or claim.tag_manifest_sha256 != tag_manifest.sha256:
        faults.append(changed("The list of files is not the one signed.", bundle.TAG_MANIFEST))
    faults += _signer_faults(opened, claim, anchor.trust)
    force = "" if anchor.trust is None else anchor.trust.force
    passed = f"The list is signed by {force}, by a key in the list that you trust."
    if not anchor.given:
        passed = "The list is signed, by a key that only the bundle itself names."
    return conclude(3, faults, passed=passed), claim


def _signer_faults(
    envelope: dsse.Envelope, claim: DisclosureClaim, trust: TrustList | None
) -> list[Fault]:
    if trust is None:
        return [unknown("There is no list of keys to check the signature against.")]
    keys = trust.keys_for(KeyRole.DISCLOSURE)
    try:
        keyid = dsse.verify(envelope, keys)
    except KeyUnknown:
        return [_stranger(envelope, keys)]
    except FormatError as error:
        return [from_error(error, bundle.DISCLOSURE)]
    key = trust.find(KeyRole.DISCLOSURE, keyid)
    if key is None or not key.valid_at(claim.made_at):
        return [unknown("The list is signed by a key that was not valid then.", bundle.DISCLOSURE)]
    if key.revoked_at is not None:
        # Only the signer says when it signed; whoever stole the key can say anything.
        return [
            unknown(
                f"The key that signed the list was revoked on {day(key.revoked_at)}. Ask for a"
                " copy signed with a valid key.",
                bundle.DISCLOSURE,
            )
        ]
    return []


def _stranger(envelope: dsse.Envelope, keys: Mapping[str, PublicKey]) -> Fault:
    """Signed by a key that is not in the list; unless a listed key did sign, under its own id."""
    signed = dsse.pae(envelope.payload_type, envelope.payload)
    for signature in envelope.signatures:
        for key in keys.values():
            try:
                key.verify(signed, signature.sig)
            except SignatureInvalid:
                continue
            return changed("The id of the key that signed was altered.", bundle.DISCLOSURE)
    return unknown(
        "The list is signed, but not by any key in the list of keys: someone else may have made"
        " all of this.",
        bundle.DISCLOSURE,
    )
