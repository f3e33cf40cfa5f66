"""A learner's code reaches nothing, changes nothing and stops nothing.

Code that stands for an attack is bounded in time and memory by itself, so that it does no
harm on the day on which a protection fails.
"""

from __future__ import annotations

import base64
import contextlib
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import byhand.contracts
from grader.sandbox import (
    Limits,
    Plain,
    Sandbox,
    SandboxUnavailable,
    Session,
    SessionEnded,
    answers,
    available,
    bubblewrap,
    frames,
    seccomp,
)

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = '''
from byhand.contracts import contract

@contract
def double(Double, /, *, x, factor):
    """Double(x): y = 2x.   x (N, D)."""
    yield {"y": Double(x) * factor}
    yield {"again": Double(x)}
'''
INPUTS: dict[str, Any] = {"x": np.arange(6.0).reshape(2, 3), "factor": 3}
PROBE = "sandboxed:double"
LIMITS = Limits(seconds=30.0, memory_mib=1024, file_mib=8, output_kib=256, probe_mib=1)
MADE_INSIDE = {"PWD", "PYTHONPATH", "LC_CTYPE", "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK", "COLUMNS", "LINES"}
HASTY = replace(LIMITS, seconds=1.0)

usable = pytest.mark.skipif(available() is not None, reason=str(available()))


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``byhand`` with one more contract."""
    folder = tmp_path_factory.mktemp("packages")
    shutil.copytree(ROOT / "byhand", folder / "byhand", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "byhand" / "contracts" / "sandboxed.py").write_text(CONTRACTS)
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("course")
    folder = course / "notebooks" / "99_sandboxed"
    (folder / "toolbox").mkdir(parents=True)
    (folder / "checks.json").write_text('{"public": true}')
    (folder / "toolbox" / "tool.py").write_text("ANSWER = 42\n")
    (course / "solutions").mkdir()
    (course / "solutions" / "secret.txt").write_text("hidden")
    return folder


@pytest.fixture(scope="module")
def sandbox(release: Path, packages: Path) -> Iterator[Sandbox]:
    problem = available()
    if problem is not None:
        pytest.skip(problem)
    with Sandbox(release, limits=LIMITS, packages=packages) as started:
        yield started


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    with sandbox.session() as started:
        yield started


def shown(outputs: list[dict[str, Any]]) -> str:
    """What a cell printed; an error in it is an error of the test."""
    errors = ["\n".join(o["traceback"]) for o in outputs if o["output_type"] == "error"]
    assert not errors, errors[0]
    return "".join(o["text"] for o in outputs if o["output_type"] == "stream")


def run(session: Session, source: str) -> str:
    return shown(session.run_cell(textwrap.dedent(source))).strip()


def error(outputs: list[dict[str, Any]]) -> str:
    (found,) = [o["ename"] for o in outputs if o["output_type"] == "error"]
    return str(found)


def ended(session: Session, source: str) -> SessionEnded:
    with pytest.raises(SessionEnded) as caught:
        session.run_cell(textwrap.dedent(source))
    assert str(caught.value).count(". ") == 0 and str(caught.value)[-1] in ".?"
    return caught.value


def works(sandbox: Sandbox) -> bool:
    """A new session can be had and marks a right answer as before."""
    with sandbox.session() as session:
        session.run_cell("def Double(x):\n    return 2 * x")
        return bool(np.array_equal(session.probe(PROBE, INPUTS).outputs["y"], INPUTS["x"] * 6))


# what a session is for


def test_a_probe_gives_the_outputs_of_the_learners_code(session: Session) -> None:
    session.run_cell("def Double(x):\n    return 2 * x")
    outcome = session.probe(PROBE, INPUTS)
    assert outcome.failure is None and outcome.modified == ()
    assert list(outcome.outputs) == ["y", "again"]
    np.testing.assert_array_equal(outcome.outputs["y"], INPUTS["x"] * 6)
    np.testing.assert_array_equal(outcome.outputs["again"], INPUTS["x"] * 2)


def test_a_probe_tells_why_a_call_ended_early(session: Session) -> None:
    missing = session.probe(PROBE, INPUTS).failure
    assert missing is not None and missing.kind == "missing"
    session.run_cell("def Double(x):\n    x[:] = 0\n    raise NotImplementedError")
    empty = session.probe(PROBE, INPUTS)
    assert empty.failure is not None and empty.failure.kind == "empty"
    assert empty.modified == ("x",)
    session.run_cell("def Double(x):\n    return 2 * y")
    raised = session.probe(PROBE, INPUTS).failure
    assert raised is not None and (raised.kind, raised.type) == ("raised", "NameError")
    assert (raised.function, raised.line) == ("Double", "return 2 * y")


def test_what_was_right_before_an_error_is_kept(session: Session) -> None:
    session.run_cell("def Double(x, seen=[]):\n    seen.append(1)\n    assert len(seen) < 2\n    return 2 * x")
    outcome = session.probe(PROBE, INPUTS)
    assert list(outcome.outputs) == ["y"]
    assert outcome.failure is not None and outcome.failure.type == "AssertionError"


def test_a_cell_gives_nbformat_outputs(session: Session) -> None:
    outputs = session.run_cell("import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\n6 * 7")
    assert outputs == [
        {"output_type": "stream", "name": "stdout", "text": "a\nb\n"},
        {"output_type": "stream", "name": "stderr", "text": "c\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "42"},
            "metadata": {},
            "execution_count": None,
        },
    ]


def test_a_figure_becomes_a_picture(session: Session) -> None:
    outputs = session.run_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('x');")
    assert [o["output_type"] for o in outputs] == ["display_data"]
    assert base64.b64decode(outputs[0]["data"]["image/png"]).startswith(answers.PNG)
    assert b"tEXt" not in base64.b64decode(outputs[0]["data"]["image/png"])


def test_the_released_files_are_in_the_working_directory(session: Session) -> None:
    assert run(session, "print(open('checks.json').read())") == '{"public": true}'
    assert run(session, "from toolbox.tool import ANSWER\nprint(ANSWER)") == "42"
    assert run(session, "open('mine.txt', 'w').write('1')\nprint(open('mine.txt').read())") == "1"


def test_html_svg_and_javascript_are_dropped(session: Session) -> None:
    outputs = session.run_cell(
        "from IPython.display import HTML, Javascript, SVG, display\n"
        "display(HTML('<script>1</script>'), Javascript('1'), SVG('<svg></svg>'))\n"
        "display({'text/html': 'x', 'image/jpeg': 'eA==', 'text/markdown': 'x'}, raw=True)"
    )
    assert {kind for o in outputs for kind in o["data"]} == {"text/plain"}


def test_colours_and_control_characters_are_taken_out_of_text(session: Session) -> None:
    assert run(session, r"print('\x1b[31mred\x1b[0m', 'a\x07b\x00c', 'd\u202ee')") == "red abc de"


def test_leaving_by_an_exception_leaves_the_session_open(session: Session) -> None:
    for source in (
        "raise SystemExit",
        "import sys; sys.exit(3)",
        "exit()",
        "quit()",
        "raise KeyboardInterrupt",
    ):
        assert error(session.run_cell(source)) in ("SystemExit", "KeyboardInterrupt")
    assert error(session.run_cell("class E(BaseException):\n    __str__ = 1\nraise E")) == "E"
    assert error(session.run_cell("def f(:")) == "SyntaxError"
    assert error(session.run_cell("input()")) in ("EOFError", "StdinNotImplementedError")
    assert run(session, "print(1)") == "1"


def test_magics_that_need_a_terminal_or_a_shell_do_no_harm(session: Session) -> None:
    session.run_cell("%matplotlib inline")
    session.run_cell("!echo 1")
    session.run_cell("%%bash\necho 1")
    session.run_cell("%history")
    assert run(session, "%time print(1)").startswith("1")


# one session and the next


def test_the_next_session_knows_nothing_of_the_one_before(sandbox: Sandbox) -> None:
    with sandbox.session() as first:
        first.run_cell(
            "import builtins, os, sys, numpy, byhand.outcome, matplotlib\n"
            "mine = 1\nbuiltins.mine = 1\nos.environ['MINE'] = '1'\nsys.path.insert(0, 'mine')\n"
            "numpy.asarray = lambda *_: 0\nbyhand.outcome.call = None\n"
            "matplotlib.rcParams['lines.linewidth'] = 99\nnumpy.random.seed(7)\nnumpy.random.rand()"
        )
    with sandbox.session() as second:
        assert "mine" not in run(
            second,
            "import os, sys, matplotlib, numpy\n"
            "print(sorted(vars(__builtins__)), sorted(globals()), dict(os.environ), sys.path, sep='\\n')",
        )
        assert run(second, "print(matplotlib.rcParams['lines.linewidth'] < 10, numpy.asarray(3))") == "True 3"
    assert works(sandbox)


def test_sessions_at_the_same_time_do_not_meet(sandbox: Sandbox) -> None:
    with sandbox.session() as one, sandbox.session() as two:
        one.run_cell("a = 1\nopen('/tmp/mark', 'w').write('1')")
        assert ended(one, "import os; os._exit(0)").kind == "exit"
        assert run(two, "import os\nprint('a' in globals(), os.path.exists('/tmp/mark'))") == "False False"


WRITE_EVERYWHERE = """
import os
written = []
for top, folders, _ in os.walk("/"):
    folders[:] = [f for f in folders if not os.path.islink(os.path.join(top, f))]
    if top.count("/") > 3:
        folders.clear()
    try:
        with open(os.path.join(top, "mark-of-a-session"), "w") as file:
            file.write("1")
        written.append(top)
    except OSError:
        pass
