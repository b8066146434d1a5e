import pytest

from calls.services import numbers


def phones(text: str) -> list[str]:
    return numbers.read(text).phones


@pytest.mark.parametrize(
    "pasted",
    [
        "79000000001\n79000000002",
        "+7 (900) 000-00-01\r\n8 900 000 00 02\r\n",
        "79000000001, 79000000002",
        "79000000001;79000000002;",
        "79000000001\t79000000002",
        "79000000001 79000000002",
        "+7 900 000 00 01 +7 900 000 00 02",
        "8 (900) 000-00-01 8 (900) 000-00-02",
        "\n\n  79000000001  \n\n79000000002\n\n",
        "Иванов\t+7 900 000-00-01\t23.11.2026\nПетров\t+7 900 000-00-02\t24.11.2026",
        "2026-11-23;79000000001;Иванов\n2026-11-24 14:41;79000000002;Петров",
    ],
)
def test_numbers_are_found_however_they_were_pasted(pasted):
    found = numbers.read(pasted)
    assert found.phones == ["79000000001", "79000000002"]
    assert found.bad == found.repeats == []


def test_a_bad_line_is_named_by_its_number_and_reason():
    bad = numbers.read("79000000001\n\n12345\nабв\n")
    assert [(line.line, line.text) for line in bad.bad] == [(3, "12345"), (4, "абв")]
    assert "Цифр в номере: 5" in bad.bad[0].reason
    assert "лишние знаки" in bad.bad[1].reason


def test_a_repeat_names_the_line_it_repeats():
    found = numbers.read("79000000001\n79000000002\n8 900 000 00 01")
    assert found.phones == ["79000000001", "79000000002"]
    assert found.repeats == [numbers.Repeat(3, "79000000001", 1)]


def test_all_that_was_meant_is_counted():
    assert numbers.read("79000000001\n79000000001\n123").total == 3
    assert numbers.read(" \n\n").total == 0


def test_two_numbers_run_together_with_a_bad_one_are_one_bad_line():
    found = numbers.read("79000000001 7900000000")
    assert found.phones == []
    assert len(found.bad) == 1


def test_a_long_line_is_cut_where_it_is_told_about():
    assert len(numbers.read("я" * 500).bad[0].text) == 60


def test_five_thousand_lines_are_read_at_once():
    text = "\n".join(f"+7 900 {number:07d}" for number in range(5000))
    assert len(phones(text)) == 5000
