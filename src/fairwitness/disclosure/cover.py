"""`index.html` of a bundle: plays the working copies and says what the PDFs say, from the folder.

It needs no network and runs no script; its one style sheet stands inside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from fairwitness.disclosure import words
from fairwitness.formats import bundle
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.manifest import Provenance


@dataclass(frozen=True, slots=True)
class _Silent:
    """A stretch without sound on the bar, in thousandths of the length."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class _Row:
    """One exhibit for the template."""

    reference: str
    title: str
    when: str
    producer: str
    verdict: str
    signed: bool
    video: str
    summary: str
    master: str
    master_sha256: str
    working_sha256: str
    silent: tuple[_Silent, ...]
    life: tuple[words.Line, ...]
    lines: tuple[words.Line, ...]


def _silent(facts: ExhibitFacts) -> tuple[_Silent, ...]:
    total = max(1, facts.duration_ms or 1)

    def place(kind: str, start: int, end: int) -> _Silent:
        x = min(1000, start * 1000 // total)
        return _Silent(kind, x, max(2, min(1000 - x, (end - start) * 1000 // total)))

    spans = [place("muted", span.from_ms, span.to_ms) for span in facts.mute]
    if facts.buffer_ms:
        spans.insert(0, place("none", 0, facts.buffer_ms))
    return tuple(spans)


def _row(facts: ExhibitFacts, *, recipient: str, made_at: datetime) -> _Row:
    copy = facts.working_copy
    return _Row(
        reference=facts.reference,
        title=facts.title,
        when=words.when(facts),
        producer=facts.producer,
        verdict=words.verdict(facts),
        signed=facts.provenance is Provenance.SIGNED,
        video=copy.path if copy else "",
        summary=bundle.summary_path(facts.reference),
        master=facts.master.path,
        master_sha256=facts.master.sha256,
        working_sha256=copy.sha256 if copy else "",
        silent=_silent(facts),
        life=words.life(facts, recipient=recipient, made_at=made_at),
        lines=words.lines(facts),
    )


def draw(
    exhibits: Sequence[ExhibitFacts],
    *,
    case: str,
    recipient: str,
    purpose: str,
    fingerprint: str,
    made_at: datetime,
) -> bytes:
    """The page's bytes.

    Args:
        exhibits: in order of reference.
        case: the case's reference.
        recipient: for whom the bundle is.
        purpose: why it is given.
        fingerprint: of the force's trust list.
        made_at: when, UTC.
    """
    css = resources.files("fairwitness.disclosure") / "templates" / "bundle" / "page.css"
    context = {
        "case": case,
        "recipient": recipient,
        "purpose": purpose,
        "made": words.moment(made_at),
        "fingerprint": fingerprint,
        "training": any(facts.training for facts in exhibits),
        "exhibits": [_row(facts, recipient=recipient, made_at=made_at) for facts in exhibits],
        "not_proved": words.NOT_PROVED,
        "css": mark_safe(css.read_text()),  # noqa: S308 - our own style sheet, shipped with us
    }
    return render_to_string("bundle/index.html", context).encode()
