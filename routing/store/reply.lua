-- The owner answers: appended once by key, put into the outbox.
-- Keys: meta. Arguments, reply: docs/store.md, `reply`; ARGV[5] the body. Refused: not_found, conflict.
-- Cost: about 25 commands.

-- What the customer wrote unseen, if he did, is unanswered still.
local function answered(c, unseen)
  if not c.fr then D.set(c, 'fr', D.now) end
  D.set(c, 'us', unseen and unseen.at)
  D.set(c, 'du', unseen and unseen.due)
  D.end_turn(c)
  if unseen then D.take_turn(c) end
  D.set(c, 'an', D.now)
  D.activate(c)
  D.owned_step(c)
end

return function(args)
  D.need(args, 'conversation', 'agent', 'key', 'message', 'channel')
  D.set_actor(args.actor)
  local c = D.conversation(args.conversation)
  local key = 'out:' .. c.id .. ':' .. args.key
  local old, seq, other = D.remembered(key, args.digest)
  if other then D.fail('conflict', 'key ' .. args.key .. ' was used for another reply', 'digest') end
  if old then return '{"duplicate":true,"message":' .. D.message_at(old, seq) .. '}' end
  D.owned_by(c, args.agent)
  local author = {kind = args.actor and args.actor.kind or 'agent', id = args.actor and args.actor.name or args.agent,
    name = args.name, verified = true}
  local unseen = D.unseen(c, args.seen)
  D.append(c, {id = args.message, direction = 'out', author = author, channel = args.channel,
    state = args.send == false and 'sent' or 'queued', external_id = args.external_id}, ARGV[5] or '{}')
  D.remember(key, c, c.n, args.digest)
  D.link_blobs(c, args.blobs)
  D.keep_reference(c, args.external_id)
  if args.send ~= false then D.send(c, args.message) end
  answered(c, unseen)
  D.emit('message.out', c, nil, {'message', args.message, 'message_seq', c.n})
  return '{"message":' .. D.newest_json(c) .. '}'
end
