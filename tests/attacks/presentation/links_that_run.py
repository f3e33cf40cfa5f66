"""Links that run something instead of leading somewhere, in every spelling of Markdown and HTML.

place: file
"""

from nbformat.v4 import new_markdown_cell

TEXT = r"""
[one](javascript:window.pwned=1) [two](JaVaScRiPt:window.pwned=1) [three](<javascript:window.pwned=1>)
[four](java	script:window.pwned=1) [five](&#106;avascript:window.pwned=1) [six]( javascript&colon;window.pwned=1)
[seven][ref] <javascript:window.pwned=1> [eight](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[nine](vbscript:msgbox(1)) [ten](evil.html) [eleven](//127.0.0.1:@PORT@/x)

[ref]: javascript:window.pwned=1
[also]:
  javascript:window.pwned=1

<a href="javascript:window.pwned=1">html</a> <form action="javascript:window.pwned=1"><button>send</button></form>
"""


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(TEXT))
