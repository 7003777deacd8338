"""The memory of an environment: beyond MemorySize its process is killed, as on Lambda.

A cgroup holds it where this machine lets us make one; elsewhere the process is measured.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time

MIB = 1 << 20
SAMPLE_SECONDS = 0.05
ROOTS = {1: "/sys/fs/cgroup/memory", 2: "/sys/fs/cgroup"}
PREFIX = "tenon-functions-"

_parent, _version = None, None


def configure():
    """Finds out what this machine allows; returns "cgroup" or "sampled"."""
    global _parent, _version
    for version, root in ROOTS.items():
        _sweep(root)
        _parent, _version = os.path.join(root, f"{PREFIX}{os.getpid()}"), version
        try:
            os.mkdir(_parent)
            if version == 2:
                _write(_parent, "cgroup.subtree_control", "+memory")
            Cgroup(128).close()
            return "cgroup"
        except OSError:
            with contextlib.suppress(OSError):
                os.rmdir(_parent)
    _parent = None
    return "sampled"


def limit(megabytes):
    return Cgroup(megabytes) if _parent else Sampled(megabytes)


class Cgroup:
    _made = 0

    def __init__(self, megabytes):
        Cgroup._made += 1
        self._folder = os.path.join(_parent, f"{Cgroup._made}-{threading.get_native_id()}")
        os.mkdir(self._folder)
        if _version == 1:
            _write(self._folder, "memory.limit_in_bytes", str(int(megabytes) * MIB))
            self._counts = "memory.oom_control"
        else:
            _write(self._folder, "memory.max", str(int(megabytes) * MIB))
            _write(self._folder, "memory.oom.group", "1")
            self._counts = "memory.events"
        with contextlib.suppress(OSError):  # Lambda has no swap
            _write(self._folder, "memory.swappiness" if _version == 1 else "memory.swap.max", "0")

    def hold(self, process):
        with contextlib.suppress(OSError):  # it has ended
            _write(self._folder, "cgroup.procs", str(process.pid))

    def exceeded(self):
        try:
            with open(os.path.join(self._folder, self._counts)) as file:
                return any(line.startswith("oom_kill ") and int(line.split()[1]) for line in file)
        except OSError:
            return False

    def close(self):
        with contextlib.suppress(OSError):
            os.rmdir(self._folder)


class Sampled:
    """Measures what only this process has: programs and libraries are shared by all environments."""

    def __init__(self, megabytes):
        self._most, self._exceeded = int(megabytes) * MIB, False

    def hold(self, process):
        threading.Thread(target=self._measure, args=(process,), daemon=True).start()

    def exceeded(self):
        return self._exceeded

    def close(self):
        pass

    def _measure(self, process):
        while process.returncode is None:
            if resident(process.pid) > self._most:
                self._exceeded = True
                process.send_signal(signal.SIGKILL)
                return
            time.sleep(SAMPLE_SECONDS if os.path.exists("/proc/self/statm") else 1)


def resident(pid):
    try:
        with open(f"/proc/{pid}/statm") as file:
            _, resident_pages, shared_pages, *_ = map(int, file.read().split())
        return (resident_pages - shared_pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        pass
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return int(said or 0) * 1024


def end_all():
    """Removes what was made, when the processes are gone."""
    if not _parent:
        return
    for _ in range(50):
        _remove(_parent)
        if not os.path.exists(_parent):
            return
        time.sleep(0.02)


def _remove(parent):
    for path, _, _ in os.walk(parent, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(path)


def _sweep(root):
    """Removes what emulators that were killed have left."""
    with contextlib.suppress(OSError):
        for name in os.listdir(root):
            if name.startswith(PREFIX) and not os.path.exists(f"/proc/{name[len(PREFIX) :]}"):
                _remove(os.path.join(root, name))


def _write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)