print(*written)
"""


def test_what_a_session_writes_is_gone_with_it(sandbox: Sandbox) -> None:
    with sandbox.session() as first:
        written = run(first, WRITE_EVERYWHERE).split()
        assert "/scratch/work" in written
        tops = {"/" + place.split("/")[1] for place in written if not place.startswith("/dev/shm")}
        assert tops <= {"/scratch", "/tmp"}
    with sandbox.session() as second:
        found = run(second, f"import os\nprint([p for p in {written!r} if os.path.exists(p + '/mark-of-a-session')])")
        assert found == "[]"
    for place in written:
        assert not os.path.exists(f"{place}/mark-of-a-session")


def test_a_child_left_behind_ends_with_its_session(sandbox: Sandbox) -> None:
    name = f"left-{os.getpid() % 100000}"
    with sandbox.session() as session:
        session.run_cell(
            "import ctypes, os, time\n"
            "if os.fork() == 0:\n"
            "    os.setpgid(0, 0)\n"
            f"    ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\n"
            "    if os.fork() == 0:\n"
            "        time.sleep(60)\n"
            "    time.sleep(60)\n"
            "    os._exit(0)\n"
            "time.sleep(0.2)"
        )
        assert _named(name)
    assert _gone(name)


ORPHAN = """
import sys, time
from pathlib import Path
from grader.sandbox import Limits, Sandbox
sandbox = Sandbox(Path(sys.argv[1]), packages=Path(sys.argv[2]), limits=Limits(seconds=60))
session = sandbox.session()
session.run_cell("import ctypes, os, time")
session.run_cell(f"ctypes.CDLL(None).prctl(15, {sys.argv[3].encode()!r}, 0, 0, 0)")
print("ready", flush=True)
session.run_cell("time.sleep(60)")
"""


@usable
def test_all_sessions_end_with_the_process_that_asked_for_them(release: Path, packages: Path) -> None:
    name = f"orphan-{os.getpid() % 100000}"
    command = [sys.executable, "-c", ORPHAN, str(release), str(packages), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        assert _named(name)
        process.kill()
    assert _gone(name)


def _gone(name: str) -> bool:
    until = time.monotonic() + 10
    while _named(name) and time.monotonic() < until:
        time.sleep(0.05)
    return not _named(name)


def _named(name: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "comm").read_text().strip() == name:
                found.append(entry.name)
        except OSError:
            continue
    return found


# what a session can see


def test_repository_course_and_home_cannot_be_seen(session: Session, release: Path) -> None:
    course = release.parents[1]
    secret = course / "solutions" / "secret.txt"
    assert secret.exists()
    hidden = [ROOT / "grader", ROOT / "solutions", ROOT / "tests", ROOT / ".git", ROOT / "byhand", secret]
    hidden += [course, Path.home() / ".ssh", Path.home() / ".cache", Path("/etc/passwd"), Path("/etc/shadow")]
    found = run(session, f"import os\nprint([p for p in {[str(p) for p in hidden]!r} if os.path.lexists(p)])")
    assert found == "[]"
    assert error(session.run_cell("import grader")) == "ModuleNotFoundError"
    assert set(run(session, "print(*os.listdir('/etc'))").split()) <= {"ld.so.cache", "alternatives"}
    assert run(session, "print(*os.listdir('/proc'), *os.listdir('/dev/pts'))") == ""
    assert run(session, "print(*os.listdir('/course'))") == "99_sandboxed"


def test_a_course_within_a_bound_folder_is_covered(
    release: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = release.parents[1]
    real = bubblewrap._prefixes()
    monkeypatch.setattr(bubblewrap, "_prefixes", lambda: sorted([*real, course.parent, ROOT]))
    with Sandbox(release, limits=LIMITS, packages=packages) as sandbox, sandbox.session() as session:
        assert run(session, f"import os\nprint(os.listdir({str(course)!r}))") == "[]"
        assert run(session, f"print(os.listdir({str(ROOT / 'grader')!r}))") == "[]"
        assert run(session, "print(open('checks.json').read())") == '{"public": true}'
        written = run(session, WRITE_EVERYWHERE).split()
        assert not [p for p in written if Path(p).is_relative_to(ROOT)]


def test_the_environment_of_the_parent_is_not_inherited(
    release: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_TEST_SECRET", "hidden-in-the-environment")
    with Sandbox(release, limits=LIMITS, packages=packages) as sandbox, sandbox.session() as session:
        names = set(run(session, "import os\nprint(*os.environ)").split())
        assert names - set(bubblewrap.ENVIRONMENT) <= MADE_INSIDE
        assert "hidden-in" not in run(session, "print(os.environ)")


def test_only_the_session_is_open_besides_the_standard_three(session: Session) -> None:
    source = """
        import os
        opened = []
        for number in range(4096):
            try:
                os.fstat(number)
                opened.append(number)
            except OSError:
                pass
        print(opened, os.readlink('/dev/fd') if os.path.lexists('/dev/fd') else '', os.read(0, 1))
        print([os.fstat(n).st_rdev == os.stat('/dev/null').st_rdev for n in range(3)])
    """
    lines = run(session, source).splitlines()
    assert lines[0].startswith("[0, 1, 2, 3]") and lines[0].endswith("b''")
    assert lines[1] == "[True, True, True]"


def test_no_listener_of_this_machine_can_be_reached(session: Session) -> None:
    name = f"\0byhand-test-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(name)
        abstract.listen()
        source = f"""
            import socket
            reached = []
            for family, address in [(socket.AF_INET, {tcp.getsockname()!r}), (socket.AF_UNIX, {name!r})]:
                with socket.socket(family) as s:
                    s.settimeout(2)
                    try:
                        s.connect(address)
                        reached.append(address)
                    except OSError:
                        pass
            print(reached)
        """
        for listener in (tcp, abstract):
            listener.settimeout(0.2)
        assert run(session, source) == "[]"
        for listener in (tcp, abstract):
            with pytest.raises(TimeoutError):
                listener.accept()


def test_no_privilege_is_left_and_none_can_be_had(session: Session) -> None:
    source = """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        data = (ctypes.c_uint32 * 6)()
        libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), data)
        print('capabilities', any(data))
        print('new privileges', libc.prctl(39, 0, 0, 0, 0) != 1)
        print('dumpable', libc.prctl(3, 0, 0, 0, 0) == 1)
        print('bounding', any(libc.prctl(23, c, 0, 0, 0) == 1 for c in range(41)))
        print('uncover', libc.umount2(b'/proc', 2) == 0)
        print('remount', libc.mount(b'none', b'/usr', None, ctypes.c_ulong(32 | 4096), None) == 0)
        print('mount', libc.mount(b'none', b'/scratch', b'tmpfs', 0, None) == 0)
        print('namespace', libc.unshare(0x10000000) == 0)
        print('root', 0 in os.getresuid() + os.getresgid())
        try:
            os.kill(os.getppid(), 0) if os.getppid() else os.kill(2, 0)
            print('others', True)
        except OSError:
            print('others', False)
    """
    lines = dict(line.rsplit(" ", 1) for line in run(session, source).splitlines())
    assert {name for name, had in lines.items() if had == "True"} == set()


CALLS = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for name, number in {calls!r}.items():
    ctypes.set_errno(0)
    done = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6)
    if (done, ctypes.get_errno()) != (-1, errno.EPERM):
        print(name)
"""


