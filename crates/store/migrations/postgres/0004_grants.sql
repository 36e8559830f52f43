-- Authorization requests that wait for a person to sign in or to consent. `request` is JSON; `browser` the SHA-256, in hex, of
-- the secret in the cookie of the browser that made the request.
CREATE TABLE interactions (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    browser      TEXT    NOT NULL,
    request      TEXT    NOT NULL,
    consented_by TEXT COLLATE "C" REFERENCES accounts (id) ON DELETE CASCADE,
    started_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE INDEX interactions_by_end ON interactions (expires_at);

-- What an account has let an app learn.
CREATE TABLE consents (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    client_id  TEXT COLLATE "C" NOT NULL,
    scopes     TEXT    NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, client_id)
);

-- One row per sign-in to an app, from its code to its last refresh token. `session_id` is no foreign key: an offline grant
-- outlives the row of its session.
CREATE TABLE grants (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id      TEXT COLLATE "C" NOT NULL,
    account_id     TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    session_id     TEXT COLLATE "C" NOT NULL,
    scopes         TEXT    NOT NULL,
    resource       TEXT,
    nonce          TEXT,
    redirect_uri   TEXT    NOT NULL,
    code_challenge TEXT,
    code_used_at   BIGINT,
    counter        BIGINT NOT NULL,
    rotated_at     BIGINT,
    auth_time      BIGINT NOT NULL,
    began          TEXT    NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    revoked_at     BIGINT
);

CREATE INDEX grants_by_account ON grants (account_id, client_id);
CREATE INDEX grants_by_session ON grants (session_id);
CREATE INDEX grants_by_end ON grants (expires_at);
