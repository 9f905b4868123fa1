"""The page for people: what the ledger says of their tenants, and their word on a plan that waits.

For: an analyst with a browser, with or without scripts, who never sees the command line.
May touch: the ledger, to read it and to write a decision down; the doctor, who writes nothing.
May not: show a tenant to somebody who may not see it, send anything to UKG, or hold a rule of its own.
"""
