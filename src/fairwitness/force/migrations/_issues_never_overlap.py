"""A camera is in one person's hands at a time, whoever writes the row: the triggers of `force_issue`.

On both databases: SQLite serialises writers, PostgreSQL locks the camera's row.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_OVERLAP = """
SELECT 1 FROM force_issue AS other
WHERE other.camera_id = NEW.camera_id AND other.id <> NEW.id
  AND (other.ends_at IS NULL OR other.ends_at > NEW.begins_at)
  AND (NEW.ends_at IS NULL OR NEW.ends_at > other.begins_at)
  AND (other.ends_at IS NULL OR other.ends_at > other.begins_at)
  AND (NEW.ends_at IS NULL OR NEW.ends_at > NEW.begins_at)
"""  # the last two lines: an issue that was called off is empty, and in nobody's way

_SQLITE = f"""
CREATE TRIGGER force_issue_no_overlap_%(event)s BEFORE %(event)s ON force_issue
WHEN EXISTS ({_OVERLAP})
BEGIN SELECT RAISE(ABORT, 'issue overlaps'); END
"""

# The camera's row is locked first, so that of two writers the second sees what the first wrote.
_POSTGRESQL = f"""
CREATE FUNCTION force_issue_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM force_camera WHERE id = NEW.camera_id FOR NO KEY UPDATE;
    IF EXISTS ({_OVERLAP}) THEN
        RAISE EXCEPTION 'issue overlaps' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER force_issue_no_overlap BEFORE INSERT OR UPDATE ON force_issue
FOR EACH ROW EXECUTE FUNCTION force_issue_no_overlap();
"""


def create(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(_POSTGRESQL)
        return
    for event in ("insert", "update"):
        editor.execute(_SQLITE % {"event": event})


def drop(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION force_issue_no_overlap() CASCADE")
        return
    for event in ("insert", "update"):
        editor.execute(f"DROP TRIGGER force_issue_no_overlap_{event}")
