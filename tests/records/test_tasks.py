from records import tasks
from records.models import Record
from tests.records.makers import make_record, reply


def test_the_ticks_do_their_work(service):
    service.answers["create_record"] = reply(5, needs_moderation=True)
    service.answers["get_records"] = [reply(5, status="approved")]
    record = make_record(text="Привет")
    gone = make_record(stage="removing", service_id=9)
    tasks.send_records.call()
    assert Record.objects.get(pk=record.pk).stage == "sent"
    assert Record.objects.get(pk=gone.pk).stage == "removed"
    Record.objects.update(due_at=record.created_at)
    tasks.refresh_records.call()
    assert Record.objects.get(pk=record.pk).moderation == "ready"


def test_the_ticks_are_offered_to_the_supervisor():
    assert {name: seconds for name, (_, seconds) in tasks.PERIODIC.items()} == {
        "records.send": 3,
        "records.refresh": 5,
    }
