-- How the session began: 'password', or 'code' (a PC that a phone approved). The default is the one with fewer rights.
ALTER TABLE sessions ADD COLUMN began TEXT NOT NULL DEFAULT 'code';
UPDATE sessions SET began = 'password' WHERE kind = 'phone';

-- When the person last gave the account's password in a session that began by a code.
ALTER TABLE sessions ADD COLUMN stepped_up_at BIGINT;

-- SHA-256, in hex, of the secret in the cookie of the phone's browser. NULL for PCs and for sessions from before this column.
ALTER TABLE sessions ADD COLUMN device_secret TEXT;
