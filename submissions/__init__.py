"""The calendar, receiving, checking, loading: the life of a submission."""
