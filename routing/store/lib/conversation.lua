-- Conversations: a small hash of what moves, and a list: its head is the long part, element n the message with seq n.
-- Changes are collected and written once, by flush.
D.on_start(function()
  D.conversations = {}
end)
local numeric = {ps = 1, rx = 1, ag = 1, cr = 1, fr = 1, us = 1, nx = 1, n = 1, w = 1, t1 = 1, t2 = 1, du = 1, ra = 1,
  at = 1, qa = 1, an = 1}

-- nil when there is none.
function D.find(id)
  local c = D.conversations[id]
  if c then return c end
  local flat = call('HGETALL', P .. 'c:' .. id)
  if #flat == 0 then return nil end
  c = {id = id, dirty = {}, unsaid = {}}
  for i = 1, #flat, 2 do
    local field = flat[i]
    c[field] = numeric[field] and tonumber(flat[i + 1]) or flat[i + 1]
  end
  c.was = D.index_key(c)
  c.was_score = D.index_score(c)
  D.conversations[id] = c
  return c
end

function D.conversation(id)
  local c = id and D.find(id)
  if not c then D.fail('not_found', 'no conversation ' .. tostring(id)) end
  return c
end

function D.open_conversation(id, fields)
  local c = {id = id, dirty = {}, unsaid = {st = true}}
  for field, value in pairs(fields) do
    c[field] = value
    c.dirty[field] = true
    c.unsaid[field] = true
  end
  D.conversations[id] = c
  return c
end

function D.set(c, field, value)
  if c[field] == value then return end
  c[field] = value
  c.dirty[field] = true
  c.unsaid[field] = true
end

-- The long part, decoded; nothing in it is empty.
function D.long(c)
  if not c.long then
    c.long = cjson.decode(call('LINDEX', P .. 'm:' .. c.id, 0))
  end
  return c.long
end

function D.touch_long(c)
  c.long_dirty = true
  return D.long(c)
end

function D.index_key(c)
  return P .. 'in:' .. c.st .. ':' .. c.q .. ':' .. c.k
end

function D.index_score(c)
  return c.st == 'waiting' and c.ag or c.cr
end

local function write_index(c)
  local key, score = D.index_key(c), D.index_score(c)
  if key == c.was and score == c.was_score then return end
  if c.was and c.was ~= key then call('ZREM', c.was, c.id) end
  call('ZADD', key, score, c.id)
  c.was, c.was_score = key, score
end

local function write_fields(c)
  local set, gone = {}, {}
  for field in pairs(c.dirty) do
    if c[field] == nil then
      gone[#gone + 1] = field
    else
      set[#set + 1] = field
      set[#set + 1] = c[field]
    end
  end
  local key = P .. 'c:' .. c.id
  if #set > 0 then call('HSET', key, unpack(set)) end
  if #gone > 0 then call('HDEL', key, unpack(gone)) end
end

-- When time looks at it next; the timer of an offered one is its offer's.
local function write_timer(c)
  if not (c.dirty.nx or c.dirty.st or c.dirty.ra) then return end
  local at = c.nx
  if c.st == 'resolved' then at = c.ra + D.settings().conversations.reopen_within end
  if c.st == 'closed' or not at then
    call('ZREM', P .. 'timers:bulk', 'x|' .. c.id)
  elseif c.st ~= 'offered' then
    call('ZADD', P .. 'timers:bulk', at, 'x|' .. c.id)
  end
end

function D.flush_conversation(c)
  if D.unsaid(c) then D.emit('conversation.updated', c) end
  if next(c.dirty) then
    write_fields(c)
    write_index(c)
    write_timer(c)
    c.dirty = {}
  end
  if c.long_dirty then
    call('LSET', P .. 'm:' .. c.id, 0, cjson.encode(c.long))
    c.long_dirty = nil
  end
end

-- Who has the next step, and when time looks at it if he does nothing.
function D.next_step(c, actor, at)
  D.set(c, 'na', actor)
  D.set(c, 'nx', at and math.floor(at))
end

-- Appends a message; `fields` goes into its head. Returns its JSON.
function D.append(c, fields, body)
  D.set(c, 'n', (c.n or 0) + 1)
  D.set(c, 'at', D.now)
  fields.seq = c.n
  fields.at = D.now
  local head = cjson.encode(fields)
  call('RPUSH', P .. 'm:' .. c.id, head .. '\n' .. body)
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
  call('SET', P .. 'once:' .. key, c.id .. ' ' .. seq .. ' ' .. (digest or ''):sub(1, 16), 'PX', keep)
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
  local raw = c.long and cjson.encode(c.long) or call('LINDEX', P .. 'm:' .. c.id, 0)
  local shown = cjson.encode({id = c.id, reference = c.ref, state = c.st, queue = c.q, kind = c.k, channel = c.ch,
    priority = c.pr, promise_s = c.ps, first_reply_by = c.t1, resolve_by = c.t2, contact = c.ct, initiator = c.ini,
    agent = c.ow, created_at = c.cr, first_replied_at = c.fr, unanswered_since = c.us, next_actor = c.na,
    next_at = c.nx, outcome = c.out, config_version = c.cv, language = c.lg, messages = c.n, last_at = c.at,
    status_token = c.id .. '.' .. (c.tk or ''), age_at = c.ag, weight = c.w})
  return shown:sub(1, -2) .. ',"long":' .. raw .. '}'
end
