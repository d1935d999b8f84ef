-- Tags of a contact or of a conversation: some added, some taken away.
-- Keys: meta. Arguments: contact or conversation, actor, add, remove. Reply: tags. Refused: not_found, invalid. Cost: 5
-- commands.
return function(args)
  D.set_actor(args.actor)
  if args.conversation then
    return {tags = D.some(D.tag_conversation(D.conversation(args.conversation), args))}
  end
  local p = args.contact and D.find_contact(args.contact)
  if not p then D.fail('not_found', 'no contact ' .. tostring(args.contact)) end
  return {tags = D.some(D.tag_contact(p, args))}
end
