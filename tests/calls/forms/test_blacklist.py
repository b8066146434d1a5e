from calls.forms.blacklist import BlockForm, UnblockForm


def test_pasted_numbers_are_read_once_each():
    form = BlockForm({"numbers": "8 900 000-00-01\n79000000001, 79000000002", "reason": "просил"})
    assert form.is_valid()
    assert form.cleaned_data["numbers"] == ["79000000001", "79000000002"]


def test_every_bad_line_is_named():
    form = BlockForm({"numbers": "79000000001\n12\nабв", "reason": "просил"})
    said = form.errors["numbers"]
    assert [text.split(":")[0] for text in said] == ["Строка 2", "Строка 3"]


def test_a_day_at_the_end_of_the_calendar_is_refused():
    form = BlockForm({"numbers": "79000000001", "reason": "просил", "until": "9999-12-31"})
    assert set(form.errors) == {"until"}


def test_a_reason_is_needed_both_ways():
    assert set(BlockForm({"numbers": "79000000001"}).errors) == {"reason"}
    assert set(UnblockForm({}).errors) == {"reason"}
