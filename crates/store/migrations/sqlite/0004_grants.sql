-- Authorization requests that wait for a person to sign in or to consent. `request` is JSON; `browser` the SHA-256, in hex, of
-- the secret in the cookie of the browser that made the request.
CREATE TABLE interactions (
    id           TEXT    NOT NULL PRIMARY KEY,
    browser      TEXT    NOT NULL,
    request      TEXT    NOT NULL,
    consented_by TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    started_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
);

CREATE INDEX interactions_by_end ON interactions (expires_at);

-- What an account has let an app learn.
CREATE TABLE consents (
    account_id TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    client_id  TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, client_id)
);

-- One row per sign-in to an app, from its code to its last refresh token. `session_id` is no foreign key: an offline grant
-- outlives the row of its session.
CREATE TABLE grants (
    id             TEXT    NOT NULL PRIMARY KEY,
    client_id      TEXT    NOT NULL,
    account_id     TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    session_id     TEXT    NOT NULL,
    scopes         TEXT    NOT NULL,
    resource       TEXT,
    nonce          TEXT,
    redirect_uri   TEXT    NOT NULL,
    code_challenge TEXT,
    code_used_at   INTEGER,
    counter        INTEGER NOT NULL,
    rotated_at     INTEGER,
    auth_time      INTEGER NOT NULL,
    began          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    revoked_at     INTEGER
);

CREATE INDEX grants_by_account ON grants (account_id, client_id);
CREATE INDEX grants_by_session ON grants (session_id);
CREATE INDEX grants_by_end ON grants (expires_at);
