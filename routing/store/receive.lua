-- A customer's message: deduplicated, appended to his conversation or a new one, and routed. One call.
-- Keys: meta. Arguments, reply: docs/store.md, `receive`; ARGV[5] the message's body.
-- Cost: about 30 commands for a new conversation that is offered at once; does not grow with agents or backlog.

local function check(args)
  D.need(args, 'conversation', 'message', 'contact', 'token', 'delivery_key', 'channel', 'kind', 'class')
  D.check_identity(args.sender, 'sender')
  for _, identity in ipairs(args.also or {}) do D.check_identity(identity, 'also') end
  if args.reply_to then D.check_identity(args.reply_to, 'reply_to') end
  D.need(args.class, 'queue', 'priority', 'promise_s')
  D.kind(args.kind)
  D.follow_queue(args.class)
  if not D.settings().urgency.values[args.class.priority] then
    D.fail('invalid', 'no priority ' .. args.class.priority)
  end
  if #args.delivery_key > 400 then D.fail('invalid', 'the delivery key is too long') end
end

local function answer(c, message, seq, more)
  D.fixed(c)
  return {conversation = c.id, message = message, seq = seq, reference = c.ref, state = c.st, agent = c.ow,
    queue = c.q, kind = c.k, status_token = c.id .. '.' .. (c.tk or ''), at = more.at or D.now,
    position = more.created and D.last_position(c) or D.position(c), overflow = D.some(D.answers),
    created = more.created, duplicate = more.duplicate, reopened = more.reopened, related = more.related,
    unverified = more.unverified}
end

local function repeated(args)
  local id, seq, other = D.remembered('in:' .. args.delivery_key, args.digest)
  if not id then return nil end
  if other then
    D.fail('conflict', 'delivery key ' .. args.delivery_key .. ' was used for another message', 'digest')
  end
  local c = D.conversation(id)
  local head = D.read_message(c, D.message(c, seq), seq)
  return answer(c, head.id, seq, {at = head.at, duplicate = true})
end

-- The conversation that a secret names, or whose message this one answers, or the last of this visitor.
local function continued(args, p)
  if args.hint then
    local c = D.find(args.hint)
    if c then return c, not D.takes_part(c, args.sender, p.id) end
  end
  local claims
  for _, reference in ipairs(args.references or {}) do
    local id = D.known_external(reference)
    local c = id and D.find(id)
    if c then
      if D.takes_part(c, args.sender, p.id) then return c end
      claims = claims or c.id
    end
  end
  return args.kind == 'chat' and D.newest_on(p, args.channel) or nil, nil, claims
end

local function append(args, c, p, unverified)
  local author = {kind = 'customer', id = p.id, name = args.name or p.nm, verified = not unverified}
  local asks
  if args.automatic then asks = false elseif c.us then asks = args.class.first_reply_by end
  D.append(c, {id = args.message, direction = 'in', author = author, channel = args.channel, state = 'stored',
    external_id = args.external_id}, ARGV[5] or '{}', asks)
  D.remember('in:' .. args.delivery_key, c, c.n, args.digest)
  D.keep_reference(c, args.external_id, true)
  D.link_blobs(c, args.blobs)
  if unverified then D.joins_late(c, args.sender) end
  D.emit('message.in', c, nil, {'message', args.message, 'message_seq', c.n})
end

local function open(args, p, related, claims)
  local c = D.create(args, p, 'customer', related, claims)
  append(args, c, p)
  D.set(c, 'us', D.now)
  D.set(c, 'du', args.class.first_reply_by)
  c.rec.st = 'new'  -- in no lane yet
  D.overflow(c)
  if args.tell and #D.answers == 0 then D.owe(c, 'received') end
  D.place(c, 'arrived')
  return c
end

local function go_on(args, c, p, unverified)
  append(args, c, p, unverified)
  if args.automatic then return end
  if c.st == 'resolved' then
    if not D.queue(c.q) then D.move(c, args.class) end
    D.reopen(c, args.class.first_reply_by)
    if args.tell_again and #D.answers == 0 then D.owe(c, 'received:' .. args.message) end
  else
    D.customer_wrote(c, args.class.first_reply_by)
  end
end

return function(args)
  check(args)
  local again = repeated(args)
  if again then return again end
  D.actor = 'customer:' .. args.contact
  local p = D.meet(args.contact, args.sender, args.also or {}, args.name, args.class.language)
  D.actor = 'customer:' .. p.id
  local c, unverified, claims = continued(args, p)
  -- An open conversation has its class already.
  local other = (not c or c.st == 'resolved' or c.st == 'closed') and D.other_tags(p, args)
  if other then return other end
  local related
  if c and c.st == 'resolved' and c.ra + D.settings().conversations.reopen_within < D.now then D.closed(c) end
  if c and c.st == 'closed' then
    related, c = c.id, nil
  end
  local more = {unverified = c and unverified or nil}
  if c then
    local was = c.st
    D.recognise(p, c)
    go_on(args, c, p, unverified)
    more.reopened = was == 'resolved' and not args.automatic or nil
  else
    c = open(args, p, related, claims)
    more.created = true
    more.related = related and {related} or nil
  end
  local seq = c.n
  D.flush_contact(p)
  D.flush()
  return answer(c, args.message, seq, more)
end
