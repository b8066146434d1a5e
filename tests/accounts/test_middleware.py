HTMX = {"hx-request": "true"}


def test_a_fragment_whose_session_is_over_reloads_its_page(client, db):
    answer = client.get("/balance/", headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"
    assert answer.content == b""


def test_a_page_whose_session_is_over_leads_to_the_login_and_back(client, db):
    assert client.get("/profile/").url == "/login/?next=/profile/"


def test_other_redirects_of_fragments_stay(operator):
    answer = operator.get("/login/", headers=HTMX)
    assert (answer.status_code, answer.url) == (302, "/")
