-- The ledger. Times are microseconds since 1970 (UTC), durations microseconds.

-- How far the store has taken in each journal.
CREATE TABLE cursors (
  journal BLOB    NOT NULL PRIMARY KEY,
  number  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What many entries have in common, once: who asked for what, where it went and
-- how it ended. Reports sum by these columns. hash, of all of them, finds a row
-- again.
CREATE TABLE series (
  id           INTEGER NOT NULL PRIMARY KEY,
  hash         BLOB    NOT NULL UNIQUE,
  caller       TEXT    NOT NULL,
  caller_group TEXT    NOT NULL,
  event        TEXT    NOT NULL,
  attendee     TEXT    NOT NULL,
  key          TEXT    NOT NULL,
  ip           TEXT    NOT NULL,
  user         TEXT    NOT NULL,
  dialect      TEXT    NOT NULL,
  operation    TEXT    NOT NULL,
  model        TEXT    NOT NULL,
  outcome      TEXT    NOT NULL,
  status       INTEGER NOT NULL,
  code         TEXT    NOT NULL,
  source       TEXT    NOT NULL,
  counted      INTEGER NOT NULL, -- 1: it counts against limits
  -- The deployment that answered; deployed is 0 when none did.
  deployed     INTEGER NOT NULL,
  resource     TEXT    NOT NULL,
  deployment   TEXT    NOT NULL,
  pool         TEXT    NOT NULL,
  base         TEXT    NOT NULL,
  region       TEXT    NOT NULL,
  sku          TEXT    NOT NULL,
  tpm          INTEGER NOT NULL,
  rpm          INTEGER NOT NULL,
  ptu          INTEGER NOT NULL,
  priority     INTEGER NOT NULL,
  weight       INTEGER NOT NULL
) STRICT;

-- What else many entries have in common. Pricing is here and not in series, because
-- repricing changes it: sums by series then only change their cost and unpriced.
CREATE TABLE traits (
  id           INTEGER NOT NULL PRIMARY KEY,
  hash         BLOB    NOT NULL UNIQUE,
  method       TEXT    NOT NULL,
  agent        TEXT    NOT NULL,
  api_version  TEXT    NOT NULL,
  stream       INTEGER NOT NULL,
  stream_usage INTEGER NOT NULL,
  max_tokens   INTEGER NOT NULL,
  choices      INTEGER NOT NULL,
  retry        INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  answer_model TEXT    NOT NULL,
  finish       TEXT    NOT NULL,
  pricing      TEXT    NOT NULL
) STRICT;

-- One request, one row. seq has no holes.
CREATE TABLE entries (
  seq             INTEGER NOT NULL PRIMARY KEY,
  id              BLOB    NOT NULL,
  began           INTEGER NOT NULL,
  series          INTEGER NOT NULL REFERENCES series (id),
  traits          INTEGER NOT NULL REFERENCES traits (id),
  request_id    TEXT,             -- NULL: the same as id
  trace         TEXT,             -- NULL: none
  upstream_id   TEXT,             -- NULL: none
  affinity        INTEGER NOT NULL, -- 64 bits of a hash
  body_bytes      INTEGER NOT NULL,
  prompt          INTEGER NOT NULL,
  completion      INTEGER NOT NULL,
  total           INTEGER NOT NULL,
  cached          INTEGER NOT NULL,
  reasoning       INTEGER NOT NULL,
  cost            INTEGER NOT NULL, -- of money, millionths; as it was written
  hold_prompt     INTEGER NOT NULL,
  hold_completion INTEGER NOT NULL,
  hold_cost       INTEGER NOT NULL,
  answer_bytes    INTEGER NOT NULL,
  upstream_us     INTEGER NOT NULL,
  first_byte_us   INTEGER NOT NULL,
  total_us        INTEGER NOT NULL,
  checksum        INTEGER NOT NULL, -- CRC32C of the entry's canonical encoding
  cache_write     INTEGER NOT NULL DEFAULT 0,
  audio_in        INTEGER NOT NULL DEFAULT 0,
  image_in        INTEGER NOT NULL DEFAULT 0,
  audio_out       INTEGER NOT NULL DEFAULT 0,
  accepted        INTEGER NOT NULL DEFAULT 0,
  rejected        INTEGER NOT NULL DEFAULT 0,
  seconds         INTEGER NOT NULL DEFAULT 0,
  cause           TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX entries_began ON entries (began);

-- What entries cost since they were repriced. The entries stay as they were written,
-- and so does the chain.
CREATE TABLE corrections (
  seq       INTEGER NOT NULL PRIMARY KEY REFERENCES entries (seq),
  cost      INTEGER NOT NULL,
  pricing   TEXT    NOT NULL,
  corrected INTEGER NOT NULL -- when
) STRICT;

-- Sums of the entries of an hour and a series, and of a day and a series (hours and
-- days since 1970, UTC). Days are summed up once they are over, and are then in
-- summed_days. timed counts the entries that had a last byte (total_us
-- above 0), le_* the same by their total_us, up to that bound and above the one
-- before; first_bytes counts those that had a first byte. cost is the corrected one
-- and stops at 2305843009213693951; unpriced counts those whose cost is unknown.
CREATE TABLE usage_hours (
  hour          INTEGER NOT NULL,
  series        INTEGER NOT NULL REFERENCES series (id),
  requests      INTEGER NOT NULL,
  prompt        INTEGER NOT NULL,
  completion    INTEGER NOT NULL,
  total         INTEGER NOT NULL,
  cached        INTEGER NOT NULL,
  reasoning     INTEGER NOT NULL,
  cost          INTEGER NOT NULL,
  unpriced      INTEGER NOT NULL,
  first         INTEGER NOT NULL,
  last          INTEGER NOT NULL,
  timed         INTEGER NOT NULL,
  latency_us    INTEGER NOT NULL,
  first_bytes   INTEGER NOT NULL,
  first_byte_us INTEGER NOT NULL,
  le_50ms       INTEGER NOT NULL,
  le_100ms      INTEGER NOT NULL,
  le_200ms      INTEGER NOT NULL,
  le_400ms      INTEGER NOT NULL,
  le_800ms      INTEGER NOT NULL,
  le_1600ms     INTEGER NOT NULL,
  le_3200ms     INTEGER NOT NULL,
  le_6400ms     INTEGER NOT NULL,
  le_12800ms    INTEGER NOT NULL,
  le_25600ms    INTEGER NOT NULL,
  le_51200ms    INTEGER NOT NULL,
  le_102400ms   INTEGER NOT NULL,
  le_inf        INTEGER NOT NULL,
  PRIMARY KEY (hour, series)
) STRICT, WITHOUT ROWID;
CREATE TABLE usage_days (
  day           INTEGER NOT NULL,
  series        INTEGER NOT NULL REFERENCES series (id),
  requests      INTEGER NOT NULL,
  prompt        INTEGER NOT NULL,
  completion    INTEGER NOT NULL,
  total         INTEGER NOT NULL,
  cached        INTEGER NOT NULL,
  reasoning     INTEGER NOT NULL,
  cost          INTEGER NOT NULL,
  unpriced      INTEGER NOT NULL,
  first         INTEGER NOT NULL,
  last          INTEGER NOT NULL,
  timed         INTEGER NOT NULL,
  latency_us    INTEGER NOT NULL,
  first_bytes   INTEGER NOT NULL,
  first_byte_us INTEGER NOT NULL,
  le_50ms       INTEGER NOT NULL,
  le_100ms      INTEGER NOT NULL,
  le_200ms      INTEGER NOT NULL,
  le_400ms      INTEGER NOT NULL,
  le_800ms      INTEGER NOT NULL,
  le_1600ms     INTEGER NOT NULL,
  le_3200ms     INTEGER NOT NULL,
  le_6400ms     INTEGER NOT NULL,
  le_12800ms    INTEGER NOT NULL,
  le_25600ms    INTEGER NOT NULL,
  le_51200ms    INTEGER NOT NULL,
  le_102400ms   INTEGER NOT NULL,
  le_inf        INTEGER NOT NULL,
  PRIMARY KEY (day, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE summed_days (
  day INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- A chain of hashes over the entries: each link is the SHA-256 of the link before
-- it, the number of its first entry (8 bytes, big endian), and the canonical
-- encodings of its entries.
CREATE TABLE chain (
  last  INTEGER NOT NULL PRIMARY KEY, -- seq of the link's last entry
  first INTEGER NOT NULL,             -- and of its first
  hash  BLOB    NOT NULL
) STRICT;

-- What is changed while the gateway runs, such as limits and prices. Every change of
-- any object takes the next version; what was deleted stays as a row without data,
-- so that those who follow the versions notice.
CREATE TABLE objects (
  version    INTEGER NOT NULL PRIMARY KEY,
  kind       TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  tenant     TEXT    NOT NULL,
  data       TEXT,            -- JSON; NULL: deleted
  updated    INTEGER NOT NULL,
  changed_by TEXT    NOT NULL,
  UNIQUE (kind, id)
) STRICT;

-- For people who open this file with sqlite3.
CREATE VIEW usage_entries AS
SELECT e.seq,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4) || '-' ||
        substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  strftime('%Y-%m-%dT%H:%M:%f', e.began / 1000000.0, 'unixepoch') || 'Z' AS began,
  s.caller, s.caller_group, s.event, s.attendee, s.key, s.ip, s.user, t.agent,
  e.request_id, e.trace, t.retry, t.method, s.dialect, s.operation, s.model, t.api_version,
  t.stream, t.stream_usage, t.max_tokens, t.choices, e.body_bytes, e.affinity,
  s.resource, s.deployment, s.pool, s.base, s.region, s.sku, s.tpm, s.rpm, s.ptu, s.priority, s.weight,
  t.attempts, e.upstream_id, t.answer_model, s.outcome, s.status, s.code, t.finish, s.source,
  e.prompt, e.completion, e.total, e.cached, e.cache_write, e.audio_in, e.image_in,
  e.reasoning, e.audio_out, e.accepted, e.rejected, e.seconds,
  s.counted, coalesce(c.cost, e.cost) / 1000000.0 AS cost, coalesce(c.pricing, t.pricing) AS pricing,
  e.hold_prompt, e.hold_completion, e.hold_cost / 1000000.0 AS hold_cost, e.answer_bytes,
  e.upstream_us, e.first_byte_us, e.total_us, e.cause
FROM entries e
JOIN series s ON s.id = e.series
JOIN traits t ON t.id = e.traits
LEFT JOIN corrections c ON c.seq = e.seq;
