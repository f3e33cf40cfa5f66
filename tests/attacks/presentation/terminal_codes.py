"""Colours, titles, links and other codes for terminals, in outputs, sources and errors."""

print("\x1b]8;;javascript:window.pwned=1\x07a link\x1b]8;;\x07 \x1b]0;title\x07 \x1b[2J\x1b[1;1H \x1bP+q\x1b\\")
print("\x1b[38;2;255;255;255m<script>window.pwned = 1</script>\x1b[0m \x9b31m \x00\x07\x08\x7f")
print("\x1b[8mhidden\x1b[0m" + "\x1b[31;<img src=x onerror=window.pwned=1>m")


def answer(*given):
    raise ValueError("\x1b[31m\x1b]8;;http://127.0.0.1:@PORT@/\x07link\x1b]8;;\x07")


answer()
