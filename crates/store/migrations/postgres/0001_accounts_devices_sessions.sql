-- Times are milliseconds since the Unix epoch, UTC. Ids are hyphenated UUIDs. The same tables as on SQLite.

CREATE TABLE accounts (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username      TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name  TEXT   NOT NULL,
    avatar_url    TEXT,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

-- An app may choose its device id, so it is unique only within the account.
CREATE TABLE devices (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    id         TEXT COLLATE "C" NOT NULL,
    name       TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE sessions (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id   TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    kind         TEXT   NOT NULL CHECK (kind IN ('phone', 'pc')),
    device_id    TEXT COLLATE "C",
    name         TEXT   NOT NULL,
    ip           TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    FOREIGN KEY (account_id, device_id) REFERENCES devices (account_id, id),
    -- A phone's session is bound to its device and lives on; a PC's has an end.
    CHECK ((kind = 'phone') = (device_id IS NOT NULL)),
    CHECK ((kind = 'pc') = (expires_at IS NOT NULL))
);

CREATE INDEX sessions_by_account ON sessions (account_id, revoked_at);
-- One living credential a device.
CREATE UNIQUE INDEX one_session_a_device ON sessions (account_id, device_id)
    WHERE device_id IS NOT NULL AND revoked_at IS NULL;

-- Every node hears of a session that ended, whoever ended it and by whatever means.
CREATE FUNCTION tell_of_ended_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('qr_login_session_ended', NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER session_ended AFTER UPDATE OF revoked_at ON sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION tell_of_ended_session();

CREATE FUNCTION tell_of_disabled_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('qr_login_session_ended', id) FROM sessions WHERE account_id = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER account_disabled AFTER UPDATE OF disabled_at ON accounts FOR EACH ROW
    WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION tell_of_disabled_account();
