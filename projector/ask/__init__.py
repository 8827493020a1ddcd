"""Questions in the reader's words: what stood as of an instant, by what was known at another."""
