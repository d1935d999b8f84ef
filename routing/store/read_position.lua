-- The place of a conversation among those waiting for the same queue and kind, from 1; none when it does not wait.
-- Keys: meta. Arguments: conversation. Reply: position, queue, kind. Refused: not_found. Cost: 2 commands.
return function(args)
  local c = D.conversation(args.conversation)
  return {position = D.position(c), queue = c.q, kind = c.k}
end
