-- Approvals that a phone gave until then, and that no PC or device has collected, are void: the person has since set a new password
-- or signed out all others.
ALTER TABLE sessions ADD COLUMN approvals_void_until BIGINT;
