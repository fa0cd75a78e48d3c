import base64
import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import verifier_bundles as made

from fairwitness.formats import bundle
from fairwitness.formats.bundle import BagInfo, BagWriter, BundleInvalid, Digest

INFO = BagInfo("Met (made up)", "5f0c2c86", date(2017, 9, 12), (1024, 3))
ONE = "0" * 64
TWO = "f" * 64

segments = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,8}[A-Za-z0-9]", fullmatch=True)
paths = (
    st.lists(segments, min_size=1, max_size=4)
    .map("/".join)
    .filter(lambda path: all(bundle.is_name(part) for part in path.split("/")))
)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(st.dictionaries(paths, digests, max_size=8))
def test_a_list_is_written_and_read(listed: dict[str, str]) -> None:
    if len({path.lower() for path in listed}) < len(listed):
        with pytest.raises(BundleInvalid):
            bundle.encode_manifest(listed)
    else:
        data = bundle.encode_manifest(listed)
        assert bundle.parse_manifest(data) == listed
        assert list(bundle.parse_manifest(data)) == sorted(listed)


@given(st.binary())
def test_no_list_raises_anything_else(data: bytes) -> None:
    try:
        assert bundle.encode_manifest(bundle.parse_manifest(data)) == data
    except BundleInvalid:
        return


@given(st.binary() | st.text().map(str.encode))
def test_no_bag_info_raises_anything_else(data: bytes) -> None:
    with pytest.raises(BundleInvalid):
        bundle.parse_info(data)


@given(at=st.integers(0, 2000), put=st.binary(max_size=4), cut=st.integers(0, 4))
def test_an_edited_bag_info_reads_as_what_it_says(at: int, put: bytes, cut: int) -> None:
    data = bundle.encode_info(INFO)
    edited = data[:at] + put + data[at + cut :]
    try:
        assert bundle.encode_info(bundle.parse_info(edited)) == edited
    except BundleInvalid:
        return


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../b",
        "a//b",
        "a/",
        "./a",
        ".hidden",
        "-rf",
        "a/-rf",
        "end.",
        "a b",
        "a\nb",
        "a\\b",
        "C:a",
        "nul",
        "a/COM1.txt",
        "Thumbs.db",
        "caf\u00e9",
        "%2e",
        "a/b/c/d/e/f/g",
        "x" * 101,
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(BundleInvalid):
        bundle.demand_path(path)
    with pytest.raises(BundleInvalid):
        bundle.parse_manifest(f"{ONE}  {path}\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}  a",
        f"{ONE} a\n",
        f"{ONE} *a\n",
        f"{ONE}  a\r\n",
        f"{ONE.upper().replace('0', 'A')}  a\n",
        f"{ONE[:-1]}  a\n",
        f"\n{ONE}  a\n",
        f"{ONE}  b\n{TWO}  a\n",
        f"{ONE}  a\n{ONE}  a\n",
        f"{ONE}  A\n{TWO}  a\n",
        f"{ONE}  A/x\n{TWO}  a/X\n",
    ],
)
def test_malformed_lists_are_refused(text: str) -> None:
    with pytest.raises(BundleInvalid):
        bundle.parse_manifest(text.encode())


def test_a_name_can_not_smuggle_in_another_line() -> None:
    with pytest.raises(BundleInvalid):
        bundle.encode_manifest({f"a\n{ONE}  b": TWO})


def test_a_list_has_bounds() -> None:
    with pytest.raises(BundleInvalid, match="larger"):
        bundle.parse_manifest(b"x" * (bundle.MAX_LIST_BYTES + 1))
    many = "".join(f"{ONE}  f{number:06}\n" for number in range(bundle.MAX_FILES + 1))
    with pytest.raises(BundleInvalid, match="more than"):
        bundle.parse_manifest(many.encode())
    with pytest.raises(BundleInvalid, match="larger"):
        bundle.parse_info(b"x" * (bundle.MAX_INFO_BYTES + 1))


@pytest.mark.parametrize("training", [True, False])
def test_bag_info_is_written_and_read(*, training: bool) -> None:
    info = replace(INFO, training=training)
    assert bundle.parse_info(bundle.encode_info(info)) == info


@pytest.mark.parametrize("source", ["", "two\nlines", "tab\t"])
def test_what_can_not_stand_on_a_line_is_not_written(source: str) -> None:
    with pytest.raises(BundleInvalid):
        bundle.encode_info(replace(INFO, source=source))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2017-09-12", "20170912"),
        ("2017-09-12", "2017-13-12"),
        ("2017-09-12", "2017-W37-2"),
        ("1024.3", "01024.3"),
        ("1024.3", "1024"),
        ("Source-Organization", "source-organization"),
        ("Payload-Oxum: 1024.3\n", ""),
        ("Payload-Oxum", "Payload-oxum"),
        ("1024.3\n", "1024.3\nFairwitness-Training: yes\n"),
        ("1024.3\n", "1024.3\nExtra: yes\n"),
        ("1024.3\n", "1024.3\n\n"),
        ("1024.3\n", "1024.3"),
    ],
)
def test_malformed_bag_infos_are_refused(old: str, new: str) -> None:
    text = bundle.encode_info(INFO).decode()
    assert old in text
    with pytest.raises(BundleInvalid):
        bundle.parse_info(text.replace(old, new).encode())


