"""nbgrader's settings for this repository; `grader init DIR` makes a course folder of your own."""

from grader.settings import configure

configure(get_config(), source="solutions", release="notebooks")  # noqa: F821 (nbgrader defines it)
