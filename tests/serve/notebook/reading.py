"""Reads HTML back: the texts of tables and of all else, with every tag closed and none but those of the writer."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import get_args

from projector.serve.notebook.html import Tag

_ATTRIBUTES = {"class", "scope", "style"}
_STYLE = re.compile(r"(?:[a-z-]+:[ #.a-zA-Z0-9-]+;?)+")
_BLOCKS = {"caption", "div", "table", "tr"}


class Reader(HTMLParser):
    """The tables of an answer, as lists of rows of texts, and its lines."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.lines: list[str] = [""]
        self.captions: list[str] = []
        self.styles: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []
        self.lines = [line for line in self.lines if line]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in get_args(Tag)
        for name, value in attrs:
            assert name in _ATTRIBUTES
            if name == "style":
                assert _STYLE.fullmatch(value or "")
                self.styles.append(value or "")
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag == "caption":
            self.captions.append("")
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data
        if "caption" in self._open:
            self.captions[-1] += data
        if {"td", "th"} & {*self._open}:
            self.tables[-1][-1][-1] += data

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        raise AssertionError(f"an empty tag {tag}")

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a section: {data}")
