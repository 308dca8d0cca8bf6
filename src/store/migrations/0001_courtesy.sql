-- What the service owes a camera across its own restarts: how often it tried to sign in, and how
-- long it must leave the camera alone. Times are Unix microseconds.
CREATE TABLE courtesy (
    camera_id        TEXT PRIMARY KEY NOT NULL,
    sign_in_attempts INTEGER NOT NULL,
    first_attempt_at INTEGER,
    hold_until       INTEGER,
    hold_reason      TEXT,
    updated_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
