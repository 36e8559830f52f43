-- Users of other issuers, and the accounts that are theirs. Never matched by name or address, which issuers give away again.
CREATE TABLE identities (
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    account_id TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identities_by_account ON identities (account_id);

-- Assertions that were used, until they would have expired.
CREATE TABLE jtis (
    issuer     TEXT    NOT NULL,
    jti        TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, jti)
);

CREATE INDEX jtis_by_end ON jtis (expires_at);
