-- What the configuration file said, each time that the service or a person changed it.
CREATE TABLE configuration (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT,                    -- JSON; NULL: found changed, by whom is not known
    what    TEXT NOT NULL,           -- JSON: what was changed, or that it was put back
    version TEXT NOT NULL,           -- of the text: its hash
    text    TEXT NOT NULL
) STRICT;
