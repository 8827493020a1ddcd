"""Files as streams of text: which are read, and how archives, compression and encoding are removed.

    folders ─► opened ─► content ─► archives, tars ─► compressed ─► encodings ─► text
    (survey)   (hashed)  (formats)  (members)         (gzip, …)     (UTF-16)

Each step is a stream (`streams.Bytes`) over the one before it. A stream that has nothing at hand just now raises
`BlockingIOError`, and goes on where it stopped when it is asked again.
"""
