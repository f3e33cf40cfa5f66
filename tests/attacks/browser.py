"""What happens when somebody opens the pages of a submission: nbgrader's formgrader, and feedback, in Chromium."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from playwright.sync_api import Error, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or ""
START = 120
"""Seconds that a server may take to start, or to end, on however slow a machine."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LIBRARIES = ("https://cdnjs.cloudflare.com/", "https://cdn.jsdelivr.net/", "https://unpkg.com/")
"""Where nbconvert's own template has MathJax and the like from; nothing is fetched here."""
SECONDS = 20
AGAINST_RULES = """
() => {
  const found = [];
  const place = document.querySelector("#notebook-container") || document.body;
  for (const e of place.querySelectorAll("*")) {
    for (const a of e.attributes)
      if (a.name.startsWith("on") && !e.closest(".nbgrader_cell > .panel-heading"))
        found.push(`<${e.localName} ${a.name}>`);
    if (["script", "iframe", "frame", "object", "embed", "base", "meta", "link", "style", "svg", "form", "template"]
        .includes(e.localName)) found.push(`<${e.localName}>`);
    const to = (e.getAttribute("href") || e.getAttribute("src") || e.getAttribute("action") || "").trim();
    const scheme = to.match(/^([a-z][a-z0-9+.-]*):/i);
    if (e.localName === "a" && to && !to.startsWith("#") && !(scheme && /^https?$/i.test(scheme[1])))
      found.push(`a link to ${to.slice(0, 40)}`);
    if (e.localName === "img" && !/^data:image\\/(png|jpeg|gif);/.test(to))
      found.push(`a picture from ${to.slice(0, 40)}`);
  }
  if (window.pwned) found.push("a script ran");
  return [...new Set(found)];
}
"""


@contextmanager
def serving(program: str, folder: Path, *options: str, **environment: str) -> Iterator[tuple[str, str]]:
    """A Jupyter server on a folder, on this machine only; its address and its token.

    Its log is beside the folder. ``environment`` adds to this process's own.
    """
    token = secrets.token_hex(16)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", program, f"--ServerApp.port={port}", "--ServerApp.port_retries=0", *options]
    log = folder.parent / f"server-{port}.log"
    with log.open("w") as said:
        server = subprocess.Popen(
            [*command, "--ServerApp.open_browser=False"],
            cwd=folder,
            env={**os.environ, "JUPYTER_TOKEN": token, **environment},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + START
            while True:
                try:
                    urlopen(f"{address}/api/status?token={token}", timeout=5).close()
                    break
                except (URLError, OSError):
                    if server.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError(f"no Jupyter server: {log.read_text()[-800:]}") from None
                    time.sleep(0.1)
            yield address, token
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(START)


@contextmanager
def formgrader(root: Path) -> Iterator[str]:
    """A Jupyter server with nbgrader's formgrader on a course folder; its address."""
    options = [f"--ServerApp.root_dir={root}", *(["--allow-root"] if os.getuid() == 0 else [])]
    with serving("jupyter_server", root, *options) as (address, token):
        yield f"{address}/?token={token}"


def look(pages: Mapping[str, str], first: str = "") -> dict[str, list[str]]:
    """Open pages one after the other; for each, everything that must not happen and did.

    Parameters
    ----------
    pages : mapping
        Addresses by name.
    first : str
        A page to open before, such as one that logs in.
    """
    found: dict[str, list[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context()
        if first:
            context.new_page().goto(first)
        for name, address in pages.items():
            found[name] = _look_at(context.new_page(), address)
        browser.close()
    return found


def _look_at(page: Page, address: str) -> list[str]:
    seen: list[str] = []
    origin = "/".join(address.split("/")[:3])

    def requested(route, request):  # type: ignore[no-untyped-def]
        if request.url.startswith((origin, "data:", "blob:")):
            if request.url[-2:] == "/x" or request.url.endswith("/pwned"):
                seen.append(f"a request to {request.url[:60]}")
            route.continue_()
        else:
            if not request.url.startswith(LIBRARIES):
                seen.append(f"a request to {request.url[:60]}")
            route.abort()

    def asked(dialog):  # type: ignore[no-untyped-def]
        seen.append(f"a dialog: {dialog.message[:40]}")
        with suppress(Error):  # a page that has moved on took its dialog along
            dialog.dismiss()

    page.route("**/*", requested)
    page.on("dialog", asked)
    page.on("popup", lambda _: seen.append("another window"))
    try:
        page.goto(address, wait_until="domcontentloaded", timeout=SECONDS * 1000)
        page.wait_for_timeout(100)
        for link in page.query_selector_all('a[href^="javascript" i]'):
            link.evaluate("e => e.click()")
        seen += page.evaluate(AGAINST_RULES)
        if page.url.split("?")[0].rstrip("/") != address.split("?")[0].rstrip("/"):
            seen.append(f"it leads to {page.url[:60]}")
    except Error as error:
        seen.append(f"it cannot be looked at: {str(error).splitlines()[0]}")
    page.close()
    return list(dict.fromkeys(seen))


def presented(api: NbGraderAPI, assignment: str, students: Iterable[str]) -> dict[str, list[str]]:
    """What happens when a person opens the formgrader's page and the feedback of each student."""
    root = Path(api.coursedir.root)
    students = list(students)
    pages: dict[str, str] = {}
    files: dict[str, str] = {}
    for student in students:
        api.generate_feedback(assignment, student)
        page = root / "feedback" / student / assignment / f"{assignment}.html"
        if page.is_file():
            files[student] = page.as_uri()
    with formgrader(root) as address, Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        for student in students:
            for notebook in book.find_submission(assignment, student).notebooks:
                if (root / "autograded" / student / assignment / f"{assignment}.ipynb").is_file():
                    pages[student] = f"{address.split('?')[0]}formgrader/submissions/{notebook.id}/?index=0"
        there = look(pages, first=address)
    here = look(files)
    return {
        s: [f"formgrader: {what}" for what in there.get(s, ())] + [f"feedback: {what}" for what in here.get(s, ())]
        for s in students
    }
