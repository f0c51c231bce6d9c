"""The rulebook and the data set, pure: no Django, no database, no web."""
