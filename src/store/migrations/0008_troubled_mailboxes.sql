-- The few mailboxes of thousands that need somebody: counted for every page.
create index mailboxes_failing on mailboxes (name) where state in ('waiting', 'paused', 'stopped');
create index mailbox_epochs_troubled on mailbox_epochs (mailbox)
  where ended_at is null and (audit_missing > 0 or after_error is not null);
