"""`bridgehead demo`: the thread, played for real against the emulator.

For: whoever meets the product for the first time.
May touch: a folder of its own, the emulator, the commands as a user would type them.
May not: do anything that a user could not do.
"""
