"""The command line: one file for each command, which reads options, calls, and shows; no rule lives here.

For: people at a terminal, and programs that read `--json`.
May touch: terminal, clock, threads. The result goes to stdout, talk to stderr.
May not: decide anything about data or permissions.
"""

import gc

# A command is short: what the collector looks through while the modules load takes a fifteenth of a start (measured).
gc.set_threshold(100_000)
