"""Exceptions whose types, words and lines are markup, in cells and in the functions that are marked."""

PAGE = "<script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script><img src=x onerror='window.pwned = 1'>"


def answer(*given):
    raise type(PAGE, (Exception,), {})(PAGE)  # <script>window.pwned = 1</script>


answer()
