"""The page of all components."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["operator", "manager", "admin"])
def test_everybody_signed_in_may_look(request, role):
    answer = request.getfixturevalue(role).get("/ui/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Неизвестно: «новый статус»" in page
    assert page.count("data-player-play") == 1


def test_others_may_not(client, db):
    assert client.get("/ui/")["Location"] == "/login/?next=/ui/"


def test_it_is_only_looked_at(operator):
    assert operator.post("/ui/").status_code == 405
