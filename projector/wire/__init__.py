"""Bytes to events: the only room that knows how Canvas spells things."""
