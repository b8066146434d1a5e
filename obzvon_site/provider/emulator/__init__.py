"""A stand-in for the call service: a process of its own, written from the API document alone.

It imports nothing of the rest of the project, so that a mistake of the client cannot hide in it.
"""