@pytest.mark.skipif(platform.machine() not in seccomp.ARCHITECTURES, reason="no filter for this machine")
def test_system_calls_that_no_course_needs_are_refused(session: Session) -> None:
    column = seccomp.ARCHITECTURES[platform.machine()][1]
    calls = {name: both[column] for name, both in seccomp.REFUSED.items()}
    calls |= seccomp.ONLY_X86 if platform.machine() == "x86_64" else {}
    assert run(session, CALLS.format(calls=calls)) == ""


@pytest.mark.skipif(platform.machine() not in seccomp.ARCHITECTURES, reason="no filter for this machine")
def test_some_system_calls_are_refused_for_what_is_asked(session: Session) -> None:
    clone = seccomp.CLONE[seccomp.ARCHITECTURES[platform.machine()][1]]
    source = f"""
        import ctypes, errno, os, socket
        libc = ctypes.CDLL(None, use_errno=True)
        def refused(number, *given):
            done = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(g) for g in given))
            if done == 0:
                os._exit(0)
            return errno.errorcode[ctypes.get_errno()] if done < 0 else "done"
        for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
            print(refused({clone}, flag | 17, 0, 0, 0, 0))
        print(refused({seccomp.CLONE3}, 0, 0))
        print(refused(500, 0), refused({seccomp.NEWEST} + 1, 0))
        for family in (socket.AF_VSOCK, socket.AF_NETLINK, socket.AF_PACKET, 38):
            for make in (socket.socket, socket.socketpair):
                try:
                    make(family, socket.SOCK_STREAM).close()
                    print(family, "made")
                except OSError as error:
                    print(errno.errorcode[error.errno])
        import fcntl, termios
        here = open("/scratch/mine", "w+")
        for call in (lambda: fcntl.ioctl(0, termios.TIOCSTI, b"x"), lambda: fcntl.fcntl(here, 1024, 0)):
            try:
                call()
                print("done")
            except OSError as error:
                print(errno.errorcode[error.errno])
    """
    assert run(session, source).split() == ["EPERM"] * 7 + ["ENOSYS"] * 3 + ["EPERM"] * 10


