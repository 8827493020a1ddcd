"""The pure core: events of an aggregate in, what stood and what changed out. No clock, no file, no database."""
