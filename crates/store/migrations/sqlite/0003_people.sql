-- Not unique: an account is known by its id.
ALTER TABLE accounts ADD COLUMN email TEXT;
-- 1 if somebody has verified that the address is the person's, else 0.
ALTER TABLE accounts ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;
-- A JSON array of texts, sorted. It is read with every request and only ever as a whole, so it has no table of its own.
ALTER TABLE accounts ADD COLUMN group_names TEXT NOT NULL DEFAULT '[]';

-- Apart from accounts, whose rows stay small. accounts.avatar_url has the path, with the same hash.
CREATE TABLE pictures (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- The file's name: SHA-256 of the bytes in hex, and .jpg. Two accounts may have the same picture.
    name       TEXT NOT NULL,
    bytes      BLOB NOT NULL
);

CREATE INDEX pictures_by_name ON pictures (name);
