"""Where the camera was, on a recording's page: an outline, gaps, a table; a map only when asked."""

import math

import pytest
from tests.integration.media.test_trail import camm_full
from tests.integration.web.conftest import Pages
from tests.integration.web.test_footage import recorded, shown
from tests.media_samples import encoded, with_track

from fairwitness.config import composition, environment
from fairwitness.config.environment import SettingInvalid
from fairwitness.evidence.glimpses import Place
from fairwitness.web import trail_map

TILES = "https://tiles.police.example/{z}/{x}/{y}.png"


@pytest.fixture
def walked(pages: Pages) -> Pages:
    places = [(51.4952 + step * 0.0001, -0.1176 + step * 0.0002) for step in range(5)]
    data = with_track(encoded(pictures=50), b"camm", [camm_full(*place) for place in places])
    pages.recording = recorded(pages, data)
    return pages


def test_the_trail_is_an_outline_with_scale_north_and_a_table_whose_times_seek(
    walked: Pages,
) -> None:
    page = shown(walked, walked.recording, watch=True)
    assert 'aria-label="Outline of the trail, north at the top; the same as a table below"' in page
    assert page.count('class="way"') == 1
    assert 'class="gap"' not in page
    assert ">20 m</text>" in page
    assert ">N</text>" in page
    assert '<a href="?t=00:02.000#player">00:02</a></td><td>51.49540, -0.11720</td>' in page
    assert "does not say how exact its places are" in page
    assert "There is no map below it." in page
    assert "trail.js" in page


def test_no_page_lets_the_browser_ask_elsewhere_unless_a_map_is_set(
    walked: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = walked.browser(walked.world.ada)
    here = f"/recordings/{walked.recording.pk}"
    assert browser.post(f"{here}/watch").status_code == 302
    answer = browser.get(here)
    assert "img-src 'self';" in answer["Content-Security-Policy"]
    assert b"<image" not in answer.content
    monkeypatch.setattr(composition.Deployment, "map_tiles", TILES)
    monkeypatch.setattr(composition.Deployment, "map_attribution", "© Ordnance <Survey>")
    answer = browser.get(here)
    page = answer.content.decode()
    assert "img-src 'self' https://tiles.police.example;" in answer["Content-Security-Policy"]
    assert 'href="https://tiles.police.example/19/' in page
    assert "Map: © Ordnance &lt;Survey&gt;." in page
    assert answer["Referrer-Policy"] == "same-origin"
    for other in ("/recordings", f"/recordings/{walked.recording.pk}/entries"):
        assert "tiles.police.example" not in browser.get(other)["Content-Security-Policy"]


def test_without_a_viewing_no_tile_is_named_either(
    walked: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition.Deployment, "map_tiles", TILES)
    answer = walked.browser(walked.world.ada).get(f"/recordings/{walked.recording.pk}")
    assert b"tiles.police.example" not in answer.content
    assert "tiles.police.example" not in answer["Content-Security-Policy"]


def drawn(*rows: tuple[int, float, float]) -> trail_map.Drawn:
    places = [
        Place(ms, round(north * 1e7), round(east * 1e7), None, None) for ms, north, east in rows
    ]
    return trail_map.drawing(places, tiles=TILES, attribution="ours")


def test_a_stretch_without_a_position_is_a_gap_and_said() -> None:
    walk = [(second * 1000, 51.5 + second * 1e-5, -0.12) for second in range(10)]
    later = [(60_000 + second * 1000, 51.501 + second * 1e-5, -0.12) for second in range(10)]
    found = drawn(*walk, *later)
    assert (len(found.ways), len(found.gaps)) == (2, 1)
    assert "no position once, for 51 s in all" in found.without
    lost = [row for row in found.rows if not row.moment]
    assert [(row.at, row.place) for row in lost] == [("00:09 to 01:00", "no position")]
    assert len(found.places.split("|")) == 2


def test_the_bar_is_as_long_as_it_says() -> None:
    north, metres = 51.5, 100
    east = metres / (math.cos(math.radians(north)) * 111_195)
    found = drawn((0, north, 0.0), (1000, north, east))
    across = found.end[0] - found.start[0]
    says = float(found.scale.words.removesuffix(" m"))
    assert found.scale.wide / across == pytest.approx(says / metres, rel=0.03)


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 51.5, 0.0)],
        [(0, 90.0, 180.0), (1000, -90.0, -180.0)],
    ],
)
def test_any_place_on_earth_can_be_drawn_within_the_frame(
    rows: list[tuple[int, float, float]],
) -> None:
    found = drawn(*rows)
    for x, y in (found.start, found.end):
        assert 0 <= x <= trail_map.WIDE
        assert 0 <= y <= trail_map.TALL
    assert 1 <= len(found.tiles) <= 9


def test_a_trail_made_to_be_all_gaps_makes_no_endless_page() -> None:
    ms, rows = 0, []
    for number in range(9000):
        ms += 6_000 if number % 3 == 0 else 1_000
        rows.append((ms, 51.5 + number * 1e-6, -0.1))
    found = drawn(*rows)
    assert len(found.gaps) < 100
    assert len(found.rows) < 400
    assert found.last < 700


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example/{z}/{x}.png",
        "https://tiles.example/{z}/{x}/{y}.png; script-src *",
        "https://a b/{z}/{x}/{y}",
    ],
)
def test_an_address_that_is_no_maps_stops_the_start(url: str) -> None:
    with pytest.raises(SettingInvalid, match="FAIRWITNESS_MAP_TILES"):
        environment.read({"FAIRWITNESS_MAP_TILES": url, "FAIRWITNESS_MAP_ATTRIBUTION": "x"})


def test_a_map_needs_its_attribution() -> None:
    with pytest.raises(SettingInvalid, match="whose map"):
        environment.read({"FAIRWITNESS_MAP_TILES": TILES})
    read = environment.read({"FAIRWITNESS_MAP_TILES": TILES, "FAIRWITNESS_MAP_ATTRIBUTION": "OS"})
    assert (read.map_tiles, read.map_attribution) == (TILES, "OS")
