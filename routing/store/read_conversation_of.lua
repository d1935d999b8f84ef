-- The conversation that an identity continues on a channel: the newest, unless it is closed.
-- Keys: meta. Arguments: identity, channel. Reply: conversation. Cost: 4 commands.
return function(args)
  D.check_identity(args.identity, 'identity')
  D.need(args, 'channel')
  local contact = D.contact_of(args.identity)
  local p = contact and D.find_contact(contact)
  local c = p and D.newest_on(p, args.channel)
  if not c or c.st == 'closed' then return '{}' end
  return D.json_object(D.json_member('conversation', D.conversation_json(c)))
end
