-- The conversation that an identity continues on a channel: the newest, unless it is closed.
-- Keys: meta. Arguments: identity, channel. Reply: conversation. Cost: 4 commands.
return function(args)
  D.check_identity(args.identity, 'identity')
  D.need(args, 'channel')
  local contact = call('GET', D.identity_key(args.identity))
  local id = contact and call('HGET', P .. 'p:' .. contact, 'o:' .. args.channel)
  local c = id and D.find(id)
  if not c or c.st == 'closed' then return '{}' end
  return D.json_object(D.json_member('conversation', D.conversation_json(c)))
end