def test_only_a_bag_of_version_1_is_one() -> None:
    bundle.parse_declaration(bundle.DECLARATION_BYTES)
    for other in (b"", bundle.DECLARATION_BYTES.replace(b"1.0", b"0.97")):
        with pytest.raises(BundleInvalid):
            bundle.parse_declaration(other)


def test_names_follow_references() -> None:
    assert bundle.working_copy_path("ABC/1") == "ABC-1.mp4"
    assert bundle.summary_path("ABC/1/2") == "ABC-1-2.pdf"
    assert bundle.proof_path("ABC/1", bundle.RECEIPT_FILE) == "proofs/ABC-1/receipt.json"
    assert bundle.master_path("00417-2193/2") == "data/masters/00417-2193-2.mp4"


@pytest.mark.parametrize("reference", ["", "ABC-1", "ABC/", "/1", "a/b/c/d", "../x", "AB C/1"])
def test_other_references_are_refused(reference: str) -> None:
    with pytest.raises(BundleInvalid):
        bundle.exhibit_name(reference)


@given(st.from_regex(r"[A-C1]{1,3}(/[A-C1]{1,3}){0,2}", fullmatch=True))
def test_no_two_references_share_a_name(reference: str) -> None:
    assert bundle.exhibit_name(reference).replace("-", "/") == reference


def test_a_bag_writer_refuses_what_it_must() -> None:
    writer = BagWriter()
    digest = Digest(1, ONE)
    writer.add("proofs/x", digest)
    for path in ("proofs/x", "proofs/X", "../x", "data/x.mp4", *_own_files()):
        with pytest.raises(BundleInvalid):
            writer.add(path, digest)


def _own_files() -> tuple[str, ...]:
    return (
        bundle.DECLARATION,
        bundle.INFO,
        bundle.MANIFEST,
        bundle.TAG_MANIFEST,
        bundle.DISCLOSURE,
    )


def test_the_same_files_make_the_same_bag_in_any_order() -> None:
    files = {f"proofs/f{number}": Digest(number, ONE) for number in range(9)}
    files[bundle.master_path("00417-2193")] = Digest(7, TWO)
    bags = []
    for order in (list(files), list(files)[::-1]):
        writer = BagWriter()
        for path in order:
            writer.add(path, files[path])
        bags.append(writer.close(source="Met", identifier="1", made_on=date(2017, 9, 12)))
    assert bags[0] == bags[1]
    assert list(bags[0])[-1] == bundle.TAG_MANIFEST
    assert bundle.parse_info(bags[0][bundle.INFO]).payload == (7, 1)


def test_the_library_of_congress_agrees_that_it_is_a_bag(tmp_path: Path) -> None:
    folder = made.make_bundle(
        tmp_path / "b",
        force=made.Force(),
        specs=[made.Spec(), made.Spec(reference="ABC/2", counter=5)],
    )
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert bag.version_info == (1, 0)
    assert set(bag.payload_files()) == {
        "data/masters/00417-2193.mp4",
        "data/masters/00417-5.mp4",
    }
    assert bag.info["External-Identifier"] == "5f0c2c86-0f6f-4f37-9d2c-0d3f6a1b2c3d"


def test_and_that_a_changed_one_is_none(tmp_path: Path) -> None:
    folder = made.make_bundle(tmp_path / "b", force=made.Force())
    for path in ("data/masters/00417-2193.mp4", "ABC-1.mp4", "proofs/ABC-1/receipt.json"):
        data = (folder / path).read_bytes()
        (folder / path).write_bytes(data[:-1] + b"x")
        with pytest.raises(bagit.BagValidationError):
            bagit.Bag(str(folder)).validate()
        (folder / path).write_bytes(data)


def test_the_statement_signs_the_digest_of_the_tag_manifest(tmp_path: Path) -> None:
    folder = made.make_bundle(tmp_path / "b", force=made.Force())
    listed = (folder / bundle.TAG_MANIFEST).read_bytes()
    envelope = json.loads((folder / bundle.DISCLOSURE).read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["subject"] == [
        {
            "digest": {"sha256": hashlib.sha256(listed).hexdigest()},
            "name": "tagmanifest-sha256.txt",
        }
    ]
