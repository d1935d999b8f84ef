-- Conversations: a record of what moves, and a list: its head is the long part, element n the message with seq n.
-- Changes are collected and written once, by flush.
D.on_start(function()
  D.conversations = {}
end)
-- What is written with a changed field: an event that tells of it, its timer.
local effects = {st = 'both', nx = 'both', ra = 'timer', q = 'event', ow = 'event', k = 'event', pr = 'event',
  na = 'event', us = 'event', fr = 'event', du = 'event', out = 'event', ct = 'event', ref = 'event', cr = 'event'}
local born = {'k', 'pr', 'ct', 'ref', 'cr', 't1', 't2'}

-- nil when there is none.
function D.find(id)
  local c = D.conversations[id]
  if c then return c end
  local packed = call('GET', P .. 'c:' .. id)
  if not packed then return nil end
  c = D.record({id = id, unwritten = {}, rec = nil, was_st = nil, was_q = nil, was_k = nil, was_score = nil,
    changed = nil, unsaid = nil, retime = nil, long = nil, long_text = nil, newest = nil}, packed)
  c.was_st, c.was_q, c.was_k, c.was_score = c.st, c.q, c.k, D.index_score(c)
  D.conversations[id] = c
  return c
end

function D.conversation(id)
  local c = id and D.find(id)
  if not c then D.fail('not_found', 'no conversation ' .. tostring(id)) end
  return c
end

function D.open_conversation(id, fields)
  local c = D.record({id = id, unwritten = {}, fresh = true, changed = true, retime = true, rec = nil, was_st = nil,
    was_q = nil, was_k = nil, was_score = nil, unsaid = nil, long = nil, long_text = nil, newest = nil, step = nil,
    relaxes = nil}, nil, fields)
  D.conversations[id] = c
  for i = 1, #born do D.untold(c, born[i]) end
  return c
end

function D.set(c, field, value)
  local rec = c.rec
  if rec[field] == value then return end
  rec[field] = value
  c.changed = true
  local effect = effects[field]
  if effect then
    if effect ~= 'timer' then D.untold(c, field) end
    if effect ~= 'event' then c.retime = true end
  end
end

-- Changes made by looking at what would be: not to be written.
function D.unchanged(c)
  c.changed, c.unsaid, c.retime = nil, nil, nil
end

-- The long part, decoded; nothing in it is empty.
function D.long(c)
  if not c.long then c.long = cjson.decode(D.long_json(c)) end
  return c.long
end

-- Who follows it: few conversations have any, and the rest of the long part need not be decoded to know.
function D.followers(c)
  if not c.long and not D.long_json(c):find('"followers"', 1, true) then return {} end
  return D.long(c).followers or {}
end

function D.touch_long(c)
  local long = D.long(c)
  c.long_dirty, c.long_text = true, nil
  return long
end

-- Its text.
function D.long_json(c)
  if not c.long_text then
    c.long_text = c.long and cjson.encode(c.long) or call('LINDEX', P .. 'm:' .. c.id, '0')
  end
  return c.long_text
end

function D.index_key(c)
  return P .. 'in:' .. c.st .. ':' .. c.q .. ':' .. c.k
end

function D.index_score(c)
  return c.st == 'waiting' and c.ag or c.cr
end

local function write_index(c)
  local score = D.index_score(c)
  local moved = c.st ~= c.was_st or c.q ~= c.was_q or c.k ~= c.was_k
  if not moved and score == c.was_score then return end
  if moved and c.was_st then call('ZREM', P .. 'in:' .. c.was_st .. ':' .. c.was_q .. ':' .. c.was_k, c.id) end
  call('ZADD', D.index_key(c), D.text(score), c.id)
  c.was_st, c.was_q, c.was_k, c.was_score = c.st, c.q, c.k, score
end

-- When time looks at it next; the timer of an offered one is its offer's.
local function write_timer(c)
  if not c.retime then return end
  local at = c.nx
  if c.st == 'resolved' then at = c.ra + D.settings().conversations.reopen_within end
  if c.st == 'closed' or not at then
    call('ZREM', P .. 'timers:bulk', 'x|' .. c.id)
  elseif c.st ~= 'offered' then
    call('ZADD', P .. 'timers:bulk', D.text(at), 'x|' .. c.id)
  end
