"""Django's admin, for emergencies."""
