"""Answering for what was sent: each number's whole life, the file for an auditor, and how long values are kept.

For: saying from the ledger who changed which number, when, from what, and with whose word.
May touch: ledgers, a session, the files that it is told to write.
May not: ask UKG, read a planning file, decide anything.
"""