def test_another_calling_convention_is_no_way_around(session: Session) -> None:
    """getpid as a 32-bit program asks for it, and with the bit of the x32 ABI."""
    if platform.machine() != "x86_64":
        pytest.skip("only x86_64 has more than one")
    source = """
        import ctypes, errno, mmap
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.syscall(ctypes.c_long(0x40000000 + 39)), errno.errorcode[ctypes.get_errno()])
        code = mmap.mmap(-1, 4096, prot=7)
        code.write(bytes.fromhex("b814000000 cd80 c3"))  # mov eax, 20; int 0x80; ret
        address = ctypes.addressof(ctypes.c_char.from_buffer(code))
        print(errno.errorcode[-ctypes.CFUNCTYPE(ctypes.c_int)(address)()])
    """
    assert run(session, source).split() == ["-1", "ENOSYS", "EPERM"]


def test_what_a_course_may_need_is_not_refused(session: Session) -> None:
    source = """
        import asyncio, multiprocessing, subprocess, tempfile
        from concurrent.futures import ThreadPoolExecutor
        import matplotlib.pyplot as plt
        import numpy as np
        import pandas as pd
        print(subprocess.run(["/bin/echo", "1"], capture_output=True, check=True).stdout)
        print(list(ThreadPoolExecutor(4).map(abs, [1, -2])))
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(pool.map(abs, [1, -2]))
        print(asyncio.new_event_loop().run_until_complete(asyncio.sleep(0, 5)))
        with tempfile.TemporaryFile() as file:
            np.save(file, np.arange(3))
        print(pd.DataFrame({"a": [1, 2]}).a.sum(), np.linalg.solve(np.eye(3), np.ones(3)).sum())
        plt.plot([1, 2]);
    """
    outputs = session.run_cell(textwrap.dedent(source))
    assert shown(outputs).split("\n")[:5] == ["b'1\\n'", "[1, 2]", "[1, 2]", "5", "3 3.0"]
    assert "image/png" in outputs[-1]["data"]


