import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from calls.models import BlockedPhone
from calls.services import blocking
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import make_campaign

LIST = "/blacklist/"
ADD = "/blacklist/add/"


def text_of(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def make_blocked(phone: str = "79000000001", reason: str = "просил не звонить") -> BlockedPhone:
    blocking.block([phone], source="hand", reason=reason)
    return BlockedPhone.objects.get(phone=phone)


def remove_of(blocked: BlockedPhone) -> str:
    return f"/blacklist/{blocked.pk}/remove/"


def test_the_list_tells_who_and_why(manager):
    make_blocked()
    said = text_of(manager.get(LIST))
    assert "+7 (900) 000-00-01" in said
    assert "просил не звонить" in said


def test_many_numbers_are_added_at_once_with_a_reason(operator):
    make_blocked("79000000001", reason="первая причина")
    answer = operator.post(
        ADD,
        {"numbers": "79000000001\n8 900 000-00-02, 79000000003", "reason": "жалоба"},
        follow=True,
    )
    assert re.search(r"Добавлено (2 номера|номеров: 2)", text_of(answer))
    assert dict(BlockedPhone.objects.values_list("phone", "reason")) == {
        "79000000001": "первая причина",
        "79000000002": "жалоба",
        "79000000003": "жалоба",
    }
    assert AuditEvent.objects.filter(verb="blacklist.added").count() == 1


def test_a_bad_line_adds_nothing_and_is_named(operator):
    answer = operator.post(ADD, {"numbers": "79000000001\n123", "reason": "жалоба"})
    assert answer.status_code == 422
    assert "Строка 2" in text_of(answer)
    assert "79000000001" in text_of(answer)
    assert not BlockedPhone.objects.exists()


@pytest.mark.parametrize("asked", ["0001", "+7 (900) 000", "8 900 000-00-01", "9000000001"])
def test_a_number_is_found_by_its_digits(operator, asked):
    make_blocked("79000000001")
    make_blocked("79118888888")
    said = text_of(operator.get(LIST, {"q": asked}))
    assert "+7 (900) 000-00-01" in said
    assert "+7 (911) 888-88-88" not in said


def test_a_search_without_digits_finds_nothing(operator):
    make_blocked()
    said = text_of(operator.get(LIST, {"q": "Иванов"}))
    assert "+7 (900) 000-00-01" not in said
    assert "Такого номера в списке нет" in said


def test_an_empty_list_says_what_gets_there(operator):
    assert "Список пуст" in text_of(operator.get(LIST))


def test_a_number_is_removed_by_an_admin_with_a_reason(admin):
    blocked = make_blocked()
    answer = admin.post(remove_of(blocked), {"reason": "ошиблись номером"}, follow=True)
    assert "можно звонить" in text_of(answer)
    assert not BlockedPhone.objects.exists()
    event = AuditEvent.objects.get(verb="blacklist.removed")
    assert "ошиблись номером" in str(event.details)


def test_the_way_to_removing_says_why_it_is_blocked(admin):
    blocked = make_blocked()
    assert remove_of(blocked) in text_of(admin.get(LIST))
    assert "просил не звонить" in text_of(admin.get(remove_of(blocked)))


def test_without_a_reason_it_stays(admin):
    blocked = make_blocked()
    answer = admin.post(remove_of(blocked), {"reason": " "})
    assert answer.status_code == 422
    assert "Почему убираем" in text_of(answer)
    assert BlockedPhone.objects.exists()


def test_nobody_else_removes(operator, manager):
    blocked = make_blocked()
    for client in (operator, manager):
        assert "/remove/" not in text_of(client.get(LIST))
        assert client.post(remove_of(blocked), {"reason": "хочу"}).status_code == 403
    assert BlockedPhone.objects.exists()


def test_removing_what_is_gone_is_not_found(admin):
    assert admin.post("/blacklist/987/remove/", {"reason": "x"}).status_code == 404


def test_lists_are_changed_by_post_and_looked_at_by_get(admin):
    blocked = make_blocked()
    assert admin.post(LIST).status_code == 405
    assert admin.get(ADD).status_code == 405
    assert admin.put(remove_of(blocked)).status_code == 405


def test_the_list_costs_few_queries(operator, django_assert_max_num_queries):
    blocking.block([f"790000000{number:02d}" for number in range(60)], source="hand")
    with django_assert_max_num_queries(8):
        operator.get(LIST)


def test_numbers_come_from_a_file_too(operator):
    file = SimpleUploadedFile("стоп.csv", "\ufeff79000000001;Иванов\n8 900 000-00-02\n".encode())
    answer = operator.post(ADD, {"file": file, "reason": "старая база"})
    assert answer.status_code == 302
    assert set(BlockedPhone.objects.values_list("phone", "source")) == {
        ("79000000001", "import"),
        ("79000000002", "import"),
    }


def test_a_table_may_have_a_heading_and_quotes(operator):
    table = '"Клиент","Телефон"\r\n"Иванов, Пётр","8 (900) 000-00-01"\r\n"79000000002"\r\n'
    file = SimpleUploadedFile("стоп.csv", table.encode())
    assert operator.post(ADD, {"file": file, "reason": "старая база"}).status_code == 302
    found = BlockedPhone.objects.order_by("phone").values_list("phone", flat=True)
    assert list(found) == ["79000000001", "79000000002"]


def test_a_heading_counts_as_a_line_and_a_second_one_is_a_fault(operator):
    file = SimpleUploadedFile("стоп.csv", "Телефон\n79000000001\nФакс\n".encode())
    answer = operator.post(ADD, {"file": file, "reason": "старая база"})
    assert answer.status_code == 422
    assert "Строка 3" in text_of(answer)
    assert not BlockedPhone.objects.exists()


@pytest.mark.parametrize("content", [b"PK\x03\x04xlsx", b"%PDF-1.7", b"\x00\x01"])
def test_a_file_that_is_no_text_is_refused_with_what_to_do(operator, content):
    file = SimpleUploadedFile("list.xlsx", content)
    answer = operator.post(ADD, {"file": file, "reason": "база"})
    assert answer.status_code == 422
    assert "Сохраните номера как CSV" in text_of(answer)
    assert not BlockedPhone.objects.exists()


def test_many_bad_lines_are_counted_not_all_listed(operator):
    file = SimpleUploadedFile("a.txt", b"\n".join(b"%d" % (n + 100) for n in range(30)))
    said = text_of(operator.post(ADD, {"file": file, "reason": "база"}))
    assert "Строка 20" in said
    assert "Строка 21" not in said
    assert "И ещё строк с ошибками: 10" in said


def test_nothing_at_all_is_asked_for(operator):
    answer = operator.post(ADD, {"reason": "просто"})
    assert answer.status_code == 422
    assert "Введите номера или выберите файл" in text_of(answer)


def test_a_block_may_end_and_may_hold_for_one_campaign_alone(operator):
    campaign = make_campaign(1)
    last = timezone.localdate() + timedelta(days=3)
    operator.post(
        ADD,
        {
            "numbers": "79000000001",
            "reason": "просил перезвонить",
            "until": last.isoformat(),
            "campaign": campaign.pk,
            "is_complaint": "on",
        },
    )
    row = BlockedPhone.objects.get()
    assert (row.campaign, row.source, row.last_day) == (campaign, "complaint", last)
    said = text_of(operator.get(LIST))
    assert f"только обзвон «{campaign.name}»" in said
    assert last.strftime("%d.%m.%Y") in said


def test_a_day_that_has_passed_is_refused(operator):
    yesterday = timezone.localdate() - timedelta(days=1)
    data = {"numbers": "79000000001", "reason": "база", "until": yesterday.isoformat()}
    answer = operator.post(ADD, data)
    assert answer.status_code == 422
    assert "уже прошёл" in text_of(answer)


def test_a_block_whose_time_is_over_says_so(operator):
    row = make_blocked()
    BlockedPhone.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert "Срок вышел" in text_of(operator.get(LIST))


def test_a_link_may_bring_the_number(operator):
    assert "+7 (900) 000-00-01" in text_of(operator.get(f"{LIST}?phone=79000000001"))
