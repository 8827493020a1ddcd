"""Splits a stream of bytes into inputs: one pass, in bounded memory, wherever lines end.

An input is one JSON text: an object, an element of an array, or a line that begins otherwise (a signed delivery, a
word). Between texts lie separators: spaces, line ends, commas, record separators and UTF-8 marks.

    ┌──────────────────────────── between texts ◄────────────────────────────────────────────────┐
    │                                  │                                                         │
    │ a line that is one object        │ {   (in an array also [ )       in an array: "…", word  │
    ├──► whole line ───────────────────┼──► bracketed ──► closes, and is JSON ──────────────────►┤ the text
    │                                  │        │                                                │
    │ [  outside arrays                │        ├──► closes, is not JSON, but its array goes on ─►┤ broken up to there
    ├──► array ──► its elements        │        │                                                │
    │                                  │        └──► never closes, or is not JSON ───────────────►┤ broken up to a line
    │ anything else                    │                 │                                       │ that may begin a text
    └──► rest of line                  │                 └──► no such line within 16 MiB ───────►┘ broken, streamed
         the text

*Whole line* (`lines`). Nearly all texts are lines of their own. A block of lines that begin and end as objects do is
handed on as it is (`Lines`): the decoder finds out whether each is JSON, and says where one is not. Any other
line is checked by the JSON library. Only where that fails is a text followed bracket by bracket.

*Bracketed* (`texts`). `brackets` finds where a text closes. What a pass that failed found out is kept for the texts
behind it, so that each byte is passed over twice at most.

*Array.* It is not a text: each element is one, and of the array only the indentation of its first element is kept.
It is left at its ``]`` or, where it has no end, at the next ``[`` that no comma leads to.

*Broken* (`broken`). Its end is the next line that begins with a bracket, indented no deeper than its own first line (in
an array: than the first element). `rescue` finds the whole events in it; what lies between them are inputs, too, which
the decoder refuses. Where no such line comes within 16 MiB, the same is done piece by piece, what lies between only
hashed (`oversize`), until such a line or its own closing bracket ends it.

Whatever a stream holds, the work grows with its length, and the memory with its longest text.
"""

from projector.wire.splitting.cursor import Lines, Piece, Steps
from projector.wire.splitting.oversize import LONGEST, SEPARATORS
from projector.wire.splitting.texts import checked, pieces, pieces_and_lines, pieces_of
from projector.wire.splitting.whole import is_balanced_json, is_json

__all__ = [
    "LONGEST",
    "SEPARATORS",
    "Lines",
    "Piece",
    "Steps",
    "checked",
    "is_balanced_json",
    "is_json",
    "pieces",
    "pieces_and_lines",
    "pieces_of",
]
