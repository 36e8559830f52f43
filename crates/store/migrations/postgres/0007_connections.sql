-- What accounts are connected to at services that this server is a client of: first an attempt, which a node polls for at
-- `due_at`, then the connection. `sealed` is encrypted by a key that is not in the database; `prompt` is JSON. Each change names
-- the `version` that it is based on.
CREATE TABLE connections (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id    TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    upstream      TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    state         TEXT NOT NULL,
    prompt        TEXT,
    label         TEXT,
    sealed        TEXT,
    due_at        BIGINT,
    poll_interval BIGINT NOT NULL,
    script_key    TEXT,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    used_at       BIGINT
);

CREATE INDEX connections_by_account ON connections (account_id);
CREATE INDEX connections_by_due ON connections (state, due_at);
