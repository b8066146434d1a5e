"""Helpers without models, for every app."""
