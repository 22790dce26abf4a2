"""What differs between operating systems: locks, renames, syncing, process groups, sockets. Floor 4.

Everything that POSIX and Windows do differently stands here, with its fallback; the rest of `run` asks by
meaning.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

IS_WINDOWS = sys.platform == "win32"

FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})

LITTER = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory", ".localized"})

SOCKET_ROOM = 90  # a Unix socket path may hold 104 bytes on macOS and 108 on Linux; the manager adds a few


def is_litter(name: str) -> bool:
    """Whether operating systems leave files of that name behind by themselves (.DS_Store, Thumbs.db)."""
    return name.lower() in LITTER or name.startswith(("._", ".nfs", "~$"))


def try_lock(descriptor: int) -> bool:
    """Take an exclusive lock on an open file without waiting; False when another process holds it.

    The lock ends with the process, however that dies.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, LOCK_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        if fault.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


LOCK_BYTE = 1 << 20  # beyond the text that names the holder, which Windows would otherwise lock too


def unlock(descriptor: int) -> None:
    """Give the lock back; closing the file would do so as well."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, LOCK_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut; nothing to do where folders cannot be opened."""
    if IS_WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new and nothing between."""
    spare = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with spare.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)
    except OSError:
        spare.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def append_line(path: Path, line: str) -> None:
    """Add one line to a log and see it on the disk."""
    with path.open("ab") as file:
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def sync_tree(folder: Path) -> None:
    """Make every file and name below a folder survive a power cut."""
    for here, _folders, files in os.walk(folder):
        for name in files:
            descriptor = os.open(os.path.join(here, name), os.O_RDWR if IS_WINDOWS else os.O_RDONLY)  # noqa: PTH118
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(here))


def rename_whole(source: Path, target: Path) -> None:
    """Move a folder into place in one step, on the same disk; the target must not be there."""
    if target.exists():
        raise FileExistsError(errno.EEXIST, "a folder of that name is there already", target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def make_read_only(folder: Path) -> None:
    """Take the write permission from every file below a folder.

    Folders stay, so that it can be moved or deleted.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH)


def make_tree_writable(folder: Path) -> None:
    """Undo `make_read_only`, for a run that was killed before it moved into place."""
    for path in folder.rglob("*"):
        if path.is_file():
            make_writable(path)


def make_writable(path: Path) -> None:
    """Give the owner the right to write a file."""
    path.chmod(path.stat().st_mode | stat.S_IWRITE | stat.S_IREAD)


def remove_tree(folder: Path) -> None:
    """Delete a folder, read-only files and all; a folder that is not there is fine."""
    if not folder.exists():
        return
    if IS_WINDOWS:
        for path in folder.rglob("*"):
            if path.is_file():
                make_writable(path)
    shutil.rmtree(folder)


def group_of(pid: int) -> int:
    """The process group of a process, or 0 where there are none or the process has gone."""
    if sys.platform == "win32":
        return 0
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def kill_group(group: int) -> None:
    """End every process of a group at once; one that has gone is fine. Never our own group."""
    if sys.platform == "win32":
        return
    if group > 1 and group != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process of that number is there (it may be another one that got the number later)."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def private_folder() -> Iterator[tuple[Path, bool]]:
    """A new folder for this user only, removed afterwards, and whether its path is short enough for sockets.

    Folders that killed processes left behind are removed too: the name carries the process number.
    """
    candidates = [Path(tempfile.gettempdir())]
    if not IS_WINDOWS:
        candidates.append(Path("/tmp"))  # noqa: S108  only used when the usual one is too long for a socket
    best = next(
        (c for c in candidates if len(os.fsencode(c)) < SOCKET_ROOM - 30 and os.access(c, os.W_OK)),
        candidates[0],
    )
    for stale in best.glob("arlib-*-*"):
        owner = stale.name.split("-")[1]
        if owner.isdigit() and not is_alive(int(owner)):
            shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"arlib-{os.getpid()}-", dir=best))
    try:
        yield folder, not IS_WINDOWS and len(os.fsencode(folder)) < SOCKET_ROOM
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def holder() -> dict[str, object]:
    """Who this process is, for a lock: number, machine and user, no path."""
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""
    return {"pid": os.getpid(), "host": socket.gethostname(), "user": user}
