"""With this folder on ``PYTHONPATH`` a Python begins without what only POSIX has, and so do all that it starts.

This is as near to Windows as Linux comes: workers begin by ``spawn``, and the modules and names below are missing.
"""

import asyncio  # noqa: F401  what the standard library itself needs of POSIX is taken before it is hidden
import multiprocessing
import multiprocessing.popen_spawn_posix
import os
import signal
import subprocess  # noqa: F401
import sys
import tempfile  # noqa: F401
from multiprocessing import resource_tracker

MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty", "posix")
OF_OS = (
    "fork", "forkpty", "fchmod", "fchown", "pread", "pwrite", "waitid", "killpg", "setsid", "getpgid", "getuid", "nice",
    "sched_getaffinity",
)  # fmt: skip
OF_SIGNAL = ("SIGHUP", "pthread_kill", "pthread_sigmask", "SIGALRM", "setitimer", "alarm", "sigwait")

for name in MODULES:
    sys.modules[name] = None
for module, names in ((os, OF_OS), (signal, OF_SIGNAL)):
    for name in names:
        delattr(module, name)
vars(resource_tracker)["_HAVE_SIGMASK"] = False  # it has looked already
multiprocessing.get_all_start_methods = lambda: ["spawn"]
