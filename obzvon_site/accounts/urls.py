from django.urls import path

from obzvon_site.accounts.views import (
    api_accounts,
    balance,
    health,
    login,
    logs,
    people,
    phones,
    profile,
)

app_name = "accounts"
urlpatterns = [
    path("login/", login.sign_in, name="login"),
    path("logout/", login.sign_out, name="logout"),
    path("password/", login.password, name="password"),
    path("password/<uidb64>/<token>/", login.set_password, name="set-password"),
    path("profile/", profile.profile, name="profile"),
    path("profile/theme/", profile.theme, name="theme"),
    path("balance/", balance.balance, name="balance"),
    path("settings/accounts/", api_accounts.index, name="accounts"),
    path("settings/accounts/new/", api_accounts.new, name="account-new"),
    path("settings/accounts/<int:account_id>/", api_accounts.account, name="account"),
    path("settings/accounts/<int:account_id>/key/", api_accounts.connect, name="account-key"),
    path("settings/accounts/<int:account_id>/check/", api_accounts.check, name="account-check"),
    path(
        "settings/accounts/<int:account_id>/default/",
        api_accounts.make_default,
        name="account-default",
    ),
    path(
        "settings/accounts/<int:account_id>/active/",
        api_accounts.set_active,
        name="account-active",
    ),
    path("settings/phones/", phones.index, name="phones"),
    path("settings/phones/new/", phones.new, name="phone-new"),
    path("settings/phones/take/", phones.take, name="phones-take"),
    path("settings/phones/<int:phone_id>/", phones.phone, name="phone"),
    path("settings/phones/<int:phone_id>/remove/", phones.remove, name="phone-remove"),
    path("settings/people/", people.index, name="people"),
    path("settings/people/new/", people.new, name="person-new"),
    path("settings/people/<int:person_id>/", people.person, name="person"),
    path("settings/people/<int:person_id>/link/", people.make_link, name="person-link"),
    path("settings/people/<int:person_id>/active/", people.set_active, name="person-active"),
    path("settings/exchanges/", logs.exchanges, name="exchanges"),
    path("settings/exchanges/<int:exchange_id>/", logs.exchange, name="exchange"),
    path("settings/audit/", logs.audit, name="audit"),
    path("settings/health/", health.health, name="health"),
    path("settings/health/checks/", health.table, name="health-checks"),
    path("settings/health/report/", health.report, name="health-report"),
]
