"""Invented words, titles and texts, and opaque identifiers: all from one source of chance."""

from __future__ import annotations

from random import Random
from string import ascii_letters, digits
from typing import Final

Script = tuple[str, str, str]  # beginnings, vowels and ends of syllables; with spaces between

LATIN: Final[Script] = (
    "b c d f g h j k l m n p qu r s t v w z bl br ch cl dr fl gr pr sh st th tr",
    "a e i o u ai ea ie oo ou",
    "n r s t l m d nd st ng ck",
)
ACCENTED: Final[Script] = (
    "b c ç d f g j l m n ñ p r ř s š t v z ž ß",
    "a á ä e é è ê i í o ó ö õ u ü ů y",
    "n r s t l m",
)
CYRILLIC: Final[Script] = ("б в г д ж з к л м н п р с т ф х ц ч ш щ", "а е и о у ы э ю я", "н р с т л м й в")
GREEK: Final[Script] = ("β γ δ ζ θ κ λ μ ν ξ π ρ σ τ φ χ ψ", "α ε η ι ο υ ω ά έ ή ί ό ύ ώ", "ν ς ρ λ")
KANA: Final[Script] = (
    "か き く け こ さ し す せ そ た ち つ て と 学 習 成 果",
    "な に ぬ ね の 評 価 文 章",
    "ん り る 数 理 歴 史",
)
_LETTERS: Final = ascii_letters + digits


def opaque(random: Random, length: int = 40) -> str:
    """Letters and digits without meaning, as the uuids of Canvas are."""
    return "".join(random.choices(_LETTERS, k=length))


def dashed(random: Random) -> str:
    """32 hexadecimal digits with dashes, as the ids of requests are."""
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Wording:
    """The words of one institution."""

    def __init__(self, random: Random, script: Script, *, words: int = 500, sentences: int = 200) -> None:
        self._random = random
        self._syllables = [part.split() for part in script]
        self._words = [self._word() for _ in range(words)]
        self._sentences = [self._sentence() for _ in range(sentences)]

    def _word(self) -> str:
        begin, vowel, end = self._syllables
        choose = self._random.choice
        return "".join(choose(begin) + choose(vowel) for _ in range(self._random.randint(1, 3))) + choose(end)

    def _sentence(self) -> str:
        return " ".join(self._random.choices(self._words, k=self._random.randint(6, 18))).capitalize() + "."

    def title(self) -> str:
        """Some words, the first with a capital."""
        return " ".join(self._random.choices(self._words, k=self._random.randint(2, 7))).capitalize()

    def text(self, least: int, most: int) -> str:
        """Sentences in paragraphs of HTML, of about so many bytes in UTF-8."""
        wanted, parts, size = self._random.randint(least, most), list[str](), 0
        while size < wanted:
            sentence = self._random.choice(self._sentences)
            parts.append(sentence)
            size += len(sentence.encode()) + 1
        lines = (" ".join(parts[at : at + 8]) for at in range(0, len(parts), 8))
        return "".join(f"<p>{line}</p>" for line in lines)
