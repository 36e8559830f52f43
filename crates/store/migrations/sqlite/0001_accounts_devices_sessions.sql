-- Times are milliseconds since the Unix epoch, UTC. Ids are hyphenated UUIDs.

CREATE TABLE accounts (
    id            TEXT    NOT NULL PRIMARY KEY,
    username      TEXT    NOT NULL UNIQUE,
    display_name  TEXT    NOT NULL,
    avatar_url    TEXT,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
);

-- An app may choose its device id, so it is unique only within the account.
CREATE TABLE devices (
    account_id TEXT    NOT NULL REFERENCES accounts (id),
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE sessions (
    id           TEXT    NOT NULL PRIMARY KEY,
    account_id   TEXT    NOT NULL REFERENCES accounts (id),
    kind         TEXT    NOT NULL CHECK (kind IN ('phone', 'pc')),
    device_id    TEXT,
    name         TEXT    NOT NULL,
    ip           TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    FOREIGN KEY (account_id, device_id) REFERENCES devices (account_id, id),
    -- A phone's session is bound to its device and lives on; a PC's has an end.
    CHECK ((kind = 'phone') = (device_id IS NOT NULL)),
    CHECK ((kind = 'pc') = (expires_at IS NOT NULL))
);

CREATE INDEX sessions_by_account ON sessions (account_id, revoked_at);
-- One living credential a device.
CREATE UNIQUE INDEX one_session_a_device ON sessions (account_id, device_id)
    WHERE device_id IS NOT NULL AND revoked_at IS NULL;
