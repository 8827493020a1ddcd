"""Bytes to events: reading, splitting, unwrapping and decoding."""
