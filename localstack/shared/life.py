"""The life of an emulator: a folder of its own, for exactly as long as the process that has started it lives.

That process holds standard input open: when it closes, everything that was started ends.
"""

import atexit
import fcntl
import inspect
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from importlib.metadata import version

from unpacked import remove

LOCK = "owner.lock"
REMOVALS = 50


class Life:
    """`end_workers` ends what the emulator has started; it is called once, before the folder goes."""

    def __init__(self, prefix, end_workers):
        _sweep(prefix)
        self.folder, self._lock = _own_folder(prefix)
        self._end_workers = end_workers
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)  # when the start fails
        threading.Thread(target=self._end_with_parent, daemon=True).start()
        self.take_signals()

    def take_signals(self):
        """Ends in order on a signal; again, after an emulator that has taken them for itself."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # In a thread: the interrupted one may hold the lock that ending needs.
            signal.signal(number, lambda *_: threading.Thread(target=self.end).start())

    def end(self):
        """Ends the workers, removes the folder and leaves, without waiting for requests that are under way."""
        try:
            self._end_workers()
        finally:
            self._remove_folder()
            os._exit(0)

    def _remove_folder(self):
        for _ in range(REMOVALS):
            remove(self.folder)
            if not os.path.exists(self.folder):
                break
            time.sleep(0.02)  # a request that is under way has written into it meanwhile

    def _end_with_parent(self):
        while os.read(sys.stdin.fileno(), 4096):
            pass
        self.end()


def _own_folder(prefix):
    """Makes the folder of this process. Its lock is held until the process ends, even when it is killed."""
    folder = tempfile.mkdtemp(prefix=prefix)
    unnamed = os.path.join(folder, "lock.new")
    lock = open(unnamed, "w")  # noqa: SIM115 - open until the process ends
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(unnamed, os.path.join(folder, LOCK))  # under its name the lock is never free while its owner lives
    return folder, lock


def _sweep(prefix):
    """Removes the folders of emulators that were killed before they could."""
    parent = tempfile.gettempdir()
    for name in os.listdir(parent):
        if not name.startswith(prefix):
            continue
        folder = os.path.join(parent, name)
        try:
            with open(os.path.join(folder, LOCK)) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # not locked yet, its owner lives, or another user's


def check_version(package, expected):
    """Ends the process, saying so, when this is not the release that the hooks were written for."""
    if version(package) != expected:
        sys.exit(f"{package} {version(package)} is installed; the launcher is written for {expected}")


def check_hooks(package, hooks):
    """Ends the process, naming what differs.

    `hooks` says what is called or replaced: module -> name, or Class.name, -> the parameters that it has.
    """
    changed = []
    for module, functions in hooks.items():
        __import__(module)
        for name, parameters in functions.items():
            function = sys.modules[module]
            for part in name.split("."):
                function = getattr(function, part, None)
            if function is None or list(inspect.signature(function).parameters) != parameters:
                changed.append(f"{module}.{name}")
    if changed:
        sys.exit(f"this {package} {version(package)} does not fit the launcher, changed: {', '.join(changed)}")
