-- Alerts and what goes with them. Times are Unix microseconds, ids UUIDs, words those of the API.
-- Nothing here has a CHECK or a foreign key: a row that a person waits for is never refused.

-- Each alert as it is now.
CREATE TABLE alert (
    id        BLOB PRIMARY KEY NOT NULL,
    episode   TEXT NOT NULL UNIQUE,  -- what it is about and when it began
    state     TEXT NOT NULL,
    priority  TEXT NOT NULL,
    position  TEXT NOT NULL,
    site      TEXT,
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,         -- 'camera:…', 'site:…' or 'service'
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    drill     INTEGER NOT NULL,
    seq       INTEGER NOT NULL,      -- its newest change
    snapshot  TEXT NOT NULL          -- all of it, as JSON
) STRICT;
CREATE INDEX alert_by_seq ON alert (seq);
CREATE INDEX alert_by_time ON alert (opened_at);
CREATE INDEX alert_closed ON alert (closed_at);
CREATE INDEX alert_open ON alert (seq) WHERE state <> 'normal';

-- What became of them, in one order.
CREATE TABLE alert_change (
    seq      INTEGER PRIMARY KEY,
    alert    BLOB NOT NULL,
    at       INTEGER NOT NULL,
    what     TEXT NOT NULL,          -- JSON
    actor    TEXT,                   -- JSON; NULL: the machine
    request  TEXT,                   -- the client's own name for the command that did it
    asked_at INTEGER,                -- when the person asked for it, where that was not then
    snapshot TEXT NOT NULL           -- the alert after it, as JSON
) STRICT;
CREATE INDEX change_of_alert ON alert_change (alert, seq);
CREATE INDEX change_by_time ON alert_change (at);

-- The last change that was deleted for its age: one row. Who asks from before it is told so.
CREATE TABLE alert_horizon (seq INTEGER NOT NULL) STRICT;
INSERT INTO alert_horizon VALUES (0);

-- Messages to people and systems: the outbox, and afterwards the proof.
CREATE TABLE delivery (
    id          BLOB PRIMARY KEY NOT NULL,
    alert       BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    channel     TEXT NOT NULL,
    person      TEXT,
    address     TEXT NOT NULL,
    message     TEXT NOT NULL,       -- JSON
    created_at  INTEGER NOT NULL,
    tries       INTEGER NOT NULL,    -- that failed
    next_try_at INTEGER NOT NULL,
    state       TEXT NOT NULL,       -- 'pending', 'sent' or 'dead'
    tried_at    INTEGER,             -- the last time
    told        TEXT,                -- why the last failed one did
    sent_at     INTEGER,
    receipt     TEXT                 -- what the other side said when it took it
) STRICT;
CREATE INDEX delivery_of_alert ON delivery (alert, seq);
CREATE INDEX delivery_by_state ON delivery (state, channel, created_at);
CREATE INDEX delivery_by_time ON delivery (created_at);

-- Whose application has an alert, and who has read it.
CREATE TABLE receipt (
    alert        BLOB NOT NULL,
    user         TEXT NOT NULL,
    person       TEXT NOT NULL,      -- '' where only the account is known
    delivered_at INTEGER,            -- the first time
    read_at      INTEGER,            -- the first time
    seq          INTEGER NOT NULL,   -- the newest change that arrived
    PRIMARY KEY (alert, user, person)
) STRICT, WITHOUT ROWID;

-- What outside systems reported. What the service itself observes is in episode.
CREATE TABLE record (
    id              BLOB PRIMARY KEY NOT NULL,
    source          TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    kind            TEXT NOT NULL,
    camera          TEXT,
    site            TEXT,
    at              INTEGER NOT NULL,
    text            TEXT NOT NULL,
    data            TEXT,            -- JSON, as it came
    picture         BLOB,            -- JPEG
    alert           BLOB,            -- the alert that it belongs to
    drill           INTEGER NOT NULL,
    UNIQUE (source, idempotency_key)
) STRICT;
CREATE INDEX record_by_time ON record (at);
CREATE INDEX record_of_alert ON record (alert) WHERE alert IS NOT NULL;

-- Who did what.
CREATE TABLE audit (
    id     BLOB PRIMARY KEY NOT NULL,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,            -- JSON
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT                      -- JSON
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
