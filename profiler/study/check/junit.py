"""A check as JUnit XML, which CI servers read.

Elements and attributes as in the schema of Jenkins' xunit plugin (junit-10.xsd): a test suite a subject, a
test case a bound. A check that can't be decided and a run that was left out are an `error`, one
beyond its bound a `failure`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from profiler.study.check.judge import Check, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.study.check.result import Checked, Result

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold, even escaped (XML 1.0, 2.2)."""
LEFT_OUT = "left out"


def as_junit(result: Result) -> bytes:
    """Return the XML document."""
    root = ET.Element(
        "testsuites", {"name": "ortprof check", **_counts(result.checked, len(result.left_out))}
    )
    for subject in result.checked:
        suite = ET.SubElement(root, "testsuite", {"name": _clean(subject.subject.name), **_counts([subject])})
        for check in subject.checks:
            _case(suite, subject.subject.name, check)
        if subject.subject.notes:
            ET.SubElement(suite, "system-out").text = _clean("\n".join(subject.subject.notes))
    if result.left_out:
        suite = ET.SubElement(root, "testsuite", {"name": LEFT_OUT, **_counts([], len(result.left_out))})
        for left in result.left_out:
            case = ET.SubElement(suite, "testcase", classname=LEFT_OUT, name=_clean(left.name), time="0")
            ET.SubElement(case, "error", type=LEFT_OUT, message=_clean(left.why))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _case(suite: ET.Element, subject: str, check: Check) -> None:
    name = f"{check.bound.quantity.value}: {check.bound.text}"
    case = ET.SubElement(suite, "testcase", classname=_clean(subject), name=_clean(name), time="0")
    why = _clean(check.why)
    if check.outcome is Outcome.FAILED:
        ET.SubElement(case, "failure", type="bound", message=why)
    elif check.outcome is Outcome.UNDECIDED:
        ET.SubElement(case, "error", type="undecided", message=why)
    else:
        ET.SubElement(case, "system-out").text = f"{check.outcome.value}: {why}"


def _counts(checked: Iterable[Checked], left_out: int = 0) -> dict[str, str]:
    outcomes = [check.outcome for subject in checked for check in subject.checks]
    return {
        "tests": str(len(outcomes) + left_out),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.UNDECIDED) + left_out),
        "time": "0",
    }


def _clean(text: str) -> str:
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
