"""Addresses of records."""

from django.urls import path

from records import views

app_name = "records"
urlpatterns = [
    path("", views.index, name="list"),
    path("rows/", views.rows, name="rows"),
    path("upload/", views.upload, name="upload"),
    path("speak/", views.speak, name="speak"),
    path("<int:record_id>/", views.record, name="record"),
    path("<int:record_id>/state/", views.state, name="state"),
    path("<int:record_id>/sound/", views.sound, name="sound"),
    path("<int:record_id>/rename/", views.rename, name="rename"),
    path("<int:record_id>/retry/", views.retry, name="retry"),
    path("<int:record_id>/remove/", views.remove, name="remove"),
]
