"""The closed vocabulary of the custody log: every act that is ever written down.

An act is `subject.verb`, the verb in the past tense. The list covers what section 62 of the Data
Protection Act 2018 asks to be logged (collection, alteration, consultation, disclosure,
combination, erasure), refusals of any of them, and reading the log itself. Names are frozen: an
act may be added by a new version of the specification, none is ever renamed or used for another
thing (docs/specs/custody-entry.md).
"""

from enum import StrEnum


class Act(StrEnum):
    """What was done. The part before the dot names the kind of thing that it was done to."""

    # Collection: footage arrives.
    UPLOAD_BEGUN = "upload.begun"
    UPLOAD_REFUSED = "upload.refused"
    UPLOAD_EXPIRED = "upload.expired"
    UPLOAD_DUPLICATE_SEEN = "upload.duplicate_seen"
    RECORDING_RECEIVED = "recording.received"
    RECORDING_IMPORTED = "recording.imported"
    RECORDING_QUARANTINED = "recording.quarantined"
    RECORDING_RELEASE_PROPOSED = "recording.release_proposed"
    RECORDING_REJECTION_PROPOSED = "recording.rejection_proposed"
    RECORDING_REJECTED = "recording.rejected"
    RECORDING_REJECTION_TAKEN_BACK = "recording.rejection_taken_back"
    RECORDING_RELEASED_FROM_QUARANTINE = "recording.released_from_quarantine"
    RECORDING_DECRYPTED = "recording.decrypted"
    RECORDING_REBUILT = "recording.rebuilt"
    RECORDING_FOUND_LOST = "recording.found_lost"
    RECORDING_FOUND_DAMAGED = "recording.found_damaged"
    RECORDING_REPAIRED = "recording.repaired"

    # Consultation: someone looks, or may not.
    RECORDING_VIEWED = "recording.viewed"
    RECORDING_VIEW_REFUSED = "recording.view_refused"
    RECORDING_LISTED = "recording.listed"
    RECORDING_SEARCHED = "recording.searched"
    RECORDING_HISTORY_READ = "recording.history_read"
    RECORDING_SHOWN = "recording.shown"
    RECORDING_BREAK_GLASS_USED = "recording.break_glass_used"
    RECORDING_BREAK_GLASS_JUDGED = "recording.break_glass_judged"
    ACCESS_REFUSED = "access.refused"

    # Alteration: of what is said about a recording. A master is never altered.
    RECORDING_CATEGORISED = "recording.categorised"
    RECORDING_MARKED_EVIDENTIAL = "recording.marked_evidential"
    RECORDING_UNMARK_REQUESTED = "recording.unmark_requested"
    RECORDING_UNMARKED = "recording.unmarked"
    RECORDING_REVIEWED = "recording.reviewed"
    RECORDING_REMINDED = "recording.reminded"
    RECORDING_ANNOTATED = "recording.annotated"
    RECORDING_ANNOTATION_WITHDRAWN = "recording.annotation_withdrawn"
    RECORDING_WEARER_CORRECTION_REQUESTED = "recording.wearer_correction_requested"
    RECORDING_WEARER_CORRECTED = "recording.wearer_corrected"
    RECORDING_TIME_CORRECTED = "recording.time_corrected"
    RECORDING_ASSIGNED = "recording.assigned"
    RECORDING_ACCESS_CLASS_CHANGED = "recording.access_class_changed"
    RECORDING_ACCESS_GRANTED = "recording.access_granted"
    RECORDING_ACCESS_ENDED = "recording.access_ended"
    RECORDING_LOCKED = "recording.locked"
    RECORDING_UNLOCKED = "recording.unlocked"
    RECORDING_COPY_MADE = "recording.copy_made"
    RECORDING_COPY_FAILED = "recording.copy_failed"
    RECORDING_COPY_REMOVED = "recording.copy_removed"
    RECORDING_CLIPPED = "recording.clipped"
    RECORDING_REDACTED = "recording.redacted"

    # Erasure.
    RECORDING_DUE_CHANGED = "recording.due_changed"
    RECORDING_DISPOSAL_REFUSED = "recording.disposal_refused"
    RECORDING_DELETION_REQUESTED = "recording.deletion_requested"
    RECORDING_DELETION_REFUSED = "recording.deletion_refused"
    RECORDING_DISPOSED = "recording.disposed"
    KEY_DESTROYED = "key.destroyed"
    KEY_DESTRUCTION_PENDING = "key.destruction_pending"
    KEY_RING_REKEYED = "key.ring_rekeyed"
    KEY_RING_REPAIRED = "key.ring_repaired"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    DISPOSAL_CERTIFIED = "disposal.certified"
    DISPOSAL_RUN_LISTED = "disposal_run.listed"
    DISPOSAL_RUN_STARTED = "disposal_run.started"
    DISPOSAL_RUN_FINISHED = "disposal_run.finished"
    DISPOSAL_RUN_STOPPED = "disposal_run.stopped"
    DISPOSAL_RUN_RESUMED = "disposal_run.resumed"
    RULE_PROPOSED = "rule.proposed"
    RULE_APPROVED = "rule.approved"
    RULE_REJECTED = "rule.rejected"
    RULE_CHANGED = "rule.changed"
    NOTICE_GIVEN = "notice.given"
    NOTICE_STOPPED = "notice.stopped"
    NOTICE_LAPSED = "notice.lapsed"

    # Holds.
    HOLD_PLACED = "hold.placed"
    HOLD_BOUND = "hold.bound"
    HOLD_CHECKED = "hold.checked"
    HOLD_REVIEWED = "hold.reviewed"
    HOLD_LIFT_REQUESTED = "hold.lift_requested"
    HOLD_LIFT_REFUSED = "hold.lift_refused"
    HOLD_LIFTED = "hold.lifted"

    # The month's draw of recordings that a supervisor looks at.
    SAMPLE_LISTED = "sample.listed"
    SAMPLE_DRAWN = "sample.drawn"

    # Records of force, search, arrest and complaint, and calls: what they mark is looked at.
    EVENT_LISTED = "event.listed"
    EVENT_LIST_REFUSED = "event.list_refused"
    EVENT_RECEIVED = "event.received"
    EVENT_MATCHED = "event.matched"
    EVENT_EXPLAINED = "event.explained"

    # Combination: recordings gathered.
    CASE_OPENED = "case.opened"
    CASE_CHANGED = "case.changed"
    CASE_RECORDING_ADDED = "case.recording_added"
    CASE_RECORDING_REMOVED = "case.recording_removed"
    CASE_MEMBER_ADDED = "case.member_added"
    CASE_MEMBER_REMOVED = "case.member_removed"
    CASE_CLOSED = "case.closed"
    CASE_REOPENED = "case.reopened"
    EXHIBIT_PRODUCED = "exhibit.produced"
    EXHIBIT_WITHDRAWN = "exhibit.withdrawn"
    STATEMENT_DRAFTED = "statement.drafted"
    STATEMENT_SIGNED = "statement.signed"
    SCHEDULE_DRAFTED = "schedule.drafted"
    INCIDENT_DECLARED = "incident.declared"
    INCIDENT_ACCOUNT_ENTERED = "incident.account_entered"
    INCIDENT_CLOSED = "incident.closed"
    REDACTION_PLANNED = "redaction.planned"
    REDACTION_APPROVED = "redaction.approved"
    REDACTION_REJECTED = "redaction.rejected"

    # Disclosure.
    RECORDING_EXPORTED = "recording.exported"
    BUNDLE_EXPORTED = "bundle.exported"
    DISCLOSURE_PREPARED = "disclosure.prepared"
    DISCLOSURE_APPROVED = "disclosure.approved"
    DISCLOSURE_RELEASED = "disclosure.released"
    DISCLOSURE_OPENED = "disclosure.opened"
    DISCLOSURE_OPEN_REFUSED = "disclosure.open_refused"
    DISCLOSURE_REVOKED = "disclosure.revoked"
    DISCLOSURE_EXPIRED = "disclosure.expired"
    REQUEST_RECEIVED = "request.received"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_REFUSED = "request.refused"
    REQUEST_WITHDRAWN = "request.withdrawn"

    # People.
    SESSION_SIGNED_IN = "session.signed_in"
    SESSION_SIGN_IN_REFUSED = "session.sign_in_refused"
    SESSION_SIGNED_OUT = "session.signed_out"
    OFFICER_REGISTERED = "officer.registered"
    OFFICER_CHANGED = "officer.changed"
    OFFICER_DEACTIVATED = "officer.deactivated"
    OFFICER_CREDENTIAL_CHANGED = "officer.credential_changed"
    OFFICER_NON_USE_NOTED = "officer.non_use_noted"
    ROLE_GRANTED = "role.granted"
    ROLE_ENDED = "role.ended"
    ONE_MANAGER_BEGUN = "one_manager.begun"
    ONE_MANAGER_ENDED = "one_manager.ended"
    UNIT_REGISTERED = "unit.registered"
    UNIT_CHANGED = "unit.changed"
    STATION_REGISTERED = "station.registered"
    STATION_CHANGED = "station.changed"

    # Cameras and docks.
    CAMERA_ENROLMENT_REQUESTED = "camera.enrolment_requested"
    CAMERA_ENROLMENT_REFUSED = "camera.enrolment_refused"
    CAMERA_APPROVED = "camera.approved"
    CAMERA_REVOKED = "camera.revoked"
    CAMERA_CHANGED = "camera.changed"
    CAMERA_ISSUED = "camera.issued"
    CAMERA_RETURNED = "camera.returned"
    CAMERA_REPORTED_LOST = "camera.reported_lost"
    CAMERA_SENT_TO_REPAIR = "camera.sent_to_repair"
    CAMERA_RETURNED_TO_USE = "camera.returned_to_use"
    CAMERA_DOCKED = "camera.docked"
    CAMERA_ERASED = "camera.erased"
    CAMERA_COUNTER_GAP_FOUND = "camera.counter_gap_found"
    CAMERA_COUNTER_GAP_EXPLAINED = "camera.counter_gap_explained"
    CAMERA_SETTINGS_CHANGED = "camera.settings_changed"
    CAMERA_LOG_RECEIVED = "camera.log_received"
    CAMERA_LOG_READ = "camera.log_read"
    CAMERA_LOG_DELETED = "camera.log_deleted"
    DOCK_ENROLMENT_REQUESTED = "dock.enrolment_requested"
    DOCK_ENROLMENT_REFUSED = "dock.enrolment_refused"
    DOCK_APPROVED = "dock.approved"
    DOCK_REVOKED = "dock.revoked"
    DOCK_CHANGED = "dock.changed"
    DOCK_SIGNED_IN = "dock.signed_in"
    DOCK_SIGN_IN_REFUSED = "dock.sign_in_refused"

    # Volumes of other makers' footage.
    VOLUME_ENROLMENT_REQUESTED = "volume.enrolment_requested"
    VOLUME_ENROLMENT_REFUSED = "volume.enrolment_refused"
    VOLUME_APPROVED = "volume.approved"
    VOLUME_REVOKED = "volume.revoked"

    # Axis body-worn systems, which dock straight in.
    AXIS_CONNECTED = "axis.connected"
    AXIS_REVOKED = "axis.revoked"
    AXIS_SIGNED_IN = "axis.signed_in"
    AXIS_SIGN_IN_REFUSED = "axis.sign_in_refused"
    AXIS_KEY_MADE = "axis.key_made"
    AXIS_TOLD = "axis.told"
    AXIS_MAPPED = "axis.mapped"
    AXIS_CONTAINER_BEGUN = "axis.container_begun"
    AXIS_CONTAINER_CHANGED = "axis.container_changed"
    AXIS_CONTAINER_COMPLETED = "axis.container_completed"
    AXIS_CONTAINER_READ = "axis.container_read"
    AXIS_CONTAINER_CLEARED = "axis.container_cleared"
    AXIS_OBJECT_RECEIVED = "axis.object_received"

    # The log and the whole.
    LOG_STARTED = "log.started"
    LOG_READ = "log.read"
    LOG_GAP_FOUND = "log.gap_found"
    LOG_GAP_CLOSE_REQUESTED = "log.gap_close_requested"
    LOG_GAP_CLOSED = "log.gap_closed"
    LOG_BODY_ERASED = "log.body_erased"
    LOG_WITNESSED = "log.witnessed"
    LOG_WITNESS_DISAGREED = "log.witness_disagreed"
    AUDIT_RUN = "audit.run"
    AUDIT_FINDING_CLOSED = "audit.finding_closed"
    FIGURES_PUBLISHED = "figures.published"
    FIREARMS_OPERATIONS_NOTED = "firearms.operations_noted"
    FIREARMS_DISCHARGE_NOTED = "firearms.discharge_noted"
    FIREARMS_INVESTIGATION_OPENED = "firearms.investigation_opened"
    FIREARMS_INVESTIGATION_CONCLUDED = "firearms.investigation_concluded"
    TRUST_PUBLISHED = "trust.published"
    CLOCK_DISAGREED = "clock.disagreed"

    @property
    def subject(self) -> str:
        """The kind of thing acted upon: `recording` of `recording.viewed`."""
        return self.value.partition(".")[0]

    @property
    def verb(self) -> str:
        """What was done to it: `viewed` of `recording.viewed`."""
        return self.value.partition(".")[2]

    @property
    def is_refusal(self) -> bool:
        """Whether this says that something was asked for and not given."""
        return self.verb.endswith("refused")
