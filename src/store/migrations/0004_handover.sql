-- Hand-over sheets. From the first signature on a sheet stays as it is; before, only its notes count.
CREATE TABLE handover (
    id         BLOB PRIMARY KEY NOT NULL,  -- UUID version 7
    position   TEXT NOT NULL,
    written_at INTEGER NOT NULL,           -- Unix microseconds; a later one stands in place of it
    signed_at  INTEGER,                    -- when both had signed
    sheet      TEXT NOT NULL               -- JSON
) STRICT;
CREATE INDEX handover_of_position ON handover (position, id);
CREATE INDEX handover_signed ON handover (position, signed_at) WHERE signed_at IS NOT NULL;
