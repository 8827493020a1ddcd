"""Events to durable streams: the only room that knows the eventsourcing library and SQL."""
