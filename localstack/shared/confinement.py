"""A process shaped like Lambda's: its user, its files, its limits; as far as this machine allows it, which is tried once.

- `mounts`: a user of its own and a file system of its own. The code lies read-only in /var/task, layers in /opt, and /tmp
  holds only what the environment has written. It needs root that may mount.
- `user`: a user of its own; the code is root's. It needs root. TMPDIR and HOME name folders of the environment's own.
- `none`: the code is read-only. What only the owner may read is not refused.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading

from unpacked import make_read_only, remove

NAME, USER, GROUP = "sbx_user1051", 993, 990  # whose processes Lambda's are
HOME = f"/home/{NAME}"  # it does not exist there either
PASSWD = f"root:x:0:0:root:/root:/bin/sh\n{NAME}:x:{USER}:{GROUP}::{HOME}:/sbin/nologin\n"
MAX_FILES = 1024  # Lambda's quota of file descriptors. That of processes is not held: Linux counts them by user
MOUNTED_PATH = "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"
SHIM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime-shim.cjs")

CLONE_NEWNS = 0x20000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18

_level, _node, _ric, _var = "none", None, None, None


class ProcessGroup(subprocess.Popen):
    """A process whose signals reach all that it has started, also while it is stopped.

    Its group belongs to this process's session: when this one is killed, the system ends a group that is stopped.
    """

    def __init__(self, args, **options):
        super().__init__(args, process_group=0, **options)

    def send_signal(self, number):
        try:
            os.killpg(self.pid, number)
            if number not in (signal.SIGSTOP, signal.SIGKILL):
                os.killpg(self.pid, signal.SIGCONT)
        except ProcessLookupError:
            pass


class Layout:
    """Where one environment's process finds its things. `folder` is the environment's own, `code` and `layers` lie unpacked."""

    def __init__(self, folder, code, layers=None):
        self.code, self.layers = code, layers
        self.tmp = os.path.join(folder, "tmp")
        os.mkdir(self.tmp, 0o700)
        if _level == "none":
            make_read_only(code)
        else:
            os.chown(self.tmp, USER, GROUP)
        if _level == "user":
            os.chmod(folder, 0o711)
        mounted = _level == "mounts"
        self.task_root = "/var/task" if mounted else code
        self.variables = {"PATH": MOUNTED_PATH} if mounted else {"PATH": os.environ["PATH"], "TMPDIR": self.tmp, "HOME": HOME}

    @staticmethod
    def layers_root(layers):
        """Where the process finds the folder of its layers."""
        return "/opt" if _level == "mounts" else layers


def configure(node, ric, folder):
    """Finds out how far this machine goes, and says what is missing. `folder` is the emulator's own."""
    global _level, _node, _ric, _var
    _node, _ric, _var = node, ric, os.path.join(folder, "var")
    _make_var()
    reasons = []
    for _level in ("mounts", "user"):
        try:
            _try(folder)
            break
        except (OSError, subprocess.SubprocessError, AttributeError) as error:  # the last: not Linux
            reasons.append(f"{_level}: {error}")
    else:
        _level = "none"
    if _level != "mounts":
        sys.stderr.write(f"Functions run with less of Lambda's shape ({_level}). {'; '.join(reasons)}\n")
    return _level


def runtime_command(memory, handler):
    """What runs a function for Node. The shares of the memory are those of Lambda's own bootstrap."""
    mounted = _level == "mounts"
    node, ric, shim = ("/var/lang/bin/node", "/var/runtime/index.mjs", "/var/lang/shim.cjs") if mounted else (_node, _ric, SHIM)
    heap = [f"--max-semi-space-size={int(memory) * 5 // 100}", f"--max-old-space-size={int(memory) * 90 // 100}"]
    return [node, "--max-http-header-size=81920", *heap, "--require", shim, ric, handler]


def start(args, layout, env):
    """Starts a process of an environment."""
    limited = ["/bin/sh", "-c", f'ulimit -n {MAX_FILES} 2>/dev/null; exec "$@"', "sh", *args]
    options = {
        "cwd": layout.task_root,
        "env": {**layout.variables, **env},
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
    }
    if _level != "none":
        options.update(user=USER, group=GROUP, extra_groups=[])
    return _in_mounts(layout, limited, options) if _level == "mounts" else ProcessGroup(limited, **options)


def _try(folder):
    if os.geteuid() != 0:
        raise PermissionError("it is not root")
    own = tempfile.mkdtemp(dir=folder)
    if _level == "user":
        os.chmod(folder, 0o711)
    try:
        code = os.path.join(own, "code")
        os.mkdir(code)
        os.chmod(code, 0o755)
        node, *_, ric, _ = runtime_command(128, "")
        readable = ["/bin/sh", "-c", 'test -r "$1" && exec "$0" --version', node, ric]
        process = start(readable, Layout(own, code), {})
        said, _ = process.communicate(timeout=10)
        if process.returncode:
            raise OSError(f"the user {USER} can't run {node} with {ric}: {said.decode().strip()}")
    finally:
        remove(own)


def _make_var():
    """What /var of a process is: places for what is mounted there."""
    for name in ("task", "runtime", "lang/bin"):
        os.makedirs(os.path.join(_var, name))
    for name in ("lang/bin/node", "lang/shim.cjs"):
        open(os.path.join(_var, name), "w").close()
    with open(os.path.join(_var, "passwd"), "w") as file:
        file.write(PASSWD)
    for path, _, files in os.walk(_var):
        os.chmod(path, 0o755)
        for name in files:
            os.chmod(os.path.join(path, name), 0o644)


def _in_mounts(layout, args, options):
    """Mounts belong to a thread and what it starts: this process's own stay as they are, and it is not copied for it."""
    result = []

    def run():
        try:
            _mount(layout)
            result.append(ProcessGroup(args, **options))
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def _mount(layout):
    places = {
        "/var": _var,
        "/var/task": layout.code,
        "/var/runtime": os.path.dirname(_ric),
        "/var/lang/bin/node": os.path.realpath(_node),
        "/var/lang/shim.cjs": SHIM,
        "/etc/passwd": os.path.join(_var, "passwd"),
        **({"/opt": layout.layers} if layout.layers else {}),
        "/tmp": layout.tmp,
    }
    _call("unshare", CLONE_NEWNS)
    _call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    # All are opened before the first is mounted: one may hide where another lies.
    opened = {place: os.open(source, os.O_PATH | os.O_CLOEXEC) for place, source in places.items()}
    try:
        for place, descriptor in opened.items():
            target, flags = place.encode(), MS_BIND | MS_NOSUID | MS_NODEV
            _call("mount", f"/proc/thread-self/fd/{descriptor}".encode(), target, None, flags, None)
            _call("mount", None, target, None, flags | MS_REMOUNT | (0 if place == "/tmp" else MS_RDONLY), None)
    finally:
        for descriptor in opened.values():
            os.close(descriptor)


def _call(name, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*(ctypes.c_ulong(arg) if isinstance(arg, int) else arg for arg in args)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
