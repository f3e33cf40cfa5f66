"""Pictures whose loading tells somebody that, when and by whom the submission is read.

place: file
"""

from nbformat.v4 import new_markdown_cell

TEXT = r"""
![one](http://127.0.0.1:@PORT@/one.png) ![two][there] [![three](http://127.0.0.1:@PORT@/three.png)](https://example.org)
![four](//127.0.0.1:@PORT@/four.png "title") ![fi
ve](http://127.0.0.1:@PORT@/five.png)
<img src="http://127.0.0.1:@PORT@/six.png"> <img srcset="http://127.0.0.1:@PORT@/seven.png 1x">
<b style="background:url(http://127.0.0.1:@PORT@/eight.png)">x</b>
<link rel="stylesheet" href="http://127.0.0.1:@PORT@/nine.css"> <audio src="http://127.0.0.1:@PORT@/ten.mp3" autoplay></audio>

[there]: http://127.0.0.1:@PORT@/two.png
"""


def change(notebook):
    notebook.cells.insert(3, new_markdown_cell(TEXT))
