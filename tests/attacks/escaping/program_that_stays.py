"""A program is started that goes on after the submission, and calls and writes then.

stock: no
"""

import subprocess

SCRIPT = """
trap '' HUP TERM INT QUIT
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
    sleep 1
    for place in '@COURSE@' '@HOME@'; do
        test -d "$place" && echo left behind > "$place/left" && echo achieved
    done
    (exec 9<>/dev/tcp/127.0.0.1/@PORT@) 2>/dev/null
done
"""
for more in ({"start_new_session": True}, {"process_group": 0}, {}):
    for program in (["bash", "-c", SCRIPT], ["nohup", "bash", "-c", SCRIPT], ["setsid", "-f", "bash", "-c", SCRIPT]):
        try:
            subprocess.Popen(program, stdin=-3, stdout=-3, stderr=-3, **more)
        except (OSError, TypeError):
            pass


def answer(*given):
    return 0.0
