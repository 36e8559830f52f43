-- What accounts are connected to at services that this server is a client of: first an attempt, which a node polls for at
-- `due_at`, then the connection. `sealed` is encrypted by a key that is not in the database; `prompt` is JSON. Each change names
-- the `version` that it is based on.
CREATE TABLE connections (
    id            TEXT    NOT NULL PRIMARY KEY,
    account_id    TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    upstream      TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    state         TEXT NOT NULL,
    prompt        TEXT,
    label         TEXT,
    sealed        TEXT,
    due_at        INTEGER,
    poll_interval INTEGER NOT NULL,
    script_key    TEXT,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    used_at       INTEGER
);

CREATE INDEX connections_by_account ON connections (account_id);
CREATE INDEX connections_by_due ON connections (state, due_at);
