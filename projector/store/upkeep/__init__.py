"""Upkeep of a whole store: migrating, verifying, backing up."""
