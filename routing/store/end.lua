-- The customer ends his conversation.
-- Keys: meta. Arguments: conversation, sender. Reply: conversation, followers. Refused: not_found. Cost: about 25
-- commands.
return function(args)
  D.need(args, 'conversation')
  D.check_identity(args.sender, 'sender')
  local c = D.conversation(args.conversation)
  if not D.takes_part(c, args.sender, D.contact_of(args.sender)) then
    D.fail('not_found', 'no conversation ' .. c.id)
  end
  if c.st ~= 'resolved' and c.st ~= 'closed' then
    D.actor = 'customer:' .. c.ct
    D.resolve(c, 'solved', D.wrap_up(c))
    D.emit('conversation.resolved', c, 'customer', {'followers', concat(D.followers(c), ' ')})
  end
  return {conversation = c.id, followers = D.some(D.followers(c))}
end
