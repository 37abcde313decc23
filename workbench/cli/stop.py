"""What Ctrl-C says and how the shell hears of it; loads nothing, so it can be said while all else loads."""

INTERRUPTED = 130  # as every shell counts Ctrl-C
STOPPED = "已由 Ctrl-C 停止，没有留下写了一半的成果。Stopped by Ctrl-C; no half-written plan is left."
