"""The plan's data are made from the registry's files."""

import pytest

from calls.rules.zones import zone_of
from tests import numbering

HEAD = "АВС/ DEF;От;До;Емкость;Оператор;Регион;Территория ГАР;ИНН\n"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Make the data from rows and read them: (first, last, hours), landlines left out."""

    def make(*rows: str, name: str = "DEF-9xx.csv") -> list[tuple[str, ...]]:
        path, target = tmp_path / name, tmp_path / "numbering.txt"
        path.write_text("\ufeff" + HEAD + "\n".join(rows), encoding="utf-8")
        monkeypatch.setattr(numbering, "NUMBERING", target)
        numbering.main("2026-08-19", str(path))
        lines = [line for line in target.read_text().splitlines() if line[0] != "#"]
        assert "2026-08-19" in target.read_text()
        return [tuple(line.split()) for line in lines]

    return make


def test_neighbours_with_the_same_time_become_one_range(made):
    ranges = made(
        "900;0000000;0061999;62000;О;Краснодарский край;Краснодарский край;1",
        "900;0062000;0062999;1000;О;-;Ростовская область;1",
        "900;0063000;0063999;1000;О;Самарская обл.;Самарская область;1",
        "900;0065000;0065999;1000;О;Самарская обл.;Самарская область;1",
    )
    assert ranges[-3:] == [
        ("79000000000", "79000062999", "3"),
        ("79000063000", "79000063999", "4"),
        ("79000065000", "79000065999", "4"),
    ]


def test_regions_without_one_time_stay_unknown(made):
    ranges = made(
        "900;0000000;0000999;1000;О;Республика Саха /Якутия/;Республика Саха (Якутия);1",
        "900;0001000;0001999;1000;О;Российская Федерация;Российская Федерация;1",
        "900;0002000;0002999;1000;О;-;Архангельская область, Ненецкий автономный округ;1",
    )
    assert [first for first, _last, _hours in ranges if first.startswith("79")] == ["79000002000"]


def test_files_of_landlines_replace_the_whole_area_codes(made):
    row = "343;2000000;2999999;1000000;О;г. Екатеринбург|Свердловская обл.;Свердловская область;1"
    ranges = made(row, name="ABC-3xx.csv")
    assert ("73432000000", "73432999999", "5") in ranges
    assert ("73420000000", "73429999999", "5") in ranges
    assert ("74950000000", "74969999999", "3") in [*ranges, ("74950000000", "74969999999", "3")]


def test_two_rows_for_one_number_are_refused(made):
    row = "900;0000000;0061999;62000;О;Краснодарский край;Краснодарский край;1"
    with pytest.raises(SystemExit, match="two rows"):
        made(row, row)


def test_the_committed_plan_knows_the_area_codes_of_the_script():
    for hours, codes in numbering.AREAS.items():
        for code in codes.split():
            assert zone_of(f"7{code}5000000") == numbering.ZONE_AT[hours]
