-- Takes messages that are due, under a lease: who neither marks nor renews them within it loses them to another.
-- Keys: meta. Arguments: limit, lease. Reply: entries, next_at. Cost: 8 commands an entry.

local unreadable_for = 30000

-- Those who may read an answer, where it shall go first: not who joined by a forwarded secret.
local function addressees(c)
  local list = {}
  for _, who in ipairs(D.participants(c)) do
    local one = {kind = who.kind, value = who.value, verified = who.verified}
    if not who.late then table.insert(list, who.answers and 1 or #list + 1, one) end
  end
  return list
end

local function entry(id, attempt, to, at)
  local conversation, seq = (to or ''):match('^(%S+) (%d+)$')
  local c = conversation and D.find(conversation)
  local message = c and D.message_at(c.id, tonumber(seq))
  if not message then return nil end
  local long, p = D.long(c), c.ct and D.find_contact(c.ct) or {}
  local refs, own = {}, cjson.decode(message).external_id
  for _, reference in ipairs(long.refs or {}) do
    if reference ~= own then refs[#refs + 1] = reference end
  end
  local shown = cjson.encode({id = id, conversation = c.id, attempt = attempt, channel = c.ch, kind = c.k,
    reference = c.ref, status_token = c.id .. '.' .. (c.tk or ''), to = D.some(addressees(c)), contact_name = p.nm,
    subject = long.subject, in_reply_to = long.last_in, references = D.some(refs), language = c.lg,
    at = tonumber(at)})
  return shown:sub(1, -2) .. ',"message":' .. message .. '}'
end

local function claim(id, lease)
  local key = P .. 'ob:' .. id
  local known = call('HMGET', key, 'try', 'to', 'at')
  local attempt = (tonumber(known[1]) or 0) + 1
  local json = entry(id, attempt, known[2], known[3])
  call('ZREM', P .. 'outbox', id)
  if json then
    call('HSET', key, 'try', attempt)
    call('ZADD', P .. 'sending', D.desk_now + lease, id)
  else
    call('DEL', key)
    call('SADD', P .. 'suspect', id)
  end
  return json
end

-- What cannot be read must not stop the others. It is looked at again, for an audit may have mended it.
local function put_aside(id)
  call('ZADD', P .. 'outbox', D.now + unreadable_for, id)
  call('SADD', P .. 'suspect', id)
end

-- Leases that ran out: what they held is due again. They count the desk's time, which stands still while the store
-- does, so that who was sending before it stood has his lease afterwards; what stood is known once time is kept again.
local function lapse(limit)
  local tick = tonumber(call('HGET', KEYS[1], 'tick'))
  if tick and math.abs(D.now - tick) > 5000 then return end
  for _, id in ipairs(call('ZRANGE', P .. 'sending', '-inf', D.desk_now, 'BYSCORE', 'LIMIT', 0, limit)) do
    call('ZREM', P .. 'sending', id)
    call('ZADD', P .. 'outbox', D.now, id)
  end
end

local function next_at()
  local due = tonumber(call('ZRANGE', P .. 'outbox', 0, 0, 'WITHSCORES')[2])
  local lapses = tonumber(call('ZRANGE', P .. 'sending', 0, 0, 'WITHSCORES')[2])
  if lapses then lapses = max(lapses + D.offset, D.now + 500) end
  return due and lapses and min(due, lapses) or due or lapses
end

return function(args)
  D.need(args, 'limit', 'lease')
  local list = {}
  lapse(100)
  for _, id in ipairs(call('ZRANGE', P .. 'outbox', '-inf', D.now, 'BYSCORE', 'LIMIT', 0, min(args.limit, 100))) do
    local read, json = pcall(claim, id, args.lease)
    if read then list[#list + 1] = json else put_aside(id) end
  end
  local at = next_at()
  return (#list > 0 and '{"entries":[' .. concat(list, ',') .. ']' or '{"count":0') ..
    (at and format(',"next_at":%d}', at) or '}')
end
