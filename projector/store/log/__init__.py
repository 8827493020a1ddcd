"""The log: events in their order, batches, quarantine, settings, aliases and people; nothing of it is derived."""