def test_the_template_cannot_be_read_by_a_fork(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        assert run(session, "import os\nprint(os.getpid(), os.path.exists('/proc/self'))") == "1 False"


# what a session can use up


def test_an_endless_loop_is_stopped(sandbox: Sandbox) -> None:
    start = time.monotonic()
    with sandbox.session(HASTY) as session:
        how = ended(session, "import time\nend = time.time() + 60\nwhile time.time() < end:\n    pass")
        assert how.kind == "time" and "more than 1 s" in str(how)
        with pytest.raises(SessionEnded):
            session.run_cell("1")
    assert time.monotonic() - start < 20
    assert works(sandbox)


def test_a_loop_that_swallows_every_exception_is_stopped(sandbox: Sandbox) -> None:
    name = f"loop-{os.getpid() % 100000}"
    source = f"""
        import ctypes, signal, time
        ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        end = time.time() + 60
        while time.time() < end:
            try:
                while time.time() < end:
                    pass
            except BaseException:
                pass
    """
    with sandbox.session(HASTY) as session:
        assert ended(session, source).kind == "time"
    assert _gone(name)
    assert works(sandbox)


def test_a_loop_in_a_probe_is_stopped(sandbox: Sandbox) -> None:
    with sandbox.session(HASTY) as session:
        session.run_cell("import time\ndef Double(x):\n    time.sleep(60)")
        with pytest.raises(SessionEnded) as caught:
            session.probe(PROBE, INPUTS)
        assert caught.value.kind == "time"
    assert works(sandbox)


def test_memory_is_bounded_and_its_end_is_an_exception(session: Session) -> None:
    source = "import numpy as np\nkept = [np.empty(1 << 27) for _ in range(4)]"  # 4 GiB, never touched
    assert "MemoryError" in error(session.run_cell(source))
    assert run(session, "print(1)") == "1"


def test_a_session_without_memory_to_answer_ends(sandbox: Sandbox) -> None:
    source = """
        kept = []
        size = 1 << 26
        while size and len(kept) < 3_000_000:
            try:
                kept.append(bytearray(size) if size > 512 else [None] * 8)
            except MemoryError:
                size //= 2
    """
    with sandbox.session(replace(LIMITS, memory_mib=600)) as session:
        try:
            session.run_cell(textwrap.dedent(source))
            session.run_cell("x = 'y' * 10_000_000; print(len(x))")
        except SessionEnded as end:
            assert end.kind in ("memory", "exit")
    assert works(sandbox)


def test_files_are_bounded(session: Session) -> None:
    source = """
        import os
        total = 0
        for number in range(4):
            try:
                with open(f'/tmp/{number}', 'wb') as file:
                    for _ in range(16):
                        total += file.write(bytes(1 << 20))
            except OSError:
                pass
        print(total >> 20)
    """
    assert int(run(session, source)) <= 9


STARTING = """
import subprocess, time
children = []
try:
    for _ in range(300):
        children.append(subprocess.Popen(["/bin/sleep", "20"]))
    time.sleep(20)
except OSError:
    pass
print(len(children))
"""


def test_processes_are_bounded(sandbox: Sandbox) -> None:
    outside = [Path("/proc/sys/kernel/pid_max"), Path("/proc/sys/user/max_user_namespaces")]
    before = [path.read_text() for path in outside]
    with sandbox.session(replace(LIMITS, processes=64)) as session:
        try:
            assert int(run(session, STARTING)) < 64
        except SessionEnded as end:  # the kernel holds root of the machine to no number
            assert end.kind == "processes" and "64" in str(end)
    assert [path.read_text() for path in outside] == before
    assert works(sandbox)


def test_a_fork_bomb_is_stopped(sandbox: Sandbox) -> None:
    """Bounded by itself to 8 generations, 256 processes."""
    name = f"bomb-{os.getpid() % 100000}"
    source = f"""
        import ctypes, os, time
        ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)
        for _ in range(8):
            try:
                os.fork()
            except OSError:
                pass
        time.sleep(20)
    """
    with sandbox.session() as other, sandbox.session() as session:
        how = ended(session, source)
        assert how.kind in ("memory", "processes") or os.getuid() != 0
        assert _gone(name)
        assert run(other, "print(1)") == "1"
    assert works(sandbox)


def test_threads_count_as_processes(sandbox: Sandbox) -> None:
    source = """
        import threading, time
        threading.stack_size(1 << 16)
        for _ in range(100):
            threading.Thread(target=time.sleep, args=(20,)).start()
        time.sleep(20)
    """
    with sandbox.session(replace(LIMITS, processes=16)) as session:
        try:
            assert error(session.run_cell(textwrap.dedent(source))) == "RuntimeError"
        except SessionEnded as end:
            assert end.kind == "processes"


def test_who_is_watched_is_ended_by_the_step_at_fault(sandbox: Sandbox) -> None:
    source = """
        import threading, time
        threading.stack_size(1 << 16)
        for _ in range(40):
            threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    """
    for _ in range(5):
        with sandbox.session(replace(LIMITS, processes=16), watched=True) as session:
            assert run(session, "print(1)") == "1"
            try:
                assert error(session.run_cell(textwrap.dedent(source))) == "RuntimeError"
            except SessionEnded as end:
                assert end.kind == "processes"


FILLING = """
import os, time
children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        kept = b"1" * (200 << 20)
        time.sleep({seconds})
        os._exit(0)
    {wait}
time.sleep({seconds})
"""


def test_the_memory_of_all_processes_together_is_bounded(sandbox: Sandbox) -> None:
    with sandbox.session() as other, sandbox.session() as session:
        assert ended(session, FILLING.format(seconds=20, wait="pass")).kind == "memory"
        assert run(other, "print(1)") == "1"
    with sandbox.session() as session:  # one after the other they need no more than one
        assert run(session, FILLING.format(seconds=0.05, wait="os.waitpid(child, 0)")) == ""


def test_where_the_machine_has_no_memory_left_a_session_goes_first(session: Session) -> None:
    name = f"first-{os.getpid() % 100000}"
    session.run_cell(f"import ctypes\nctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)")
    (process,) = _named(name)
    assert Path("/proc", process, "oom_score_adj").read_text().strip() == "1000"


def test_no_step_goes_on_after_the_end_of_all(sandbox: Sandbox) -> None:
    with sandbox.session(until=time.monotonic() + 1) as session:
        how = ended(session, "import time\ntime.sleep(20)")
        assert how.kind == "time" and "all of it" in str(how)
    with sandbox.session(until=time.monotonic() - 1) as session:
        assert ended(session, "1").kind == "time"
    with sandbox.session(until=time.monotonic() + 60) as session:
        assert run(session, "print(1)") == "1"


def test_processor_time_is_bounded(sandbox: Sandbox) -> None:
    with sandbox.session(replace(LIMITS, cpu_seconds=1)) as session:
        how = ended(session, "import time\nend = time.time() + 20\nwhile time.time() < end:\n    pass")
        assert how.kind == "time" and "processor time" in str(how)
    assert works(sandbox)


def test_a_flood_of_text_is_cut_with_a_sentence(session: Session) -> None:
    text = run(session, "for number in range(20000):\n    print('line', number, 'x' * 100)")
    assert len(text) < 70_000 and text.startswith("line 0") and "The rest is cut" in text
    outputs = session.run_cell("'z' * 3_000_000")
    assert len(outputs[0]["data"]["text/plain"]) < 70_000
    outputs = session.run_cell("print('\\x01' * 100_000)\nraise ValueError('w' * 3_000_000)")
    assert error(outputs) == "ValueError"


def test_too_many_displays_and_pictures_are_left_out(session: Session) -> None:
    outputs = session.run_cell("for number in range(3000):\n    display(number)")
    assert 100 < len(outputs) <= 1000
    outputs = session.run_cell(
        "import numpy as np, matplotlib.pyplot as plt\n"
        "for _ in range(3):\n    plt.imshow(np.random.rand(300, 300)); plt.show()"
    )
    assert "left out" in str(outputs)


def test_arrays_that_are_too_many_end_in_a_failure(session: Session) -> None:
    session.run_cell("import numpy as np\ndef Double(x):\n    return np.zeros(100_000)")
    outcome = session.probe(PROBE, INPUTS)
    assert list(outcome.outputs) == ["y"]
    assert outcome.failure is not None and outcome.failure.kind == "bad"


def test_deep_recursion_costs_only_its_cell_or_session(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        assert error(session.run_cell("def f():\n    return f()\nf()")) == "RecursionError"
    with sandbox.session() as session:
        session.run_cell("import sys\nsys.setrecursionlimit(10**6)\nx = []\nfor _ in range(500_000):\n    x = [x]")
        try:
            session.run_cell("repr(x);")
        except SessionEnded as end:
            assert end.kind in ("exit", "memory")
    assert works(sandbox)


# how a session can end


def test_ending_the_process_ends_that_session_alone(sandbox: Sandbox) -> None:
    with sandbox.session() as other, sandbox.session() as session:
        how = ended(session, "import os\nos._exit(3)")
        assert how.kind == "exit" and "3" in str(how)
        assert run(other, "print(1)") == "1"
    assert works(sandbox)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGINT"])
def test_a_signal_to_itself_harms_nobody_else(sandbox: Sandbox, name: str) -> None:
    with sandbox.session(HASTY) as session:
        try:
            session.run_cell(f"import os, signal\nos.kill(os.getpid(), signal.{name})")
            session.run_cell("1")
        except SessionEnded as end:
            assert end.kind in ("exit", "memory", "time")
    assert works(sandbox)


def test_a_real_crash_ends_the_session(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        assert ended(session, "import ctypes\nctypes.string_at(1)").kind == "exit"
    assert works(sandbox)


def test_signals_to_everybody_reach_nobody_else(sandbox: Sandbox) -> None:
    with sandbox.session() as other, sandbox.session(HASTY) as session:
        for process in (-1, 0, 1, 2, 3):
            with contextlib.suppress(SessionEnded):
                session.run_cell(f"import os\nos.kill({process}, 9)")
        assert run(other, "print(1)") == "1"
    assert works(sandbox)


def test_a_template_that_is_gone_is_started_anew(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        os.kill(sandbox._template._process.pid, signal.SIGKILL)
        assert ended(session, "import time\ntime.sleep(20)").kind in ("exit", "protocol")
    assert works(sandbox)


def test_a_template_that_does_not_answer_is_replaced(sandbox: Sandbox) -> None:
    with sandbox.session(HASTY) as session:
        (template,) = _children(_children([sandbox._template._process.pid]))
        os.kill(template, signal.SIGSTOP)
        assert ended(session, "import time\ntime.sleep(60)").kind == "time"
    assert works(sandbox)


def _children(parents: list[int]) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) in parents:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


# what a session can say


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (b"not a frame, but many bytes", "output"),
        (struct.pack(">I", 2**32 - 1), "output"),
        (struct.pack(">I", 300), "time"),
        (struct.pack(">I", 2) + b"{}", "protocol"),
        (struct.pack(">I", 4) + b"\xff\xfe\xfd\xfc", "protocol"),
        (frames.framed(b"[" * 50_000), "protocol"),
        (frames.framed(b"1" * 50_000), "protocol"),
        (frames.framed(b'{"step": "0", "outputs": []}'), "protocol"),
        (frames.framed(b'{"outputs": []}') * 2, "protocol"),
    ],
)
def test_forged_frames_end_the_session(sandbox: Sandbox, written: bytes, kind: str) -> None:
    with sandbox.session(HASTY) as session:
        assert ended(session, f"import os, time\nos.write(3, {written!r})\ntime.sleep(3)").kind == kind
    assert works(sandbox)


def test_an_answer_given_before_its_question_ends_the_session(sandbox: Sandbox) -> None:
    source = """
        import gc, json, os, threading, time
        def early():
            time.sleep(0.3)
            answer = {"step": "0", "outputs": [], "failure": None, "modified": []}
            data = json.dumps(answer).encode()
            os.write(3, len(data).to_bytes(4, "big") + data)
        threading.Thread(target=early).start()
    """
    with sandbox.session() as session:
        session.run_cell(textwrap.dedent(source))
        time.sleep(1)
        with pytest.raises(SessionEnded) as caught:
            session.probe(PROBE, INPUTS)
        assert caught.value.kind == "protocol"


def test_a_closed_channel_ends_the_session(sandbox: Sandbox) -> None:
    with sandbox.session(HASTY) as session:
        how = ended(session, "import os, socket, time\ns = socket.socket(fileno=3)\ns.shutdown(2)\ntime.sleep(3)")
        assert how.kind == "protocol"
    assert works(sandbox)


def test_a_fork_of_a_learner_does_not_answer(session: Session) -> None:
    session.run_cell("import os, time\nchild = os.fork()\nif child:\n    os.waitpid(child, 0)")
    assert run(session, "print(child > 0)") == "True"


@pytest.mark.parametrize(
    "reply",
    [
        {"outputs": 1},
        {"outputs": [1]},
        {"outputs": [{"output_type": "stream", "name": "stdin", "text": ""}]},
        {"outputs": [{"output_type": "stream", "name": "stdout", "text": 1}]},
        {"outputs": [{"output_type": "error", "ename": "", "evalue": "", "traceback": "x"}]},
        {"outputs": [{"output_type": "update_display_data", "data": {}}]},
        {"outputs": [{"output_type": "display_data", "data": {"image/png": "PHN2Zz4="}}]},
        {"outputs": [{"output_type": "display_data", "data": {"text/plain": ["x"]}}]},
    ],
)
def test_what_is_no_output_is_refused(sandbox: Sandbox, reply: dict[str, Any]) -> None:
    with pytest.raises(frames.Malformed):
        answers.cell_outputs(reply)
    source = f"import inside.shell\ninside.shell.run = lambda *_: {reply['outputs']!r}"
    with sandbox.session() as session:
        session.run_cell(source)
        assert ended(session, "1").kind == "protocol"


@pytest.mark.parametrize(
    ("outputs", "failure", "modified"),
    [
        (["a", "a"], None, []),
        (["../a"], None, []),
        ([1], None, []),
        ({"a": 1}, None, []),
        ([f"a{n}" for n in range(65)], None, []),
        ([], {"kind": "right"}, []),
        ([], {"kind": ["raised"]}, []),
        ([], {"kind": "raised", "message": 1}, []),
        ([], "raised", []),
        ([], None, ["other"]),
        ([], None, None),
    ],
)
def test_what_is_no_outcome_is_refused(outputs: object, failure: object, modified: object) -> None:
    with pytest.raises(frames.Malformed):
        answers.names(outputs)
        answers.failure(failure)
        answers.modified(modified, {"x"})


def test_the_texts_of_a_failure_are_cut_and_cleaned() -> None:
    given = {"kind": "raised", "message": "\x1b[1mm\x1b[0m" * 1000, "type": "t" * 999, "line": "\ud800\u202e"}
    found = answers.failure(given)
    assert found is not None
    assert (found.message, found.type, found.line) == ("m" * 400, "t" * 100, "\ufffd")


def header(text: str, payload: bytes = b"") -> bytes:
    data = text.encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(data)) + data + payload


