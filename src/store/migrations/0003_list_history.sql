-- The name of a member, as whoever proposed them wrote it: for people who look at the list.
alter table members add column name text;

-- What happened to a list itself (given out, released) stands beside what happened to its members. `code`: what a mail
-- server said (RFC 3463).
alter table member_changes alter column member_id drop not null;
alter table member_changes add column code text;

-- When a root address was released: mail that still comes for it is news.
alter table lists add column released_at timestamptz;
