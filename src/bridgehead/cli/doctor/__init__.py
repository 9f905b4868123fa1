"""`bridgehead doctor`: the command, its screen, and the case file for the vendor's support.

For: showing what the doctor finds. May touch: terminal, ledger, the file that was named. May not: judge.
"""
