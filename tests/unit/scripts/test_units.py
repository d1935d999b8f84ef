"""The systemd units: sandboxed as promised, and the template no different from the plain one but in names."""
import pathlib
import re
import shutil
import subprocess

import pytest

SYSTEMD = pathlib.Path(__file__).resolve().parents[3] / "systemd"


@pytest.mark.parametrize("unit", ["peykd.service", "peykd@.service"])
def test_exposure_is_1_2_or_better(unit):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", SYSTEMD / unit],
                          capture_output=True, text=True, check=True)
    assert float(re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)[1]) <= 1.2


def settings(unit):
    lines = (SYSTEMD / unit).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#") and not line.startswith("Description=")]


def test_the_template_differs_only_in_the_desks_name():
    plain = settings("peykd.service")
    renamed = [line.replace("peyk/%i.credentials", "peyk/credentials").replace("/%i.yaml", "/peyk.yaml")
               .replace("peyk/%i", "peyk").replace("peyk-%i", "peyk") for line in settings("peykd@.service")]
    assert renamed == plain


def test_every_setting_of_the_sandbox_has_its_reason():
    lines = (SYSTEMD / "peykd.service").read_text(encoding="utf-8").splitlines()
    sandbox = lines[next(i for i, line in enumerate(lines) if line.startswith("# What it cannot do")):]
    group_has_reason = False
    for line in sandbox:
        if line.startswith("["):
            break
        group_has_reason = line.startswith("#") or (group_has_reason and line != "")
        assert line == "" or group_has_reason, f"no reason above {line}"