def described(descr: object, shape: object, payload: bytes = b"", order: object = False) -> bytes:
    return header(repr({"descr": descr, "fortran_order": order, "shape": shape}), payload)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"\x80\x04]\x94.",
        header("not a dictionary"),
        header("__import__('os').getcwd()"),
        header("(" * 400),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': ()}" + " " * 2000, bytes(8)),
        described("|O", (1,), bytes(8)),
        described([("a", "<f8")], (1,), bytes(8)),
        described(("<f8", (2,)), (1,), bytes(16)),
        described("|V8", (1,), bytes(8)),
        described("<M8[s]", (1,), bytes(8)),
        described("|S8", (1,), bytes(8)),
        described("<U0", (2**30, 2**30)),
        described("<f8", (2**31,)),
        described("<f8", (2**62, 4), bytes(0)),
        described("<f8", (10**9,), bytes(8)),
        described("<f8", (-1,), bytes(8)),
        described("<f8", (0, 2**30, 2**30, 2**30)),
        described("<f8", (True,), bytes(8)),
        described("<f8", (1,) * 40, bytes(8)),
        described("<f8", [1], bytes(8)),
        described("<f8", (1,), bytes(7)),
        described("<f8", (1,), bytes(9)),
        described("<f8", (1,), bytes(8), order="no"),
        described("|b1", (1,), b"\x02"),
        described("<U1", (1,), b"\xff\xff\xff\xff"),
        described("<U1", (1,), b"\x00\xd8\x00\x00"),
        b"\x93NUMPY\x02\x00" + described("<f8", (1,), bytes(8))[8:],
    ],
)
def test_what_is_no_plain_array_is_refused(data: bytes) -> None:
    with pytest.raises(frames.Malformed):
        frames.unpack_array(data)


