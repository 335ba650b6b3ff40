"""Runs a command and prints its wall time, peak memory and exit code as JSON. Python because wait4 tells the peak
resident set of a child on Linux and macOS alike, without a tool that would have to be installed."""
import json, os, sys, time

out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
started = time.perf_counter()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
_, status, usage = os.wait4(pid, 0)
elapsed = time.perf_counter() - started
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps({"ms": elapsed * 1000, "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000, "peakMb": usage.ru_maxrss * unit / 1e6, "exit": os.waitstatus_to_exitcode(status)}))
