"""One printable page with an answer, what it rests on, and every event behind it."""
