-- Takes back the live offers of a conversation and matches it again.
-- Keys: meta. Arguments: conversation, actor, cause. Reply: withdrawn (how many). Refused: not_found.
-- Cost: as a decline for each offer.
return function(args)
  D.need(args, 'conversation')
  D.set_actor(args.actor)
  local c = D.conversation(args.conversation)
  local count = D.take_back_all(c, 'withdrawn', args.cause)
  if count > 0 then D.replace_offer(c, 'withdrawn') end
  return {withdrawn = count}
end
