# SPDX-License-Identifier: GPL-3.0-or-later
"""Says which tests were skipped and why, and ends with each suite's closing line.

Usage: summarize_tests.py FOLDER [NOT-RUN…]

FOLDER holds ctest's NAME.xml (JUnit) and NAME.log of each suite; each NOT-RUN is a line about tests
that were left out before ctest started. Exits 1 if a suite has no result.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ET

CLOSING = re.compile(r"^\d+% tests passed.*$", re.MULTILINE)
QT_SKIP = re.compile(r"^SKIP\s*: (\S+) (.*)$", re.MULTILINE)
PLAIN_SKIP = re.compile(r"^(?:\S+:\d+: )?Skipped(?:: |\n)(.*)$", re.MULTILINE)
REASON_UNKNOWN = "it gave no reason"


def skips_of_case(case: ET.Element) -> list[tuple[str, str]]:
    """(test, reason) for what one ctest test skipped: the whole of it, or single Qt test functions."""
    name = case.get("name", "")
    output = case.findtext("system-out") or ""
    qt = [(f"{name} {function}", reason) for function, reason in QT_SKIP.findall(output)]
    if qt:
        return qt
    if case.find("skipped") is None:
        return []
    match = PLAIN_SKIP.search(output)
    reason = match.group(1).strip() if match else case.find("skipped").get("message", "")
    return [(name, reason or REASON_UNKNOWN)]


def skips_of_suite(report: pathlib.Path) -> list[tuple[str, str]]:
    cases = ET.parse(report).getroot().iter("testcase")
    return [skip for case in cases for skip in skips_of_case(case)]


def closing_line(log: pathlib.Path) -> str | None:
    lines = CLOSING.findall(log.read_text(errors="replace"))
    return lines[-1] if lines else None


def print_skips(skips: dict[str, list[str]], not_run: list[str]) -> None:
    """One paragraph a reason, since one missing file or device often skips many tests."""
    print("\n== Skipped" if skips or not_run else "\nNothing was skipped.")
    for line in not_run:
        print(f"  {line}")
    for reason, names in skips.items():
        print(f"  {reason}:")
        for name in names:
            print(f"    {name}")


def main() -> int:
    folder, not_run = pathlib.Path(sys.argv[1]), sys.argv[2:]
    # In the order they ran, so that the main suite's closing line is the last.
    logs = sorted(folder.glob("*.log"), key=lambda log: log.stat().st_mtime_ns)
    skips: dict[str, list[str]] = {}
    for log in logs:
        report = log.with_suffix(".xml")
        for name, reason in skips_of_suite(report) if report.exists() else []:
            skips.setdefault(reason, []).append(f"{log.stem}: {name}")
    print_skips(skips, not_run)
    print("\n== Results")
    missing = 0
    for log in logs:
        line = closing_line(log)
        missing |= line is None
        print(f"{log.stem}:\n{line or 'no test ran'}")
    return int(missing or not logs)


if __name__ == "__main__":
    sys.exit(main())
