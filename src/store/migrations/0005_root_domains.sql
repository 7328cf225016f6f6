-- Whose people a domain's are: asked for each mail that persons write.
create index lists_domain on lists (split_part(address, '@', 2), customer_id);
