"""The event store: the only package that uses the eventsourcing library and SQL."""
