-- The audit becomes a chain: each row holds the hash of the one before it, so that a row that is
-- edited, deleted or moved is found (docs/protocol.md, "The audit"). What there was before is
-- chained when the store is opened next, which needs a hash that SQL has not.
ALTER TABLE audit RENAME TO audit_before;
DROP INDEX audit_by_time;

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY NOT NULL,  -- without holes
    id      BLOB NOT NULL UNIQUE,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,                 -- JSON
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    detail  TEXT,                          -- JSON
    address TEXT,                          -- from where, if that is known
    prev    BLOB NOT NULL,                 -- the hash of the row before
    hash    BLOB NOT NULL                  -- SHA-256 of its canonical form, which holds prev
) STRICT;
CREATE INDEX audit_by_time ON audit (at);

-- The newest row, kept apart: a tail that was cut off is missed.
CREATE TABLE audit_head (seq INTEGER NOT NULL, hash BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
INSERT INTO audit_head VALUES (0, zeroblob(32), 0);

-- The last row that was deleted for its age.
CREATE TABLE audit_base (seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
INSERT INTO audit_base VALUES (0, zeroblob(32));

-- Rows are added behind the newest and nowhere else. (A REPLACE would delete without the trigger
-- below.)
CREATE TRIGGER audit_appends BEFORE INSERT ON audit
    WHEN NEW.seq IS NOT (SELECT seq + 1 FROM audit_head)
    OR NEW.prev IS NOT (SELECT hash FROM audit_head)
    OR EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq OR id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;

CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
    WHEN OLD.seq > (SELECT seq FROM audit_base)
BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;

-- The base moves to a row that is there, and never back.
CREATE TRIGGER audit_base_moves BEFORE UPDATE ON audit_base
    WHEN NEW.seq <= OLD.seq
    OR NOT EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq AND hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;
CREATE TRIGGER audit_base_stays BEFORE DELETE ON audit_base
BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;

-- The head moves to the row that was added last.
CREATE TRIGGER audit_head_moves BEFORE UPDATE ON audit_head
    WHEN NEW.seq <> OLD.seq + 1
    OR NOT EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq AND hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;
