"""The guard of the include arrows sees each kind of offence, and nothing in the tree offends."""
import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[3]


def check(root):
    done = subprocess.run([SOURCE / "scripts/check_arrows.py", root], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_this_tree_keeps_to_the_arrows():
    assert check(SOURCE) == (0, "")


@pytest.mark.parametrize("path, line, complaint", [
    ("base/a.h", '#include "config/config.h"', "base/ may not include config/"),
    ("config/a.h", '#include "routing/types.h"', "config/ may not include routing/"),
    ("routing/a.cpp", '#include "channels/channel.h"', "routing/ may not include channels/"),
    ("channels/a.cpp", '  #  include "daemon/health.h"', "channels/ may not include daemon/"),
    ("routing/a.h", '#include "base/net/http.h"', "routing knows neither HTTP"),
    ("daemon/a.cpp", "#include <boost/beast/http.hpp>", "<boost/beast/http.hpp> belongs only in base/net/"),
    ("routing/a.cpp", "#include <hiredis/hiredis.h>", "belongs only in base/redis/"),
    ("daemon/a.cpp", "#include <yaml-cpp/yaml.h>", "belongs only in config/"),
    ("routing/a.cpp", "#include <gmime/gmime.h>", "belongs only in channels/"),
    ("base/a.cpp", '#include "a.h"', "does not start at one of"),
])
def test_an_offence_is_named_with_its_line(tmp_path, path, line, complaint):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text("#pragma once\n" + line + "\n", encoding="utf-8")
    code, output = check(tmp_path)
    assert code == 1
    assert output.startswith(f"{path}:2: ") and complaint in output


def test_what_follows_the_arrows_passes(tmp_path):
    for path, line in [("daemon/a.cpp", '#include "base/net/http.h"'), ("config/a.cpp", "#include <yaml-cpp/yaml.h>"),
                       ("base/net/a.cpp", "#include <boost/beast/core.hpp>"), ("tests/a.cpp", '#include "daemon/b.h"')]:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(line + "\n", encoding="utf-8")
    assert check(tmp_path) == (0, "")
