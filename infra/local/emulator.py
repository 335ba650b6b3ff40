"""Runs the emulator of AWS, and ends it when the process that started it is gone, however that one died."""

import os
import shutil
import signal
import threading
import time

from ministack.app import main

PARENT_CHECK_SECONDS = 1.0
# It saves its state on the way out; a server in the middle of a deployment may ignore the request.
STOP_GRACE_SECONDS = 10.0

orphaned = threading.Event()


def follow_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


threading.Thread(target=follow_parent, args=(int(os.environ.pop("TIEOUT_PARENT")),), daemon=True).start()
try:
    main()
finally:
    if orphaned.is_set():
        # Nobody else is left to remove it.
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
