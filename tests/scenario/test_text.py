"""The text of a TOML file as people save it: encodings, and what was probably meant where it is no TOML."""

from __future__ import annotations

import pytest

from sim.scenario import ScenarioError, load
from sim.scenario.text import TextError, decoded, parsed

SCENARIO = '[start]\nratio = 0.9\n[sources]\n"start.ratio" = "某院公告"\n'


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SCENARIO.encode().replace(b"\n", b"\r\n"))
    assert load("base", overlays=[path]).scenario.start.ratio == 0.9


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (SCENARIO.encode("gbk"), "it seems to be GBK: save it as UTF-8"),
        (SCENARIO.encode("utf-16"), "it seems to be UTF-16: save it as UTF-8"),
        (b"\xef\xbb\xbf\xff", "; save it as UTF-8"),
        (bytes(range(128, 256)), "; save it as UTF-8"),
    ],
)
def test_another_encoding_is_named(tmp_path, data, named):
    path = tmp_path / "mine.toml"
    path.write_bytes(data)
    with pytest.raises(ScenarioError, match="is not text in UTF-8") as caught:
        load("base", overlays=[path])
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("a = 37.44%", 'did you mean "37.44%", in quotation marks?'),
        ("a = 8.9亿  # yuan", 'did you mean "8.9亿", in quotation marks?'),
        ("a = 8,9亿", "did you mean 8.9亿 or 89亿?"),
        ("a = .5", "did you mean 0.5?"),
        ("a = 1,243", "did you mean 1243?"),
        ("a = 2017年1月5日", "did you mean 2017-01-05?"),
        ("a = 2017-1-5", "did you mean 2017-01-05?"),
        ("a = shanxi", 'a text stands in quotation marks: "shanxi"'),
        ("a = “37%”", 'instead of “ ” write straight quotation marks, "'),
        ("a ＝ 3", "instead of ＝ write plain signs, ="),
        ("［windows.2017］", "instead of ［ ］ write plain signs, [ ]"),
        ("[windows.2017/H1]", 'did you mean [windows."2017/H1"]?'),
        ("[windows.一季度]", 'did you mean [windows."一季度"]?'),
        ("一季度 = 3", 'did you mean "一季度" = ...?'),
    ],
)
def test_what_was_probably_meant_is_said(line, meant):
    with pytest.raises(TextError, match="is not valid TOML") as caught:
        parsed(f'title = "“x”"\n{line}\n')
    assert caught.value.hint.endswith(meant)


@pytest.mark.parametrize("line", ["a = 2017-13-45", "= 3", "[[free]", 'a = "x', "a = 1\na = 2", "[a"])
def test_where_nothing_is_seen_nothing_is_proposed(line):
    with pytest.raises(TextError) as caught:
        parsed(line)
    assert caught.value.hint == ""


def test_texts_of_a_file_may_be_shown_wherever_they_stand():
    tree = parsed(
        'a = "\\u001b[1m"\nb = [{ c = "x\\u0007\\u009b" }]\nd = """one\ntwo"""\ne = "8\u00a0\u3000万"\nf = 2'
    )
    assert tree == {
        "a": "\\x1b[1m",
        "b": [{"c": "x\\x07\\x9b"}],
        "d": "one two",
        "e": "8\u00a0\u3000万",
        "f": 2,
    }


def test_what_was_meant_by_a_line_sends_no_codes_either():
    with pytest.raises(TextError) as caught:
        parsed("kinds.汉\x1b[31m = 3")
    assert caught.value.hint
    assert caught.value.hint.isprintable()
    assert str(caught.value).isprintable()


def test_text_in_utf_8_is_itself():
    assert decoded("山西 é".encode()) == "山西 é"
