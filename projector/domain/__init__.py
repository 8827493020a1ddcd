"""The types that every package shares, and what an event says: no input or output."""
