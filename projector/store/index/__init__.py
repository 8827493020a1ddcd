"""What is derived from the log: taken in batch by batch, moved, read in a few seeks, and made anew."""
