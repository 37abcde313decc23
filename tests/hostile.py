"""Text that is code to somebody: each piece acts in one grammar, and stands in every output as written."""

from __future__ import annotations

# Each would leave a mark if it ran: 49 for arithmetic, `wb_ran` for JavaScript, a process id for Python.
TEMPLATES = (
    "{{7*7}}",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "{% raw %}",
    "{% include '/etc/passwd' %}",
    "{# note",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
)
SCRIPTS = (
    "</script><script>window.wb_ran=1</script>",
    "<img src=x onerror=window.wb_ran=1>",
    "<svg/onload=window.wb_ran=1>",
    "`+(window.wb_ran=1)+`",
    "${window.wb_ran=1}",
    "';window.wb_ran=1;//",
    '";window.wb_ran=1;//',
    "\\u003cimg src=x onerror=window.wb_ran=1>",
    "javascript:window.wb_ran=1",
    "--><script>window.wb_ran=1</script>",
    "</style></title></textarea><script>window.wb_ran=1</script>",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", '=HYPERLINK("http://x.invalid","y")', "http://x.invalid/a?b")
MARKUP = (
    "&amp;",
    "&lt;b&gt;",
    "&#x41;",
    "<b>粗</b>",
    "]]>",
    "<!--",
    '" onclick="x',
    "' or 1=1 --",
    "src='http://x.invalid'",
)
MATHS = ("$x^2$", r"$\frac{1}{0}$", "$", r"\alpha")  # matplotlib reads these as formulas
BIDI = ("abc\u202efdp.exe\u202c", "\u2066左\u2069", "零\u200b宽")

TEXTS = (*TEMPLATES, *SCRIPTS, *FORMULAS, *MARKUP, *MATHS, *BIDI)
# Escape sequences and other control characters: no planner writes them, no file may bring them in.
CONTROLS = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x.invalid\x1b\\link",
    "\x9b2J",
    "a\x00b",
    "bell\x07",
    "a\rb",
    "\ufffe",
    "\ud800",
)
