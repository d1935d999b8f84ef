-- A text of Peyk's own in a conversation; `send`: to the customer, through the outbox.
-- Keys: meta. Arguments: conversation, message, key, channel, send, cause; ARGV[5] the body. Reply: message, duplicate.
-- Refused: not_found. Cost: about 12 commands.
return function(args)
  D.need(args, 'conversation', 'message', 'key')
  local c = D.conversation(args.conversation)
  local key = 'sys:' .. c.id .. ':' .. args.key
  local old, seq = D.remembered(key)
  if old then return '{"duplicate":true,"message":' .. D.message_at(old, seq) .. '}' end
  local json = D.append(c, {id = args.message, direction = 'system', author = {kind = 'system', verified = true},
    channel = args.channel or c.ch, state = args.send and 'queued' or 'stored', external_id = args.external_id},
    ARGV[5] or '{}')
  D.remember(key, c, c.n)
  D.link_external(c, args.external_id)
  if args.send then D.send(c, args.message) end
  D.emit('message.system', c, args.cause, {'message', args.message, 'message_seq', c.n})
  return '{"message":' .. json .. '}'
end
