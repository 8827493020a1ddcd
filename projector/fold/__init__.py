"""The rules, pure: events of an aggregate in, versions and answers out. No clock, no file, no database."""
