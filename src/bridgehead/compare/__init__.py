"""The fixed questions of the data path: is a row valid, what differs, how do the batches fall, what was accepted.

For: judging tables against rules and against one another.
May touch: the tables of the session it is handed.
May not: read or write files, compose SQL, know where rows come from or where they go.

The questions stand in the `.sql` files here; each begins with a sentence on what it answers.
"""
