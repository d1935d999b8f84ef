-- Events: what each call tells the stream, collected and written at its end.

-- Entries to be written: tables used again by each call, the first `filled` of them, with how much of each is of now.
local entries, lengths, filled = {}, {}, 0
local MOST_ENTRIES = 64  -- of the stream's one, and kept for the next call
local words = {}  -- the field's name and an entry's text in turn

D.on_start(function()
  filled = 0
end)

-- Fields of a conversation that its events carry.
local carried = {k = true, pr = true, na = true, nx = true, us = true, fr = true, du = true, out = true, ct = true,
  ref = true, t1 = true, t2 = true}
-- Entries are many: their names and types are short, and each is one text (docs/store.md); routing/event_feed.cpp
-- gives them back whole.
local brief = {agent = 'w', state = 's', message = 'm', message_seq = 'ms', message_state = 'mst',
  offer = 'o', expires_at = 'ex', decision = 'dec', channel = 'ch', related = 'rel', demand = 'd', contact = 'ct',
  kind = 'k'}
local areas = {conversation = 'c', message = 'm', offer = 'o', agent = 'a'}
local types = {}

-- A change of a conversation's field that the next event is to tell.
function D.untold(c, field)
  local unsaid = c.unsaid
  if not unsaid then
    -- As long as it gets: what grows a step at a time is made anew at each.
    c.unsaid = {carried[field] and field or nil, nil, nil, nil, nil, nil, nil, nil}
    return
  end
  if not carried[field] then return end
  local count = #unsaid
  for i = 1, count do
    if unsaid[i] == field then return end
  end
  unsaid[count + 1] = field
end

-- An entry's time is its id's, unless a clock stepped back.
local function open_entry(kind)
  filled = filled + 1
  local e = entries[filled]
  if not e then
    e = {'n', '', 't'}
    entries[filled] = e
  end
  if not types[kind] then types[kind] = kind:gsub('^%a+', areas) end
  e[4], e[5], e[6] = types[kind], 'a', D.actor
  if D.now >= numbers.event_ms then return e, 6 end
  e[7], e[8] = 'at', D.text(D.now)
  return e, 8
end

-- What each entry of a conversation carries, and what changed with it.
local function tell_conversation(e, n, c)
  local rec, unsaid = c.rec, c.unsaid
  e[n + 1], e[n + 2], e[n + 3], e[n + 4], e[n + 5], e[n + 6] = 'c', c.id, 's', rec.st, 'q', rec.q
  n = n + 6
  if rec.ow then
    e[n + 1], e[n + 2] = 'w', rec.ow
    n = n + 2
  end
  if not unsaid then return n end
  for i = 1, #unsaid do
    local field = unsaid[i]
    local value = rec[field] or ''
    e[n + 1], e[n + 2] = field, type(value) == 'number' and D.text(value) or value
    n = n + 2
  end
  c.unsaid = nil
  return n
end

-- An entry of the event stream, written by flush; `ids` is a flat list of names and values.
function D.emit(kind, c, cause, ids)
  local e, n = open_entry(kind)
  if c then n = tell_conversation(e, n, c) end
  if cause then
    e[n + 1], e[n + 2] = 'y', cause
    n = n + 2
  end
  for i = 1, ids and #ids or 0, 2 do
    local name, value = ids[i], ids[i + 1]
    e[n + 1], e[n + 2] = brief[name] or name, type(value) == 'number' and D.text(value) or value
    n = n + 2
  end
  lengths[filled] = n
end

local function told_by(text)
  local told, name = {}, nil
  for word in (text .. SEPARATOR):gmatch('([^' .. SEPARATOR .. ']*)' .. SEPARATOR) do
    if name then
      told[name], name = word, nil
    else
      name = word
    end
  end
  return told
end

-- For the audit: what the entry of this type tells of a conversation, by the stream's short names; nil when none of
-- that millisecond does.
function D.told_at(at, kind, id)
  local ms = D.text(at)
  for _, entry in ipairs(call('XRANGE', P .. 'events', ms, ms, 'COUNT', '1000')) do
    for i = 2, #entry[2], 2 do
      local told = told_by(entry[2][i])
      if told.t == kind and told.c == id then return told end
    end
  end
end

-- Of an entry's text.
function D.number_of_event(text)
  return tonumber(text:match('^n' .. SEPARATOR .. '(%d+)' .. SEPARATOR))
end

function D.flush_events()
  if filled == 0 then return end
  -- Explicit ids keep the stream a function of `now`; they must not fall when a clock steps back.
  if D.now > numbers.event_ms then
    numbers.event_ms, numbered = D.now, true
  end
  local key, id = P .. 'events', D.text(numbers.event_ms) .. '-*'
  for i = 1, filled do
    local e, at = entries[i], (i - 1) % MOST_ENTRIES + 1
    e[2] = D.text(D.next_number('seq'))
    words[2 * at - 1], words[2 * at] = 'e', concat(e, SEPARATOR, 1, lengths[i])
    if at == MOST_ENTRIES or i == filled then call('XADD', key, id, unpack(words, 1, 2 * at)) end
  end
  if filled > MOST_ENTRIES then entries = {} end
  filled = 0
end
