-- The record of a conversation as it is kept: what goes without saying is left out.

-- Times of every record that waits, kept as milliseconds since it was created: one to five bytes each in place of nine.
local times = {'ag', 'qa', 'rx', 'nx', 'us', 'du', 'at', 't1', 't2'}

-- Who is next in a state, as a rule: not kept.
local next_as_a_rule = {waiting = 'router', offered = 'agent', active = 'agent', pending = 'customer',
  snoozed = 'timer'}

-- Leaves out what goes without saying; returns what was there.
local function leave_out(rec)
  local actor, why, priority = rec.na, rec.why, rec.pr
  if actor == next_as_a_rule[rec.st] then rec.na = nil elseif not actor then rec.na = false end
  if why == 'arrived' then rec.why = nil elseif not why then rec.why = false end
  if priority == 'normal' then rec.pr = nil end
  return actor, why, priority
end

local function fill_in(rec)
  local actor, why = rec.na, rec.why
  if actor == nil then rec.na = next_as_a_rule[rec.st] elseif not actor then rec.na = nil end
  if why == nil then rec.why = 'arrived' elseif not why then rec.why = nil end
  rec.pr = rec.pr or 'normal'
end

function D.unpack_record(packed)
  local rec = cmsgpack.unpack(packed)
  fill_in(rec)
  if rec.cr then D.began_at(rec, rec.cr) end
  return rec
end

-- Makes times of what is milliseconds since then.
function D.began_at(rec, created)
  rec.cr = created
  for i = 1, #times do
    local field = times[i]
    local since = rec[field]
    if since then rec[field] = since + created end
  end
end

function D.pack_record(rec)
  local created = rec.cr
  for i = 1, #times do
    local field = times[i]
    local at = rec[field]
    if at then rec[field] = at - created end
  end
  local actor, why, priority = leave_out(rec)
  local packed = cmsgpack.pack(rec)
  rec.na, rec.why, rec.pr = actor, why, priority
  for i = 1, #times do
    local field = times[i]
    local since = rec[field]
    if since then rec[field] = since + created end
  end
  return packed
end