@pytest.mark.parametrize(
    "array",
    [
        np.float64(1.5),
        np.arange(6).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 3)),
        np.array([True, False]),
        np.array(["a", "\u00e9\U0001f600"]),
        np.array([1 + 2j], dtype=">c16"),
        np.array([np.nan, np.inf], dtype=np.float16),
    ],
)
def test_plain_arrays_arrive_as_they_were(array: np.ndarray[Any, Any]) -> None:
    found = frames.unpack_array(frames.pack_array(np.asarray(array)))
    assert found.shape == array.shape and found.dtype == array.dtype.newbyteorder("=")
    assert found.tobytes() == np.ascontiguousarray(array).astype(found.dtype).tobytes()
    assert found.flags.writeable


@pytest.mark.parametrize(
    "forged", [described("|O", (1,), bytes(8)), described("<f8", (2**30,), bytes(8)), b"nothing at all"]
)
def test_a_forged_array_ends_the_session(sandbox: Sandbox, forged: bytes) -> None:
    with sandbox.session() as session:
        session.run_cell(
            f"def Double(x):\n    return x\nimport inside.frames as f\nf.pack_array = lambda a: {forged!r}"
        )
        with pytest.raises(SessionEnded) as caught:
            session.probe(PROBE, INPUTS)
        assert caught.value.kind == "protocol"
    assert works(sandbox)


def test_objects_are_no_outputs(session: Session) -> None:
    session.run_cell("import numpy as np\ndef Double(x):\n    return np.array([object()] * 3)")
    session.run_cell("class A(np.ndarray):\n    __mul__ = lambda s, o: s")
    outcome = session.probe(PROBE, INPUTS)
    assert outcome.outputs == {} and outcome.failure is not None


