-- Takes messages that are due, under a lease: who does not mark them within it loses them to another.
-- Keys: meta. Arguments: limit, lease. Reply: entries, next_at. Cost: 6 commands an entry.

-- Those who may read an answer: not who joined by a forwarded secret.
local function addressees(c)
  local list = {}
  for _, who in ipairs(D.long(c).participants or {}) do
    if not who.late then list[#list + 1] = {kind = who.kind, value = who.value, verified = who.verified} end
  end
  return list
end

local function entry(id, attempt)
  local conversation, seq = (call('HGET', P .. 'ob:' .. id, 'to') or ''):match('^(%S+) (%d+)$')
  local c = conversation and D.find(conversation)
  local message = c and D.message_at(c.id, seq)
  if not message then return nil end
  local long, p = D.long(c), c.ct and D.find_contact(c.ct) or {}
  local refs, own = {}, cjson.decode(message).external_id
  for _, reference in ipairs(long.refs or {}) do
    if reference ~= own then refs[#refs + 1] = reference end
  end
  local shown = cjson.encode({id = id, conversation = c.id, attempt = attempt, channel = c.ch, kind = c.k,
    reference = c.ref, status_token = c.id .. '.' .. (c.tk or ''), to = D.some(addressees(c)), contact_name = p.nm,
    subject = long.subject, in_reply_to = long.last_in, references = D.some(refs), language = c.lg,
    at = tonumber(call('HGET', P .. 'ob:' .. id, 'at'))})
  return shown:sub(1, -2) .. ',"message":' .. message .. '}'
end

return function(args)
  D.need(args, 'limit', 'lease')
  local list = {}
  for _, id in ipairs(call('ZRANGE', P .. 'outbox', '-inf', D.now, 'BYSCORE', 'LIMIT', 0, math.min(args.limit, 100))) do
    local attempt = call('HINCRBY', P .. 'ob:' .. id, 'try', 1)
    local json = entry(id, attempt)
    if json then
      call('ZADD', P .. 'outbox', D.now + args.lease, id)
      list[#list + 1] = json
    else
      call('ZREM', P .. 'outbox', id)
      call('DEL', P .. 'ob:' .. id)
      call('SADD', P .. 'suspect', id)
    end
  end
  local next_at = call('ZRANGE', P .. 'outbox', 0, 0, 'WITHSCORES')[2]
  return (#list > 0 and '{"entries":[' .. table.concat(list, ',') .. ']' or '{"count":0') ..
    (next_at and string.format(',"next_at":%d}', next_at) or '}')
end
