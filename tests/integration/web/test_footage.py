"""A recording's page shows its file, findings, stills, sound and trail; drawings are told too."""

import pytest
from tests.integration.media.test_trail import WALK, camm_full
from tests.integration.web.conftest import Pages
from tests.media_samples import encoded, with_track

from fairwitness.evidence import copies
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording
from fairwitness.formats.keys import SigningKey


def recorded(pages: Pages, data: bytes, *, only: CopyKind | None = None) -> Recording:
    """A real recording of the wearer's, with its copies made, or only this one by now."""
    recording = pages.world.record(ended_at=pages.recording.docked_at, data=data)
    tools = Making(pages.world.vault, SigningKey.generate(), lambda: pages.recording.docked_at)
    wanted = Copy.objects.filter(recording=recording, kind=only) if only else None
    of = [copy.pk for copy in wanted] if wanted is not None else None
    for encode in (False, True, False):
        copies.make_due(tools, encode=encode, of=of)
    return recording


def shown(pages: Pages, recording: Recording, *, watch: bool) -> str:
    browser = pages.browser(pages.world.ada)
    if watch:
        assert browser.post(f"/recordings/{recording.pk}/watch").status_code == 302
    return browser.get(f"/recordings/{recording.pk}").content.decode()


def test_a_viewing_shows_stills_sound_and_trail_with_their_words(pages: Pages) -> None:
    data = encoded(pictures=50, sound_from=3.5, metadata={"creation_time": "2017-06-08T22:00:00Z"})
    recording = recorded(pages, with_track(data, b"camm", [camm_full(*place) for place in WALK]))
    page = shown(pages, recording, watch=True)
    assert 'alt="20 stills, from 00:00 to 00:04"' in page
    assert "When the stills are" in page
    assert "<td>00:00 to 00:03</td><td>No sound is heard</td>" in page
    assert 'class="sound" d="M0 11H1000 M' in page
    assert "the camera was at 51.49520, -0.11760" in page
    assert "went 44 m in 4 s, and ended 44 m to the north" in page
    assert "18 km/h" in page
    assert "Thu 8 June 2017, 23:00:00" in page
    assert "nobody has checked it" in page
    assert "MP4; h264, 64 × 48, 10 a second" in page


def test_without_a_viewing_neither_stills_nor_places_are_shown(pages: Pages) -> None:
    data = with_track(encoded(pictures=50), b"camm", [camm_full(*place) for place in WALK])
    page = shown(pages, recorded(pages, data), watch=False)
    assert "/strip" not in page
    assert "51.49" not in page
    assert "Where the camera was" not in page


def test_odd_footage_says_what_is_wrong_and_that_the_original_is_kept(pages: Pages) -> None:
    recording = recorded(pages, encoded(codec="mjpeg", container="avi", sound=None, rotation=0))
    page = shown(pages, recording, watch=False)
    assert "About the video file" in page
    assert "Browsers may not play mjpeg." in page
    assert "It has no sound." in page
    assert "kept byte for byte" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"state": CopyState.DUE}, "The copy for watching is being made. Until then"),
        ({"state": CopyState.MAKING, "progress": 42}, "is being made, 42 % done. Until then"),
        (
            {"state": CopyState.MAKING, "progress": 7, "encode": True},
            "is being made, 7 % done. It is encoded again",
        ),
        (
            {"state": CopyState.FAILED, "problem": "Not one picture could be decoded."},
            "No copy for watching can be made: Not one picture could be decoded. The original is",
        ),
    ],
)
def test_a_page_says_how_far_the_copy_for_watching_is(
    pages: Pages, state: dict[str, object], words: str
) -> None:
    Copy.objects.filter(recording=pages.recording, kind="working").update(**state)
    assert words in shown(pages, pages.recording, watch=False)


def test_a_time_that_no_clock_can_show_is_not_shown(pages: Pages) -> None:
    told = {"creation_timX": "0001-01-01T00:00:00Z"}
    data = encoded(container="matroska", metadata=told)
    assert b"CREATION_TIMX" in data
    page = shown(
        pages, recorded(pages, data.replace(b"CREATION_TIMX", b"creation_time")), watch=False
    )
    assert "Matroska; h264" in page
    assert "File made" not in page


def test_a_recording_held_sideways_says_so(pages: Pages) -> None:
    page = shown(pages, recorded(pages, encoded(rotation=90)), watch=False)
    assert "90 degrees against the clock" in page


def test_a_moment_in_the_address_goes_with_the_asking_into_the_player(pages: Pages) -> None:
    recording = recorded(pages, encoded(pictures=50))
    browser = pages.browser(pages.world.ada)
    here = f"/recordings/{recording.pk}"
    asking = browser.get(f"{here}?t=00:03.250").content.decode()
    assert '<input type="hidden" name="t" value="00:03.250">' in asking
    answer = browser.post(f"{here}/watch", {"t": "00:03.250"})
    assert answer["Location"] == f"{here}?t=00:03.250#player"
    assert '/working#t=3.250"' in browser.get(answer["Location"]).content.decode()


def test_a_moment_that_is_not_in_the_recording_is_told_and_left(pages: Pages) -> None:
    recording = recorded(pages, encoded(pictures=50))
    Recording.objects.filter(pk=recording.pk).update(duration_ms=5000)
    browser = pages.browser(pages.world.ada)
    here = f"/recordings/{recording.pk}"
    moments = ["00:05.000", "99:00", "at-the-end", '"><script>']
    for asked in moments:
        page = browser.get(here, {"t": asked}).content.decode()
        assert "a moment that this recording does not have" in page
        assert 'name="t"' not in page
        assert asked not in page
    assert browser.post(f"{here}/watch", {"t": "now"})["Location"] == f"{here}#player"
    for asked in moments:
        assert "#t=" not in browser.get(here, {"t": asked}).content.decode()


def test_the_original_is_one_press_away_and_so_is_the_copy(pages: Pages) -> None:
    recording = recorded(pages, encoded(pictures=50))
    browser = pages.browser(pages.world.ada)
    here = f"/recordings/{recording.pk}"
    browser.post(f"{here}/watch")
    copy = browser.get(here).content.decode()
    assert '/working"' in copy
    assert f'href="{here}?original=1#player"' in copy
    original = browser.get(f"{here}?original=1").content.decode()
    assert '/master"' in original
    assert "This is the original, byte for byte" in original
    assert f'href="{here}#player"' in original
    Copy.objects.filter(recording=recording).update(state=CopyState.MAKING)
    alone = browser.get(here).content.decode()
    assert '/master"' in alone
    assert "Play the original" not in alone
