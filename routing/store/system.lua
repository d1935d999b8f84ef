-- A text of Peyk's own in a conversation; `send`: to the customer, through the outbox.
-- Keys: meta. Arguments: conversation, message, key, channel, send, cause; ARGV[5] the body. Reply: message, duplicate.
-- An unverified address gets at most 20 in a day; what is beyond that is shown and not sent.
-- Refused: not_found. Cost: about 15 commands.

local most_automatic, automatic_within = 20, 86400000

-- Whether one more mail of ours may go to his address: whoever types in somebody else's fills no mailbox with it.
local function may_send(c)
  for _, who in ipairs(D.participants(c)) do
    if who.kind == 'email' and not who.late then
      if who.verified then return true end
      local key = P .. 'auto:' .. who.value
      local sent = call('INCR', key)
      if sent == 1 then call('PEXPIRE', key, automatic_within) end
      return sent <= most_automatic
    end
  end
  return true
end

return function(args)
  D.need(args, 'conversation', 'message', 'key')
  local c = D.conversation(args.conversation)
  local key = 'sys:' .. c.id .. ':' .. args.key
  local old, seq = D.remembered(key)
  D.said(c.id, args.key)
  if old then return '{"duplicate":true,"message":' .. D.message_at(old, seq) .. '}' end
  local send = args.send and may_send(c)
  D.append(c, {id = args.message, direction = 'system', author = {kind = 'system', verified = true},
    channel = args.channel or c.ch, state = send and 'queued' or 'stored', external_id = args.external_id},
    ARGV[5] or '{}')
  D.remember(key, c, c.n)
  D.link_external(c, args.external_id)
  if send then D.send(c, args.message) end
  D.emit('message.system', c, args.cause, {'message', args.message, 'message_seq', c.n})
  return '{"message":' .. D.newest_json(c) .. '}'
end
