-- Apps that have to be told when a session ends, one row per session and app; deleted when the app was told. No foreign keys:
-- it outlives its session and its account.
CREATE TABLE logout_notices (
    session_id TEXT    NOT NULL,
    client_id  TEXT    NOT NULL,
    account_id TEXT    NOT NULL,
    -- When to tell it: when the session expires, or, after a failure, when to try again. NULL if the session does not expire.
    due_at     INTEGER,
    attempts   INTEGER NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

CREATE INDEX logout_notices_by_due ON logout_notices (due_at);

-- Whoever ends a session, by whatever means, its notices are due at once.
CREATE TRIGGER notices_of_ended_session AFTER UPDATE OF revoked_at ON sessions
    WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL
BEGIN
    UPDATE logout_notices SET due_at = NEW.revoked_at WHERE session_id = NEW.id AND attempts = 0;
END;

CREATE TRIGGER notices_of_deleted_session AFTER DELETE ON sessions
BEGIN
    UPDATE logout_notices SET due_at = 0 WHERE session_id = OLD.id AND attempts = 0;
END;
