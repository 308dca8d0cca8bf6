-- Who may sign in, and who is. Times are Unix microseconds; hashes of secrets that the service made
-- itself are SHA-256, those of passwords Argon2id.

CREATE TABLE account (
    name        TEXT PRIMARY KEY NOT NULL,
    hash        TEXT NOT NULL,       -- PHC string
    person      TEXT,                -- of the roster
    disabled    INTEGER NOT NULL,
    must_change INTEGER NOT NULL,    -- 1: the password is good for setting another, nothing else
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_grant (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    role    TEXT NOT NULL,
    site    TEXT NOT NULL,           -- '': everywhere
    PRIMARY KEY (account, role, site)
) STRICT, WITHOUT ROWID;

-- For screens, scripts and other centres. One that is revoked stays, so that its name keeps its meaning.
CREATE TABLE token (
    id         BLOB PRIMARY KEY NOT NULL,  -- UUID version 7
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    wall       TEXT,                       -- of a screen
    screen     TEXT,                       -- its place on the wall; NULL: the whole
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    seen_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE token_grant (
    token BLOB NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    role  TEXT NOT NULL,
    site  TEXT NOT NULL,             -- '': everywhere
    PRIMARY KEY (token, role, site)
) STRICT, WITHOUT ROWID;

-- Signed in, by an account or with a token.
CREATE TABLE session (
    hash       BLOB PRIMARY KEY NOT NULL,  -- of the id, which only the browser has
    account    TEXT REFERENCES account (name) ON DELETE CASCADE,
    token      BLOB REFERENCES token (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,           -- whatever it does
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    CHECK ((account IS NULL) <> (token IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_account ON session (account, created_at);
CREATE INDEX session_of_token ON session (token, created_at);
CREATE INDEX session_by_end ON session (expires_at);

-- What a page keeps for somebody: layouts, columns, language.
CREATE TABLE preference (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

-- Rises with whatever takes or gives a right, whoever writes it: who holds rights in memory reads
-- them anew. Triggers, so that no way to write can forget it.
CREATE TABLE rights_epoch (epoch INTEGER NOT NULL) STRICT;
INSERT INTO rights_epoch VALUES (0);

CREATE TRIGGER account_added AFTER INSERT ON account
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER account_changed AFTER UPDATE ON account
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER account_removed AFTER DELETE ON account
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER account_grant_added AFTER INSERT ON account_grant
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER account_grant_removed AFTER DELETE ON account_grant
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER token_added AFTER INSERT ON token
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
-- Not when it was seen: that happens all the time.
CREATE TRIGGER token_changed AFTER UPDATE OF name, hash, wall, screen, expires_at, revoked_at ON token
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER token_removed AFTER DELETE ON token
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER token_grant_added AFTER INSERT ON token_grant
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER token_grant_removed AFTER DELETE ON token_grant
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
CREATE TRIGGER session_ended AFTER DELETE ON session
    BEGIN UPDATE rights_epoch SET epoch = epoch + 1; END;
