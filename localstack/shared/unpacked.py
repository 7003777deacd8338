"""A function's zip on disk as Lambda has it: root's, with the zip's own modes, so what only the owner may read is EACCES.

`zipfile.extractall` drops the modes.
"""

import io
import os
import shutil
import stat
import zipfile

UNSAID = 0o644  # of a file whose zip says no mode, as one made on Windows


def unpack(data, folder):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            path = archive.extract(entry, folder)
            if stat.S_ISLNK(mode):
                os.remove(path)
                os.symlink(archive.read(entry).decode(), path)
            elif not entry.is_dir():
                os.chmod(path, stat.S_IMODE(mode) or UNSAID)
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o755)  # whatever this process's umask is
    return folder


def make_read_only(folder):
    """For a process of the same user."""
    for path, _, files in os.walk(folder):
        for name in files:
            file = os.path.join(path, name)
            if not os.path.islink(file):
                os.chmod(file, os.stat(file).st_mode & ~0o222)
        os.chmod(path, 0o555)


def remove(folder):
    """Also where its folders are read-only."""
    for path, _, _ in os.walk(folder):
        try:
            os.chmod(path, 0o700)
        except OSError:
            continue
    shutil.rmtree(folder, ignore_errors=True)
