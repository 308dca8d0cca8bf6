-- What walls showed, and how it came to. Times are Unix microseconds.
CREATE TABLE wall_change (
    wall     TEXT NOT NULL,
    revision INTEGER NOT NULL,  -- one more than the change before, no holes
    at       INTEGER NOT NULL,
    by       TEXT,              -- the person; NULL: it came by itself
    what     TEXT NOT NULL,     -- show, tour, alert, timetable, …
    detail   TEXT NOT NULL,     -- JSON
    snapshot TEXT,              -- JSON: all of it after the change; NULL: only the cells in detail are others
    PRIMARY KEY (wall, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX wall_change_by_time ON wall_change (wall, at);

-- What people did to a wall, as it is now: layouts, cells, pins, kept presets, blocks.
CREATE TABLE wall_state (
    wall     TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    state    TEXT NOT NULL      -- JSON
) STRICT, WITHOUT ROWID;
