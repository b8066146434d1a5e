import pytest

from calls.ivr.check import problems
from calls.ivr.document import Document
from calls.ivr.examples import EXAMPLES


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_can_be_published_as_it_is(key):
    document = EXAMPLES[key].document()
    assert problems(document, records={}) == []
    assert Document.from_json(document.as_json()) == document