end

local function write_messages(c)
  local list = c.unwritten
  if c.fresh then
    table.insert(list, 1, D.long_json(c))
  elseif c.long_dirty then
    call('LSET', P .. 'm:' .. c.id, '0', D.long_json(c))
  end
  if #list > 0 then
    call('RPUSH', P .. 'm:' .. c.id, unpack(list))
    c.unwritten = {}
  end
  c.fresh, c.long_dirty = nil, nil
end

function D.flush_conversation(c)
  if c.unsaid then D.emit('conversation.updated', c) end
  if c.changed then
    call('SET', P .. 'c:' .. c.id, cmsgpack.pack(c.rec))
    write_index(c)
    write_timer(c)
    c.changed, c.retime = nil, nil
  end
  write_messages(c)
end

-- The desk's turn it is from now on, if it was not: its age begins with the oldest message without an answer, else here,
-- and is kept until D.end_turn, through whatever hands it goes.
function D.take_turn(c)
  D.set(c, 'ag', c.ag or c.us or D.now)
end

-- The customer was answered, or it was put aside, or is done.
function D.end_turn(c)
  D.set(c, 'ag', nil)
end

-- Who has the next step, and when time looks at it if he does nothing.
function D.next_step(c, actor, at)
  D.set(c, 'na', actor)
  D.set(c, 'nx', at and floor(at))
end

-- Appends a message; `fields` goes into its head. Returns its JSON.
function D.append(c, fields, body)
  D.set(c, 'n', (c.n or 0) + 1)
  D.set(c, 'at', D.now)
  fields.seq = c.n
  fields.at = D.now
  local head = cjson.encode(fields)
  c.newest = head .. '\n' .. body
  c.unwritten[#c.unwritten + 1] = c.newest
  return D.join_message(head, body)
end

function D.join_message(head, body)
  return head:sub(1, -2) .. ',"body":' .. body .. '}'
end

-- A stored element as its head and its body.
function D.cut_message(element)
  local cut = element:find('\n', 1, true)
  return element:sub(1, cut - 1), element:sub(cut + 1)
end

function D.message_json(element)
  return D.join_message(D.cut_message(element))
end

function D.link_blobs(c, blobs)
  for _, blob in ipairs(blobs or {}) do call('SADD', P .. 'blob:' .. blob, c.id) end
end

function D.link_external(c, external_id)
  if external_id and external_id ~= '' then call('SET', P .. 'ext:' .. external_id, c.id) end
end

-- Remembers that `key` stored message `seq` of c, so that it is stored once.
function D.remember(key, c, seq, digest)
  local keep = D.settings().conversations.keep_delivery_keys
  call('SET', P .. 'once:' .. key, c.id .. ' ' .. D.text(seq) .. ' ' .. (digest or ''):sub(1, 16), 'PX',
    D.text(keep))
end

-- The conversation's id and seq that `key` stored, and whether the digest differs.
function D.remembered(key, digest)
  local value = call('GET', P .. 'once:' .. key)
  if not value then return nil end
  local id, seq, old = value:match('^(%S+) (%d+) (.*)$')
  local other = digest and digest ~= '' and old ~= '' and old ~= digest:sub(1, 16)
  return id, tonumber(seq), other
end

function D.message_at(id, seq)
  local element = call('LINDEX', P .. 'm:' .. id, seq)
  return element and D.message_json(element)
end

function D.conversation_json(c)
  local shown = cjson.encode({id = c.id, reference = c.ref, state = c.st, queue = c.q, kind = c.k, channel = c.ch,
    priority = c.pr, promise_s = c.ps, first_reply_by = c.t1, resolve_by = c.t2, contact = c.ct, initiator = c.ini,
    agent = c.ow, created_at = c.cr, first_replied_at = c.fr, unanswered_since = c.us, next_actor = c.na,
    next_at = c.nx, outcome = c.out, config_version = c.cv, language = c.lg, messages = c.n, last_at = c.at,
    status_token = c.id .. '.' .. (c.tk or ''), age_at = c.ag, weight = c.w})
  return shown:sub(1, -2) .. ',"long":' .. D.long_json(c) .. '}'
end
