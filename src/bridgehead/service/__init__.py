"""What runs with nobody watching: schedules kept, people told, pages and figures to look at.

For: a process that lives for months, and the people who look after it.
May touch: the ledger, clocks and threads, the network towards those who are told, and the sockets that it listens on.
May not: decide for a person, or know more of a sync than how it is placed and how it ended.
"""
