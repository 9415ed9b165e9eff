"""Completion in bash, which takes ``pitch=cpu/nccf`` for three words."""

from __future__ import annotations

from collections.abc import Iterable

from click.shell_completion import BashComplete, CompletionItem


class BashCompletion(BashComplete):
    """Click's completion in bash, for words with an ``=`` too."""

    _before = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, last = super().get_completion_args()
        *words, word = _joined([*args, last])
        # Bash puts what is answered behind the last `=`.
        self._before = word if last == "=" else word.removesuffix(last)
        if self._before.startswith("-"):  # click answers with the value alone
            self._before = self._before.partition("=")[2]
        return words, word

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.type},{item.value.removeprefix(self._before)}"


def _joined(words: Iterable[str]) -> list[str]:
    whole: list[str] = []
    for word in words:
        if whole and word and (word == "=" or whole[-1].endswith("=")):
            whole[-1] += word
        else:
            whole.append(word)
    return whole
