from __future__ import annotations

import pytest

from autovoice_core import InputError
from autovoice_core.speech import xml_tree
from autovoice_core.speech.xml_tree import parse_xml


def declaring(*declarations: str) -> bytes:
    return f"<!DOCTYPE x [{''.join(declarations)}]><x/>".encode()


@pytest.mark.parametrize(
    "data",
    [
        declaring('<!ENTITY a "aaaa">', '<!ENTITY b "&a;&a;">'),
        declaring('<!ENTITY % a "aaaa">'),
        declaring('<!ENTITY a SYSTEM "file:///etc/hosts">'),
        declaring('<!ATTLIST note x CDATA "aaaa">'),
        declaring("<!ELEMENT note ANY>"),
        declaring('<!NOTATION a SYSTEM "b">'),
    ],
)
def test_a_document_that_declares_anything_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_xml([data], "t.xml")
    assert str(caught.value) == (
        "t.xml: its DOCTYPE holds declarations, which no score needs; save it again"
    )


def test_reading_stops_at_the_element_or_attribute_that_is_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xml_tree, "MAX_ITEMS", 4)
    root = parse_xml([b'<a x=""><b/>', b"<b/></a>"], "t.xml")
    assert len(root) == 2
    with pytest.raises(InputError) as caught:  # the damage behind is not come to
        parse_xml([b'<a x=""><b/><b/><b/><'], "t.xml")
    assert str(caught.value) == (
        "t.xml: holds more than 4 elements and attributes; give a melody alone"
    )


@pytest.mark.parametrize("opening", [b"<a ", b"<a><!--", b"<?x ", b"<!DOCTYPE x '"])
def test_a_tag_is_given_up_before_it_is_read_whole(
    monkeypatch: pytest.MonkeyPatch, opening: bytes
) -> None:
    monkeypatch.setattr(xml_tree, "MAX_TAG_BYTES", 100)
    pieces = iter([opening, b" " * 100, b" " * 100])
    with pytest.raises(InputError) as caught:
        parse_xml(pieces, "t.xml")
    assert str(caught.value) == "t.xml: a tag is longer than 100 bytes; save it again"
    assert len(list(pieces)) == 1


def test_a_text_may_be_longer_than_a_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "MAX_TAG_BYTES", 100)
    text = [b"a\n &amp; " * 5] * 10
    root = parse_xml([b"<x>", *text, b"<![CDATA[", *text, b"]]></x>"], "t.xml")
    assert root.text == "a\n & " * 50 + "a\n &amp; " * 50
