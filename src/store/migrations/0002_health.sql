-- What happened. Times are Unix microseconds; words are those of the API.

-- When the service ran and wrote down what it saw. The last row is the one that runs.
CREATE TABLE life (
    id         INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    alive_at   INTEGER NOT NULL
) STRICT;

-- A camera entered a state; it holds until its next row, at most until its life ended. `seq` is the
-- order of writing, which a clock that is set back does not change.
CREATE TABLE state (
    seq        INTEGER PRIMARY KEY,
    life       INTEGER NOT NULL,
    camera_id  TEXT NOT NULL,
    at         INTEGER NOT NULL,
    state      TEXT,            -- NULL: no longer configured
    conditions TEXT NOT NULL,   -- worst first, parted by spaces
    evidence   TEXT,
    masked_by  TEXT
) STRICT;
CREATE INDEX state_of_camera ON state (camera_id, at);
CREATE INDEX state_by_time ON state (at);

-- A condition stood from raised_at until cleared_at.
CREATE TABLE episode (
    seq        INTEGER PRIMARY KEY,
    subject    TEXT NOT NULL CHECK (subject IN ('camera', 'site')),
    subject_id TEXT NOT NULL,
    condition  TEXT NOT NULL,
    raised_at  INTEGER NOT NULL,
    cleared_at INTEGER,            -- NULL while it stands
    cut_short  INTEGER NOT NULL,   -- 1: the service stopped, or lost the camera, while it stood
    severity   TEXT NOT NULL,
    evidence   TEXT NOT NULL,
    masked_by  TEXT,
    UNIQUE (subject, subject_id, condition, raised_at)
) STRICT;
CREATE INDEX episode_of_subject ON episode (subject, subject_id, raised_at);
CREATE INDEX episode_by_time ON episode (raised_at);
CREATE INDEX episode_standing ON episode (subject, subject_id) WHERE cleared_at IS NULL;

-- A camera's figures of the minute that ended at `at`. NULL is unknown.
CREATE TABLE figures (
    camera_id           TEXT NOT NULL,
    at                  INTEGER NOT NULL,
    frame_rate          REAL,
    bitrate             REAL,
    loss_percent        REAL,
    jitter_ms           REAL,
    keyframe_interval_s REAL,
    clock_offset_s      REAL,
    luma                REAL,
    sharpness           REAL,
    PRIMARY KEY (camera_id, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX figures_by_time ON figures (at);

-- What was learnt of a camera, as JSON.
CREATE TABLE learnt (
    camera_id  TEXT PRIMARY KEY NOT NULL,
    learnt     TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Pictures that are worth keeping: the newest reference of each kind, and what was seen when a
-- condition was raised.
CREATE TABLE picture (
    camera_id   TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('reference-day', 'reference-night', 'event')),
    condition   TEXT NOT NULL,      -- '' but for events
    raised_at   INTEGER NOT NULL,   -- 0 but for events
    captured_at INTEGER NOT NULL,
    jpeg        BLOB NOT NULL,
    PRIMARY KEY (camera_id, kind, condition, raised_at)
) STRICT;
CREATE INDEX picture_by_time ON picture (captured_at);

-- Orders of maintenance. A number is never used again.
CREATE TABLE maintenance (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    scope      TEXT NOT NULL,
    from_at    INTEGER NOT NULL,
    until_at   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    ordered_by TEXT NOT NULL
) STRICT;
CREATE INDEX maintenance_by_end ON maintenance (until_at);
