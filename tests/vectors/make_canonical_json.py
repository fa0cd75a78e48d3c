"""Makes the vectors of docs/specs/canonical-json.md.

Run it as `python -m tests.vectors.make_canonical_json`.
"""

from typing import Any

from tests.vectors import writing

from fairwitness.formats import canonical

NAME = "canonical-json"

VALID: tuple[tuple[str, str], ...] = (
    ("null", "null"),
    ("true", "true"),
    ("zero", "0"),
    ("smallest number", "-9007199254740991"),
    ("greatest number", "9007199254740991"),
    ("empty text", '""'),
    ("text beyond ASCII is not escaped", '"Sgt Siân O’Brien £5 😀"'),
    ("control characters with a short form", '"\\b\\t\\n\\f\\r"'),
    ("control characters without one", '"\\u0000\\u001f\x7f"'),
    ("quotation mark, reversed solidus, solidus", '"\\"\\\\/"'),
    ("line separators are not escaped", '"\u2028\u2029"'),
    ("empty list and object", "[[],{}]"),
    (
        "names by UTF-16 code units (RFC 8785, 3.2.3)",
        '{"\\r":1,"1":2,"\u0080":3,"\u00f6":4,"\u20ac":5,"\U0001f600":6,"\ufb33":7}',
    ),
    ("capitals before small letters", '{"":0,"A":1,"a":2,"aa":3}'),
    ("32 levels", "[" * 32 + "]" * 32),
)

INVALID: tuple[tuple[str, bytes], ...] = (
    ("nothing", b""),
    ("two values", b"1 2"),
    ("space after a comma", b"[1, 2]"),
    ("new line at the end", b"{}\n"),
    ("byte order mark", b"\xef\xbb\xbf{}"),
    ("UTF-16", '{"a":1}'.encode("utf-16-le")),
    ("not UTF-8", b'"\xff"'),
    ("overlong UTF-8", b'"\xc0\xaf"'),
    ("names out of order", b'{"b":1,"a":2}'),
    ("names by code point instead of UTF-16", '{"\ufb33":7,"\U0001f600":6}'.encode()),
    ("same name twice", b'{"a":1,"a":1}'),
    ("fraction", b"1.5"),
    ("whole number as a fraction", b"1.0"),
    ("exponent", b"1e2"),
    ("minus zero", b"-0"),
    ("leading zero", b"01"),
    ("2**53", b"9007199254740992"),
    ("-2**53", b"-9007199254740992"),
    ("a number of 5,000 digits", b"1" * 5000),
    ("NaN", b"NaN"),
    ("Infinity", b"Infinity"),
    ("escaped without need", b'"\\u0041"'),
    ("escaped solidus", b'"\\/"'),
    ("escape in capitals", b'"\\u001F"'),
    ("long escape where there is a short one", b'"\\u000a"'),
    ("half a surrogate pair", b'"\\ud83d"'),
    ("escaped surrogate pair", b'"\\ud83d\\ude00"'),
    ("control character as it is", b'"\n"'),
    ("comment", b"{}/**/"),
    ("trailing comma", b"[1,]"),
    ("33 levels", b"[" * 33 + b"]" * 33),
    ("5,000 levels", b"[" * 5000),
)


def make() -> dict[str, Any]:
    """The content of the file."""
    return {
        "valid": [writing.valid(name, text.encode()) for name, text in VALID],
        "invalid": [writing.invalid(name, data, canonical.decode) for name, data in INVALID],
    }


if __name__ == "__main__":
    writing.write(NAME, make())
