-- Rows of the queue are counted on every page: with these columns the index answers alone.
drop index tickets_act;
create index tickets_act on tickets (queue, act_at, rank, id) include (urgency, incident_id);
drop index tickets_critical;
create index tickets_critical on tickets (queue, act_at, rank, id) include (incident_id) where urgency = 'critical';
