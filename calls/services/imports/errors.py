"""What may be wrong with a file or with the moment, in sentences for people."""


class NotAList(ValueError):
    """No list can be read from this; the text says what it is and what is needed."""


class NotReady(ValueError):
    """An import that can not be started, and why."""


class NotMended(ValueError):
    """A corrected row that still gives no contact, and why."""


class TooLate(Exception):
    """It has moved on since the page was drawn, so the deed no longer fits."""
