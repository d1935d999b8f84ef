-- A note that agents alone see.
-- Keys: meta. Arguments: conversation, agent, actor, message, name, key; ARGV[5] the body. Reply: message, duplicate.
-- Refused: not_found. Cost: about 10 commands.
return function(args)
  D.need(args, 'conversation', 'message')
  D.set_actor(args.actor)
  local c = D.conversation(args.conversation)
  local key = args.key and 'note:' .. c.id .. ':' .. args.key
  if key then
    local old, seq = D.remembered(key)
    if old then return '{"duplicate":true,"message":' .. D.message_at(old, seq) .. '}' end
  end
  local json = D.append_note(c, args)
  if key then D.remember(key, c, c.n) end
  return '{"message":' .. json .. '}'
end