def png(*chunks: tuple[bytes, bytes]) -> str:
    parts = [answers.PNG]
    for name, data in chunks:
        parts.append(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
    return base64.b64encode(b"".join(parts)).decode()


SIZE = (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXELS = (b"IDAT", zlib.compress(b"\0\0"))
LAST = (b"IEND", b"")


def test_a_picture_keeps_nothing_but_its_pixels() -> None:
    given = png(SIZE, (b"tEXt", b"Comment\0<script>"), PIXELS, LAST)
    trailing = base64.b64encode(base64.b64decode(given) + b"<script>").decode()
    assert answers.picture(given) == answers.picture(trailing) == png(SIZE, PIXELS, LAST)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "%%%",
        base64.b64encode(answers.PNG).decode(),
        base64.b64encode(answers.PNG + b"<svg onload='1'>").decode(),
        png(SIZE, LAST),
        png(PIXELS, LAST),
        png(SIZE, PIXELS),
        png((b"IHDR", struct.pack(">IIBBBBB", 2**31, 2**31, 8, 0, 0, 0, 0)), PIXELS, LAST),
        png((b"IHDR", struct.pack(">II", 0, 1) + bytes(5)), PIXELS, LAST),
        png(SIZE, SIZE, PIXELS, LAST),
        png((b"IHDR", b"\0"), PIXELS, LAST),
        png(SIZE, PIXELS, LAST)[:-16] + "AAAAAAAAAAAAAAA=",
        None,
    ],
)
def test_what_is_no_picture_is_refused(given: object) -> None:
    with pytest.raises(frames.Malformed):
        answers.picture(given)


def test_inputs_are_arrays_and_plain_values_only(session: Session) -> None:
    with pytest.raises(TypeError, match="factor"):
        session.probe(PROBE, {**INPUTS, "factor": [1]})


# where there is no isolation


def test_without_bubblewrap_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, release: Path) -> None:
    monkeypatch.setenv("PATH", "")
    problem = available()
    assert problem is not None and "bubblewrap" in problem and problem.endswith(".")
    with pytest.raises(SandboxUnavailable, match="install"):
        Sandbox(release)


def test_a_bubblewrap_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho no permission >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = available()
    assert problem is not None and ("no permission" in problem or "sysctl" in problem)


def test_plain_sessions_have_the_same_interface(release: Path, packages: Path) -> None:
    with Plain(release, limits=replace(LIMITS, seconds=10), packages=packages) as plain:
        assert works(plain)
        with plain.session() as session:
            assert run(session, "print(open('checks.json').read())") == '{"public": true}'
            session.run_cell("kept = 1")
            folder = run(session, "import os\nprint(os.getcwd())")
            assert ended(session, "os._exit(3)").kind == "exit"
        assert not os.path.exists(folder)
        with plain.session(HASTY) as session:
            assert error(session.run_cell("kept")) == "NameError"
            assert ended(session, "import time\ntime.sleep(60)").kind == "time"
        assert works(plain)


AS_NOBODY = """
import sys
from pathlib import Path
import numpy as np
from grader.sandbox import Limits, Sandbox
with Sandbox(Path(sys.argv[1]), packages=Path(sys.argv[2]), limits=Limits(seconds=30)) as sandbox:
    with sandbox.session() as session:
        session.run_cell("def Double(x):\\n    return 2 * x")
        outcome = session.probe("sandboxed:double", {"x": np.ones(3), "factor": 2})
        print(outcome.outputs["y"].tolist(), session.run_cell("import os\\nprint(os.getpid())")[0]["text"])
"""


@usable
def test_it_works_for_an_ordinary_user(release: Path, packages: Path, tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("the other tests already run as an ordinary user")

    def as_nobody(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=65534,
            group=65534,
            extra_groups=[],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
        )

    try:
        readable = as_nobody("-c", "import numpy, IPython, grader.sandbox").returncode == 0
    except PermissionError:
        readable = False
    if not readable:
        pytest.skip("an ordinary user cannot read this Python or this repository")
    shared = Path("/tmp") / f"sandbox-test-{os.getpid()}"
    try:
        course = shared / "course" / "notebooks" / release.name
        shutil.copytree(release, course)
        shutil.copytree(packages, shared / "packages")
        done = as_nobody("-c", AS_NOBODY, str(course), str(shared / "packages"))
    finally:
        shutil.rmtree(shared, ignore_errors=True)
    assert done.stdout.strip() == "[4.0, 4.0, 4.0] 1", done.stderr


def test_the_contract_module_of_these_tests_is_not_part_of_the_course() -> None:
    assert not (Path(byhand.contracts.__file__).parent / "sandboxed.py").exists()


# what the hostile submissions say that they achieved

HOSTILE = [
    path for family in ("writing", "escaping") for path in sorted((ROOT / "tests/attacks" / family).glob("*.py"))
]


@pytest.mark.parametrize("path", HOSTILE, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_hostile_cell_achieves_nothing(sandbox: Sandbox, release: Path, path: Path) -> None:
    course = release.parents[1]
    before = {p: p.read_bytes() for p in course.rglob("*") if p.is_file()}
    name = f"hostile-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{name}")
        abstract.listen()
        known = {"COURSE": course, "HOME": Path.home(), "PORT": tcp.getsockname()[1], "ABSTRACT": name}
        source = path.read_text(encoding="utf-8")
        for word, value in (known | {"PID": os.getpid()}).items():
            source = source.replace(f"@{word}@", str(value))
        with sandbox.session(replace(LIMITS, seconds=10)) as session, contextlib.suppress(SessionEnded):
            said = str(session.run_cell(source))
            assert "achieved" not in said and "SyntaxError" not in said
        for listener in (tcp, abstract):
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()
    assert {p: p.read_bytes() for p in course.rglob("*") if p.is_file()} == before
    assert works(sandbox)


def test_an_answer_that_arrived_in_time_counts_when_it_is_read_late() -> None:
    """Whoever marks was stopped (Ctrl-Z) or had no processor meanwhile."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        frames.send(theirs, b"an answer")
        assert frames.receive(ours, 100, time.monotonic() - 60) == b"an answer"
        theirs.sendall(frames.framed(b"half of one")[:-3])
        with pytest.raises(TimeoutError):
            frames.receive(ours, 100, time.monotonic() - 60)
