-- Drills: alerts that are raised to train people. Their alerts are found by their evidence, which
-- names the drill. Times are Unix microseconds.
CREATE TABLE drill (
    id         BLOB PRIMARY KEY NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,              -- nothing more is raised since then; NULL: it goes on
    actor      TEXT NOT NULL,        -- JSON
    kind       TEXT NOT NULL,
    cameras    TEXT NOT NULL,        -- JSON: ids, in the order in which they are taken
    count      INTEGER NOT NULL,
    gap_s      INTEGER NOT NULL
) STRICT;
CREATE INDEX drill_by_time ON drill (started_at);
