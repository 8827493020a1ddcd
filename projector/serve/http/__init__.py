"""The service: answers over HTTP, and a way in for events, which needs the extra ``serve``.

```text
request ─► app ─► access ─► routes ─► lanes ─► answers ─► reply        a question, answered in a thread
request ─► app ─► access ─► posting ─► intake (one writer thread) ─► report, once it is durable
```
"""
