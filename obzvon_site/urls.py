"""The site map."""

from django.contrib import admin
from django.urls import include, path

from obzvon_site.gallery import gallery
from obzvon_site.health import healthz

urlpatterns = [
    path("", include("calls.urls")),
    path("records/", include("records.urls")),
    path("", include("obzvon_site.accounts.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz, name="healthz"),
    path("ui/", gallery, name="gallery"),
    path("django-admin/", admin.site.urls),
]
handler500 = "obzvon_site.errors.server_error"
