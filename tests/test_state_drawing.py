"""The drawing of states in the documents is what the code's table says."""

from calls.models import Call, Order
from tests import state_drawing


def test_the_drawing_is_as_new_as_the_table():
    assert state_drawing.FILE.read_text() == state_drawing.drawing(), (
        "docs/images/states.svg is older than the table: python -m tests.state_drawing"
    )


def test_every_state_has_its_place():
    assert set(state_drawing.CALLS) == set(Call.Stage.values)
    assert set(state_drawing.ORDERS) == set(Order.State.values)
