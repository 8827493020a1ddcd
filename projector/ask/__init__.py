"""Questions about a store as of an instant, by what was recorded up to another."""
