-- The customer's rating of a conversation; the last one counts.
-- Keys: meta. Arguments: conversation, sender, score 1 to 5, comment. Reply: conversation. Refused: not_found, invalid.
-- Cost: 6 commands.
return function(args)
  D.need(args, 'conversation', 'score')
  D.check_identity(args.sender, 'sender')
  local score = args.score
  if type(score) ~= 'number' or score < 1 or score > 5 or score % 1 ~= 0 then
    D.fail('invalid', 'a rating is 1 to 5')
  end
  local c = D.conversation(args.conversation)
  if not D.takes_part(c, args.sender, D.contact_of(args.sender)) then
    D.fail('not_found', 'no conversation ' .. c.id)
  end
  D.actor = 'customer:' .. c.ct
  local old = D.long(c).rating
  if old and old.score == score and old.comment == args.comment then return {conversation = c.id} end
  D.touch_long(c).rating = {score = score, comment = args.comment, at = D.now}
  D.emit('conversation.rated', c, nil, {'score', score})
  return {conversation = c.id}
end
