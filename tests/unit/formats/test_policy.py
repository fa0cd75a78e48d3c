"""Policy files are read as C2SP writes them, and anything else is refused, not passed over."""

import pytest

from fairwitness.formats import policy
from fairwitness.formats.note import NoteSigner, SignatureType
from fairwitness.formats.policy import PolicyInvalid

LOG = NoteSigner.generate("police.example/log").vkey
ONE = NoteSigner.generate("one.example/w", kind=SignatureType.COSIGNATURE_V1).vkey
TWO = NoteSigner.generate("two.example/w", kind=SignatureType.COSIGNATURE_V1).vkey
# Named in the parameters, not put into them: workers must agree on a test's name.
NAMED = {"LOG": LOG, "ONE": ONE, "TWO": TWO, "SPOILT": f"{ONE[:-2]}AA"}


def test_a_policy_is_read_whatever_the_blanks_comments_and_order() -> None:
    text = (
        f"# who follows us\n\n \twitness one {ONE} https://one.example/w/\nquorum  none\n"
        f"log\t{LOG} https://police.example/log\nwitness Zwölf {TWO}\n"
    )
    read = policy.parse(text.encode())
    assert [each.vkey for each in read.logs] == [LOG]
    told = [(each.name, each.verifier.vkey, each.url) for each in read.witnesses]
    assert told == [("one", ONE, "https://one.example/w"), ("Zwölf", TWO, "")]


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "exactly one quorum"),
        ("quorum none\nquorum none\n", "exactly one quorum"),
        ("witness one {ONE}\nquorum one\n", "Line 2 of the policy file: we never wait"),
        ("witness one {ONE}\ngroup all any one\nquorum none\n", "Line 2"),
        ("quorum none", "without an end"),
        ("quorum none\r\n", "control characters"),
        ("witnes one\nquorum none\n", "Line 1"),
        ("witness one {ONE} https://one.example more\nquorum none\n", "Line 1"),
        ("witness one {LOG}\nquorum none\n", "not of the kind"),
        ("log {ONE}\nquorum none\n", "not of the kind"),
        ("witness one {SPOILT}\nquorum none\n", "Line 1"),
        ("witness one {ONE} ftp://one.example\nquorum none\n", "https://witness.example"),
        ("witness one {ONE} https://\nquorum none\n", "https://witness.example"),
        ("witness one {ONE} https://a:b\nquorum none\n", "https://witness.example"),
        ("witness one {ONE} https://one.example/?a\nquorum none\n", "https://witness.example"),
        ("witness one {ONE}\nwitness two {ONE}\nquorum none\n", "one key twice"),
        ("witness one {ONE}\nwitness one {TWO}\nquorum none\n", "one name"),
        ("witness none {ONE}\nquorum none\n", "named none"),
        ("log {LOG}\nlog {LOG}\nquorum none\n", "one key twice"),
        ("#" * policy.LIMIT + "\nquorum none\n", "longer"),
    ],
)
def test_what_we_do_not_understand_or_do_is_refused(text: str, because: str) -> None:
    with pytest.raises(PolicyInvalid, match=because):
        policy.parse(text.format_map(NAMED).encode())


def test_a_policy_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(PolicyInvalid, match="UTF-8"):
        policy.parse(b"# \xff\nquorum none\n")
