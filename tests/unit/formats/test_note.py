import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import example, given
from hypothesis import strategies as st

from fairwitness.formats import note
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import NoteInvalid, NoteSigner, NoteVerifier, SignatureType

# The example of c2sp.org/signed-note@v1.0.0.
C2SP_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2"
    "ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

SIGNER = NoteSigner.generate("log.example/custody")


def test_opens_the_example_that_c2sp_publishes() -> None:
    verifier = NoteVerifier(C2SP_VKEY)
    assert verifier.verify(note.parse(C2SP_NOTE)) == "This is an example message.\n"
    assert note.parse(C2SP_NOTE).encode() == C2SP_NOTE


def test_refuses_every_changed_byte_of_that_example() -> None:
    verifier = NoteVerifier(C2SP_VKEY)
    for at in range(len(C2SP_NOTE)):
        broken = bytearray(C2SP_NOTE)
        broken[at] ^= 1
        with pytest.raises(FormatError):
            verifier.verify(note.parse(bytes(broken)))


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]) | st.just("\n")))
def test_any_allowed_text_is_signed_and_opened(text: str) -> None:
    signed = SIGNER.sign(text + "\n")
    again = note.parse(signed.encode())
    assert again == signed
    assert SIGNER.verifier.verify(again) == text + "\n"


@given(st.binary())
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(NoteInvalid):
        note.parse(data)


@given(st.text())
def test_no_verifier_key_raises_anything_else(text: str) -> None:
    with pytest.raises(NoteInvalid):
        NoteVerifier(text)


@given(at=st.integers(0, len(C2SP_VKEY) - 1), char=st.characters())
@example(at=2, char="\ud800")
def test_a_changed_verifier_key_is_refused(at: int, char: str) -> None:
    changed = C2SP_VKEY[:at] + char + C2SP_VKEY[at + 1 :]
    if changed != C2SP_VKEY:
        with pytest.raises(NoteInvalid):
            NoteVerifier(changed)


def test_signatures_of_unknown_keys_are_ignored() -> None:
    other = NoteSigner.generate("other.example/key")
    signed = SIGNER.sign("one\n")
    both = note.add_signatures(signed, other.sign("one\n").signatures)
    assert len(both.signatures) == 2
    assert SIGNER.verifier.verify(both) == "one\n"
    assert other.verifier.verify(both) == "one\n"


def test_the_same_signature_is_not_added_twice() -> None:
    signed = SIGNER.sign("one\n")
    assert note.add_signatures(signed, signed.signatures) == signed


def test_a_note_without_a_known_signature_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="not signed by the key"):
        NoteVerifier(C2SP_VKEY).verify(SIGNER.sign("one\n"))


def test_one_false_signature_beside_a_true_one_is_refused() -> None:
    false = SIGNER.sign("another\n").signatures
    with pytest.raises(NoteInvalid, match="not valid"):
        SIGNER.verifier.verify(note.add_signatures(SIGNER.sign("one\n"), false))


@pytest.mark.parametrize(
    "data",
    [
        C2SP_NOTE.rstrip(b"\n"),
        C2SP_NOTE.replace(b"\n\n", b"\n"),
        C2SP_NOTE + b"\n",
        C2SP_NOTE.replace(b"message", b"mess\tge"),
        C2SP_NOTE.replace(b"message", b"mess\xffge"),
        C2SP_NOTE.replace("—".encode(), b"-"),
        C2SP_NOTE.replace(b"example.com/foo", b"example.com+foo"),
        C2SP_NOTE.replace(b"example.com/foo", "example.com\u00a0foo".encode()),
        C2SP_NOTE.replace(b"aQM=", b"aQM"),
        C2SP_NOTE.replace(b"aQM=", b"aQN="),
        "one\n\n— a.example/b AAAA\n".encode(),
        b"one\n\n",
        SIGNER.sign("one\n").encode() + SIGNER.sign("one\n").signatures[0].line().encode() * 2,
        b"x" * 1_000_001,
    ],
)
def test_malformed_notes_are_refused(data: bytes) -> None:
    with pytest.raises(NoteInvalid):
        note.parse(data)


def test_more_than_a_hundred_signatures_are_refused() -> None:
    line = SIGNER.sign("one\n").signatures[0].line()
    note.parse(f"one\n\n{(line + chr(10)) * 100}".encode())
    with pytest.raises(NoteInvalid):
        note.parse(f"one\n\n{(line + chr(10)) * 101}".encode())


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "nul\x00\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteInvalid):
        SIGNER.sign(text)


@pytest.mark.parametrize("name", ["", "with space", "plus+plus", "new\nline", "\u00a0"])
def test_a_name_that_no_signature_can_carry_is_refused(name: str) -> None:
    with pytest.raises(NoteInvalid):
        NoteSigner.generate(name)


def test_a_key_survives_its_pem() -> None:
    again = NoteSigner.from_pem(SIGNER.pem(), name=SIGNER.name)
    assert again.vkey == SIGNER.vkey
    assert again.key_id == SIGNER.verifier.key_id


def test_other_private_keys_are_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for bad in (pem, b"", b"-----BEGIN PRIVATE KEY-----\n", SIGNER.pem()[:-40]):
        with pytest.raises(NoteInvalid):
            NoteSigner.from_pem(bad, name="a.example")


def test_a_witness_key_neither_signs_nor_verifies_notes() -> None:
    witness = NoteSigner.generate("witness.example", kind=SignatureType.COSIGNATURE_V1)
    with pytest.raises(NoteInvalid):
        witness.sign("one\n")
    with pytest.raises(NoteInvalid):
        witness.verifier.verify(SIGNER.sign("one\n"))


@pytest.mark.parametrize(
    "vkey",
    [
        C2SP_VKEY.replace("530d903a", "530d903b"),
        C2SP_VKEY.replace("530d903a", "530D903A"),
        C2SP_VKEY[:-4],
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+AAAA",
        "example.com/foo+530d903a+AQ==",
        "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_malformed_verifier_keys_are_refused(vkey: str) -> None:
    with pytest.raises(NoteInvalid):
        NoteVerifier(vkey)
