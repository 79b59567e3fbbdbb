"""Helpers without knowledge of scores: display, documents, atomic files, frozen values."""
