"""Rules of the gate `repro`."""

from __future__ import annotations

from gates.model.rule import Rule

CONTENT = Rule(
    code="REP001",
    name="content-varies",
    summary="What is in the artifact differs with the circumstances of its build.",
    explanation=(
        "The same source, the same backend and the same SOURCE_DATE_EPOCH gave files of other content, or other files."
        " Nobody can check such an artifact against its source. The message names the member and the factor that"
        " changes it."
    ),
    fix="gates repro shows each member with its cause and its cure.",
)

ATTRIBUTES = Rule(
    code="REP002",
    name="attributes-vary",
    summary="Times, permission bits, owners or order of the artifact's members differ with the circumstances.",
    explanation=(
        "The files are the same, and what the archive says of them is not: whoever has another umask or another clone"
        " gets other bytes, and no hash of a rebuild will ever match."
    ),
    fix="gates repro shows each member with its cause and its cure.",
)

CONTAINER = Rule(
    code="REP003",
    name="container-varies",
    summary="Only bytes around the members differ, such as the time in a gzip header.",
    explanation="All members are the same with all their attributes, and the file still has another hash.",
    fix="gates repro shows each place with its cause and its cure.",
)

DRIFTED = Rule(
    code="REP004",
    name="toolchain-drifted",
    summary="What the project is built with is not what its record says, or changed between two builds.",
    explanation=(
        "The version of the backend is in every wheel, and most releases of a backend change the bytes: of 55 published"
        " wheels, 33 differed from a rebuild by today's backend, and 1 by the backend that they name. Hashes that were"
        " recorded say nothing of another toolchain."
    ),
    fix="Pin the versions in [build-system] requires; or take today's as expected: gates repro --record",
)

BREAKS = Rule(
    code="REP005",
    name="build-breaks",
    summary="The build fails under circumstances in which others build.",
    explanation="It succeeds as it is built here, and fails with another umask, locale, time zone or the like.",
    fix="Run the build as the message says, and mend what it cannot bear.",
)

UNEXPECTED = Rule(
    code="REP006",
    name="record-differs",
    summary="The same sources and toolchain gave another artifact than the committed record says.",
    explanation=(
        "The record was made of these very sources with these very versions. Something that is not recorded goes into"
        " the artifact."
    ),
    fix="gates repro, and compare; if it is meant: gates repro --record",
)

PUBLISHED = Rule(
    code="REP007",
    name="published-differs",
    summary="A rebuild is not what was published.",
    explanation=(
        "The published artifact was rebuilt from this source with the backend that its WHEEL file names, under the time"
        " of its newest member."
    ),
    fix='gates repro --against shows what differs; if only attributes may differ: against-level = "content"',
)

RULES = (CONTENT, ATTRIBUTES, CONTAINER, DRIFTED, BREAKS, UNEXPECTED, PUBLISHED)
