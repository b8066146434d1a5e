"""Recordings fetched so far get rows of their own."""

from django.db import migrations


def keep(apps, schema_editor):
    Call, Recording = apps.get_model("calls", "Call"), apps.get_model("calls", "Recording")
    rows = Call.objects.exclude(recording="").select_related("campaign").order_by("pk")
    for call in rows.iterator(chunk_size=1000):
        at = call.finished_at or call.changed_at
        try:
            size = call.recording.size
        except OSError:
            size = 0  # the file is gone; the archive says so when it is opened
        Recording.objects.create(
            call=call,
            campaign=call.campaign,
            account_id=call.campaign.account_id,
            at=at,
            file=call.recording.name,
            content_type=call.recording_type,
            size=size,
        )
    Call.objects.exclude(recording="").update(has_recording=True)


def give_back(apps, schema_editor):
    Call, Recording = apps.get_model("calls", "Call"), apps.get_model("calls", "Recording")
    for kept in Recording.objects.exclude(file="").iterator(chunk_size=1000):
        Call.objects.filter(pk=kept.call_id).update(
            recording=kept.file.name, recording_type=kept.content_type
        )


class Migration(migrations.Migration):
    dependencies = [("calls", "0010_recordings")]

    operations = [migrations.RunPython(keep, give_back)]
