"""Another vendor's list is read row by row, and nothing in it is believed or guessed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.importing_world import measured
from tests.ingest_world import AT, World

from fairwitness.ingest import import_list, import_plan
from fairwitness.ingest.import_list import ListInvalid

HEAD = "file,sha256,officer,camera,started_at,ended_at,category,incident,title\n"


def read(base: Path, text: str | bytes) -> import_list.Listed:
    path = base / "export.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return import_list.read(path=path, base=base, at=AT)


def test_a_row_says_all_that_is_known_of_a_file(world: World, tmp_path: Path) -> None:
    row = (
        r"day 1\a.mp4,,614lx,AB3-7,2017-06-01 22:00:05,2017-06-01T21:05:00Z,stop-search,CAD 8,"
        '"Acre Lane, the door"\n'
    )
    listed = read(tmp_path, "\ufeff" + HEAD + row)
    assert listed.problems == ()
    (wanted,) = listed.wanted
    assert wanted.path == tmp_path / "day 1" / "a.mp4"
    assert wanted.line == 2
    told = wanted.told
    assert told.wearer == world.force.ada.pk
    assert told.started_at == datetime(2017, 6, 1, 21, 0, 5, tzinfo=UTC), "London without a zone"
    assert told.ended_at == datetime(2017, 6, 1, 21, 5, tzinfo=UTC)
    assert (told.camera, told.title) == ("AB3-7", "Acre Lane, the door")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",,,,,,,,", "no path"),
        ("../a.mp4,,,,,,,,", "no path"),
        ("/etc/hostname,,,,,,,,", "no path"),
        (r"C:\a.mp4,,,,,,,,", "no path"),
        (r"\\server\a.mp4,,,,,,,,", "no path"),
        ("link.mp4,,,,,,,,", "link"),
        ("linked/a.mp4,,,,,,,,", "link"),
        ("a.mp4,beef,,,,,,,", "no SHA-256"),
        ("a.mp4,,9999ZZ,,,,,,", "no officer 9999ZZ"),
        ("a.mp4,,,,yesterday,,,,", "started_at is no time"),
        ("a.mp4,,,,,2999-01-01 00:00,,,", "ended_at lies in the future"),
        ("a.mp4,,,,0001-01-01 00:00,,,,", "started_at lies before 1900"),
        ("a.mp4,,,,2017-06-01 22:00,2017-06-01 21:00,,,", "ends before it starts"),
        ("a.mp4,,,,,,burglary?,,", "no category burglary?"),
        ("a.mp4,,,,,,homicide,,", "needs an incident"),
        ("a.mp4,,,,,,,,\x1b[2Jgone", "can't be printed"),
        ("a.mp4,,,,,,,," + "x" * 201, "longer than 200"),
        ("a.mp4,,,,,,,,,one more", "more cells"),
    ],
)
@pytest.mark.usefixtures("world")
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, row: str, why: str) -> None:
    (tmp_path / "linked").symlink_to(tmp_path.parent)
    (tmp_path / "link.mp4").symlink_to(tmp_path / "b.mp4")
    listed = read(tmp_path, f"{HEAD}b.mp4,,,,,,,,\n{row}\n")
    assert [one.name for one in listed.wanted] == ["b.mp4"]
    (problem,) = listed.problems
    assert problem.line == 3
    assert why in problem.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,title\na.mp4,x\n", "no column 'file'"),
        ("file,file\na.mp4,b.mp4\n", "twice"),
        (b"\xff\xfe\x00", "can't be read"),
        (b"file\0\n", "no text"),
        ("", "no column 'file'"),
        ('file\n"a.mp4', "line"),
    ],
)
@pytest.mark.usefixtures("world")
def test_what_is_no_list_is_refused_whole(tmp_path: Path, text: str | bytes, why: str) -> None:
    with pytest.raises(ListInvalid, match=why):
        read(tmp_path, text)


@pytest.mark.usefixtures("world")
def test_columns_that_nobody_reads_are_told(tmp_path: Path) -> None:
    assert read(tmp_path, "file,Evidence ID,catagory\na.mp4,7,arrest\n").unread == (
        "Evidence ID",
        "catagory",
    )


def test_digests_duplicates_and_missing_files_are_told_before_anything_changes(
    world: World, tmp_path: Path
) -> None:
    for name, data in {"a.mp4": b"one", "b.mp4": b"one", "c.mp4": b"two"}.items():
        (tmp_path / name).write_bytes(data)
    listed = read(
        tmp_path,
        f"{HEAD}a.mp4,,,,,,,,\nb.mp4,,,,,,,,\nc.mp4,{'0' * 64},,,,,,,\nd.mp4,,,,,,,,\n"
        "a.mp4,,,,,,,,\n",
    )
    plan = import_plan.plan(
        wanted=listed.wanted,
        officer=world.force.manager,
        tools=world.tools,
        measure=measured,
    )
    told = {one.line or 0: one.message for one in plan.problems}
    assert sorted(told) == [3, 4, 5, 6]
    assert told[3] == told[6] == "It has the same bytes as a.mp4 in line 2."
    assert "other bytes" in told[4]
    assert told[5] == "There is no such file."
