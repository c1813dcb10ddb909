"""What is said about parameters: every one has unit, range, meaning, Chinese name and source."""

from __future__ import annotations

import json
import re
import tomllib

import jsonschema
from conftest import ROOT

from sim.cli.shared.checked import text as check
from sim.cli.show import text as show
from sim.law.provisions import texts
from sim.locale.sources import source_in, sources
from sim.scenario import load
from sim.scenario.describe import json_schema, parameters
from sim.scenario.table import rows
from sim.scenario.units import CHINESE


def test_every_parameter_is_declared_in_full():
    found = list(parameters())
    assert len(found) > 80
    for p in found:
        assert p.meaning, p.path
        assert re.search(r"[\u4e00-\u9fff]", p.zh), p.path
        assert p.unit in CHINESE, p.path
        if not p.path.startswith("published."):
            assert p.source, p.path


def test_show_has_every_value_with_its_file():
    loaded = load("shanxi")
    text = show(loaded, "en")
    for path, value, *_ in rows(loaded, "en"):
        assert path.split(".", 2 if path.startswith("from.") else 1)[-1] in text
        assert value in text
    assert "生活晨报 2019-04-16 A9" in text
    assert "scenarios/base.toml" in text


def test_units_are_chinese_in_chinese():
    for path, _, unit, *_ in rows(load("shanxi"), "zh"):
        assert not re.search(r"[a-z]{2}", unit), path


def test_no_value_of_shanxi_is_without_a_source_or_the_word_assumption():
    for path, _, _, _, source, _ in rows(load("shanxi"), "en"):
        assert source, path
        assert source != "assumption: no source named", path


def test_check_counts_and_names_the_article():
    text, unlawful = check(load("short-notice"), "en")
    assert "2016 rules Art 12" in text
    assert len(unlawful) == 5, "four notices and the token start"
    assert "法释〔2016〕18号第12条" in check(load("short-notice"), "zh")[0]


def test_the_json_schema_asks_for_nothing_and_knows_every_key():
    schema = json_schema()
    text = json.dumps(schema)
    assert '"required"' not in text
    for p in parameters():
        assert f'"{p.path.split(".")[-1]}"' in text or p.path.endswith("*")
    assert {"extends", "sources", "draws"} <= set(schema["properties"])


def test_the_json_schema_accepts_every_file_of_ours_and_refuses_a_misspelt_key():
    validator = jsonschema.Draft202012Validator(json_schema())
    for path in (ROOT / "scenarios").rglob("*.toml"):
        tree = json.loads(json.dumps(tomllib.loads(path.read_text(encoding="utf-8")), default=str))
        assert not [error.message for error in validator.iter_errors(tree)], path
    assert list(validator.iter_errors({"auction": {"biding": "proxy"}}))


def test_every_source_that_comes_with_the_program_has_its_chinese():
    named = {one.source for one in parameters() if one.source}
    for path in (ROOT / "scenarios").rglob("*.toml"):
        named |= set(tomllib.loads(path.read_text(encoding="utf-8")).get("sources", {}).values())
    assert {text for text in named if source_in(text, "zh") == text} == set()
    assert {
        text for text in named if re.search("assumption|rules|[a-z]{3} [a-z]{3}", source_in(text, "zh"))
    } <= {text for text in named if "calibrate run" in text}
    assert {text for text in named if source_in(text, "en") != text} == set()
    plain = [text for text in sources() if "{" not in text and text not in named]
    assert plain == ["set on the command line", "assumption: no source named"]


def test_a_source_that_nobody_knows_stays_as_it_is_behind_what_it_claims():
    assert source_in("Court statistics 2019", "zh") == "Court statistics 2019"
    assert source_in("assumption: half of Shanxi", "zh") == "假设：half of Shanxi"
    assert (
        source_in("calibrated to 统计公报 (calibrate run henan)", "zh")
        == "按统计公报校准（calibrate run henan）"
    )
    shown = {row[0]: row[4] for row in rows(load("shanxi"), "zh")}
    assert shown["auction.deposit"] == "法释〔2016〕18号第17条：5%至20%"
    assert all(re.search("[一-鿿]", text) for text in shown.values())


def test_sources_name_laws_as_the_law_does():
    for en, zh in sources().items():
        for text in texts():
            assert (text.short in en) == (text.short_zh in zh), en


def test_of_a_text_in_both_languages_the_readers_is_shown():
    en, zh = (dict(row[:2] for row in rows(load("shanxi"), lang)) for lang in ("en", "zh"))
    assert "interpretation.unmet.2018.participants" in en.keys() - zh.keys()
    assert "interpretation.unmet.2018.participants_zh" in zh.keys() - en.keys()
    assert {"title"} <= en.keys() - zh.keys()
    assert "kinds.homes.name_zh" in en.keys() & zh.keys()  # nothing else says it
