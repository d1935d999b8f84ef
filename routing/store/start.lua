-- An agent writes first: a conversation of his own, with its first message in the outbox.
-- Keys: meta. Arguments, reply: docs/store.md, `start`; ARGV[5] the body. Refused: not_found, invalid, conflict.
-- Cost: about 35 commands.

-- His mail address, a proven one first: it is by mail that an agent writes first.
local function address_of(p)
  local first
  for _, identity in ipairs(D.identities_of(p.ids)) do
    if identity.kind == 'email' and identity.verified then return identity end
    if identity.kind == 'email' then first = first or identity end
  end
  return first
end

local function addressee(args)
  if args.to_contact then
    local p = D.find_contact(args.to_contact)
    if not p then D.fail('not_found', 'no contact ' .. args.to_contact) end
    return p, args.to or address_of(p)
  end
  D.check_identity(args.to, 'to')
  return D.meet(args.contact, args.to, {}, nil, nil), args.to
end

local function check(args)
  D.need(args, 'conversation', 'message', 'contact', 'token', 'agent', 'key', 'channel', 'kind', 'class')
  D.need(args.class, 'queue', 'priority', 'promise_s')
  D.kind(args.kind)
  D.follow_queue(args.class)
  return D.agent(args.agent)
end

return function(args)
  local a = check(args)
  D.set_actor(args.actor)
  local key = 'start:' .. args.agent .. ':' .. args.key
  local old, seq = D.remembered(key)
  if old then
    return format('{"conversation":%s,"duplicate":true,"message":%s}', cjson.encode(old), D.message_at(old, seq))
  end
  local p, to = addressee(args)
  if not to then D.fail('invalid', 'contact ' .. p.id .. ' left no mail address') end
  local other = D.other_tags(p, args)
  if other then return other end
  args.sender = to
  local c = D.create(args, p, 'agent')
  local author = {kind = args.actor and args.actor.kind or 'agent', id = args.actor and args.actor.name or args.agent,
    name = args.name, verified = true}
  D.append(c, {id = args.message, direction = 'out', author = author, channel = args.channel,
    state = 'queued', external_id = args.external_id}, ARGV[5] or '{}')
  D.remember(key, c, c.n)
  D.keep_reference(c, args.external_id)
  D.link_blobs(c, args.blobs)
  D.send(c, args.message)
  D.set(c, 'fr', D.now)
  c.rec.st = 'new'  -- in no lane yet
  D.own(c, a, D.weight(a, c.k), true)
  D.emit('conversation.assigned', c, 'started')
  D.emit('message.out', c, nil, {'message', args.message, 'message_seq', c.n})
  D.flush_contact(p)
  return format('{"conversation":%s,"reference":%s,"status_token":%s,"message":%s}', cjson.encode(c.id),
    cjson.encode(c.ref), cjson.encode(c.id .. '.' .. c.tk), D.newest_json(c))
end
