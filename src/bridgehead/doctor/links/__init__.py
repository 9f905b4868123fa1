"""The links of the chain, a file each: what a check looks at, and what it says.

For: judging facts. May touch: the case. May not: make calls of its own; know how findings are shown.
"""
