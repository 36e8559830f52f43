-- Apps that have to be told when a session ends, one row per session and app; deleted when the app was told. No foreign keys:
-- it outlives its session and its account.
CREATE TABLE logout_notices (
    session_id TEXT COLLATE "C" NOT NULL,
    client_id  TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    -- When to tell it: when the session expires, or, after a failure, when to try again. NULL if the session does not expire.
    due_at     BIGINT,
    attempts   BIGINT NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

CREATE INDEX logout_notices_by_due ON logout_notices (due_at);

-- Whoever ends a session, by whatever means, its notices are due at once.
CREATE FUNCTION make_notices_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE logout_notices SET due_at = COALESCE(NEW.revoked_at, 0) WHERE session_id = OLD.id AND attempts = 0;
    RETURN NULL;
END $$;

CREATE TRIGGER notices_of_ended_session AFTER UPDATE OF revoked_at ON sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION make_notices_due();

CREATE TRIGGER notices_of_deleted_session AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION make_notices_due();
