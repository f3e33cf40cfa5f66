"""Running a learner's code where it can reach nothing and change nothing.

One *template* process per assignment has everything imported; every submission is a
fork of it in namespaces of its own. Nothing that comes back is trusted.
"""

from grader.sandbox.bubblewrap import available
from grader.sandbox.host import Plain, Sandbox, Session
from grader.sandbox.limits import EndKind, Limits, SandboxUnavailable, SessionEnded

__all__ = [
    "EndKind",
    "Limits",
    "Plain",
    "Sandbox",
    "SandboxUnavailable",
    "Session",
    "SessionEnded",
    "available",
]
