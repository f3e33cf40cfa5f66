"""A cell shows HTML, JavaScript, SVG, LaTeX and Markdown while the submission is marked."""

from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

PAGE = "<script>window.pwned = 1; fetch(`http://127.0.0.1:@PORT@/pwned`); alert(1)</script><img src='http://127.0.0.1:@PORT@/x.png' onerror='window.pwned = 1'>"
display(HTML(PAGE), Javascript("window.pwned = 1"), Latex("$" + PAGE + "$"), Markdown(PAGE))
display({"text/html": PAGE, "text/plain": PAGE, "application/javascript": "window.pwned = 1"}, raw=True)
display(SVG(f"<svg xmlns='http://www.w3.org/2000/svg' onload='window.pwned=1'><script>window.pwned=1</script></svg>"))
print(PAGE)


class Page:
    def _repr_html_(self):
        return PAGE

    def __repr__(self):
        return PAGE

    def _repr_mimebundle_(self, **given):
        return {"text/html": PAGE, "image/svg+xml": PAGE, "text/plain": PAGE}, {"text/html": {"isolated": True}}


def answer(*given):
    return Page()


Page()
