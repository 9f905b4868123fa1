"""The ledgers: what UKG has accepted of each feed, which runs there were, and what is still in doubt.

For: remembering, durably, so that nothing is lost and nothing is sent twice.
May touch: its database and the folder it was given for plans and snapshots.
May not: decide what to send, know who the target is.
"""
