"""From a file to contacts: what ``calls.services.importing`` is made of."""
