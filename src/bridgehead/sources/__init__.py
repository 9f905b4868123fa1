"""The sources: planning files, read as they are and renamed into our words.

For: reading rows and saying where each one stands.
May touch: the one file it was given, a temporary copy of it, the session it is handed.
May not: judge a row, know UKG.
"""
