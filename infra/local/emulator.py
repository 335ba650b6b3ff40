"""Runs the emulator of AWS, and ends it when the process that started it is gone, however that one died."""

import os
import signal
import threading
import time

from ministack.app import main

PARENT_CHECK_SECONDS = 1.0


def follow_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    # A server in the middle of a deployment may ignore the request.
    time.sleep(5)
    os.kill(os.getpid(), signal.SIGKILL)


threading.Thread(target=follow_parent, args=(int(os.environ.pop("TIEOUT_PARENT")),), daemon=True).start()
main()
