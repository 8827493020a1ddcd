"""Inputs in every form: compressed, in archives, in streams that wait; and what is read of them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

from zstandard import ZstdCompressor

from projector.domain.events import Refusal
from projector.domain.packing import unpack
from projector.wire.chunks import Chunk
from projector.wire.sources import Damage, read_stream
from tests.builders import outcome

PNG = b"\x89PNG\r\n\x1a\n"
A, B, C = (json.dumps(outcome(title)).encode() for title in ("A", "B", "C"))
PEAK = "next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'))"
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": ZstdCompressor(write_checksum=True).compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
Pack = Callable[[dict[str, bytes]], bytes]


def zip_of(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tar_of(members: dict[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return file.getvalue()


def written(path: Path, data: bytes) -> Path:
    """A file of these bytes."""
    path.write_bytes(data)
    return path


class Halting:
    """A stream that gives a few bytes at a time, and often has none at hand."""

    def __init__(self, data: bytes, seed: int, most: int = 4000) -> None:
        self._data = io.BytesIO(data)
        self._random = Random(seed)
        self._most = most

    def read(self, size: int) -> bytes:
        return self.read1(size) if size else b""

    def read1(self, size: int) -> bytes:
        if self._random.random() < 0.4:
            raise BlockingIOError
        return self._data.read(min(size, self._random.randint(1, self._most)))


def read(stream: Any, source: str = "log") -> list[tuple[str, bytes]]:
    """Source and bytes of each input; a refusal or damage as its reason."""
    found = (item for item in read_stream(stream, source) if item is not None)
    return [
        (item.source, item.reason.encode())
        if isinstance(item, Damage)
        else (item.source, item.content.reason.encode() if isinstance(item.content, Refusal) else item.content)
        for item in found
    ]


def base64url(text: str) -> str:
    """Without padding, as JWTs have it."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def jwt(claims: str, header: str = '{"alg":"RS256","kid":"2024-09"}', signature: str = "c2lnbmVk") -> str:
    """A compact JWT that nobody checks."""
    return f"{base64url(header)}.{base64url(claims)}.{signature}"


def sqs(body: str) -> str:
    """A message as SQS has it."""
    return json.dumps({"MessageId": "1", "Body": body, "Attributes": {"SentTimestamp": "1725366601000"}})


def record(body: str) -> str:
    """A message as Lambda spells it."""
    return json.dumps({"messageId": "1", "body": body, "attributes": {"SentTimestamp": "1725366601000"}})


def sns(message: str) -> str:
    """A notification of SNS."""
    return json.dumps({"Type": "Notification", "MessageId": "2", "Message": message})


def batch(body: str) -> str:
    """A Lambda batch of one."""
    return f'{{"Records": [{record(body)}]}}'


def contents(chunks: Iterable[Chunk]) -> tuple[object, ...]:
    """What chunks hold, wherever they end, events as they came: each process chooses a dictionary of its own."""
    events, others, count = list[tuple[str, bytes]](), defaultdict[str, list[object]](list), 0
    firsts, warned = dict[str, tuple[str, int]](), Counter[str]()
    for chunk in chunks:
        begins, source = dict(chunk.sources), ""
        for index, packed in enumerate(chunk.events.packed):
            source = begins.get(index, source)
            events.append((source, unpack(packed)[1]))
        for source, position, text, times in chunk.warnings:
            firsts.setdefault(text, (source, position))
            warned[text] += times
        for name in ("refused", "ignored", "damage", "files"):
            others[name] += getattr(chunk, name)
        count += chunk.count
    return events, others, firsts, warned, count
