"""Who may do what: one pure, total function over frozen facts."""

import enum


class Role(enum.StrEnum):
    """What a person is trusted with; granted for a time, force-wide or for one unit."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    INVESTIGATOR = "investigator"
    DISCLOSURE_OFFICER = "disclosure_officer"
    EVIDENCE_MANAGER = "evidence_manager"
    PROFESSIONAL_STANDARDS = "professional_standards"
    INDEPENDENT_INVESTIGATOR = "independent_investigator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
