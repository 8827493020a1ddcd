"""What is derived from the log: made batch by batch, moved, and made anew."""
