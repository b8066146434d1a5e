import socket

import pytest
from django.utils import timezone

from obzvon_site.supervisor.heartbeats import Heart
from tests.factories import KEY, make_account

PAGE = "/settings/health/"
PART = "/settings/health/checks/"
REPORT = "/settings/health/report/"


def test_the_page_says_what_is_down_and_what_to_do(admin):
    page = admin.get(PAGE).content.decode()
    assert "База данных" in page
    assert "Перезапустите obzvon" in page


def test_workers_stand_by_machine_and_queue(admin):
    assert "никто не подавал знака" in admin.get(PAGE).content.decode()
    Heart(["calls", "poll"]).beat(timezone.now())
    page = admin.get(PAGE).content.decode()
    assert f"{socket.gethostname()}, «poll»" in page
    assert "«poll»" in admin.get(REPORT).content.decode()


def test_the_part_refreshes_itself(admin):
    part = admin.get(PART).content.decode().strip()
    assert part.startswith('<section id="health-checks"')
    assert 'hx-trigger="every 10s"' in part


def test_the_report_is_a_file_without_keys(admin):
    make_account()
    answer = admin.get(REPORT)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "База данных" in answer.content.decode()
    assert KEY not in answer.content.decode()


@pytest.mark.parametrize("url", [PAGE, PART, REPORT])
def test_only_admins_see_health(operator, manager, client, url):
    assert operator.get(url).status_code == 403
    assert manager.get(url).status_code == 403
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("url", [PAGE, PART, REPORT])
def test_health_is_only_read(admin, url):
    assert admin.post(url).status_code == 405


def test_the_part_asks_the_database_little(admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        admin.get(PART)
