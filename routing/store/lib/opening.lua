-- Opening a conversation.
local ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
local UNSTIR = 19207197  -- the inverse of 22695477, by which counts are stirred, modulo 2^25

-- A short name for people: the desk's count, stirred.
function D.short_name(prefix)
  local n = D.next_number('references')
  local bits = n < 33554432 and 25 or 40
  local mixed, text = bits == 25 and (n * 22695477 + 12345) % 33554432 or n, ''
  for _ = 1, bits / 5 do
    local digit = mixed % 32
    text = ALPHABET:sub(digit + 1, digit + 1) .. text
    mixed = floor(mixed / 32)
  end
  return (prefix or 'PK') .. '-' .. text
end

-- The count that such a name was made from; nil when it is none.
function D.number_of_name(name)
  local digits, number = (name or ''):match('-([2-9A-HJ-NP-Z]+)$'), 0
  if not digits or #digits ~= 5 and #digits ~= 8 then return nil end
  for digit in digits:gmatch('.') do number = number * 32 + ALPHABET:find(digit, 1, true) - 1 end
  return #digits == 8 and number or (number - 12345) % 33554432 * UNSTIR % 33554432
end

local function last_agent(p, class)
  local rules = D.queue(class.queue)
  local within = rules.last_agent_within or D.settings().conversations.last_agent_within
  if p.la and p.lt + within >= D.now then return p.la end
end

function D.create(args, p, initiator, related, claims)
  local class, sender = args.class, args.sender
  local long = {subject = args.subject, fields = D.some(class.fields), tags = D.some(class.tags),
    related = related and {related}, claims = claims}
  local c = D.open_conversation(args.conversation, {st = 'waiting', q = class.queue, k = args.kind, ch = args.channel,
    pr = class.priority, ps = class.promise_s, ct = p.id, cr = D.now, t1 = class.first_reply_by, t2 = class.resolve_by,
    ru = class.rule, la = last_agent(p, class), ref = D.short_name(args.prefix), d = nil, rx = nil, n = nil, at = nil,
    us = nil, du = nil, ag = nil, qa = nil, why = nil, of = nil, na = nil, nx = nil}, {cv = class.config_version,
    lg = class.language, ini = initiator, tk = args.token, long = long,
    who = D.first_participants(sender, args.reply_to)})
  D.demand_of(c, long, class)
  D.joins_history(p, c)
  D.emit('conversation.created', c, nil, {'channel', c.ch, related and 'related', related})
  return c
end

-- An external id that answers may name, and that the next message out refers to.
function D.keep_reference(c, external_id, from_customer)
  if not external_id or external_id == '' then return end
  D.link_external(c, external_id)
  local long = D.touch_long(c)
  long.refs = long.refs or {}
  for _, known in ipairs(long.refs) do
    if known == external_id then return end
  end
  table.insert(long.refs, external_id)
  if #long.refs > 20 then table.remove(long.refs, 1) end
  if from_customer then long.last_in = external_id end
end
