-- A page of messages, oldest first, of about `bytes` (262144; 2097152 at most): one at least, where there is one.
-- Keys: meta. Arguments: conversation, after (seq), limit (200), bytes, last (the last ones, instead of after).
-- Reply: messages, more (there are further ones in that direction). Refused: not_found.
-- Cost: 3 commands, 1 for each 100 short messages or long one.
return function(args)
  local c = D.conversation(args.conversation)
  local limit, list, more = {count = min(args.limit or 200, 1000), bytes = args.bytes}, nil, nil
  if args.last then
    list, more = D.page(c, c.n or 0, -1, limit)
  else
    list, more = D.page(c, (args.after or 0) + 1, 1, limit)
  end
  return D.with_page('{}', list, more)
end
