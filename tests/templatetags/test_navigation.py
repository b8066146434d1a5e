"""The sidebar: each sees what may be opened, and where one is."""

import re

import pytest

from obzvon_site.templatetags.navigation import Link, mark_here


def sections(client, path: str = "/profile/") -> list[str]:
    page = client.get(path).content.decode()
    side = page.split('<nav class="side"')[1].split("</nav>")[0]
    return re.findall(r'<li><a href="([^"]+)"', side)


def test_an_operator_sees_the_daily_work(operator):
    assert sections(operator) == [
        *("/", "/calls/", "/recordings/", "/calls/new/", "/campaigns/", "/contacts/", "/records/"),
        "/scenarios/",
        *("/calls/doubts/", "/tasks/", "/blacklist/", "/settings/phones/", "/settings/rules/"),
    ]


def test_a_manager_sees_what_came_of_it(manager):
    assert sections(manager) == [
        *("/", "/calls/", "/recordings/", "/campaigns/", "/contacts/", "/review/", "/tasks/"),
        "/blacklist/",
        "/settings/rules/",
    ]


def test_an_admin_sees_the_settings_too(admin):
    assert sections(admin)[-9:] == [
        f"/settings/{name}/"
        for name in (
            *("accounts", "phones", "rules", "people", "exchanges", "webhooks", "days"),
            *("audit", "health"),
        )
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["operator", "manager", "admin"])
def test_every_section_opens_for_whom_it_is_shown(request, role):
    client = request.getfixturevalue(role)
    assert {client.get(path).status_code for path in sections(client)} == {200}


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", "/"),
        ("/calls/", "/calls/"),
        ("/calls/12/", "/calls/"),
        ("/calls/new/", "/calls/new/"),
        ("/profile/", None),
        ("/callsign/", None),
    ],
)
def test_one_section_is_marked_the_nearest(path, here):
    links = [Link(address, "", "") for address in ("/", "/calls/", "/calls/new/", "/records/")]
    mark_here(links, path)
    assert [link.address for link in links if link.is_here] == ([here] if here else [])


def test_the_page_says_where_one_is_without_a_script(operator):
    page = operator.get("/records/").content.decode()
    assert page.count('aria-current="page"') == 1
    assert '<a href="/records/" aria-current="page">' in page
