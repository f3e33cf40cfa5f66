"""Hostile submissions, and what runs them; see `tests.attacks.runner`."""
