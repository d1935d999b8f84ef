-- An offer with what its agent sees of the conversation.
-- Keys: meta. Arguments: offer. Reply: offer, conversation, contact, history, history_count, preview_message.
-- Refused: not_found. Cost: about 12 commands.

return function(args)
  local o = args.offer and D.find_offer(args.offer)
  if not o then D.fail('not_found', 'no offer ' .. tostring(args.offer)) end
  return D.offer_view(o)
end
