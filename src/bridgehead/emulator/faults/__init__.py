"""Faults: what goes wrong between a client and UKG Pro, one switch each, for a client, a tenant or everybody.

For: developing and testing what has to cope with it, each cause of a 401 and each way in which an answer gets lost.
May touch: the facts of a call before it is judged, answers, and the connection; never what is stored.
May not: be on when nobody has switched it on; a restart forgets all of them.
"""
