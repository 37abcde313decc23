"""A broken scenario file gets one clear report, with every fault in it."""

from __future__ import annotations

import pytest

from workbench import scenarios
from workbench.errors import ScenarioError

BROKEN = {
    "empty": (b"", "an empty file"),
    "blank": (b" \n\n", "an empty file"),
    "gbk": ('name = "川西"'.encode("gbk"), "not UTF-8"),
    "utf16": ("name = 'x'".encode("utf-16"), "not UTF-8"),
    "not_toml": (b"name: x\n", "line 1"),
    "open_string": (b'name = "x\n', "line 1"),
    "key_twice": (b"seed = 1\nseed = 2\n", "overwrite"),
    "table_twice": (b"[zone]\n[zone]\n", "twice"),
    "unknown_option": (b"zones = 1\n", "Did you mean 'zone'"),
    "unknown_nested": (b"[zone]\nsize = 1\n", "definition, reduction_share"),
    "text_for_number": (b"[demand]\nscale = 'much'\n", "demand.scale"),
    "number_for_text": (b"name = 3\n", "name"),
    "list_for_table": (b"zone = [1]\n", "zone"),
    "table_for_number": (b"[seed]\nx = 1\n", "seed"),
    "out_of_range": (b"[zone]\nreduction_share = 1.5\n", "less than or equal to 1"),
    "below_one": (b"[policy]\nreplacement_ratio = 0.9\n", "greater than or equal to 1"),
    "infinite": (b"[demand]\nscale = inf\n", "demand.scale"),
    "not_a_number": (b"[demand]\nscale = nan\n", "demand.scale"),
    "unknown_industry": (b'industries = ["paper"]\n', "'steel', 'cement'"),
    "no_industry": (b"industries = []\n", "industries"),
    "industry_twice": (b'industries = ["steel", "steel"]\n', "may stand once"),
    "bad_choice": (b"[power]\nhydrology = 'rainy'\n", "'wet', 'normal' or 'dry'"),
    "year": (b"[freight]\nrates_year = 1999\n", "greater than or equal to 2011"),
    "pin_not_text": (b"[pins]\nCM05-1 = 3\n", "pins.CM05-1"),
    "long_name": (b'name = "' + b"x" * 200 + b'"\n', "80"),
    "nan_assumption": (b"[assumptions]\n'cement.power_kwh_t' = nan\n", "assumptions.cement.power_kwh_t"),
    "infinite_price": (b"[objective]\ncost = inf\n", "objective.cost"),
    "control_in_name": (b'name = "a\\u001b[2J"\n', r"\x1b"),
    "line_break_in_name": (b'name = "a\\nb"\n', r"\n"),
    "control_in_description": (b'description = "a\\u0007"\n', r"\x07"),
    "control_in_pin": (b'[pins]\n"a\\u001b" = "close"\n', r"\x1b"),
    "brackets": (b"pins = " + b"[" * 5000 + b"]" * 5000, "brackets within brackets"),
    "dots": (b"a" + b".a" * 3000 + b" = 1", "brackets within brackets"),
    "key_twice_at_the_end": (b"seed = 1\nseed = 2", "overwrite"),
    "binary": (bytes(range(256)), "not UTF-8"),
    "huge": (b"# " + b"x" * 2_000_000, "less than a megabyte"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_is_explained(tmp_path, name: str) -> None:
    content, expected = BROKEN[name]
    path = tmp_path / f"{name}.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        scenarios.load(path)
    assert expected in str(caught.value)
    assert path.name in str(caught.value)


def test_a_missing_file_says_how_to_write_one(tmp_path) -> None:
    with pytest.raises(ScenarioError, match="workbench scenario init"):
        scenarios.load(tmp_path / "none.toml")


def test_every_option_of_a_written_file_is_explained() -> None:
    text = scenarios.dumps(scenarios.Scenario())
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert lines[number - 1].startswith("# "), f"{line} has no explanation"
