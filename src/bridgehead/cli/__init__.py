"""The command line: one file for each command, which reads options, calls, and shows; no rule lives here.

For: people at a terminal, and programs that read `--json`.
May touch: terminal, clock, threads. The result goes to stdout, talk to stderr.
May not: decide anything about data or permissions.
"""
