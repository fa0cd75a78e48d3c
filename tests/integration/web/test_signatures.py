"""The recording page draws what was found of the signatures inside the video, and says it."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from tests.integration.web.conftest import Pages

from fairwitness.evidence.models import SealVerdict, VideoSeals
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.video_signer import camera_certificates, read_roots

Span = tuple[int, int, int, int, str, str]
NAMES = ("first", "last", "from_ms", "to_ms", "state", "detail")


def page(pages: Pages) -> str:
    wearer = pages.browser(pages.people["wearer"])
    return wearer.get(f"/recordings/{pages.recording.pk}").content.decode()


def find(pages: Pages, verdict: SealVerdict, *spans: Span, **counts: object) -> None:
    VideoSeals.objects.create(
        recording=pages.recording,
        verdict=verdict,
        spans=[dict(zip(NAMES, span, strict=True)) for span in spans],
        checked_at=datetime.now(UTC),
        **counts,
    )


def test_nobody_having_looked_is_said(pages: Pages) -> None:
    assert "nobody has looked for signatures inside this video" in page(pages)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (SealVerdict.NOT_SIGNED, "there are none inside this video"),
        (SealVerdict.UNCHECKED, "the video could not be looked into"),
    ],
)
def test_without_signatures_there_is_no_lane(
    pages: Pages, verdict: SealVerdict, words: str
) -> None:
    find(pages, verdict)
    html = page(pages)
    assert words in html
    assert "<span>Signatures</span>" not in html


def test_each_state_has_its_own_shape_and_words(pages: Pages) -> None:
    pages.recording.duration_ms = 10_000
    pages.recording.save(update_fields=["duration_ms"])
    find(
        pages,
        SealVerdict.CHANGED,
        (1, 4, 0, 4000, "intact", ""),
        (5, 5, 4000, 5000, "changed", "unit 2 of 30 is not what was signed"),
        (6, 6, 5000, 6000, "missing", "1 of 30 units are missing"),
        (7, 9, 6000, 9000, "intact", ""),
        (10, 10, 9000, 10_000, "uncovered", "it ends before its signature came"),
        intact=7,
        changed=1,
        missing=1,
        uncovered=1,
        signer="enrolled",
        keyid="ab" * 32,
    )
    html = page(pages)
    assert '<path class="signed" d="M0 11H400"/>' in html
    assert '<rect class="broken" x="400" width="100" height="22"/>' in html
    assert '<rect class="gaps" x="500" width="100" height="22" fill="url(#hatch)"/>' in html
    assert '<path class="signed" d="M600 11H900"/>' in html
    assert '<rect class="bare" x="900" width="100" height="22"/>' in html
    assert (
        "changed. 7 of 10 groups of pictures are what was signed, 1 changed, 1 with pictures"
        " missing, 1 not covered. By the enrolled camera."
    ) in html
    row = "<td>00:04.0 to 00:05.0</td><td>Changed since it was signed: group 5 of pictures: unit 2"
    assert row in html
    assert (
        "<td>00:00.0 to 00:04.0</td><td>Signed inside the video, and intact: groups 1 to 4" in html
    )
    for key in ("intact (a line)", "a full block", "hatched", "no line"):
        assert key in html


def test_what_was_not_read_to_its_end_says_so(pages: Pages) -> None:
    find(pages, SealVerdict.INTACT, (1, 2, 0, 2000, "intact", ""), intact=2, problem="Cut.")
    assert "intact, but not all of it was read. 2 of 2 groups" in page(pages)


def test_a_single_changed_group_of_a_long_recording_can_still_be_seen(pages: Pages) -> None:
    pages.recording.duration_ms = 14_400_000
    pages.recording.save(update_fields=["duration_ms"])
    find(
        pages,
        SealVerdict.CHANGED,
        (1, 14399, 0, 14_399_000, "intact", ""),
        (14400, 14400, 14_399_000, 14_400_000, "changed", "its signature is wrong"),
        intact=14399,
        changed=1,
    )
    html = page(pages)
    assert '<rect class="broken" x="996" width="4" height="22"/>' in html
    assert "<td>3:59:59.0 to 4:00:00.0</td>" in html


def test_a_root_that_the_force_trusts_vouches_for_a_signer_that_is_not_enrolled(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = camera_certificates(SigningKey.generate(), serial="AXIS-7")
    find(
        pages,
        SealVerdict.INTACT,
        (1, 2, 0, 2000, "intact", ""),
        intact=2,
        signer="unknown",
        keyid="ab" * 32,
        name="Camera AXIS-7",
        certificates=made.leaf.decode(),
        claimed_us=1_500_000_000_000_000,
    )
    assert "what was signed. By a signer that we do not know" in page(pages)
    other = camera_certificates(SigningKey.generate(), serial="AXIS-8").root
    monkeypatch.setattr(settings, "VIDEO_ROOTS", read_roots(other))
    assert "By a signer that we do not know: no root certificate that you trust" in page(pages)
    monkeypatch.setattr(settings, "VIDEO_ROOTS", read_roots(other + made.root))
    assert "By a signer that a root certificate trusted here vouches for: Camera AXIS-7" in page(
        pages
    )
