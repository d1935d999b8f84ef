"""Many files in the blob folder: the daemon's start does not look at them."""
import hashlib
import os

import pytest


def blob_folders(daemon, files):
    """Fills the folder as years of mails do; its subfolders, last read at the beginning of time."""
    folders = set()
    for number in range(files):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        folder = daemon.state / "blobs" / digest[:2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / digest).write_bytes(b"x")
        folders.add(folder)
    for folder in folders:
        os.utime(folder, (0, folder.stat().st_mtime))
    return folders


def read(folders):
    return [folder for folder in folders if folder.stat().st_atime != 0]


def test_the_start_reads_none_of_the_folders(make_daemon):
    daemon = make_daemon()
    folders = blob_folders(daemon, 2000)
    daemon.start()
    daemon.form("It drips.").expect(202)
    assert not read(folders)
    for folder in folders:
        os.listdir(folder)
    if not read(folders):
        pytest.skip("this file system does not keep when a folder was read")
