-- Conversations, each a list: element 0 is the record of what moves, 1 what was fixed at its beginning, and the long
-- part; message n is element n + 1. All are MessagePack. Changes are collected and written once, by flush.
D.on_start(function()
  D.conversations = D.emptied(D.conversations)
end)
-- What is written with a changed field: an event that tells of it, its timer.
local effects = {st = 'both', nx = 'both', ra = 'timer', q = 'event', ow = 'event', k = 'event', pr = 'event',
  na = 'event', us = 'event', fr = 'event', du = 'event', out = 'event', ct = 'event', ref = 'event'}
local born = {'k', 'pr', 'ct', 'ref', 't1', 't2'}

function D.conversation_key(id)
  return P .. 'c:' .. id
end

-- nil when there is none.
function D.find(id)
  local c = D.conversations[id]
  if c then return c end
  local packed = call('LINDEX', D.conversation_key(id), '0')
  if not packed then return nil end
  c = D.record({id = id, unwritten = {}, rec = nil, was_st = nil, was_q = nil, was_k = nil, was_score = nil,
    changed = nil, unsaid = nil, retime = nil, known = nil, long = nil, long_text = nil, newest = nil}, nil,
    D.unpack_record(packed))
  c.was_st, c.was_q, c.was_k, c.was_score = c.st, c.q, c.k, D.index_score(c)
  D.conversations[id] = c
  return c
end

function D.conversation(id)
  local c = id and D.find(id)
  if not c then D.fail('not_found', 'no conversation ' .. tostring(id)) end
  return c
end

-- `fixed`: what never moves (tk, ini, cv, lg), who takes part and the long part.
function D.open_conversation(id, fields, fixed)
  local c = D.record({id = id, unwritten = {}, fresh = true, changed = true, retime = true, rec = nil, was_st = nil,
    was_q = nil, was_k = nil, was_score = nil, unsaid = nil, known = true, tk = fixed.tk, ini = fixed.ini,
    cv = fixed.cv, lg = fixed.lg, who = fixed.who, long = fixed.long, long_text = nil, newest = nil, newest_body = nil,
    step = nil, relaxes = nil}, nil, fields)
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

-- What is fixed: tk (its secret), ini (who began it), cv (configuration), lg (language); and beside it who takes part
-- and the long part. Read onto c when first asked for.
function D.fixed(c)
  if not c.known then
    c.known = true
    local all = cmsgpack.unpack(call('LINDEX', D.conversation_key(c.id), '1'))
    c.tk, c.ini, c.cv, c.lg = all[1] or nil, all[2] or 'customer', all[3] or nil, all[4] or nil
    c.who, c.long_text = all[5], all[6]
  end
  return c
end

local function pack_fixed(c)
  return cmsgpack.pack({c.tk or false, c.ini ~= 'customer' and c.ini or false, c.cv or false, c.lg or false,
    c.who or '', c.long_text or cjson.encode(c.long)})
end

-- The long part, decoded; nothing in it is empty.
function D.long(c)
  if not c.long then c.long = cjson.decode(D.fixed(c).long_text) end
  return c.long
end

-- Who follows it: few conversations have any, and what is fixed need not be read to know.
function D.followers(c)
  return c.fo and D.long(c).followers or {}
end

function D.touch_long(c)
  local long = D.long(c)
  c.fixed_changed, c.long_text = true, nil
  return long
end

-- For the audit: nothing is left of what was fixed; `who` takes part.
function D.lose_fixed(c, who)
  c.known, c.ini, c.long, c.who, c.long_text = true, 'customer', nil, who, '{"subject":"(lost)"}'
  c.fixed_changed = true
end

-- For the audit: of what was fixed and said nothing is left.
function D.lose_messages(c)
  D.lose_fixed(c, '')
  call('RPUSH', D.conversation_key(c.id), pack_fixed(c))
  D.set(c, 'n', 0)
end

-- Who takes part, a line each as contact.lua writes them.
function D.set_participants(c, lines)
  D.fixed(c).who, c.fixed_changed = lines, true
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

local function write_all(c)
  call('RPUSH', D.conversation_key(c.id), D.pack_record(c.rec), pack_fixed(c), unpack(c.unwritten))
  c.fresh, c.fixed_changed, c.unwritten = nil, nil, {}
end

local function write_changes(c)
  if not (c.changed or c.fixed_changed or c.unwritten[1]) then return end
  local key = D.conversation_key(c.id)
  if c.changed then call('LSET', key, '0', D.pack_record(c.rec)) end
  if c.fixed_changed then
    call('LSET', key, '1', pack_fixed(c))
    c.fixed_changed = nil
  end
  if #c.unwritten > 0 then
    call('RPUSH', key, unpack(c.unwritten))
    c.unwritten = {}
  end
end

function D.flush_conversation(c)
  if c.unsaid then D.emit('conversation.updated', c) end
  if c.fresh then write_all(c) else write_changes(c) end
  if c.changed then
    write_index(c)
    write_timer(c)
    c.changed, c.retime = nil, nil
  end
end

-- The desk's turn it is from now on, if it was not: its age begins with the oldest message without an answer, else
-- here, and is kept until D.end_turn, through whatever hands it goes.
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

-- The long part and the participants, as text.
local function long_json(c)
  local text = D.fixed(c).long_text
  if not text then
    text = cjson.encode(c.long)
    c.long_text = text
  end
  local who = D.participants_json(c)
  if who == '' then return text end
  return text == '{}' and '{' .. who .. '}' or '{' .. who .. ',' .. text:sub(2)
end

function D.conversation_json(c)
  D.fixed(c)
  local shown = cjson.encode({id = c.id, reference = c.ref, state = c.st, queue = c.q, kind = c.k, channel = c.ch,
    priority = c.pr, promise_s = c.ps, first_reply_by = c.t1, resolve_by = c.t2, contact = c.ct, initiator = c.ini,
    agent = c.ow, created_at = c.cr, first_replied_at = c.fr, unanswered_since = c.us, due = c.du,
    next_actor = c.na, next_at = c.nx, outcome = c.out, config_version = c.cv, language = c.lg, messages = c.n,
    last_at = c.at, status_token = c.id .. '.' .. (c.tk or ''), age_at = c.ag, weight = c.w})
  return shown:sub(1, -2) .. ',"long":' .. long_json(c) .. '}'
end
