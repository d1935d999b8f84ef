-- A page of messages, oldest first.
-- Keys: meta. Arguments: conversation, after (seq), limit (200), last (the last ones, instead of after).
-- Reply: messages. Refused: not_found. Cost: 2 commands.
return function(args)
  local c = D.conversation(args.conversation)
  local from, list = (args.after or 0) + 1, {}
  local limit = min(args.limit or 200, 1000)
  if args.last then from = max(1, (c.n or 0) + 1 - limit) end
  for i, element in ipairs(D.messages(c, from, from + limit - 1)) do
    list[i] = D.message_json(c, element, from + i - 1)
  end
  return D.json_object(D.json_list('messages', list))
end
