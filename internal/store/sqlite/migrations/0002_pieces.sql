-- What is neither a token nor a second of sound: pictures, and characters that are spoken.
-- Rows that have none of it do not grow: they end before these columns.

ALTER TABLE entries ADD COLUMN image_out       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN characters      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN images          INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN hold_seconds    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN hold_characters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN hold_images     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE traits  ADD COLUMN picture         TEXT    NOT NULL DEFAULT ''; -- QUALITY/SIZE

ALTER TABLE usage_hours ADD COLUMN seconds    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_hours ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_hours ADD COLUMN images     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_days  ADD COLUMN seconds    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_days  ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_days  ADD COLUMN images     INTEGER NOT NULL DEFAULT 0;

-- Seconds were in the entries already. The additions make divisions round down, also
-- before 1970.
UPDATE usage_hours SET seconds = e.seconds
FROM (SELECT (began + 360000000000000000) / 3600000000 - 100000000 AS hour, series, sum(seconds) AS seconds
  FROM entries WHERE seconds > 0 GROUP BY 1, 2) e
WHERE usage_hours.hour = e.hour AND usage_hours.series = e.series;
UPDATE usage_days SET seconds = h.seconds
FROM (SELECT (hour + 2400000000) / 24 - 100000000 AS day, series, sum(seconds) AS seconds
  FROM usage_hours WHERE seconds > 0 GROUP BY 1, 2) h
WHERE usage_days.day = h.day AND usage_days.series = h.series;

-- For people who open this file with sqlite3.
DROP VIEW usage_entries;
CREATE VIEW usage_entries AS
SELECT e.seq,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4) || '-' ||
        substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  strftime('%Y-%m-%dT%H:%M:%f', e.began / 1000000.0, 'unixepoch') || 'Z' AS began,
  s.caller, s.caller_group, s.event, s.attendee, s.key, s.ip, s.user, t.agent,
  e.request_id, e.trace, t.retry, t.method, s.dialect, s.operation, s.model, t.api_version,
  t.stream, t.stream_usage, t.max_tokens, t.choices, t.picture, e.body_bytes, e.affinity,
  s.resource, s.deployment, s.pool, s.base, s.region, s.sku, s.tpm, s.rpm, s.ptu, s.priority, s.weight,
  t.attempts, e.upstream_id, t.answer_model, s.outcome, s.status, s.code, t.finish, s.source,
  e.prompt, e.completion, e.total, e.cached, e.cache_write, e.audio_in, e.image_in,
  e.reasoning, e.audio_out, e.image_out, e.accepted, e.rejected, e.seconds, e.characters, e.images,
  s.counted, coalesce(c.cost, e.cost) / 1000000.0 AS cost, coalesce(c.pricing, t.pricing) AS pricing,
  e.hold_prompt, e.hold_completion, e.hold_seconds, e.hold_characters, e.hold_images, e.hold_cost / 1000000.0 AS hold_cost,
  e.answer_bytes, e.upstream_us, e.first_byte_us, e.total_us, e.cause
FROM entries e
JOIN series s ON s.id = e.series
JOIN traits t ON t.id = e.traits
LEFT JOIN corrections c ON c.seq = e.seq;
