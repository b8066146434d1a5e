from django.urls import path

from obzvon_site.accounts.views import login

app_name = "accounts"
urlpatterns = [
    path("login/", login.sign_in, name="login"),
    path("logout/", login.sign_out, name="logout"),
    path("password/", login.password, name="password"),
    path("password/<uidb64>/<token>/", login.set_password, name="set-password"),
]
