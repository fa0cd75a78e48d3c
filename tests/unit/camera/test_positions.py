"""Trails from files, and the walk: what is a position, and when there is none."""

import itertools
from pathlib import Path

import pytest

from fairwitness.camera.positions import Fix, TrailUnreadable, Walk, read_trail

CSV = "time,lat,lon\n0,51.5,-0.1\n10,51.501,-0.1\n60,51.502,-0.1\n61,51.502,-0.101\n"
GPX = """<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="51.5" lon="-0.1"><ele>12.5</ele><time>2017-06-08T21:00:00Z</time></trkpt>
<trkpt lat="51.501" lon="-0.1"><ele>14.5</ele><time>2017-06-08T22:00:04+01:00</time></trkpt>
<trkpt lat="51.6" lon="-0.1"/>
</trkseg></trk></gpx>"""


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_between_two_points_it_moves_in_a_straight_line(tmp_path: Path) -> None:
    trail = read_trail(written(tmp_path, "a.csv", CSV))
    half = trail.at(5_000)
    assert half is not None
    assert half.latitude == pytest.approx(51.5005)
    assert half.longitude == pytest.approx(-0.1)
    assert half.speed == pytest.approx(11.13, abs=0.01)


def test_points_too_far_apart_leave_it_lost_and_so_does_the_end(tmp_path: Path) -> None:
    trail = read_trail(written(tmp_path, "a.csv", CSV))
    told = [trail.at(ms) is not None for ms in (0, 9_999, 10_000, 30_000, 60_000, 61_500, 62_000)]
    assert told == [True, True, False, False, True, True, False]


def test_a_gpx_file_counts_from_its_first_point_whatever_the_zone(tmp_path: Path) -> None:
    trail = read_trail(written(tmp_path, "a.gpx", GPX))
    assert trail.at(2_000) == Fix(
        pytest.approx(51.5005),  # type: ignore[arg-type] # stands for a number
        -0.1,
        13.5,
        pytest.approx(27.83, abs=0.01),  # type: ignore[arg-type] # stands for a number
    )
    assert trail.at(6_000) is None


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", "", "no point"),
        ("a.csv", "time,lat,lon\n", "no point"),
        ("a.csv", "0,51\n", "no trail"),
        ("a.csv", "0,51,0\n0,52,0\n", "not in order"),
        ("a.csv", "5,51,0\n1,52,0\n", "not in order"),
        ("a.csv", "0,91,0\n", "not on the Earth"),
        ("a.csv", "0,51,nan\n", "not on the Earth"),
        ("a.csv", "0,51,0,inf\n", "in space"),
        ("a.csv", "noon,51,0\n1,here,0\n", "no trail"),
        ("a.gpx", "<gpx", "no trail"),
        ("a.gpx", "<gpx/>", "no point"),
        ("a.gpx", '<!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>', "no types"),
        ("a.gpx", GPX.replace("2017-06-08T21:00:00Z", "yesterday"), "no trail"),
    ],
)
def test_what_is_no_trail_is_refused(tmp_path: Path, name: str, text: str, why: str) -> None:
    with pytest.raises(TrailUnreadable, match=why):
        read_trail(written(tmp_path, name, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrailUnreadable, match="can't be read"):
        read_trail(str(tmp_path / "none.gpx"))


def test_the_walk_goes_on_at_walking_pace_and_is_lost_a_minute_in_ten() -> None:
    walk = read_trail("walk")
    assert isinstance(walk, Walk)
    fixes = [walk.at(second * 1000) for second in range(1_200)]
    assert sum(1 for fix in fixes if fix is None) == 120
    for before, after in itertools.pairwise(fixes[:501]):
        assert before is not None
        assert after is not None
        assert abs(after.latitude - before.latitude) < 1.5 / 111_000
        assert abs(after.longitude - before.longitude) < 2.5 / 111_000
