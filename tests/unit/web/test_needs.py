from fairwitness.web.needs import Need


def test_the_number_of_very_many_is_short_enough_for_one_line() -> None:
    assert [Need(count, "", "").number for count in (1, 999, 1000)] == ["1", "999", "1,000+"]
