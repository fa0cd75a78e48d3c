from fairwitness.web import leaving_out

SAID = [
    ("unit", "LAM"),
    ("from", "2017-06-08T21:30"),
    ("around", "LAM1"),
    ("radius", "200"),
    ("flag", "kept"),
    ("flag", "late"),
]
NAMES = {"unit": {"LAM": "Lambeth"}, "around": {"LAM1": "Brixton"}}


def test_each_thing_is_said_in_words_and_left_out_alone() -> None:
    told = dict(leaving_out.told(SAID, NAMES))
    assert list(told) == [
        "Unit Lambeth",
        "From 2017-06-08, 21:30",
        "Around a station Brixton, 200 m",
        "kept, for whatever reason",
        "docked late",
    ]
    assert told["Unit Lambeth"].startswith("/search?from=2017-06-08T21%3A30&around=LAM1&radius")
    assert told["docked late"].endswith("&flag=kept#found")


def test_how_far_goes_with_where() -> None:
    told = dict(leaving_out.told(SAID, NAMES))
    assert "radius" not in told["Around a station Brixton, 200 m"]


def test_the_last_one_leads_to_the_empty_form() -> None:
    assert leaving_out.told([("words", "dog")], {}) == [("Words dog", "/search")]
